//! The module `collections`: `defaultdict`, `Counter`, `OrderedDict`; `deque.rs` has the fourth.

use crate::{Args, Cx, Dict, DictKind, Result, Type, Value, dict_new, dicts, method, plain};

/// `type(*args)` of one of them.
pub(super) fn construct<'a>(cx: &'a Cx<'a>, ty: Type, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match ty {
        Type::Deque => super::deque::deque(cx, args, g),
        Type::DefaultDict => {
            let (factory, rest) = match args.pos {
                [] => (Value::None, args.pos),
                [factory, rest @ ..] => (*factory, rest),
            };
            let callable = match factory {
                Value::None | Value::Function(_) | Value::Class(_) | Value::Builtin(_) | Value::Method(_) => true,
                Value::Object(object) => object.get().is_callable(),
                _ => false,
            };
            if !callable {
                return Err(cx.raise(Type::TypeError, "first argument must be callable or None", g));
            }
            let dict = dict_new(cx, &[], g)?;
            method::call(cx, Value::Dict(dict), "update", Args { pos: rest, kw: args.kw }, g)?;
            dict.set_form(DictKind::Default(factory));
            Ok(Value::Dict(dict))
        }
        Type::OrderedDict => {
            let dict = dict_new(cx, &[], g)?;
            method::call(cx, Value::Dict(dict), "update", args, g)?;
            dict.set_form(DictKind::Ordered);
            Ok(Value::Dict(dict))
        }
        _ => {
            let dict = dict_new(cx, &[], g)?;
            dict.set_form(DictKind::Counter);
            dicts::count(cx, dict, args, false, g)?;
            Ok(Value::Dict(dict))
        }
    }
}

/// Whether a value is a plain mapping that a counter can be made of.
pub(crate) fn mapping<'a>(v: Value<'a>) -> Option<Dict<'a>> {
    match plain(v) {
        Value::Dict(dict) => Some(dict),
        _ => None,
    }
}
