//! `format % values` (`PyUnicode_Format` of `Objects/unicodeobject.c`).

use num_bigint::{BigInt, Sign};

use super::float::{self, Notation, Style};
use crate::{Bail, BailKind, Cx, Result, Str, Type, Value, arith, op, repr, str_new};

/// Widths and precisions above this bail out.
const MOST: usize = 1_000_000;

/// `format % values`
pub(crate) fn format<'a>(cx: &'a Cx<'a>, format: Str<'a>, values: Value<'a>, g: u32) -> Result<Str<'a>> {
    let mut state = State::new(cx, format.text(), values, g)?;
    cx.build(
        |out| {
            while let Some((text, rest)) = state.letters.as_str().split_once('%') {
                out.push_str(text);
                state.letters = rest.chars();
                state.conversion(out)?;
                cx.reserve(out.len(), g)?;
            }
            out.push_str(state.letters.as_str());
            cx.reserve(out.len(), g)?;
            if state.left() && state.mapping.is_none() {
                return Err(cx.raise(Type::TypeError, "not all arguments converted during string formatting", g));
            }
            Ok(())
        },
        g,
    )
}

/// Where the arguments come from.
enum Source<'a> {
    /// The items of a tuple from an index on.
    Tuple(&'a [Value<'a>], usize),
    /// One value, while it was not taken.
    One(Option<Value<'a>>),
}

struct State<'s, 'a> {
    cx: &'a Cx<'a>,
    g: u32,
    /// All of it.
    format: &'s str,
    letters: std::str::Chars<'s>,
    source: Source<'a>,
    mapping: Option<Value<'a>>,
}

/// `%[-+ #0][width][.precision]`
#[derive(Default)]
struct Flags {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

impl Flags {
    /// Whether there are none.
    fn is_plain(&self) -> bool {
        let Self { left, plus, blank, alternate, zero, width, precision } = self;
        !(*left || *plus || *blank || *alternate || *zero) && *width == 0 && precision.is_none()
    }
}

impl<'s, 'a> State<'s, 'a> {
    fn new(cx: &'a Cx<'a>, format: &'s str, values: Value<'a>, g: u32) -> Result<Self> {
        let (source, mapping) = match values {
            Value::Tuple(tuple) => (Source::Tuple(tuple.items(), 0), None),
            Value::Str(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Bool(_) | Value::None => {
                (Source::One(Some(values)), None)
            }
            // What has `__getitem__` counts as a mapping, so that it may stay unused.
            Value::Dict(_) | Value::List(_) | Value::Bytes(_) | Value::Range(_) => {
                (Source::One(Some(values)), Some(values))
            }
            Value::Set(_) | Value::Ellipsis | Value::NotImplemented => (Source::One(Some(values)), None),
            Value::Instance(instance) => match crate::plain(values) {
                Value::Instance(_) if instance.is_exception() => (Source::One(Some(values)), None),
                Value::Instance(_) if crate::attr::special(cx, values, "__getitem__", g)?.is_none() => {
                    (Source::One(Some(values)), None)
                }
                Value::Int(_) | Value::Float(_) | Value::Str(_) => (Source::One(Some(values)), None),
                _ => return Err(BailKind::Unsupported.at(g)),
            },
            _ => return Err(BailKind::Unsupported.at(g)),
        };
        Ok(Self { cx, g, format, letters: format.chars(), source, mapping })
    }

    fn peek(&self) -> Option<char> {
        self.letters.clone().next()
    }

    /// Steps over `letter`, if it is next.
    fn eat(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        if found {
            self.letters.next();
        }
        found
    }

    fn error(&self, ty: Type, text: &str) -> Bail {
        self.cx.raise(ty, text, self.g)
    }

    /// Whether arguments are left.
    fn left(&self) -> bool {
        match &self.source {
            Source::Tuple(items, next) => *next < items.len(),
            Source::One(value) => value.is_some(),
        }
    }

    fn argument(&mut self) -> Result<Value<'a>> {
        let value = match &mut self.source {
            Source::Tuple(items, next) => {
                *next += 1;
                items.get(*next - 1).copied()
            }
            Source::One(value) => value.take(),
        };
        value.ok_or_else(|| self.error(Type::TypeError, "not enough arguments for format string"))
    }

    /// `(key)`
    fn key(&mut self) -> Result<()> {
        let Some(mapping) = self.mapping else {
            return Err(self.error(Type::TypeError, "format requires a mapping"));
        };
        let (mut key, mut depth) = (String::new(), 1);
        loop {
            let Some(letter) = self.letters.next() else {
                return Err(self.error(Type::ValueError, "incomplete format key"));
            };
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            if depth == 0 {
                break;
            }
            key.push(letter);
        }
        let key = Value::Str(str_new(self.cx, &key, self.g)?);
        self.source = Source::One(Some(op::index(self.cx, mapping, key, self.g)?));
        Ok(())
    }

    fn size(&mut self) -> Result<Option<usize>> {
        let mut size = None;
        while let Some(digit) = self.peek().and_then(|letter| letter.to_digit(10)) {
            self.letters.next();
            let next = size.unwrap_or(0) * 10 + digit as usize;
            if next > MOST {
                return Err(BailKind::Unsupported.at(self.g));
            }
            size = Some(next);
        }
        Ok(size)
    }

    /// `*`
    fn star(&mut self) -> Result<i64> {
        match self.argument()? {
            Value::Int(size) if size.unsigned_abs() <= MOST as u64 => Ok(size),
            Value::Bool(size) => Ok(i64::from(size.get())),
            Value::Int(_) | Value::Big(_) => Err(BailKind::Unsupported.at(self.g)),
            _ => Err(self.error(Type::TypeError, "* wants int")),
        }
    }

    fn flags(&mut self) -> Result<Flags> {
        let mut flags = Flags::default();
        loop {
            match self.peek() {
                Some('-') => flags.left = true,
                Some('+') => flags.plus = true,
                Some(' ') => flags.blank = true,
                Some('#') => flags.alternate = true,
                Some('0') => flags.zero = true,
                _ => break,
            }
            self.letters.next();
        }
        if self.eat('*') {
            let width = self.star()?;
            flags.left |= width < 0;
            flags.width = width.unsigned_abs() as usize;
        } else {
            flags.width = self.size()?.unwrap_or(0);
        }
        if self.eat('.') {
            let starred = self.eat('*');
            flags.precision = Some(match starred {
                true => usize::try_from(self.star()?).unwrap_or(0),
                false => self.size()?.unwrap_or(0),
            });
        }
        if matches!(self.peek(), Some('h' | 'l' | 'L')) {
            self.letters.next();
        }
        Ok(flags)
    }

    /// What follows a `%`.
    fn conversion(&mut self, out: &mut String) -> Result<()> {
        let (cx, g) = (self.cx, self.g);
        if self.eat('%') {
            out.push('%');
            return Ok(());
        }
        if self.eat('(') {
            self.key()?;
        }
        let flags = self.flags()?;
        let Some(kind) = self.letters.next() else {
            return Err(self.error(Type::ValueError, "incomplete format"));
        };
        let value = self.argument()?;
        match (kind, value) {
            ('s', Value::Str(text)) if flags.is_plain() => {
                out.push_str(text.text());
                return Ok(());
            }
            ('d', Value::Int(number)) if flags.is_plain() => {
                out.push_str(itoa::Buffer::new().format(number));
                return Ok(());
            }
            _ => {}
        }
        match kind {
            's' | 'r' | 'a' => {
                let mut text = match kind {
                    's' => repr::str_text(cx, value, g)?,
                    'r' => repr::repr_text(cx, value, g)?,
                    _ => repr::ascii_text(cx, value, g)?,
                };
                if let Some((end, _)) = flags.precision.and_then(|precision| text.char_indices().nth(precision)) {
                    text.truncate(end);
                }
                place(out, "", "", &text, false, &flags);
            }
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => self.int(out, kind, value, &flags)?,
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let value = self.float(value)?;
                let notation = match kind.to_ascii_lowercase() {
                    'e' => Notation::Exponent,
                    'f' => Notation::Fixed,
                    _ => Notation::General,
                };
                let style = Style { alternate: flags.alternate, upper: kind.is_uppercase(), ..Style::default() };
                let text = float::text(value, notation, flags.precision.unwrap_or(6), style);
                let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
                place(out, signed(sign, &flags), "", digits, flags.zero, &flags);
            }
            'c' => {
                let letter = self.letter(value)?;
                place(out, "", "", letter.encode_utf8(&mut [0; 4]), false, &flags);
            }
            _ => {
                // Its index, from the text that is left.
                let at = self.format.chars().count() - self.letters.clone().count() - 1;
                let shown = if (' '..='\u{7e}').contains(&kind) { kind } else { '?' };
                let text = format!("unsupported format character '{shown}' ({:#x}) at index {at}", u32::from(kind));
                return Err(self.error(Type::ValueError, &text));
            }
        }
        Ok(())
    }

    fn int(&mut self, out: &mut String, kind: char, value: Value<'a>, flags: &Flags) -> Result<()> {
        let number = match (value, arith::integer(value)) {
            (_, Some(number)) => number,
            (Value::Float(value), None) if matches!(kind, 'd' | 'i' | 'u') => {
                if value.get().is_nan() {
                    return Err(self.error(Type::ValueError, "cannot convert float NaN to integer"));
                }
                let Some(number) = crate::big::float_to_int(value.get().trunc()) else {
                    return Err(self.error(Type::OverflowError, "cannot convert float infinity to integer"));
                };
                number
            }
            (Value::Instance(_) | Value::Object(_), None) => return Err(BailKind::Unsupported.at(self.g)),
            _ => {
                let wanted = if matches!(kind, 'o' | 'x' | 'X') { "an integer" } else { "a real number" };
                let name = crate::class::type_name(value);
                let text = format!("%{kind} format: {wanted} is required, not {name}");
                return Err(self.error(Type::TypeError, &text));
            }
        };
        let (radix, prefix) = match kind {
            'o' => (8, "0o"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let mut digits = BigInt::magnitude(&number).to_str_radix(radix);
        if radix == 10 && digits.len() > 4300 {
            return Err(BailKind::Exception.at(self.g));
        }
        if kind == 'X' {
            digits.make_ascii_uppercase();
        }
        if let Some(zeros) = flags.precision.and_then(|precision| precision.checked_sub(digits.len())) {
            digits.insert_str(0, &"0".repeat(zeros));
        }
        let sign = if number.sign() == Sign::Minus { "-" } else { "" };
        let prefix = if flags.alternate { prefix } else { "" };
        place(out, signed(sign, flags), prefix, &digits, flags.zero, flags);
        Ok(())
    }

    fn float(&self, value: Value<'a>) -> Result<f64> {
        match (value, arith::integer(value)) {
            (Value::Float(value), _) => Ok(value.get()),
            (_, Some(number)) => crate::big::nearest_float(&number)
                .ok_or_else(|| self.error(Type::OverflowError, "int too large to convert to float")),
            (Value::Instance(_) | Value::Object(_), None) => Err(BailKind::Unsupported.at(self.g)),
            _ => {
                let text = format!("must be real number, not {}", crate::class::type_name(value));
                Err(self.error(Type::TypeError, &text))
            }
        }
    }

    fn letter(&self, value: Value<'a>) -> Result<char> {
        match (value, arith::integer(value)) {
            (Value::Str(text), _) => {
                let mut letters = text.text().chars();
                match (letters.next(), letters.next()) {
                    (Some(letter), None) => Ok(letter),
                    _ => Err(self.error(Type::TypeError, "%c requires int or char")),
                }
            }
            (_, Some(number)) => match u32::try_from(&number) {
                Ok(code) if code <= 0x0010_ffff => char::from_u32(code).ok_or_else(|| BailKind::Unsupported.at(self.g)),
                _ => Err(self.error(Type::OverflowError, "%c arg not in range(0x110000)")),
            },
            (Value::Instance(_) | Value::Object(_), None) => Err(BailKind::Unsupported.at(self.g)),
            _ => Err(self.error(Type::TypeError, "%c requires int or char")),
        }
    }
}

fn signed<'t>(sign: &'t str, flags: &Flags) -> &'t str {
    match sign {
        "" if flags.plus => "+",
        "" if flags.blank => " ",
        sign => sign,
    }
}

/// Writes a conversion's text in its width.
fn place(out: &mut String, sign: &str, prefix: &str, text: &str, zero: bool, flags: &Flags) {
    let padding = flags.width.saturating_sub(sign.len() + prefix.len() + text.chars().count());
    let (before, zeros, after) = match (flags.left, zero) {
        (true, _) => (0, 0, padding),
        (false, true) => (0, padding, 0),
        (false, false) => (padding, 0, 0),
    };
    super::pad(out, ' ', before);
    out.push_str(sign);
    out.push_str(prefix);
    super::pad(out, '0', zeros);
    out.push_str(text);
    super::pad(out, ' ', after);
}
