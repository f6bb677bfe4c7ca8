//! `datetime`: a day and a time of day, in a zone or in none.

use std::fmt::Write as _;

use super::calendar::{self, Day};
use super::date::{self, date_new, day_of, of_ordinal};
use super::delta::{DAY, Delta, delta_new};
use super::iso::{self, Timespec};
use super::strftime;
use super::time::{self, Clock, Time, time_new};
use super::zone::{self, InZone};
use super::{Temporal, temporal};
use crate::op::{BinaryOp, CompareOp};
use crate::python_hash::{PythonHash, python_hash};
use crate::{Args, BailKind, Cx, Obj, Result, Type, Value, arith, object_new, str_new};

/// Microseconds from the first midnight of the calendar to 1970.
pub(super) const EPOCH: i128 = calendar::EPOCH as i128 * DAY;

/// A `datetime`.
#[derive(Copy, Clone)]
pub struct Moment<'a> {
    pub(super) day: Day,
    pub(super) clock: Clock,
    pub(super) zone: Option<InZone<'a>>,
    pub(super) fold: bool,
}

/// The `datetime` as an object.
pub(super) fn moment_new<'a>(cx: &'a Cx<'a>, moment: Moment<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, moment, g)
}

/// The `datetime` so many microseconds after the calendar's first midnight, or CPython's error.
pub(super) fn of_total<'a>(cx: &'a Cx<'a>, total: i128, zone: Option<InZone<'a>>, g: u32) -> Result<Moment<'a>> {
    let days = i64::try_from(total.div_euclid(DAY)).map_err(|_| BailKind::Exception.at(g))?;
    Ok(Moment { day: of_ordinal(cx, days, g)?, clock: Clock::of_total(total.rem_euclid(DAY)), zone, fold: false })
}

/// `datetime(*args)`
pub(super) fn construct<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let names = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"];
    let [Some(year), Some(month), Some(day), hour, minute, second, micros, tzinfo, fold] = args.bind(names, 3, 8, g)?
    else {
        return Err(BailKind::Exception.at(g));
    };
    let numbers = time::numbers([hour, minute, second, micros], Clock::default(), g)?;
    let zone = zone::argument(tzinfo, g)?;
    let day = day_of(cx, [year, month, day], g)?;
    let clock = time::clock_of(cx, numbers, g)?;
    moment_new(cx, Moment { day, clock, zone, fold: time::fold(cx, fold, g)? }, g)
}

impl<'a> Moment<'a> {
    /// Microseconds since the calendar's first midnight, by its own clock.
    fn total(&self) -> i128 {
        i128::from(self.day.ordinal()) * DAY + self.clock.total()
    }

    fn offset(&self) -> Delta {
        self.zone.map_or(Delta::ZERO, |within| within.zone.offset)
    }

    /// The same in UTC.
    fn in_utc(&self) -> i128 {
        self.total() - self.offset().total()
    }

    fn write_iso(&self, out: &mut String, separator: &str, spec: Timespec) {
        iso::write_date(out, self.day);
        out.push_str(separator);
        iso::write_time(out, self.clock, spec, self.zone);
    }

    fn isoformat(&self, cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let [separator, spec] = args.bind(["sep", "timespec"], 0, 2, g)?;
        let separator = match separator {
            None => "T",
            Some(Value::Str(separator)) if separator.chars() == 1 => separator.text(),
            Some(_) => return Err(BailKind::Exception.at(g)),
        };
        let mut out = String::new();
        self.write_iso(&mut out, separator, Timespec::argument(cx, spec, g)?);
        str_new(cx, &out, g).map(Value::Str)
    }

    fn replace(&self, cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let names = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"];
        let [year, month, day, hour, minute, second, micros, tzinfo, fold] = args.bind(names, 0, 8, g)?;
        let numbers = time::numbers([hour, minute, second, micros], self.clock, g)?;
        let day = self.day.replaced(cx, [year, month, day], g)?;
        let clock = time::clock_of(cx, numbers, g)?;
        let zone = if tzinfo.is_some() { zone::argument(tzinfo, g)? } else { self.zone };
        let fold = if fold.is_some() { time::fold(cx, fold, g)? } else { self.fold };
        moment_new(cx, Moment { day, clock, zone, fold }, g)
    }

    /// `astimezone(tz)`; the zone of the machine is left to CPython.
    fn in_zone(&self, cx: &'a Cx<'a>, args: Args<'_, 'a>, this: Value<'a>, g: u32) -> Result<Value<'a>> {
        let [zone] = args.bind(["tz"], 0, 1, g)?;
        let (Some(_), Some(to)) = (self.zone, zone::argument(zone, g)?) else {
            return Err(BailKind::Unsupported.at(g));
        };
        if self.zone.is_some_and(|own| crate::op::is(cx, own.object, to.object, g).unwrap_or(false)) {
            return Ok(this);
        }
        // By way of UTC, which may be out of range already.
        of_total(cx, self.in_utc(), None, g)?;
        moment_new(cx, of_total(cx, self.in_utc() + to.zone.offset.total(), Some(to), g)?, g)
    }

    fn compared(&self, cx: &'a Cx<'a>, op: CompareOp, other: &Moment<'a>, g: u32) -> Result<Option<bool>> {
        match (self.zone.is_some() == other.zone.is_some(), op) {
            (true, _) => Ok(Some(op.holds(self.in_utc().cmp(&other.in_utc())))),
            (false, CompareOp::Eq) => Ok(Some(false)),
            (false, CompareOp::Ne) => Ok(Some(true)),
            _ => Err(cx.raise(Type::TypeError, "can't compare offset-naive and offset-aware datetimes", g)),
        }
    }
}

impl<'a> Obj<'a> for Moment<'a> {
    fn kind(&self) -> Type {
        Type::DateTime
    }

    fn as_temporal(&self) -> Option<Temporal<'a>> {
        Some(Temporal::Moment(*self))
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        if let Some(value) = self.day.attribute(name).or_else(|| self.clock.attr(name)) {
            return Ok(Some(value));
        }
        Ok(match name {
            "tzinfo" => Some(self.zone.map_or(Value::None, |within| within.object)),
            "fold" => Some(Value::Int(self.fold.into())),
            _ => super::class_constant(cx, Type::DateTime, name, g)?,
        })
    }

    fn has_method(&self, name: &str) -> bool {
        super::has_method(Type::DateTime, name)
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match name {
            "isoformat" => return self.isoformat(cx, args, g),
            "replace" => return self.replace(cx, args, g),
            "astimezone" => return self.in_zone(cx, args, this, g),
            _ if date::has_method(name) => return date::method(cx, this, self.day, self.clock, name, args, g),
            _ => {}
        }
        if !args.positional(g)?.is_empty() {
            return Err(BailKind::Exception.at(g));
        }
        match (name, self.zone) {
            ("date", _) => date_new(cx, self.day, g),
            ("time", _) => time_new(cx, Time { clock: self.clock, zone: None, fold: self.fold }, g),
            ("timetz", zone) => time_new(cx, Time { clock: self.clock, zone, fold: self.fold }, g),
            ("timestamp", Some(_)) => {
                let since = self.in_utc() - EPOCH;
                arith::ints(cx, BinaryOp::Div, &since.into(), &1_000_000.into(), g)
            }
            // It goes by the zone of the machine.
            ("timestamp", None) => Err(BailKind::Unsupported.at(g)),
            ("utctimetuple", _) => {
                let utc = of_total(cx, self.in_utc(), None, g)?;
                date::struct_time(cx, utc.day, utc.clock, 0, super::ZoneOf::Nothing, g)
            }
            (name, zone) => time::of_zone(cx, zone, name, g),
        }
    }

    fn binary(
        &self,
        cx: &'a Cx<'a>,
        op: BinaryOp,
        _this: Value<'a>,
        other: Value<'a>,
        reflected: bool,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        let shifted = |micros: i128| {
            let moved = of_total(cx, self.total() + micros, self.zone, g)?;
            moment_new(cx, moved, g).map(Some)
        };
        match (op, temporal(other)) {
            (BinaryOp::Add, Some(Temporal::Delta(delta))) => shifted(delta.total()),
            (BinaryOp::Sub, Some(Temporal::Delta(delta))) if !reflected => shifted(-delta.total()),
            (BinaryOp::Sub, Some(Temporal::Moment(other))) if !reflected => {
                if self.zone.is_some() != other.zone.is_some() {
                    let text = "can't subtract offset-naive and offset-aware datetimes";
                    return Err(cx.raise(Type::TypeError, text, g));
                }
                let delta = Delta::of_total(self.in_utc() - other.in_utc());
                delta_new(cx, delta.ok_or_else(|| BailKind::Unsupported.at(g))?, g).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn compare(
        &self,
        cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        match (op, temporal(other)) {
            (_, Some(Temporal::Moment(other))) => self.compared(cx, op, &other, g),
            (CompareOp::Eq, Some(Temporal::Date(_))) => Ok(Some(false)),
            (CompareOp::Ne, Some(Temporal::Date(_))) => Ok(Some(true)),
            (_, Some(Temporal::Date(_))) => {
                Err(cx.raise(Type::TypeError, "can't compare datetime.datetime to datetime.date", g))
            }
            _ => Ok(None),
        }
    }

    fn hash(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<i64> {
        Ok(self.in_utc() as i64)
    }

    fn python_hash(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<PythonHash>> {
        if self.zone.is_none() {
            let mut bytes = self.day.bytes().to_vec();
            bytes.extend(self.clock.bytes());
            return Ok(Some(PythonHash::of_bytes(cx, &bytes)));
        }
        let delta = Delta::of_total(self.in_utc()).ok_or_else(|| BailKind::Unsupported.at(g))?;
        python_hash(cx, delta_new(cx, delta, g)?, g).map(Some)
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        let Day { year, month, day } = self.day;
        let _ = write!(out, "datetime.datetime({year}, {month}, {day}, ");
        self.clock.write_repr(out);
        super::write_fold_and_zone(cx, out, self.fold, self.zone, g)?;
        out.push(')');
        Ok(())
    }

    fn str(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        self.write_iso(out, " ", Timespec::Auto);
        Ok(())
    }

    fn format(&self, cx: &'a Cx<'a>, out: &mut String, spec: &str, g: u32) -> Result<()> {
        strftime::write(out, &Temporal::Moment(*self), spec).ok_or_else(|| BailKind::Unsupported.at(g))?;
        cx.reserve(out.len(), g)
    }

    fn copied(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        match self.zone {
            None => moment_new(cx, *self, g).map(Some),
            Some(_) => Ok(None),
        }
    }
}
