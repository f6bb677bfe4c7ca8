//! `timedelta` (`delta_new` and its neighbours in `Modules/_datetimemodule.c`).

use std::fmt::Write as _;

use num_bigint::BigInt;
use num_integer::Integer;

use super::{Temporal, delta_of, overflow};
use crate::op::{BinaryOp, CompareOp};
use crate::python_hash::{PythonHash, python_hash};
use crate::{Args, BailKind, Cx, Obj, Result, Type, Value, arith, big, object_new, tuple_new};

const MOST_DAYS: i128 = 999_999_999;
const SECOND: i128 = 1_000_000;
pub(super) const DAY: i128 = 86_400 * SECOND;

/// A duration: 0 to 86399 seconds and 0 to 999999 microseconds on top of the days.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delta {
    pub(super) days: i32,
    pub(super) seconds: i32,
    pub(super) micros: i32,
}

impl Delta {
    pub(super) const ZERO: Self = Self { days: 0, seconds: 0, micros: 0 };
    pub(super) const LEAST: Self = Self { days: -999_999_999, seconds: 0, micros: 0 };
    pub(super) const MOST: Self = Self { days: 999_999_999, seconds: 86_399, micros: 999_999 };
    pub(super) const RESOLUTION: Self = Self { days: 0, seconds: 0, micros: 1 };

    /// All of it in microseconds.
    pub(super) fn total(self) -> i128 {
        i128::from(self.days) * DAY + i128::from(self.seconds) * SECOND + i128::from(self.micros)
    }

    /// That many microseconds, if they are not too many.
    pub(super) fn of_total(micros: i128) -> Option<Self> {
        let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
        (-MOST_DAYS..=MOST_DAYS).contains(&days).then_some(Self {
            days: days as i32,
            seconds: (rest / SECOND) as i32,
            micros: (rest % SECOND) as i32,
        })
    }

    /// `repr` of it.
    pub(super) fn write_repr(self, out: &mut String) {
        out.push_str("datetime.timedelta(");
        let mut separator = "";
        for (name, part) in [("days", self.days), ("seconds", self.seconds), ("microseconds", self.micros)] {
            if part != 0 {
                let _ = write!(out, "{separator}{name}={part}");
                separator = ", ";
            }
        }
        out.push_str(if separator.is_empty() { "0)" } else { ")" });
    }
}

/// The delta as an object.
pub(super) fn delta_new<'a>(cx: &'a Cx<'a>, delta: Delta, g: u32) -> Result<Value<'a>> {
    object_new(cx, delta, g)
}

fn of_micros<'a>(cx: &'a Cx<'a>, micros: i128, g: u32) -> Result<Value<'a>> {
    match Delta::of_total(micros) {
        Some(delta) => delta_new(cx, delta, g),
        None => Err(overflow(cx, micros.div_euclid(DAY), g)),
    }
}

fn of_number<'a>(cx: &'a Cx<'a>, micros: &BigInt, g: u32) -> Result<Value<'a>> {
    of_micros(cx, i128::try_from(micros).map_err(|_| BailKind::Exception.at(g))?, g)
}

/// `timedelta(*args)`
pub(super) fn construct<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let names = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
    let [days, seconds, micros, millis, minutes, hours, weeks] = args.bind(names, 0, 7, g)?;
    let (mut sum, mut leftover) = (0i128, 0f64);
    // CPython's order, because what floats leave over is summed up in it.
    let parts = [
        (micros, 1),
        (millis, 1000),
        (seconds, SECOND),
        (minutes, 60 * SECOND),
        (hours, 3600 * SECOND),
        (days, DAY),
        (weeks, 7 * DAY),
    ];
    for (part, unit) in parts {
        let Some(part) = part else { continue };
        sum = accumulate(sum, part, unit, &mut leftover, g)?;
    }
    if leftover != 0.0 {
        // The nearest microsecond; half goes to the even sum.
        let mut whole = leftover.round();
        if (whole - leftover).abs() == 0.5 {
            let odd = if sum & 1 == 1 { 1.0 } else { 0.0 };
            whole = 2.0 * ((leftover + odd) * 0.5).round() - odd;
        }
        sum += whole as i128;
    }
    of_micros(cx, sum, g)
}

/// `sum` and `part` units more; `leftover` takes what is less than a microsecond.
fn accumulate(sum: i128, part: Value<'_>, unit: i128, leftover: &mut f64, g: u32) -> Result<i128> {
    let refused = || BailKind::Exception.at(g);
    if let Value::Float(part) = part {
        let part = part.get();
        if !part.is_finite() || part.abs() > 1e24 {
            return Err(refused());
        }
        let (whole, fraction) = (part.trunc(), part.fract());
        let sum = sum + whole as i128 * unit;
        if fraction == 0.0 {
            return Ok(sum);
        }
        let rest = unit as f64 * fraction;
        *leftover += rest.fract();
        return Ok(sum + rest.trunc() as i128);
    }
    let number = arith::integer(part).and_then(|number| i64::try_from(number).ok()).ok_or_else(refused)?;
    Ok(sum + i128::from(number) * unit)
}

/// `l / r` to the nearest, half to the even (`_PyLong_DivmodNear`).
fn divide_nearest(l: &BigInt, r: &BigInt) -> BigInt {
    let (mut quotient, rest) = l.div_mod_floor(r);
    let twice: BigInt = rest * 2;
    let order = twice.magnitude().cmp(r.magnitude());
    if order.is_gt() || order.is_eq() && quotient.is_odd() {
        quotient += 1;
    }
    quotient
}

/// A float as a ratio (`float.as_integer_ratio`).
fn ratio(value: f64) -> Option<(BigInt, BigInt)> {
    if !value.is_finite() {
        return None;
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = match exponent {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, exponent - 1075),
    };
    let mut top = BigInt::from(mantissa);
    if value < 0.0 {
        top = -top;
    }
    Some(match exponent {
        0.. => (top << exponent as usize, BigInt::from(1)),
        _ => {
            let bottom = BigInt::from(1) << (-exponent) as usize;
            let shared = top.gcd(&bottom);
            (top / &shared, bottom / shared)
        }
    })
}

impl<'a> Obj<'a> for Delta {
    fn kind(&self) -> Type {
        Type::TimeDelta
    }

    fn as_temporal(&self) -> Option<Temporal<'a>> {
        Some(Temporal::Delta(*self))
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, _g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "days" => Some(Value::Int(self.days.into())),
            "seconds" => Some(Value::Int(self.seconds.into())),
            "microseconds" => Some(Value::Int(self.micros.into())),
            _ => super::class_constant(_cx, Type::TimeDelta, name, _g)?,
        })
    }

    fn has_method(&self, name: &str) -> bool {
        super::has_method(Type::TimeDelta, name)
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, _name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match args.positional(g)? {
            [] => arith::ints(cx, BinaryOp::Div, &self.total().into(), &SECOND.into(), g),
            _ => Err(BailKind::Exception.at(g)),
        }
    }

    fn truth(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<bool> {
        Ok(*self != Self::ZERO)
    }

    fn binary(
        &self,
        cx: &'a Cx<'a>,
        op: BinaryOp,
        _this: Value<'a>,
        other: Value<'a>,
        reflected: bool,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        let total = self.total();
        if let Some(other) = delta_of(other) {
            let other = other.total();
            let (l, r) = if reflected { (other, total) } else { (total, other) };
            let exception = || BailKind::Exception.at(g);
            return Ok(Some(match op {
                BinaryOp::Add => of_micros(cx, l + r, g)?,
                BinaryOp::Sub => of_micros(cx, l - r, g)?,
                BinaryOp::Div if r != 0 => arith::ints(cx, op, &l.into(), &r.into(), g)?,
                BinaryOp::FloorDiv if r != 0 => big::int_value(cx, &Integer::div_floor(&l, &r).into(), g)?,
                BinaryOp::Mod if r != 0 => of_micros(cx, Integer::mod_floor(&l, &r), g)?,
                BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod => return Err(exception()),
                _ => return Ok(None),
            }));
        }
        if let Some(number) = arith::integer(other) {
            let total = BigInt::from(total);
            let zero = number == BigInt::ZERO;
            return match op {
                BinaryOp::Mul => of_number(cx, &(total * number), g).map(Some),
                BinaryOp::Div | BinaryOp::FloorDiv if !reflected && zero => Err(BailKind::Exception.at(g)),
                BinaryOp::Div if !reflected => of_number(cx, &divide_nearest(&total, &number), g).map(Some),
                BinaryOp::FloorDiv if !reflected => of_number(cx, &Integer::div_floor(&total, &number), g).map(Some),
                _ => Ok(None),
            };
        }
        if let Value::Float(number) = other {
            let by = |top: &BigInt, bottom: &BigInt| match *bottom == BigInt::ZERO {
                true => Err(BailKind::Exception.at(g)),
                false => of_number(cx, &divide_nearest(&(top * total), bottom), g).map(Some),
            };
            let ratio = || ratio(number.get()).ok_or_else(|| BailKind::Exception.at(g));
            return match op {
                BinaryOp::Mul => ratio().and_then(|(top, bottom)| by(&top, &bottom)),
                BinaryOp::Div if !reflected => ratio().and_then(|(top, bottom)| by(&bottom, &top)),
                _ => Ok(None),
            };
        }
        Ok(None)
    }

    fn unary(&self, cx: &'a Cx<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "__neg__" => Some(of_micros(cx, -self.total(), g)?),
            "__pos__" => Some(of_micros(cx, self.total(), g)?),
            "__abs__" => Some(of_micros(cx, self.total().abs(), g)?),
            _ => None,
        })
    }

    fn compare(
        &self,
        _cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        _g: u32,
    ) -> Result<Option<bool>> {
        Ok(delta_of(other).map(|other| op.holds(self.cmp(&other))))
    }

    fn hash(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<i64> {
        Ok(self.total() as i64)
    }

    fn python_hash(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<PythonHash>> {
        let parts = [self.days, self.seconds, self.micros].map(|part| Value::Int(part.into()));
        python_hash(cx, Value::Tuple(tuple_new(cx, &parts, g)?), g).map(Some)
    }

    fn repr(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        self.write_repr(out);
        Ok(())
    }

    fn str(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        if self.days != 0 {
            let plural = if self.days.abs() == 1 { "" } else { "s" };
            let _ = write!(out, "{} day{plural}, ", self.days);
        }
        let (minutes, seconds) = (self.seconds / 60, self.seconds % 60);
        let _ = write!(out, "{}:{:02}:{seconds:02}", minutes / 60, minutes % 60);
        if self.micros != 0 {
            let _ = write!(out, ".{:06}", self.micros);
        }
        Ok(())
    }

    fn copied(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        delta_new(cx, *self, g).map(Some)
    }
}
