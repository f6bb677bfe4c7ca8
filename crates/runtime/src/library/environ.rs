//! `os.environ` and `os.getenv` (`Lib/os.py`): reading the environment that the invocation was given.

use crate::{Args, BailKind, Builtin, Cx, Obj, Result, Str, Type, Value, object_new, str_new};

/// What `os` has natively.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "os", name: "urandom", call: |cx, args, g| super::time::urandom(cx, args, g) },
    Builtin { module: "os", name: "getenv", call: |cx, args, g| getenv(cx, args, g) },
];

/// `os.environ`, of which there is one; writing it is left to CPython.
struct Environ;

/// `os.environ`
pub(super) fn environ<'a>(cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
    if let Some(known) = cx.environ().get() {
        return Ok(known);
    }
    let made = object_new(cx, Environ, g)?;
    cx.environ().set(Some(made));
    Ok(made)
}

/// The variable of that name; what is no text is an error of CPython's.
fn variable<'a>(cx: &'a Cx<'a>, name: Value<'a>, g: u32) -> Result<(Str<'a>, Option<Value<'a>>)> {
    let Value::Str(name) = name else { return Err(BailKind::Exception.at(g)) };
    match cx.variable(name.text()) {
        Some(value) => Ok((name, Some(Value::Str(str_new(cx, &value, g)?)))),
        None => Ok((name, None)),
    }
}

fn getenv<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(key), default] = args.bind(["key", "default"], 1, 2, g)? else { return Err(BailKind::Exception.at(g)) };
    Ok(variable(cx, key, g)?.1.unwrap_or(default.unwrap_or(Value::None)))
}

impl<'a> Obj<'a> for Environ {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn has_method(&self, name: &str) -> bool {
        name == "get"
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, _name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        getenv(cx, args, g)
    }

    fn contains(&self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<Option<bool>> {
        match item {
            Value::Str(_) => Ok(Some(variable(cx, item, g)?.1.is_some())),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn get_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        match variable(cx, index, g)? {
            (_, Some(value)) => Ok(value),
            (name, None) => Err(cx.raise_with(Type::KeyError, &[Value::Str(name)], g)),
        }
    }

    fn len(&self, _cx: &'a Cx<'a>, g: u32) -> Result<Option<usize>> {
        Err(BailKind::Unsupported.at(g))
    }

    fn truth(&self, _cx: &'a Cx<'a>, g: u32) -> Result<bool> {
        Err(BailKind::Unsupported.at(g))
    }
}
