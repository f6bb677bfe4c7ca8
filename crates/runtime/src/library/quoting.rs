//! `urllib.parse.quote_from_bytes` (`Lib/urllib/parse.py`): in Python it keeps a cache that native code cannot see.

use std::fmt::Write as _;

use crate::{Args, BailKind, Builtin, Cx, Result, Type, Value, str_new};

/// What `urllib.parse` has natively.
pub(super) const TABLE: &[Builtin] =
    &[Builtin { module: "urllib.parse", name: "quote_from_bytes", call: |cx, args, g| quote_from_bytes(cx, args, g) }];

fn quote_from_bytes<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [bytes, safe] = args.bind(["bs", "safe"], 1, 2, g)?;
    let bytes = match bytes {
        Some(Value::Bytes(bytes)) => bytes.bytes().to_vec(),
        Some(Value::Object(object)) => object.get().as_bytes().ok_or_else(|| BailKind::Unsupported.at(g))?,
        Some(Value::Instance(_)) | None => return Err(BailKind::Unsupported.at(g)),
        Some(_) => return Err(cx.raise(Type::TypeError, "quote_from_bytes() expected bytes", g)),
    };
    let safe: Vec<u8> = match safe {
        None => b"/".to_vec(),
        Some(Value::Str(safe)) => safe.text().bytes().collect(),
        Some(Value::Bytes(safe)) => safe.bytes().to_vec(),
        Some(_) => return Err(BailKind::Unsupported.at(g)),
    };
    cx.burn(bytes.len() * 4, g)?;
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        let plain = byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte);
        if plain || byte.is_ascii() && safe.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    str_new(cx, &out, g).map(Value::Str)
}
