//! Constructors of the built-in types: `int(…)`, `list(…)`, `dict(…)` …

use super::{convert, iterators};
use crate::iter::ask_length;
use crate::{
    Args, BailKind, Cx, Iter, Range, Result, Type, Value, class_of, descriptor, dict_new, instance_new, list_new,
    method, plain, range_value, set_new, slice_new, str_new, tuple_new,
};

/// `type(*args)` of a built-in type.
pub fn construct<'a>(cx: &'a Cx<'a>, ty: Type, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let exception = || Err(BailKind::Exception.at(g));
    match ty {
        Type::Int => convert::construct_int(cx, args, g),
        Type::Float => match args.positional(g)? {
            [] => Ok(Value::float(0.0)),
            [v] => convert::float(cx, *v, g).map(Value::float),
            _ => exception(),
        },
        Type::Bool => match args.positional(g)? {
            [] => Ok(Value::bool(false)),
            [v] => crate::truth(cx, *v, g).map(Value::bool),
            _ => exception(),
        },
        Type::Str => match (args.pos, args.kw) {
            ([], []) => str_new(cx, "", g).map(Value::Str),
            ([v], []) => convert::str(cx, *v, g).map(Value::Str),
            ([Value::Bytes(bytes), ..], _) => {
                crate::codec::decode(cx, bytes.bytes(), Args { pos: &args.pos[1..], kw: args.kw }, g)
            }
            _ => Err(BailKind::Unsupported.at(g)),
        },
        Type::List => match args.positional(g)? {
            [] => list_new(cx, &[], g).map(Value::List),
            [source] => {
                let list = list_new(cx, &[], g)?;
                method::list_extend(cx, list, *source, g)?;
                Ok(Value::List(list))
            }
            _ => exception(),
        },
        Type::Tuple => match args.positional(g)? {
            [] => tuple_new(cx, &[], g).map(Value::Tuple),
            [source @ Value::Tuple(_)] => Ok(*source),
            [source] => tuple_new(cx, &collect_sized(cx, *source, g)?, g).map(Value::Tuple),
            _ => exception(),
        },
        Type::Set | Type::FrozenSet => match args.positional(g)? {
            [] => set_new(cx, ty == Type::FrozenSet, &[], g).map(Value::Set),
            [source @ Value::Set(set)] if ty == Type::FrozenSet && set.is_frozen() => Ok(*source),
            [source] => crate::set_algebra::of_iterable(cx, ty == Type::FrozenSet, *source, g).map(Value::Set),
            _ => exception(),
        },
        Type::Dict => {
            let dict = dict_new(cx, &[], g)?;
            method::call(cx, Value::Dict(dict), "update", args, g)?;
            Ok(Value::Dict(dict))
        }
        Type::Range => range(cx, args, g),
        Type::Slice => match args.positional(g)? {
            [stop] => slice_new(cx, Value::None, *stop, Value::None, g),
            [start, stop] => slice_new(cx, *start, *stop, Value::None, g),
            [start, stop, step] => slice_new(cx, *start, *stop, *step, g),
            _ => exception(),
        },
        Type::Enumerate => iterators::enumerate(cx, args, g),
        Type::Zip => iterators::zip(cx, args, g),
        Type::Map => iterators::map(cx, args, g),
        Type::Filter => iterators::filter(cx, args, g),
        Type::Reversed => iterators::reversed(cx, args, g),
        Type::Type => match args.positional(g)? {
            [v] => class_of(cx, *v, g).map(Value::Class),
            _ => Err(BailKind::Unsupported.at(g)),
        },
        Type::Object => match args.positional(g)? {
            [] => instance_new(cx, cx.class(Type::Object, g)?, Value::None, g).map(Value::Instance),
            _ => exception(),
        },
        Type::Property => {
            let [get, set, delete, doc] = args.bind(["fget", "fset", "fdel", "doc"], 0, 4, g)?;
            let or_none = |v: Option<Value<'a>>| v.unwrap_or(Value::None);
            match doc {
                None => descriptor::property_new(cx, or_none(get), or_none(set), or_none(delete), g),
                Some(_) => Err(BailKind::Unsupported.at(g)),
            }
        }
        Type::StaticMethod => match args.positional(g)? {
            [function] => descriptor::static_method_new(cx, *function, g),
            _ => exception(),
        },
        Type::ClassMethod => match args.positional(g)? {
            [function] => descriptor::class_method_new(cx, *function, g),
            _ => exception(),
        },
        Type::Super => match args.positional(g)? {
            [class, object] => crate::descriptor::super_new(cx, *class, *object, g),
            _ => Err(BailKind::Unsupported.at(g)),
        },
        _ => crate::library::construct(cx, ty, args, g),
    }
}

/// All items of an iterable.
pub(crate) fn collect<'a>(cx: &'a Cx<'a>, source: Value<'a>, g: u32) -> Result<Vec<Value<'a>>> {
    match source {
        Value::List(list) => Ok(list.to_vec()),
        Value::Tuple(tuple) => Ok(tuple.items().to_vec()),
        _ => rest(cx, Iter::new(cx, source, g)?, g),
    }
}

/// The same where CPython makes a list or tuple of them, for which it asks for the length.
pub(crate) fn collect_sized<'a>(cx: &'a Cx<'a>, source: Value<'a>, g: u32) -> Result<Vec<Value<'a>>> {
    let Value::Instance(_) = source else { return collect(cx, source, g) };
    let items = Iter::new(cx, source, g)?;
    ask_length(cx, source, g)?;
    rest(cx, items, g)
}

fn rest<'a>(cx: &'a Cx<'a>, mut items: Iter<'a>, g: u32) -> Result<Vec<Value<'a>>> {
    let mut all = Vec::with_capacity(items.hint());
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        cx.reserve(all.len() * size_of::<Value<'_>>(), g)?;
        all.push(item);
    }
    Ok(all)
}

/// `range(start, stop, step)`
fn range<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let mut numbers = [0i64; 3];
    let given = args.positional(g)?;
    if given.is_empty() || given.len() > 3 {
        return Err(BailKind::Exception.at(g));
    }
    for (place, v) in numbers.iter_mut().zip(given) {
        *place = match (plain(*v), v.index()) {
            (_, Some(number)) => number,
            (Value::Int(number), _) => number,
            (Value::Big(_), _) => return Err(BailKind::Unsupported.at(g)),
            (Value::Instance(_), _) => return Err(BailKind::Unsupported.at(g)),
            _ => {
                let name = crate::class::type_name(*v);
                let text = format!("'{name}' object cannot be interpreted as an integer");
                return Err(cx.raise(Type::TypeError, &text, g));
            }
        };
    }
    let (start, stop, step) = match given.len() {
        1 => (0, numbers[0], 1),
        2 => (numbers[0], numbers[1], 1),
        _ => (numbers[0], numbers[1], numbers[2]),
    };
    if step == 0 {
        return Err(cx.raise(Type::ValueError, "range() arg 3 must not be zero", g));
    }
    range_value(cx, Range::new(start, stop, step, g)?, g)
}
