//! The functions of `benches/compute`, as one would write them in Rust: the peer that shows what a machine can do.
//!
//! Each takes and gives a [`Value`], as a function behind HTTP does; what it holds in between is Rust's own.

mod graphs;
mod numbers;
mod objects;
mod records;
mod requests;
mod text;

use serde_json::Value;

/// A function, from its arguments to its result.
pub type Function = fn(&Value) -> Value;

/// All of them, by name.
pub const FUNCTIONS: &[(&str, Function)] = &[
    ("authorize", requests::authorize),
    ("bigint", numbers::bigint),
    ("classes", objects::classes),
    ("closures", objects::closures),
    ("collatz", numbers::collatz),
    ("dijkstra", graphs::dijkstra),
    ("distance", graphs::distance),
    ("exceptions", objects::exceptions),
    ("fib", numbers::fib),
    ("generators", objects::generators),
    ("group", records::group),
    ("join", records::join),
    ("knapsack", graphs::knapsack),
    ("life", graphs::life),
    ("mandelbrot", numbers::mandelbrot),
    ("matrix", numbers::matrix),
    ("maze", graphs::maze),
    ("nbody", numbers::nbody),
    ("regex", text::regex),
    ("route", requests::route),
    ("sieve", numbers::sieve),
    ("slugs", text::slugs),
    ("sorting", records::sorting),
    ("transform", records::transform),
    ("validate", requests::validate),
    ("words", text::words),
];

/// The function of that name.
#[must_use]
pub fn function(name: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

fn size(value: &Value) -> usize {
    usize::try_from(int(value)).unwrap_or_default()
}

fn float(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

/// To two decimals, as Python's `round` does for numbers that are not halfway.
fn cents(value: f64) -> f64 {
    format!("{value:.2}").parse().unwrap_or(value)
}
