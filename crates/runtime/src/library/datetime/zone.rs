//! `timezone`: fixed offsets from UTC.

use std::fmt::Write as _;

use super::delta::{DAY, Delta, delta_new};
use super::{Temporal, delta_of, temporal};
use crate::op::CompareOp;
use crate::python_hash::{PythonHash, python_hash};
use crate::{Args, BailKind, Cx, Obj, Result, Str, Type, Value, object_new, repr, str_new};

/// A fixed offset, with a name of its own if it was given one.
#[derive(Copy, Clone)]
pub struct Zone<'a> {
    pub(super) offset: Delta,
    name: Option<Str<'a>>,
    /// Whether it is `timezone.utc` itself.
    is_utc: bool,
}

/// A zone and the object that it is.
#[derive(Copy, Clone)]
pub(crate) struct InZone<'a> {
    pub(super) zone: Zone<'a>,
    pub(super) object: Value<'a>,
}

/// `timezone.utc`, of which there is one.
pub(super) fn utc<'a>(cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
    if let Some(known) = cx.utc().get() {
        return Ok(known);
    }
    let made = object_new(cx, Zone { offset: Delta::ZERO, name: None, is_utc: true }, g)?;
    cx.utc().set(Some(made));
    Ok(made)
}

/// The zone of that offset without a name.
pub(super) fn of_offset<'a>(cx: &'a Cx<'a>, offset: Delta, g: u32) -> Result<Value<'a>> {
    match offset {
        Delta::ZERO => utc(cx, g),
        _ => object_new(cx, Zone { offset, name: None, is_utc: false }, g),
    }
}

/// `timezone(offset, name)`
pub(super) fn construct<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [offset, name] = args.bind(["offset", "name"], 1, 2, g)?;
    let offset = offset.and_then(delta_of).ok_or_else(|| BailKind::Exception.at(g))?;
    if offset.total().abs() >= DAY {
        let mut text =
            "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not ".to_owned();
        offset.write_repr(&mut text);
        text.push('.');
        return Err(cx.raise(Type::ValueError, &text, g));
    }
    match name {
        None => of_offset(cx, offset, g),
        Some(Value::Str(name)) => object_new(cx, Zone { offset, name: Some(name), is_utc: false }, g),
        Some(_) => Err(BailKind::Exception.at(g)),
    }
}

/// The argument `tzinfo`: a zone or None.
pub(super) fn argument<'a>(v: Option<Value<'a>>, g: u32) -> Result<Option<InZone<'a>>> {
    match v {
        None | Some(Value::None) => Ok(None),
        Some(object) => match temporal(object) {
            Some(Temporal::Zone(zone)) => Ok(Some(InZone { zone, object })),
            // An error, or a zone in Python.
            _ => Err(BailKind::Exception.at(g)),
        },
    }
}

impl<'a> Zone<'a> {
    /// The name that it was given.
    pub(super) fn name(&self) -> Option<Str<'a>> {
        self.name
    }
}

impl Zone<'_> {
    /// Its name, or `UTC+05:30`.
    pub(super) fn write_name(&self, out: &mut String) {
        match self.name {
            Some(name) => out.push_str(name.text()),
            None => {
                out.push_str("UTC");
                if self.offset != Delta::ZERO {
                    self.write_offset(out, ":");
                }
            }
        }
    }

    /// `+05:30`, with seconds and microseconds only where there are some.
    pub(super) fn write_offset(&self, out: &mut String, separator: &str) {
        let total = self.offset.total();
        let sign = if total < 0 { '-' } else { '+' };
        let (seconds, micros) = (total.abs() / 1_000_000, total.abs() % 1_000_000);
        let _ = write!(out, "{sign}{:02}{separator}{:02}", seconds / 3600, seconds / 60 % 60);
        if seconds % 60 != 0 || micros != 0 {
            let _ = write!(out, "{separator}{:02}", seconds % 60);
        }
        if micros != 0 {
            let _ = write!(out, ".{micros:06}");
        }
    }
}

impl<'a> Obj<'a> for Zone<'a> {
    fn kind(&self) -> Type {
        Type::TimeZone
    }

    fn as_temporal(&self) -> Option<Temporal<'a>> {
        Some(Temporal::Zone(*self))
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        super::class_constant(cx, Type::TimeZone, name, g)
    }

    fn has_method(&self, name: &str) -> bool {
        super::has_method(Type::TimeZone, name)
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let of_datetime = match args.positional(g)? {
            [Value::None] => true,
            [v] => matches!(temporal(*v), Some(Temporal::Moment(_))),
            _ => false,
        };
        match (name, of_datetime) {
            ("utcoffset", true) => delta_new(cx, self.offset, g),
            ("dst", true) => Ok(Value::None),
            ("tzname", true) => {
                let mut text = String::new();
                self.write_name(&mut text);
                str_new(cx, &text, g).map(Value::Str)
            }
            _ => Err(BailKind::Exception.at(g)),
        }
    }

    fn compare(
        &self,
        _cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        _g: u32,
    ) -> Result<Option<bool>> {
        Ok(match (op, temporal(other)) {
            (CompareOp::Eq | CompareOp::Ne, Some(Temporal::Zone(other))) => {
                Some(op.holds(self.offset.cmp(&other.offset)))
            }
            _ => None,
        })
    }

    fn hash(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<i64> {
        Ok(self.offset.total() as i64)
    }

    fn python_hash(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<PythonHash>> {
        python_hash(cx, delta_new(cx, self.offset, g)?, g).map(Some)
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        if self.is_utc {
            out.push_str("datetime.timezone.utc");
            return Ok(());
        }
        out.push_str("datetime.timezone(");
        self.offset.write_repr(out);
        if let Some(name) = self.name {
            out.push_str(", ");
            repr::write_repr(cx, out, Value::Str(name), g)?;
        }
        out.push(')');
        Ok(())
    }

    fn str(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        self.write_name(out);
        Ok(())
    }
}
