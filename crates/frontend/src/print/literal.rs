//! Operands and applications as Python text.

use std::fmt::Write;

use upshift_ir::{Const, UnaryOp};

use crate::normal::{Atom, Callee, Expr, FormatPart};

/// Prints what stands on the right of an assignment; opaque text is the caller's.
pub(super) fn expr(source: &str, value: &Expr) -> String {
    let atom = |value: &Atom| atom(source, value);
    let all = |values: &[Atom]| values.iter().map(&atom).collect::<Vec<_>>().join(", ");
    match value {
        Expr::Atom(value) => atom(value),
        Expr::Global(name) => name.clone(),
        Expr::Binary(op, left, right) => format!("{} {op} {}", atom(left), atom(right)),
        Expr::Compare(op, left, right) => format!("{} {op} {}", atom(left), atom(right)),
        Expr::Unary(UnaryOp::Not, operand) => format!("not {}", atom(operand)),
        Expr::Unary(op, operand) => format!("{op}{}", atom(operand)),
        Expr::Index(object, index) => format!("{}[{}]", atom(object), atom(index)),
        Expr::Attr(object, name) => format!("{}.{name}", receiver(source, object)),
        Expr::Call { callee, args, kwargs } => {
            let callee = match callee {
                Callee::Var(name) | Callee::Global(name) => name.clone(),
                Callee::Method(object, name) => format!("{}.{name}", receiver(source, object)),
            };
            let named = kwargs.iter().map(|(name, value)| format!("{name}={}", atom(value)));
            let parts: Vec<String> = args.iter().map(&atom).chain(named).collect();
            format!("{callee}({})", parts.join(", "))
        }
        Expr::List(items) => format!("[{}]", all(items)),
        Expr::Tuple(items) => match &items[..] {
            [only] => format!("({},)", atom(only)),
            items => format!("({})", all(items)),
        },
        Expr::Dict(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(key, value)| format!("{}: {}", atom(key), atom(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Expr::Format(parts) => format(source, parts),
        Expr::Iter(object) => format!("_up_iter({})", atom(object)),
        Expr::Opaque { text, .. } => source[text.clone()].to_owned(),
        _ => unreachable!("meanings are never printed"),
    }
}

/// Prints an operand.
pub(super) fn atom(source: &str, value: &Atom) -> String {
    match value {
        Atom::Var(name) => name.clone(),
        Atom::Const(value) => constant(value),
        Atom::Literal(text) => match &source[text.clone()] {
            text if text.contains(['\n', '\r']) => format!("({text})"),
            text => text.to_owned(),
        },
    }
}

fn receiver(source: &str, object: &Atom) -> String {
    match object {
        Atom::Var(name) => name.clone(),
        other => format!("({})", atom(source, other)),
    }
}

fn constant(value: &Const) -> String {
    match value {
        Const::None => "None".to_owned(),
        Const::Bool(true) => "True".to_owned(),
        Const::Bool(false) => "False".to_owned(),
        // Alone, a minus would be an operator of what follows or stands before it.
        Const::Int(value) if *value < 0 => format!("({value})"),
        Const::Int(value) => value.to_string(),
        Const::BigInt(digits) => digits.clone(),
        Const::Float(value) if value.0.is_sign_negative() => format!("(-{})", float(-value.0)),
        Const::Float(value) => float(value.0),
        Const::Str(text) => {
            let mut quoted = String::from("'");
            text.chars().for_each(|c| escaped(c, &mut quoted));
            quoted.push('\'');
            quoted
        }
        Const::Bytes(bytes) => {
            // The escapes of both languages are the same here, but for those of quotes, which both read.
            format!("b\"{}\"", bytes.escape_ascii())
        }
        Const::Ellipsis => "...".to_owned(),
    }
}

/// The shortest text that reads back as the same float, as in Python.
fn float(value: f64) -> String {
    if value.is_infinite() { "1e999".to_owned() } else { format!("{value:?}") }
}

fn escaped(c: char, to: &mut String) {
    let written = match c {
        '\\' | '\'' => write!(to, "\\{c}"),
        '\n' => write!(to, "\\n"),
        '\t' => write!(to, "\\t"),
        '\r' => write!(to, "\\r"),
        ' '..='~' => write!(to, "{c}"),
        '\0'..='\u{ff}' if !c.is_alphanumeric() => write!(to, "\\x{:02x}", c as u32),
        _ if c.is_alphanumeric() => write!(to, "{c}"),
        '\0'..='\u{ffff}' => write!(to, "\\u{:04x}", c as u32),
        _ => write!(to, "\\U{:08x}", c as u32),
    };
    written.expect("writing to a string cannot fail");
}

fn format(source: &str, parts: &[FormatPart]) -> String {
    let mut text = String::from("f'");
    for part in parts {
        match part {
            FormatPart::Text(plain) => {
                for c in plain.chars() {
                    if matches!(c, '{' | '}') {
                        text.push(c);
                    }
                    escaped(c, &mut text);
                }
            }
            FormatPart::Value { value, conversion, spec, .. } => {
                text.push('{');
                text.push_str(&atom(source, value));
                if let Some(conversion) = conversion {
                    text.push('!');
                    text.push(*conversion);
                }
                if !spec.is_empty() {
                    text.push(':');
                    text.push_str(spec);
                }
                text.push('}');
            }
        }
    }
    text.push('\'');
    text
}
