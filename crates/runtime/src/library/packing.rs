//! `struct` (`Modules/_struct.c`): `pack`, `unpack`, `unpack_from`, `calcsize`.
//!
//! Every error, and `e`, `n`, `N`, `P`, are left to CPython.

use crate::{Args, BailKind, Builtin, Cx, Result, Value, bytes_new, tuple_new};

/// The functions of `struct`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "struct", name: "pack", call: |cx, args, g| pack(cx, args, g) },
    Builtin { module: "struct", name: "unpack", call: |cx, args, g| unpack(cx, args, g) },
    Builtin { module: "struct", name: "unpack_from", call: |cx, args, g| unpack_from(cx, args, g) },
    Builtin { module: "struct", name: "calcsize", call: |cx, args, g| calcsize(cx, args, g) },
];

/// What a format says.
struct Format {
    big: bool,
    items: Vec<Item>,
    /// With the padding that alignment asks for.
    size: usize,
}

/// A code of the format, at a place.
struct Item {
    code: char,
    at: usize,
    /// Bytes that it takes; of a text, its length.
    size: usize,
}

fn parse(v: Value<'_>, g: u32) -> Result<Format> {
    let unsupported = || BailKind::Unsupported.at(g);
    let text = match v {
        Value::Str(text) if text.is_ascii() => text.text().to_owned(),
        Value::Bytes(bytes) => String::from_utf8(bytes.bytes().to_vec()).map_err(|_| unsupported())?,
        _ => return Err(unsupported()),
    };
    let (order, rest) = match text.chars().next() {
        Some(order @ ('@' | '=' | '<' | '>' | '!')) => (order, &text[1..]),
        _ => ('@', text.as_str()),
    };
    let native = order == '@';
    let (mut items, mut at, mut count) = (Vec::new(), 0_usize, None::<usize>);
    for letter in rest.chars() {
        if let Some(digit) = letter.to_digit(10) {
            let more = count.unwrap_or(0).checked_mul(10).and_then(|count| count.checked_add(digit as usize));
            count = Some(more.filter(|count| *count < 1 << 20).ok_or_else(unsupported)?);
            continue;
        }
        // White space may stand between codes, but not behind a count.
        if letter.is_ascii_whitespace() && count.is_none() {
            continue;
        }
        let size = match letter {
            'x' | 'c' | 'b' | 'B' | '?' | 's' | 'p' => 1,
            'h' | 'H' => 2,
            'i' | 'I' | 'f' => 4,
            'l' | 'L' if !native => 4,
            'l' | 'L' | 'q' | 'Q' | 'd' => 8,
            _ => return Err(unsupported()),
        };
        if native {
            at = at.next_multiple_of(size);
        }
        let times = count.take().unwrap_or(1);
        match letter {
            'x' => at += times,
            's' | 'p' => {
                items.push(Item { code: letter, at, size: times });
                at += times;
            }
            _ => {
                for _ in 0..times {
                    items.push(Item { code: letter, at, size });
                    at += size;
                }
            }
        }
        if at > 1 << 24 {
            return Err(unsupported());
        }
    }
    match count {
        Some(_) => Err(unsupported()),
        None => Ok(Format { big: matches!(order, '>' | '!'), items, size: at }),
    }
}

fn calcsize<'a>(_cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [format] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    Ok(Value::Int(parse(*format, g)?.size as i64))
}

fn pack<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [format, values @ ..] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let format = parse(*format, g)?;
    if values.len() != format.items.len() {
        return Err(BailKind::Exception.at(g));
    }
    cx.burn(format.size, g)?;
    let mut out = vec![0; format.size];
    for (item, value) in format.items.iter().zip(values) {
        let place = &mut out[item.at..item.at + item.size];
        match (item.code, *value) {
            ('s', Value::Bytes(bytes)) => {
                let bytes = &bytes.bytes()[..bytes.bytes().len().min(place.len())];
                place[..bytes.len()].copy_from_slice(bytes);
                continue;
            }
            ('c', Value::Bytes(bytes)) if bytes.bytes().len() == 1 => place[0] = bytes.bytes()[0],
            ('?', value) => place[0] = u8::from(crate::truth(cx, value, g)?),
            ('f' | 'd', value) => {
                let number = match value {
                    Value::Float(number) => number.get(),
                    Value::Int(number) if number.unsigned_abs() <= 1 << 53 => number as f64,
                    _ => return Err(BailKind::Unsupported.at(g)),
                };
                if item.code == 'd' {
                    place.copy_from_slice(&number.to_bits().to_le_bytes());
                } else {
                    let single = number as f32;
                    if number.is_nan() || single.is_infinite() && number.is_finite() {
                        return Err(BailKind::Unsupported.at(g));
                    }
                    place.copy_from_slice(&single.to_bits().to_le_bytes());
                }
            }
            (code, Value::Int(_) | Value::Bool(_) | Value::Big(_)) => {
                let number = crate::arith::integer(*value).and_then(|number| i128::try_from(number).ok());
                let bits = 8 * item.size as u32;
                let range = match code.is_ascii_lowercase() {
                    true => -(1_i128 << (bits - 1))..=(1_i128 << (bits - 1)) - 1,
                    false => 0..=(1_i128 << bits) - 1,
                };
                let fits = !matches!(code, 'c' | 's' | 'p');
                let number = number.filter(|number| fits && range.contains(number));
                let number = number.ok_or_else(|| BailKind::Exception.at(g))?;
                place.copy_from_slice(&number.to_le_bytes()[..item.size]);
            }
            _ => return Err(BailKind::Unsupported.at(g)),
        }
        if format.big {
            place.reverse();
        }
    }
    bytes_new(cx, &out, g).map(Value::Bytes)
}

fn unpack<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [format, data] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let (format, data) = (parse(*format, g)?, super::binascii::binary(*data, g)?);
    if data.len() != format.size {
        return Err(BailKind::Exception.at(g));
    }
    values(cx, &format, &data, g)
}

fn unpack_from<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(format), Some(data), offset] = args.bind(["format", "buffer", "offset"], 2, 3, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let (format, data) = (parse(format, g)?, super::binascii::binary(data, g)?);
    let from = match offset {
        None => 0,
        Some(Value::Int(offset)) => usize::try_from(offset).map_err(|_| BailKind::Unsupported.at(g))?,
        Some(_) => return Err(BailKind::Unsupported.at(g)),
    };
    let end =
        from.checked_add(format.size).filter(|end| *end <= data.len()).ok_or_else(|| BailKind::Exception.at(g))?;
    values(cx, &format, &data[from..end], g)
}

fn values<'a>(cx: &'a Cx<'a>, format: &Format, data: &[u8], g: u32) -> Result<Value<'a>> {
    cx.burn(data.len(), g)?;
    let mut found = Vec::with_capacity(format.items.len());
    for item in &format.items {
        let place = &data[item.at..item.at + item.size];
        let mut word = [0; 8];
        if item.size <= 8 {
            word[..item.size].copy_from_slice(place);
            if format.big {
                word[..item.size].reverse();
            }
        }
        let bits = u64::from_le_bytes(word);
        found.push(match item.code {
            's' | 'c' => Value::Bytes(bytes_new(cx, place, g)?),
            '?' => Value::bool(place[0] != 0),
            'f' => Value::float(f64::from(f32::from_bits(bits as u32))),
            'd' => Value::float(f64::from_bits(bits)),
            'p' => return Err(BailKind::Unsupported.at(g)),
            code if code.is_ascii_lowercase() => {
                let unused = 64 - 8 * item.size as u32;
                Value::Int((bits << unused) as i64 >> unused)
            }
            _ => match i64::try_from(bits) {
                Ok(number) => Value::Int(number),
                Err(_) => crate::big::int_value(cx, &bits.into(), g)?,
            },
        });
    }
    tuple_new(cx, &found, g).map(Value::Tuple)
}
