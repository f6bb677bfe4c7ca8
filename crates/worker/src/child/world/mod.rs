//! What an invocation draws from the world in CPython, and what it exchanges with it: kept in a journal, or answered from one.
//!
//! The functions that ask the world are C functions; [`install`] puts others behind their names, once, in the zygote.
//! Outside of an invocation that is journalled they do what they always did.

mod draws;
mod patch;
mod sockets;
mod traffic;

use std::sync::atomic::Ordering;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use patch::{ACTIVE, StandIn, Which, fast, keywords, raw, three, two};

/// The door of the prelude to the journal.
#[pyclass(frozen)]
pub(super) struct World;

#[pymethods]
impl World {
    /// What the program does to the generator counts from now on.
    fn start(&self) {
        draws::start();
    }

    /// Journals what follows; `given` is the journal of an earlier run, `[source, value]` each, which comes first.
    fn begin(&self, py: Python<'_>, given: Vec<(String, Py<PyAny>)>) -> PyResult<()> {
        let (exchanges, drawn) = given.into_iter().partition::<Vec<_>, _>(|(source, _)| source == sockets::SOURCE);
        sockets::begin(exchanges.into_iter().map(|(_, value)| value.into_bound(py)).collect())?;
        draws::begin(drawn);
        ACTIVE.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The journal since [`World::begin`], whether some of its draws went on from a seed of an earlier invocation,
    /// and what a rerun sent otherwise than the earlier run.
    fn end<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyList>, bool, Option<String>)> {
        ACTIVE.store(false, Ordering::Relaxed);
        let (drawn, went_on) = draws::end();
        let (exchanges, differs) = sockets::end(py)?;
        let journal = PyList::new(py, drawn)?;
        for exchange in exchanges {
            journal.append((sockets::SOURCE, exchange))?;
        }
        Ok((journal, went_on, differs))
    }
}

/// What takes the place of a call; `original` may be given other arguments, where it takes a tuple of them.
fn called<'py>(
    py: Python<'py>,
    which: Which,
    this: Option<&Bound<'py, PyAny>>,
    arg: Option<&Bound<'py, PyAny>>,
    names: Option<&Bound<'py, PyDict>>,
    original: impl Fn(Option<Bound<'py, PyTuple>>) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    match (which, this) {
        (
            Which::Connect
            | Which::ConnectEx
            | Which::Send
            | Which::SendAll
            | Which::Recv
            | Which::RecvInto
            | Which::SendTo
            | Which::SendMsg
            | Which::TlsWrite
            | Which::TlsRead,
            Some(this),
        ) => sockets::called(py, which, this, arg, names, || original(None)),
        _ if patch::is_client_library(py) => original(None),
        _ => draws::journalled(py, which, this, arg, original),
    }
}

/// A function of CPython's: which, its object, how it is called, and what stands in for it.
macro_rules! stand_in {
    ($which:ident, $function:expr, $flags:expr, $code:ident) => {
        (Which::$which, $function, $flags, $code::<{ Which::$which as usize }> as *mut ())
    };
}

/// Puts the journalling functions behind the names of CPython's own.
pub(super) fn install(py: Python<'_>) -> PyResult<()> {
    let (time, os, random, datetime) =
        (py.import("time")?, py.import("os")?, py.import("random")?, py.import("datetime")?);
    let class = datetime.getattr("datetime")?;
    draws::install(random.getattr("_inst")?.unbind(), class.clone().unbind());
    let twister = py.import("_random")?.getattr("Random")?;
    let socket = py.import("_socket")?.getattr("socket")?;
    let tls = py.import("_ssl")?.getattr("_SSLSocket")?;
    let noargs = ffi::METH_NOARGS;
    let keywords_of_class = ffi::METH_FASTCALL | ffi::METH_KEYWORDS | ffi::METH_CLASS;
    let functions: &[StandIn<'_>] = &[
        stand_in!(Time, time.getattr("time")?, noargs, two),
        stand_in!(TimeNs, time.getattr("time_ns")?, noargs, two),
        stand_in!(Monotonic, time.getattr("monotonic")?, noargs, two),
        stand_in!(MonotonicNs, time.getattr("monotonic_ns")?, noargs, two),
        stand_in!(PerfCounter, time.getattr("perf_counter")?, noargs, two),
        stand_in!(PerfCounterNs, time.getattr("perf_counter_ns")?, noargs, two),
        stand_in!(Sleep, time.getattr("sleep")?, ffi::METH_O, two),
        stand_in!(LocalTime, time.getattr("localtime")?, ffi::METH_VARARGS, two),
        stand_in!(GmTime, time.getattr("gmtime")?, ffi::METH_VARARGS, two),
        stand_in!(CTime, time.getattr("ctime")?, ffi::METH_VARARGS, two),
        stand_in!(StrFTime, time.getattr("strftime")?, ffi::METH_VARARGS, two),
        stand_in!(Urandom, os.getattr("urandom")?, ffi::METH_O, two),
        stand_in!(Random, raw(&twister, "random")?, noargs, two),
        stand_in!(GetRandBits, raw(&twister, "getrandbits")?, ffi::METH_O, two),
        stand_in!(Seed, raw(&twister, "seed")?, ffi::METH_FASTCALL, fast),
        stand_in!(SetState, raw(&twister, "setstate")?, ffi::METH_O, two),
        stand_in!(Now, raw(&class, "now")?, keywords_of_class, keywords),
        stand_in!(UtcNow, raw(&class, "utcnow")?, noargs | ffi::METH_CLASS, two),
        stand_in!(Connect, raw(&socket, "connect")?, ffi::METH_O, two),
        stand_in!(ConnectEx, raw(&socket, "connect_ex")?, ffi::METH_O, two),
        stand_in!(Send, raw(&socket, "send")?, ffi::METH_VARARGS, two),
        stand_in!(SendAll, raw(&socket, "sendall")?, ffi::METH_VARARGS, two),
        stand_in!(Recv, raw(&socket, "recv")?, ffi::METH_VARARGS, two),
        stand_in!(RecvInto, raw(&socket, "recv_into")?, ffi::METH_VARARGS | ffi::METH_KEYWORDS, three),
        stand_in!(SendTo, raw(&socket, "sendto")?, ffi::METH_VARARGS, two),
        stand_in!(SendMsg, raw(&socket, "sendmsg")?, ffi::METH_VARARGS, two),
        stand_in!(TlsWrite, raw(&tls, "write")?, ffi::METH_O, two),
        stand_in!(TlsRead, raw(&tls, "read")?, ffi::METH_VARARGS, two),
    ];
    patch::replace(functions)
}
