//! `secrets` (`Lib/secrets.py`, `SystemRandom` in `Lib/random.py`): everything is drawn by `os.urandom`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use num_bigint::{BigInt, Sign};

use super::random::{item, len};
use crate::big::int_value;
use crate::{Args, BailKind, Builtin, Cx, Result, Type, Value, arith, bytes_new, str_new};

/// The functions of `secrets`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        module: "secrets",
        name: "token_bytes",
        call: |cx, args, g| bytes_new(cx, &token(cx, args, g)?, g).map(Value::Bytes),
    },
    Builtin { module: "secrets", name: "token_hex", call: |cx, args, g| token_hex(cx, args, g) },
    Builtin {
        module: "secrets",
        name: "token_urlsafe",
        call: |cx, args, g| str_new(cx, &URL_SAFE_NO_PAD.encode(token(cx, args, g)?), g).map(Value::Str),
    },
    Builtin { module: "secrets", name: "randbelow", call: |cx, args, g| randbelow(cx, args, g) },
    Builtin { module: "secrets", name: "choice", call: |cx, args, g| choice(cx, args, g) },
];

/// So many bytes as the argument says, or 32.
fn token<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Vec<u8>> {
    let [count] = args.bind(["nbytes"], 0, 1, g)?;
    match count {
        None | Some(Value::None) => cx.journal().entropy(cx, 32, g),
        Some(Value::Int(count)) if (0..1 << 24).contains(&count) => cx.journal().entropy(cx, count as usize, g),
        Some(_) => Err(BailKind::Exception.at(g)),
    }
}

fn token_hex<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let text: String = token(cx, args, g)?.iter().map(|byte| format!("{byte:02x}")).collect();
    str_new(cx, &text, g).map(Value::Str)
}

/// A number below a positive limit (`_randbelow_with_getrandbits`).
fn below<'a>(cx: &'a Cx<'a>, limit: &BigInt, g: u32) -> Result<BigInt> {
    let bits = limit.bits();
    let bytes = usize::try_from(bits.div_ceil(8)).map_err(|_| BailKind::Memory.at(g))?;
    loop {
        cx.tick(g)?;
        let drawn = BigInt::from_bytes_be(Sign::Plus, &cx.journal().entropy(cx, bytes, g)?);
        let drawn: BigInt = drawn >> (bytes as u64 * 8 - bits);
        if drawn < *limit {
            return Ok(drawn);
        }
    }
}

fn randbelow<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [limit] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let limit = arith::integer(*limit).ok_or_else(|| BailKind::Exception.at(g))?;
    if limit.sign() != Sign::Plus {
        return Err(cx.raise(Type::ValueError, "Upper bound must be positive.", g));
    }
    int_value(cx, &below(cx, &limit, g)?, g)
}

fn choice<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [seq] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    match len(cx, *seq, g)? {
        0 => Err(cx.raise(Type::IndexError, "Cannot choose from an empty sequence", g)),
        count => {
            let at = below(cx, &BigInt::from(count), g)?;
            item(cx, *seq, usize::try_from(&at).map_err(|_| BailKind::Exception.at(g))?, g)
        }
    }
}
