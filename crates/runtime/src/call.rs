//! Calls of whatever can be called (`PyObject_Call`), and how classes make instances (`type_call`).

use crate::abstract_classes::{belongs, is_abstract};
use crate::class::Form;
use crate::exception::untold;
use crate::iter::ask_length;
use crate::lookup::Special;
use crate::{
    Args, BailKind, Class, Cx, Instance, Method, MethodFunction, Result, Str, Type, Value, attr, builtin, enums,
    exception, instance_new, iter_next, iter_value, method, named_tuple,
};

/// `callee(*args)`
pub fn call<'a>(cx: &'a Cx<'a>, callee: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match callee {
        Value::Function(function) => function.call(cx, args, g),
        Value::Builtin(builtin) => (builtin.call)(cx, args, g),
        Value::Class(class) => construct(cx, class, args, g),
        Value::Method(method) => call_bound(cx, method, args, g),
        Value::Object(object) if object.get().is_callable() => object.get().call(cx, callee, args, g),
        Value::Instance(_) => match attr::special(cx, callee, "__call__", g)? {
            Some(function) => with_receiver(cx, function, callee, args, g),
            None => Err(not_callable(cx, callee, g)),
        },
        _ => Err(not_callable(cx, callee, g)),
    }
}

/// `callee(a, b, …)`
pub fn call_with<'a>(cx: &'a Cx<'a>, callee: Value<'a>, args: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    call(cx, callee, Args::of(args), g)
}

fn not_callable<'a>(cx: &'a Cx<'a>, callee: Value<'a>, g: u32) -> crate::Bail {
    cx.raise(Type::TypeError, &format!("'{}' object is not callable", crate::class::type_name(callee)), g)
}

/// `receiver.name(*args)`, without making the bound method where none is needed.
pub fn call_method<'a>(
    cx: &'a Cx<'a>,
    receiver: Value<'a>,
    name: Str<'a>,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    match receiver {
        Value::Instance(instance) => {
            if instance.class().special(cx, Special::GetAttribute, g)?.is_some() {
                return Err(BailKind::Unsupported.at(g));
            }
            let found = instance.class().lookup(cx, name);
            // An attribute of the instance hides a method.
            let hidden = instance.has_own(cx, name);
            match found {
                Some(Value::Function(function)) if !hidden => {
                    with_receiver(cx, Value::Function(function), receiver, args, g)
                }
                None if !hidden && attr::has_builtin_method(instance, name.text()) => {
                    method::call(cx, receiver, name.text(), args, g)
                }
                _ => call(cx, attr::get(cx, receiver, name, g)?, args, g),
            }
        }
        Value::Object(object) if object.get().has_method(name.text()) => {
            object.get().method(cx, receiver, name.text(), args, g)
        }
        Value::Class(_) | Value::Object(_) | Value::Function(_) | Value::Builtin(_) | Value::Method(_) => {
            call(cx, attr::get(cx, receiver, name, g)?, args, g)
        }
        _ => method::call(cx, receiver, name.text(), args, g),
    }
}

/// `function(receiver, *args)`
pub(crate) fn with_receiver<'a>(
    cx: &'a Cx<'a>,
    function: Value<'a>,
    receiver: Value<'a>,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    const MOST: usize = 8;
    let count = args.pos.len() + 1;
    if count <= MOST {
        let mut all = [Value::None; MOST];
        all[0] = receiver;
        all[1..count].copy_from_slice(args.pos);
        call(cx, function, Args { pos: &all[..count], kw: args.kw }, g)
    } else {
        let all: Vec<Value<'a>> = std::iter::once(receiver).chain(args.pos.iter().copied()).collect();
        call(cx, function, Args { pos: &all, kw: args.kw }, g)
    }
}

fn call_bound<'a>(cx: &'a Cx<'a>, bound: &'a Method<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match bound.function {
        MethodFunction::Function(function) => with_receiver(cx, function, bound.receiver, args, g),
        MethodFunction::Named(name) => call_method(cx, bound.receiver, name, args, g),
        MethodFunction::Base(class, name) => attr::call_base(cx, class, bound.receiver, name.text(), args, g),
        MethodFunction::Unbound(class, name) => match args.pos.split_first() {
            Some((first, rest)) => {
                let fits = class.layout() == Type::Object || crate::class_of(cx, *first, g)?.is(class);
                if !fits {
                    return Err(BailKind::Exception.at(g));
                }
                attr::call_base(cx, class, *first, name.text(), Args { pos: rest, kw: args.kw }, g)
            }
            None => Err(BailKind::Exception.at(g)),
        },
        MethodFunction::OfClass(class, name) => method::call_of_class(cx, class, name.text(), args, g),
    }
}

/// `class(*args)`
pub(crate) fn construct<'a>(cx: &'a Cx<'a>, class: Class<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if let Some(ty) = class.builtin() {
        return match ty.is(Type::BaseException) {
            true => exception::make(cx, class, args, g),
            false => builtin::construct(cx, ty, args, g),
        };
    }
    if let Form::Enum(_) = class.form() {
        return enums::by_value(cx, class, args, g);
    }
    // Nothing here tells when the last reference goes.
    if class.special(cx, Special::Del, g)?.is_some() {
        return Err(BailKind::Unsupported.at(g));
    }
    let made = match class.special(cx, Special::New, g)? {
        Some(function) => {
            let function = match function {
                Value::Object(object) => object.get().as_static_method().unwrap_or(function),
                _ => function,
            };
            with_receiver(cx, function, Value::Class(class), args, g)?
        }
        None => return initialise(cx, class, new_instance(cx, class, args, g)?, args, g),
    };
    match made {
        Value::Instance(instance) if instance.class().is(class) => initialise(cx, instance.class(), made, args, g),
        _ => Ok(made),
    }
}

/// `object.__new__(class)`, or that of the built-in class that it inherits from.
pub(crate) fn new_instance<'a>(cx: &'a Cx<'a>, class: Class<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if let Form::NamedTuple(fields) = class.form() {
        return named_tuple::make(cx, class, fields, args, g);
    }
    if attr::is_abstract(cx, class, g)? {
        return Err(BailKind::Exception.at(g));
    }
    let payload = match class.layout() {
        Type::Object => Value::None,
        ty if ty.is(Type::BaseException) => return exception::make(cx, class, Args::of(args.pos), g),
        // Mutable ones are filled by `__init__`.
        ty @ (Type::List | Type::Dict | Type::Set | Type::OrderedDict) => builtin::construct(cx, ty, Args::of(&[]), g)?,
        ty @ (Type::Int | Type::Float | Type::Str | Type::Bytes | Type::Tuple | Type::FrozenSet) => {
            builtin::construct(cx, ty, args, g)?
        }
        _ => return Err(BailKind::Unsupported.at(g)),
    };
    Ok(Value::Instance(instance_new(cx, class, payload, g)?))
}

fn initialise<'a>(cx: &'a Cx<'a>, class: Class<'a>, made: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match class.special(cx, Special::Init, g)? {
        Some(function) => match with_receiver(cx, function, made, args, g)? {
            Value::None => {}
            other => {
                let text = format!("__init__() should return None, not '{}'", crate::class::type_name(other));
                return Err(cx.raise(Type::TypeError, &text, g));
            }
        },
        None => {
            let Value::Instance(instance) = made else { return Ok(made) };
            init_builtin(cx, class, instance, args, g)?;
        }
    }
    Ok(made)
}

/// The `__init__` of the built-in class that `class` inherits from, or the one that its form has.
pub(crate) fn init_builtin<'a>(
    cx: &'a Cx<'a>,
    class: Class<'a>,
    instance: Instance<'a>,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<()> {
    if let Form::NamedTuple(_) = class.form() {
        return Ok(());
    }
    match (class.layout(), instance.payload()) {
        (Type::Object, _) if args.pos.is_empty() && args.kw.is_empty() => Ok(()),
        // Arguments are an error only where `__new__` is not the program's own.
        (Type::Object, _) if class.special(cx, Special::New, g)?.is_some() => Ok(()),
        (Type::Object, _) => {
            Err(cx.raise(Type::TypeError, &format!("{}() takes no arguments", class.name().text()), g))
        }
        (ty, _) if ty.is(Type::BaseException) => match args.kw {
            [] => {
                instance.set_payload(Value::Tuple(crate::tuple_new(cx, args.pos, g)?));
                Ok(())
            }
            _ => Err(BailKind::Exception.at(g)),
        },
        (Type::List, Value::List(list)) => match (args.pos, args.kw) {
            ([], []) => Ok(()),
            ([source], []) => method::list_extend(cx, list, *source, g),
            _ => Err(BailKind::Exception.at(g)),
        },
        (Type::Dict | Type::OrderedDict, payload @ Value::Dict(_)) => {
            method::call(cx, payload, "update", args, g).map(|_| ())
        }
        (Type::Set, payload @ Value::Set(_)) => match (args.pos, args.kw) {
            ([], []) => Ok(()),
            ([source], []) => method::call(cx, payload, "update", Args::of(&[*source]), g).map(|_| ()),
            _ => Err(BailKind::Exception.at(g)),
        },
        _ => Ok(()),
    }
}

/// An argument as a call with stars writes it.
#[derive(Copy, Clone)]
pub enum Argument<'a> {
    /// `value`
    Positional(Value<'a>),
    /// `*value`
    Star(Value<'a>),
    /// `name=value`
    Keyword(Str<'a>, Value<'a>),
    /// `**value`
    DoubleStar(Value<'a>),
}

/// `callee(*args)` with stars.
pub fn call_spread<'a>(cx: &'a Cx<'a>, callee: Value<'a>, args: &[Argument<'a>], g: u32) -> Result<Value<'a>> {
    let (pos, kw) = spread(cx, args, g)?;
    call(cx, callee, Args { pos: &pos, kw: &kw }, g)
}

/// `receiver.name(*args)` with stars.
pub fn call_method_spread<'a>(
    cx: &'a Cx<'a>,
    receiver: Value<'a>,
    name: Str<'a>,
    args: &[Argument<'a>],
    g: u32,
) -> Result<Value<'a>> {
    let (pos, kw) = spread(cx, args, g)?;
    call_method(cx, receiver, name, Args { pos: &pos, kw: &kw }, g)
}

type Spread<'a> = (Vec<Value<'a>>, Vec<(Str<'a>, Value<'a>)>);

fn spread<'a>(cx: &'a Cx<'a>, args: &[Argument<'a>], g: u32) -> Result<Spread<'a>> {
    let (mut pos, mut kw) = (Vec::new(), Vec::<(Str<'a>, Value<'a>)>::new());
    let mut add = |name: Str<'a>, value| match kw.iter().any(|(known, _)| known.text() == name.text()) {
        true => Err(BailKind::Exception.at(g)),
        false => {
            kw.push((name, value));
            Ok(())
        }
    };
    for arg in args {
        match *arg {
            Argument::Positional(value) => pos.push(value),
            Argument::Star(value) => {
                if !iterable(value) {
                    return Err(BailKind::Exception.at(g));
                }
                // A `TypeError` has another text here.
                let items = iter_value(cx, value, g).map_err(|bail| untold(cx, bail, Type::TypeError, g))?;
                ask_length(cx, value, g)?;
                while let Some(item) = iter_next(cx, items, g)? {
                    cx.tick(g)?;
                    cx.reserve(pos.len() * size_of::<Value<'_>>(), g)?;
                    pos.push(item);
                }
            }
            Argument::Keyword(name, value) => add(name, value)?,
            Argument::DoubleStar(value) => match crate::plain(value) {
                Value::Dict(dict) => {
                    for (key, value) in dict.entries() {
                        let Value::Str(name) = key else { return Err(BailKind::Exception.at(g)) };
                        add(name, value)?;
                    }
                }
                _ => return Err(BailKind::Unsupported.at(g)),
            },
        }
    }
    Ok((pos, kw))
}

/// Whether iterating cannot but work, so that the error's text is not that of the call.
fn iterable(v: Value<'_>) -> bool {
    !matches!(v, Value::None | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Function(_))
}

/// `issubclass(class, of)` (`Lib/_abc.py` for what is registered).
pub(crate) fn is_subclass<'a>(cx: &'a Cx<'a>, class: Class<'a>, of: Class<'a>, g: u32) -> Result<bool> {
    if let Some(ty) = of.builtin()
        && is_abstract(of)
    {
        return belongs(cx, class, ty, g);
    }
    if of.is_hooked() && !class.same(of) {
        return Err(BailKind::Unsupported.at(g));
    }
    if class.is(of) {
        return Ok(true);
    }
    for known in of.registered() {
        if is_subclass(cx, class, *known, g)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `isinstance(v, class)` for a class or a tuple of them.
#[inline]
pub fn is_instance<'a>(cx: &'a Cx<'a>, v: Value<'a>, class: Value<'a>, g: u32) -> Result<bool> {
    match class {
        Value::Class(of) if let Some(is) = is_plainly(v, of) => Ok(is),
        _ => is_instance_of_any(cx, v, class, g),
    }
}

/// The same of a value of the commonest types and one of these, about which no class has a say.
#[inline]
fn is_plainly<'a>(v: Value<'a>, of: Class<'a>) -> Option<bool> {
    let of = of.builtin()?;
    Some(match (v, of) {
        (Value::Instance(_) | Value::Object(_) | Value::Class(_), _) => return None,
        (_, Type::Str) => matches!(v, Value::Str(_)),
        (_, Type::Int) => matches!(v, Value::Int(_) | Value::Big(_) | Value::Bool(_)),
        (_, Type::Float) => matches!(v, Value::Float(_)),
        (_, Type::Bool) => matches!(v, Value::Bool(_)),
        (_, Type::Dict) => matches!(v, Value::Dict(_)),
        (_, Type::List) => matches!(v, Value::List(_)),
        (_, Type::Tuple) => matches!(v, Value::Tuple(_)),
        _ => return None,
    })
}

#[inline(never)]
fn is_instance_of_any<'a>(cx: &'a Cx<'a>, v: Value<'a>, class: Value<'a>, g: u32) -> Result<bool> {
    match class {
        Value::Class(class) => {
            if attr::special(cx, Value::Class(class), "__instancecheck__", g)?.is_some() {
                return Err(BailKind::Unsupported.at(g));
            }
            // The class of an enumeration has methods of its own.
            match (class.builtin(), v) {
                (Some(_), Value::Class(v)) if is_abstract(class) && !matches!(v.form(), Form::Plain) => {
                    Err(BailKind::Unsupported.at(g))
                }
                _ => is_subclass(cx, crate::class_of(cx, v, g)?, class, g),
            }
        }
        Value::Tuple(classes) => {
            for class in classes.items() {
                if is_instance(cx, v, *class, g)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
