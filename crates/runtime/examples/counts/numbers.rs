//! Operators on ints.

use std::hint::black_box;

use upshift_runtime::{self as rt, Cx, Result, Value, op};

use crate::{G, repeat};

cases! {
    int_add 100_000;
    int_less 100_000;
    big_multiply 20_000;
    big_power 5_000;
}

/// `l + r` of small ints whose types are not known.
fn int_add<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    repeat(rounds, || op::add(cx, black_box(Value::Int(40)), black_box(Value::Int(2)), G))
}

/// `l < r` of the same.
fn int_less<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    repeat(rounds, || op::lt(cx, black_box(Value::Int(40)), black_box(Value::Int(2)), G))
}

/// `l * r` of ints of 30 digits.
fn big_multiply<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let l = rt::int_literal(cx, "123456789012345678901234567890", G)?;
    let r = rt::int_literal(cx, "987654321098765432109876543210", G)?;
    repeat(rounds, || op::mul(cx, black_box(l), black_box(r), G))
}

/// `7 ** 150`
fn big_power<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    repeat(rounds, || op::pow(cx, black_box(Value::Int(7)), black_box(Value::Int(150)), G))
}
