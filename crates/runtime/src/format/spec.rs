//! The format mini-language (`parse_internal_render_format_spec` of `Python/formatter_unicode.c`).

use crate::{BailKind, Cx, Result, Type};

/// Widths and precisions above this bail out.
const MOST: usize = 1_000_000;

/// A parsed format spec.
pub(super) struct Spec {
    pub(super) fill: char,
    pub(super) align: char,
    pub(super) sign: Option<char>,
    /// `z`
    pub(super) no_negative_zero: bool,
    /// `#`
    pub(super) alternate: bool,
    pub(super) width: Option<usize>,
    pub(super) separator: Option<char>,
    pub(super) precision: Option<usize>,
    pub(super) kind: Option<char>,
}

fn is_align(letter: Option<&char>) -> bool {
    matches!(letter, Some('<' | '>' | '^' | '='))
}

impl Spec {
    /// Parses `spec` of a value of the type called `name`, which stands at `align` of itself.
    pub(super) fn parse<'a>(cx: &'a Cx<'a>, spec: &str, name: &str, align: char, g: u32) -> Result<Self> {
        let error = |text: &str| cx.raise(Type::ValueError, text, g);
        let (mut few, many): ([char; 16], Vec<char>);
        // Mostly they are short.
        let letters: &[char] = if spec.len() <= 16 {
            few = ['\0'; 16];
            let count = spec.chars().zip(&mut few).map(|(letter, place)| *place = letter).count();
            &few[..count]
        } else {
            many = spec.chars().collect();
            &many
        };
        let mut rest = letters;
        let take = |rest: &mut &[char], found: &[char]| {
            let first = rest.first().copied().filter(|letter| found.contains(letter));
            if first.is_some() {
                *rest = &rest[1..];
            }
            first
        };
        let (mut fill, mut aligned) = (None, None);
        if is_align(letters.get(1)) {
            (fill, aligned, rest) = (Some(letters[0]), Some(letters[1]), &letters[2..]);
        } else if is_align(letters.first()) {
            (aligned, rest) = (Some(letters[0]), &letters[1..]);
        }
        let sign = take(&mut rest, &[' ', '+', '-']);
        let no_negative_zero = take(&mut rest, &['z']).is_some();
        let alternate = take(&mut rest, &['#']).is_some();
        if fill.is_none() && take(&mut rest, &['0']).is_some() {
            fill = Some('0');
            if aligned.is_none() && align == '>' {
                aligned = Some('=');
            }
        }
        let width = number(&mut rest).map_err(|kind| kind.at(g))?;
        let mut separator = take(&mut rest, &[',']);
        if let Some(underscore) = take(&mut rest, &['_']) {
            if separator.is_some() {
                return Err(error("Cannot specify both ',' and '_'."));
            }
            separator = Some(underscore);
        }
        if separator == Some('_') && rest.first() == Some(&',') {
            return Err(error("Cannot specify both ',' and '_'."));
        }
        let mut precision = None;
        if take(&mut rest, &['.']).is_some() {
            precision = number(&mut rest).map_err(|kind| kind.at(g))?;
            if precision.is_none() {
                return Err(error("Format specifier missing precision"));
            }
        }
        if rest.len() > 1 {
            return Err(error(&format!("Invalid format specifier '{spec}' for object of type '{name}'")));
        }
        let kind = rest.first().copied().or((align == '<').then_some('s'));
        let groups = match (separator, kind) {
            (None, _) | (_, None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F')) => true,
            (Some(separator), Some('b' | 'o' | 'x' | 'X')) => separator == '_',
            _ => false,
        };
        if let (false, Some(separator), Some(kind)) = (groups, separator, kind) {
            return Err(error(&format!("Cannot specify '{separator}' with {}.", quoted(kind))));
        }
        Ok(Self {
            fill: fill.unwrap_or(' '),
            align: aligned.unwrap_or(align),
            sign,
            no_negative_zero,
            alternate,
            width,
            separator,
            precision,
            kind,
        })
    }

    /// The `ValueError` of a type letter that the value's type does not have.
    pub(super) fn unknown<'a>(&self, cx: &'a Cx<'a>, name: &str, g: u32) -> crate::Bail {
        let kind = quoted(self.kind.unwrap_or(' '));
        cx.raise(Type::ValueError, &format!("Unknown format code {kind} for object of type '{name}'"), g)
    }
}

/// A letter as messages show it.
fn quoted(letter: char) -> String {
    match letter {
        '!'..='\u{7f}' => format!("'{letter}'"),
        _ => format!("'\\x{:x}'", u32::from(letter)),
    }
}

/// The number at the start of `rest`, which it leaves behind.
fn number(rest: &mut &[char]) -> core::result::Result<Option<usize>, BailKind> {
    let mut value = None;
    while let Some(letter) = rest.first() {
        let Some(digit) = letter.to_digit(10) else {
            // Other scripts' digits count for CPython, too.
            if !letter.is_ascii() && letter.is_numeric() {
                return Err(BailKind::Unsupported);
            }
            break;
        };
        let next = value.unwrap_or(0) * 10 + digit as usize;
        if next > MOST {
            return Err(BailKind::Unsupported);
        }
        value = Some(next);
        *rest = &rest[1..];
    }
    Ok(value)
}
