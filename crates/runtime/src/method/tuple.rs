//! Methods of `tuple`.

use super::list::{clamp, place};
use crate::op::equal_item;
use crate::{Args, BailKind, Cx, Result, Tuple, Type, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &["count", "index"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, tuple: Tuple<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if !METHODS.contains(&name) {
        return Err(BailKind::Unsupported.at(g));
    }
    let items = tuple.items();
    match (name, args.positional(g)?) {
        ("count", [value]) => {
            let mut count = 0;
            for item in items {
                cx.tick(g)?;
                count += i64::from(equal_item(cx, *item, *value, 0, g)?);
            }
            Ok(Value::Int(count))
        }
        ("index", [value, bounds @ ..]) if bounds.len() <= 2 => {
            let start = bounds.first().map_or(Ok(0), |start| place(cx, *start, g))?;
            let stop = bounds.get(1).map_or(Ok(i64::MAX), |stop| place(cx, *stop, g))?;
            let (start, stop) = (clamp(start, items.len()), clamp(stop, items.len()));
            for (at, item) in items.iter().enumerate().take(stop).skip(start) {
                cx.tick(g)?;
                if equal_item(cx, *item, *value, 0, g)? {
                    return Ok(Value::Int(at as i64));
                }
            }
            Err(cx.raise(Type::ValueError, "tuple.index(x): x not in tuple", g))
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}
