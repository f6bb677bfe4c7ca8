//! Draws: clocks and random numbers, in the order of each source.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use rustix::time::{ClockId, clock_gettime};

use super::patch::{ACTIVE, Which};

/// So many draws are kept, as in native code (`journal.rs` of the crate `runtime`); a replay that needs more bails out.
const MOST: usize = 1 << 17;

static STATE: Mutex<State> = Mutex::new(State::new());

/// The journal of the invocation under way. Locked only for moments in which no Python code can run.
struct State {
    /// What an earlier run drew, by source.
    given: BTreeMap<String, VecDeque<Py<PyAny>>>,
    drawn: Vec<(&'static str, Py<PyAny>)>,
    /// The module `random`'s own generator, and `datetime.datetime`.
    generator: Option<Py<PyAny>>,
    datetime: Option<Py<PyAny>>,
    /// Whether the program has seeded the generator: before this invocation, and in it.
    seeded_before: bool,
    seeded_here: bool,
    /// Whether the invocation drew what an earlier seed decides.
    went_on: bool,
}

impl State {
    const fn new() -> Self {
        Self {
            given: BTreeMap::new(),
            drawn: Vec::new(),
            generator: None,
            datetime: None,
            seeded_before: false,
            seeded_here: false,
            went_on: false,
        }
    }

    /// The next value that an earlier run drew from the source.
    fn given(&mut self, source: &str) -> Option<Py<PyAny>> {
        self.given.get_mut(source)?.pop_front()
    }

    fn keep(&mut self, source: &'static str, value: Py<PyAny>) {
        if self.drawn.len() < MOST {
            self.drawn.push((source, value));
        }
    }
}

/// Whose generator and class are journalled.
pub(super) fn install(generator: Py<PyAny>, datetime: Py<PyAny>) {
    let mut state = state();
    (state.generator, state.datetime) = (Some(generator), Some(datetime));
}

/// What the program does to the generator counts from now on.
pub(super) fn start() {
    let mut state = state();
    (state.seeded_before, state.seeded_here) = (false, false);
}

/// Begins an invocation that is answered from the draws of an earlier run first.
pub(super) fn begin(given: Vec<(String, Py<PyAny>)>) {
    let mut state = state();
    for (source, value) in given {
        state.given.entry(source).or_default().push_back(value);
    }
    state.went_on = false;
}

/// The draws of the invocation that ends, and whether some of them went on from a seed of an earlier one.
pub(super) fn end() -> (Vec<(&'static str, Py<PyAny>)>, bool) {
    let mut state = state();
    let (given, drawn) = (std::mem::take(&mut state.given), std::mem::take(&mut state.drawn));
    state.seeded_before |= state.seeded_here;
    state.seeded_here = false;
    let went_on = state.went_on;
    drop(state);
    drop(given);
    (drawn, went_on)
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes that the generator was seeded, or that the world seeds it.
pub(super) fn seeded(this: *mut PyObject, by_program: bool) {
    let mut state = state();
    if state.generator.as_ref().is_some_and(|generator| generator.as_ptr() == this) {
        let active = ACTIVE.load(Ordering::Relaxed);
        state.seeded_here = by_program && active;
        state.seeded_before = by_program && (state.seeded_before || !active);
    }
}

/// The draw that takes the place of a call; `original` may be given other arguments, where it takes a tuple of them.
pub(super) fn journalled<'py>(
    py: Python<'py>,
    which: Which,
    this: Option<&Bound<'py, PyAny>>,
    arg: Option<&Bound<'py, PyAny>>,
    original: impl FnOnce(Option<Bound<'py, PyTuple>>) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    match which {
        Which::Time => Ok(seconds(clock(py, "time")?).into_pyobject(py)?.into_any()),
        Which::TimeNs => Ok(clock(py, "time")?.into_pyobject(py)?.into_any()),
        Which::Monotonic | Which::PerfCounter => Ok(seconds(clock(py, "monotonic")?).into_pyobject(py)?.into_any()),
        Which::MonotonicNs | Which::PerfCounterNs => Ok(clock(py, "monotonic")?.into_pyobject(py)?.into_any()),
        Which::Sleep => {
            let given = state().given("sleep");
            if let Some(given) = given {
                // It has slept before.
                state().keep("sleep", given);
                return Ok(py.None().into_bound(py));
            }
            let done = original(None)?;
            if let Some(seconds) = arg.and_then(|arg| arg.extract::<f64>().ok()) {
                let seconds = seconds.into_pyobject(py)?.into_any().unbind();
                state().keep("sleep", seconds);
            }
            Ok(done)
        }
        Which::Urandom => {
            let count = arg.and_then(|arg| arg.extract::<usize>().ok());
            let given = count.and_then(|_| state().given("urandom"));
            if let (Some(count), Some(given)) = (count, given) {
                let bytes = py.get_type::<PyBytes>().call_method1("fromhex", (&given,))?;
                if bytes.len()? == count {
                    state().keep("urandom", given);
                    return Ok(bytes);
                }
            }
            let bytes = original(None)?;
            let hex = bytes.call_method0("hex")?.unbind();
            state().keep("urandom", hex);
            Ok(bytes)
        }
        Which::LocalTime | Which::GmTime | Which::CTime => {
            let given = arg.and_then(|args| args.get_item(0).ok()).is_some_and(|seconds| !seconds.is_none());
            match given || arg.is_some_and(|args| args.len().unwrap_or(0) > 1) {
                true => original(None),
                false => original(Some(PyTuple::new(py, [clock(py, "time")?.div_euclid(1_000_000_000)])?)),
            }
        }
        Which::StrFTime if arg.is_some_and(|args| args.len().unwrap_or(0) == 1) => {
            let format = arg.map(|args| args.get_item(0)).transpose()?;
            let seconds = clock(py, "time")?.div_euclid(1_000_000_000);
            let now = py.import("time")?.call_method1("localtime", (seconds,))?;
            original(Some(PyTuple::new(py, [format, Some(now)].into_iter().flatten().collect::<Vec<_>>())?))
        }
        Which::Random | Which::GetRandBits => draw(py, which == Which::Random, this, arg, || original(None)),
        Which::SetState => {
            if let Some(this) = this {
                seeded(this.as_ptr(), true);
            }
            original(None)
        }
        Which::Now | Which::UtcNow => {
            let own = state().datetime.as_ref().map(|class| class.clone_ref(py));
            let (Some(class), Some(this)) = (own, this) else { return original(None) };
            if !class.bind(py).is(this) {
                return original(None);
            }
            let nanos = clock(py, "time")?;
            let (seconds, micros) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000) / 1000);
            let whole = match (which, arg) {
                (Which::UtcNow, _) => this.call_method1("utcfromtimestamp", (seconds,))?,
                (_, None) => this.call_method1("fromtimestamp", (seconds,))?,
                (_, Some(tz)) => this.call_method1("fromtimestamp", (seconds, tz))?,
            };
            let parts = pyo3::types::PyDict::new(py);
            parts.set_item("microsecond", micros)?;
            whole.call_method("replace", (), Some(&parts))
        }
        _ => original(None),
    }
}

/// A draw from the module's own generator; others are the program's.
fn draw<'py>(
    py: Python<'py>,
    float: bool,
    this: Option<&Bound<'py, PyAny>>,
    arg: Option<&Bound<'py, PyAny>>,
    original: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let source = if float { "random" } else { "getrandbits" };
    let given = {
        let mut state = state();
        let own = state.generator.as_ref().zip(this).is_some_and(|(generator, this)| generator.is(this));
        if !own || state.seeded_here {
            drop(state);
            return original();
        }
        let given = state.given(source);
        if given.is_none() && state.seeded_before {
            state.went_on = true;
            drop(state);
            return original();
        }
        given
    };
    if let Some(given) = given {
        let bound = given.bind(py);
        let drawn = match float {
            true => Some(bound.clone()),
            false => arg
                .filter(|k| bound.get_item(0).and_then(|asked| asked.eq(k)).unwrap_or(false))
                .map(|_| bound.get_item(1))
                .transpose()?,
        };
        if let Some(drawn) = drawn {
            state().keep(source, given.clone_ref(py));
            return Ok(drawn);
        }
    }
    let drawn = original()?;
    let entry = match arg.filter(|_| !float) {
        None => drawn.clone().unbind(),
        Some(k) => PyList::new(py, [k, &drawn])?.into_any().unbind(),
    };
    state().keep(source, entry);
    Ok(drawn)
}

/// The nanoseconds that a clock shows, or showed.
fn clock(py: Python<'_>, source: &'static str) -> PyResult<i64> {
    let given = state().given(source);
    let nanos = match given {
        Some(given) => given.extract(py)?,
        None => {
            let now = clock_gettime(if source == "time" { ClockId::Realtime } else { ClockId::Monotonic });
            now.tv_sec.saturating_mul(1_000_000_000).saturating_add(now.tv_nsec)
        }
    };
    let value = nanos.into_pyobject(py)?.into_any().unbind();
    state().keep(source, value);
    Ok(nanos)
}

/// As `_PyTime_AsSecondsDouble` rounds.
fn seconds(nanos: i64) -> f64 {
    match nanos % 1_000_000_000 {
        0 => (nanos / 1_000_000_000) as f64,
        _ => nanos as f64 / 1e9,
    }
}
