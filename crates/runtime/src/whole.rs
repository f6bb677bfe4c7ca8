//! Arithmetic of ints beyond 64 bits straight into the arena: of up to 127 bits by the processor's own, and sums, products and
//! quotients digit by digit where that is quicker than making numbers of a library first.

use std::cmp::Ordering;

use crate::big::{Big, big_of};
use crate::op::BinaryOp;
use crate::{Cx, Result, Value};

/// A factor of so many digits at most is multiplied digit by digit.
const FEW: usize = 2;

/// `l op r`, if one of these ways is for it; operands are ints.
pub(crate) fn binary<'a>(
    cx: &'a Cx<'a>,
    op: BinaryOp,
    l: Value<'a>,
    r: Value<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    if let (Some(l), Some(r)) = (short(l), short(r))
        && let Some(result) = shorts(op, l, r)
    {
        return of_short(cx, result, g).map(Some);
    }
    let (mut left, mut right) = ([0; 2], [0; 2]);
    match (Signed::of(l, &mut left), Signed::of(r, &mut right)) {
        (Some(l), Some(r)) => digits(cx, op, l, r, g),
        _ => Ok(None),
    }
}

/// An int of 127 bits at most.
fn short(v: Value<'_>) -> Option<i128> {
    match v {
        Value::Int(number) => Some(i128::from(number)),
        Value::Big(big) => {
            let digits = big.digits();
            if digits.len() > 4 {
                return None;
            }
            let size = digits.iter().rev().fold(0u128, |size, digit| size << 32 | u128::from(*digit));
            let size = i128::try_from(size).ok()?;
            Some(if big.is_negative() { -size } else { size })
        }
        _ => None,
    }
}

/// The same of such ints, if the result is one, too.
fn shorts(op: BinaryOp, l: i128, r: i128) -> Option<i128> {
    match op {
        BinaryOp::Add => l.checked_add(r),
        BinaryOp::Sub => l.checked_sub(r),
        BinaryOp::Mul => l.checked_mul(r),
        BinaryOp::FloorDiv => {
            let (quotient, rest) = (l.checked_div(r)?, l.checked_rem(r)?);
            Some(quotient - i128::from(rest != 0 && (rest < 0) != (r < 0)))
        }
        BinaryOp::Mod => {
            let rest = l.checked_rem(r)?;
            Some(if rest != 0 && (rest < 0) != (r < 0) { rest + r } else { rest })
        }
        BinaryOp::LShift => {
            let count = u32::try_from(r).ok()?;
            let shifted = l.checked_shl(count)?;
            (shifted >> count == l).then_some(shifted)
        }
        BinaryOp::RShift => Some(l >> u32::try_from(r).ok()?.min(127)),
        BinaryOp::BitAnd => Some(l & r),
        BinaryOp::BitOr => Some(l | r),
        BinaryOp::BitXor => Some(l ^ r),
        BinaryOp::Div | BinaryOp::Pow | BinaryOp::MatMul => None,
    }
}

fn of_short<'a>(cx: &'a Cx<'a>, number: i128, g: u32) -> Result<Value<'a>> {
    if let Ok(small) = i64::try_from(number) {
        return Ok(Value::Int(small));
    }
    let size = number.unsigned_abs();
    let len = (128 - size.leading_zeros()).div_ceil(32) as usize;
    let digits = cx.alloc_slice(len, |at| (size >> (at * 32)) as u32, g)?;
    big_of(cx, number < 0, digits, g)
}

/// An int by its sign and digits, the lowest first.
#[derive(Copy, Clone)]
struct Signed<'d> {
    negative: bool,
    digits: &'d [u32],
}

impl<'d> Signed<'d> {
    fn of<'a: 'd>(v: Value<'a>, room: &'d mut [u32; 2]) -> Option<Self> {
        match v {
            Value::Int(number) => {
                let size = number.unsigned_abs();
                *room = [size as u32, (size >> 32) as u32];
                Some(Self { negative: number < 0, digits: trim(room) })
            }
            Value::Big(big) => Some(Self { negative: big.is_negative(), digits: Big::digits(big) }),
            _ => None,
        }
    }
}

fn trim(digits: &[u32]) -> &[u32] {
    let len = digits.iter().rposition(|digit| *digit != 0).map_or(0, |at| at + 1);
    &digits[..len]
}

fn digits<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Signed<'_>, r: Signed<'_>, g: u32) -> Result<Option<Value<'a>>> {
    cx.burn((l.digits.len() + r.digits.len()) * 4, g)?;
    let made = match op {
        BinaryOp::Add => sum(cx, l, r, g)?,
        BinaryOp::Sub => sum(cx, l, Signed { negative: !r.negative, ..r }, g)?,
        BinaryOp::Mul if l.digits.len() <= FEW => product(cx, r, l, g)?,
        BinaryOp::Mul if r.digits.len() <= FEW => product(cx, l, r, g)?,
        BinaryOp::FloorDiv | BinaryOp::Mod => match *r.digits {
            [by] => return division(cx, op, l, by, r.negative, g).map(Some),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    big_of(cx, made.negative, trim(made.digits), g).map(Some)
}

fn compare(l: &[u32], r: &[u32]) -> Ordering {
    l.len().cmp(&r.len()).then_with(|| l.iter().rev().cmp(r.iter().rev()))
}

fn sum<'a>(cx: &'a Cx<'a>, l: Signed<'_>, r: Signed<'_>, g: u32) -> Result<Signed<'a>> {
    let (long, short) = if compare(l.digits, r.digits).is_lt() { (r, l) } else { (l, r) };
    let digit = |digits: &[u32], at: usize| i64::from(digits.get(at).copied().unwrap_or(0));
    let sign = if l.negative == r.negative { 1 } else { -1 };
    let mut carry = 0;
    let add = |at| {
        carry += digit(long.digits, at) + sign * digit(short.digits, at);
        let made = carry as u32;
        carry >>= 32;
        made
    };
    let digits = cx.alloc_slice(long.digits.len() + 1, add, g)?;
    Ok(Signed { negative: long.negative, digits })
}

fn product<'a>(cx: &'a Cx<'a>, l: Signed<'_>, r: Signed<'_>, g: u32) -> Result<Signed<'a>> {
    let mut carry = 0u128;
    let multiply = |at: usize| {
        for (place, digit) in r.digits.iter().enumerate() {
            let other = at.checked_sub(place).and_then(|at| l.digits.get(at)).copied().unwrap_or(0);
            carry += u128::from(u64::from(other) * u64::from(*digit));
        }
        let made = carry as u32;
        carry >>= 32;
        made
    };
    let digits = cx.alloc_slice(l.digits.len() + r.digits.len(), multiply, g)?;
    Ok(Signed { negative: l.negative != r.negative, digits })
}

/// `l // by` or `l % by`, with `by` above zero but for its sign.
fn division<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Signed<'_>, by: u32, negative: bool, g: u32) -> Result<Value<'a>> {
    let len = l.digits.len();
    let by = u64::from(by);
    let mut rest = 0;
    if op == BinaryOp::Mod {
        for digit in l.digits.iter().rev() {
            rest = (rest << 32 | u64::from(*digit)) % by;
        }
        let rest = if rest != 0 && l.negative != negative { by - rest } else { rest };
        return Ok(Value::Int(if negative { -(rest as i64) } else { rest as i64 }));
    }
    // The highest digit comes first, and has the last place.
    let mut quotient = vec![0; len];
    for (digit, place) in l.digits.iter().zip(&mut quotient).rev() {
        rest = rest << 32 | u64::from(*digit);
        *place = (rest / by) as u32;
        rest %= by;
    }
    let mut carry = u64::from(rest != 0 && l.negative != negative);
    let round = |at: usize| {
        carry += quotient.get(at).copied().map_or(0, u64::from);
        let made = carry as u32;
        carry >>= 32;
        made
    };
    let digits = cx.alloc_slice(len + 1, round, g)?;
    big_of(cx, l.negative != negative, trim(digits), g)
}

/// How two ints compare of which one is beyond 64 bits.
pub(crate) fn order(l: Big<'_>, r: Big<'_>) -> Ordering {
    let sizes = || compare(l.digits(), r.digits());
    match (l.is_negative(), r.is_negative()) {
        (false, false) => sizes(),
        (true, true) => sizes().reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}
