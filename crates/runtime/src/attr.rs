//! Attributes (`PyObject_GenericGetAttr`, `type_getattro`): reading, storing, deleting; and special methods.

use crate::library::datetime::is_temporal;
use crate::library::deque::as_deque;
use crate::lookup::Special;
use crate::{
    Args, Bail, BailKind, Class, Cx, Function, Instance, Method, MethodFunction, Result, Str, Type, Value, call,
    class_of, exception, method, op, static_attr, tuple_new,
};

/// `object.name`
pub fn get<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, g: u32) -> Result<Value<'a>> {
    match find(cx, object, name, g)? {
        Some(value) => Ok(value),
        None => Err(missing(cx, object, name, g)),
    }
}

/// `object.name`, or none where CPython raises an `AttributeError`.
pub fn find<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, g: u32) -> Result<Option<Value<'a>>> {
    match object {
        Value::Instance(instance) => instance_attr(cx, instance, name, g),
        Value::Class(class) => class_attr(cx, class, name, g),
        Value::Function(function) => function_attr(cx, function, name, g),
        Value::Object(inner) => {
            if let Some(value) = inner.get().attr(cx, object, name.text(), g)? {
                return Ok(Some(value));
            }
            if inner.get().has_method(name.text()) {
                return bound(cx, object, MethodFunction::Named(name), g).map(Some);
            }
            if name.text() == "__class__" {
                return Ok(Some(Value::Class(class_of(cx, object, g)?)));
            }
            // Whether CPython's type has it is not known here.
            Err(BailKind::Unsupported.at(g))
        }
        Value::Dict(dict) if name.text() == "default_factory" => match dict.form() {
            crate::DictKind::Default(factory) => Ok(Some(factory)),
            _ => Ok(None),
        },
        _ => {
            if name.text() == "__class__" {
                return Ok(Some(Value::Class(class_of(cx, object, g)?)));
            }
            if let Value::Builtin(function) = object
                && let Some(found) = crate::library::member(function, name.text())
            {
                return Ok(Some(Value::Builtin(found)));
            }
            if let Some(value) = static_attr::of_value(cx, object, name.text(), g)? {
                return Ok(Some(value));
            }
            if method::exists(crate::type_of(object), name.text()) {
                return bound(cx, object, MethodFunction::Named(name), g).map(Some);
            }
            if name.text().starts_with("__") || method::is_unknown(crate::type_of(object), name.text()) {
                return Err(BailKind::Unsupported.at(g));
            }
            Ok(None)
        }
    }
}

fn bound<'a>(cx: &'a Cx<'a>, receiver: Value<'a>, function: MethodFunction<'a>, g: u32) -> Result<Value<'a>> {
    Ok(Value::Method(cx.alloc(Method { receiver, function }, g)?))
}

/// The `AttributeError` of an attribute that is not there.
#[cold]
fn missing<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, g: u32) -> Bail {
    let text = match object {
        // `EnumType.__getattr__` raises another one.
        Value::Class(class) if matches!(class.form(), crate::class::Form::Enum(_)) => {
            return BailKind::Unsupported.at(g);
        }
        Value::Class(class) => format!("type object '{}' has no attribute '{}'", class.name().text(), name.text()),
        _ => format!("'{}' object has no attribute '{}'", crate::class::type_name(object), name.text()),
    };
    cx.raise(Type::AttributeError, &text, g)
}

fn instance_attr<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, name: Str<'a>, g: u32) -> Result<Option<Value<'a>>> {
    let class = instance.class();
    let object = Value::Instance(instance);
    if class.special(cx, Special::GetAttribute, g)?.is_some() {
        return Err(BailKind::Unsupported.at(g));
    }
    let (inherited, own) = class.lookup_with(cx, instance, name);
    if let Some(Value::Object(descriptor)) = inherited
        && let Some(property) = descriptor.get().as_property()
    {
        return match property.get.get() {
            Value::None => Err(BailKind::Exception.at(g)),
            function => match call::call_with(cx, function, &[object], g) {
                Ok(value) => Ok(Some(value)),
                Err(bail) => property_failed(cx, instance, name, bail, g),
            },
        };
    }
    if let Some(Value::Instance(descriptor)) = inherited
        && is_descriptor(cx, descriptor, g)?
    {
        return Err(BailKind::Unsupported.at(g));
    }
    if let Some(own) = own {
        return Ok(Some(own.get()));
    }
    if let Some(value) = inherited {
        return bind(cx, value, object, class, g).map(Some);
    }
    if let Some(value) = static_attr::of_instance(cx, instance, name, g)? {
        return Ok(Some(value));
    }
    if has_builtin_method(instance, name.text()) {
        return bound(cx, object, MethodFunction::Named(name), g).map(Some);
    }
    if let Some(function) = class.special(cx, Special::GetAttr, g)? {
        return call::call_with(cx, function, &[object, Value::Str(name)], g).map(Some);
    }
    if name.text().starts_with("__") {
        return Err(BailKind::Unsupported.at(g));
    }
    Ok(None)
}

/// After an `AttributeError` of a property, `__getattr__` is asked (`slot_tp_getattr_hook`).
#[cold]
fn property_failed<'a>(
    cx: &'a Cx<'a>,
    instance: Instance<'a>,
    name: Str<'a>,
    bail: Bail,
    g: u32,
) -> Result<Option<Value<'a>>> {
    let raised = cx.catch(bail)?;
    match instance.class().special(cx, Special::GetAttr, g)? {
        Some(function) if crate::is_a(raised, Type::AttributeError) => {
            call::call_with(cx, function, &[Value::Instance(instance), Value::Str(name)], g).map(Some)
        }
        _ => Err(cx.rethrow(raised, g)),
    }
}

/// Whether an instance's built-in class has a method of that name.
pub(crate) fn has_builtin_method(instance: Instance<'_>, name: &str) -> bool {
    match instance.class().layout() {
        Type::Object => false,
        ty if ty.is(Type::BaseException) => matches!(name, "with_traceback" | "add_note"),
        Type::Tuple if crate::named_tuple::has_method(name) => {
            matches!(instance.class().form(), crate::class::Form::NamedTuple(_))
        }
        ty => method::exists(ty, name),
    }
}

/// What `value`, found in the class `owner`, is when read through `object`.
fn bind<'a>(cx: &'a Cx<'a>, value: Value<'a>, object: Value<'a>, owner: Class<'a>, g: u32) -> Result<Value<'a>> {
    match value {
        Value::Function(_) => bound(cx, object, MethodFunction::Function(value), g),
        Value::Object(descriptor) => {
            if let Some(function) = descriptor.get().as_static_method() {
                return Ok(function);
            }
            if let Some(function) = descriptor.get().as_class_method() {
                return bound(cx, Value::Class(owner), MethodFunction::Function(function), g);
            }
            if descriptor.get().binds() {
                return bound(cx, object, MethodFunction::Function(value), g);
            }
            Ok(value)
        }
        _ => Ok(value),
    }
}

fn is_descriptor<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, g: u32) -> Result<bool> {
    for name in ["__get__", "__set__"] {
        if instance.class().lookup(cx, cx.name(name, g)?).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn class_attr<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>, g: u32) -> Result<Option<Value<'a>>> {
    if let Some(value) = class.lookup(cx, name) {
        if let Value::Object(descriptor) = value {
            if let Some(function) = descriptor.get().as_static_method() {
                return Ok(Some(function));
            }
            if let Some(function) = descriptor.get().as_class_method() {
                return bound(cx, Value::Class(class), MethodFunction::Function(function), g).map(Some);
            }
        }
        if let Value::Instance(descriptor) = value
            && is_descriptor(cx, descriptor, g)?
        {
            return Err(BailKind::Unsupported.at(g));
        }
        return Ok(Some(value));
    }
    if let Some(value) = static_attr::of_class(cx, class, name, g)? {
        return Ok(Some(value));
    }
    let layout = class.layout();
    if let (crate::class::Form::NamedTuple(_), "_make") = (class.form(), name.text()) {
        return bound(cx, Value::Class(class), MethodFunction::OfClass(class, name), g).map(Some);
    }
    if method::exists_of_class(layout, name.text()) {
        return bound(cx, Value::Class(class), MethodFunction::OfClass(class, name), g).map(Some);
    }
    let inherited = (layout != Type::Object && method::exists(layout, name.text())) || is_object_method(name.text());
    if inherited || layout.is(Type::BaseException) && name.text() == "__init__" {
        return bound(cx, Value::Class(class), MethodFunction::Unbound(class, name), g).map(Some);
    }
    if name.text().starts_with("__") || class.builtin().is_some() {
        return Err(BailKind::Unsupported.at(g));
    }
    Ok(None)
}

/// The methods of `object` that programs call by name.
fn is_object_method(name: &str) -> bool {
    matches!(name, "__init__" | "__new__" | "__setattr__" | "__getattribute__" | "__delattr__" | "__repr__" | "__str__")
        || matches!(name, "__eq__" | "__ne__" | "__hash__" | "__init_subclass__")
}

fn function_attr<'a>(cx: &'a Cx<'a>, function: Function<'a>, name: Str<'a>, g: u32) -> Result<Option<Value<'a>>> {
    if let Some(value) = function.attribute(cx, name, g)? {
        return Ok(Some(value));
    }
    match name.text() {
        "__name__" => function.name(cx, g).map(|name| Some(Value::Str(name))),
        "__qualname__" => crate::str_new(cx, function.code().qualname, g).map(|name| Some(Value::Str(name))),
        "__dict__" => function.dict(cx, g).map(|dict| Some(Value::Dict(dict))),
        text if text.starts_with("__") => Err(BailKind::Unsupported.at(g)),
        _ => Ok(None),
    }
}

/// `object.name = value`
pub fn set<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
    match object {
        Value::Instance(instance) => {
            let class = instance.class();
            if let Some(function) = class.special(cx, Special::SetAttr, g)? {
                return call::call_with(cx, function, &[object, Value::Str(name), value], g).map(|_| ());
            }
            set_plain(cx, instance, name, value, g)
        }
        Value::Function(function) => match name.text() {
            "__name__" | "__qualname__" => Err(BailKind::Unsupported.at(g)),
            _ => function.dict(cx, g)?.set(cx, Value::Str(name), value, g),
        },
        Value::Object(inner) => inner.get().set_attr(cx, name, value, g),
        Value::Dict(dict) if name.text() == "default_factory" && matches!(dict.form(), crate::DictKind::Default(_)) => {
            dict.owner().thaw(g)?;
            dict.set_form(crate::DictKind::Default(value));
            Ok(())
        }
        Value::Class(class) if class.builtin().is_none() => {
            if matches!(class.form(), crate::class::Form::Enum(_)) || name.text().starts_with("__") {
                return Err(BailKind::Unsupported.at(g));
            }
            if class.dict().owner().is_of_module()
                && !(is_data(value) && class.dict().get_str(cx, name).is_none_or(is_data))
            {
                return Err(BailKind::State.at(g));
            }
            cx.class_changed();
            class.dict().set(cx, Value::Str(name), value, g)
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// Whether a class's attribute is no part of what its instances do.
fn is_data(value: Value<'_>) -> bool {
    match value {
        Value::Function(_) | Value::Builtin(_) | Value::Method(_) | Value::Class(_) | Value::NotImplemented => false,
        Value::Object(_) => as_deque(value).is_some() || is_temporal(value),
        _ => true,
    }
}

/// `object.__setattr__` of an instance.
pub(crate) fn set_plain<'a>(
    cx: &'a Cx<'a>,
    instance: Instance<'a>,
    name: Str<'a>,
    value: Value<'a>,
    g: u32,
) -> Result<()> {
    let class = instance.class();
    let (inherited, own) = class.lookup_with(cx, instance, name);
    match inherited {
        Some(Value::Object(descriptor)) => {
            if let Some(property) = descriptor.get().as_property() {
                return match property.set.get() {
                    Value::None => Err(no_setter(cx, class, name, g)),
                    function => call::call_with(cx, function, &[Value::Instance(instance), value], g).map(|_| ()),
                };
            }
        }
        Some(Value::Instance(descriptor)) if is_descriptor(cx, descriptor, g)? => {
            return Err(BailKind::Unsupported.at(g));
        }
        _ => {}
    }
    match class.form() {
        crate::class::Form::Dataclass(dataclass) if dataclass.frozen => return Err(BailKind::Exception.at(g)),
        crate::class::Form::NamedTuple(fields) if fields.iter().any(|field| field.text() == name.text()) => {
            return Err(BailKind::Exception.at(g));
        }
        crate::class::Form::Enum(_) => return Err(BailKind::Unsupported.at(g)),
        _ => {}
    }
    if static_attr::is_reserved(instance, name.text()) {
        return static_attr::set_of_instance(cx, instance, name.text(), value, g);
    }
    if !has_room_for(cx, class, name, g)? {
        return Err(missing(cx, Value::Instance(instance), name, g));
    }
    if let Some(own) = own {
        return own.set(value, g);
    }
    if instance.add_field(name, value, g)? {
        return Ok(());
    }
    let dict = instance.dict(cx, g)?;
    dict.reserve(cx, class.width(), g)?;
    dict.set(cx, Value::Str(name), value, g)?;
    class.widen(dict.len());
    Ok(())
}

fn no_setter<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>, g: u32) -> Bail {
    let text = format!("property '{}' of '{}' object has no setter", name.text(), class.name().text());
    cx.raise(Type::AttributeError, &text, g)
}

/// Whether what an instance has in its dict is what reading the attribute gives.
pub(crate) fn reads_own<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, name: Str<'a>, g: u32) -> Result<bool> {
    let class = instance.class();
    Ok(class.special(cx, Special::GetAttribute, g)?.is_none() && !is_intercepted(cx, class, name, g)?)
}

/// Whether storing the attribute of an instance of that class is an entry in its dict, and nothing else.
pub(crate) fn stores_own<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, name: Str<'a>, g: u32) -> Result<bool> {
    let class = instance.class();
    let plain = match class.form() {
        crate::class::Form::Plain => true,
        crate::class::Form::Dataclass(dataclass) => !dataclass.frozen,
        _ => false,
    };
    Ok(plain
        && class.special(cx, Special::SetAttr, g)?.is_none()
        && class.special(cx, Special::Slots, g)?.is_none()
        && !static_attr::is_reserved(instance, name.text())
        && !is_intercepted(cx, class, name, g)?)
}

/// Whether something in the class goes before the dict of an instance.
fn is_intercepted<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>, g: u32) -> Result<bool> {
    match class.lookup(cx, name) {
        Some(Value::Object(descriptor)) => Ok(descriptor.get().as_property().is_some()),
        Some(Value::Instance(descriptor)) => is_descriptor(cx, descriptor, g),
        _ => Ok(false),
    }
}

/// Whether `__slots__` leaves room for the attribute.
fn has_room_for<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>, g: u32) -> Result<bool> {
    if class.special(cx, Special::Slots, g)?.is_none() {
        return Ok(true);
    }
    let slots = cx.name(Special::Slots.name(), g)?;
    let mut found = false;
    for class in class.mro() {
        if class.builtin() == Some(Type::Object) {
            continue;
        }
        match class.dict().get_str(cx, slots) {
            None => return Ok(true),
            Some(names) => {
                found = found
                    || match names {
                        Value::Str(one) => one.text() == name.text(),
                        names => op::contains(cx, Value::Str(name), names, g)?,
                    };
            }
        }
    }
    Ok(found)
}

/// `del object.name`
pub fn delete<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, g: u32) -> Result<()> {
    let Value::Instance(instance) = object else { return Err(BailKind::Unsupported.at(g)) };
    let class = instance.class();
    if class.lookup(cx, cx.name("__delattr__", g)?).is_some() || class.lookup(cx, name).is_some() {
        return Err(BailKind::Unsupported.at(g));
    }
    match instance.attributes(g)? {
        Some(dict) if dict.remove(cx, Value::Str(name), g)?.is_some() => Ok(()),
        _ if class.special(cx, Special::Slots, g)?.is_some() && has_room_for(cx, class, name, g)? => {
            Err(cx.raise(Type::AttributeError, name.text(), g))
        }
        _ => Err(missing(cx, object, name, g)),
    }
}

/// The special method `name` of the value's class, if the program has defined one.
pub fn special<'a>(cx: &'a Cx<'a>, v: Value<'a>, name: &'static str, g: u32) -> Result<Option<Value<'a>>> {
    let Value::Instance(instance) = v else { return Ok(None) };
    // An answer as well, which can be gone through and closed.
    let is_answer = instance.class().layout() == Type::UrllibHttpError;
    if is_answer && matches!(name, "__enter__" | "__exit__" | "__iter__" | "__next__") {
        return Err(BailKind::Unsupported.at(g));
    }
    match instance.class().lookup(cx, cx.name(name, g)?) {
        Some(Value::None) => Err(BailKind::Unsupported.at(g)),
        Some(Value::Object(descriptor)) => match descriptor.get().as_static_method() {
            None if descriptor.get().binds() => Ok(Some(Value::Object(descriptor))),
            _ => Err(BailKind::Unsupported.at(g)),
        },
        other => Ok(other),
    }
}

/// Calls the special method `name` of `v`, if the program has defined one.
pub fn call_special<'a>(
    cx: &'a Cx<'a>,
    v: Value<'a>,
    name: &'static str,
    args: &[Value<'a>],
    g: u32,
) -> Result<Option<Value<'a>>> {
    match special(cx, v, name, g)? {
        Some(function) => call::with_receiver(cx, function, v, Args::of(args), g).map(Some),
        None => Ok(None),
    }
}

/// `operator.index(v)` of an instance; none where it has no `__index__`.
pub(crate) fn index_of<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
    match crate::plain(v) {
        plain @ (Value::Int(_) | Value::Big(_)) => Ok(Some(plain)),
        Value::Bool(value) => Ok(Some(Value::Int(i64::from(value.get())))),
        _ => match call_special(cx, v, "__index__", &[], g)? {
            Some(value @ (Value::Int(_) | Value::Big(_))) => Ok(Some(value)),
            Some(_) => Err(BailKind::Exception.at(g)),
            None => Ok(None),
        },
    }
}

/// Whether the class has abstract methods left, so that it cannot be instantiated.
pub(crate) fn is_abstract<'a>(cx: &'a Cx<'a>, class: Class<'a>, g: u32) -> Result<bool> {
    if class.special(cx, Special::AbstractMethods, g)?.is_none() {
        return Ok(false);
    }
    match class.dict().get_str(cx, cx.name(Special::AbstractMethods.name(), g)?) {
        Some(Value::Set(names)) => Ok(!names.is_empty()),
        Some(_) => Err(BailKind::Unsupported.at(g)),
        None => Ok(false),
    }
}

/// `super(class, object).name(*args)`
pub fn super_method<'a>(
    cx: &'a Cx<'a>,
    class: Value<'a>,
    object: Value<'a>,
    name: Str<'a>,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    call::call(cx, super_attr(cx, class, object, name, g)?, args, g)
}

/// `super(class, object).name`
pub fn super_attr<'a>(cx: &'a Cx<'a>, class: Value<'a>, object: Value<'a>, name: Str<'a>, g: u32) -> Result<Value<'a>> {
    let Value::Class(class) = class else { return Err(BailKind::Exception.at(g)) };
    let own = match object {
        Value::Class(own) => own,
        _ => class_of(cx, object, g)?,
    };
    if !own.is(class) {
        return Err(BailKind::Exception.at(g));
    }
    match own.lookup_behind(cx, class, name) {
        Some(value) => match (value, object) {
            (Value::Object(descriptor), _) if descriptor.get().as_property().is_some() => {
                let function = descriptor.get().as_property().map_or(Value::None, |property| property.get.get());
                call::call_with(cx, function, &[object], g)
            }
            (Value::Object(descriptor), _) if descriptor.get().as_class_method().is_some() => {
                bind(cx, value, object, own, g)
            }
            (Value::Function(_), Value::Class(_)) => Ok(value),
            _ => bind(cx, value, object, own, g),
        },
        // The built-in classes come last in the order.
        None => match (object, name.text()) {
            (Value::Class(_), "__new__") => bound(cx, object, MethodFunction::Unbound(own, name), g),
            (Value::Class(_), "__init_subclass__") => bound(cx, object, MethodFunction::Base(own, name), g),
            (Value::Class(_), _) => Err(BailKind::Unsupported.at(g)),
            _ => bound(cx, object, MethodFunction::Base(own, name), g),
        },
    }
}

/// The method `name` as the built-in classes above `class` have it, called on `receiver`.
pub(crate) fn call_base<'a>(
    cx: &'a Cx<'a>,
    class: Class<'a>,
    receiver: Value<'a>,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    match (name, receiver, args.pos) {
        ("__init_subclass__", Value::Class(_), []) => Ok(Value::None),
        ("__new__", Value::Class(own), _) => {
            // `object.__new__` takes no more arguments where the program's `__new__` calls it.
            let args = if own.layout() == Type::Object { Args::of(&[]) } else { args };
            call::new_instance(cx, own, args, g)
        }
        ("__init__", Value::Instance(instance), _) => {
            call::init_builtin(cx, class, instance, args, g).map(|()| Value::None)
        }
        ("__setattr__", Value::Instance(instance), [Value::Str(name), value]) => {
            set_plain(cx, instance, *name, *value, g).map(|()| Value::None)
        }
        ("__eq__", Value::Instance(left), [right]) if class.layout() == Type::Object => Ok(match right {
            Value::Instance(right) if left.same(*right) => Value::bool(true),
            _ => Value::NotImplemented,
        }),
        ("__str__" | "__repr__", Value::Instance(instance), []) if instance.is_exception() => {
            let text = match name {
                "__str__" => crate::repr::exception_str(cx, instance, g)?,
                _ => crate::repr::exception_repr(cx, instance, g)?,
            };
            crate::str_new(cx, &text, g).map(Value::Str)
        }
        ("__enter__" | "__exit__" | "__getattribute__" | "__hash__" | "__delattr__", ..) => {
            Err(BailKind::Unsupported.at(g))
        }
        _ if class.layout() == Type::Object => {
            Err(cx.raise(Type::AttributeError, &format!("'super' object has no attribute '{name}'"), g))
        }
        _ => method::call(cx, crate::plain(receiver), name, args, g),
    }
}

/// `dir`-free reflection: `getattr(object, name, default)`.
pub fn get_or<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, default: Value<'a>, g: u32) -> Result<Value<'a>> {
    match find(cx, object, name, g) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Ok(default),
        Err(bail) => match cx.catch(bail) {
            Ok(raised) if exception::is_a(raised, Type::AttributeError) => Ok(default),
            Ok(raised) => Err(cx.rethrow(raised, g)),
            Err(bail) => Err(bail),
        },
    }
}

/// `vars(object)` of an instance.
pub(crate) fn vars<'a>(cx: &'a Cx<'a>, object: Value<'a>, g: u32) -> Result<Value<'a>> {
    match object {
        Value::Instance(instance) if !instance.is_exception() => {
            let slots = cx.name("__slots__", g)?;
            match instance.class().lookup(cx, slots) {
                None => instance.dict(cx, g).map(Value::Dict),
                Some(_) => Err(BailKind::Unsupported.at(g)),
            }
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// A tuple of classes as a value.
pub(crate) fn class_tuple<'a>(cx: &'a Cx<'a>, classes: &[Class<'a>], g: u32) -> Result<Value<'a>> {
    let values: Vec<Value<'a>> = classes.iter().map(|class| Value::Class(*class)).collect();
    tuple_new(cx, &values, g).map(Value::Tuple)
}
