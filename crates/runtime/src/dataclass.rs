//! What `dataclasses.dataclass` generates (`Lib/dataclasses.py`).

use crate::class::Dataclass;
use crate::op::{self, CompareOp};
use crate::{Args, BailKind, Cx, Instance, Obj, Result, Type, Value, attr, call, object_new, repr};

/// The generated `__init__`.
fn init<'a>(
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

/// The method that `dataclasses.dataclass` generates under `name`, if it is one that a class holds here.
pub(crate) fn generated<'a>(
    cx: &'a Cx<'a>,
    form: &'a Dataclass<'a>,
    name: &'static str,
    g: u32,
) -> Result<Option<Value<'a>>> {
    match name {
        "__setattr__" | "__delattr__" => Ok(None),
        _ => object_new(cx, Generated { form, name }, g).map(Some),
    }
}

/// A generated method.
struct Generated<'a> {
    form: &'a Dataclass<'a>,
    name: &'static str,
}

impl<'a> Obj<'a> for Generated<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn binds(&self) -> bool {
        true
    }

    fn as_generated(&self) -> Option<&'a Dataclass<'a>> {
        Some(self.form)
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let Some((Value::Instance(instance), rest)) = args.pos.split_first() else {
            return Err(BailKind::Unsupported.at(g));
        };
        let op = match self.name {
            "__init__" => {
                init(cx, self.form, *instance, Args { pos: rest, kw: args.kw }, g)?;
                return Ok(Value::None);
            }
            "__repr__" if rest.is_empty() => {
                let mut out = String::new();
                cx.enter(g)?;
                write_repr(cx, &mut out, self.form, *instance, g)?;
                cx.leave();
                return crate::str_new(cx, &out, g).map(Value::Str);
            }
            "__eq__" => CompareOp::Eq,
            "__lt__" => CompareOp::Lt,
            "__le__" => CompareOp::Le,
            "__gt__" => CompareOp::Gt,
            "__ge__" => CompareOp::Ge,
            _ => return Err(BailKind::Unsupported.at(g)),
        };
        match rest {
            [Value::Instance(other)] if other.class().same(instance.class()) => {
                let (l, r) = (key(cx, self.form, *instance, g)?, key(cx, self.form, *other, g)?);
                op::rich_compare(cx, op, l, r, g)
            }
            [_] => Ok(Value::NotImplemented),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

/// The values that comparisons look at.
fn key<'a>(cx: &'a Cx<'a>, dataclass: &'a Dataclass<'a>, instance: Instance<'a>, g: u32) -> Result<Value<'a>> {
    let mut values = Vec::new();
    for field in dataclass.fields.iter().filter(|field| field.compare) {
        values.push(attr::get(cx, Value::Instance(instance), field.name, g)?);
    }
    crate::tuple_new(cx, &values, g).map(Value::Tuple)
}
