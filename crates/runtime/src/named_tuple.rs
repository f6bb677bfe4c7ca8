//! Instances of named tuples (`collections.namedtuple`).

use crate::{Args, BailKind, Class, Cx, Dict, Result, Str, Value, instance_new, tuple_new};

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
        values.push(item.or_else(default).ok_or(BailKind::Exception.at(g))?);
    }
    of_items(cx, class, &values, g)
}

/// A named tuple of these items.
pub(crate) fn of_items<'a>(cx: &'a Cx<'a>, class: Class<'a>, items: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let tuple = tuple_new(cx, items, g)?;
    Ok(Value::Instance(instance_new(cx, class, Value::Tuple(tuple), g)?))
}
