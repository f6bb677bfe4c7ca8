//! The module `math` (`Modules/mathmodule.c`): what the C library's functions give, with CPython's checks around them.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;

use super::accurate;
use crate::arith::integer;
use crate::big::{float_to_int, int_value};
use crate::{Args, BailKind, Builtin, Cx, Iter, Result, Type, Value, attr, builtin, op, plain, tuple_new};

macro_rules! table {
    ($($name:literal $function:expr;)+) => {
        /// The functions.
        pub(super) const TABLE: &[Builtin] =
            &[$(Builtin { module: "math", name: $name, call: |cx, args, g| $function(cx, args, g) }),+];
    };
}

table! {
    "acos" |cx, args, g| one(cx, args, f64::acos, false, g);
    "acosh" |_cx, _args: Args<'_, '_>, g| unsupported(g);
    "asin" |cx, args, g| one(cx, args, f64::asin, false, g);
    "asinh" |_cx, _args: Args<'_, '_>, g| unsupported(g);
    "atan" |cx, args, g| one(cx, args, f64::atan, false, g);
    "atan2" |cx, args, g| two(cx, args, f64::atan2, g);
    "atanh" |_cx, _args: Args<'_, '_>, g| unsupported(g);
    "ceil" |cx, args, g| whole(cx, args, "__ceil__", f64::ceil, g);
    "comb" comb;
    "copysign" |cx, args, g| two(cx, args, f64::copysign, g);
    "cos" |cx, args, g| one(cx, args, f64::cos, false, g);
    "cosh" |cx, args, g| one(cx, args, f64::cosh, true, g);
    "degrees" |cx, args, g| one(cx, args, |x| x * (180.0 / std::f64::consts::PI), true, g);
    "dist" accurate::dist;
    "exp2" |cx, args, g| one(cx, args, f64::exp2, true, g);
    "exp" |cx, args, g| one(cx, args, f64::exp, true, g);
    "expm1" |cx, args, g| one(cx, args, f64::exp_m1, true, g);
    "fabs" |cx, args, g| one(cx, args, f64::abs, false, g);
    "factorial" factorial;
    "floor" |cx, args, g| whole(cx, args, "__floor__", f64::floor, g);
    "fmod" fmod;
    "frexp" accurate::frexp;
    "fsum" accurate::fsum;
    "gcd" gcd;
    "hypot" accurate::hypot;
    "isclose" isclose;
    "isfinite" |cx, args, g| test(cx, args, f64::is_finite, g);
    "isinf" |cx, args, g| test(cx, args, f64::is_infinite, g);
    "isnan" |cx, args, g| test(cx, args, f64::is_nan, g);
    "isqrt" isqrt;
    "lcm" lcm;
    "ldexp" accurate::ldexp;
    "log" log;
    "log10" |cx, args, g| logarithm(cx, args, f64::log10, g);
    "log1p" |cx, args, g| one(cx, args, f64::ln_1p, false, g);
    "log2" |cx, args, g| logarithm(cx, args, f64::log2, g);
    "modf" modf;
    "perm" perm;
    "pow" pow;
    "prod" prod;
    "radians" |cx, args, g| one(cx, args, |x| x * (std::f64::consts::PI / 180.0), false, g);
    "sin" |cx, args, g| one(cx, args, f64::sin, false, g);
    "sinh" |cx, args, g| one(cx, args, f64::sinh, true, g);
    "sqrt" |cx, args, g| one(cx, args, f64::sqrt, false, g);
    "tan" |cx, args, g| one(cx, args, f64::tan, false, g);
    "tanh" |cx, args, g| one(cx, args, f64::tanh, false, g);
    "trunc" |cx, args, g| whole(cx, args, "__trunc__", f64::trunc, g);
}

fn unsupported<'a>(g: u32) -> Result<Value<'a>> {
    Err(BailKind::Unsupported.at(g))
}

fn domain<'a>(cx: &'a Cx<'a>, g: u32) -> crate::Bail {
    cx.raise(Type::ValueError, "math domain error", g)
}

/// A float argument, with the texts of `float_from_object`.
pub(super) fn real<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<f64> {
    match v {
        Value::Float(value) => Ok(value.get()),
        Value::Str(_) | Value::None | Value::List(_) | Value::Dict(_) | Value::Tuple(_) => {
            let name = crate::class::type_name(v);
            Err(cx.raise(Type::TypeError, &format!("must be real number, not {name}"), g))
        }
        _ => builtin::float(cx, v, g),
    }
}

/// A function of one float (`math_1`): a NaN out of a number is a domain error, an infinity out of a finite one too or a range error.
fn one<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, f: fn(f64) -> f64, overflows: bool, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let x = real(cx, *v, g)?;
    let result = f(x);
    if result.is_nan() && !x.is_nan() {
        return Err(domain(cx, g));
    }
    if result.is_infinite() && x.is_finite() {
        return match overflows {
            true => Err(cx.raise(Type::OverflowError, "math range error", g)),
            false => Err(domain(cx, g)),
        };
    }
    Ok(Value::float(result))
}

/// A function of two floats that has a value everywhere.
fn two<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, f: fn(f64, f64) -> f64, g: u32) -> Result<Value<'a>> {
    let [l, r] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    Ok(Value::float(f(real(cx, *l, g)?, real(cx, *r, g)?)))
}

fn test<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, f: fn(f64) -> bool, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    Ok(Value::bool(f(real(cx, *v, g)?)))
}

/// `ceil`, `floor`, `trunc`: an int.
fn whole<'a>(
    cx: &'a Cx<'a>,
    args: Args<'_, 'a>,
    special: &'static str,
    f: fn(f64) -> f64,
    g: u32,
) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    if let Some(result) = attr::call_special(cx, *v, special, &[], g)? {
        return Ok(result);
    }
    if let Some(number) = integer(plain(*v)) {
        return int_value(cx, &number, g);
    }
    if let (Value::Object(_) | Value::Instance(_), "__trunc__") = (v, special) {
        return unsupported(g);
    }
    if special == "__trunc__" && !matches!(v, Value::Float(_)) {
        return unsupported(g);
    }
    let x = real(cx, *v, g)?;
    let rounded = f(x);
    if !rounded.is_finite() {
        return builtin::int(cx, Value::float(rounded), g);
    }
    int_value(cx, &float_to_int(rounded).ok_or_else(|| BailKind::Unsupported.at(g))?, g)
}

/// `log`, of a big integer too (`loghelper`).
fn logarithm<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, f: fn(f64) -> f64, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    log_of(cx, *v, f, g).map(Value::float)
}

fn log_of<'a>(cx: &'a Cx<'a>, v: Value<'a>, f: fn(f64) -> f64, g: u32) -> Result<f64> {
    if let Value::Big(big) = v
        && !big.is_negative()
    {
        return match crate::big::nearest_float(&big.number()) {
            Some(x) => Ok(f(x)),
            None => Err(BailKind::Unsupported.at(g)),
        };
    }
    let x = real(cx, v, g)?;
    if x.is_nan() || x == f64::INFINITY {
        return Ok(x);
    }
    if x > 0.0 { Ok(f(x)) } else { Err(domain(cx, g)) }
}

fn log<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [v] => log_of(cx, *v, f64::ln, g).map(Value::float),
        [v, base] => {
            let (l, r) = (log_of(cx, *v, f64::ln, g)?, log_of(cx, *base, f64::ln, g)?);
            op::float_div(cx, l, r, g).map(Value::float)
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn pow<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [l, r] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let (l, r) = (real(cx, *l, g)?, real(cx, *r, g)?);
    if !l.is_finite() || !r.is_finite() {
        return op::float_pow(cx, l, r, g).map(Value::float);
    }
    if l == 0.0 && r < 0.0 || l < 0.0 && r != r.floor() {
        return Err(domain(cx, g));
    }
    let result = std::hint::black_box(l).powf(std::hint::black_box(r));
    if result.is_infinite() {
        return Err(cx.raise(Type::OverflowError, "math range error", g));
    }
    Ok(Value::float(result))
}

fn fmod<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [l, r] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let (l, r) = (real(cx, *l, g)?, real(cx, *r, g)?);
    let result = l % r;
    if result.is_nan() && !l.is_nan() && !r.is_nan() { Err(domain(cx, g)) } else { Ok(Value::float(result)) }
}

fn modf<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let x = real(cx, *v, g)?;
    let (fraction, whole) = if x.is_infinite() { (0.0f64.copysign(x), x) } else { (x.fract().copysign(x), x.trunc()) };
    let fraction = if x.is_nan() { x } else { fraction };
    tuple_new(cx, &[Value::float(fraction), Value::float(whole)], g).map(Value::Tuple)
}

fn isclose<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(l), Some(r), relative, absolute] = args.bind(["a", "b", "rel_tol", "abs_tol"], 2, 2, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let (l, r) = (real(cx, l, g)?, real(cx, r, g)?);
    let relative = relative.map_or(Ok(1e-9), |v| real(cx, v, g))?;
    let absolute = absolute.map_or(Ok(0.0), |v| real(cx, v, g))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(cx.raise(Type::ValueError, "tolerances must be non-negative", g));
    }
    if l == r {
        return Ok(Value::bool(true));
    }
    if l.is_infinite() || r.is_infinite() {
        return Ok(Value::bool(false));
    }
    let difference = (r - l).abs();
    let near = difference <= (relative * r).abs() || difference <= (relative * l).abs() || difference <= absolute;
    Ok(Value::bool(near))
}

/// An integer argument.
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

fn gcd<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let mut result = BigInt::ZERO;
    for v in args.positional(g)? {
        result = result.gcd(&index(cx, *v, g)?);
    }
    int_value(cx, &result, g)
}

fn lcm<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let mut result = BigInt::from(1);
    for v in args.positional(g)? {
        result = result.lcm(&index(cx, *v, g)?);
    }
    int_value(cx, &BigInt::from(result.magnitude().clone()), g)
}

fn isqrt<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let number = index(cx, *v, g)?;
    if number.sign() == Sign::Minus {
        return Err(cx.raise(Type::ValueError, "isqrt() argument must be nonnegative", g));
    }
    int_value(cx, &number.sqrt(), g)
}

fn factorial<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let number = index(cx, *v, g)?;
    if number.sign() == Sign::Minus {
        return Err(cx.raise(Type::ValueError, "factorial() not defined for negative values", g));
    }
    let Ok(number @ 0..=20_000) = u64::try_from(&number) else { return unsupported(g) };
    cx.burn((number * number / 8) as usize, g)?;
    int_value(cx, &product(1, number), g)
}

/// The product of a run of integers, in halves so that the factors stay of one size.
fn product(first: u64, last: u64) -> BigInt {
    match last.checked_sub(first) {
        None => BigInt::from(1),
        Some(0..=8) => (first..=last).map(BigInt::from).product(),
        Some(span) => product(first, first + span / 2) * product(first + span / 2 + 1, last),
    }
}

/// The arguments of `comb` and `perm`.
fn choice<'a>(cx: &'a Cx<'a>, n: Value<'a>, k: Value<'a>, g: u32) -> Result<(u64, u64)> {
    let (n, k) = (index(cx, n, g)?, index(cx, k, g)?);
    for (number, name) in [(&n, "n"), (&k, "k")] {
        if number.sign() == Sign::Minus {
            return Err(cx.raise(Type::ValueError, &format!("{name} must be a non-negative integer"), g));
        }
    }
    match (u64::try_from(&n), u64::try_from(&k)) {
        (Ok(n), Ok(k)) if n < 1 << 20 => Ok((n, k)),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn comb<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [n, k] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let (n, k) = choice(cx, *n, *k, g)?;
    if k > n {
        return Ok(Value::Int(0));
    }
    let k = k.min(n - k);
    cx.burn((k * k / 4) as usize, g)?;
    int_value(cx, &(product(n - k + 1, n) / product(1, k)), g)
}

fn perm<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (n, k) = match args.positional(g)? {
        [_] | [_, Value::None] => return factorial(cx, Args::of(&args.pos[..1]), g),
        [n, k] => choice(cx, *n, *k, g)?,
        _ => return Err(BailKind::Exception.at(g)),
    };
    if k > n {
        return Ok(Value::Int(0));
    }
    cx.burn((k * k / 4) as usize, g)?;
    int_value(cx, &product(n - k + 1, n), g)
}

fn prod<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(source), start] = args.bind(["", "start"], 1, 1, g)? else { return Err(BailKind::Exception.at(g)) };
    let mut items = Iter::new(cx, source, g)?;
    let mut result = start.unwrap_or(Value::Int(1));
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        result = op::mul(cx, result, item, g)?;
    }
    Ok(result)
}
