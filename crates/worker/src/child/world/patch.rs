//! Puts functions of ours behind the names of CPython's C functions.
//!
//! Their objects stay what they are, so that no program can tell, whichever way it came by them.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use pyo3::ffi::{self, PyMethodDef, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::called;
use super::draws::seeded;

/// A function of CPython's that another stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Time,
    TimeNs,
    Monotonic,
    MonotonicNs,
    PerfCounter,
    PerfCounterNs,
    Urandom,
    Random,
    GetRandBits,
    Seed,
    SetState,
    LocalTime,
    GmTime,
    CTime,
    StrFTime,
    Now,
    UtcNow,
    Connect,
    ConnectEx,
    Send,
    SendAll,
    Recv,
    RecvInto,
    SendTo,
    SendMsg,
    TlsWrite,
    TlsRead,
    Sleep,
}

impl Which {
    const ALL: [Self; 28] = [
        Self::Time,
        Self::TimeNs,
        Self::Monotonic,
        Self::MonotonicNs,
        Self::PerfCounter,
        Self::PerfCounterNs,
        Self::Urandom,
        Self::Random,
        Self::GetRandBits,
        Self::Seed,
        Self::SetState,
        Self::LocalTime,
        Self::GmTime,
        Self::CTime,
        Self::StrFTime,
        Self::Now,
        Self::UtcNow,
        Self::Connect,
        Self::ConnectEx,
        Self::Send,
        Self::SendAll,
        Self::Recv,
        Self::RecvInto,
        Self::SendTo,
        Self::SendMsg,
        Self::TlsWrite,
        Self::TlsRead,
        Self::Sleep,
    ];
}

const COUNT: usize = Which::ALL.len();

/// What they were before.
static ORIGINALS: [AtomicPtr<()>; COUNT] = [const { AtomicPtr::new(std::ptr::null_mut()) }; COUNT];
/// Whether an invocation is journalled at the moment.
pub(super) static ACTIVE: AtomicBool = AtomicBool::new(false);

/// What stands in the dict of a class, unbound.
pub(super) fn raw<'py>(class: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    class.getattr("__dict__")?.get_item(name)
}

/// Whether the code that calls at the moment is a client library's own, whose native counterpart draws nothing.
pub(super) fn is_client_library(py: Python<'_>) -> bool {
    // SAFETY: the interpreter's lock is held; the dict belongs to the frame that is under way, and is borrowed.
    let globals = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetGlobals()) };
    let name =
        globals.and_then(|globals| globals.get_item("__name__").ok()).and_then(|name| name.extract::<String>().ok());
    name.is_some_and(|name| {
        matches!(name.split('.').next(), Some("requests" | "urllib3" | "httpx" | "httpcore" | "h11"))
            || matches!(name.as_str(), "http.cookiejar" | "urllib.request")
    })
}

/// The definition that a C function or method is made of.
///
/// It is valid as long as the function's module, which is never unloaded.
fn definition(function: &Bound<'_, PyAny>) -> PyResult<*mut PyMethodDef> {
    let kind = function.get_type().name()?.to_string();
    match kind.as_str() {
        // SAFETY: objects of this type are a `PyCFunctionObject`.
        "builtin_function_or_method" => Ok(unsafe { (*function.as_ptr().cast::<ffi::PyCFunctionObject>()).m_ml }),
        "method_descriptor" | "classmethod_descriptor" => {
            // SAFETY: objects of these types are a `PyMethodDescrObject`.
            Ok(unsafe { (*function.as_ptr().cast::<ffi::PyMethodDescrObject>()).d_method })
        }
        _ => Err(pyo3::exceptions::PyTypeError::new_err(format!("{kind} is no C function"))),
    }
}

// SAFETY: what is called through these is what CPython itself has for functions with such flags.
type Two = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;
type Three = unsafe extern "C" fn(*mut PyObject, *mut PyObject, *mut PyObject) -> *mut PyObject;
type Fast = unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, ffi::Py_ssize_t) -> *mut PyObject;
type Keywords =
    unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, ffi::Py_ssize_t, *mut PyObject) -> *mut PyObject;

/// Stands in for a function without arguments, with one, or with a tuple of them.
// SAFETY: CPython alone calls it, with the interpreter's lock, and with objects that it keeps meanwhile.
pub(super) unsafe extern "C" fn two<const N: usize>(this: *mut PyObject, arg: *mut PyObject) -> *mut PyObject {
    let original = |arg: *mut PyObject| {
        // SAFETY: `install` stored what CPython has there, which takes these arguments, as its flags said.
        unsafe { std::mem::transmute::<*mut (), Two>(ORIGINALS[N].load(Ordering::Relaxed))(this, arg) }
    };
    if !ACTIVE.load(Ordering::Relaxed) && N != Which::SetState as usize {
        return original(arg);
    }
    // SAFETY: CPython calls this as a function of its own: with the interpreter's lock, and with objects that it keeps.
    unsafe {
        let py = Python::assume_attached();
        let this = Bound::from_borrowed_ptr_or_opt(py, this);
        let given = Bound::from_borrowed_ptr_or_opt(py, arg);
        let original = |other: Option<Bound<'_, PyTuple>>| {
            let arg = other.as_ref().map_or(arg, |other| other.as_ptr());
            Bound::from_owned_ptr_or_err(py, original(arg))
        };
        finish(called(py, Which::ALL[N], this.as_ref(), given.as_ref(), None, original))
    }
}

/// Stands in for a function with a tuple of arguments and a dict of named ones, or none.
// SAFETY: as `two`.
pub(super) unsafe extern "C" fn three<const N: usize>(
    this: *mut PyObject,
    args: *mut PyObject,
    names: *mut PyObject,
) -> *mut PyObject {
    let original = || {
        // SAFETY: as in `two`.
        unsafe { std::mem::transmute::<*mut (), Three>(ORIGINALS[N].load(Ordering::Relaxed))(this, args, names) }
    };
    if !ACTIVE.load(Ordering::Relaxed) {
        return original();
    }
    // SAFETY: as in `two`; the names are a dict, if there are any.
    unsafe {
        let py = Python::assume_attached();
        let this = Bound::from_borrowed_ptr_or_opt(py, this);
        let args = Bound::from_borrowed_ptr_or_opt(py, args);
        let names = Bound::from_borrowed_ptr_or_opt(py, names);
        let names = names.as_ref().and_then(|names| names.cast::<PyDict>().ok());
        let original = |_other| Bound::from_owned_ptr_or_err(py, original());
        finish(called(py, Which::ALL[N], this.as_ref(), args.as_ref(), names, original))
    }
}

/// Stands in for `seed`.
// SAFETY: as `two`; there are `count` arguments.
pub(super) unsafe extern "C" fn fast<const N: usize>(
    this: *mut PyObject,
    args: *const *mut PyObject,
    count: ffi::Py_ssize_t,
) -> *mut PyObject {
    // SAFETY: as in `two`; there are `count` arguments.
    unsafe {
        let none = count == 0 || *args == ffi::Py_None();
        seeded(this, !none);
        std::mem::transmute::<*mut (), Fast>(ORIGINALS[N].load(Ordering::Relaxed))(this, args, count)
    }
}

/// Stands in for `datetime.now`.
// SAFETY: as `two`; there are `count` arguments, and as many behind them as `names` has names.
pub(super) unsafe extern "C" fn keywords<const N: usize>(
    this: *mut PyObject,
    args: *const *mut PyObject,
    count: ffi::Py_ssize_t,
    names: *mut PyObject,
) -> *mut PyObject {
    let original = || {
        // SAFETY: as in `two`.
        unsafe {
            std::mem::transmute::<*mut (), Keywords>(ORIGINALS[N].load(Ordering::Relaxed))(this, args, count, names)
        }
    };
    // With wrong arguments it says so itself.
    let plain = names.is_null() && (0..=1).contains(&count);
    // SAFETY: as in `two`; a tuple of names says how many arguments are behind the positional ones.
    unsafe {
        let py = Python::assume_attached();
        let named = || {
            let names = Bound::from_borrowed_ptr(py, names).cast_into::<PyTuple>()?;
            PyResult::Ok(count == 0 && names.len() == 1 && names.get_item(0)?.eq("tz")?)
        };
        if !ACTIVE.load(Ordering::Relaxed) || !(plain || !names.is_null() && named().unwrap_or(false)) {
            return original();
        }
        let tz = if count == 0 && names.is_null() { None } else { Some(Bound::from_borrowed_ptr(py, *args)) };
        let class = Bound::from_borrowed_ptr(py, this);
        let original = |_other| Bound::from_owned_ptr_or_err(py, original());
        finish(called(py, Which::ALL[N], Some(&class), tz.as_ref(), None, original))
    }
}

fn finish(result: PyResult<Bound<'_, PyAny>>) -> *mut PyObject {
    match result {
        Ok(value) => value.into_ptr(),
        Err(error) => Python::attach(|py| {
            error.restore(py);
            std::ptr::null_mut()
        }),
    }
}

/// One function to stand in for: which, its object, its calling convention, and what stands in.
pub(super) type StandIn<'py> = (Which, Bound<'py, PyAny>, c_int, *mut ());

/// Puts each function behind the name of CPython's own.
pub(super) fn replace(functions: &[StandIn<'_>]) -> PyResult<()> {
    for (which, function, flags, journalled) in functions {
        // SAFETY: `function` is what CPython has under that name; its type tells where the definition is. Nobody calls it
        // at the moment: the zygote has one thread, which is here.
        unsafe {
            let definition = definition(function)?;
            if (*definition).ml_flags != *flags {
                let text = format!("{function} has another calling convention than CPython 3.11's");
                return Err(pyo3::exceptions::PyTypeError::new_err(text));
            }
            // The union's members are all one function pointer, or null.
            let place = (&raw mut (*definition).ml_meth).cast::<*mut ()>();
            ORIGINALS[*which as usize].store(*place, Ordering::Relaxed);
            *place = *journalled;
        }
    }
    Ok(())
}
