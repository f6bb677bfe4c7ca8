//! `isoformat` and `fromisoformat` (`parse_isoformat_date`, `parse_isoformat_time` in `Modules/_datetimemodule.c`).

use std::fmt::Write as _;

use super::calendar::Day;
use super::delta::Delta;
use super::time::Clock;
use super::zone::InZone;
use crate::{BailKind, Cx, Result, Type, Value};

/// To what a time is written.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Timespec {
    /// Microseconds if there are some, else seconds.
    Auto,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    Microseconds,
}

impl Timespec {
    /// What the argument `timespec` says.
    pub(super) fn argument<'a>(cx: &'a Cx<'a>, v: Option<Value<'a>>, g: u32) -> Result<Self> {
        match v {
            None => Ok(Self::Auto),
            Some(Value::Str(name)) => Ok(match name.text() {
                "auto" => Self::Auto,
                "hours" => Self::Hours,
                "minutes" => Self::Minutes,
                "seconds" => Self::Seconds,
                "milliseconds" => Self::Milliseconds,
                "microseconds" => Self::Microseconds,
                _ => return Err(cx.raise(Type::ValueError, "Unknown timespec value", g)),
            }),
            Some(_) => Err(BailKind::Exception.at(g)),
        }
    }
}

/// Writes `2020-01-31`.
pub(super) fn write_date(out: &mut String, day: Day) {
    let _ = write!(out, "{:04}-{:02}-{:02}", day.year, day.month, day.day);
}

/// Writes `12:30:00+02:00`.
pub(super) fn write_time(out: &mut String, clock: Clock, spec: Timespec, zone: Option<InZone<'_>>) {
    let spec = match (spec, clock.micros) {
        (Timespec::Auto, 0) => Timespec::Seconds,
        (Timespec::Auto, _) => Timespec::Microseconds,
        (spec, _) => spec,
    };
    let Clock { hour, minute, second, micros } = clock;
    let _ = match spec {
        Timespec::Hours => write!(out, "{hour:02}"),
        Timespec::Minutes => write!(out, "{hour:02}:{minute:02}"),
        Timespec::Auto | Timespec::Seconds => write!(out, "{hour:02}:{minute:02}:{second:02}"),
        Timespec::Milliseconds => write!(out, "{hour:02}:{minute:02}:{second:02}.{:03}", micros / 1000),
        Timespec::Microseconds => write!(out, "{hour:02}:{minute:02}:{second:02}.{micros:06}"),
    };
    if let Some(within) = zone {
        within.zone.write_offset(out, ":");
    }
}

/// What a text says, which may be no day or time that there is.
pub(super) enum Parsed<T> {
    /// The numbers in it.
    Numbers(T),
    /// It is not in the format.
    Invalid,
    /// It needs CPython to read it.
    Unsupported,
}

/// Year, month and day.
pub(super) type Date = (i64, i64, i64);

/// Hour, minute, second, microsecond and the offset from UTC, if there is one.
pub(super) type TimeOfDay = ([i64; 4], Option<Delta>);

/// A text as CPython reads it: with a zero behind its end.
#[derive(Copy, Clone)]
struct Text<'t>(&'t [u8]);

impl Text<'_> {
    fn at(self, index: usize) -> u8 {
        self.0.get(index).copied().unwrap_or(0)
    }

    fn digits(self, from: usize, count: usize) -> Option<i64> {
        (from..from + count).try_fold(0, |number, at| match self.at(at) {
            digit @ b'0'..=b'9' => Some(number * 10 + i64::from(digit - b'0')),
            _ => None,
        })
    }
}

/// Reads the date at the start of a text; by weeks it is left to CPython.
fn date(text: Text<'_>) -> Parsed<Date> {
    let Some(year) = text.digits(0, 4) else { return Parsed::Invalid };
    let separated = text.at(4) == b'-';
    let mut at = 4 + usize::from(separated);
    if text.at(at) == b'W' {
        return Parsed::Unsupported;
    }
    let Some(month) = text.digits(at, 2) else { return Parsed::Invalid };
    at += 2;
    if separated && text.at(at) != b'-' {
        return Parsed::Invalid;
    }
    at += usize::from(separated);
    match text.digits(at, 2) {
        Some(day) => Parsed::Numbers((year, month, day)),
        None => Parsed::Invalid,
    }
}

/// Reads the text of a `date`.
pub(super) fn parse_date(text: &str) -> Parsed<Date> {
    match text.len() {
        _ if !text.is_ascii() || text.contains('\0') => Parsed::Unsupported,
        7 | 8 | 10 => date(Text(text.as_bytes())),
        _ => Parsed::Invalid,
    }
}

/// Reads the text of a `datetime`.
pub(super) fn parse_datetime(text: &str) -> Parsed<(Date, TimeOfDay)> {
    let bytes = Text(text.as_bytes());
    if !text.is_ascii() || text.contains('\0') || bytes.at(4) == b'W' || bytes.at(5) == b'W' {
        return Parsed::Unsupported;
    }
    if text.len() < 7 {
        return Parsed::Invalid;
    }
    let separator = if bytes.at(4) == b'-' { 10 } else { 8 };
    let date = match date(bytes) {
        Parsed::Numbers(date) => date,
        Parsed::Invalid => return Parsed::Invalid,
        Parsed::Unsupported => return Parsed::Unsupported,
    };
    if text.len() <= separator {
        return Parsed::Numbers((date, ([0; 4], None)));
    }
    match time(&text.as_bytes()[separator + 1..]) {
        Parsed::Numbers(time) => Parsed::Numbers((date, time)),
        Parsed::Invalid => Parsed::Invalid,
        Parsed::Unsupported => Parsed::Unsupported,
    }
}

/// Reads the text of a `time`.
pub(super) fn parse_time(text: &str) -> Parsed<TimeOfDay> {
    if !text.is_ascii() || text.contains('\0') {
        return Parsed::Unsupported;
    }
    time(text.strip_prefix('T').unwrap_or(text).as_bytes())
}

fn time(bytes: &[u8]) -> Parsed<TimeOfDay> {
    if bytes.is_empty() {
        return Parsed::Invalid;
    }
    let zone = bytes.iter().position(|byte| matches!(byte, b'+' | b'-' | b'Z')).unwrap_or(bytes.len());
    let (clock, more) = match clock(Text(bytes), 0, zone) {
        Some(read) => read,
        None => return Parsed::Invalid,
    };
    if zone == bytes.len() {
        return if more { Parsed::Invalid } else { Parsed::Numbers((clock, None)) };
    }
    if bytes[zone] == b'Z' {
        return match bytes.len() {
            len if len == zone + 1 => Parsed::Numbers((clock, Some(Delta::ZERO))),
            _ => Parsed::Invalid,
        };
    }
    match self::clock(Text(bytes), zone + 1, bytes.len()) {
        Some(([hours, minutes, seconds, micros], false)) => {
            let seconds = (hours * 60 + minutes) * 60 + seconds;
            let size = i128::from(seconds) * 1_000_000 + i128::from(micros);
            let offset = Delta::of_total(if bytes[zone] == b'-' { -size } else { size });
            match offset {
                // CPython drops the microseconds where there are no seconds.
                _ if seconds == 0 && micros != 0 => Parsed::Unsupported,
                Some(offset) => Parsed::Numbers((clock, Some(offset))),
                None => Parsed::Unsupported,
            }
        }
        _ => Parsed::Invalid,
    }
}

/// Reads `HH[:MM[:SS[.ffffff]]]` between two places, and says whether more follows (`parse_hh_mm_ss_ff`).
fn clock(text: Text<'_>, from: usize, to: usize) -> Option<([i64; 4], bool)> {
    let mut parts = [0; 4];
    let mut at = from;
    let mut separated = true;
    for (number, part) in parts.iter_mut().take(3).enumerate() {
        *part = text.digits(at, 2)?;
        let next = text.at(at + 2);
        at += 3;
        if number == 0 {
            separated = next == b':';
        }
        match next {
            _ if at >= to => return Some((parts, next != 0)),
            b':' if separated => {}
            b'.' | b',' => break,
            _ if !separated => at -= 1,
            _ => return None,
        }
    }
    let count = (to - at).min(6);
    let mut micros = text.digits(at, count)?;
    for _ in count..6 {
        micros *= 10;
    }
    parts[3] = micros;
    at += count;
    while text.at(at).is_ascii_digit() {
        at += 1;
    }
    Some((parts, text.at(at) != 0))
}
