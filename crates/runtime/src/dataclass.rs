//! What `dataclasses.dataclass` generates (`Lib/dataclasses.py`).

use crate::class::Dataclass;
use crate::{Args, BailKind, Cx, Instance, Result, Value, attr, call, repr};

/// The generated `__init__`.
pub(crate) fn init<'a>(
    cx: &'a Cx<'a>,
    dataclass: &'a Dataclass<'a>,
    instance: Instance<'a>,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<()> {
    let taken: Vec<_> = dataclass.fields.iter().filter(|field| field.init).collect();
    if args.pos.len() > taken.len() {
        return Err(BailKind::Exception.at(g));
    }
    for (name, _) in args.kw {
        let at = taken.iter().position(|field| field.name.text() == name.text());
        if at.is_none_or(|at| at < args.pos.len()) {
            return Err(BailKind::Exception.at(g));
        }
    }
    let mut at = 0;
    let mut values = Vec::new();
    for field in dataclass.fields {
        let given = if field.init {
            let positional = args.pos.get(at).copied();
            at += 1;
            positional.or_else(|| args.keyword(field.name.text()))
        } else {
            None
        };
        let value = match (given, field.default, field.factory) {
            (Some(value), ..) => value,
            (None, _, Some(factory)) => call::call_with(cx, factory, &[], g)?,
            (None, Some(default), None) if field.init => default,
            // Without `init`, a default stays an attribute of the class.
            (None, Some(_), None) => continue,
            (None, None, None) if !field.init => continue,
            (None, None, None) => return Err(BailKind::Exception.at(g)),
        };
        values.push((field.name, value));
    }
    for (name, value) in values {
        if dataclass.frozen {
            instance.dict(cx, g)?.set(cx, Value::Str(name), value, g)?;
        } else {
            attr::set(cx, Value::Instance(instance), name, value, g)?;
        }
    }
    attr::call_special(cx, Value::Instance(instance), "__post_init__", &[], g).map(|_| ())
}

/// The generated `__repr__`.
pub(crate) fn write_repr<'a>(
    cx: &'a Cx<'a>,
    out: &mut String,
    dataclass: &'a Dataclass<'a>,
    instance: Instance<'a>,
    g: u32,
) -> Result<()> {
    out.push_str(instance.class().qualname().text());
    out.push('(');
    for (at, field) in dataclass.fields.iter().filter(|field| field.repr).enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        out.push_str(field.name.text());
        out.push('=');
        repr::write_repr(cx, out, attr::get(cx, Value::Instance(instance), field.name, g)?, g)?;
    }
    out.push(')');
    Ok(())
}

/// The values that comparisons look at.
pub(crate) fn key<'a>(
    cx: &'a Cx<'a>,
    dataclass: &'a Dataclass<'a>,
    instance: Instance<'a>,
    g: u32,
) -> Result<Value<'a>> {
    let mut values = Vec::new();
    for field in dataclass.fields.iter().filter(|field| field.compare) {
        values.push(attr::get(cx, Value::Instance(instance), field.name, g)?);
    }
    crate::tuple_new(cx, &values, g).map(Value::Tuple)
}
