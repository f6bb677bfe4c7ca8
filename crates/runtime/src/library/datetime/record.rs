//! `time.struct_time` and `datetime.IsoCalendarDate`: tuples whose items have names (`Objects/structseq.c`).

use crate::op::CompareOp;
use crate::python_hash::{PythonHash, python_hash};
use crate::{BailKind, Cx, Obj, Result, Tuple, Type, Value, iter_value, object_new, op, repr, str_new, tuple_new};

const STRUCT_TIME: &[&str] =
    &["tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"];

/// What a `time.struct_time` knows of its zone.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(in crate::library) enum ZoneOf {
    /// Nothing.
    Nothing,
    /// It is `gmtime`'s.
    Gmt,
    /// It is the machine's, without an offset; its name is the C library's business.
    Machine,
}

struct Record<'a> {
    /// What `repr` shows.
    name: &'static str,
    fields: &'static [&'static str],
    items: Tuple<'a>,
    zone: ZoneOf,
}

fn record_new<'a>(
    cx: &'a Cx<'a>,
    name: &'static str,
    fields: &'static [&'static str],
    numbers: &[i64],
    zone: ZoneOf,
    g: u32,
) -> Result<Value<'a>> {
    let items: Vec<Value<'a>> = numbers.iter().map(|number| Value::Int(*number)).collect();
    object_new(cx, Record { name, fields, items: tuple_new(cx, &items, g)?, zone }, g)
}

/// A `time.struct_time`.
pub(super) fn struct_time<'a>(cx: &'a Cx<'a>, numbers: [i64; 9], zone: ZoneOf, g: u32) -> Result<Value<'a>> {
    record_new(cx, "time.struct_time", STRUCT_TIME, &numbers, zone, g)
}

/// A `datetime.IsoCalendarDate`.
pub(super) fn iso_calendar<'a>(cx: &'a Cx<'a>, numbers: [i64; 3], g: u32) -> Result<Value<'a>> {
    record_new(cx, "datetime.IsoCalendarDate", &["year", "week", "weekday"], &numbers, ZoneOf::Nothing, g)
}

impl<'a> Obj<'a> for Record<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            "tm_zone" if self.zone == ZoneOf::Gmt => return str_new(cx, "GMT", g).map(|zone| Some(Value::Str(zone))),
            "tm_gmtoff" if self.zone != ZoneOf::Nothing => return Ok(Some(Value::Int(0))),
            _ => {}
        }
        Ok(self.fields.iter().position(|field| *field == name).and_then(|at| self.items.items().get(at).copied()))
    }

    fn len(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<usize>> {
        Ok(Some(self.items.items().len()))
    }

    fn iter(&self, cx: &'a Cx<'a>, _this: Value<'a>, g: u32) -> Result<Value<'a>> {
        iter_value(cx, Value::Tuple(self.items), g)
    }

    fn get_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        op::index(cx, Value::Tuple(self.items), index, g)
    }

    fn compare(
        &self,
        cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        let other = match other {
            Value::Tuple(_) => other,
            Value::Object(object) => Value::Tuple(object.get().as_record().ok_or_else(|| BailKind::Unsupported.at(g))?),
            _ => return Err(BailKind::Unsupported.at(g)),
        };
        match op::rich_compare(cx, op, Value::Tuple(self.items), other, g)? {
            Value::Bool(result) => Ok(Some(result.get())),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn hash(&self, cx: &'a Cx<'a>, g: u32) -> Result<i64> {
        python_hash(cx, Value::Tuple(self.items), g).map(|hash| hash.value)
    }

    fn python_hash(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<PythonHash>> {
        python_hash(cx, Value::Tuple(self.items), g).map(Some)
    }

    fn as_record(&self) -> Option<Tuple<'a>> {
        Some(self.items)
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        out.push_str(self.name);
        out.push('(');
        for (number, (field, item)) in self.fields.iter().zip(self.items.items()).enumerate() {
            out.push_str(if number > 0 { ", " } else { "" });
            out.push_str(field);
            out.push('=');
            repr::write_repr(cx, out, *item, g)?;
        }
        out.push(')');
        Ok(())
    }
}
