//! `str` and `repr` of values.
//!
//! Holds: what needs Unicode's table of printable characters is asked of [`crate::unicode`]; a structure that contains itself prints as CPython does only down to a depth, then `Unsupported`.

use std::fmt::Write;

use crate::class::Form;
use crate::dict::DictKind;
use crate::{BailKind, Class, Cx, Instance, Result, Str, Type, Value, attr, dataclass, enums, exception, float_text};

/// `repr(v)` as text.
pub(crate) fn repr_text<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<String> {
    let mut out = String::new();
    write_repr(cx, &mut out, v, g)?;
    Ok(out)
}

/// `ascii(v)` as text.
pub(crate) fn ascii_text<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<String> {
    let text = repr_text(cx, v, g)?;
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let _ = match u32::from(letter) {
            0..0x80 => {
                out.push(letter);
                Ok(())
            }
            code @ 0x80..0x100 => write!(out, "\\x{code:02x}"),
            code @ 0x100..0x10000 => write!(out, "\\u{code:04x}"),
            code => write!(out, "\\U{code:08x}"),
        };
    }
    Ok(out)
}

/// `str(v)` as text.
pub(crate) fn str_text<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<String> {
    let mut out = String::new();
    write_str(cx, &mut out, v, g)?;
    Ok(out)
}

/// Writes `str(v)`.
pub(crate) fn write_str<'a>(cx: &'a Cx<'a>, out: &mut String, v: Value<'a>, g: u32) -> Result<()> {
    match v {
        Value::Str(value) => push(cx, out, value.text(), g),
        Value::Instance(instance) => write_instance_str(cx, out, instance, g),
        Value::Object(object) => object.get().str(cx, out, g),
        _ => write_repr(cx, out, v, g),
    }
}

/// Writes `repr(v)`.
pub(crate) fn write_repr<'a>(cx: &'a Cx<'a>, out: &mut String, v: Value<'a>, g: u32) -> Result<()> {
    match v {
        Value::None => out.push_str("None"),
        Value::NotImplemented => out.push_str("NotImplemented"),
        Value::Ellipsis => out.push_str("Ellipsis"),
        Value::Bool(value) => out.push_str(if value.get() { "True" } else { "False" }),
        Value::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Big(value) => out.push_str(&decimal(value, g)?),
        Value::Float(value) => out.push_str(float_text::repr(value.get()).as_str()),
        Value::Str(value) => write_quoted(cx, out, value, g)?,
        Value::Bytes(value) => write_bytes(out, value.bytes()),
        Value::Range(range) => {
            let _ = write!(out, "range({}, {}", range.0.start, range.0.stop);
            if range.0.step != 1 {
                let _ = write!(out, ", {}", range.0.step);
            }
            out.push(')');
        }
        Value::Class(class) => return write_class(out, class, g),
        Value::Builtin(builtin) if builtin.module == "builtins" => {
            let _ = write!(out, "<built-in function {}>", builtin.name);
        }
        // Their text has an address in it.
        Value::Function(_) | Value::Method(_) | Value::Builtin(_) => return Err(BailKind::Unsupported.at(g)),
        Value::Instance(instance) => return write_instance_repr(cx, out, instance, g),
        Value::Object(object) => {
            cx.enter(g)?;
            object.get().repr(cx, out, g)?;
            cx.leave();
        }
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) => {
            // Endless structures end here: CPython prints `...` in them.
            cx.enter(g)?;
            write_container(cx, out, v, g)?;
            cx.leave();
        }
    }
    cx.reserve(out.len(), g)
}

fn write_container<'a>(cx: &'a Cx<'a>, out: &mut String, v: Value<'a>, g: u32) -> Result<()> {
    match v {
        Value::List(list) => {
            out.push('[');
            let mut index = 0;
            while let Some(item) = list.at(index) {
                separate(out, index);
                write_repr(cx, out, item, g)?;
                index += 1;
            }
            out.push(']');
        }
        Value::Tuple(tuple) => write_tuple(cx, out, tuple.items(), g)?,
        Value::Dict(dict) => {
            match dict.form() {
                DictKind::Plain => {}
                DictKind::Default(factory) => {
                    out.push_str("defaultdict(");
                    write_repr(cx, out, factory, g)?;
                    out.push_str(", ");
                }
                DictKind::Counter | DictKind::Ordered => return crate::dicts::write_repr(cx, out, dict, g),
            }
            out.push('{');
            for (index, (key, value)) in dict.entries().enumerate() {
                separate(out, index);
                write_repr(cx, out, key, g)?;
                out.push_str(": ");
                write_repr(cx, out, value, g)?;
            }
            out.push('}');
            if let DictKind::Default(_) = dict.form() {
                out.push(')');
            }
        }
        Value::Set(set) => {
            let name = if set.is_frozen() { "frozenset" } else { "set" };
            if set.is_empty() {
                let _ = write!(out, "{name}()");
                return Ok(());
            }
            if set.is_frozen() {
                out.push_str("frozenset(");
            }
            out.push('{');
            let mut items = crate::set::SetIter::new(set);
            let mut index = 0;
            while let Some(item) = items.next(cx, g)? {
                separate(out, index);
                write_repr(cx, out, item, g)?;
                index += 1;
            }
            out.push('}');
            if set.is_frozen() {
                out.push(')');
            }
        }
        _ => {}
    }
    Ok(())
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

fn write_tuple<'a>(cx: &'a Cx<'a>, out: &mut String, items: &[Value<'a>], g: u32) -> Result<()> {
    out.push('(');
    for (index, item) in items.iter().enumerate() {
        separate(out, index);
        write_repr(cx, out, *item, g)?;
    }
    out.push_str(if items.len() == 1 { ",)" } else { ")" });
    Ok(())
}

/// Appends within the memory limit.
pub(crate) fn push<'a>(cx: &'a Cx<'a>, out: &mut String, text: &str, g: u32) -> Result<()> {
    cx.reserve(out.len() + text.len(), g)?;
    out.push_str(text);
    Ok(())
}

/// The decimal digits of a big integer; CPython refuses more than 4300.
pub(crate) fn decimal(value: crate::Big<'_>, g: u32) -> Result<String> {
    let text = value.number().to_string();
    match text.len() - usize::from(value.is_negative()) <= 4300 {
        true => Ok(text),
        false => Err(BailKind::Exception.at(g)),
    }
}

fn write_class(out: &mut String, class: Class<'_>, g: u32) -> Result<()> {
    match class.builtin() {
        Some(ty) if ty.module() == "builtins" => {
            let _ = write!(out, "<class '{}'>", ty.name());
            Ok(())
        }
        Some(ty) => {
            let _ = write!(out, "<class '{}.{}'>", ty.module(), ty.name());
            Ok(())
        }
        // Its module's name is part of it.
        None => Err(BailKind::Unsupported.at(g)),
    }
}

fn write_instance_str<'a>(cx: &'a Cx<'a>, out: &mut String, instance: Instance<'a>, g: u32) -> Result<()> {
    let v = Value::Instance(instance);
    if let Some(result) = attr::call_special(cx, v, "__str__", &[], g)? {
        return text_of(cx, out, result, g);
    }
    if instance.is_exception() {
        let text = exception_str(cx, instance, g)?;
        return push(cx, out, &text, g);
    }
    match crate::plain(v) {
        // `str` of a subclass of `str` is its text, whatever its `repr` is.
        Value::Str(text) if !matches!(instance.class().form(), Form::Enum(_)) => push(cx, out, text.text(), g),
        Value::Int(_) | Value::Float(_) if matches!(instance.class().form(), Form::Enum(_)) => {
            write_repr(cx, out, crate::plain(v), g)
        }
        _ => match instance.class().form() {
            Form::Enum(_) => {
                let _ = write!(out, "{}.{}", instance.class().name().text(), enums::name_of(cx, instance, g)?.text());
                Ok(())
            }
            _ => write_instance_repr(cx, out, instance, g),
        },
    }
}

fn text_of<'a>(cx: &'a Cx<'a>, out: &mut String, result: Value<'a>, g: u32) -> Result<()> {
    match crate::plain(result) {
        Value::Str(text) => push(cx, out, text.text(), g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn write_instance_repr<'a>(cx: &'a Cx<'a>, out: &mut String, instance: Instance<'a>, g: u32) -> Result<()> {
    let v = Value::Instance(instance);
    if let Some(method) = attr::special(cx, v, "__repr__", g)? {
        if let Value::Object(object) = method
            && let Some(form) = object.get().as_generated()
        {
            cx.enter(g)?;
            dataclass::write_repr(cx, out, form, instance, g)?;
            cx.leave();
            return Ok(());
        }
        let result = crate::call::with_receiver(cx, method, v, crate::Args::of(&[]), g)?;
        return text_of(cx, out, result, g);
    }
    if instance.is_exception() {
        let text = exception_repr(cx, instance, g)?;
        return push(cx, out, &text, g);
    }
    match (instance.class().form(), crate::plain(v)) {
        (Form::NamedTuple(fields), Value::Tuple(tuple)) => {
            cx.enter(g)?;
            out.push_str(instance.class().name().text());
            out.push('(');
            for (index, (field, item)) in fields.iter().zip(tuple.items()).enumerate() {
                separate(out, index);
                let _ = write!(out, "{}=", field.text());
                write_repr(cx, out, *item, g)?;
            }
            out.push(')');
            cx.leave();
            Ok(())
        }
        (Form::Enum(_), _) => {
            let value = enums::value_of(cx, instance, g)?;
            let _ = write!(out, "<{}.{}: ", instance.class().name().text(), enums::name_of(cx, instance, g)?.text());
            write_repr(cx, out, value, g)?;
            out.push('>');
            Ok(())
        }
        // The default text has an address in it.
        (_, Value::Instance(_)) => Err(BailKind::Unsupported.at(g)),
        (_, Value::Set(_) | Value::Dict(_)) => Err(BailKind::Unsupported.at(g)),
        (_, inner) => write_repr(cx, out, inner, g),
    }
}

/// `str` of an exception (`BaseException_str`, `KeyError_str`).
pub(crate) fn exception_str<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, g: u32) -> Result<String> {
    let layout = instance.class().layout();
    if let Some((code, reason)) = http_error(cx, instance, g)? {
        return Ok(format!("HTTP Error {}: {}", str_text(cx, code, g)?, str_text(cx, reason, g)?));
    }
    let args = exception::args_of(instance);
    let structured = [Type::OSError, Type::SyntaxError, Type::UnicodeError, Type::ImportError];
    match args {
        [] => Ok(String::new()),
        [one] if layout.is(Type::KeyError) => repr_text(cx, *one, g),
        [one] => str_text(cx, *one, g),
        _ if structured.iter().any(|ty| layout.is(*ty)) => Err(BailKind::Unsupported.at(g)),
        _ => repr_text(cx, instance.payload(), g),
    }
}

/// `repr` of an exception (`BaseException_repr`).
pub(crate) fn exception_repr<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, g: u32) -> Result<String> {
    if let Some((code, reason)) = http_error(cx, instance, g)? {
        return Ok(format!("<HTTPError {}: {}>", str_text(cx, code, g)?, repr_text(cx, reason, g)?));
    }
    let mut out = instance.class().name().text().to_owned();
    match exception::args_of(instance) {
        [one] => {
            out.push('(');
            write_repr(cx, &mut out, *one, g)?;
            out.push(')');
        }
        args => write_tuple(cx, &mut out, args, g)?,
    }
    Ok(out)
}

/// The status and its words that a `urllib.error.HTTPError` shows.
fn http_error<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, g: u32) -> Result<Option<(Value<'a>, Value<'a>)>> {
    if !instance.class().layout().is(Type::UrllibHttpError) {
        return Ok(None);
    }
    let get = |name| crate::attr::get(cx, Value::Instance(instance), cx.name(name, g)?, g);
    Ok(Some((get("code")?, get("msg")?)))
}

/// Writes a string in quotes (`unicode_repr`).
fn write_quoted<'a>(cx: &'a Cx<'a>, out: &mut String, value: Str<'a>, g: u32) -> Result<()> {
    let text = value.text();
    cx.reserve(out.len() + text.len(), g)?;
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    let is_plain = |letter: u8| matches!(letter, b' '..=b'~') && letter != b'\\' && char::from(letter) != quote;
    if text.bytes().all(is_plain) {
        out.push_str(text);
        out.push(quote);
        return Ok(());
    }
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            ' '..='~' => out.push(letter),
            '\0'..='\x7f' => {
                let _ = write!(out, "\\x{:02x}", letter as u32);
            }
            _ if crate::unicode::is_printable(letter) => out.push(letter),
            '\0'..='\u{ff}' => {
                let _ = write!(out, "\\x{:02x}", letter as u32);
            }
            '\0'..='\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", letter as u32);
            }
            _ => {
                let _ = write!(out, "\\U{:08x}", letter as u32);
            }
        }
    }
    out.push(quote);
    Ok(())
}

/// Writes a bytes object (`PyBytes_Repr`).
pub(crate) fn write_bytes(out: &mut String, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.push('b');
    out.push(quote);
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            _ if char::from(byte) == quote => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push(quote);
}
