//! Data attributes of built-in types, classes and exceptions.

use crate::{BailKind, Class, Cx, Instance, Result, Str, Type, Value, attr, exception};

/// A data attribute of a value of a built-in type.
pub(crate) fn of_value<'a>(_cx: &'a Cx<'a>, v: Value<'a>, name: &str, _g: u32) -> Result<Option<Value<'a>>> {
    Ok(match (v, name) {
        (Value::Int(_) | Value::Big(_), "real" | "numerator") => Some(v),
        (Value::Bool(value), "real" | "numerator") => Some(Value::Int(i64::from(value.get()))),
        (Value::Int(_) | Value::Big(_) | Value::Bool(_), "imag") => Some(Value::Int(0)),
        (Value::Int(_) | Value::Big(_) | Value::Bool(_), "denominator") => Some(Value::Int(1)),
        (Value::Float(_), "real") => Some(v),
        (Value::Float(_), "imag") => Some(Value::float(0.0)),
        (Value::Range(range), "start") => Some(Value::Int(range.0.start)),
        (Value::Range(range), "stop") => Some(Value::Int(range.0.stop)),
        (Value::Range(range), "step") => Some(Value::Int(range.0.step)),
        (Value::Method(method), "__self__") => Some(method.receiver),
        (Value::Method(method), "__func__") => match method.function {
            crate::MethodFunction::Function(function) => Some(function),
            _ => None,
        },
        (Value::Method(method), "__name__") => match method.function {
            crate::MethodFunction::Function(Value::Function(function)) => Some(Value::Str(function.name(_cx, _g)?)),
            crate::MethodFunction::Named(name) => Some(Value::Str(name)),
            _ => None,
        },
        (Value::Builtin(builtin), "__name__") => Some(Value::Str(crate::str_new(_cx, builtin.name, _g)?)),
        _ => None,
    })
}

/// A data attribute that every class has.
pub(crate) fn of_class<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>, g: u32) -> Result<Option<Value<'a>>> {
    Ok(match name.text() {
        "__name__" => Some(Value::Str(class.name())),
        "__qualname__" => Some(Value::Str(class.qualname())),
        "__mro__" => Some(attr::class_tuple(cx, class.mro(), g)?),
        "__bases__" => Some(attr::class_tuple(cx, class.bases(), g)?),
        "__class__" => Some(Value::Class(cx.class(Type::Type, g)?)),
        _ => match class.form() {
            crate::class::Form::NamedTuple(fields) if name.text() == "_fields" => {
                Some(crate::named_tuple::fields(cx, fields, g)?)
            }
            crate::class::Form::Enum(members) => {
                members.iter().find(|(known, _)| known.text() == name.text()).map(|(_, member)| *member)
            }
            _ => match class.builtin() {
                Some(ty) => crate::library::datetime::class_constant(cx, ty, name.text(), g)?,
                None => None,
            },
        },
    })
}

/// A data attribute that instances have without their `__dict__`.
pub(crate) fn of_instance<'a>(
    cx: &'a Cx<'a>,
    instance: Instance<'a>,
    name: Str<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    if let Some(error) = instance.error() {
        let args = exception::args_of(instance);
        let layout = instance.class().layout();
        let value = match name.text() {
            "args" => Some(instance.payload()),
            "__cause__" => Some(error.cause.get()),
            "__context__" => Some(error.context.get()),
            "__suppress_context__" => Some(Value::bool(error.suppress.get())),
            "value" if layout.is(Type::StopIteration) => Some(args.first().copied().unwrap_or(Value::None)),
            "code" if layout.is(Type::SystemExit) => match args {
                [] => Some(Value::None),
                [one] => Some(*one),
                _ => Some(instance.payload()),
            },
            "msg" | "doc" | "pos" | "lineno" | "colno" | "pattern" => return Err(BailKind::Unsupported.at(g)),
            "request" | "_request" | "__dict__"
                if matches!(layout.module(), "requests.exceptions" | "urllib.error" | "httpx") =>
            {
                return Err(BailKind::Unsupported.at(g));
            }
            // It has all that an answer has.
            name if layout.is(Type::UrllibHttpError)
                && !name.starts_with("__")
                && !matches!(name, "args" | "with_traceback" | "add_note") =>
            {
                return Err(BailKind::Unsupported.at(g));
            }
            "name" | "obj" | "path" | "errno" | "strerror" | "filename" => {
                return Err(BailKind::Unsupported.at(g));
            }
            _ => None,
        };
        if value.is_some() {
            return Ok(value);
        }
    }
    if let crate::class::Form::Enum(_) = instance.class().form() {
        match name.text() {
            "value" => return crate::enums::value_of(cx, instance, g).map(Some),
            "name" => return crate::enums::name_of(cx, instance, g).map(|name| Some(Value::Str(name))),
            _ => {}
        }
    }
    if let crate::class::Form::NamedTuple(fields) = instance.class().form()
        && let Value::Tuple(tuple) = instance.payload()
    {
        if let Some(at) = fields.iter().position(|field| field.text() == name.text()) {
            return Ok(tuple.items().get(at).copied());
        }
        if name.text() == "_fields" {
            return crate::named_tuple::fields(cx, fields, g).map(Some);
        }
    }
    Ok(match name.text() {
        "__class__" => Some(Value::Class(instance.class())),
        "__dict__" => Some(attr::vars(cx, Value::Instance(instance), g)?),
        _ => None,
    })
}

/// Whether storing the attribute `name` means something else than an entry in `__dict__`.
pub(crate) fn is_reserved(instance: Instance<'_>, name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
        || instance.is_exception() && matches!(name, "args" | "value" | "code" | "name" | "obj" | "msg" | "errno")
}

/// Stores such an attribute.
pub(crate) fn set_of_instance<'a>(
    cx: &'a Cx<'a>,
    instance: Instance<'a>,
    name: &str,
    value: Value<'a>,
    g: u32,
) -> Result<()> {
    let layout = instance.class().layout();
    let of_layout = match name {
        "value" => layout.is(Type::StopIteration),
        "code" => layout.is(Type::SystemExit),
        "name" => layout.is(Type::NameError) || layout.is(Type::AttributeError) || layout.is(Type::ImportError),
        "obj" => layout.is(Type::AttributeError),
        "msg" => layout.is(Type::ImportError) || layout.is(Type::SyntaxError),
        "errno" => layout.is(Type::OSError),
        _ => true,
    };
    match (name, instance.error(), value) {
        ("__cause__", Some(error), Value::None | Value::Instance(_)) => {
            error.cause.set(value);
            error.suppress.set(true);
            Ok(())
        }
        ("args", Some(_), Value::Tuple(_)) => {
            instance.set_payload(value);
            Ok(())
        }
        _ if !of_layout => instance.dict(cx, g)?.set(cx, Value::Str(crate::str_new(cx, name, g)?), value, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
