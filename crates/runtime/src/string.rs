//! Strings: immutable UTF-8 in the arena, counted in code points.

use std::cell::Cell;

use crate::buffer::Buffer;
use crate::{BailKind, Cx, Result};

/// A string.
#[derive(Copy, Clone)]
pub struct Str<'a>(pub(crate) &'a StrObj<'a>);

pub(crate) struct StrObj<'a> {
    text: &'a str,
    /// Length in code points; equal to the length in bytes exactly when the text is ASCII.
    chars: usize,
    /// 0 before the first use.
    hash: Cell<u64>,
    /// CPython's own hash; 0 before the first use.
    python_hash: Cell<i64>,
    /// The buffer that the text begins, when it came from a concatenation.
    buffer: Option<&'a Buffer<'a>>,
}

impl<'a> StrObj<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self::of(text, count_chars(text))
    }

    fn of(text: &'a str, chars: usize) -> Self {
        Self { text, chars, hash: Cell::new(0), python_hash: Cell::new(0), buffer: None }
    }
}

/// Length in code points.
fn count_chars(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// Whether two texts are the same; single characters, which are compared most often, without a call.
#[inline]
pub(crate) fn same_text(l: &str, r: &str) -> bool {
    match (l.as_bytes(), r.as_bytes()) {
        ([left], [right]) => left == right,
        _ => l == r,
    }
}

/// A string with a copy of `text`.
pub fn str_new<'a>(cx: &'a Cx<'a>, text: &str, g: u32) -> Result<Str<'a>> {
    let text = cx.alloc_text(text, g)?;
    Ok(Str(cx.alloc(StrObj::new(text), g)?))
}

/// A string with a text that lives in the arena.
pub(crate) fn str_of<'a>(cx: &'a Cx<'a>, text: &'a str, g: u32) -> Result<Str<'a>> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => cx.letter(*byte, g),
        _ => Ok(Str(cx.alloc(StrObj::new(text), g)?)),
    }
}

impl<'a> Str<'a> {
    /// The text.
    #[inline]
    #[must_use]
    pub fn text(self) -> &'a str {
        self.0.text
    }

    /// Length in code points.
    #[inline]
    #[must_use]
    pub fn chars(self) -> usize {
        self.0.chars
    }

    /// Whether every character is ASCII.
    #[inline]
    #[must_use]
    pub fn is_ascii(self) -> bool {
        self.0.chars == self.0.text.len()
    }

    /// Its address, which tells it from others.
    pub(crate) fn address(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// The keyed hash, computed once; strings with the same text have the same.
    pub(crate) fn hash(self, cx: &'a Cx<'a>) -> u64 {
        if self.0.hash.get() == 0 {
            self.0.hash.set(hash_text(self.0.text, cx.seed));
        }
        self.0.hash.get()
    }

    /// CPython's own hash, computed once.
    pub(crate) fn python_hash(self, cx: &'a Cx<'a>) -> i64 {
        if self.0.python_hash.get() == 0 {
            self.0.python_hash.set(crate::python_hash::hash_text(cx, self.0.text));
        }
        self.0.python_hash.get()
    }

    /// A part of the text as a string that shares it, or any other text that lives as long.
    ///
    /// Parts of an ASCII string must be ASCII.
    pub(crate) fn part(self, cx: &'a Cx<'a>, part: &'a str, g: u32) -> Result<Str<'a>> {
        match part.as_bytes() {
            [byte] if byte.is_ascii() => cx.letter(*byte, g),
            _ => {
                let chars = if self.is_ascii() { part.len() } else { count_chars(part) };
                Ok(Str(cx.alloc(StrObj::of(part, chars), g)?))
            }
        }
    }

    /// The one-character string at a code point index, which must be in range.
    #[inline]
    pub(crate) fn at(self, cx: &'a Cx<'a>, index: usize, g: u32) -> Result<Str<'a>> {
        if self.is_ascii() {
            return cx.letter(self.0.text.as_bytes()[index], g);
        }
        cx.burn(index, g)?;
        match self.0.text.chars().nth(index) {
            Some(letter) => char_str(cx, letter, g),
            None => Err(BailKind::Exception.at(g)),
        }
    }
}

/// The one-character string of `letter`.
pub(crate) fn char_str<'a>(cx: &'a Cx<'a>, letter: char, g: u32) -> Result<Str<'a>> {
    match u8::try_from(letter) {
        Ok(code) if code.is_ascii() => cx.letter(code, g),
        _ => str_new(cx, letter.encode_utf8(&mut [0; 4]), g),
    }
}

/// The characters of an ASCII string from `from` to `to`, which shares its text.
pub(crate) fn str_part<'a>(cx: &'a Cx<'a>, s: Str<'a>, from: usize, to: usize, g: u32) -> Result<Str<'a>> {
    if to - from == 1 {
        return cx.letter(s.0.text.as_bytes()[from], g);
    }
    Ok(Str(cx.alloc(StrObj::of(&s.0.text[from..to], to - from), g)?))
}

/// `l + r`; appends in place when `l` ends where its buffer's used part ends.
pub fn str_concat<'a>(cx: &'a Cx<'a>, l: Str<'a>, r: Str<'a>, g: u32) -> Result<Str<'a>> {
    if l.0.text.is_empty() {
        return Ok(r);
    }
    if r.0.text.is_empty() {
        return Ok(l);
    }
    let chars = l.0.chars + r.0.chars;
    let in_place = l.0.buffer.and_then(|buffer| Some((buffer, buffer.append(l.0.text, r.0.text)?)));
    let (buffer, text) = match in_place {
        Some(done) => done,
        None => {
            let total = l.0.text.len() + r.0.text.len();
            // A left operand that is itself a concatenation is likely to grow again.
            let spare = if l.0.buffer.is_some() { total } else { 16 };
            match Buffer::new(cx, l.0.text, r.0.text, total + spare, g) {
                Ok(done) => done,
                Err(_) => Buffer::new(cx, l.0.text, r.0.text, total, g)?,
            }
        }
    };
    Ok(Str(cx.alloc(StrObj { text, chars, hash: Cell::new(0), python_hash: Cell::new(0), buffer: Some(buffer) }, g)?))
}

/// `s * count`; a count below one gives the empty string.
pub fn str_repeat<'a>(cx: &'a Cx<'a>, s: Str<'a>, count: i64, g: u32) -> Result<Str<'a>> {
    if count == 1 {
        return Ok(s);
    }
    let count = usize::try_from(count).unwrap_or(0);
    let fits = |len: usize| len.checked_mul(count).is_some_and(|bytes| bytes <= cx.memory_bytes());
    if !fits(s.0.text.len()) {
        return Err(BailKind::Memory.at(g));
    }
    let one = s.0.text;
    if one.is_empty() || count == 0 {
        return str_new(cx, "", g);
    }
    cx.build(
        |text| {
            text.try_reserve(one.len() * count).map_err(|_| BailKind::Memory.at(g))?;
            (0..count).for_each(|_| text.push_str(one));
            Ok(())
        },
        g,
    )
}

/// A keyed hash of `text`, never 0.
pub(crate) fn hash_text(text: &str, seed: u64) -> u64 {
    let mut hash = seed ^ text.len() as u64;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    for word in words {
        hash = mix(hash ^ u64::from_le_bytes(*word), seed);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(hash ^ u64::from_le_bytes(last), seed) | 1
}

/// A keyed hash of one word, never 0.
pub(crate) fn hash_word(word: u64, seed: u64) -> u64 {
    mix(word ^ seed, seed) | 1
}

/// Folds the 128-bit product with an odd constant that the seed varies.
fn mix(word: u64, seed: u64) -> u64 {
    let product = u128::from(word) * u128::from((seed.rotate_left(32) ^ 0x9E37_79B9_7F4A_7C15) | 1);
    (product as u64) ^ ((product >> 64) as u64)
}
