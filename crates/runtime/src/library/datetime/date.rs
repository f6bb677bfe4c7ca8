//! `date`, and what `datetime` has of it.

use std::fmt::Write as _;

use super::calendar::Day;
use super::delta::{DAY, Delta, delta_new};
use super::record::ZoneOf;
use super::strftime::{self, DAYS, MONTHS};
use super::time::Clock;
use super::{Temporal, iso, record, small, temporal};
use crate::op::{BinaryOp, CompareOp};
use crate::python_hash::PythonHash;
use crate::{Args, BailKind, Cx, Obj, Result, Type, Value, object_new, str_new};

/// The `date` as an object.
pub(super) fn date_new<'a>(cx: &'a Cx<'a>, day: Day, g: u32) -> Result<Value<'a>> {
    object_new(cx, day, g)
}

/// The `date` of an ordinal, or CPython's error of one that there is not.
pub(super) fn of_ordinal<'a>(cx: &'a Cx<'a>, ordinal: i64, g: u32) -> Result<Day> {
    Day::of_ordinal(ordinal).ok_or_else(|| cx.raise(Type::OverflowError, "date value out of range", g))
}

/// Year, month and day as arguments.
pub(super) fn day_of<'a>(cx: &'a Cx<'a>, parts: [Value<'a>; 3], g: u32) -> Result<Day> {
    let day = Day::new(small(parts[0], g)?, small(parts[1], g)?, small(parts[2], g)?);
    day.map_err(|text| cx.raise(Type::ValueError, &text, g))
}

/// `date(year, month, day)`
pub(super) fn construct<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(year), Some(month), Some(day)] = args.bind(["year", "month", "day"], 3, 3, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    date_new(cx, day_of(cx, [year, month, day], g)?, g)
}

/// The methods that `date` and `datetime` share, by the day alone.
pub(super) fn has_method(name: &str) -> bool {
    matches!(name, "toordinal" | "weekday" | "isoweekday" | "isocalendar" | "strftime" | "ctime" | "timetuple")
}

/// Calls one of these.
pub(super) fn method<'a>(
    cx: &'a Cx<'a>,
    this: Value<'a>,
    day: Day,
    clock: Clock,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    if name == "strftime" {
        return strftime::call(cx, this, args, g);
    }
    if !args.positional(g)?.is_empty() {
        return Err(BailKind::Exception.at(g));
    }
    match name {
        "toordinal" => Ok(Value::Int(day.ordinal())),
        "weekday" => Ok(Value::Int(day.weekday())),
        "isoweekday" => Ok(Value::Int(day.weekday() + 1)),
        "isocalendar" => {
            let (year, week, weekday) = day.iso();
            record::iso_calendar(cx, [year.into(), week, weekday], g)
        }
        "timetuple" => struct_time(cx, day, clock, -1, ZoneOf::Nothing, g),
        _ => {
            let (name, month) = (DAYS[day.weekday() as usize], MONTHS[usize::from(day.month - 1)]);
            let Clock { hour, minute, second, .. } = clock;
            let (name, month) = (&name[..3], &month[..3]);
            let text = format!("{name} {month} {:2} {hour:02}:{minute:02}:{second:02} {:04}", day.day, day.year);
            str_new(cx, &text, g).map(Value::Str)
        }
    }
}

/// The `time.struct_time` of a day and a time.
pub(super) fn struct_time<'a>(
    cx: &'a Cx<'a>,
    day: Day,
    clock: Clock,
    summer: i64,
    zone: ZoneOf,
    g: u32,
) -> Result<Value<'a>> {
    let numbers = [
        day.year.into(),
        day.month.into(),
        day.day.into(),
        clock.hour.into(),
        clock.minute.into(),
        clock.second.into(),
        day.weekday(),
        day.day_of_year().into(),
        summer,
    ];
    record::struct_time(cx, numbers, zone, g)
}

/// `day` and as many days more as the delta has.
fn add<'a>(cx: &'a Cx<'a>, day: Day, delta: Delta, sign: i64, g: u32) -> Result<Value<'a>> {
    date_new(cx, of_ordinal(cx, day.ordinal() + sign * i64::from(delta.days), g)?, g)
}

impl<'a> Obj<'a> for Day {
    fn kind(&self) -> Type {
        Type::Date
    }

    fn as_temporal(&self) -> Option<Temporal<'a>> {
        Some(Temporal::Date(*self))
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match self.attribute(name) {
            Some(value) => Ok(Some(value)),
            None => super::class_constant(cx, Type::Date, name, g),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        super::has_method(Type::Date, name)
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match name {
            "isoformat" => match args.positional(g)? {
                [] => {
                    let mut out = String::new();
                    iso::write_date(&mut out, *self);
                    str_new(cx, &out, g).map(Value::Str)
                }
                _ => Err(BailKind::Exception.at(g)),
            },
            "replace" => {
                let [year, month, day] = args.bind(["year", "month", "day"], 0, 3, g)?;
                date_new(cx, self.replaced(cx, [year, month, day], g)?, g)
            }
            _ => method(cx, this, *self, Clock::default(), name, args, g),
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
        Ok(match (op, temporal(other)) {
            (BinaryOp::Add, Some(Temporal::Delta(delta))) => Some(add(cx, *self, delta, 1, g)?),
            (BinaryOp::Sub, Some(Temporal::Delta(delta))) if !reflected => Some(add(cx, *self, delta, -1, g)?),
            (BinaryOp::Sub, Some(Temporal::Date(other))) if !reflected => {
                let days = self.ordinal() - other.ordinal();
                let delta = Delta::of_total(i128::from(days) * DAY).ok_or_else(|| BailKind::Unsupported.at(g))?;
                Some(delta_new(cx, delta, g)?)
            }
            _ => None,
        })
    }

    fn compare(
        &self,
        _cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        _g: u32,
    ) -> Result<Option<bool>> {
        Ok(match temporal(other) {
            Some(Temporal::Date(other)) => Some(op.holds(self.cmp(&other))),
            _ => None,
        })
    }

    fn hash(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<i64> {
        Ok(self.ordinal())
    }

    fn python_hash(&self, cx: &'a Cx<'a>, _g: u32) -> Result<Option<PythonHash>> {
        Ok(Some(PythonHash::of_bytes(cx, &self.bytes())))
    }

    fn repr(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        let _ = write!(out, "datetime.date({}, {}, {})", self.year, self.month, self.day);
        Ok(())
    }

    fn str(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        iso::write_date(out, *self);
        Ok(())
    }

    fn format(&self, cx: &'a Cx<'a>, out: &mut String, spec: &str, g: u32) -> Result<()> {
        strftime::write(out, &Temporal::Date(*self), spec).ok_or_else(|| BailKind::Unsupported.at(g))?;
        cx.reserve(out.len(), g)
    }

    fn copied(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        date_new(cx, *self, g).map(Some)
    }
}

impl Day {
    /// The attribute of that name.
    pub(super) fn attribute<'a>(self, name: &str) -> Option<Value<'a>> {
        Some(Value::Int(match name {
            "year" => self.year.into(),
            "month" => self.month.into(),
            "day" => self.day.into(),
            _ => return None,
        }))
    }

    /// As CPython hashes it.
    pub(super) fn bytes(self) -> [u8; 4] {
        let [.., high, low] = self.year.to_be_bytes();
        [high, low, self.month, self.day]
    }

    /// With other parts where they are given.
    pub(super) fn replaced<'a>(self, cx: &'a Cx<'a>, parts: [Option<Value<'a>>; 3], g: u32) -> Result<Self> {
        let own: [i64; 3] = [self.year.into(), self.month.into(), self.day.into()];
        let [year, month, day] = [0, 1, 2].map(|at| parts[at].unwrap_or(Value::Int(own[at])));
        day_of(cx, [year, month, day], g)
    }
}
