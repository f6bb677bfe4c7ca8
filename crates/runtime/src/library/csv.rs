//! `csv.reader` and `csv.writer` (`Modules/_csv.c`); `DictReader` and `DictWriter` are Python's own around them.
//!
//! Dialects are those with a name and what the arguments say; escape characters, `QUOTE_NONE`, numbers that the reader
//! makes, and what is an error are left to CPython.

use std::cell::Cell;

use crate::repr::write_str;
use crate::{
    Args, BailKind, Bool, Builtin, Cx, Iter, Obj, Result, Str, Type, Value, attr, call, iter_next, iter_value, list_new,
};
use crate::{object_new, str_new};

/// The functions of `csv`.
pub(super) const TABLE: &[Builtin] =
    &[Builtin { module: "csv", name: "reader", call: reader }, Builtin { module: "csv", name: "writer", call: writer }];

/// `csv.QUOTE_MINIMAL` and its like.
pub(super) fn constant(name: &str) -> Option<i64> {
    ["QUOTE_MINIMAL", "QUOTE_ALL", "QUOTE_NONNUMERIC", "QUOTE_NONE"]
        .iter()
        .position(|known| *known == name)
        .map(|number| number as i64)
}

/// The longest field (`field_size_limit`).
const LONGEST: usize = 128 << 10;

#[derive(Copy, Clone, PartialEq, Eq)]
enum Quoting {
    Minimal,
    All,
    NonNumeric,
}

#[derive(Copy, Clone)]
struct Dialect<'a> {
    delimiter: char,
    quote: char,
    terminator: &'a str,
    skips_space: bool,
    quoting: Quoting,
}

impl<'a> Dialect<'a> {
    /// Of the arguments behind the first.
    fn new(args: Args<'_, 'a>, g: u32) -> Result<Self> {
        let unsupported = || BailKind::Unsupported.at(g);
        let excel =
            Self { delimiter: ',', quote: '"', terminator: "\r\n", skips_space: false, quoting: Quoting::Minimal };
        let named = match args.pos {
            [_] => args.keyword("dialect"),
            [_, dialect] => Some(*dialect),
            _ => return Err(BailKind::Exception.at(g)),
        };
        let mut dialect = match named {
            None => excel,
            Some(Value::Str(name)) => match name.text() {
                "excel" => excel,
                "excel-tab" => Self { delimiter: '\t', ..excel },
                "unix" => Self { terminator: "\n", quoting: Quoting::All, ..excel },
                _ => return Err(unsupported()),
            },
            Some(_) => return Err(unsupported()),
        };
        let letter = |value: Value<'a>| match value {
            Value::Str(text) => text.text().chars().next().filter(|_| text.chars() == 1).ok_or_else(unsupported),
            _ => Err(unsupported()),
        };
        for (name, value) in args.kw {
            match (name.text(), *value) {
                ("dialect", _) if args.pos.len() == 1 => {}
                ("delimiter", value) => dialect.delimiter = letter(value)?,
                ("quotechar", value) => dialect.quote = letter(value)?,
                ("lineterminator", Value::Str(text)) => dialect.terminator = text.text(),
                ("skipinitialspace", Value::Bool(skips)) => dialect.skips_space = skips.get(),
                ("doublequote", Value::Bool(Bool::True))
                | ("strict", Value::Bool(Bool::False))
                | ("escapechar", Value::None) => {}
                ("quoting", Value::Int(0)) => dialect.quoting = Quoting::Minimal,
                ("quoting", Value::Int(1)) => dialect.quoting = Quoting::All,
                ("quoting", Value::Int(2)) => dialect.quoting = Quoting::NonNumeric,
                _ => return Err(unsupported()),
            }
        }
        let is_odd = |letter: char| matches!(letter, '\n' | '\r' | '\0');
        if is_odd(dialect.delimiter) || is_odd(dialect.quote) || dialect.delimiter == dialect.quote {
            return Err(unsupported());
        }
        Ok(dialect)
    }
}

/// Where a reader is within a record.
#[derive(Copy, Clone, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    InField,
    InQuotedField,
    QuoteInQuotedField,
    EatEnd,
}

struct Reader<'a> {
    lines: Value<'a>,
    dialect: Dialect<'a>,
    line_num: Cell<i64>,
}

fn reader<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let dialect = Dialect::new(args, g)?;
    if dialect.quoting == Quoting::NonNumeric {
        return Err(BailKind::Unsupported.at(g));
    }
    let lines = iter_value(cx, args.pos[0], g)?;
    object_new(cx, Reader { lines, dialect, line_num: Cell::new(0) }, g)
}

/// What raised, where the module `csv` raises something else for it: that is left to CPython.
fn own_error<'a, T>(cx: &'a Cx<'a>, outcome: Result<T>, g: u32) -> Result<T> {
    outcome.map_err(|bail| cx.catch(bail).map_or_else(|bail| bail, |_| BailKind::Exception.at(g)))
}

/// A record that is being read.
#[derive(Default)]
struct Record<'a> {
    fields: Vec<Value<'a>>,
    field: String,
}

impl<'a> Record<'a> {
    fn push(&mut self, letter: char, g: u32) -> Result<()> {
        self.field.push(letter);
        // CPython counts characters; what is longer in bytes may be an error there.
        if self.field.len() > LONGEST { Err(BailKind::Unsupported.at(g)) } else { Ok(()) }
    }

    fn save(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<()> {
        self.fields.push(Value::Str(str_new(cx, &self.field, g)?));
        self.field.clear();
        Ok(())
    }
}

impl<'a> Reader<'a> {
    /// One character, or the end of what the iterator gave (`parse_process_char`).
    fn step(
        &self,
        cx: &'a Cx<'a>,
        record: &mut Record<'a>,
        state: State,
        letter: Option<char>,
        g: u32,
    ) -> Result<State> {
        let Dialect { delimiter, quote, skips_space, .. } = self.dialect;
        let ended = if letter.is_none() { State::StartRecord } else { State::EatEnd };
        Ok(match (state, letter) {
            (State::StartRecord, None) => State::StartRecord,
            (State::StartRecord, Some('\n' | '\r')) => State::EatEnd,
            (State::StartRecord, _) => return self.step(cx, record, State::StartField, letter, g),
            (State::StartField | State::InField | State::QuoteInQuotedField, None | Some('\n' | '\r')) => {
                record.save(cx, g)?;
                ended
            }
            (State::StartField, Some(letter)) if letter == quote => State::InQuotedField,
            (State::StartField, Some(' ')) if skips_space => State::StartField,
            (State::QuoteInQuotedField, Some(letter)) if letter == quote => {
                record.push(letter, g)?;
                State::InQuotedField
            }
            (State::StartField | State::InField | State::QuoteInQuotedField, Some(letter)) if letter == delimiter => {
                record.save(cx, g)?;
                State::StartField
            }
            (State::StartField | State::InField | State::QuoteInQuotedField, Some(letter)) => {
                record.push(letter, g)?;
                State::InField
            }
            (State::InQuotedField, None) => State::InQuotedField,
            (State::InQuotedField, Some(letter)) if letter == quote => State::QuoteInQuotedField,
            (State::InQuotedField, Some(letter)) => {
                record.push(letter, g)?;
                State::InQuotedField
            }
            (State::EatEnd, None) => State::StartRecord,
            (State::EatEnd, Some('\n' | '\r')) => State::EatEnd,
            (State::EatEnd, Some(_)) => return Err(BailKind::Exception.at(g)),
        })
    }
}

impl<'a> Obj<'a> for Reader<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            "line_num" => Ok(Some(Value::Int(self.line_num.get()))),
            "__next__" | "__iter__" => Ok(None),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn iter(&self, _cx: &'a Cx<'a>, this: Value<'a>, _g: u32) -> Result<Value<'a>> {
        Ok(this)
    }

    /// `Reader_iternext`
    fn next(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let (mut record, mut state) = (Record::default(), State::StartRecord);
        loop {
            match iter_next(cx, self.lines, g)? {
                None if !record.field.is_empty() || state == State::InQuotedField => {
                    record.save(cx, g)?;
                    break;
                }
                None => return Ok(None),
                Some(Value::Str(line)) => {
                    self.line_num.set(self.line_num.get() + 1);
                    cx.burn(line.text().len(), g)?;
                    for letter in line.text().chars() {
                        state = self.step(cx, &mut record, state, Some(letter), g)?;
                    }
                    state = self.step(cx, &mut record, state, None, g)?;
                }
                Some(_) => return Err(BailKind::Exception.at(g)),
            }
            if state == State::StartRecord {
                break;
            }
        }
        list_new(cx, &record.fields, g).map(|fields| Some(Value::List(fields)))
    }
}

struct Writer<'a> {
    /// The method `write` of the file, as it was when the writer was made.
    write: Value<'a>,
    dialect: Dialect<'a>,
}

fn writer<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let dialect = Dialect::new(args, g)?;
    let write = own_error(cx, attr::get(cx, args.pos[0], cx.name("write", g)?, g), g)?;
    object_new(cx, Writer { write, dialect }, g)
}

impl<'a> Writer<'a> {
    /// `csv_writerow`
    fn row(&self, cx: &'a Cx<'a>, row: Value<'a>, g: u32) -> Result<Value<'a>> {
        let (mut line, mut count) = (String::new(), 0);
        let mut fields = own_error(cx, Iter::new(cx, row, g), g)?;
        while let Some(field) = fields.next(cx, g)? {
            cx.tick(g)?;
            if count > 0 {
                line.push(self.dialect.delimiter);
            }
            count += 1;
            let quoted = match self.dialect.quoting {
                Quoting::Minimal => false,
                Quoting::All => true,
                Quoting::NonNumeric => match field {
                    Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Bool(_) => false,
                    Value::Instance(_) | Value::Object(_) => return Err(BailKind::Unsupported.at(g)),
                    _ => true,
                },
            };
            match field {
                Value::Str(text) => self.field(&mut line, text.text(), quoted),
                Value::None => self.field(&mut line, "", quoted),
                other => {
                    let mut text = String::new();
                    write_str(cx, &mut text, other, g)?;
                    self.field(&mut line, &text, quoted);
                }
            }
        }
        if count > 0 && line.is_empty() {
            // One empty field would read as an empty line.
            self.field(&mut line, "", true);
        }
        line.push_str(self.dialect.terminator);
        let line: Str<'a> = str_new(cx, &line, g)?;
        call::call_with(cx, self.write, &[Value::Str(line)], g)
    }

    fn field(&self, line: &mut String, text: &str, quoted: bool) {
        let Dialect { delimiter, quote, terminator, .. } = self.dialect;
        let special = |letter: char| letter == delimiter || letter == quote || terminator.contains(letter);
        if !quoted && !text.contains(special) {
            line.push_str(text);
            return;
        }
        line.push(quote);
        for letter in text.chars() {
            if letter == quote {
                line.push(quote);
            }
            line.push(letter);
        }
        line.push(quote);
    }
}

impl<'a> Obj<'a> for Writer<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        if self.has_method(name) { Ok(None) } else { Err(BailKind::Unsupported.at(g)) }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "writerow" | "writerows")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("writerow", [row]) => self.row(cx, *row, g),
            ("writerows", [rows]) => {
                let mut rows = Iter::new(cx, *rows, g)?;
                while let Some(row) = rows.next(cx, g)? {
                    self.row(cx, row, g)?;
                }
                Ok(Value::None)
            }
            _ => Err(BailKind::Exception.at(g)),
        }
    }
}
