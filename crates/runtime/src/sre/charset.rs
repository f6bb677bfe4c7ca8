//! Characters: categories, sets, positions, and case.

use super::op;
use crate::unicode;

/// `\n`
fn is_linebreak(letter: u32) -> bool {
    letter == 10
}

fn is_ascii(letter: u32, test: fn(&char) -> bool) -> bool {
    letter < 128 && char::from_u32(letter).is_some_and(|letter| test(&letter))
}

fn is_word(letter: u32) -> bool {
    letter == u32::from('_') || is_ascii(letter, char::is_ascii_alphanumeric)
}

fn is_unicode(letter: u32, test: fn(char) -> bool) -> bool {
    char::from_u32(letter).is_some_and(test)
}

fn is_unicode_word(letter: u32) -> bool {
    letter == u32::from('_') || is_unicode(letter, unicode::is_alnum)
}

fn is_space(letter: u32) -> bool {
    letter == 32 || (9..=13).contains(&letter)
}

/// Whether the character is of the category (`sre_category`); none for one that depends on the locale.
pub(super) fn category(category: u32, letter: u32) -> Option<bool> {
    Some(match category {
        0 => is_ascii(letter, char::is_ascii_digit),
        1 => !is_ascii(letter, char::is_ascii_digit),
        2 => is_space(letter),
        3 => !is_space(letter),
        4 => is_word(letter),
        5 => !is_word(letter),
        6 => is_linebreak(letter),
        7 => !is_linebreak(letter),
        10 => is_unicode(letter, unicode::is_decimal),
        11 => !is_unicode(letter, unicode::is_decimal),
        12 => is_unicode(letter, unicode::is_space),
        13 => !is_unicode(letter, unicode::is_space),
        14 => is_unicode_word(letter),
        15 => !is_unicode_word(letter),
        _ => return None,
    })
}

/// The lower case of an ASCII letter.
pub(super) fn lower_ascii(letter: u32) -> u32 {
    if (65..=90).contains(&letter) { letter + 32 } else { letter }
}

/// The first character of the lower case.
pub(super) fn lower_unicode(letter: u32) -> u32 {
    match letter {
        0..128 => lower_ascii(letter),
        _ => char::from_u32(letter).and_then(|letter| letter.to_lowercase().next()).map_or(letter, u32::from),
    }
}

/// The first character of the upper case.
fn upper_unicode(letter: u32) -> u32 {
    char::from_u32(letter).and_then(|letter| letter.to_uppercase().next()).map_or(letter, u32::from)
}

/// Whether a set has the character; none for what is not known here.
pub(super) fn charset(set: &[u32], letter: u32) -> Option<bool> {
    let (mut ok, mut at) = (true, 0);
    loop {
        let operation = *set.get(at)?;
        at += 1;
        let (found, size) = match operation {
            op::FAILURE => return Some(!ok),
            op::NEGATE => {
                ok = !ok;
                (false, 0)
            }
            op::LITERAL => (letter == *set.get(at)?, 1),
            op::CATEGORY => (category(*set.get(at)?, letter)?, 1),
            op::CHARSET => (letter < 256 && bit(set, at, letter)?, 8),
            op::RANGE => ((*set.get(at)?..=*set.get(at + 1)?).contains(&letter), 2),
            op::RANGE_UNI_IGNORE => {
                let range = *set.get(at)?..=*set.get(at + 1)?;
                (range.contains(&letter) || range.contains(&upper_unicode(letter)), 2)
            }
            op::BIGCHARSET => {
                let count = *set.get(at)? as usize;
                let blocks = at + 1 + 64;
                let found = match letter {
                    0..0x1_0000 => {
                        let high = letter >> 8;
                        // Four block numbers a word, the first in the lowest byte.
                        let block = set.get(at + 1 + (high / 4) as usize)? >> (8 * (high % 4)) & 0xFF;
                        bit(set, blocks + block as usize * 8, letter & 255)?
                    }
                    _ => false,
                };
                (found, 1 + 64 + count * 8)
            }
            _ => return None,
        };
        if found {
            return Some(ok);
        }
        at += size;
    }
}

fn bit(set: &[u32], at: usize, letter: u32) -> Option<bool> {
    Some(set.get(at + (letter / 32) as usize)? >> (letter % 32) & 1 == 1)
}

/// Whether a position in the text is where `code` wants it: `^`, `$`, `\b` and their like.
pub(super) fn at(code: u32, ptr: usize, end: usize, letter: impl Fn(usize) -> u32) -> Option<bool> {
    let boundary = |word: fn(u32) -> bool| {
        let before = ptr > 0 && word(letter(ptr - 1));
        let after = ptr < end && word(letter(ptr));
        (end > 0, before != after)
    };
    Some(match code {
        0 | 2 => ptr == 0,
        1 => ptr == 0 || is_linebreak(letter(ptr - 1)),
        3 => matches!(boundary(is_word), (true, true)),
        4 => matches!(boundary(is_word), (true, false)),
        5 => ptr == end || end - ptr == 1 && is_linebreak(letter(ptr)),
        6 => ptr == end || is_linebreak(letter(ptr)),
        7 => ptr == end,
        10 => matches!(boundary(is_unicode_word), (true, true)),
        11 => matches!(boundary(is_unicode_word), (true, false)),
        _ => return None,
    })
}

/// `.` without DOTALL.
pub(super) fn is_any(letter: u32) -> bool {
    !is_linebreak(letter)
}
