//! `datetime.strptime` (`Lib/_strptime.py`), in the locale `C`.
//!
//! CPython makes a regular expression of the format; this tries the same alternatives in the same order.

use super::delta::Delta;
use super::strftime::{DAYS, MONTHS};

/// How a text was read.
pub(super) enum Read {
    /// Year, month, day, hour, minute, second, microsecond, and the offset from UTC.
    Numbers { parts: [i64; 7], day_of_year: Option<i64>, offset: Option<Delta> },
    /// It does not match the format.
    Mismatch,
    /// It matches up to that byte.
    Remains(usize),
    /// It is left to CPython.
    Unsupported,
}

/// A part of a format.
enum Piece {
    Literal(char),
    Space,
    Directive(char),
}

/// Reads `text` by `format`.
pub(super) fn parse(text: &str, format: &str) -> Read {
    let Some(pieces) = pieces(format) else { return Read::Unsupported };
    let mut matcher = Matcher { text: text.as_bytes(), found: Vec::new(), steps: 0, unsure: !text.is_ascii() };
    match matcher.run(&pieces, 0) {
        _ if matcher.unsure => Read::Unsupported,
        None => Read::Mismatch,
        Some(end) if end < text.len() => Read::Remains(end),
        Some(_) => numbers(text, &matcher.found).unwrap_or(Read::Unsupported),
    }
}

fn pieces(format: &str) -> Option<Vec<Piece>> {
    if !format.is_ascii() {
        return None;
    }
    let mut pieces = Vec::new();
    let mut seen = Vec::new();
    let mut rest = format.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            _ if is_space(letter as u8) => {
                while rest.peek().is_some_and(|next| is_space(*next as u8)) {
                    rest.next();
                }
                pieces.push(Piece::Space);
            }
            '%' => match rest.next()? {
                '%' => pieces.push(Piece::Literal('%')),
                letter if "dfHIjmMpSyYzaAbBw".contains(letter) && !seen.contains(&letter) => {
                    seen.push(letter);
                    pieces.push(Piece::Directive(letter));
                }
                _ => return None,
            },
            letter => pieces.push(Piece::Literal(letter)),
        }
    }
    Some(pieces)
}

/// What `\s` matches in ASCII.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r' | 0x1C..=0x1F)
}

struct Matcher<'t> {
    text: &'t [u8],
    /// What each directive matched: its letter, and from where to where.
    found: Vec<(char, usize, usize)>,
    steps: u32,
    /// Whether CPython is to decide.
    unsure: bool,
}

impl Matcher<'_> {
    fn at(&self, index: usize) -> u8 {
        self.text.get(index).copied().unwrap_or(0)
    }

    /// Where the pieces end when they start there, by the first way that works.
    fn run(&mut self, pieces: &[Piece], at: usize) -> Option<usize> {
        self.steps += 1;
        if self.steps > 10_000 {
            self.unsure = true;
        }
        if self.unsure {
            return None;
        }
        let Some((first, rest)) = pieces.split_first() else { return Some(at) };
        match first {
            Piece::Literal(letter) => {
                let here = self.text.get(at)?;
                here.eq_ignore_ascii_case(&(*letter as u8)).then(|| self.run(rest, at + 1)).flatten()
            }
            Piece::Space => {
                let mut count = self.text[at.min(self.text.len())..].iter().take_while(|byte| is_space(**byte)).count();
                while count > 0 {
                    if let Some(end) = self.run(rest, at + count) {
                        return Some(end);
                    }
                    count -= 1;
                }
                None
            }
            Piece::Directive(letter) => {
                for len in self.lengths(*letter, at) {
                    self.found.push((*letter, at, at + len));
                    if let Some(end) = self.run(rest, at + len) {
                        return Some(end);
                    }
                    self.found.pop();
                }
                None
            }
        }
    }

    /// How many bytes the directive can take there, in the order of its alternatives.
    fn lengths(&self, letter: char, at: usize) -> Vec<usize> {
        let digit = |offset: usize, low: u8, high: u8| (low..=high).contains(&self.at(at + offset));
        let two = |a: (u8, u8), b: (u8, u8)| digit(0, a.0, a.1) && digit(1, b.0, b.1);
        let any = (b'0', b'9');
        let alternatives: Vec<(bool, usize)> = match letter {
            'd' => vec![
                (two((b'3', b'3'), (b'0', b'1')), 2),
                (two((b'1', b'2'), any), 2),
                (two((b'0', b'0'), (b'1', b'9')), 2),
                (digit(0, b'1', b'9'), 1),
                (two((b' ', b' '), (b'1', b'9')), 2),
            ],
            'f' => {
                let count = (0..6).take_while(|offset| digit(*offset, b'0', b'9')).count();
                (1..=count).rev().map(|len| (true, len)).collect()
            }
            'H' => vec![(two((b'2', b'2'), (b'0', b'3')), 2), (two((b'0', b'1'), any), 2), (digit(0, b'0', b'9'), 1)],
            'I' | 'm' => vec![
                (two((b'1', b'1'), (b'0', b'2')), 2),
                (two((b'0', b'0'), (b'1', b'9')), 2),
                (digit(0, b'1', b'9'), 1),
            ],
            'j' => vec![
                (two((b'3', b'3'), (b'6', b'6')) && digit(2, b'0', b'6'), 3),
                (two((b'3', b'3'), (b'0', b'5')) && digit(2, b'0', b'9'), 3),
                (two((b'1', b'2'), any) && digit(2, b'0', b'9'), 3),
                (two((b'0', b'0'), (b'1', b'9')) && digit(2, b'0', b'9'), 3),
                (two((b'0', b'0'), (b'0', b'0')) && digit(2, b'1', b'9'), 3),
                (two((b'1', b'9'), any), 2),
                (two((b'0', b'0'), (b'1', b'9')), 2),
                (digit(0, b'1', b'9'), 1),
            ],
            'M' => vec![(two((b'0', b'5'), any), 2), (digit(0, b'0', b'9'), 1)],
            'S' => vec![(two((b'6', b'6'), (b'0', b'1')), 2), (two((b'0', b'5'), any), 2), (digit(0, b'0', b'9'), 1)],
            'y' => vec![(two(any, any), 2)],
            'Y' => vec![(two(any, any) && digit(2, b'0', b'9') && digit(3, b'0', b'9'), 4)],
            'w' => vec![(digit(0, b'0', b'6'), 1)],
            'z' => return self.offsets(at),
            'a' => return self.names(at, DAYS.iter().map(|name| &name[..3])),
            'A' => return self.names(at, DAYS.iter().copied()),
            'b' => return self.names(at, MONTHS.iter().map(|name| &name[..3])),
            'B' => return self.names(at, MONTHS.iter().copied()),
            _ => return self.names(at, ["am", "pm"].into_iter()),
        };
        alternatives.into_iter().filter(|(fits, _)| *fits).map(|(_, len)| len).collect()
    }

    /// At most one of the names is there, as none is the start of another.
    fn names<'n>(&self, at: usize, mut names: impl Iterator<Item = &'n str>) -> Vec<usize> {
        let rest = &self.text[at.min(self.text.len())..];
        let fits =
            |name: &&str| rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()));
        names.find(fits).map(str::len).into_iter().collect()
    }

    /// `[+-]\d\d:?[0-5]\d(:?[0-5]\d(\.\d{1,6})?)?` or `Z`, greedy parts first.
    fn offsets(&self, from: usize) -> Vec<usize> {
        if self.at(from) == b'Z' {
            return vec![1];
        }
        let digit = |at: usize, high: u8| (b'0'..=high).contains(&self.at(at));
        if !matches!(self.at(from), b'+' | b'-') || !digit(from + 1, b'9') || !digit(from + 2, b'9') {
            return Vec::new();
        }
        let pair = |at: usize| {
            let at = at + usize::from(self.at(at) == b':');
            (digit(at, b'5') && digit(at + 1, b'9')).then_some(at + 2)
        };
        let Some(minutes) = pair(from + 3) else { return Vec::new() };
        let mut ends = Vec::new();
        if let Some(seconds) = pair(minutes) {
            if self.at(seconds) == b'.' {
                let count = (1..=6).take_while(|offset| digit(seconds + offset, b'9')).count();
                ends.extend((1..=count).rev().map(|count| seconds + 1 + count));
            }
            ends.push(seconds);
        }
        ends.push(minutes);
        ends.into_iter().map(|end| end - from).collect()
    }
}

/// The numbers in what the directives matched; nothing where CPython raises an error of its own.
fn numbers(text: &str, found: &[(char, usize, usize)]) -> Option<Read> {
    let part = |letter: char| found.iter().find(|(known, ..)| *known == letter).map(|(_, from, to)| &text[*from..*to]);
    let number = |letter: char| part(letter).and_then(|digits| digits.trim_start().parse::<i64>().ok());
    let position = |names: &[&str], short: bool, name: &str| {
        let of = |known: &&str| (if short { &known[..3] } else { known }).eq_ignore_ascii_case(name);
        names.iter().position(of).map(|at| at as i64)
    };
    let given = number('Y').or_else(|| number('y').map(|year| year + if year <= 68 { 2000 } else { 1900 }));
    if number('Y').is_some() && number('y').is_some() {
        // The one that comes later counts.
        return None;
    }
    let months = [
        number('m'),
        part('B').and_then(|name| position(&MONTHS, false, name)).map(|at| at + 1),
        part('b').and_then(|name| position(&MONTHS, true, name)).map(|at| at + 1),
    ];
    let hours = [number('H'), number('I')];
    if months.iter().flatten().count() > 1 || hours.iter().flatten().count() > 1 {
        return None;
    }
    let month = months.into_iter().flatten().next().unwrap_or(1);
    let day = number('d').unwrap_or(1);
    let hour = match (hours, part('p')) {
        ([Some(hour), _], _) => hour,
        ([_, Some(hour)], Some(half)) if half.eq_ignore_ascii_case("pm") => hour % 12 + 12,
        ([_, Some(hour)], _) => hour % 12,
        _ => 0,
    };
    let micros = part('f').map_or(Some(0), |digits| format!("{digits:0<6}").parse().ok())?;
    // The 29th of February is read in a leap year, and then said to be of 1900, which has none.
    if given.is_none() && month == 2 && day == 29 {
        return None;
    }
    Some(Read::Numbers {
        parts: [given.unwrap_or(1900), month, day, hour, number('M').unwrap_or(0), number('S').unwrap_or(0), micros],
        day_of_year: number('j'),
        offset: match part('z') {
            None => None,
            Some("Z") => Some(Delta::ZERO),
            Some(text) => Some(offset(text)?),
        },
    })
}

/// `+HH:MM[:SS[.ffffff]]` with all colons or none.
fn offset(text: &str) -> Option<Delta> {
    let (sign, rest) = text.split_at(1);
    let colons = rest.matches(':').count();
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    if colons != 0 && colons != digits.len() / 2 - 1 {
        return None;
    }
    let pair = |at: usize| digits.get(at..at + 2).map_or(Some(0), |pair| pair.parse::<i128>().ok());
    let seconds = (pair(0)? * 60 + pair(2)?) * 60 + pair(4)?;
    let micros: i128 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").parse().ok()? };
    let total = seconds * 1_000_000 + micros;
    Delta::of_total(if sign == "-" { -total } else { total })
}
