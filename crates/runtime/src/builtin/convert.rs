//! The built-ins that turn one value into another, or into text.

use crate::repr::{write_repr, write_str};
use crate::{BailKind, Cx, Result, Str, Value, number, op};

/// `print(*args, sep=sep, end=end)` into the invocation's log.
pub fn print<'a>(cx: &Cx<'a>, args: &[Value<'a>], sep: Option<Str<'a>>, end: Option<Str<'a>>, g: u32) -> Result<()> {
    cx.print(
        |text| {
            for (index, arg) in args.iter().enumerate() {
                if index > 0 {
                    text.push(sep.map_or(" ", Str::text))?;
                }
                write_str(text, *arg)?;
            }
            text.push(end.map_or("\n", Str::text))
        },
        g,
    )
}

/// `str(v)`.
pub fn str<'a>(cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<Str<'a>> {
    if let Value::Str(text) = v {
        return Ok(text);
    }
    cx.build(|text| write_str(text, v), g)
}

/// `repr(v)`; bails out with `Unsupported` at characters outside ASCII.
pub fn repr<'a>(cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<Str<'a>> {
    cx.build(|text| write_repr(text, v, 0), g)
}

/// `int(v)`.
pub fn int<'a>(_cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match v {
        Value::Int(_) => Ok(v),
        Value::Bool(value) => Ok(Value::Int(i64::from(value))),
        Value::Float(value) if !value.is_finite() => Err(BailKind::Exception.at(g)),
        Value::Float(value) => {
            let whole = value.trunc();
            if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
                return Err(BailKind::Overflow.at(g));
            }
            Ok(Value::Int(whole as i64))
        }
        Value::Str(text) => number::parse_int(text.text()).map(Value::Int).map_err(|kind| kind.at(g)),
        Value::None | Value::List(_) | Value::Dict(_) | Value::Range(_) => Err(BailKind::Exception.at(g)),
    }
}

/// `float(v)`.
pub fn float<'a>(_cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<f64> {
    match v {
        Value::Float(value) => Ok(value),
        Value::Int(value) => Ok(value as f64),
        Value::Bool(value) => Ok(f64::from(u8::from(value))),
        Value::Str(text) => number::parse_float(text.text()).map_err(|kind| kind.at(g)),
        Value::None | Value::List(_) | Value::Dict(_) | Value::Range(_) => Err(BailKind::Exception.at(g)),
    }
}

/// `bool(v)`.
#[must_use]
pub fn bool(v: Value<'_>) -> bool {
    crate::truth(v)
}

/// `abs(v)`.
pub fn abs<'a>(_cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (v, v.index()) {
        (Value::Float(value), _) => Ok(Value::Float(value.abs())),
        (_, Some(value)) => op::int_abs(value, g).map(Value::Int),
        _ => Err(BailKind::Exception.at(g)),
    }
}
