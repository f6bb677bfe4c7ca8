//! Objects of the module that generated code makes when they are first read.

use crate::class::{Dataclass, Field, Form};
use crate::function::Code;
use crate::library::deque::{Deque, as_deque};
use crate::python_hash::{Holds, python_hash};
use crate::{
    Args, BailKind, Class, Cx, DictKind, Obj, Ref, Result, Str, Type, Value, dict_new, function_new, instance_new,
    list_new, object_new, set_new,
};

/// Something that the native language does not have, as a part of something that it has: touching it bails out.
struct Foreign;

/// A value that bails out when it is used.
pub fn foreign<'a>(cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, Foreign, g)
}

impl<'a> Obj<'a> for Foreign {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, _name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Err(BailKind::Unsupported.at(g))
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, _cx: &'a Cx<'a>, _this: Value<'a>, _args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        Err(BailKind::Unsupported.at(g))
    }

    fn len(&self, _cx: &'a Cx<'a>, g: u32) -> Result<Option<usize>> {
        Err(BailKind::Unsupported.at(g))
    }

    fn contains(&self, _cx: &'a Cx<'a>, _item: Value<'a>, g: u32) -> Result<Option<bool>> {
        Err(BailKind::Unsupported.at(g))
    }
}

/// An item of a container of the module.
#[derive(Copy, Clone)]
pub enum Item {
    /// `None`
    None,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text, by its place in the table of literals.
    Str(u32),
    /// Another object of the module.
    Made(for<'a> fn(&'a Cx<'a>) -> Result<Value<'a>>),
}

/// The values of a table.
pub fn items<'a>(cx: &'a Cx<'a>, table: &[Item]) -> Result<Vec<Value<'a>>> {
    let value = |item: &Item| {
        Ok(match *item {
            Item::None => Value::None,
            Item::Bool(value) => Value::bool(value),
            Item::Int(value) => Value::Int(value),
            Item::Float(value) => Value::float(value),
            Item::Str(index) => Value::Str(cx.literal(index)),
            Item::Made(make) => make(cx)?,
        })
    };
    table.iter().map(value).collect()
}

/// A function of the module, whose attributes live in Python.
pub fn function<'a>(
    cx: &'a Cx<'a>,
    code: &'static Code,
    defaults: &[(usize, Value<'a>)],
    cells: &[Ref<'a, Value<'a>>],
    g: u32,
) -> Result<Value<'a>> {
    let function = function_new(cx, code, defaults, cells, g)?;
    if let Value::Function(function) = function {
        function.freeze();
    }
    Ok(function)
}

/// A set of the module from its items in the order in which it gives them.
///
/// Where entering them one after another leads to another order, the order is not relied on.
pub fn set<'a>(cx: &'a Cx<'a>, is_frozenset: bool, items: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let set = cx.keep(|| set_new(cx, is_frozenset, items, g))?;
    let mut same = set.len() == items.len();
    for (l, r) in set.items().zip(items) {
        // The order that was recorded may be that of another process.
        same = same && crate::op::eq(cx, l, *r, g)? && python_hash(cx, l, g)?.holds == Holds::Everywhere;
    }
    if !same {
        set.forget_order();
    }
    set.freeze();
    Ok(Value::Set(set))
}

/// An empty list of the module; [`List::freeze`](crate::List::freeze) it once it is filled.
pub fn list<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let list = list_new(cx, items, g)?;
    Ok(Value::List(list))
}

/// Fills a list of the module.
pub fn fill_list<'a>(cx: &'a Cx<'a>, list: Value<'a>, items: &[Value<'a>], g: u32) -> Result<()> {
    let Value::List(list) = list else { return Err(BailKind::Unsupported.at(g)) };
    cx.keep(|| list.assign(cx, items, g))?;
    list.freeze();
    Ok(())
}

/// An empty dict of that class of the module `collections`; `factory` is what makes the values of a `defaultdict`.
pub fn dict_of<'a>(cx: &'a Cx<'a>, class: &str, factory: Value<'a>, g: u32) -> Result<Value<'a>> {
    let dict = dict_new(cx, &[], g)?;
    dict.set_form(match class {
        "collections.Counter" => DictKind::Counter,
        "collections.OrderedDict" => DictKind::Ordered,
        "collections.defaultdict" => DictKind::Default(factory),
        _ => return Err(BailKind::Unsupported.at(g)),
    });
    Ok(Value::Dict(dict))
}

/// An empty deque of the module, which holds so many items at most.
pub fn deque<'a>(cx: &'a Cx<'a>, most: Option<usize>, g: u32) -> Result<Value<'a>> {
    object_new(cx, Deque::new(cx, most, g)?, g)
}

/// Fills a deque of the module.
pub fn fill_deque<'a>(cx: &'a Cx<'a>, deque: Value<'a>, items: &[Value<'a>], g: u32) -> Result<()> {
    let Some(deque) = as_deque(deque) else { return Err(BailKind::Unsupported.at(g)) };
    cx.keep(|| deque.refill(cx, items, g))?;
    deque.owner().freeze();
    Ok(())
}

/// Fills a dict of the module.
pub fn fill_dict<'a>(cx: &'a Cx<'a>, dict: Value<'a>, items: &[(Value<'a>, Value<'a>)], g: u32) -> Result<()> {
    let Value::Dict(dict) = dict else { return Err(BailKind::Unsupported.at(g)) };
    cx.keep(|| items.iter().try_for_each(|(key, value)| dict.set(cx, *key, *value, g)))?;
    dict.freeze();
    Ok(())
}

/// Fills a dict of the module with keys and values in turn.
pub fn fill_dict_of<'a>(cx: &'a Cx<'a>, dict: Value<'a>, items: &[Value<'a>], g: u32) -> Result<()> {
    let pairs: Vec<(Value<'a>, Value<'a>)> = items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    fill_dict(cx, dict, &pairs, g)
}

/// Says that a class decides by itself what its subclasses are.
pub fn hooked(class: Value<'_>, g: u32) -> Result<()> {
    let Value::Class(class) = class else { return Err(BailKind::Unsupported.at(g)) };
    class.set_hooked();
    Ok(())
}

/// Says which classes are subclasses of a class by registration.
pub fn register<'a>(cx: &'a Cx<'a>, class: Value<'a>, registered: &[Value<'a>], g: u32) -> Result<()> {
    let Value::Class(class) = class else { return Err(BailKind::Unsupported.at(g)) };
    let mut classes = Vec::with_capacity(registered.len());
    for known in registered {
        let Value::Class(known) = known else { return Err(BailKind::Unsupported.at(g)) };
        classes.push(*known);
    }
    class.set_registered(cx.alloc_slice(classes.len(), |at| classes[at], g)?);
    Ok(())
}

/// A class of the module, whose attributes follow.
pub fn class<'a>(cx: &'a Cx<'a>, name: Str<'a>, qualname: Str<'a>, bases: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let mut classes: Vec<Class<'a>> = Vec::with_capacity(bases.len());
    for base in bases {
        let Value::Class(class) = base else { return Err(BailKind::Unsupported.at(g)) };
        classes.push(*class);
    }
    crate::class_new(cx, name, qualname, &classes, dict_new(cx, &[], g)?, g).map(Value::Class)
}

/// Gives a class of the module its attributes.
pub fn fill_class<'a>(cx: &'a Cx<'a>, class: Value<'a>, items: &[(Str<'a>, Value<'a>)], g: u32) -> Result<()> {
    let Value::Class(class) = class else { return Err(BailKind::Unsupported.at(g)) };
    for (name, value) in items {
        class.dict().set(cx, Value::Str(*name), *value, g)?;
    }
    class.dict().freeze();
    cx.class_changed();
    Ok(())
}

/// Makes a class of the module a named tuple.
pub fn named_tuple<'a>(cx: &'a Cx<'a>, class: Value<'a>, fields: &[Str<'a>], g: u32) -> Result<()> {
    let Value::Class(class) = class else { return Err(BailKind::Unsupported.at(g)) };
    class.set_form(Form::NamedTuple(cx.alloc_slice(fields.len(), |at| fields[at], g)?));
    Ok(())
}

/// Makes a class of the module an enumeration.
pub fn enumeration<'a>(cx: &'a Cx<'a>, class: Value<'a>, members: &[(Str<'a>, Value<'a>)], g: u32) -> Result<()> {
    let Value::Class(class) = class else { return Err(BailKind::Unsupported.at(g)) };
    class.set_form(Form::Enum(cx.alloc_slice(members.len(), |at| members[at], g)?));
    Ok(())
}

/// Makes a class of the module a dataclass.
pub fn dataclass<'a>(
    cx: &'a Cx<'a>,
    class: Value<'a>,
    fields: &[Field<'a>],
    generated: &'static [&'static str],
    frozen: bool,
    g: u32,
) -> Result<()> {
    let Value::Class(class) = class else { return Err(BailKind::Unsupported.at(g)) };
    let fields = cx.alloc_slice(fields.len(), |at| fields[at], g)?;
    let form = cx.alloc(Dataclass { fields, frozen }, g)?;
    class.set_form(Form::Dataclass(form));
    for name in generated {
        // The recorder names what assigning to a frozen instance calls, too; that goes by the form.
        if let Some(method) = crate::dataclass::generated(cx, form, name, g)? {
            class.dict().set(cx, Value::Str(cx.name(name, g)?), method, g)?;
        }
    }
    cx.class_changed();
    Ok(())
}

/// An object of the library class of that name, which never changes.
pub fn construct<'a>(cx: &'a Cx<'a>, class: &str, args: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    match class {
        "requests.Session" => return crate::library::session_of_module(cx, args, g),
        "httpx.Client" => return crate::library::client_of_module(cx, args, g),
        "logging.Manager" => return crate::library::logging::manager_of_module(cx, args, g),
        "logging.Logger" => return crate::library::logging::logger_of_module(cx, args, g),
        _ => {}
    }
    crate::call::call_with(cx, crate::library::value(cx, class, g)?, args, g)
}

/// An instance of a class of the module, whose attributes follow; `payload` is what it holds as one of a built-in class.
pub fn instance<'a>(cx: &'a Cx<'a>, class: Value<'a>, payload: Value<'a>, g: u32) -> Result<Value<'a>> {
    let Value::Class(class) = class else { return Err(BailKind::Unsupported.at(g)) };
    instance_new(cx, class, payload, g).map(Value::Instance)
}

/// Gives an instance of the module its attributes.
pub fn fill_instance<'a>(cx: &'a Cx<'a>, instance: Value<'a>, items: &[(Str<'a>, Value<'a>)], g: u32) -> Result<()> {
    let Value::Instance(instance) = instance else { return Err(BailKind::Unsupported.at(g)) };
    let dict = instance.dict(cx, g)?;
    for (name, value) in items {
        dict.set(cx, Value::Str(*name), *value, g)?;
        // A member of an enumeration of ints or strings is one too.
        if name.text() == "_value_" && matches!(instance.class().layout(), Type::Int | Type::Str | Type::Float) {
            instance.set_payload(*value);
        }
    }
    dict.freeze();
    Ok(())
}
