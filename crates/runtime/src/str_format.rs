//! `format.format(*args, **kwargs)` (`Objects/stringlib/unicode_format.h`).

use crate::format::write_format;
use crate::{Args, BailKind, Cx, Result, Str, Type, Value, attr, op, repr, str_new};

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
    fn fields(&mut self, format: &str, out: &mut String, depth: u32) -> Result<()> {
        if depth == 0 {
            return Err(BailKind::Exception.at(self.g));
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
                return Err(self.cx.raise(Type::ValueError, "Single '}' encountered in format string", self.g));
            }
            if rest.is_empty() {
                return Err(self.cx.raise(Type::ValueError, "Single '{' encountered in format string", self.g));
            }
            let Some(end) = closing(rest) else {
                return Err(self.cx.raise(Type::ValueError, "expected '}' before end of string", self.g));
            };
            let field = &rest[..end];
            rest = &rest[end + 1..];
            self.field(field, out, depth)?;
            self.cx.reserve(out.len(), self.g)?;
        }
    }

    fn field(&mut self, field: &str, out: &mut String, depth: u32) -> Result<()> {
        let (cx, g) = (self.cx, self.g);
        // The name ends at the first `!` or `:` outside of brackets.
        let mut bracket = false;
        let end = field.char_indices().find(|(_, letter)| {
            bracket = if bracket { *letter != ']' } else { *letter == '[' };
            !bracket && matches!(letter, '!' | ':')
        });
        let (name, after) = match end {
            Some((at, _)) => field.split_at(at),
            None => (field, ""),
        };
        if name.contains(['{', '}']) {
            return Err(BailKind::Exception.at(g));
        }
        let mut value = self.value(name)?;
        let mut spec = after;
        if let Some(rest) = after.strip_prefix('!') {
            let mut letters = rest.chars();
            let conversion = letters.next();
            spec = letters.as_str();
            if !spec.is_empty() && !spec.starts_with(':') {
                return Err(BailKind::Exception.at(g));
            }
            let text = match conversion {
                Some('r') => repr::repr_text(cx, value, g)?,
                Some('s') => repr::str_text(cx, value, g)?,
                Some('a') => repr::ascii_text(cx, value, g)?,
                _ => return Err(BailKind::Exception.at(g)),
            };
            value = Value::Str(str_new(cx, &text, g)?);
        }
        let spec = spec.strip_prefix(':').unwrap_or("");
        if spec.contains(['{', '}']) {
            let mut computed = String::new();
            self.fields(spec, &mut computed, depth - 1)?;
            return write_format(cx, out, value, &computed, g);
        }
        write_format(cx, out, value, spec, g)
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
            self.positional(first.parse().map_err(|_| BailKind::Exception.at(g))?)?
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
                    true => Value::Int(key.parse().map_err(|_| BailKind::Exception.at(g))?),
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

/// The brace that closes a field, with those within it.
fn closing(rest: &str) -> Option<usize> {
    let mut depth = 1;
    rest.char_indices().find_map(|(at, letter)| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}
