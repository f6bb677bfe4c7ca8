//! `sys.stdout` and `sys.stderr` (`Modules/_io/textio.c`), as they are in workers: text that goes to the log.

use crate::{Args, BailKind, Cx, Obj, Result, Stream, Type, Value, object_new, str_new};

/// `sys.stdout` or `sys.stderr`; there is one of each.
struct Standard(Stream);

/// `sys.stdout` or `sys.stderr`
pub(super) fn standard<'a>(cx: &'a Cx<'a>, stream: Stream, g: u32) -> Result<Value<'a>> {
    let place = cx.stream(stream);
    if let Some(known) = place.get() {
        return Ok(known);
    }
    let made = object_new(cx, Standard(stream), g)?;
    place.set(Some(made));
    Ok(made)
}

/// Which of the two a value is, if it is one.
pub(crate) fn stream(v: Value<'_>) -> Option<Stream> {
    let Value::Object(object) = v else { return None };
    object.get().as_stream()
}

impl<'a> Obj<'a> for Standard {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_stream(&self) -> Option<Stream> {
        Some(self.0)
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            "encoding" => Ok(Some(Value::Str(str_new(cx, "utf-8", g)?))),
            _ if self.has_method(name) => Ok(None),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "write" | "writelines" | "flush" | "isatty" | "writable" | "readable")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("write", [Value::Str(text)]) => {
                cx.print(self.0, text.text(), g)?;
                Ok(Value::Int(text.chars() as i64))
            }
            ("writelines", [Value::List(lines)]) => {
                for line in lines.to_vec() {
                    let Value::Str(text) = line else { return Err(BailKind::Exception.at(g)) };
                    cx.print(self.0, text.text(), g)?;
                }
                Ok(Value::None)
            }
            // Lines are kept in the order of their ends, so it makes no difference when their parts are sent.
            ("flush", []) => Ok(Value::None),
            ("isatty" | "readable", []) => Ok(Value::bool(false)),
            ("writable", []) => Ok(Value::bool(true)),
            _ => Err(BailKind::Exception.at(g)),
        }
    }
}
