//! `binascii` and the checksums of `zlib` (`Modules/binascii.c`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Args, BailKind, Builtin, Cx, Result, Type, Value, bytes_new};

/// The functions of `binascii`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "binascii", name: "hexlify", call: |cx, args, g| hexlify(cx, args, g) },
    Builtin { module: "binascii", name: "b2a_hex", call: |cx, args, g| hexlify(cx, args, g) },
    Builtin { module: "binascii", name: "unhexlify", call: |cx, args, g| unhexlify(cx, args, g) },
    Builtin { module: "binascii", name: "a2b_hex", call: |cx, args, g| unhexlify(cx, args, g) },
    Builtin { module: "binascii", name: "b2a_base64", call: |cx, args, g| to_base64(cx, args, g) },
    Builtin { module: "binascii", name: "a2b_base64", call: |cx, args, g| from_base64(cx, args, g) },
    Builtin { module: "binascii", name: "crc32", call: |cx, args, g| crc32(cx, args, g) },
];

/// The checksums of `zlib`.
pub(super) const ZLIB: &[Builtin] = &[
    Builtin { module: "zlib", name: "crc32", call: |cx, args, g| crc32(cx, args, g) },
    Builtin { module: "zlib", name: "adler32", call: |cx, args, g| adler32(cx, args, g) },
];

/// The modulus of Adler-32.
const ADLER: u32 = 65521;

/// The bytes of a bytes-like object.
pub(super) fn binary(v: Value<'_>, g: u32) -> Result<Vec<u8>> {
    match v {
        Value::Bytes(bytes) => Ok(bytes.bytes().to_vec()),
        Value::Object(object) => object.get().as_bytes().ok_or_else(|| BailKind::Unsupported.at(g)),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// The same, or the text of an ASCII string.
fn ascii(v: Value<'_>, g: u32) -> Result<Vec<u8>> {
    match v {
        Value::Str(text) if text.is_ascii() => Ok(text.text().as_bytes().to_vec()),
        Value::Str(_) => Err(BailKind::Unsupported.at(g)),
        _ => binary(v, g),
    }
}

fn error<'a>(cx: &'a Cx<'a>, text: &str, g: u32) -> crate::Bail {
    cx.raise(Type::BinasciiError, text, g)
}

fn hexlify<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [data] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    let data = binary(*data, g)?;
    cx.reserve(data.len().saturating_mul(2), g)?;
    let text: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes_new(cx, text.as_bytes(), g).map(Value::Bytes)
}

fn unhexlify<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [text] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    let text = ascii(*text, g)?;
    if text.len() % 2 != 0 {
        return Err(error(cx, "Odd-length string", g));
    }
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for pair in text.chunks(2) {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
            return Err(error(cx, "Non-hexadecimal digit found", g));
        };
        bytes.push((high * 16 + low) as u8);
    }
    bytes_new(cx, &bytes, g).map(Value::Bytes)
}

fn to_base64<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [data, newline] = args.bind(["data", "newline"], 1, 1, g)?;
    let data = binary(data.ok_or_else(|| BailKind::Exception.at(g))?, g)?;
    let newline = match newline {
        None => true,
        Some(v) => crate::truth(cx, v, g)?,
    };
    cx.reserve(data.len().saturating_mul(2), g)?;
    let mut text = STANDARD.encode(data);
    if newline {
        text.push('\n');
    }
    bytes_new(cx, text.as_bytes(), g).map(Value::Bytes)
}

/// What is no digit is passed over; two `=` that end a group end the text.
fn from_base64<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [text, strict] = args.bind(["data", "strict_mode"], 1, 1, g)?;
    let text = ascii(text.ok_or_else(|| BailKind::Exception.at(g))?, g)?;
    if let Some(strict) = strict
        && crate::truth(cx, strict, g)?
    {
        return Err(BailKind::Unsupported.at(g));
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut place, mut left, mut pads) = (0, 0u8, 0);
    for byte in text {
        if byte == b'=' {
            if place >= 2
                && place + {
                    pads += 1;
                    pads
                } >= 4
            {
                return bytes_new(cx, &bytes, g).map(Value::Bytes);
            }
            continue;
        }
        let Some(digit) = base64::alphabet::STANDARD.as_str().bytes().position(|known| known == byte) else { continue };
        let digit = digit as u8;
        pads = 0;
        match place {
            0 => left = digit,
            1 => {
                bytes.push(left << 2 | digit >> 4);
                left = digit & 0x0F;
            }
            2 => {
                bytes.push(left << 4 | digit >> 2);
                left = digit & 0x03;
            }
            _ => {
                bytes.push(left << 6 | digit);
                left = 0;
            }
        }
        place = (place + 1) % 4;
    }
    match place {
        0 => bytes_new(cx, &bytes, g).map(Value::Bytes),
        1 => {
            let digits = bytes.len() / 3 * 4 + 1;
            let text = format!(
                "Invalid base64-encoded string: number of data characters ({digits}) cannot be 1 more than a multiple of 4"
            );
            Err(error(cx, &text, g))
        }
        _ => Err(error(cx, "Incorrect padding", g)),
    }
}

/// The data of a checksum and the value that it starts from: an int modulo 2 ** 32.
fn checked<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, default: u32, g: u32) -> Result<(Vec<u8>, u32)> {
    let (data, value) = match args.positional(g)? {
        [data] => (data, default),
        [data, Value::Int(value)] => (data, *value as u32),
        _ => return Err(BailKind::Unsupported.at(g)),
    };
    let data = binary(*data, g)?;
    cx.burn(data.len(), g)?;
    Ok((data, value))
}

fn crc32<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (data, value) = checked(cx, args, 0, g)?;
    let mut hasher = crc32fast::Hasher::new_with_initial(value);
    hasher.update(&data);
    Ok(Value::Int(i64::from(hasher.finalize())))
}

fn adler32<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (data, value) = checked(cx, args, 1, g)?;
    let (mut low, mut high) = (value & 0xFFFF, value >> 16);
    // No checksum has such halves, and zlib's sums of them depend on how it loops.
    if low >= ADLER || high >= ADLER {
        return Err(BailKind::Unsupported.at(g));
    }
    for byte in data {
        low = (low + u32::from(byte)) % ADLER;
        high = (high + low) % ADLER;
    }
    Ok(Value::Int(i64::from(high << 16 | low)))
}
