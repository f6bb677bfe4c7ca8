//! Searching, splitting and padding strings.

use super::list::clamp;
use super::str::{list_of, tuple_of};
use crate::unicode::is_space;
use crate::{BailKind, Cx, Result, Str, Type, Value, op, str_new};

/// The text between two code point indices, in order.
pub(super) fn span(s: Str<'_>, from: usize, to: usize) -> &str {
    let whole = s.text();
    if s.is_ascii() {
        return &whole[from.min(whole.len())..to.min(whole.len())];
    }
    let at = |index: usize| whole.char_indices().nth(index).map_or(whole.len(), |(at, _)| at);
    &whole[at(from)..at(to)]
}

/// `find`, `rfind`, `index`, `rindex`, `count`.
pub(super) fn search<'a>(
    cx: &'a Cx<'a>,
    s: Str<'a>,
    name: &str,
    part: Str<'a>,
    start: i64,
    end: i64,
    g: u32,
) -> Result<Value<'a>> {
    let (from, to) = (clamp(start, s.chars()), clamp(end, s.chars()));
    let behind = start > s.chars() as i64 || from > to;
    let within = if behind { "" } else { span(s, from, to) };
    cx.burn(within.len(), g)?;
    if name == "count" {
        if behind {
            return Ok(Value::Int(0));
        }
        let count = match part.text() {
            "" => within.chars().count() + 1,
            part => within.matches(part).count(),
        };
        return Ok(Value::Int(count as i64));
    }
    let found = match behind {
        true => None,
        false if name.starts_with('r') => within.rfind(part.text()),
        false => within.find(part.text()),
    };
    match found {
        Some(at) => {
            let chars = if s.is_ascii() { at } else { within[..at].chars().count() };
            Ok(Value::Int((from + chars) as i64))
        }
        None if name.ends_with("find") => Ok(Value::Int(-1)),
        None => Err(cx.raise(Type::ValueError, "substring not found", g)),
    }
}

/// `split` and `rsplit`.
pub(super) fn split<'a>(
    cx: &'a Cx<'a>,
    s: Str<'a>,
    sep: Value<'a>,
    most: i64,
    from_right: bool,
    g: u32,
) -> Result<Value<'a>> {
    let whole = s.text();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    match sep {
        Value::None => {
            let parts = if from_right { words_from_right(whole, most) } else { words(whole, most) };
            list_of(cx, parts, g)
        }
        Value::Str(sep) if sep.text().is_empty() => Err(cx.raise(Type::ValueError, "empty separator", g)),
        Value::Str(sep) => {
            let pieces = most.saturating_add(1);
            match from_right {
                false => list_of(cx, whole.splitn(pieces, sep.text()), g),
                true => {
                    let mut parts: Vec<&str> = whole.rsplitn(pieces, sep.text()).collect();
                    parts.reverse();
                    list_of(cx, parts, g)
                }
            }
        }
        _ => {
            let given = crate::class::type_name(sep);
            Err(cx.raise(Type::TypeError, &format!("must be str or None, not {given}"), g))
        }
    }
}

fn words(whole: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = whole.trim_start_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == most {
            // What is left keeps its white space at the far end.
            parts.push(rest);
            break;
        }
        let end = rest.find(is_space).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(is_space);
    }
    parts
}

fn words_from_right(whole: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = whole.trim_end_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == most {
            parts.push(rest);
            break;
        }
        let start = rest.char_indices().rev().find(|(_, letter)| is_space(*letter));
        let start = start.map_or(0, |(at, letter)| at + letter.len_utf8());
        parts.push(&rest[start..]);
        rest = rest[..start].trim_end_matches(is_space);
    }
    parts.reverse();
    parts
}

/// `splitlines`
pub(super) fn splitlines<'a>(cx: &'a Cx<'a>, s: Str<'a>, keep: bool, g: u32) -> Result<Value<'a>> {
    let whole = s.text();
    let mut parts = Vec::new();
    let mut start = 0;
    let mut letters = whole.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let ends = matches!(
            letter,
            '\n' | '\r' | '\x0b' | '\x0c' | '\x1c' | '\x1d' | '\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        );
        if !ends {
            continue;
        }
        let mut end = at + letter.len_utf8();
        if letter == '\r' && matches!(letters.peek(), Some((_, '\n'))) {
            letters.next();
            end += 1;
        }
        parts.push(&whole[start..if keep { end } else { at }]);
        start = end;
    }
    if start < whole.len() {
        parts.push(&whole[start..]);
    }
    list_of(cx, parts, g)
}

/// `partition` and `rpartition`.
pub(super) fn partition<'a>(cx: &'a Cx<'a>, s: Str<'a>, sep: Str<'a>, last: bool, g: u32) -> Result<Value<'a>> {
    if sep.text().is_empty() {
        return Err(cx.raise(Type::ValueError, "empty separator", g));
    }
    let whole = s.text();
    let found = if last { whole.rsplit_once(sep.text()) } else { whole.split_once(sep.text()) };
    match (found, last) {
        (Some((before, after)), _) => tuple_of(cx, [before, sep.text(), after], g),
        (None, false) => tuple_of(cx, [whole, "", ""], g),
        (None, true) => tuple_of(cx, ["", "", whole], g),
    }
}

/// `strip`, `lstrip`, `rstrip`.
pub(super) fn strip<'a>(cx: &'a Cx<'a>, s: Str<'a>, name: &str, chars: Option<Str<'a>>, g: u32) -> Result<Str<'a>> {
    let mut rest = s.text();
    let gone = |letter: char| match chars {
        None => is_space(letter),
        Some(chars) => chars.text().contains(letter),
    };
    if name != "rstrip" {
        rest = rest.trim_start_matches(gone);
    }
    if name != "lstrip" {
        rest = rest.trim_end_matches(gone);
    }
    if rest.len() == s.text().len() { Ok(s) } else { str_new(cx, rest, g) }
}

/// `replace`
pub(super) fn replace<'a>(
    cx: &'a Cx<'a>,
    s: Str<'a>,
    old: Str<'a>,
    new: Str<'a>,
    count: i64,
    g: u32,
) -> Result<Str<'a>> {
    let whole = s.text();
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    if most == 0 || (!old.text().is_empty() && !whole.contains(old.text())) {
        return Ok(s);
    }
    let rounds = if old.text().is_empty() { whole.len() + 1 } else { whole.len() / old.text().len() };
    cx.reserve(whole.len().saturating_add(rounds.min(most).saturating_mul(new.text().len())), g)?;
    str_new(cx, &whole.replacen(old.text(), new.text(), most), g)
}

/// `center`, `ljust`, `rjust`.
pub(super) fn justify<'a>(cx: &'a Cx<'a>, s: Str<'a>, name: &str, width: i64, fill: char, g: u32) -> Result<Str<'a>> {
    let width = usize::try_from(width).unwrap_or(0);
    let padding = width.saturating_sub(s.chars());
    if padding == 0 {
        return Ok(s);
    }
    cx.reserve(s.text().len().saturating_add(padding.saturating_mul(fill.len_utf8())), g)?;
    let left = match name {
        "ljust" => 0,
        "rjust" => padding,
        // The odd one goes to the left where the width is odd too.
        _ => padding / 2 + (padding & width & 1),
    };
    cx.build(
        |out| {
            out.extend(std::iter::repeat_n(fill, left));
            out.push_str(s.text());
            out.extend(std::iter::repeat_n(fill, padding - left));
            Ok(())
        },
        g,
    )
}

/// `zfill`
pub(super) fn zfill<'a>(cx: &'a Cx<'a>, s: Str<'a>, width: i64, g: u32) -> Result<Str<'a>> {
    let padding = usize::try_from(width).unwrap_or(0).saturating_sub(s.chars());
    if padding == 0 {
        return Ok(s);
    }
    cx.reserve(s.text().len().saturating_add(padding), g)?;
    let sign = usize::from(s.text().starts_with(['+', '-']));
    cx.build(
        |out| {
            out.push_str(&s.text()[..sign]);
            out.extend(std::iter::repeat_n('0', padding));
            out.push_str(&s.text()[sign..]);
            Ok(())
        },
        g,
    )
}

/// `expandtabs`
pub(super) fn expandtabs<'a>(cx: &'a Cx<'a>, s: Str<'a>, size: i64, g: u32) -> Result<Value<'a>> {
    let size = usize::try_from(size).unwrap_or(0);
    let mut out = String::new();
    let mut column = 0;
    for letter in s.text().chars() {
        cx.tick(g)?;
        match letter {
            '\t' if size > 0 => {
                let spaces = size - column % size;
                cx.reserve(out.len().saturating_add(spaces), g)?;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\t' => {}
            '\n' | '\r' => {
                out.push(letter);
                column = 0;
            }
            _ => {
                out.push(letter);
                column += 1;
            }
        }
    }
    str_new(cx, &out, g).map(Value::Str)
}

/// `translate`
pub(super) fn translate<'a>(cx: &'a Cx<'a>, s: Str<'a>, table: Value<'a>, g: u32) -> Result<Str<'a>> {
    let mut out = String::new();
    for letter in s.text().chars() {
        cx.tick(g)?;
        cx.reserve(out.len(), g)?;
        let key = Value::Int(i64::from(u32::from(letter)));
        let found = match table {
            Value::Dict(dict) => dict.get(cx, key, g)?,
            Value::Str(_) | Value::List(_) | Value::Tuple(_) => match op::index(cx, table, key, g) {
                Ok(found) => Some(found),
                Err(bail) => match cx.catch(bail) {
                    Some(raised) if crate::is_a(raised, Type::LookupError) => None,
                    _ => return Err(BailKind::Exception.at(g)),
                },
            },
            _ => return Err(BailKind::Unsupported.at(g)),
        };
        match found {
            None => out.push(letter),
            Some(Value::None) => {}
            Some(Value::Str(text)) => out.push_str(text.text()),
            Some(Value::Int(code)) => match u32::try_from(code).ok().and_then(char::from_u32) {
                Some(letter) => out.push(letter),
                None => return Err(BailKind::Exception.at(g)),
            },
            Some(_) => return Err(BailKind::Exception.at(g)),
        }
    }
    str_new(cx, &out, g)
}
