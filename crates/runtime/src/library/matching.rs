//! What the patterns of `match` ask for (`Python/ceval.c`, `MATCH_SEQUENCE` and its like).

use crate::class::Form;
use crate::{Args, BailKind, Builtin, Cx, Result, Type, Value, attr, call, op, tuple_new};

/// The helpers.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "match", name: "class", call: |cx, args, g| class(cx, args, g) },
    Builtin { module: "match", name: "keys", call: |cx, args, g| keys(cx, args, g) },
    Builtin { module: "match", name: "mapping", call: |cx, args, g| mapping(cx, args, g) },
    Builtin { module: "match", name: "rest", call: |cx, args, g| rest(cx, args, g) },
    Builtin { module: "match", name: "sequence", call: |cx, args, g| sequence(cx, args, g) },
];

/// Whether the subject is a sequence of so many items, or at least so many.
fn sequence<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [subject, Value::Int(count), Value::Bool(more)] = args.positional(g)? else {
        return Err(BailKind::Unsupported.at(g));
    };
    let len = match subject {
        Value::List(list) => list.len() as i64,
        Value::Tuple(tuple) => tuple.items().len() as i64,
        Value::Range(_) => crate::builtin::len(cx, *subject, g)?,
        Value::Object(object) if object.get().as_deque().is_some() => crate::builtin::len(cx, *subject, g)?,
        Value::Object(object) if object.get().kind() == Type::LibraryObject => return Err(BailKind::Unsupported.at(g)),
        Value::Instance(instance) if matches!(instance.class().layout(), Type::List | Type::Tuple) => {
            crate::builtin::len(cx, *subject, g)?
        }
        // Only `collections.abc.Sequence` makes other classes sequences.
        Value::Instance(instance) if instance.class().bases().iter().any(|base| base.builtin().is_none()) => {
            return Err(BailKind::Unsupported.at(g));
        }
        _ => return Ok(Value::bool(false)),
    };
    Ok(Value::bool(if more.get() { len >= *count } else { len == *count }))
}

/// Whether the subject is a mapping of at least so many keys.
fn mapping<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [subject, Value::Int(count)] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    match crate::plain(*subject) {
        Value::Dict(_) => Ok(Value::bool(crate::builtin::len(cx, *subject, g)? >= *count)),
        Value::Object(object) if object.get().kind() == Type::LibraryObject => Err(BailKind::Unsupported.at(g)),
        Value::Instance(instance) if instance.class().bases().iter().any(|base| base.builtin().is_none()) => {
            Err(BailKind::Unsupported.at(g))
        }
        _ => Ok(Value::bool(false)),
    }
}

/// The values of the keys, or `None` if one is missing.
fn keys<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [subject, Value::Tuple(keys)] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    let Value::Dict(dict) = subject else { return Err(BailKind::Unsupported.at(g)) };
    let mut values = Vec::with_capacity(keys.items().len());
    for (at, key) in keys.items().iter().enumerate() {
        for earlier in &keys.items()[..at] {
            if op::eq(cx, *earlier, *key, g)? {
                return Err(BailKind::Exception.at(g));
            }
        }
        match dict.get(cx, *key, g)? {
            Some(value) => values.push(value),
            None => return Ok(Value::None),
        }
    }
    tuple_new(cx, &values, g).map(Value::Tuple)
}

/// The mapping without the keys, as a dict.
fn rest<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Value::Dict(dict), Value::Tuple(keys)] = args.positional(g)? else {
        return Err(BailKind::Unsupported.at(g));
    };
    let made = crate::dict_new(cx, &[], g)?;
    for (key, value) in dict.entries() {
        made.set(cx, key, value, g)?;
    }
    for key in keys.items() {
        made.remove(cx, *key, g)?;
    }
    Ok(Value::Dict(made))
}

/// The attributes that the sub-patterns of a class pattern look at, or `None` if it does not match.
fn class<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [subject, Value::Class(class), Value::Int(count), Value::Tuple(names)] = args.positional(g)? else {
        return Err(BailKind::Exception.at(g));
    };
    if !call::is_instance(cx, *subject, Value::Class(*class), g)? {
        return Ok(Value::None);
    }
    let mut values = Vec::new();
    let mut wanted = Vec::new();
    if *count > 0 {
        let itself = matches!(
            class.layout(),
            Type::Bool
                | Type::ByteArray
                | Type::Bytes
                | Type::Dict
                | Type::Float
                | Type::FrozenSet
                | Type::Int
                | Type::List
                | Type::Set
                | Type::Str
                | Type::Tuple
        );
        let own = class.lookup(cx, cx.name("__match_args__", g)?);
        match (own, class.form()) {
            (Some(Value::Tuple(fields)), _) => wanted.extend(fields.items().iter().copied()),
            (Some(_), _) => return Err(BailKind::Exception.at(g)),
            (None, Form::NamedTuple(fields)) => wanted.extend(fields.iter().map(|field| Value::Str(*field))),
            (None, Form::Dataclass(form)) => {
                wanted.extend(form.fields.iter().filter(|field| field.init).map(|field| Value::Str(field.name)));
            }
            (None, _) if itself && *count == 1 => values.push(*subject),
            (None, _) => return Err(BailKind::Exception.at(g)),
        }
        if values.is_empty() && wanted.len() < *count as usize {
            return Err(BailKind::Exception.at(g));
        }
        wanted.truncate(*count as usize);
    }
    wanted.extend(names.items());
    for (at, name) in wanted.iter().enumerate() {
        let Value::Str(name) = name else { return Err(BailKind::Exception.at(g)) };
        let again = |other: &Value<'a>| matches!(other, Value::Str(other) if other.text() == name.text());
        if wanted[..at].iter().any(again) {
            return Err(BailKind::Exception.at(g));
        }
        match attr::find(cx, *subject, *name, g)? {
            Some(value) => values.push(value),
            None => return Ok(Value::None),
        }
    }
    tuple_new(cx, &values, g).map(Value::Tuple)
}
