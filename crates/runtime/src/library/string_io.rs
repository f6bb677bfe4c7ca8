//! `io.StringIO` (`Modules/_io/stringio.c`), where lines end as they are written.

use std::cell::Cell;

use crate::string::{StrObj, str_concat};
use crate::{Args, BailKind, Builtin, Cx, Obj, Result, Str, Type, Value, list_new, object_new, str_new};

/// What `io` has natively.
pub(super) const TABLE: &[Builtin] = &[Builtin { module: "io", name: "StringIO", call: construct }];

struct StringIo<'a> {
    text: Cell<Str<'a>>,
    /// Where it goes on, in bytes of the text.
    at: Cell<usize>,
    /// Whether a carriage return ends a line, too.
    universal: bool,
    closed: Cell<bool>,
}

/// `StringIO(initial_value="", newline="\n")`
fn construct<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let [initial, newline] = args.bind(["initial_value", "newline"], 0, 2, g)?;
    let text = match initial {
        None | Some(Value::None) => str_new(cx, "", g)?,
        Some(Value::Str(text)) => text,
        Some(_) => return Err(BailKind::Exception.at(g)),
    };
    let universal = match newline {
        None => false,
        Some(Value::Str(newline)) if newline.text() == "\n" => false,
        Some(Value::Str(newline)) if newline.text().is_empty() => true,
        Some(_) => return Err(unsupported()),
    };
    object_new(cx, StringIo { text: Cell::new(text), at: Cell::new(0), universal, closed: Cell::new(false) }, g)
}

impl<'a> StringIo<'a> {
    fn write(&self, cx: &'a Cx<'a>, text: Str<'a>, g: u32) -> Result<()> {
        let whole = self.text.get().text();
        if self.at.get() == whole.len() {
            self.text.set(str_concat(cx, self.text.get(), text, g)?);
            self.at.set(self.text.get().text().len());
            return Ok(());
        }
        // Over as many characters as there are.
        let (before, behind) = whole.split_at(self.at.get());
        let kept = behind.char_indices().nth(text.chars()).map_or("", |(at, _)| &behind[at..]);
        let written = [before, text.text(), kept].concat();
        self.text.set(str_new(cx, &written, g)?);
        self.at.set(before.len() + text.text().len());
        Ok(())
    }

    /// The text from here to the end of that many bytes more, which come to be behind.
    fn take(&self, cx: &'a Cx<'a>, bytes: usize, g: u32) -> Result<Value<'a>> {
        let at = self.at.get();
        self.at.set(at + bytes);
        let part: &'a str = &self.text.get().text()[at..at + bytes];
        Ok(Value::Str(Str(cx.alloc(StrObj::new(part), g)?)))
    }

    /// How many bytes the next line has; 0 at the end.
    fn line(&self) -> usize {
        let rest = &self.text.get().text()[self.at.get()..];
        let end = match self.universal {
            false => rest.find('\n').map(|at| at + 1),
            true => rest.find(['\n', '\r']).map(|at| if rest[at..].starts_with("\r\n") { at + 2 } else { at + 1 }),
        };
        end.unwrap_or(rest.len())
    }

    fn lines(&self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        let mut lines = Vec::new();
        while let Some(line) = self.next(cx, g)? {
            cx.tick(g)?;
            lines.push(line);
        }
        list_new(cx, &lines, g).map(Value::List)
    }

    fn open(&self, g: u32) -> Result<()> {
        if self.closed.get() { Err(BailKind::Exception.at(g)) } else { Ok(()) }
    }
}

impl<'a> Obj<'a> for StringIo<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            "closed" => Ok(Some(Value::bool(self.closed.get()))),
            _ if self.has_method(name) => Ok(None),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        let reads = matches!(name, "getvalue" | "read" | "readline" | "readlines" | "tell" | "seek");
        let writes = matches!(name, "write" | "writelines" | "flush" | "close");
        reads || writes || matches!(name, "__enter__" | "__exit__")
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        if matches!(name, "close" | "__exit__") {
            self.closed.set(true);
            return Ok(Value::None);
        }
        self.open(g)?;
        let rest = self.text.get().text().len() - self.at.get();
        match (name, args.positional(g)?) {
            ("__enter__", []) => Ok(this),
            ("flush", []) => Ok(Value::None),
            ("getvalue", []) => Ok(Value::Str(self.text.get())),
            ("write", [Value::Str(text)]) => {
                self.write(cx, *text, g)?;
                Ok(Value::Int(text.chars() as i64))
            }
            ("writelines", [lines]) => {
                for line in crate::builtin::collect(cx, *lines, g)? {
                    let Value::Str(line) = line else { return Err(BailKind::Exception.at(g)) };
                    self.write(cx, line, g)?;
                }
                Ok(Value::None)
            }
            ("read", [] | [Value::None]) => self.take(cx, rest, g),
            ("read", [Value::Int(count)]) => {
                let behind = &self.text.get().text()[self.at.get()..];
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                let bytes = behind.char_indices().nth(count).map_or(rest, |(at, _)| at);
                self.take(cx, bytes, g)
            }
            ("readline", []) => self.take(cx, self.line(), g),
            ("readlines", []) => self.lines(cx, g),
            ("tell", []) => Ok(Value::Int(self.text.get().text()[..self.at.get()].chars().count() as i64)),
            ("seek", [Value::Int(0), Value::Int(2)]) => {
                self.at.set(self.at.get() + rest);
                Ok(Value::Int(self.text.get().chars() as i64))
            }
            ("seek", [Value::Int(at)] | [Value::Int(at), Value::Int(0)]) => {
                let text = self.text.get();
                let wanted = usize::try_from(*at).map_err(|_| BailKind::Exception.at(g))?;
                // What is written behind the end comes with zeros before it.
                let at = match wanted == text.chars() {
                    true => Some(text.text().len()),
                    false => text.text().char_indices().nth(wanted).map(|(at, _)| at),
                };
                self.at.set(at.ok_or_else(|| BailKind::Unsupported.at(g))?);
                Ok(Value::Int(wanted as i64))
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn iter(&self, _cx: &'a Cx<'a>, this: Value<'a>, g: u32) -> Result<Value<'a>> {
        self.open(g)?;
        Ok(this)
    }

    fn next(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        self.open(g)?;
        match self.line() {
            0 => Ok(None),
            bytes => self.take(cx, bytes, g).map(Some),
        }
    }
}
