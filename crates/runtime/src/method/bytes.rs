//! Methods of `bytes`, most of which `bytearray` shares (`Objects/bytes_methods.c`).

use crate::{Args, BailKind, Bytes, Cx, Result, Type, Value, builtin, bytes_new, list_new, tuple_new};

/// Their names.
pub(crate) const METHODS: &[&str] = &[
    "capitalize",
    "center",
    "count",
    "decode",
    "endswith",
    "find",
    "hex",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isspace",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

/// Makes the bytes or bytearray that a method gives.
type Wrap<'a> = fn(&'a Cx<'a>, &[u8], u32) -> Result<Value<'a>>;

/// `receiver.name(*args)`
pub(super) fn call<'a>(
    cx: &'a Cx<'a>,
    receiver: Bytes<'a>,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    if name == "decode" {
        return crate::codec::decode(cx, receiver.bytes(), args, g);
    }
    shared(cx, receiver.bytes(), name, args, |cx, bytes, g| bytes_new(cx, bytes, g).map(Value::Bytes), g)
}

/// The bytes of a bytes-like object, or of what `bytes()` takes: an iterable of ints.
pub(crate) fn content<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Vec<u8>> {
    match crate::plain(v) {
        Value::Bytes(bytes) => Ok(bytes.bytes().to_vec()),
        Value::Object(object) if object.get().as_bytes().is_some() => Ok(object.get().as_bytes().unwrap_or_default()),
        Value::Str(_) => Err(BailKind::Exception.at(g)),
        source => {
            let mut bytes = Vec::new();
            for item in builtin::collect(cx, source, g)? {
                bytes.push(byte(cx, item, "bytes", g)?);
            }
            Ok(bytes)
        }
    }
}

/// One byte; `owner` is what the message names.
pub(crate) fn byte<'a>(cx: &'a Cx<'a>, v: Value<'a>, owner: &str, g: u32) -> Result<u8> {
    match v.index() {
        Some(byte @ 0..=255) => Ok(byte as u8),
        Some(_) if owner == "byte" => Err(cx.raise(Type::ValueError, "byte must be in range(0, 256)", g)),
        Some(_) => Err(cx.raise(Type::ValueError, "bytes must be in range(0, 256)", g)),
        None => Err(BailKind::Exception.at(g)),
    }
}

/// A part to search for: bytes-like, or one byte.
fn part<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Vec<u8>> {
    match v {
        Value::Int(_) => match v.index() {
            Some(byte @ 0..=255) => Ok(vec![byte as u8]),
            _ => Err(cx.raise(Type::ValueError, "byte must be in range(0, 256)", g)),
        },
        _ => like(v, g),
    }
}

/// A bytes-like argument.
fn like(v: Value<'_>, g: u32) -> Result<Vec<u8>> {
    match v {
        Value::Bytes(bytes) => Ok(bytes.bytes().to_vec()),
        Value::Object(object) => object.get().as_bytes().ok_or_else(|| BailKind::Exception.at(g)),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13)
}

/// Where `part` stands in `bytes`, from the left or from the right.
fn position(bytes: &[u8], part: &[u8], right: bool) -> Option<usize> {
    if part.is_empty() {
        return Some(if right { bytes.len() } else { 0 });
    }
    match right {
        false => bytes.windows(part.len()).position(|window| window == part),
        true => bytes.windows(part.len()).rposition(|window| window == part),
    }
}

/// The methods that `bytes` and `bytearray` share.
pub(crate) fn shared<'a>(
    cx: &'a Cx<'a>,
    bytes: &[u8],
    name: &str,
    args: Args<'_, 'a>,
    wrap: Wrap<'a>,
    g: u32,
) -> Result<Value<'a>> {
    cx.burn(bytes.len(), g)?;
    let whole = |bytes: &[u8]| wrap(cx, bytes, g);
    match name {
        "split" | "rsplit" => {
            let [sep, most] = args.bind(["sep", "maxsplit"], 0, 2, g)?;
            let most = most.map_or(Ok(-1), |most| super::list::integer(cx, most, g))?;
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let sep = match sep {
                None | Some(Value::None) => None,
                Some(sep) => Some(like(sep, g)?),
            };
            if sep.as_ref().is_some_and(Vec::is_empty) {
                return Err(cx.raise(Type::ValueError, "empty separator", g));
            }
            let parts = split(bytes, sep.as_deref(), most, name == "rsplit");
            return list_of(cx, &parts, wrap, g);
        }
        "splitlines" => {
            let [keep] = args.bind(["keepends"], 0, 1, g)?;
            let keep = keep.map_or(Ok(false), |keep| crate::truth(cx, keep, g))?;
            return list_of(cx, &lines(bytes, keep), wrap, g);
        }
        "translate" => {
            let [table, delete] = args.bind(["table", "delete"], 1, 2, g)?;
            let table = match table {
                Some(Value::None) => None,
                Some(table) => Some(like(table, g)?),
                None => return Err(BailKind::Exception.at(g)),
            };
            if table.as_ref().is_some_and(|table| table.len() != 256) {
                return Err(cx.raise(Type::ValueError, "translation table must be 256 characters long", g));
            }
            let delete = delete.map_or(Ok(Vec::new()), |delete| like(delete, g))?;
            let kept = bytes.iter().filter(|byte| !delete.contains(byte));
            let mapped = kept.map(|byte| table.as_ref().map_or(*byte, |table| table[usize::from(*byte)]));
            return wrap(cx, &mapped.collect::<Vec<u8>>(), g);
        }
        "hex" => {
            let [sep, size] = args.bind(["sep", "bytes_per_sep"], 0, 2, g)?;
            let text = match (sep, size) {
                (None, None) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
                (Some(Value::Str(sep)), None) if sep.text().len() == 1 => {
                    let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    parts.join(sep.text())
                }
                _ => return Err(BailKind::Unsupported.at(g)),
            };
            return crate::str_new(cx, &text, g).map(Value::Str);
        }
        _ => {}
    }
    let flag = |holds: bool| Ok(Value::bool(holds));
    let every = |test: fn(&u8) -> bool| Ok(Value::bool(!bytes.is_empty() && bytes.iter().all(test)));
    match (name, args.positional(g)?) {
        ("upper", []) => whole(&bytes.to_ascii_uppercase()),
        ("lower", []) => whole(&bytes.to_ascii_lowercase()),
        ("swapcase", []) => whole(&bytes.iter().map(|byte| swapped(*byte)).collect::<Vec<u8>>()),
        ("capitalize", []) => {
            let mut out = bytes.to_ascii_lowercase();
            if let Some(first) = out.first_mut() {
                first.make_ascii_uppercase();
            }
            whole(&out)
        }
        ("title", []) => {
            let (mut out, mut inside) = (bytes.to_vec(), false);
            for byte in &mut out {
                if inside {
                    byte.make_ascii_lowercase()
                } else {
                    byte.make_ascii_uppercase()
                }
                inside = byte.is_ascii_alphabetic();
            }
            whole(&out)
        }
        ("isalnum", []) => every(u8::is_ascii_alphanumeric),
        ("isalpha", []) => every(u8::is_ascii_alphabetic),
        ("isdigit", []) => every(u8::is_ascii_digit),
        ("isspace", []) => every(|byte| is_space(*byte)),
        ("isascii", []) => flag(bytes.is_ascii()),
        ("islower", []) => flag(bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase)),
        ("isupper", []) => flag(bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase)),
        ("strip" | "lstrip" | "rstrip", rest @ ([] | [_])) => {
            let chars = match rest {
                [] | [Value::None] => None,
                [chars, ..] => Some(like(*chars, g)?),
            };
            let strips = |byte: u8| chars.as_ref().map_or(is_space(byte), |chars| chars.contains(&byte));
            let start = match name {
                "rstrip" => 0,
                _ => bytes.iter().position(|byte| !strips(*byte)).unwrap_or(bytes.len()),
            };
            let end = match name {
                "lstrip" => bytes.len(),
                _ => bytes.iter().rposition(|byte| !strips(*byte)).map_or(start, |at| at + 1),
            };
            whole(&bytes[start..end.max(start)])
        }
        ("find" | "rfind" | "index" | "rindex" | "count", [wanted, bounds @ ..]) if bounds.len() <= 2 => {
            let wanted = part(cx, *wanted, g)?;
            let (start, end) = super::str::bounds_of(cx, bounds, g)?;
            let (start, end) = (super::list::clamp(start, bytes.len()), super::list::clamp(end, bytes.len()));
            // A start behind the end finds nothing, not even what is empty.
            let past = bounds.first().is_some_and(|v| v.index().is_some_and(|at| at > bytes.len() as i64));
            let inside = if start <= end && !past { Some(&bytes[start..end]) } else { None };
            if name == "count" {
                return Ok(Value::Int(inside.map_or(0, |inside| count(inside, &wanted))));
            }
            let found = inside.and_then(|inside| position(inside, &wanted, name.starts_with('r')));
            match found {
                Some(at) => Ok(Value::Int((start + at) as i64)),
                None if name.ends_with("index") => Err(cx.raise(Type::ValueError, "subsection not found", g)),
                None => Ok(Value::Int(-1)),
            }
        }
        ("startswith" | "endswith", [affix]) => {
            let holds = |affix: &[u8]| match name {
                "startswith" => bytes.starts_with(affix),
                _ => bytes.ends_with(affix),
            };
            match affix {
                Value::Tuple(tuple) => {
                    for affix in tuple.items() {
                        if holds(&like(*affix, g)?) {
                            return flag(true);
                        }
                    }
                    flag(false)
                }
                _ => flag(holds(&like(*affix, g)?)),
            }
        }
        ("removeprefix", [affix]) => whole(bytes.strip_prefix(like(*affix, g)?.as_slice()).unwrap_or(bytes)),
        ("removesuffix", [affix]) => whole(bytes.strip_suffix(like(*affix, g)?.as_slice()).unwrap_or(bytes)),
        ("replace", [old, new, rest @ ..]) if rest.len() <= 1 => {
            let (old, new) = (like(*old, g)?, like(*new, g)?);
            let most = rest.first().map_or(Ok(-1), |most| super::list::integer(cx, *most, g))?;
            whole(&replace(bytes, &old, &new, usize::try_from(most).unwrap_or(usize::MAX)))
        }
        ("join", [items]) => {
            let mut out = Vec::new();
            for (at, item) in builtin::collect(cx, *items, g)?.into_iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(bytes);
                }
                out.extend(like(item, g)?);
                cx.reserve(out.len(), g)?;
            }
            whole(&out)
        }
        ("partition" | "rpartition", [sep]) => {
            let sep = like(*sep, g)?;
            if sep.is_empty() {
                return Err(cx.raise(Type::ValueError, "empty separator", g));
            }
            let right = name == "rpartition";
            let parts: [&[u8]; 3] = match position(bytes, &sep, right) {
                Some(at) => [&bytes[..at], &sep, &bytes[at + sep.len()..]],
                None if right => [&[], &[], bytes],
                None => [bytes, &[], &[]],
            };
            let parts = [whole(parts[0])?, whole(parts[1])?, whole(parts[2])?];
            tuple_new(cx, &parts, g).map(Value::Tuple)
        }
        ("ljust" | "rjust" | "center" | "zfill", [width, fill @ ..]) if fill.len() <= usize::from(name != "zfill") => {
            let width = usize::try_from(super::list::integer(cx, *width, g)?).unwrap_or(0);
            cx.reserve(width, g)?;
            let fill = match fill {
                [] if name == "zfill" => b'0',
                [] => b' ',
                [fill, ..] => match like(*fill, g)?.as_slice() {
                    [fill] => *fill,
                    _ => return Err(BailKind::Exception.at(g)),
                },
            };
            let padding = width.saturating_sub(bytes.len());
            let left = match name {
                "ljust" => 0,
                "center" => padding / 2 + (padding & width & 1),
                _ => padding,
            };
            let signed = name == "zfill" && matches!(bytes.first(), Some(b'+' | b'-'));
            let (sign, rest) = bytes.split_at(usize::from(signed));
            let mut out = sign.to_vec();
            out.extend(std::iter::repeat_n(fill, left));
            out.extend_from_slice(rest);
            out.extend(std::iter::repeat_n(fill, padding - left));
            whole(&out)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn swapped(byte: u8) -> u8 {
    if byte.is_ascii_lowercase() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() }
}

fn count(bytes: &[u8], part: &[u8]) -> i64 {
    if part.is_empty() {
        return bytes.len() as i64 + 1;
    }
    let (mut rest, mut count) = (bytes, 0);
    while let Some(at) = position(rest, part, false) {
        (rest, count) = (&rest[at + part.len()..], count + 1);
    }
    count
}

fn replace(bytes: &[u8], old: &[u8], new: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    if old.is_empty() {
        for (at, byte) in bytes.iter().enumerate() {
            if at < most {
                out.extend_from_slice(new);
            }
            out.push(*byte);
        }
        if bytes.len() < most {
            out.extend_from_slice(new);
        }
        return out;
    }
    let (mut rest, mut done) = (bytes, 0);
    while done < most
        && let Some(at) = position(rest, old, false)
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        (rest, done) = (&rest[at + old.len()..], done + 1);
    }
    out.extend_from_slice(rest);
    out
}

fn split<'b>(bytes: &'b [u8], sep: Option<&[u8]>, most: usize, right: bool) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    match sep {
        Some(sep) => {
            while parts.len() < most
                && let Some(at) = position(rest, sep, right)
            {
                let (left, behind) = (&rest[..at], &rest[at + sep.len()..]);
                parts.push(if right { behind } else { left });
                rest = if right { left } else { behind };
            }
            parts.push(rest);
        }
        None => loop {
            rest = if right { rest.trim_ascii_end_space() } else { rest.trim_ascii_start_space() };
            if rest.is_empty() {
                break;
            }
            if parts.len() >= most {
                parts.push(rest);
                break;
            }
            let at = match right {
                false => rest.iter().position(|byte| is_space(*byte)).unwrap_or(rest.len()),
                true => rest.iter().rposition(|byte| is_space(*byte)).map_or(0, |at| at + 1),
            };
            let (left, behind) = rest.split_at(at);
            parts.push(if right { behind } else { left });
            rest = if right { left } else { behind };
        },
    }
    if right {
        parts.reverse();
    }
    parts
}

/// Trimming of what CPython takes for white space in bytes.
trait Trim {
    fn trim_ascii_start_space(&self) -> &Self;
    fn trim_ascii_end_space(&self) -> &Self;
}

impl Trim for [u8] {
    fn trim_ascii_start_space(&self) -> &[u8] {
        &self[self.iter().position(|byte| !is_space(*byte)).unwrap_or(self.len())..]
    }

    fn trim_ascii_end_space(&self) -> &[u8] {
        &self[..self.iter().rposition(|byte| !is_space(*byte)).map_or(0, |at| at + 1)]
    }
}

fn lines(bytes: &[u8], keep: bool) -> Vec<&[u8]> {
    let (mut parts, mut start) = (Vec::new(), 0);
    while start < bytes.len() {
        let end =
            bytes[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(bytes.len(), |at| start + at);
        let next = match &bytes[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [] => end,
            _ => end + 1,
        };
        parts.push(&bytes[start..if keep { next } else { end }]);
        start = next;
    }
    parts
}

fn list_of<'a>(cx: &'a Cx<'a>, parts: &[&[u8]], wrap: Wrap<'a>, g: u32) -> Result<Value<'a>> {
    let parts = parts.iter().map(|part| wrap(cx, part, g)).collect::<Result<Vec<_>>>()?;
    list_new(cx, &parts, g).map(Value::List)
}

/// `bytes.fromhex(text)`
pub(crate) fn from_hex<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Vec<u8>> {
    let [Value::Str(text)] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let letters = text.text().as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        if is_space(letters[at]) {
            at += 1;
            continue;
        }
        let digit = |at: usize| letters.get(at).and_then(|letter| char::from(*letter).to_digit(16));
        match (digit(at), digit(at + 1)) {
            (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
            // The message counts characters.
            (found, _) => {
                let wrong = text.text()[..(at + usize::from(found.is_some())).min(letters.len())].chars().count();
                let text = format!("non-hexadecimal number found in fromhex() arg at position {wrong}");
                return Err(cx.raise(Type::ValueError, &text, g));
            }
        }
        at += 2;
    }
    Ok(out)
}

/// `class.name(*args)`
pub(super) fn call_of_class<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match name {
        "maketrans" => {
            let [from, to] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
            let (from, to) = (like(*from, g)?, like(*to, g)?);
            if from.len() != to.len() {
                return Err(cx.raise(Type::ValueError, "maketrans arguments must have same length", g));
            }
            let mut table: Vec<u8> = (0..=255).collect();
            for (byte, mapped) in from.iter().zip(to) {
                table[usize::from(*byte)] = mapped;
            }
            bytes_new(cx, &table, g).map(Value::Bytes)
        }
        "fromhex" => bytes_new(cx, &from_hex(cx, args, g)?, g).map(Value::Bytes),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
