//! The `class` statement (`builtin___build_class__`).

use crate::{Args, BailKind, Class, Cx, Dict, Result, Str, Type, Value, attr, call, class_new};

/// Makes the class whose body filled `namespace`.
pub fn class_statement<'a>(
    cx: &'a Cx<'a>,
    name: Str<'a>,
    qualname: Str<'a>,
    bases: &[Value<'a>],
    namespace: Dict<'a>,
    g: u32,
) -> Result<Value<'a>> {
    let mut classes: Vec<Class<'a>> = Vec::with_capacity(bases.len());
    for base in bases {
        match base {
            Value::Class(class) => classes.push(*class),
            _ => return Err(BailKind::Unsupported.at(g)),
        }
    }
    for class in &classes {
        // Their metaclasses do more than `type` does.
        let of_enum = |class: &Class<'a>| {
            matches!(class.builtin(), Some(Type::Enum | Type::IntEnum | Type::StrEnum | Type::Abc | Type::Generic))
        };
        let special = !matches!(class.form(), crate::class::Form::Plain) || class.mro().iter().any(of_enum);
        if special {
            return Err(BailKind::Unsupported.at(g));
        }
    }
    let class = class_new(cx, name, qualname, &classes, namespace, g)?;
    // Descriptors are told their names, and the bases of their new subclass.
    let set_name = cx.name("__set_name__", g)?;
    for (_, value) in namespace.entries() {
        if let Value::Instance(instance) = value
            && instance.class().lookup(cx, set_name).is_some()
        {
            return Err(BailKind::Unsupported.at(g));
        }
    }
    let init_subclass = cx.name("__init_subclass__", g)?;
    if let Some(function) = classes.iter().find_map(|base| base.lookup(cx, init_subclass)) {
        let function = match function {
            Value::Object(object) => object.get().as_class_method().unwrap_or(function),
            _ => function,
        };
        call::with_receiver(cx, function, Value::Class(class), Args::of(&[]), g)?;
    }
    let _ = attr::is_abstract(cx, class, g)?;
    Ok(Value::Class(class))
}
