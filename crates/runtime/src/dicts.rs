//! The library's dicts: methods and operators of `Counter`, `OrderedDict`, `defaultdict` (`Lib/collections/__init__.py`).

use crate::library::collections::mapping;
use crate::op::{self, BinaryOp};
use crate::{
    Args, BailKind, Cx, Dict, DictKind, Iter, Result, Type, Value, builtin, dict_new, list_new, repr, tuple_new,
};

/// Writes the `repr` of a `Counter` or `OrderedDict`.
pub(crate) fn write_repr<'a>(cx: &'a Cx<'a>, out: &mut String, dict: Dict<'a>, g: u32) -> Result<()> {
    if let DictKind::Ordered = dict.form() {
        out.push_str("OrderedDict(");
        if !dict.is_empty() {
            let mut items = Vec::new();
            for (key, value) in dict.entries() {
                items.push(Value::Tuple(tuple_new(cx, &[key, value], g)?));
            }
            repr::write_repr(cx, out, list_new(cx, &items, g)?.into(), g)?;
        }
        out.push(')');
        return Ok(());
    }
    out.push_str("Counter(");
    if !dict.is_empty() {
        out.push('{');
        for (at, (key, count)) in by_count(cx, dict, g)?.into_iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            repr::write_repr(cx, out, key, g)?;
            out.push_str(": ");
            repr::write_repr(cx, out, count, g)?;
        }
        out.push('}');
    }
    out.push(')');
    Ok(())
}

/// Keys and counts, the largest first; equal ones in the order of insertion.
fn by_count<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, g: u32) -> Result<Vec<(Value<'a>, Value<'a>)>> {
    let mut entries: Vec<(Value<'a>, Value<'a>)> = dict.entries().collect();
    if !entries.iter().all(|(_, count)| matches!(count, Value::Int(_))) {
        return Err(BailKind::Unsupported.at(g));
    }
    cx.burn(entries.len() * 32, g)?;
    entries.sort_by_key(|(_, count)| std::cmp::Reverse(count.index()));
    Ok(entries)
}

/// Adds counts, or subtracts them: of the items of an iterable, of a mapping, of keywords.
pub(crate) fn count<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, args: Args<'_, 'a>, subtract: bool, g: u32) -> Result<()> {
    let op = if subtract { BinaryOp::Sub } else { BinaryOp::Add };
    let change = |key: Value<'a>, by: Value<'a>| {
        let now = dict.get(cx, key, g)?.unwrap_or(Value::Int(0));
        dict.set(cx, key, op::binary(cx, op, now, by, g)?, g)
    };
    match args.pos {
        [] | [Value::None] => {}
        [source] => match mapping(*source) {
            // The counts of a mapping are taken over as they are by an empty counter.
            Some(other) if dict.is_empty() && !subtract => dict.copy_from(cx, other, g)?,
            Some(other) => {
                for (key, value) in other.entries() {
                    cx.tick(g)?;
                    change(key, value)?;
                }
            }
            None => {
                let mut items = Iter::new(cx, *source, g)?;
                while let Some(item) = items.next(cx, g)? {
                    cx.tick(g)?;
                    change(item, Value::Int(1))?;
                }
            }
        },
        _ => return Err(BailKind::Exception.at(g)),
    }
    for (name, value) in args.kw {
        change(Value::Str(*name), *value)?;
    }
    Ok(())
}

/// What the library's dicts do by a method of their own; none for those of `dict`.
pub(crate) fn method<'a>(
    cx: &'a Cx<'a>,
    dict: Dict<'a>,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    match (dict.form(), name) {
        (DictKind::Counter, _) => counter_method(cx, dict, name, args, g),
        (DictKind::Ordered, _) => ordered_method(cx, dict, name, args, g),
        (_, "most_common" | "elements" | "subtract" | "total" | "move_to_end") => {
            let kind = dict.kind().name();
            let text = format!("'{kind}' object has no attribute '{name}'");
            Err(cx.raise(Type::AttributeError, &text, g))
        }
        _ => Ok(None),
    }
}

fn counter_method<'a>(
    cx: &'a Cx<'a>,
    dict: Dict<'a>,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    Ok(Some(match name {
        "update" | "subtract" => {
            count(cx, dict, args, name == "subtract", g)?;
            Value::None
        }
        "most_common" => {
            let [most] = args.bind(["n"], 0, 1, g)?;
            let most = match most {
                None | Some(Value::None) => usize::MAX,
                Some(most) => usize::try_from(most.index().ok_or_else(|| BailKind::Exception.at(g))?).unwrap_or(0),
            };
            let mut items = Vec::new();
            for (key, count) in by_count(cx, dict, g)?.into_iter().take(most) {
                items.push(Value::Tuple(tuple_new(cx, &[key, count], g)?));
            }
            list_new(cx, &items, g)?.into()
        }
        "elements" => {
            let mut items = Vec::new();
            for (key, count) in dict.entries() {
                let count = usize::try_from(count.index().ok_or_else(|| BailKind::Unsupported.at(g))?).unwrap_or(0);
                cx.reserve((items.len() + count).saturating_mul(16), g)?;
                items.extend(std::iter::repeat_n(key, count));
            }
            crate::iter_value(cx, list_new(cx, &items, g)?.into(), g)?
        }
        "total" => {
            let counts: Vec<Value<'a>> = dict.entries().map(|(_, count)| count).collect();
            builtin::sum(cx, list_new(cx, &counts, g)?.into(), Value::Int(0), g)?
        }
        "fromkeys" | "move_to_end" => return Err(BailKind::Unsupported.at(g)),
        _ => return Ok(None),
    }))
}

fn ordered_method<'a>(
    cx: &'a Cx<'a>,
    dict: Dict<'a>,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    let missing = |key: Value<'a>| cx.raise_with(Type::KeyError, &[key], g);
    Ok(Some(match name {
        "move_to_end" => {
            let [Some(key), last] = args.bind(["key", "last"], 1, 2, g)? else {
                return Err(BailKind::Exception.at(g));
            };
            let Some(value) = dict.remove(cx, key, g)? else { return Err(missing(key)) };
            if last.map_or(Ok(true), |last| crate::truth(cx, last, g))? {
                dict.set(cx, key, value, g)?;
            } else {
                let rest: Vec<(Value<'a>, Value<'a>)> = dict.entries().collect();
                dict.clear(g)?;
                dict.set(cx, key, value, g)?;
                for (key, value) in rest {
                    dict.set(cx, key, value, g)?;
                }
            }
            Value::None
        }
        "popitem" => {
            let [last] = args.bind(["last"], 0, 1, g)?;
            let last = last.map_or(Ok(true), |last| crate::truth(cx, last, g))?;
            let entry = if last { dict.last_entry() } else { dict.entries().next() };
            let Some((key, value)) = entry else {
                let text = crate::str_new(cx, "dictionary is empty", g)?;
                return Err(missing(Value::Str(text)));
            };
            dict.remove(cx, key, g)?;
            Value::Tuple(tuple_new(cx, &[key, value], g)?)
        }
        "most_common" | "elements" | "subtract" | "total" => return Err(BailKind::Unsupported.at(g)),
        _ => return Ok(None),
    }))
}

/// A count; that of a counter can be anything, but what is no int is rare.
fn whole(v: Value<'_>, g: u32) -> Result<i64> {
    match v {
        Value::Int(count) => Ok(count),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// What an operator makes of two counts.
fn combined(op: BinaryOp, left: i64, right: i64, g: u32) -> Result<i64> {
    let count = match op {
        BinaryOp::Add => left.checked_add(right),
        BinaryOp::Sub => left.checked_sub(right),
        BinaryOp::BitOr => Some(left.max(right)),
        _ => Some(left.min(right)),
    };
    count.ok_or_else(|| BailKind::Overflow.at(g))
}

/// `l op= r` of a counter and a dict (`Counter.__iadd__` and its like); none for another operator.
pub(crate) fn counter_inplace<'a>(
    cx: &'a Cx<'a>,
    op: BinaryOp,
    l: Dict<'a>,
    r: Dict<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    // A plain dict has no count for what is missing.
    let from = if op == BinaryOp::BitAnd { l } else { r };
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::BitOr => {}
        BinaryOp::BitAnd if matches!(r.form(), DictKind::Counter) => {}
        BinaryOp::BitAnd => return Err(BailKind::Unsupported.at(g)),
        _ => return Ok(None),
    }
    let entries: Vec<(Value<'a>, Value<'a>)> = from.entries().collect();
    for (key, _) in entries {
        cx.tick(g)?;
        let of = |dict: Dict<'a>| -> Result<i64> { dict.get(cx, key, g)?.map_or(Ok(0), |v| whole(v, g)) };
        let (left, right) = (of(l)?, of(r)?);
        l.set(cx, key, Value::Int(combined(op, left, right, g)?), g)?;
    }
    let all: Vec<(Value<'a>, Value<'a>)> = l.entries().collect();
    for (key, left) in all {
        if whole(left, g)? <= 0 {
            l.remove(cx, key, g)?;
        }
    }
    Ok(Some(Value::Dict(l)))
}

/// `+counter`, `-counter`: the positive counts of it.
pub(crate) fn counter_unary<'a>(cx: &'a Cx<'a>, counter: Dict<'a>, negated: bool, g: u32) -> Result<Value<'a>> {
    let result = dict_new(cx, &[], g)?;
    result.set_form(DictKind::Counter);
    for (key, value) in counter.entries() {
        cx.tick(g)?;
        let known = whole(value, g)?;
        let known = if negated { known.checked_neg().ok_or_else(|| BailKind::Overflow.at(g))? } else { known };
        if known > 0 {
            result.set(cx, key, Value::Int(known), g)?;
        }
    }
    Ok(Value::Dict(result))
}

/// `l op r` of counters: only positive counts stay; none for another operator.
pub(crate) fn counter_binary<'a>(
    cx: &'a Cx<'a>,
    op: BinaryOp,
    l: Dict<'a>,
    r: Dict<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    let number = |v: Option<Value<'a>>| v.map_or(Ok(0), |v| whole(v, g));
    if !matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::BitOr | BinaryOp::BitAnd) {
        return Ok(None);
    }
    let result = dict_new(cx, &[], g)?;
    result.set_form(DictKind::Counter);
    for (key, left) in l.entries() {
        cx.tick(g)?;
        let count = combined(op, number(Some(left))?, number(r.get(cx, key, g)?)?, g)?;
        if count > 0 {
            result.set(cx, key, Value::Int(count), g)?;
        }
    }
    if op != BinaryOp::BitAnd {
        for (key, right) in r.entries() {
            cx.tick(g)?;
            if l.get(cx, key, g)?.is_some() {
                continue;
            }
            let count = combined(op, 0, number(Some(right))?, g)?;
            if count > 0 {
                result.set(cx, key, Value::Int(count), g)?;
            }
        }
    }
    Ok(Some(Value::Dict(result)))
}
