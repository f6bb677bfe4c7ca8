//! The functions of `math` that sum without losing digits: `fsum`, `hypot`, `dist` (`Modules/mathmodule.c`);
//! and those that take floats apart.

use super::math::real;
use crate::{Args, BailKind, Cx, Iter, Result, Type, Value, builtin, tuple_new};

/// `fsum(iterable)`: Shewchuk's algorithm, rounded half to even.
pub(super) fn fsum<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [source] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let mut partials: Vec<f64> = Vec::new();
    let (mut special, mut infinities) = (0.0, 0.0);
    let mut items = Iter::new(cx, *source, g)?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        let original = real(cx, item, g)?;
        let (mut x, mut kept) = (original, 0);
        for at in 0..partials.len() {
            let mut y = partials[at];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        if x != 0.0 {
            if x.is_finite() {
                partials.push(x);
                continue;
            }
            if original.is_finite() {
                return Err(cx.raise(Type::OverflowError, "intermediate overflow in fsum", g));
            }
            if original.is_infinite() {
                infinities += original;
            }
            special += original;
            partials.clear();
        }
    }
    if special != 0.0 || special.is_nan() {
        return match infinities.is_nan() {
            true => Err(cx.raise(Type::ValueError, "-inf + inf in fsum", g)),
            false => Ok(Value::float(special)),
        };
    }
    let mut high = 0.0;
    if let Some(last) = partials.pop() {
        high = last;
        let mut low = 0.0;
        while let Some(y) = partials.pop() {
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // A tie is decided by what is left.
        if let Some(next) = partials.last()
            && (low < 0.0 && *next < 0.0 || low > 0.0 && *next > 0.0)
        {
            let y = low * 2.0;
            let x = high + y;
            if y == x - high {
                high = x;
            }
        }
    }
    Ok(Value::float(high))
}

/// `hypot(*coordinates)`
pub(super) fn hypot<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let coordinates =
        args.positional(g)?.iter().map(|v| real(cx, *v, g).map(f64::abs)).collect::<Result<Vec<f64>>>()?;
    Ok(Value::float(norm(coordinates)))
}

/// `dist(p, q)`
pub(super) fn dist<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [p, q] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let (p, q) = (builtin::collect(cx, *p, g)?, builtin::collect(cx, *q, g)?);
    if p.len() != q.len() {
        return Err(cx.raise(Type::ValueError, "both points must have the same number of dimensions", g));
    }
    let differences = p
        .into_iter()
        .zip(q)
        .map(|(p, q)| Ok((real(cx, p, g)? - real(cx, q, g)?).abs()))
        .collect::<Result<Vec<f64>>>()?;
    Ok(Value::float(norm(differences)))
}

/// A sum in several parts, and the halves of a product (`vector_norm`).
struct Sum {
    total: f64,
    rest: [f64; 3],
}

impl Sum {
    fn add_square(&mut self, x: f64, sign: f64) {
        const SPLIT: f64 = 134_217_729.0;
        let t = x * SPLIT;
        let high = t - (t - x);
        let low = x - high;
        self.add(sign * high * high, 0);
        self.add(sign * 2.0 * high * low, 1);
        if sign > 0.0 {
            self.rest[2] += low * low;
        } else {
            self.add(-low * low, 2);
        }
    }

    fn add(&mut self, x: f64, part: usize) {
        let old = self.total;
        self.total += x;
        self.rest[part] += (old - self.total) + x;
    }

    fn value(&self) -> f64 {
        self.total - 1.0 + (self.rest[0] + self.rest[1] + self.rest[2])
    }
}

fn norm(values: Vec<f64>) -> f64 {
    let max = values.iter().copied().fold(0.0, f64::max);
    if max.is_infinite() {
        return max;
    }
    if values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    if max == 0.0 || values.len() <= 1 {
        return max;
    }
    let (_, exponent) = frexp_parts(max);
    if exponent < -1023 {
        // The scale would overflow: values that small are made larger first.
        return f64::MIN_POSITIVE * norm(values.into_iter().map(|value| value / f64::MIN_POSITIVE).collect());
    }
    let scale = ldexp_of(1.0, i64::from(-exponent));
    let mut sum = Sum { total: 1.0, rest: [0.0; 3] };
    for value in values {
        sum.add_square(value * scale, 1.0);
    }
    let h = sum.value().sqrt();
    sum.add_square(h, -1.0);
    (h + sum.value() / (2.0 * h)) / scale
}

/// The mantissa, in 0.5..1, and the exponent of two.
fn frexp_parts(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let bits = x.to_bits();
    match (bits >> 52) & 0x7FF {
        0 => {
            let (mantissa, exponent) = frexp_parts(x * 18_014_398_509_481_984.0);
            (mantissa, exponent - 54)
        }
        exponent => (f64::from_bits(bits & !(0x7FF << 52) | 1022 << 52), exponent as i32 - 1022),
    }
}

/// `x * 2 ** exponent`, rounded once.
fn ldexp_of(x: f64, exponent: i64) -> f64 {
    let (mantissa, own) = frexp_parts(x);
    if mantissa == 0.0 || !mantissa.is_finite() {
        return x;
    }
    let exponent = (i64::from(own).saturating_add(exponent)).clamp(-2000, 2000) as i32;
    let power = |exponent: i32| f64::from_bits(((exponent + 1023) as u64) << 52);
    match exponent {
        -1021..=1023 => mantissa * power(exponent),
        1024.. => mantissa * power(1023) * power((exponent - 1023).min(1023)),
        // Only the last multiplication rounds.
        ..-1200 => 0.0 * mantissa,
        _ => mantissa * power(-200) * power(exponent + 200),
    }
}

/// `frexp(x)`
pub(super) fn frexp<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [x] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let (mantissa, exponent) = frexp_parts(real(cx, *x, g)?);
    tuple_new(cx, &[Value::float(mantissa), Value::Int(i64::from(exponent))], g).map(Value::Tuple)
}

/// `ldexp(x, i)`
pub(super) fn ldexp<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [x, Value::Int(exponent)] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    let x = real(cx, *x, g)?;
    let result = ldexp_of(x, *exponent);
    match result.is_infinite() && x.is_finite() {
        true => Err(cx.raise(Type::OverflowError, "math range error", g)),
        false => Ok(Value::float(result)),
    }
}
