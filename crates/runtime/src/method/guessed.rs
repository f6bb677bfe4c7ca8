//! Methods by functions of their own, for generated code that knows the kind of the receiver and not its type.
//!
//! Each gives what `call_method` gives; that is where other types of the kind go.

use crate::library::deque::Deque;
use crate::{Args, Cx, Object, Result, Set, Value, call_method};

/// `set.add(item)`
pub fn set_add<'a>(cx: &'a Cx<'a>, set: Set<'a>, item: Value<'a>, g: u32) -> Result<Value<'a>> {
    if set.is_frozen() {
        return call_method(cx, Value::Set(set), cx.name("add", g)?, Args::of(&[item]), g);
    }
    set.add(cx, item, g)?;
    Ok(Value::None)
}

macro_rules! of_deque {
    ($($(#[$doc:meta])* $name:ident, $method:literal, [$($arg:ident),*], |$cx:ident, $deque:ident, $g:ident| $done:expr;)+) => {
        $($(#[$doc])*
        pub fn $name<'a>($cx: &'a Cx<'a>, object: Object<'a>, $($arg: Value<'a>,)* $g: u32) -> Result<Value<'a>> {
            match object.get().as_deque() {
                Some($deque) => $done,
                None => call_method($cx, Value::Object(object), $cx.name($method, $g)?, Args::of(&[$($arg),*]), $g),
            }
        })+
    };
}

of_deque! {
    /// `object.append(item)`
    object_append, "append", [item], |cx, deque, g| pushed(deque, cx, item, false, g);
    /// `object.appendleft(item)`
    object_append_left, "appendleft", [item], |cx, deque, g| pushed(deque, cx, item, true, g);
    /// `object.pop()`
    object_pop, "pop", [], |cx, deque, g| deque.take(cx, false, g);
    /// `object.popleft()`
    object_pop_left, "popleft", [], |cx, deque, g| deque.take(cx, true, g);
}

fn pushed<'a>(deque: &Deque<'a>, cx: &'a Cx<'a>, item: Value<'a>, left: bool, g: u32) -> Result<Value<'a>> {
    deque.push(cx, item, left, g)?;
    Ok(Value::None)
}
