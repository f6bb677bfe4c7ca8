//! `strftime` (`wrap_strftime`, and the C library's in the locale `C`).

use std::fmt::Write as _;

use super::calendar::Day;
use super::time::Clock;
use super::{Temporal, temporal};
use crate::{Args, BailKind, Cx, Result, Value, str_new};

pub(super) const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `this.strftime(format)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(Value::Str(format))] = args.bind(["format"], 1, 1, g)? else { return Err(BailKind::Exception.at(g)) };
    let unsupported = || BailKind::Unsupported.at(g);
    let mut out = String::new();
    write(&mut out, &temporal(this).ok_or_else(unsupported)?, format.text()).ok_or_else(unsupported)?;
    str_new(cx, &out, g).map(Value::Str)
}

/// Writes it; nothing where a directive is left to CPython.
pub(super) fn write(out: &mut String, what: &Temporal<'_>, format: &str) -> Option<()> {
    let (day, clock, zone) = match what {
        Temporal::Date(day) => (*day, Clock::default(), None),
        Temporal::Time(time) => (Day { year: 1900, month: 1, day: 1 }, time.clock, time.zone),
        Temporal::Moment(moment) => (moment.day, moment.clock, moment.zone),
        Temporal::Delta(_) | Temporal::Zone(_) => return None,
    };
    if format.contains('\0') {
        return None;
    }
    let mut rest = format.chars();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match rest.next()? {
            'z' => {
                if let Some(within) = zone {
                    within.zone.write_offset(out, "");
                }
            }
            'Z' => {
                if let Some(within) = zone {
                    within.zone.write_name(out);
                }
            }
            'f' => {
                let _ = write!(out, "{:06}", clock.micros);
            }
            letter => directive(out, letter, day, clock)?,
        }
    }
    Some(())
}

fn directive(out: &mut String, letter: char, day: Day, clock: Clock) -> Option<()> {
    let weekday = day.weekday();
    let twelve = (clock.hour + 11) % 12 + 1;
    let half = if clock.hour < 12 { "AM" } else { "PM" };
    let name = DAYS[weekday as usize];
    let month = MONTHS[usize::from(day.month - 1)];
    let of_year = i64::from(day.day_of_year());
    let _ = match letter {
        'a' => write!(out, "{}", &name[..3]),
        'A' => write!(out, "{name}"),
        'b' | 'h' => write!(out, "{}", &month[..3]),
        'B' => write!(out, "{month}"),
        'd' => write!(out, "{:02}", day.day),
        'e' => write!(out, "{:2}", day.day),
        'H' => write!(out, "{:02}", clock.hour),
        'I' => write!(out, "{twelve:02}"),
        'j' => write!(out, "{of_year:03}"),
        'm' => write!(out, "{:02}", day.month),
        'M' => write!(out, "{:02}", clock.minute),
        'n' => writeln!(out),
        'p' => write!(out, "{half}"),
        'S' => write!(out, "{:02}", clock.second),
        't' => write!(out, "\t"),
        'u' => write!(out, "{}", weekday + 1),
        'U' => write!(out, "{:02}", (of_year + 6 - (weekday + 1) % 7) / 7),
        'V' => write!(out, "{:02}", day.iso().1),
        'w' => write!(out, "{}", (weekday + 1) % 7),
        'W' => write!(out, "{:02}", (of_year + 6 - weekday) / 7),
        'y' => write!(out, "{:02}", day.year % 100),
        // The C library does not pad years.
        'Y' => write!(out, "{}", day.year),
        'G' => write!(out, "{}", day.iso().0),
        '%' => write!(out, "%"),
        'c' => return several(out, "%a %b %e %H:%M:%S %Y", day, clock),
        'D' | 'x' => return several(out, "%m/%d/%y", day, clock),
        'F' if day.year >= 1000 => return several(out, "%Y-%m-%d", day, clock),
        'r' => return several(out, "%I:%M:%S %p", day, clock),
        'R' => return several(out, "%H:%M", day, clock),
        'T' | 'X' => return several(out, "%H:%M:%S", day, clock),
        _ => return None,
    };
    Some(())
}

fn several(out: &mut String, format: &str, day: Day, clock: Clock) -> Option<()> {
    let mut rest = format.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '%' => directive(out, rest.next()?, day, clock)?,
            letter => out.push(letter),
        }
    }
    Some(())
}
