//! Strings, formatting, JSON and regular expressions.

use std::hint::black_box;

use upshift_runtime::{self as rt, Args, Cx, Part, Result, Str, Value, json, library, method, op, sre};

use crate::{G, GROUP, KEYS, SEARCH, cycle, names, repeat, scattered, text};

/// A text as functions get it.
const LINE: &str = "  GET /orders/4711?customer=Ada HTTP/1.1, from 10.0.0.7, in 25 ms; cache: MISS  ";

cases! {
    str_concat KEYS * 36;
    str_slice 20_000;
    str_split 5_000;
    str_join 5_000;
    str_find 20_000;
    str_lower 10_000;
    str_strip 20_000;
    str_replace 5_000;
    format_int 10_000;
    format_float 10_000;
    json_parse 50;
    json_dump 100;
    regex_search 2_000;
}

/// `text += word`, from the empty string on.
fn str_concat<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let word = rt::str_new(cx, "word ", G)?;
    let add = |text: &mut Str<'a>, _| {
        *text = op::str_concat(cx, *text, black_box(word), G)?;
        Ok(*text)
    };
    cycle(rounds, || rt::str_new(cx, "", G), add)
}

/// `line[2:30]`
fn str_slice<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let line = text(cx, LINE)?;
    repeat(rounds, || op::get_slice(cx, black_box(line), Value::Int(2), black_box(Value::Int(30)), Value::None, G))
}

/// `line.split(" ")`
fn str_split<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let (line, space) = (rt::str_new(cx, LINE, G)?, rt::str_new(cx, " ", G)?);
    repeat(rounds, || method::str_split(cx, black_box(line), black_box(space), G))
}

/// `", ".join(names)` of ten.
fn str_join<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let (comma, list) = (rt::str_new(cx, ", ", G)?, Value::List(rt::list_new(cx, &names(cx, 10)?, G)?));
    repeat(rounds, || method::str_join(cx, black_box(comma), black_box(list), G))
}

/// `line.find("cache")`
fn str_find<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let (line, part) = (rt::str_new(cx, LINE, G)?, rt::str_new(cx, "cache", G)?);
    repeat(rounds, || method::str_find(cx, black_box(line), black_box(part), G))
}

/// `line.lower()`
fn str_lower<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let line = rt::str_new(cx, LINE, G)?;
    repeat(rounds, || method::str_lower(cx, black_box(line), G))
}

/// `line.strip()`
fn str_strip<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let line = rt::str_new(cx, LINE, G)?;
    repeat(rounds, || method::str_strip(cx, black_box(line), G))
}

/// `line.replace(", ", ";")`, twice found.
fn str_replace<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let (line, old, new) = (rt::str_new(cx, LINE, G)?, rt::str_new(cx, ", ", G)?, rt::str_new(cx, ";", G)?);
    repeat(rounds, || method::str_replace(cx, black_box(line), black_box(old), black_box(new), G))
}

/// `f"{n} of {n:>6}"`
fn format_int<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let spec = rt::str_new(cx, ">6", G)?;
    let parts = |v| [Part::Value(v), Part::Text(" of "), Part::Spec(v, spec)];
    repeat(rounds, || rt::format(cx, &parts(black_box(Value::Int(4711))), G))
}

/// `f"{x} is {x:.2f}"`
fn format_float<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let spec = rt::str_new(cx, ".2f", G)?;
    let parts = |v| [Part::Value(v), Part::Text(" is "), Part::Spec(v, spec)];
    repeat(rounds, || rt::format(cx, &parts(black_box(Value::float(19.987))), G))
}

/// An array of 50 records, as JSON.
fn records<'a>(cx: &'a Cx<'a>) -> Result<&'a str> {
    let record = |at: usize| {
        let (id, name) = (scattered(at), format!("Customer {at}, Vienna"));
        let price = id as f64 / 100.0;
        format!(r#"{{"id": {id}, "name": "{name}", "price": {price}, "tags": ["new", "open"], "open": true}}"#)
    };
    let all: Vec<String> = (0..50).map(record).collect();
    rt::str_new(cx, &format!("[{}]", all.join(", ")), G).map(Str::text)
}

/// `json.loads` of the records.
fn json_parse<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let records = records(cx)?;
    repeat(rounds, || json::parse(cx, black_box(records), G))
}

/// `json.dumps` of the records.
fn json_dump<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let (records, mut out) = (json::parse(cx, records(cx)?, G)?, Vec::new());
    let dump = || {
        out.clear();
        json::dump(black_box(records), &mut out).map_err(|kind| kind.at(G))?;
        Ok(out.len())
    };
    repeat(rounds, dump)
}

/// `(\d+)\?(\w+)=` with no flags, as CPython 3.11 compiles it.
static QUERY: sre::Pattern = sre::Pattern {
    source: r"(\d+)\?(\w+)=",
    bytes: false,
    given: 0,
    flags: 32,
    groups: 2,
    names: &[],
    code: &[
        14, 4, 0, 4, 4294967295, 17, 0, 24, 9, 1, 4294967295, 13, 4, 8, 10, 0, 1, 17, 1, 16, 63, 17, 2, 24, 9, 1,
        4294967295, 13, 4, 8, 14, 0, 1, 17, 3, 16, 61, 1,
    ],
};

/// `query.search(line).group(2)`
fn regex_search<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let (pattern, line) = (library::pattern(cx, &QUERY, G)?, text(cx, LINE)?);
    let search = || {
        let found = rt::call_method(cx, black_box(pattern), cx.literal(SEARCH), Args::of(&[black_box(line)]), G)?;
        rt::call_method(cx, found, cx.literal(GROUP), Args::of(&[Value::Int(2)]), G)
    };
    repeat(rounds, search)
}
