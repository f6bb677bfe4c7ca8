//! Instances of named tuples (`collections.namedtuple`).

use crate::class::Form;
use crate::{Args, BailKind, Class, Cx, Dict, Instance, Result, Str, Value, instance_new, tuple_new};

/// `class(*args)` of a named tuple with these fields.
pub(crate) fn make<'a>(
    cx: &'a Cx<'a>,
    class: Class<'a>,
    fields: &'a [Str<'a>],
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    let mut items: Vec<Option<Value<'a>>> = args.pos.iter().copied().map(Some).collect();
    if items.len() > fields.len() {
        return Err(BailKind::Exception.at(g));
    }
    items.resize(fields.len(), None);
    for (name, value) in args.kw {
        match fields.iter().position(|field| field.text() == name.text()) {
            Some(at) if items[at].is_none() => items[at] = Some(*value),
            _ => return Err(BailKind::Exception.at(g)),
        }
    }
    let defaults: Option<Dict<'a>> = match class.lookup(cx, cx.name("_field_defaults", g)?) {
        Some(Value::Dict(defaults)) => Some(defaults),
        _ => None,
    };
    let mut values = Vec::with_capacity(fields.len());
    for (item, field) in items.into_iter().zip(fields) {
        let default = || defaults.and_then(|defaults| defaults.get_str(cx, *field));
        values.push(item.or_else(default).ok_or_else(|| BailKind::Exception.at(g))?);
    }
    of_items(cx, class, &values, g)
}

/// `_fields`
pub(crate) fn fields<'a>(cx: &'a Cx<'a>, fields: &[Str<'a>], g: u32) -> Result<Value<'a>> {
    let names: Vec<Value<'a>> = fields.iter().map(|field| Value::Str(*field)).collect();
    tuple_new(cx, &names, g).map(Value::Tuple)
}

/// Whether named tuples have a method of that name beside those of tuples.
pub(crate) fn has_method(name: &str) -> bool {
    matches!(name, "_replace" | "_asdict")
}

/// Whether one of the other `bases` defines what the named tuple `base` has without an entry in its dict,
/// so that it would seem to come first.
pub(crate) fn is_shadowed<'a>(base: Class<'a>, bases: &[Class<'a>], form: Form<'a>) -> bool {
    const OWN: [&str; 8] =
        ["_fields", "_field_defaults", "_make", "_replace", "_asdict", "__new__", "__repr__", "__getnewargs__"];
    let Form::NamedTuple(fields) = form else { return false };
    let hides = |class: &Class<'a>| {
        let is_own = |key: Value<'a>| match key {
            Value::Str(name) => OWN.contains(&name.text()) || fields.iter().any(|field| field.text() == name.text()),
            _ => false,
        };
        !base.is(*class) && class.dict().entries().any(|(key, _)| is_own(key))
    };
    bases.iter().flat_map(|base| base.mro()).any(hides)
}

/// `receiver.name(*args)` of such a method.
pub(crate) fn call<'a>(
    cx: &'a Cx<'a>,
    receiver: Instance<'a>,
    fields: &'a [Str<'a>],
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    let (Value::Tuple(tuple), []) = (receiver.payload(), args.pos) else { return Err(BailKind::Exception.at(g)) };
    let mut items = tuple.items().to_vec();
    if name == "_asdict" {
        let dict = crate::dict_new(cx, &[], g)?;
        for (field, item) in fields.iter().zip(items) {
            dict.set(cx, Value::Str(*field), item, g)?;
        }
        return Ok(Value::Dict(dict));
    }
    for (name, value) in args.kw {
        match fields.iter().position(|field| field.text() == name.text()) {
            Some(at) => items[at] = *value,
            None => return Err(BailKind::Exception.at(g)),
        }
    }
    of_items(cx, receiver.class(), &items, g)
}

/// `class._make(iterable)`
pub(crate) fn make_of<'a>(
    cx: &'a Cx<'a>,
    class: Class<'a>,
    fields: &'a [Str<'a>],
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    let [source] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let items = crate::builtin::collect(cx, *source, g)?;
    match items.len() == fields.len() {
        true => of_items(cx, class, &items, g),
        false => Err(BailKind::Exception.at(g)),
    }
}

/// A named tuple of these items.
pub(crate) fn of_items<'a>(cx: &'a Cx<'a>, class: Class<'a>, items: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let tuple = tuple_new(cx, items, g)?;
    Ok(Value::Instance(instance_new(cx, class, Value::Tuple(tuple), g)?))
}
