//! Methods of `str` (`Objects/unicodeobject.c`).

use super::list::{clamp, integer, list_append};
use super::text::{self, Side};
use crate::list::list_with_room;
use crate::{Args, BailKind, Cx, List, Result, Str, Type, Value, builtin, dict_new, tuple_new, unicode};

/// Their names.
pub(super) const METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, s: Str<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    cx.burn(s.text().len(), g)?;
    match name {
        "split" | "rsplit" => {
            let [sep, most] = args.bind(["sep", "maxsplit"], 0, 2, g)?;
            let most = most.map_or(Ok(-1), |most| integer(cx, most, g))?;
            return text::split(cx, s, sep.unwrap_or(Value::None), most, name == "rsplit", g).map(Value::List);
        }
        "splitlines" => {
            let [keep] = args.bind(["keepends"], 0, 1, g)?;
            let keep = keep.map_or(Ok(false), |keep| crate::truth(cx, keep, g))?;
            return text::splitlines(cx, s, keep, g).map(Value::List);
        }
        "expandtabs" => {
            let [size] = args.bind(["tabsize"], 0, 1, g)?;
            let size = size.map_or(Ok(8), |size| integer(cx, size, g))?;
            return text::expandtabs(cx, s, size, g);
        }
        "encode" => return crate::codec::encode(cx, s, args, g),
        "format" => return crate::format::template(cx, s, args, g),
        _ => {}
    }
    let string = |text: Result<Str<'a>>| text.map(Value::Str);
    let whole = s.text();
    match (name, args.positional(g)?) {
        ("lower", []) => string(unicode::lower(cx, s, g)),
        ("upper", []) => string(unicode::upper(cx, s, g)),
        ("casefold", []) => string(unicode::casefold(cx, s, g)),
        ("title", []) => string(unicode::title(cx, s, g)),
        ("capitalize", []) => string(unicode::capitalize(cx, s, g)),
        ("swapcase", []) => string(unicode::swapcase(cx, s, g)),
        ("strip" | "lstrip" | "rstrip", [] | [Value::None]) => string(text::strip(cx, s, side(name), None, g)),
        ("strip" | "lstrip" | "rstrip", [Value::Str(chars)]) => string(text::strip(cx, s, side(name), Some(*chars), g)),
        ("strip" | "lstrip" | "rstrip", [_]) => {
            Err(cx.raise(Type::TypeError, &format!("{name} arg must be None or str"), g))
        }
        ("join", [items]) => string(join(cx, s, *items, g)),
        ("replace", [Value::Str(old), Value::Str(new)]) => string(text::replace(cx, s, *old, *new, -1, g)),
        ("replace", [Value::Str(old), Value::Str(new), count]) => {
            let count = integer(cx, *count, g)?;
            string(text::replace(cx, s, *old, *new, count, g))
        }
        ("startswith" | "endswith", [affix, bounds @ ..]) => {
            let (start, end) = bounds_of(cx, bounds, g)?;
            affixes(cx, s, name == "startswith", *affix, start, end, g)
        }
        ("find" | "rfind" | "index" | "rindex" | "count", [Value::Str(part), bounds @ ..]) => {
            let (start, end) = bounds_of(cx, bounds, g)?;
            text::search(cx, s, name, *part, start, end, g)
        }
        ("find" | "rfind" | "index" | "rindex" | "count", [other, ..]) => {
            let given = crate::class::type_name(*other);
            Err(cx.raise(Type::TypeError, &format!("must be str, not {given}"), g))
        }
        ("partition" | "rpartition", [Value::Str(sep)]) => text::partition(cx, s, *sep, name == "rpartition", g),
        ("removeprefix", [Value::Str(prefix)]) => match whole.strip_prefix(prefix.text()) {
            Some(rest) => string(s.part(cx, rest, g)),
            None => Ok(Value::Str(s)),
        },
        ("removesuffix", [Value::Str(suffix)]) => match whole.strip_suffix(suffix.text()) {
            Some(rest) => string(s.part(cx, rest, g)),
            None => Ok(Value::Str(s)),
        },
        ("center" | "ljust" | "rjust", [width, fill @ ..]) if fill.len() <= 1 => {
            let width = integer(cx, *width, g)?;
            let fill = match fill.first() {
                None => ' ',
                Some(Value::Str(fill)) if fill.chars() == 1 => fill.text().chars().next().unwrap_or(' '),
                Some(Value::Str(_)) => {
                    let text = "The fill character must be exactly one character long";
                    return Err(cx.raise(Type::TypeError, text, g));
                }
                Some(_) => return Err(BailKind::Exception.at(g)),
            };
            string(text::justify(cx, s, name, width, fill, g))
        }
        ("zfill", [width]) => {
            let width = integer(cx, *width, g)?;
            string(text::zfill(cx, s, width, g))
        }
        ("isascii", []) => Ok(Value::bool(s.is_ascii())),
        ("translate", [table]) => string(text::translate(cx, s, *table, g)),
        ("maketrans", [_, ..]) => call_of_class(cx, name, args, g),
        ("format_map", [_]) => Err(BailKind::Unsupported.at(g)),
        (_, []) => match unicode::test(name, whole) {
            Some(result) => Ok(Value::bool(result)),
            None => Err(wrong(name, g)),
        },
        _ => Err(wrong(name, g)),
    }
}

/// Arguments that the method does not take, or no method of strings.
fn wrong(name: &str, g: u32) -> crate::Bail {
    let kind = if METHODS.contains(&name) { BailKind::Exception } else { BailKind::Unsupported };
    kind.at(g)
}

fn side(name: &str) -> Side {
    match name {
        "lstrip" => Side::Left,
        "rstrip" => Side::Right,
        _ => Side::Both,
    }
}

/// `start` and `end` of a search; `None` means the nearest end.
pub(super) fn bounds_of<'a>(cx: &'a Cx<'a>, bounds: &[Value<'a>], g: u32) -> Result<(i64, i64)> {
    let bound = |v: Option<&Value<'a>>, default: i64| match v {
        None | Some(Value::None) => Ok(default),
        Some(Value::Big(big)) => Ok(if big.is_negative() { i64::MIN } else { i64::MAX }),
        Some(Value::Str(_) | Value::Float(_)) => {
            Err(cx.raise(Type::TypeError, "slice indices must be integers or None or have an __index__ method", g))
        }
        Some(v) => integer(cx, *v, g),
    };
    if bounds.len() > 2 {
        return Err(BailKind::Exception.at(g));
    }
    Ok((bound(bounds.first(), 0)?, bound(bounds.get(1), i64::MAX)?))
}

fn affixes<'a>(
    cx: &'a Cx<'a>,
    s: Str<'a>,
    prefix: bool,
    affix: Value<'a>,
    start: i64,
    end: i64,
    g: u32,
) -> Result<Value<'a>> {
    let (from, to) = (clamp(start, s.chars()), clamp(end, s.chars()));
    // A start behind the end matches nothing, not even the empty string.
    let behind = start > s.chars() as i64 || from > to;
    let part = if behind { "" } else { text::span(s, from, to) };
    let one =
        |affix: Str<'a>| !behind && if prefix { part.starts_with(affix.text()) } else { part.ends_with(affix.text()) };
    let name = if prefix { "startswith" } else { "endswith" };
    match affix {
        Value::Str(affix) => Ok(Value::bool(one(affix))),
        Value::Tuple(all) => {
            for affix in all.items() {
                match affix {
                    Value::Str(affix) if one(*affix) => return Ok(Value::bool(true)),
                    Value::Str(_) => {}
                    other => {
                        let given = crate::class::type_name(*other);
                        let text = format!("tuple for {name} must only contain str, not {given}");
                        return Err(cx.raise(Type::TypeError, &text, g));
                    }
                }
            }
            Ok(Value::bool(false))
        }
        other => {
            let given = crate::class::type_name(other);
            let text = format!("{name} first arg must be str or a tuple of str, not {given}");
            Err(cx.raise(Type::TypeError, &text, g))
        }
    }
}

/// `separator.join(items)`
pub(super) fn join<'a>(cx: &'a Cx<'a>, separator: Str<'a>, items: Value<'a>, g: u32) -> Result<Str<'a>> {
    if matches!(items, Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_)) {
        return Err(cx.raise(Type::TypeError, "can only join an iterable", g));
    }
    // A `TypeError` has another text here.
    let items =
        builtin::collect_sized(cx, items, g).map_err(|bail| crate::exception::untold(cx, bail, Type::TypeError, g))?;
    if let [Value::Str(only)] = items[..] {
        return Ok(only);
    }
    cx.build(
        |out| {
            for (at, item) in items.iter().enumerate() {
                let Value::Str(item) = crate::plain(*item) else {
                    let given = crate::class::type_name(*item);
                    let text = format!("sequence item {at}: expected str instance, {given} found");
                    return Err(cx.raise(Type::TypeError, &text, g));
                };
                cx.tick(g)?;
                if at > 0 {
                    out.push_str(separator.text());
                }
                cx.reserve(out.len() + item.text().len(), g)?;
                out.push_str(item.text());
            }
            Ok(())
        },
        g,
    )
}

/// `str.name(*args)`
pub(super) fn call_of_class<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let table = dict_new(cx, &[], g)?;
    let code = |letter: char| Value::Int(i64::from(u32::from(letter)));
    match (name, args.positional(g)?) {
        ("maketrans", [Value::Dict(map)]) => {
            for (key, value) in map.entries() {
                let key = match key {
                    Value::Str(key) if key.chars() == 1 => code(key.text().chars().next().unwrap_or(' ')),
                    Value::Int(_) => key,
                    Value::Str(_) => {
                        let text = "string keys in translate table must be of length 1";
                        return Err(cx.raise(Type::ValueError, text, g));
                    }
                    _ => return Err(BailKind::Exception.at(g)),
                };
                table.set(cx, key, value, g)?;
            }
        }
        ("maketrans", [Value::Str(from), Value::Str(to), removed @ ..]) if removed.len() <= 1 => {
            if from.chars() != to.chars() {
                let text = "the first two maketrans arguments must have equal length";
                return Err(cx.raise(Type::ValueError, text, g));
            }
            for (from, to) in from.text().chars().zip(to.text().chars()) {
                table.set(cx, code(from), code(to), g)?;
            }
            if let Some(removed) = removed.first() {
                let Value::Str(removed) = removed else { return Err(BailKind::Exception.at(g)) };
                for letter in removed.text().chars() {
                    table.set(cx, code(letter), Value::None, g)?;
                }
            }
        }
        _ => return Err(BailKind::Exception.at(g)),
    }
    Ok(Value::Dict(table))
}

/// A list of parts of a string, which share its text.
pub(super) fn list_of<'a>(
    cx: &'a Cx<'a>,
    s: Str<'a>,
    parts: impl IntoIterator<Item = &'a str>,
    g: u32,
) -> Result<List<'a>> {
    let list = list_with_room(cx, (s.text().len() / 5).clamp(4, 64), g)?;
    for part in parts {
        cx.tick(g)?;
        list_append(cx, list, Value::Str(s.part(cx, part, g)?), g)?;
    }
    Ok(list)
}

/// A tuple of parts of a string, or of static texts.
pub(super) fn tuple_of<'a>(cx: &'a Cx<'a>, s: Str<'a>, parts: [&'a str; 3], g: u32) -> Result<Value<'a>> {
    let mut items = [Value::None; 3];
    for (item, part) in items.iter_mut().zip(parts) {
        *item = Value::Str(s.part(cx, part, g)?);
    }
    tuple_new(cx, &items, g).map(Value::Tuple)
}
