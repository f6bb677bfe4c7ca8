//! The module `copy` (`Lib/copy.py`): of built-in containers and of instances without `__copy__` or `__reduce__`.

use std::collections::HashMap;

use crate::{
    Args, BailKind, Builtin, Cx, Instance, Result, Type, Value, attr, dict_new, instance_new, list_new, tuple_new,
};

/// The functions of `copy`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "copy", name: "copy", call: |cx, args, g| copy(cx, args, g) },
    Builtin { module: "copy", name: "deepcopy", call: |cx, args, g| deepcopy(cx, args, g) },
];

fn copy<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    match *v {
        Value::List(list) => list_new(cx, &list.to_vec(), g).map(Value::List),
        Value::Dict(_) | Value::Set(_) => crate::method::call(cx, *v, "copy", Args::of(&[]), g),
        Value::Instance(instance) => {
            if let Some(copied) = attr::call_special(cx, *v, "__copy__", &[], g)? {
                return Ok(copied);
            }
            let made = blank(cx, instance, g)?;
            if let Some(dict) = instance.attributes(g)? {
                let own = made.dict(cx, g)?;
                for (name, value) in dict.entries() {
                    own.set(cx, name, value, g)?;
                }
            }
            Ok(Value::Instance(made))
        }
        Value::Object(object) if object.get().has_method("copy") => {
            object.get().method(cx, *v, "copy", Args::of(&[]), g)
        }
        Value::Object(object) => object.get().copied(cx, g)?.ok_or_else(|| BailKind::Unsupported.at(g)),
        _ if is_atom(*v) => Ok(*v),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// An instance of the same class without attributes, where `object.__reduce_ex__` would make just that.
fn blank<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, g: u32) -> Result<Instance<'a>> {
    let class = instance.class();
    let plain = class.layout() == Type::Object && !matches!(class.form(), crate::class::Form::Enum(_));
    if !plain {
        return Err(BailKind::Unsupported.at(g));
    }
    for name in [
        "__reduce__",
        "__reduce_ex__",
        "__getstate__",
        "__setstate__",
        "__getnewargs__",
        "__getnewargs_ex__",
        "__slots__",
        "__new__",
    ] {
        if class.lookup(cx, cx.name(name, g)?).is_some() {
            return Err(BailKind::Unsupported.at(g));
        }
    }
    instance_new(cx, class, Value::None, g)
}

fn is_atom(v: Value<'_>) -> bool {
    match v {
        Value::None | Value::NotImplemented | Value::Ellipsis | Value::Bool(_) | Value::Int(_) | Value::Big(_) => true,
        Value::Float(_) | Value::Str(_) | Value::Bytes(_) | Value::Range(_) | Value::Class(_) => true,
        Value::Function(_) | Value::Builtin(_) => true,
        Value::Tuple(_) => true,
        Value::Set(set) => set.is_frozen(),
        _ => false,
    }
}

fn deepcopy<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    deep(cx, *v, g)
}

/// `deepcopy(v)`
pub(super) fn deep<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    Copier { cx, g, memo: HashMap::new() }.copy(v)
}

/// What was copied already, by address.
struct Copier<'a> {
    cx: &'a Cx<'a>,
    g: u32,
    memo: HashMap<usize, Value<'a>>,
}

impl<'a> Copier<'a> {
    fn copy(&mut self, v: Value<'a>) -> Result<Value<'a>> {
        let (cx, g) = (self.cx, self.g);
        cx.tick(g)?;
        if let Value::Object(object) = v
            && let Some(copied) = object.get().copied(cx, g)?
        {
            return Ok(copied);
        }
        let Some(address) = address(v) else {
            return match is_atom(v) {
                true => Ok(v),
                false => Err(BailKind::Unsupported.at(g)),
            };
        };
        if let Some(known) = self.memo.get(&address) {
            return Ok(*known);
        }
        // So many frames, at most, CPython has for one level.
        (0..4).try_for_each(|_| cx.enter(g))?;
        let made = self.container(v, address)?;
        (0..4).for_each(|_| cx.leave());
        self.memo.insert(address, made);
        Ok(made)
    }

    fn container(&mut self, v: Value<'a>, address: usize) -> Result<Value<'a>> {
        let (cx, g) = (self.cx, self.g);
        match v {
            Value::List(list) => {
                let made = list_new(cx, &[], g)?;
                self.memo.insert(address, Value::List(made));
                for item in list.to_vec() {
                    crate::method::list_append(cx, made, self.copy(item)?, g)?;
                }
                Ok(Value::List(made))
            }
            Value::Dict(dict) if dict.kind() == Type::Dict => {
                let made = dict_new(cx, &[], g)?;
                self.memo.insert(address, Value::Dict(made));
                let entries: Vec<(Value<'a>, Value<'a>)> = dict.entries().collect();
                for (key, value) in entries {
                    made.set(cx, self.copy(key)?, self.copy(value)?, g)?;
                }
                Ok(Value::Dict(made))
            }
            Value::Tuple(tuple) => {
                let items = tuple.items().iter().map(|item| self.copy(*item)).collect::<Result<Vec<_>>>()?;
                // One whose items all stay themselves stays itself.
                if items.iter().zip(tuple.items()).all(|(copied, item)| same(*copied, *item)) {
                    return Ok(v);
                }
                // A cycle through it made the copy already.
                match self.memo.get(&address) {
                    Some(known) => Ok(*known),
                    None => tuple_new(cx, &items, g).map(Value::Tuple),
                }
            }
            // Sets are made anew from their items, whose order in the table then may differ.
            Value::Set(set) if set.items().all(is_atom) => {
                let items: Vec<Value<'a>> = set.items().collect();
                crate::set_new(cx, set.is_frozen(), &items, g).map(Value::Set)
            }
            Value::Instance(instance) => {
                if attr::special(cx, v, "__deepcopy__", g)?.is_some() {
                    return Err(BailKind::Unsupported.at(g));
                }
                if let crate::class::Form::Enum(_) = instance.class().form() {
                    return Ok(v);
                }
                let made = blank(cx, instance, g)?;
                self.memo.insert(address, Value::Instance(made));
                if let Some(dict) = instance.attributes(g)? {
                    let own = made.dict(cx, g)?;
                    let entries: Vec<(Value<'a>, Value<'a>)> = dict.entries().collect();
                    for (name, value) in entries {
                        own.set(cx, name, self.copy(value)?, g)?;
                    }
                }
                Ok(Value::Instance(made))
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

/// Whether a copy is what it was made of.
fn same(l: Value<'_>, r: Value<'_>) -> bool {
    match (address(l), address(r)) {
        (Some(l), Some(r)) => l == r,
        // Atoms are not copied.
        (None, None) => true,
        _ => false,
    }
}

/// Where a container is, which tells it from others.
pub(super) fn address(v: Value<'_>) -> Option<usize> {
    match v {
        Value::List(list) => Some(list.address()),
        Value::Dict(dict) => Some(dict.address()),
        Value::Tuple(tuple) if !tuple.items().is_empty() => Some(tuple.items().as_ptr().addr()),
        Value::Set(set) => Some(set.address()),
        Value::Instance(instance) => Some(std::ptr::from_ref(instance.0).addr()),
        _ => None,
    }
}
