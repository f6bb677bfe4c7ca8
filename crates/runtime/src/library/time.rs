//! `time`: the clocks that count nanoseconds (`Modules/timemodule.c`), and `os.urandom`.

use super::datetime;
use crate::journal::Source;
use crate::{Args, BailKind, Builtin, Cx, Result, Type, Value, bytes_new};

/// The functions of `time`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "time", name: "time", call: |cx, args, g| seconds(cx, Source::Time, args, g) },
    Builtin { module: "time", name: "time_ns", call: |cx, args, g| nanos(cx, Source::Time, args, g) },
    Builtin { module: "time", name: "monotonic", call: |cx, args, g| seconds(cx, Source::Monotonic, args, g) },
    Builtin { module: "time", name: "monotonic_ns", call: |cx, args, g| nanos(cx, Source::Monotonic, args, g) },
    Builtin { module: "time", name: "perf_counter", call: |cx, args, g| seconds(cx, Source::Monotonic, args, g) },
    Builtin { module: "time", name: "perf_counter_ns", call: |cx, args, g| nanos(cx, Source::Monotonic, args, g) },
    Builtin { module: "time", name: "gmtime", call: |cx, args, g| broken_down(cx, args, true, g) },
    Builtin { module: "time", name: "localtime", call: |cx, args, g| broken_down(cx, args, false, g) },
    Builtin { module: "time", name: "sleep", call: |cx, args, g| sleep(cx, args, g) },
    Builtin { module: "time", name: "strftime", call: |cx, args, g| strftime(cx, args, g) },
];

/// `sleep(seconds)`
fn sleep<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let seconds = match args.positional(g)? {
        [Value::Float(seconds)] => seconds.get(),
        [Value::Int(seconds)] => *seconds as f64,
        _ => return Err(BailKind::Unsupported.at(g)),
    };
    match seconds {
        ..0.0 => Err(cx.raise(Type::ValueError, "sleep length must be non-negative", g)),
        0.0..1e6 => cx.journal().sleep(cx, seconds, g).map(|()| Value::None),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// The seconds after 1970 that an argument says, or the clock.
fn given<'a>(cx: &'a Cx<'a>, v: Option<Value<'a>>, g: u32) -> Result<i64> {
    match v {
        None | Some(Value::None) => Ok(cx.journal().clock(Source::Time, g)?.div_euclid(1_000_000_000)),
        Some(Value::Float(seconds)) if seconds.get().abs() < 1e11 => Ok(seconds.get().floor() as i64),
        Some(v) => v.index().ok_or_else(|| BailKind::Exception.at(g)),
    }
}

/// `gmtime(seconds)` and, where the machine's zone is UTC, `localtime(seconds)`.
fn broken_down<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, is_gmt: bool, g: u32) -> Result<Value<'a>> {
    let seconds = match args.positional(g)? {
        [] => None,
        [seconds] => Some(*seconds),
        _ => return Err(BailKind::Exception.at(g)),
    };
    if !is_gmt && !cx.is_utc() {
        return Err(BailKind::Unsupported.at(g));
    }
    let zone = if is_gmt { datetime::ZoneOf::Gmt } else { datetime::ZoneOf::Machine };
    datetime::struct_of_seconds(cx, given(cx, seconds, g)?, zone, g)
}

/// `strftime(format, tuple)`, or of now.
fn strftime<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (format, seconds) = match args.positional(g)? {
        [Value::Str(format)] if cx.is_utc() => (format, given(cx, None, g)?),
        [Value::Str(_)] => return Err(BailKind::Unsupported.at(g)),
        [Value::Str(format), tuple] => (format, datetime::seconds_of(*tuple, g)?),
        _ => return Err(BailKind::Exception.at(g)),
    };
    datetime::format_seconds(cx, seconds, format.text(), g)
}

fn nanos<'a>(cx: &'a Cx<'a>, source: Source, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [] => cx.journal().clock(source, g).map(Value::Int),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn seconds<'a>(cx: &'a Cx<'a>, source: Source, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let Value::Int(nanos) = nanos(cx, source, args, g)? else { return Err(BailKind::Unsupported.at(g)) };
    Ok(Value::float(rounded(nanos)))
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
