//! Searching, splitting and padding strings.

use super::list::clamp;
use super::str::{list_of, tuple_of};
use crate::scan::{Few, skip_within};
use crate::unicode::is_space;
use crate::{BailKind, Cx, List, Result, Str, Type, Value, op, str_new};

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
        let count = if behind { 0 } else { count(within, part.text()) };
        return Ok(Value::Int(count as i64));
    }
    let found = if behind { None } else { find(within, part.text(), name.starts_with('r')) };
    match found {
        Some(at) => {
            let chars = if s.is_ascii() { at } else { within[..at].chars().count() };
            Ok(Value::Int((from + chars) as i64))
        }
        None if name.ends_with("find") => Ok(Value::Int(-1)),
        None => Err(cx.raise(Type::ValueError, "substring not found", g)),
    }
}

/// Texts of so many bytes are short.
const SHORT: usize = 64;

/// Where a part is in a text, from the left or the right, in bytes.
pub(super) fn find(within: &str, part: &str, from_right: bool) -> Option<usize> {
    match (from_right, part.as_bytes()) {
        (false, [byte]) => within.bytes().position(|other| other == *byte),
        // Preparing for a long search takes longer than a short one.
        (false, [first, ..]) if within.len() <= SHORT => {
            let (bytes, part) = (within.as_bytes(), part.as_bytes());
            let last = (bytes.len() + 1).checked_sub(part.len())?;
            (0..last).find(|at| bytes[*at] == *first && bytes[*at..].starts_with(part))
        }
        (false, _) => within.find(part),
        (true, _) => within.rfind(part),
    }
}

/// How often a part is in a text.
pub(super) fn count(within: &str, part: &str) -> usize {
    match part.as_bytes() {
        [] => within.chars().count() + 1,
        [byte] => within.bytes().filter(|other| other == byte).count(),
        _ => within.matches(part).count(),
    }
}

/// The index of the code point at a byte of the text.
pub(super) fn code_points(s: Str<'_>, at: usize) -> usize {
    if s.is_ascii() { at } else { s.text()[..at].chars().count() }
}

/// `split` and `rsplit`.
pub(super) fn split<'a>(
    cx: &'a Cx<'a>,
    s: Str<'a>,
    sep: Value<'a>,
    most: i64,
    from_right: bool,
    g: u32,
) -> Result<List<'a>> {
    let whole = s.text();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    match sep {
        Value::None if from_right => list_of(cx, s, words_from_right(whole, most), g),
        Value::None => list_of(cx, s, Words { rest: whole.trim_start_matches(is_space), left: most }, g),
        Value::Str(sep) if sep.text().is_empty() => Err(cx.raise(Type::ValueError, "empty separator", g)),
        Value::Str(sep) => {
            let pieces = most.saturating_add(1);
            match (from_right, sep.text().as_bytes()) {
                // One byte is found without preparation.
                (false, [byte]) => list_of(cx, s, whole.splitn(pieces, char::from(*byte)), g),
                (false, _) => list_of(cx, s, whole.splitn(pieces, sep.text()), g),
                (true, _) => {
                    let mut parts: Vec<&str> = whole.rsplitn(pieces, sep.text()).collect();
                    parts.reverse();
                    list_of(cx, s, parts, g)
                }
            }
        }
        _ => {
            let given = crate::class::type_name(sep);
            Err(cx.raise(Type::TypeError, &format!("must be str or None, not {given}"), g))
        }
    }
}

/// The same of a `test` that holds for no ASCII character from `limit` on.
fn until_below(text: &str, limit: u8, test: impl Fn(char) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = skip_within(bytes, 0, limit);
    while let Some(byte) = bytes.get(at) {
        let letter = match byte.is_ascii() {
            true => char::from(*byte),
            false => text[at..].chars().next().unwrap_or_default(),
        };
        if test(letter) {
            break;
        }
        at = skip_within(bytes, at + letter.len_utf8(), limit);
    }
    at
}

/// Where the first character is that `test` holds for, or the end; ASCII is not decoded.
fn until(text: &str, test: impl Fn(char) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let letter = match byte.is_ascii() {
            true => char::from(*byte),
            false => text[at..].chars().next().unwrap_or_default(),
        };
        if test(letter) {
            break;
        }
        at += letter.len_utf8();
    }
    at
}

/// Where the characters at the end begin that `test` holds for.
fn trimmed(text: &str, test: impl Fn(char) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut end = bytes.len();
    while let Some(byte) = end.checked_sub(1).map(|at| bytes[at]) {
        let letter = match byte.is_ascii() {
            true => char::from(byte),
            false => text[..end].chars().next_back().unwrap_or_default(),
        };
        if !test(letter) {
            break;
        }
        end -= letter.len_utf8();
    }
    end
}

/// The words of a text, from the left.
struct Words<'a> {
    /// What is left, without white space at its beginning.
    rest: &'a str,
    /// How many words are still split off.
    left: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        if self.left == 0 {
            // What is left keeps its white space at the far end.
            return Some(std::mem::take(&mut self.rest));
        }
        self.left -= 1;
        let (word, rest) = self.rest.split_at(until_below(self.rest, b' ' + 1, is_space));
        self.rest = &rest[until(rest, |letter| !is_space(letter))..];
        Some(word)
    }
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
pub(super) fn splitlines<'a>(cx: &'a Cx<'a>, s: Str<'a>, keep: bool, g: u32) -> Result<List<'a>> {
    let mut rest = s.text();
    let lines = std::iter::from_fn(|| {
        if rest.is_empty() {
            return None;
        }
        let end = until_below(rest, b' ', ends_line);
        if end == rest.len() {
            return Some(std::mem::take(&mut rest));
        }
        let (line, behind) = rest.split_at(end);
        let mut letters = behind.chars();
        if letters.next() == Some('\r') && letters.as_str().starts_with('\n') {
            letters.next();
        }
        let whole = &rest[..rest.len() - letters.as_str().len()];
        rest = letters.as_str();
        Some(if keep { whole } else { line })
    });
    list_of(cx, s, lines, g)
}

fn ends_line(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c' | '\x1d' | '\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// `partition` and `rpartition`.
pub(super) fn partition<'a>(cx: &'a Cx<'a>, s: Str<'a>, sep: Str<'a>, last: bool, g: u32) -> Result<Value<'a>> {
    if sep.text().is_empty() {
        return Err(cx.raise(Type::ValueError, "empty separator", g));
    }
    let whole = s.text();
    let found = if last { whole.rsplit_once(sep.text()) } else { whole.split_once(sep.text()) };
    match (found, last) {
        (Some((before, after)), _) => tuple_of(cx, s, [before, sep.text(), after], g),
        (None, false) => tuple_of(cx, s, [whole, "", ""], g),
        (None, true) => tuple_of(cx, s, ["", "", whole], g),
    }
}

/// Where something is taken off.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
    Both,
}

/// `strip`, `lstrip`, `rstrip`.
pub(super) fn strip<'a>(cx: &'a Cx<'a>, s: Str<'a>, side: Side, chars: Option<Str<'a>>, g: u32) -> Result<Str<'a>> {
    let rest = match chars {
        None => strip_if(s.text(), side, is_space),
        Some(chars) if chars.is_ascii() => {
            let bytes = chars.text().as_bytes();
            let ascii = |letter: char| u8::try_from(letter).ok().filter(u8::is_ascii);
            match Few::new(bytes) {
                Some(few) => strip_if(s.text(), side, |letter| ascii(letter).is_some_and(|byte| few.contains(byte))),
                None => strip_if(s.text(), side, |letter| ascii(letter).is_some_and(|byte| bytes.contains(&byte))),
            }
        }
        Some(chars) => strip_if(s.text(), side, |letter| chars.text().contains(letter)),
    };
    if rest.len() == s.text().len() { Ok(s) } else { s.part(cx, rest, g) }
}

fn strip_if(text: &str, side: Side, gone: impl Fn(char) -> bool + Copy) -> &str {
    let text = if side == Side::Right { text } else { &text[until(text, |letter| !gone(letter))..] };
    if side == Side::Left { text } else { &text[..trimmed(text, gone)] }
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
    if most == 0 {
        return Ok(s);
    }
    if !old.text().is_empty() && whole.len() <= SHORT {
        return replace_short(cx, s, old.text(), new.text(), most, g);
    }
    if !old.text().is_empty() && !whole.contains(old.text()) {
        return Ok(s);
    }
    let rounds = if old.text().is_empty() { whole.len() + 1 } else { whole.len() / old.text().len() };
    cx.reserve(whole.len().saturating_add(rounds.min(most).saturating_mul(new.text().len())), g)?;
    str_new(cx, &whole.replacen(old.text(), new.text(), most), g)
}

/// `replace` in a short text, of something.
fn replace_short<'a>(cx: &'a Cx<'a>, s: Str<'a>, old: &str, new: &str, most: usize, g: u32) -> Result<Str<'a>> {
    let mut rest = s.text();
    let Some(first) = find(rest, old, false) else { return Ok(s) };
    cx.reserve(rest.len().saturating_add((rest.len() / old.len()).saturating_mul(new.len())), g)?;
    cx.build(
        |out| {
            let (mut found, mut left) = (Some(first), most);
            while let Some(at) = found {
                out.push_str(&rest[..at]);
                out.push_str(new);
                rest = &rest[at + old.len()..];
                left -= 1;
                found = if left == 0 { None } else { find(rest, old, false) };
            }
            out.push_str(rest);
            Ok(())
        },
        g,
    )
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
                    Ok(raised) if crate::is_a(raised, Type::LookupError) => None,
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
