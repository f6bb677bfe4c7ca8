//! `time`: a time of day.

use std::fmt::Write as _;

use super::delta::{Delta, delta_new};
use super::zone::{self, InZone};
use super::{Temporal, iso, small, strftime, temporal};
use crate::op::CompareOp;
use crate::python_hash::PythonHash;
use crate::{Args, BailKind, Cx, Obj, Result, Type, Value, object_new, str_new};

/// A time of day without a zone.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Clock {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) micros: u32,
}

/// A `time`.
#[derive(Copy, Clone)]
pub struct Time<'a> {
    pub(super) clock: Clock,
    pub(super) zone: Option<InZone<'a>>,
    pub(super) fold: bool,
}

impl Clock {
    pub(super) const LAST: Self = Self { hour: 23, minute: 59, second: 59, micros: 999_999 };

    /// The time, or what CPython says is wrong with it.
    pub(super) fn new(hour: i64, minute: i64, second: i64, micros: i64) -> std::result::Result<Self, String> {
        let parts = [("hour", hour, 23), ("minute", minute, 59), ("second", second, 59)];
        for (name, part, most) in parts {
            if !(0..=most).contains(&part) {
                return Err(format!("{name} must be in 0..{most}"));
            }
        }
        if !(0..=999_999).contains(&micros) {
            return Err("microsecond must be in 0..999999".to_owned());
        }
        Ok(Self { hour: hour as u8, minute: minute as u8, second: second as u8, micros: micros as u32 })
    }

    /// Microseconds since midnight.
    pub(super) fn total(self) -> i128 {
        let seconds = (i128::from(self.hour) * 60 + i128::from(self.minute)) * 60 + i128::from(self.second);
        seconds * 1_000_000 + i128::from(self.micros)
    }

    /// The time so many microseconds after midnight, within a day.
    pub(super) fn of_total(total: i128) -> Self {
        let seconds = total / 1_000_000;
        Self {
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            micros: (total % 1_000_000) as u32,
        }
    }

    /// As CPython hashes it.
    pub(super) fn bytes(self) -> [u8; 6] {
        let [_, high, middle, low] = self.micros.to_be_bytes();
        [self.hour, self.minute, self.second, high, middle, low]
    }

    /// `12, 30[, second[, microsecond]]`, as `repr` shows it.
    pub(super) fn write_repr(self, out: &mut String) {
        let _ = write!(out, "{}, {}", self.hour, self.minute);
        if self.second != 0 || self.micros != 0 {
            let _ = write!(out, ", {}", self.second);
        }
        if self.micros != 0 {
            let _ = write!(out, ", {}", self.micros);
        }
    }

    /// The attribute of that name.
    pub(super) fn attr<'a>(self, name: &str) -> Option<Value<'a>> {
        Some(Value::Int(match name {
            "hour" => self.hour.into(),
            "minute" => self.minute.into(),
            "second" => self.second.into(),
            "microsecond" => self.micros.into(),
            _ => return None,
        }))
    }
}

/// Hour, minute, second and microsecond as arguments, with those of `own` where they are not given.
///
/// A wrong type among them is told before any number that is out of range, a day's too: see [`clock_of`].
pub(super) fn numbers(parts: [Option<Value<'_>>; 4], own: Clock, g: u32) -> Result<[i64; 4]> {
    let own = [own.hour.into(), own.minute.into(), own.second.into(), i64::from(own.micros)];
    let part = |at: usize| parts[at].map_or(Ok(own[at]), |v| small(v, g));
    Ok([part(0)?, part(1)?, part(2)?, part(3)?])
}

/// The time that these are.
pub(super) fn clock_of<'a>(cx: &'a Cx<'a>, numbers: [i64; 4], g: u32) -> Result<Clock> {
    let [hour, minute, second, micros] = numbers;
    Clock::new(hour, minute, second, micros).map_err(|text| cx.raise(Type::ValueError, &text, g))
}

/// The `time` as an object.
pub(super) fn time_new<'a>(cx: &'a Cx<'a>, time: Time<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, time, g)
}

/// What `fold=` gives.
pub(super) fn fold<'a>(cx: &'a Cx<'a>, v: Option<Value<'a>>, g: u32) -> Result<bool> {
    match v.map_or(Ok(0), |v| small(v, g))? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(cx.raise(Type::ValueError, "fold must be either 0 or 1", g)),
    }
}

/// `time(*args)`
pub(super) fn construct<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let names = ["hour", "minute", "second", "microsecond", "tzinfo", "fold"];
    let [hour, minute, second, micros, tzinfo, folded] = args.bind(names, 0, 5, g)?;
    let zone = zone::argument(tzinfo, g)?;
    let clock = clock_of(cx, numbers([hour, minute, second, micros], Clock::default(), g)?, g)?;
    time_new(cx, Time { clock, zone, fold: fold(cx, folded, g)? }, g)
}

impl<'a> Time<'a> {
    /// Microseconds since midnight in UTC, by whole seconds of the offset, as `time_richcompare` has it.
    fn in_utc(&self) -> i128 {
        let offset = self.zone.map_or(Delta::ZERO, |within| within.zone.offset);
        self.clock.total() - offset.total().div_euclid(1_000_000) * 1_000_000
    }

    fn replace(&self, cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let names = ["hour", "minute", "second", "microsecond", "tzinfo", "fold"];
        let [hour, minute, second, micros, tzinfo, folded] = args.bind(names, 0, 5, g)?;
        let clock = clock_of(cx, numbers([hour, minute, second, micros], self.clock, g)?, g)?;
        let zone = if tzinfo.is_some() { zone::argument(tzinfo, g)? } else { self.zone };
        let fold = if folded.is_some() { fold(cx, folded, g)? } else { self.fold };
        time_new(cx, Time { clock, zone, fold }, g)
    }
}

/// `utcoffset`, `tzname` or `dst` of what is in a zone, or not.
pub(super) fn of_zone<'a>(cx: &'a Cx<'a>, zone: Option<InZone<'a>>, name: &str, g: u32) -> Result<Value<'a>> {
    match (name, zone) {
        ("utcoffset", Some(within)) => delta_new(cx, within.zone.offset, g),
        ("tzname", Some(within)) => {
            let mut text = String::new();
            within.zone.write_name(&mut text);
            str_new(cx, &text, g).map(Value::Str)
        }
        _ => Ok(Value::None),
    }
}

impl<'a> Obj<'a> for Time<'a> {
    fn kind(&self) -> Type {
        Type::Time
    }

    fn as_temporal(&self) -> Option<Temporal<'a>> {
        Some(Temporal::Time(*self))
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        if let Some(value) = self.clock.attr(name) {
            return Ok(Some(value));
        }
        Ok(match name {
            "tzinfo" => Some(self.zone.map_or(Value::None, |within| within.object)),
            "fold" => Some(Value::Int(self.fold.into())),
            _ => super::class_constant(cx, Type::Time, name, g)?,
        })
    }

    fn has_method(&self, name: &str) -> bool {
        super::has_method(Type::Time, name)
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match name {
            "isoformat" => {
                let [timespec] = args.bind(["timespec"], 0, 1, g)?;
                let spec = iso::Timespec::argument(cx, timespec, g)?;
                let mut out = String::new();
                iso::write_time(&mut out, self.clock, spec, self.zone);
                str_new(cx, &out, g).map(Value::Str)
            }
            "strftime" => strftime::call(cx, this, args, g),
            "replace" => self.replace(cx, args, g),
            _ => match args.positional(g)? {
                [] => of_zone(cx, self.zone, name, g),
                _ => Err(BailKind::Exception.at(g)),
            },
        }
    }

    fn truth(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<bool> {
        Ok(true)
    }

    fn compare(
        &self,
        cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        let Some(Temporal::Time(other)) = temporal(other) else { return Ok(None) };
        match (self.zone.is_some() == other.zone.is_some(), op) {
            (true, _) => Ok(Some(op.holds(self.in_utc().cmp(&other.in_utc())))),
            (false, CompareOp::Eq) => Ok(Some(false)),
            (false, CompareOp::Ne) => Ok(Some(true)),
            (false, _) => Err(cx.raise(Type::TypeError, "can't compare offset-naive and offset-aware times", g)),
        }
    }

    fn hash(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<i64> {
        Ok(self.in_utc() as i64)
    }

    fn python_hash(&self, cx: &'a Cx<'a>, _g: u32) -> Result<Option<PythonHash>> {
        Ok(match self.zone {
            None => Some(PythonHash::of_bytes(cx, &self.clock.bytes())),
            Some(_) => None,
        })
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        out.push_str("datetime.time(");
        self.clock.write_repr(out);
        super::write_fold_and_zone(cx, out, self.fold, self.zone, g)?;
        out.push(')');
        Ok(())
    }

    fn str(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        iso::write_time(out, self.clock, iso::Timespec::Auto, self.zone);
        Ok(())
    }

    fn format(&self, cx: &'a Cx<'a>, out: &mut String, spec: &str, g: u32) -> Result<()> {
        strftime::write(out, &Temporal::Time(*self), spec).ok_or_else(|| BailKind::Unsupported.at(g))?;
        cx.reserve(out.len(), g)
    }

    fn copied(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        match self.zone {
            None => time_new(cx, *self, g).map(Some),
            Some(_) => Ok(None),
        }
    }
}
