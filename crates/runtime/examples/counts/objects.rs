//! Instances, calls, exceptions and generators.

use std::hint::black_box;

use upshift_runtime::site::Site;
use upshift_runtime::{self as rt, Args, Code, Cx, Function, Param, ParamKind, Result, Type, Value, op, site};

use crate::{G, INIT, POINT, SCALE, SITES, X, Y, repeat, text};

cases! {
    attribute_get 50_000;
    attribute_set 50_000;
    instance_new 20_000;
    method_call 20_000;
    exception_raise 10_000;
    generator_next 20_000;
}

const fn param(name: &'static str) -> Param {
    Param { name, kind: ParamKind::Plain }
}

static INIT_CODE: Code = Code {
    name: "__init__",
    qualname: "Point.__init__",
    params: &[param("self"), param("x"), param("y")],
    entry: |cx, _, args, _| init(cx, args[0], args[1], args[2]),
};
static SCALE_CODE: Code = Code {
    name: "scale",
    qualname: "Point.scale",
    params: &[param("self"), param("factor")],
    entry: |cx, _, args, _| scale(cx, args[0], args[1]),
};

/// `self.x, self.y = x, y`
fn init<'a>(cx: &'a Cx<'a>, this: Value<'a>, x: Value<'a>, y: Value<'a>) -> Result<Value<'a>> {
    let sites = sites(cx)?;
    site::set(cx, this, X, x, &sites[0], G)?;
    site::set(cx, this, Y, y, &sites[1], G)?;
    Ok(Value::None)
}

/// `return self.x * factor`
fn scale<'a>(cx: &'a Cx<'a>, this: Value<'a>, factor: Value<'a>) -> Result<Value<'a>> {
    op::mul(cx, site::get(cx, this, X, &sites(cx)?[2], G)?, factor, G)
}

/// The sites of the cases.
fn sites<'a>(cx: &'a Cx<'a>) -> Result<&'a [Site<'a>; SITES]> {
    cx.sites()
}

/// A class with these two methods.
fn point<'a>(cx: &'a Cx<'a>) -> Result<Value<'a>> {
    let init = rt::function_new(cx, &INIT_CODE, &[], &[], G)?;
    let scale = rt::function_new(cx, &SCALE_CODE, &[], &[], G)?;
    let dict = rt::dict_new(cx, &[(Value::Str(cx.literal(INIT)), init), (Value::Str(cx.literal(SCALE)), scale)], G)?;
    rt::class_new(cx, cx.literal(POINT), cx.literal(POINT), &[], dict, G).map(Value::Class)
}

/// `Point(3, 4)`, as it is compiled.
fn make<'a>(cx: &'a Cx<'a>, point: Value<'a>) -> Result<Value<'a>> {
    let runs = |function: Function<'a>| function.runs(&INIT_CODE);
    match site::init(cx, point, &sites(cx)?[3], G)? {
        Some((class, function)) if runs(function) => {
            let made = site::make(cx, class, G)?;
            cx.enter(G)?;
            init(cx, made, black_box(Value::Int(3)), black_box(Value::Int(4)))?;
            cx.leave();
            Ok(made)
        }
        _ => Err(cx.hole(G)),
    }
}

/// `p.x`
fn attribute_get<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let made = make(cx, point(cx)?)?;
    let sites = sites(cx)?;
    repeat(rounds, || site::get(cx, black_box(made), X, &sites[4], G))
}

/// `p.y = v`
fn attribute_set<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let made = make(cx, point(cx)?)?;
    let sites = sites(cx)?;
    repeat(rounds, || site::set(cx, black_box(made), Y, black_box(Value::Int(5)), &sites[5], G))
}

/// `Point(3, 4)`
fn instance_new<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let point = point(cx)?;
    repeat(rounds, || make(cx, black_box(point)))
}

/// `p.scale(2)`
fn method_call<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let made = make(cx, point(cx)?)?;
    let sites = sites(cx)?;
    let call = || match site::method(cx, black_box(made), SCALE, &sites[6], G)? {
        Some(function) if function.runs(&SCALE_CODE) => {
            cx.enter(G)?;
            let scaled = scale(cx, made, black_box(Value::Int(2)))?;
            cx.leave();
            Ok(scaled)
        }
        _ => Err(cx.hole(G)),
    };
    repeat(rounds, call)
}

/// `raise ValueError(name)`, and what catches it.
fn exception_raise<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let (class, name) = (Value::Class(cx.class(Type::ValueError, G)?), text(cx, "Ada")?);
    let raise = || {
        let made = rt::call(cx, class, Args::of(&[black_box(name)]), G)?;
        let bail = black_box(rt::raise(cx, made, None, G));
        let caught = cx.catch(bail)?;
        rt::catches(cx, caught, class, G)
    };
    repeat(rounds, raise)
}

/// `next(numbers)` of a generator that yields ints.
fn generator_next<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let body = move |co: rt::Co<'a>| async move {
        loop {
            co.give(cx, black_box(Value::Int(1)), G).await?;
        }
    };
    let generator = rt::generator_new(cx, "numbers", body, G)?;
    repeat(rounds, || rt::iter_next(cx, black_box(generator), G))
}
