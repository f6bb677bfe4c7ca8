//! `format.format(*args, **kwargs)` (`Objects/stringlib/unicode_format.h`).

use super::write_format;
use crate::{Args, Cx, Result, Str, Type, Value, attr, op, repr, str_new};

/// `format.format(*args, **kwargs)`
pub(crate) fn format<'a>(cx: &'a Cx<'a>, format: Str<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let mut state = State { cx, args, next: Some(0), g };
    let mut out = String::new();
    state.fields(format.text(), &mut out, 2)?;
    str_new(cx, &out, g).map(Value::Str)
}

struct State<'s, 'a> {
    cx: &'a Cx<'a>,
    args: Args<'s, 'a>,
    /// The next automatic number; none once a field was numbered by hand.
    next: Option<usize>,
    g: u32,
}

impl<'a> State<'_, 'a> {
    fn error(&self, text: &str) -> crate::Bail {
        self.cx.raise(Type::ValueError, text, self.g)
    }

    fn fields(&mut self, format: &str, out: &mut String, depth: u32) -> Result<()> {
        if depth == 0 {
            return Err(self.error("Max string recursion exceeded"));
        }
        let mut rest = format;
        loop {
            let Some(at) = rest.find(['{', '}']) else {
                out.push_str(rest);
                return Ok(());
            };
            out.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                out.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(self.error("Single '}' encountered in format string"));
            }
            if rest.is_empty() {
                return Err(self.error("Single '{' encountered in format string"));
            }
            let field = Field::parse(&mut rest).map_err(|text| self.error(text))?;
            self.field(&field, out, depth)?;
            self.cx.reserve(out.len(), self.g)?;
        }
    }

    fn field(&mut self, field: &Field<'_>, out: &mut String, depth: u32) -> Result<()> {
        let (cx, g) = (self.cx, self.g);
        let mut value = self.value(field.name)?;
        let text = match field.conversion {
            None => None,
            Some('r') => Some(repr::repr_text(cx, value, g)?),
            Some('s') => Some(repr::str_text(cx, value, g)?),
            Some('a') => Some(repr::ascii_text(cx, value, g)?),
            Some(other @ '!'..='\u{7e}') => return Err(self.error(&format!("Unknown conversion specifier {other}"))),
            Some(other) => {
                return Err(self.error(&format!("Unknown conversion specifier \\x{:x}", u32::from(other))));
            }
        };
        if let Some(text) = text {
            value = Value::Str(str_new(cx, &text, g)?);
        }
        if field.nested {
            let mut computed = String::new();
            self.fields(field.spec, &mut computed, depth - 1)?;
            return write_format(cx, out, value, &computed, g);
        }
        write_format(cx, out, value, field.spec, g)
    }

    fn number(&self, digits: &str) -> Result<i64> {
        digits.parse().map_err(|_| self.error("Too many decimal digits in format string"))
    }

    /// What a field's name stands for: `0.name[key]`.
    fn value(&mut self, name: &str) -> Result<Value<'a>> {
        let (cx, g) = (self.cx, self.g);
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut rest) = name.split_at(end);
        let mut value = if first.is_empty() {
            let Some(number) = self.next else {
                let text = "cannot switch from manual field specification to automatic field numbering";
                return Err(cx.raise(Type::ValueError, text, g));
            };
            self.next = Some(number + 1);
            self.positional(number)?
        } else if first.bytes().all(|byte| byte.is_ascii_digit()) {
            if !matches!(self.next, Some(0) | None) {
                let text = "cannot switch from automatic field numbering to manual field specification";
                return Err(cx.raise(Type::ValueError, text, g));
            }
            self.next = None;
            self.positional(self.number(first)? as usize)?
        } else {
            match self.args.keyword(first) {
                Some(value) => value,
                None => {
                    let key = str_new(cx, first, g)?;
                    return Err(cx.raise_with(Type::KeyError, &[Value::Str(key)], g));
                }
            }
        };
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                if end == 0 {
                    return Err(cx.raise(Type::ValueError, "Empty attribute in format string", g));
                }
                value = attr::get(cx, value, str_new(cx, &after[..end], g)?, g)?;
                rest = &after[end..];
            } else if let Some(after) = rest.strip_prefix('[') {
                let Some(end) = after.find(']') else {
                    return Err(cx.raise(Type::ValueError, "Missing ']' in format string", g));
                };
                let key = &after[..end];
                if key.is_empty() {
                    return Err(cx.raise(Type::ValueError, "Empty attribute in format string", g));
                }
                let key = match key.bytes().all(|byte| byte.is_ascii_digit()) {
                    true => Value::Int(self.number(key)?),
                    false => Value::Str(str_new(cx, key, g)?),
                };
                value = op::index(cx, value, key, g)?;
                rest = &after[end + 1..];
            } else {
                let text = "Only '.' or '[' may follow ']' in format field specifier";
                return Err(cx.raise(Type::ValueError, text, g));
            }
        }
        Ok(value)
    }

    fn positional(&self, number: usize) -> Result<Value<'a>> {
        match self.args.pos.get(number) {
            Some(value) => Ok(*value),
            None => {
                let text = format!("Replacement index {number} out of range for positional args tuple");
                Err(self.cx.raise(Type::IndexError, &text, self.g))
            }
        }
    }
}

/// `name!conversion:spec`
struct Field<'f> {
    name: &'f str,
    conversion: Option<char>,
    spec: &'f str,
    /// Whether the spec has fields of its own.
    nested: bool,
}

impl<'f> Field<'f> {
    /// The field at the start of `rest`, which it leaves behind (`parse_field`).
    fn parse(rest: &mut &'f str) -> core::result::Result<Self, &'static str> {
        let text = *rest;
        let mut bracket = false;
        let mut end = None;
        for (at, letter) in text.char_indices() {
            match letter {
                '{' => return Err("unexpected '{' in field name"),
                '[' => bracket = true,
                ']' => bracket = false,
                '}' | ':' | '!' if !bracket => {
                    end = Some((at, letter));
                    break;
                }
                _ => {}
            }
        }
        let Some((at, found)) = end else { return Err("expected '}' before end of string") };
        let mut field = Self { name: &text[..at], conversion: None, spec: "", nested: false };
        *rest = &text[at + 1..];
        if found == '}' {
            return Ok(field);
        }
        if found == '!' {
            let mut letters = rest.chars();
            field.conversion = Some(letters.next().ok_or("end of string while looking for conversion specifier")?);
            let after = letters.next();
            *rest = letters.as_str();
            match after {
                Some('}') => return Ok(field),
                None | Some(':') => {}
                Some(_) => return Err("expected ':' after conversion specifier"),
            }
        }
        let mut depth = 1;
        for (at, letter) in rest.char_indices() {
            match letter {
                '{' => (field.nested, depth) = (true, depth + 1),
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                field.spec = &rest[..at];
                *rest = &rest[at + 1..];
                return Ok(field);
            }
        }
        Err("unmatched '{' in format spec")
    }
}
