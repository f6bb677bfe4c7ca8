//! `time`: the clocks that count nanoseconds (`Modules/timemodule.c`), and `os.urandom`.

use crate::journal::Source;
use crate::{Args, BailKind, Builtin, Cx, Result, Value, bytes_new};

/// The functions of `time`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "time", name: "time", call: |cx, args, g| seconds(cx, Source::Time, args, g) },
    Builtin { module: "time", name: "time_ns", call: |cx, args, g| nanos(cx, Source::Time, args, g) },
    Builtin { module: "time", name: "monotonic", call: |cx, args, g| seconds(cx, Source::Monotonic, args, g) },
    Builtin { module: "time", name: "monotonic_ns", call: |cx, args, g| nanos(cx, Source::Monotonic, args, g) },
    Builtin { module: "time", name: "perf_counter", call: |cx, args, g| seconds(cx, Source::Monotonic, args, g) },
    Builtin { module: "time", name: "perf_counter_ns", call: |cx, args, g| nanos(cx, Source::Monotonic, args, g) },
];

fn nanos<'a>(cx: &'a Cx<'a>, source: Source, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [] => cx.journal().clock(source, g).map(Value::Int),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn seconds<'a>(cx: &'a Cx<'a>, source: Source, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let Value::Int(nanos) = nanos(cx, source, args, g)? else { return Err(BailKind::Unsupported.at(g)) };
    Ok(Value::Float(rounded(nanos)))
}

/// Nanoseconds in seconds, as `_PyTime_AsSecondsDouble` rounds.
pub(super) fn rounded(nanos: i64) -> f64 {
    match nanos % 1_000_000_000 {
        0 => (nanos / 1_000_000_000) as f64,
        _ => nanos as f64 / 1e9,
    }
}

/// `os.urandom(count)`
pub(super) fn urandom<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [Value::Int(count)] if (0..1 << 24).contains(count) => {
            let bytes = cx.journal().entropy(cx, *count as usize, g)?;
            bytes_new(cx, &bytes, g).map(Value::Bytes)
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}
