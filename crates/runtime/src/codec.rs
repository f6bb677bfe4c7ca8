//! Text to bytes and back: utf-8, ascii, latin-1.

use crate::{Args, BailKind, Cx, Result, Str, Value, bytes_new, str_new};

/// The codecs that are exact here.
enum Codec {
    Utf8,
    Ascii,
    Latin1,
}

fn named(name: &str, g: u32) -> Result<Codec> {
    match name.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "u8" => Ok(Codec::Utf8),
        "ascii" | "us-ascii" => Ok(Codec::Ascii),
        "latin-1" | "latin1" | "iso-8859-1" | "l1" => Ok(Codec::Latin1),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// The arguments of `encode` and `decode`: the codec and the handling of errors.
fn arguments<'a>(args: Args<'_, 'a>, g: u32) -> Result<(Codec, &'a str)> {
    let [encoding, errors] = args.bind(["encoding", "errors"], 0, 2, g)?;
    let text = |v: Option<Value<'a>>, default: &'static str| match v {
        None => Ok(default),
        Some(Value::Str(text)) => Ok(text.text()),
        Some(_) => Err(BailKind::Exception.at(g)),
    };
    Ok((named(text(encoding, "utf-8")?, g)?, text(errors, "strict")?))
}

/// `text.encode(encoding, errors)`
pub(crate) fn encode<'a>(cx: &'a Cx<'a>, s: Str<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (codec, errors) = arguments(args, g)?;
    let limit = match codec {
        Codec::Utf8 => return bytes_new(cx, s.text().as_bytes(), g).map(Value::Bytes),
        Codec::Ascii => 0x80,
        Codec::Latin1 => 0x100,
    };
    let mut bytes = Vec::with_capacity(s.text().len());
    for letter in s.text().chars() {
        match u32::from(letter) {
            code if code < limit => bytes.push(code as u8),
            _ => match errors {
                "ignore" => {}
                "replace" => bytes.push(b'?'),
                // The exception has attributes that are not kept here.
                _ => return Err(BailKind::Exception.at(g)),
            },
        }
    }
    bytes_new(cx, &bytes, g).map(Value::Bytes)
}

/// `bytes.decode(encoding, errors)`
pub(crate) fn decode<'a>(cx: &'a Cx<'a>, bytes: &[u8], args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (codec, errors) = arguments(args, g)?;
    let text = match codec {
        Codec::Utf8 => match std::str::from_utf8(bytes) {
            Ok(text) => return str_new(cx, text, g).map(Value::Str),
            Err(_) if errors == "replace" => String::from_utf8_lossy(bytes).into_owned(),
            Err(_) => return Err(BailKind::Exception.at(g)),
        },
        Codec::Ascii if bytes.is_ascii() => bytes.iter().map(|byte| char::from(*byte)).collect(),
        Codec::Ascii => match errors {
            "ignore" => bytes.iter().filter(|byte| byte.is_ascii()).map(|byte| char::from(*byte)).collect(),
            _ => return Err(BailKind::Exception.at(g)),
        },
        Codec::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect::<String>(),
    };
    str_new(cx, &text, g).map(Value::Str)
}

/// `bytes(…)`
pub(crate) fn bytes<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match (args.pos, args.kw) {
        ([], []) => bytes_new(cx, &[], g).map(Value::Bytes),
        ([v @ Value::Bytes(_)], []) => Ok(*v),
        ([Value::Int(len)], []) => match usize::try_from(*len) {
            Ok(len) => {
                cx.reserve(len, g)?;
                bytes_new(cx, &vec![0; len], g).map(Value::Bytes)
            }
            Err(_) => Err(cx.raise(crate::Type::ValueError, "negative count", g)),
        },
        ([Value::Str(text), _, ..], _) => encode(cx, *text, Args { pos: &args.pos[1..], kw: args.kw }, g),
        ([Value::Str(text)], [_, ..]) => encode(cx, *text, Args { pos: &[], kw: args.kw }, g),
        ([Value::Str(_)], []) => Err(cx.raise(crate::Type::TypeError, "string argument without an encoding", g)),
        ([source @ (Value::List(_) | Value::Tuple(_) | Value::Range(_) | Value::Object(_) | Value::Set(_))], []) => {
            bytes_new(cx, &crate::method::bytes_content(cx, *source, g)?, g).map(Value::Bytes)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
