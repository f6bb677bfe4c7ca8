//! The built-ins of numbers and characters: `round`, `divmod`, `pow`, `bin`, `hex`, `oct`, `hash`, `ord`, `chr` …

use num_bigint::{BigInt, Sign};
use num_integer::Integer;

use crate::arith::integer;
use crate::big::{float_to_int, int_value};
use crate::format::Fixed;
use crate::op::BinaryOp;
use crate::python_hash::python_hash;
use crate::{Args, BailKind, Cx, Result, Type, Value, attr, op, plain, str_new, tuple_new};

/// An integer argument, also of an instance with `__index__`.
fn index<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<BigInt> {
    if let Some(number) = integer(v) {
        return Ok(number);
    }
    if let Value::Instance(_) = v
        && let Some(number) = attr::index_of(cx, v, g)?.and_then(integer)
    {
        return Ok(number);
    }
    let name = crate::class::type_name(v);
    Err(cx.raise(Type::TypeError, &format!("'{name}' object cannot be interpreted as an integer"), g))
}

/// `round(number, ndigits)`
pub(super) fn round<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(number), digits] = args.bind(["number", "ndigits"], 1, 2, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let digits = digits.filter(|digits| !matches!(digits, Value::None));
    match (plain(number), digits) {
        (Value::Instance(_) | Value::Object(_), _) => {
            let given: Vec<Value<'a>> = digits.into_iter().collect();
            match attr::call_special(cx, number, "__round__", &given, g)? {
                Some(result) => Ok(result),
                None => Err(BailKind::Exception.at(g)),
            }
        }
        (Value::Float(float), None) => {
            let value = float.get();
            if !value.is_finite() {
                return super::int(cx, Value::Float(float), g);
            }
            let rounded = value.round_ties_even();
            let number = float_to_int(rounded).ok_or_else(|| BailKind::Unsupported.at(g))?;
            int_value(cx, &number, g)
        }
        (Value::Float(value), Some(Value::Int(digits))) => round_float(cx, value.get(), digits, g),
        (Value::Float(value), Some(digits)) => {
            let digits = index(cx, digits, g)?;
            round_float(
                cx,
                value.get(),
                i64::try_from(&digits).unwrap_or(if digits.sign() == Sign::Minus { -400 } else { 400 }),
                g,
            )
        }
        (v, digits) => {
            let Some(value) = integer(v) else {
                let name = crate::class::type_name(v);
                return Err(cx.raise(Type::TypeError, &format!("type {name} doesn't define __round__ method"), g));
            };
            let Some(digits) = digits else { return int_value(cx, &value, g) };
            let digits = index(cx, digits, g)?;
            if digits.sign() != Sign::Minus {
                return int_value(cx, &value, g);
            }
            let Ok(places) = u32::try_from(-digits) else { return Ok(Value::Int(0)) };
            if u64::from(places) > value.bits() {
                return Ok(Value::Int(0));
            }
            // Half goes to the even multiple.
            let unit = BigInt::from(10).pow(places);
            let (mut quotient, rest) = value.div_mod_floor(&unit);
            let twice = rest * 2;
            if twice > unit || twice == unit && quotient.is_odd() {
                quotient += 1;
            }
            int_value(cx, &(quotient * unit), g)
        }
    }
}

/// `float.__round__(ndigits)`: the decimal that is nearest, ties by the exact value (`double_round`).
fn round_float<'a>(cx: &'a Cx<'a>, value: f64, digits: i64, g: u32) -> Result<Value<'a>> {
    if !value.is_finite() || value == 0.0 || digits > 323 {
        return Ok(Value::float(value));
    }
    if digits < -308 {
        return Ok(Value::float(0.0f64.copysign(value)));
    }
    if digits >= 0 {
        if let Some(rounded) = Fixed::of(value.abs(), digits as usize).and_then(Fixed::value) {
            return Ok(Value::float(rounded.copysign(value)));
        }
        // The standard library's fixed notation is exact, and rounds exact ties to even.
        let text = format!("{value:.*}", digits as usize);
        return Ok(Value::float(text.parse().map_err(|_| BailKind::Unsupported.at(g))?));
    }
    let whole = value.abs();
    let number = float_to_int(whole.trunc()).ok_or_else(|| BailKind::Unsupported.at(g))?;
    let unit = BigInt::from(10).pow((-digits) as u32);
    let (mut quotient, rest) = number.div_mod_floor(&unit);
    let twice = rest * 2;
    let above = twice > unit || twice == unit && whole.fract() > 0.0;
    if above || twice == unit && quotient.is_odd() {
        quotient += 1;
    }
    match crate::big::nearest_float(&(quotient * unit)) {
        Some(float) => Ok(Value::float(float.copysign(value))),
        None => Err(cx.raise(Type::OverflowError, "rounded value too large to represent", g)),
    }
}

/// `divmod(l, r)`
pub(super) fn divmod<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [l, r] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let (l, r) = (*l, *r);
    if let (Value::Instance(_), _) | (_, Value::Instance(_)) = (l, r) {
        return match attr::call_special(cx, l, "__divmod__", &[r], g)? {
            Some(Value::NotImplemented) | None => Err(BailKind::Unsupported.at(g)),
            Some(result) => Ok(result),
        };
    }
    if let (Value::Object(_), Value::Object(_)) = (l, r)
        && [l, r].into_iter().all(|v| crate::type_of(v) == Type::TimeDelta)
    {
        let (quotient, rest) = (op::floordiv(cx, l, r, g)?, op::modulo(cx, l, r, g)?);
        return tuple_new(cx, &[quotient, rest], g).map(Value::Tuple);
    }
    let numeric = |v: Value<'a>| matches!(v, Value::Int(_) | Value::Big(_) | Value::Bool(_) | Value::Float(_));
    if !numeric(l) || !numeric(r) {
        let name = crate::class::type_name;
        let text = format!("unsupported operand type(s) for divmod(): '{}' and '{}'", name(l), name(r));
        return Err(cx.raise(Type::TypeError, &text, g));
    }
    let zero = match r {
        Value::Float(value) => value.get() == 0.0,
        _ => r.index() == Some(0),
    };
    if zero {
        let floats = matches!(l, Value::Float(_)) || matches!(r, Value::Float(_));
        let text = if floats { "float divmod()" } else { "integer division or modulo by zero" };
        return Err(cx.raise(Type::ZeroDivisionError, text, g));
    }
    let (quotient, rest) = (op::floordiv(cx, l, r, g)?, op::modulo(cx, l, r, g)?);
    tuple_new(cx, &[quotient, rest], g).map(Value::Tuple)
}

/// `pow(base, exp, mod)`
pub(super) fn pow<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(base), Some(exponent), modulus] = args.bind(["base", "exp", "mod"], 2, 3, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let Some(modulus) = modulus.filter(|modulus| !matches!(modulus, Value::None)) else {
        return op::pow(cx, base, exponent, g);
    };
    let (Some(base), Some(exponent), Some(modulus)) = (integer(base), integer(exponent), integer(modulus)) else {
        return Err(BailKind::Exception.at(g));
    };
    if modulus.sign() == Sign::NoSign {
        return Err(cx.raise(Type::ValueError, "pow() 3rd argument cannot be 0", g));
    }
    let size = BigInt::from(modulus.magnitude().clone());
    cx.burn((exponent.bits() * (size.bits() / 64 + 1) * (size.bits() / 64 + 1)) as usize, g)?;
    let (base, exponent) = match exponent.sign() {
        Sign::Minus => match base.modinv(&size) {
            Some(inverse) => (inverse, -exponent),
            None => return Err(cx.raise(Type::ValueError, "base is not invertible for the given modulus", g)),
        },
        _ => (base, exponent),
    };
    let result = modular_power(&base.mod_floor(&size), &exponent, &size);
    int_value(cx, &result.mod_floor(&modulus), g)
}

/// `bin`, `oct`, `hex`: the prefix and the digits.
fn spelled<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, prefix: &str, radix: u32, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let number = index(cx, *v, g)?;
    let sign = if number.sign() == Sign::Minus { "-" } else { "" };
    let digits = number.magnitude().to_str_radix(radix);
    str_new(cx, &format!("{sign}{prefix}{digits}"), g).map(Value::Str)
}

/// `bin(number)`
pub(super) fn bin<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    spelled(cx, args, "0b", 2, g)
}

/// `oct(number)`
pub(super) fn oct<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    spelled(cx, args, "0o", 8, g)
}

/// `hex(number)`
pub(super) fn hex<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    spelled(cx, args, "0x", 16, g)
}

/// `hash(v)`, where it is known.
pub(super) fn hash<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let hash = python_hash(cx, *v, g)?;
    if hash.is_known() { Ok(Value::Int(hash.value)) } else { Err(BailKind::Unsupported.at(g)) }
}

/// `ord(letter)`
pub(super) fn ord<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    match plain(*v) {
        Value::Str(text) => match (text.chars(), text.text().chars().next()) {
            (1, Some(letter)) => Ok(Value::Int(i64::from(u32::from(letter)))),
            (len, _) => {
                let text = format!("ord() expected a character, but string of length {len} found");
                Err(cx.raise(Type::TypeError, &text, g))
            }
        },
        Value::Bytes(bytes) if bytes.bytes().len() == 1 => Ok(Value::Int(i64::from(bytes.bytes()[0]))),
        Value::Bytes(bytes) => {
            let len = bytes.bytes().len();
            let text = format!("ord() expected a character, but string of length {len} found");
            Err(cx.raise(Type::TypeError, &text, g))
        }
        _ => {
            let name = crate::class::type_name(*v);
            let text = format!("ord() expected string of length 1, but {name} found");
            Err(cx.raise(Type::TypeError, &text, g))
        }
    }
}

/// `chr(code)`
pub(super) fn chr<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let code = index(cx, *v, g)?;
    match u32::try_from(&code) {
        Ok(code @ 0..0x11_0000) => match char::from_u32(code) {
            Some(letter) => crate::string::char_str(cx, letter, g).map(Value::Str),
            // A lone surrogate.
            None => Err(BailKind::Unsupported.at(g)),
        },
        _ if code.bits() > 31 => Err(BailKind::Exception.at(g)),
        _ => Err(cx.raise(Type::ValueError, "chr() arg not in range(0x110000)", g)),
    }
}

/// `format(v, spec)`
pub(super) fn format<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (v, spec) = match args.positional(g)? {
        [v] => (*v, ""),
        [v, Value::Str(spec)] => (*v, spec.text()),
        _ => return Err(BailKind::Exception.at(g)),
    };
    let mut out = String::new();
    crate::format::write_format(cx, &mut out, v, spec, g)?;
    str_new(cx, &out, g).map(Value::Str)
}

/// `ascii(v)`
pub(super) fn ascii<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    str_new(cx, &crate::repr::ascii_text(cx, *v, g)?, g).map(Value::Str)
}

/// `l op r` for the modules of operators.
pub(crate) fn apply<'a>(cx: &'a Cx<'a>, op: BinaryOp, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [l, r] => op::binary(cx, op, *l, *r, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `base ** exponent % size` of numbers that are not negative.
fn modular_power(base: &BigInt, exponent: &BigInt, size: &BigInt) -> BigInt {
    /// Up to so many bits, squaring takes less than what `modpow` prepares.
    const SHORT: u64 = 24;
    match u32::try_from(exponent) {
        Ok(short @ 1..) if exponent.bits() <= SHORT => {
            let bits = u32::BITS - short.leading_zeros();
            (0..bits - 1).rev().fold(base % size, |power, bit| {
                let square = &power * &power % size;
                if short >> bit & 1 == 1 { square * base % size } else { square }
            })
        }
        _ => base.modpow(exponent, size),
    }
}
