//! The tokens of JSON as `Modules/_json.c` reads them, over text known to be UTF-8.
//!
//! Holds: every position is a byte offset at a character boundary, so that messages can count characters from it.

/// A syntax error: the message without its position, and the byte offset.
pub(super) type Fault = (&'static str, usize);

/// The message for a missing value.
pub(super) const EXPECTING_VALUE: &str = "Expecting value";

/// The words that are values by themselves.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Word {
    Null,
    True,
    False,
    Nan,
    Infinity,
    MinusInfinity,
}

/// A scalar token.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Word(Word),
    Int,
    Float,
}

const WORDS: [(&str, Word); 6] = [
    ("null", Word::Null),
    ("true", Word::True),
    ("false", Word::False),
    ("NaN", Word::Nan),
    ("Infinity", Word::Infinity),
    ("-Infinity", Word::MinusInfinity),
];

/// The first offset from `at` that is not whitespace.
pub(super) fn skip_whitespace(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// The first offset from `at` of a byte that a string cannot have as it is: a control character, a quote, a backslash.
pub(super) fn skip_plain(text: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 0xFF;
    // The high bit of every byte that is below `limit`; behind the first one there may be others that are not.
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word & (ONES * 0x80);
    while let Some(word) = text.get(at..).and_then(|rest| rest.first_chunk()).copied().map(u64::from_le_bytes) {
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let special = below(word, b' ') | quote | below(word ^ (ONES * u64::from(b'\\')), 1);
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while text.get(at).is_some_and(|byte| *byte >= b' ' && *byte != b'"' && *byte != b'\\') {
        at += 1;
    }
    at
}

/// The scalar that begins at `start`, and where it ends.
pub(super) fn scalar(text: &[u8], start: usize) -> Result<(Scalar, usize), Fault> {
    let rest = text.get(start..).unwrap_or_default();
    if !rest.first().is_some_and(u8::is_ascii_digit) {
        for (name, word) in WORDS {
            if rest.starts_with(name.as_bytes()) {
                return Ok((Scalar::Word(word), start + name.len()));
            }
        }
    }
    let digits = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let first = if rest.first() == Some(&b'-') { start + 1 } else { start };
    let mut end = match text.get(first) {
        Some(b'0') => first + 1,
        Some(b'1'..=b'9') => digits(first),
        _ => return Err((EXPECTING_VALUE, start)),
    };
    let mut kind = Scalar::Int;
    if text.get(end) == Some(&b'.') && text.get(end + 1).is_some_and(u8::is_ascii_digit) {
        kind = Scalar::Float;
        end = digits(end + 1);
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let exponent = if let Some(b'+' | b'-') = text.get(end + 1) { end + 2 } else { end + 1 };
        let after = digits(exponent);
        if after > exponent {
            kind = Scalar::Float;
            end = after;
        }
    }
    Ok((kind, end))
}

/// A number of few digits.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

/// Powers of ten that are floats.
const TENS: [f64; 16] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The number that begins at `start`, and where it ends, if that takes one division at most; others are [`scalar`]'s.
///
/// A quotient of two whole numbers that are floats is the float nearest to it (Clinger, "How to Read Floating Point Numbers
/// Accurately", 1990), so up to 15 digits are read as they are.
#[inline]
pub(super) fn short_number(text: &[u8], start: usize) -> Option<(Number, usize)> {
    let digits = |mut at: usize, mut whole: u64| {
        while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            whole = whole.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
        (at, whole)
    };
    let is_negative = text.get(start) == Some(&b'-');
    let first = start + usize::from(is_negative);
    let (point, whole) = digits(first, 0);
    if !(1..=15).contains(&(point - first)) || (text[first] == b'0' && point - first > 1) {
        return None;
    }
    let (number, end) = if text.get(point) == Some(&b'.') {
        let (end, whole) = digits(point + 1, whole);
        let places = end - point - 1;
        if places == 0 || end - first > 16 {
            return None;
        }
        let size = whole as f64 / TENS[places];
        (Number::Float(if is_negative { -size } else { size }), end)
    } else {
        (Number::Int(if is_negative { -(whole as i64) } else { whole as i64 }), point)
    };
    if matches!(text.get(end), Some(b'e' | b'E')) { None } else { Some((number, end)) }
}

/// Checks the string whose opening quote is at `quote`: where its closing quote is, and whether it has escapes.
pub(super) fn string(text: &[u8], quote: usize) -> Result<(usize, bool), Fault> {
    let unterminated = ("Unterminated string starting at", quote);
    let mut escaped = false;
    let mut at = quote + 1;
    loop {
        at = skip_plain(text, at);
        match *text.get(at).ok_or(unterminated)? {
            b'"' => return Ok((at, escaped)),
            b'\\' => {
                escaped = true;
                at = match text.get(at + 1).ok_or(unterminated)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at + 2,
                    // CPython wants one more character after the four digits.
                    b'u' if unicode_escape(text, at).is_some() && text.len() > at + 6 => at + 6,
                    b'u' => return Err(("Invalid \\uXXXX escape", at + 1)),
                    _ => return Err(("Invalid \\escape", at)),
                };
            }
            0..=0x1F => return Err(("Invalid control character at", at)),
            _ => at += 1,
        }
    }
}

/// The code unit of the `\uXXXX` whose backslash is at `at`.
fn unicode_escape(text: &[u8], at: usize) -> Option<u32> {
    if text.get(at..at + 2)? != b"\\u" {
        return None;
    }
    let digits = text.get(at + 2..at + 6)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

/// Appends what the inside of a checked string means; `None` when it has a lone surrogate.
pub(super) fn unescape(inside: &str, out: &mut String) -> Option<()> {
    let text = inside.as_bytes();
    let mut plain = 0;
    while let Some(at) = inside[plain..].find('\\').map(|found| plain + found) {
        out.push_str(&inside[plain..at]);
        plain = at + 2;
        out.push(match text[at + 1] {
            b'b' => '\x08',
            b'f' => '\x0C',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                plain = at + 6;
                let mut code = unicode_escape(text, at)?;
                if let (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) = (code, unicode_escape(text, plain)) {
                    plain += 6;
                    code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
                }
                char::from_u32(code)?
            }
            other => char::from(other),
        });
    }
    out.push_str(&inside[plain..]);
    Some(())
}
