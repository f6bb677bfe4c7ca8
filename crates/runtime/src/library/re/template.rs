//! Templates of replacements (`parse_template` of `Lib/re/_parser.py`).

use crate::sre::Pattern;

enum Part {
    Literal(String),
    Group(usize),
}

/// A parsed replacement.
pub(super) struct Template(Vec<Part>);

impl Template {
    /// Parses a replacement; none where CPython raises.
    pub(super) fn parse(text: &str, pattern: &Pattern) -> Option<Self> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let letters: Vec<char> = text.chars().collect();
        let digit = |at: usize, radix: u32| letters.get(at).and_then(|letter| letter.to_digit(radix));
        let mut at = 0;
        while let Some(letter) = letters.get(at).copied() {
            at += 1;
            if letter != '\\' {
                literal.push(letter);
                continue;
            }
            let escaped = *letters.get(at)?;
            at += 1;
            let mut group = None;
            match escaped {
                'g' => {
                    if letters.get(at) != Some(&'<') {
                        return None;
                    }
                    let end = at + 1 + letters[at + 1..].iter().position(|letter| *letter == '>')?;
                    let name: String = letters[at + 1..end].iter().collect();
                    at = end + 1;
                    group = match name.parse::<usize>() {
                        Ok(number) if name.bytes().all(|byte| byte.is_ascii_digit()) => Some(number),
                        _ => Some(pattern.names.iter().find(|(known, _)| *known == name)?.1 as usize),
                    };
                }
                '0' => {
                    let mut code = 0;
                    for _ in 0..2 {
                        let Some(value) = digit(at, 8) else { break };
                        (code, at) = (code * 8 + value, at + 1);
                    }
                    literal.push(char::from_u32(code & 0xFF)?);
                }
                '1'..='9' => {
                    let first = escaped.to_digit(10)?;
                    match digit(at, 10) {
                        None => group = Some(first as usize),
                        Some(second) => {
                            at += 1;
                            match (first < 8 && second < 8, digit(at, 8)) {
                                (true, Some(third)) => {
                                    at += 1;
                                    let code = first * 64 + second * 8 + third;
                                    if code > 0o377 {
                                        return None;
                                    }
                                    literal.push(char::from_u32(code)?);
                                }
                                _ => group = Some((first * 10 + second) as usize),
                            }
                        }
                    }
                }
                'a' => literal.push('\x07'),
                'b' => literal.push('\x08'),
                'f' => literal.push('\x0c'),
                'n' => literal.push('\n'),
                'r' => literal.push('\r'),
                't' => literal.push('\t'),
                'v' => literal.push('\x0b'),
                '\\' => literal.push('\\'),
                other if other.is_ascii_alphabetic() => return None,
                other => {
                    literal.push('\\');
                    literal.push(other);
                }
            }
            if let Some(group) = group {
                if group > pattern.groups as usize {
                    return None;
                }
                parts.push(Part::Literal(std::mem::take(&mut literal)));
                parts.push(Part::Group(group));
            }
        }
        parts.push(Part::Literal(literal));
        Some(Self(parts))
    }

    /// Appends the replacement of a match; a group that took no part is empty.
    pub(super) fn expand<'t>(&self, out: &mut String, group: impl Fn(usize) -> Option<&'t str>) {
        for part in &self.0 {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Group(number) => out.push_str(group(*number).unwrap_or("")),
            }
        }
    }
}
