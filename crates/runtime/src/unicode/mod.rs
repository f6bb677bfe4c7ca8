//! What CPython's Unicode database (version 14) says of characters (`Objects/unicodectype.c`).
//!
//! Case goes by Rust's own tables but for the characters whose case is another in version 14: those are `Unsupported`.

mod categories;
mod tables;

use self::tables::{
    ALPHA, CASE_UNKNOWN, DECIMAL, DIGIT, FOLDED, ID_CONTINUE, ID_START, NUMERIC, TITLE, TITLED, UNPRINTABLE,
};
use crate::{BailKind, Cx, Result, Str, str_new};

fn within(table: &[(u32, u32)], letter: char) -> bool {
    let code = u32::from(letter);
    let at = table.partition_point(|(_, last)| *last < code);
    table.get(at).is_some_and(|(first, _)| *first <= code)
}

/// `unicodedata.category` of one character.
pub(crate) fn category(letter: char) -> &'static str {
    let at = categories::RUNS.partition_point(|(first, _)| *first <= u32::from(letter));
    categories::NAMES[usize::from(categories::RUNS[at - 1].1)]
}

/// `str.isprintable` of one character.
pub(crate) fn is_printable(letter: char) -> bool {
    if letter.is_ascii() { matches!(letter, ' '..='~') } else { !within(UNPRINTABLE, letter) }
}

/// `str.isspace` of one character.
pub(crate) fn is_space(letter: char) -> bool {
    matches!(letter, '\t'..='\r' | '\x1c'..='\x20' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}')
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

pub(crate) fn is_alpha(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_alphabetic() } else { within(ALPHA, letter) }
}

pub(crate) fn is_decimal(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_digit() } else { within(DECIMAL, letter) }
}

pub(crate) fn is_digit(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_digit() } else { is_decimal(letter) || within(DIGIT, letter) }
}

fn is_numeric(letter: char) -> bool {
    is_digit(letter) || (!letter.is_ascii() && within(NUMERIC, letter))
}

/// `str.isalnum` of one character.
pub(crate) fn is_alnum(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_alphanumeric() } else { is_alpha(letter) || is_numeric(letter) }
}

fn is_title(letter: char) -> bool {
    !letter.is_ascii() && within(TITLE, letter)
}

/// The value of a decimal digit of any script.
pub(crate) fn decimal_value(letter: char) -> Option<u32> {
    if letter.is_ascii_digit() {
        return letter.to_digit(10);
    }
    // Decimals come in runs of ten that start with zero.
    if letter.is_ascii() || !is_decimal(letter) {
        return None;
    }
    let code = u32::from(letter);
    let at = DECIMAL.partition_point(|(_, last)| *last < code);
    DECIMAL.get(at).map(|(first, _)| (code - first) % 10)
}

/// The result of a test without arguments (`isalpha`, `isupper`, …); none for another name, or an unknown character.
pub(crate) fn test(name: &str, text: &str) -> Option<bool> {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    Some(match name {
        "isalpha" => all(is_alpha),
        "isalnum" => all(is_alnum),
        "isdecimal" => all(is_decimal),
        "isdigit" => all(is_digit),
        "isnumeric" => all(is_numeric),
        "isspace" => all(is_space),
        "isprintable" => text.chars().all(is_printable),
        "isidentifier" => is_identifier(text),
        "islower" | "isupper" | "istitle" => {
            if text.chars().any(|letter| within(CASE_UNKNOWN, letter)) {
                return None;
            }
            match name {
                "islower" => {
                    text.chars().any(char::is_lowercase) && !text.chars().any(|c| c.is_uppercase() || is_title(c))
                }
                "isupper" => {
                    text.chars().any(char::is_uppercase) && !text.chars().any(|c| c.is_lowercase() || is_title(c))
                }
                _ => is_titled(text),
            }
        }
        _ => return None,
    })
}

fn is_identifier(text: &str) -> bool {
    let start = |letter: char| {
        if letter.is_ascii() { letter == '_' || letter.is_ascii_alphabetic() } else { within(ID_START, letter) }
    };
    let mut letters = text.chars();
    letters.next().is_some_and(start)
        && letters.all(|letter| start(letter) || letter.is_ascii_digit() || within(ID_CONTINUE, letter))
}

/// `str.istitle`
fn is_titled(text: &str) -> bool {
    let (mut cased, mut previous) = (false, false);
    for letter in text.chars() {
        if letter.is_uppercase() || is_title(letter) {
            if previous {
                return false;
            }
            (cased, previous) = (true, true);
        } else if letter.is_lowercase() {
            if !previous {
                return false;
            }
            (cased, previous) = (true, true);
        } else {
            previous = false;
        }
    }
    cased
}

/// Bails out at characters whose case is not that of version 14.
fn known<'a>(s: Str<'a>, g: u32) -> Result<&'a str> {
    let text = s.text();
    if s.is_ascii() || !text.chars().any(|letter| within(CASE_UNKNOWN, letter)) {
        return Ok(text);
    }
    Err(BailKind::Unsupported.at(g))
}

/// `str.lower`
pub(crate) fn lower<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    if s.is_ascii() && !s.text().bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Ok(s);
    }
    if s.is_ascii() {
        return cx.changed_ascii(s, str::make_ascii_lowercase, g);
    }
    str_new(cx, &known(s, g)?.to_lowercase(), g)
}

/// `str.upper`
pub(crate) fn upper<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    if s.is_ascii() && !s.text().bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Ok(s);
    }
    if s.is_ascii() {
        return cx.changed_ascii(s, str::make_ascii_uppercase, g);
    }
    str_new(cx, &known(s, g)?.to_uppercase(), g)
}

/// `str.casefold`
pub(crate) fn casefold<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    if s.is_ascii() {
        return lower(cx, s, g);
    }
    let mut out = String::new();
    for letter in known(s, g)?.chars() {
        match mapped(FOLDED, letter) {
            Some(folded) => out.push_str(folded),
            None => out.extend(letter.to_lowercase()),
        }
    }
    str_new(cx, &out, g)
}

fn mapped(table: &'static [(char, &'static str)], letter: char) -> Option<&'static str> {
    let at = table.binary_search_by_key(&letter, |(from, _)| *from).ok()?;
    Some(table[at].1)
}

fn push_title(letter: char, out: &mut String) {
    match mapped(TITLED, letter) {
        Some(titled) => out.push_str(titled),
        None => out.extend(letter.to_uppercase()),
    }
}

fn is_cased(letter: char) -> bool {
    letter.is_lowercase() || letter.is_uppercase() || is_title(letter)
}

/// Appends the lower case of the letter at `at`; a sigma at the end of a word has a form of its own.
fn push_lower(text: &str, at: usize, letter: char, out: &mut String) -> Option<()> {
    if letter == 'Σ' {
        // Whether it is final depends on what may be ignored around it, which Rust's own lowering knows.
        let whole = text.to_lowercase();
        let before = text[..at].to_lowercase().chars().count();
        let lowered = whole.chars().nth(before)?;
        out.push(lowered);
    } else {
        out.extend(letter.to_lowercase());
    }
    Some(())
}

/// `str.title`
pub(crate) fn title<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    if s.is_ascii() {
        return title_ascii(cx, s, g);
    }
    let text = known(s, g)?;
    let mut out = String::new();
    let mut previous = false;
    for (at, letter) in text.char_indices() {
        cx.tick(g)?;
        if previous {
            push_lower(text, at, letter, &mut out).ok_or_else(|| BailKind::Unsupported.at(g))?;
        } else {
            push_title(letter, &mut out);
        }
        previous = is_cased(letter);
    }
    str_new(cx, &out, g)
}

fn title_ascii<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    cx.burn(s.text().len(), g)?;
    cx.build(
        |out| {
            let mut previous = false;
            out.extend(s.text().bytes().map(|byte| {
                let titled = if previous { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
                previous = byte.is_ascii_alphabetic();
                char::from(titled)
            }));
            Ok(())
        },
        g,
    )
}

/// `str.capitalize`
pub(crate) fn capitalize<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    if s.is_ascii() {
        let change = |text: &mut str| {
            text.make_ascii_lowercase();
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_uppercase();
            }
        };
        return cx.changed_ascii(s, change, g);
    }
    let text = known(s, g)?;
    let mut out = String::new();
    for (at, letter) in text.char_indices() {
        if at == 0 {
            push_title(letter, &mut out);
        } else {
            push_lower(text, at, letter, &mut out).ok_or_else(|| BailKind::Unsupported.at(g))?;
        }
    }
    str_new(cx, &out, g)
}

/// `str.swapcase`
pub(crate) fn swapcase<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    let text = known(s, g)?;
    let mut out = String::new();
    for (at, letter) in text.char_indices() {
        if letter.is_uppercase() {
            push_lower(text, at, letter, &mut out).ok_or_else(|| BailKind::Unsupported.at(g))?;
        } else if letter.is_lowercase() {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
    }
    str_new(cx, &out, g)
}
