//! The built-ins that turn one value into another, or into text.

use crate::library::streams;
use crate::repr::{write_repr, write_str};
use crate::{Args, BailKind, Cx, Result, Str, Stream, Type, Value, attr, call, number, op, plain};

/// `print(*args, sep=sep, end=end)`
pub fn print<'a>(cx: &'a Cx<'a>, args: &[Value<'a>], sep: Option<Str<'a>>, end: Option<Str<'a>>, g: u32) -> Result<()> {
    print_to(cx, Stream::Stdout, args, [sep, end], g)
}

fn print_to<'a>(
    cx: &'a Cx<'a>,
    stream: Stream,
    args: &[Value<'a>],
    [sep, end]: [Option<Str<'a>>; 2],
    g: u32,
) -> Result<()> {
    let mut line = String::new();
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            line.push_str(sep.map_or(" ", Str::text));
        }
        let before = line.len();
        if let Err(bail) = write_str(cx, &mut line, *arg, g) {
            // What comes before is written by then.
            let raised = cx.catch(bail)?;
            line.truncate(before);
            cx.print(stream, &line, g)?;
            return Err(cx.rethrow(raised, g));
        }
    }
    line.push_str(end.map_or("\n", Str::text));
    cx.print(stream, &line, g)
}

/// `print(*args, sep=sep, end=end, file=file, flush=flush)`
pub(super) fn call_print<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (mut sep, mut end, mut stream, mut flush) = (None, None, Stream::Stdout, false);
    let mut other = None;
    for (name, value) in args.kw {
        match (name.text(), *value) {
            ("sep" | "end" | "file", Value::None) => {}
            ("flush", value) => flush = crate::truth(cx, value, g)?,
            ("sep", Value::Str(text)) => sep = Some(text),
            ("end", Value::Str(text)) => end = Some(text),
            ("file", file) => match streams::stream(file) {
                Some(standard) => stream = standard,
                None => other = Some(file),
            },
            _ => return Err(BailKind::Unsupported.at(g)),
        }
    }
    match other {
        None => print_to(cx, stream, args.pos, [sep, end], g)?,
        Some(file) => print_into(cx, file, args.pos, [sep, end], flush, g)?,
    }
    Ok(Value::None)
}

/// The same into an object with a method `write`, piece by piece as CPython calls it.
fn print_into<'a>(
    cx: &'a Cx<'a>,
    file: Value<'a>,
    args: &[Value<'a>],
    [sep, end]: [Option<Str<'a>>; 2],
    flush: bool,
    g: u32,
) -> Result<()> {
    // `PyFile_WriteObject`: the method is asked for each time, before the text of what it is given.
    let method = |name: &'static str| attr::get(cx, file, cx.name(name, g)?, g);
    let write = |piece: Value<'a>| {
        let write = method("write")?;
        call::call_with(cx, write, &[Value::Str(str(cx, piece, g)?)], g)
    };
    let given = |text: Option<Str<'a>>, usual: &str| text.map_or_else(|| crate::str_new(cx, usual, g), Ok);
    let sep = given(sep, " ")?;
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            write(Value::Str(sep))?;
        }
        write(*arg)?;
    }
    write(Value::Str(given(end, "\n")?))?;
    if flush {
        call::call_with(cx, method("flush")?, &[], g)?;
    }
    Ok(())
}

/// `str(v)`.
pub fn str<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Str<'a>> {
    if let Value::Str(text) = v {
        return Ok(text);
    }
    cx.build(|text| write_str(cx, text, v, g), g)
}

/// `repr(v)`.
pub fn repr<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Str<'a>> {
    cx.build(|text| write_repr(cx, text, v, g), g)
}

/// `repr(v)`
pub(super) fn call_repr<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [v] => repr(cx, *v, g).map(Value::Str),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `int(v)`.
pub fn int<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match v {
        Value::Int(_) | Value::Big(_) => Ok(v),
        Value::Bool(value) => Ok(Value::Int(i64::from(value.get()))),
        Value::Float(value) if value.get().is_nan() => {
            Err(cx.raise(Type::ValueError, "cannot convert float NaN to integer", g))
        }
        Value::Float(value) if value.get().is_infinite() => {
            Err(cx.raise(Type::OverflowError, "cannot convert float infinity to integer", g))
        }
        Value::Float(value) => {
            let whole = value.get().trunc();
            if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
                return Ok(Value::Int(whole as i64));
            }
            let number = crate::big::float_to_int(whole).ok_or_else(|| BailKind::Unsupported.at(g))?;
            crate::big::int_value(cx, &number, g)
        }
        Value::Str(text) => number::parse_int(cx, text, 10, g),
        Value::Instance(_) => match attr::call_special(cx, v, "__int__", &[], g)? {
            Some(value @ (Value::Int(_) | Value::Big(_))) => Ok(value),
            Some(_) => Err(BailKind::Exception.at(g)),
            None => match attr::index_of(cx, v, g)? {
                Some(value) => Ok(value),
                None if matches!(plain(v), Value::Instance(_)) => Err(not_a_number(cx, "int", v, g)),
                None => int(cx, plain(v), g),
            },
        },
        Value::Bytes(_) | Value::Object(_) => Err(BailKind::Unsupported.at(g)),
        _ => Err(not_a_number(cx, "int", v, g)),
    }
}

fn not_a_number<'a>(cx: &'a Cx<'a>, what: &str, v: Value<'a>, g: u32) -> crate::Bail {
    let name = crate::class::type_name(v);
    let text = match what {
        "int" => format!("int() argument must be a string, a bytes-like object or a real number, not '{name}'"),
        _ => format!("float() argument must be a string or a real number, not '{name}'"),
    };
    cx.raise(Type::TypeError, &text, g)
}

/// `int(v, base)`
pub(super) fn construct_int<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match (args.pos, args.kw) {
        ([], []) => Ok(Value::Int(0)),
        ([v], []) => int(cx, *v, g),
        ([Value::Str(text), base], []) | ([Value::Str(text)], [(_, base)]) => match base.index() {
            Some(base @ (0 | 2..=36)) => number::parse_int(cx, *text, base as u32, g),
            Some(_) => Err(cx.raise(Type::ValueError, "int() base must be >= 2 and <= 36, or 0", g)),
            None => Err(BailKind::Exception.at(g)),
        },
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `float(v)`.
pub fn float<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<f64> {
    match v {
        Value::Float(value) => Ok(value.get()),
        Value::Int(value) => Ok(value as f64),
        Value::Bool(value) => Ok(f64::from(u8::from(value.get()))),
        Value::Str(text) => number::parse_float(cx, text, g),
        Value::Big(big) => match crate::big::nearest_float(&big.number()) {
            Some(value) => Ok(value),
            None => Err(cx.raise(Type::OverflowError, "int too large to convert to float", g)),
        },
        Value::Instance(_) => match attr::call_special(cx, v, "__float__", &[], g)? {
            Some(Value::Float(value)) => Ok(value.get()),
            Some(_) => Err(BailKind::Exception.at(g)),
            None => match attr::index_of(cx, v, g)? {
                Some(value) => float(cx, value, g),
                None if matches!(plain(v), Value::Instance(_)) => Err(not_a_number(cx, "float", v, g)),
                None => float(cx, plain(v), g),
            },
        },
        Value::Bytes(_) | Value::Object(_) => Err(BailKind::Unsupported.at(g)),
        _ => Err(not_a_number(cx, "float", v, g)),
    }
}

/// `bool(v)`.
pub fn bool<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<bool> {
    crate::truth(cx, v, g)
}

/// `abs(v)`.
pub fn abs<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (v, v.index()) {
        (Value::Float(value), _) => Ok(Value::float(value.get().abs())),
        (_, Some(value)) if value != i64::MIN => Ok(Value::Int(value.abs())),
        (Value::Int(_), _) => op::neg(cx, v, g),
        (Value::Big(big), _) => {
            if big.is_negative() {
                op::neg(cx, v, g)
            } else {
                Ok(v)
            }
        }
        (Value::Instance(_), _) => match attr::call_special(cx, v, "__abs__", &[], g)? {
            Some(result) => Ok(result),
            None if matches!(plain(v), Value::Instance(_)) => Err(BailKind::Exception.at(g)),
            None => abs(cx, plain(v), g),
        },
        (Value::Object(object), _) => object.get().unary(cx, "__abs__", g)?.ok_or_else(|| BailKind::Exception.at(g)),
        _ => {
            let name = crate::class::type_name(v);
            Err(cx.raise(Type::TypeError, &format!("bad operand type for abs(): '{name}'"), g))
        }
    }
}
