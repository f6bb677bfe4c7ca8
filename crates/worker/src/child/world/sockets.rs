//! Sockets of Python: what goes over them is kept as exchanges, and a rerun is answered from these.
//!
//! The methods are those of `_socket.socket` (`Modules/socketmodule.c`), under everything that talks HTTP in Python.
//! Under TLS (`Modules/_ssl.c`) it is what is sent and received before it is encrypted and after it was decrypted; a pretended
//! connection never begins with TLS, so that the bytes of a rerun pass the socket's own methods.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyMemoryError, PyOSError, PySystemExit, PyTimeoutError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList, PyString, PyTuple};
use rustix::io::Errno;

use super::patch::Which;
use super::traffic::{Connect, End, Exchange, Receive, Send, Traffic};

/// The journal's word for an exchange; native code has the same.
pub(super) const SOURCE: &str = "exchange";

/// `AF_INET` and `AF_INET6`
const INTERNET: [i64; 2] = [2, 10];

/// Locked only for moments in which no Python code can run.
static TRAFFIC: Mutex<Option<Traffic>> = Mutex::new(None);

/// Where sockets were said to connect to while the journal came first, by the descriptor.
static ADDRESSES: Mutex<BTreeMap<i64, Py<PyAny>>> = Mutex::new(BTreeMap::new());

/// The traffic of the invocation under way.
fn traffic<R>(with: impl FnOnce(&mut Traffic) -> R) -> R {
    let mut guard = TRAFFIC.lock().unwrap_or_else(PoisonError::into_inner);
    with(guard.get_or_insert_with(Traffic::default))
}

fn addresses() -> MutexGuard<'static, BTreeMap<i64, Py<PyAny>>> {
    ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins an invocation whose first exchanges are these values of the journal.
pub(super) fn begin(given: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
    let given = given.iter().map(from_journal).collect::<PyResult<_>>()?;
    traffic(|traffic| traffic.begin(given));
    Ok(())
}

/// The journal's values, and what the rerun did otherwise than the earlier run.
pub(super) fn end(py: Python<'_>) -> PyResult<(Vec<Bound<'_, PyAny>>, Option<String>)> {
    let (done, differs) = traffic(Traffic::end);
    let forgotten = std::mem::take(&mut *addresses());
    drop(forgotten);
    let values = done.iter().map(|exchange| Ok(to_journal(py, exchange)?.into_any())).collect::<PyResult<_>>()?;
    Ok((values, differs))
}

/// `[port, sent, received, end]`, the bytes as text of Latin-1.
fn to_journal<'py>(py: Python<'py>, exchange: &Exchange) -> PyResult<Bound<'py, PyList>> {
    let text = |bytes: &[u8]| PyBytes::new(py, bytes).call_method1("decode", ("latin-1",));
    let end = match exchange.end {
        End::Open => "open".to_owned(),
        End::Closed => "closed".to_owned(),
        End::TimedOut => "timeout".to_owned(),
        End::Failed(number) => number.to_string(),
    };
    let space = if exchange.at.is_empty() { "" } else { " " };
    let to = PyString::new(py, &format!("{}{space}{}", exchange.to, exchange.at)).into_any();
    let end = PyString::new(py, &end).into_any();
    PyList::new(py, [to, text(&exchange.sent)?, text(&exchange.received)?, end])
}

fn from_journal(value: &Bound<'_, PyAny>) -> PyResult<Exchange> {
    let (to, sent, received, end): (String, Bound<'_, PyString>, Bound<'_, PyString>, String) =
        value.cast::<PyList>()?.to_tuple().extract()?;
    let bytes = |text: Bound<'_, PyString>| text.call_method1("encode", ("latin-1",))?.extract::<Vec<u8>>();
    let end = match end.as_str() {
        "open" => End::Open,
        "closed" => End::Closed,
        "timeout" => End::TimedOut,
        number => End::Failed(number.parse().unwrap_or(0)),
    };
    let (to, at) = to.split_once(' ').unwrap_or((&to, ""));
    let (to, at) = (to.to_owned(), at.to_owned());
    Ok(Exchange { to, at, sent: bytes(sent)?, received: bytes(received)?, end })
}

/// The call of a socket's method; `original` does it in the world.
pub(super) fn called<'py>(
    py: Python<'py>,
    which: Which,
    this: &Bound<'py, PyAny>,
    arg: Option<&Bound<'py, PyAny>>,
    keywords: Option<&Bound<'py, PyDict>>,
    original: impl Fn() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    // A socket that TLS is put around is another object over the same descriptor.
    let owner = if matches!(which, Which::TlsWrite | Which::TlsRead) { this.getattr("owner")? } else { this.clone() };
    let number = |value: PyResult<Bound<'py, PyAny>>| value.and_then(|value| value.extract::<i64>());
    // Others lead to this machine alone: an event loop wakes itself over such a pair.
    let is_internet = number(owner.getattr("family")).is_ok_and(|family| INTERNET.contains(&family));
    let Some(key) = number(owner.call_method0("fileno")).ok().filter(|_| is_internet) else { return original() };
    let this = &owner;
    if !matches!(which, Which::Connect | Which::ConnectEx) && traffic(|traffic| traffic.is_unknown(key)) {
        let (to, at) = this.call_method0("getpeername").map_or_else(|_| Default::default(), |address| place(&address));
        traffic(|traffic| traffic.know(key, &to, &at));
    }
    let first = || arg.and_then(|args| args.cast::<PyTuple>().ok()).and_then(|args| args.get_item(0).ok());
    match (which, arg) {
        (Which::Connect | Which::ConnectEx, Some(address)) => connect(py, which, key, address, original),
        (Which::TlsWrite, Some(data)) => match bytes_of(data) {
            Some(data) => send(py, which, key, this, &data, original),
            None => original(),
        },
        (Which::TlsRead, Some(args)) => {
            let into = args.get_item(1).ok();
            match into.or_else(first) {
                Some(first) => receive(py, which, key, &first, (arg, keywords), original),
                None => original(),
            }
        }
        (Which::Send | Which::SendAll, Some(_)) => match first().and_then(|data| bytes_of(&data)) {
            Some(data) => send(py, which, key, this, &data, original),
            None => original(),
        },
        (Which::Recv | Which::RecvInto, Some(_)) => match first() {
            Some(first) => receive(py, which, key, &first, (arg, keywords), original),
            None => original(),
        },
        (Which::SendTo | Which::SendMsg, _) => match traffic(|traffic| traffic.refuse("a datagram")) {
            Some(text) => Err(PySystemExit::new_err(text)),
            None => original(),
        },
        _ => original(),
    }
}

/// What a bytes-like object holds.
fn bytes_of(data: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Some(bytes.as_bytes().to_vec());
    }
    let view = data.py().import("builtins").ok()?.call_method1("memoryview", (data,)).ok()?;
    view.call_method0("tobytes").ok()?.extract().ok()
}

/// The port and the address.
fn place(address: &Bound<'_, PyAny>) -> (String, String) {
    let part = |at| address.cast::<PyTuple>().ok().and_then(|address| address.get_item(at).ok());
    let text = |part: Bound<'_, PyAny>| part.str().map_or_else(|_| String::new(), |text| text.to_string());
    (text(part(1).unwrap_or_else(|| address.clone())), part(0).map_or_else(String::new, text))
}

fn error_of(py: Python<'_>, error: &PyErr) -> End {
    if error.is_instance_of::<PyTimeoutError>(py) && error.value(py).getattr("errno").is_ok_and(|errno| errno.is_none())
    {
        return End::TimedOut;
    }
    let number = error.value(py).getattr("errno").and_then(|errno| errno.extract()).unwrap_or(0);
    End::Failed(number)
}

/// Whether the operation is only to be tried again.
fn is_later(end: &End) -> bool {
    let later = [Errno::AGAIN, Errno::INPROGRESS, Errno::ALREADY, Errno::INTR].map(Errno::raw_os_error);
    matches!(end, End::Failed(number) if later.contains(number))
}

fn raised(end: &End) -> PyErr {
    match end {
        End::TimedOut => PyTimeoutError::new_err("timed out"),
        // More came than the invocation may hold.
        End::Failed(number) if *number == Errno::NOMEM.raw_os_error() => PyMemoryError::new_err(()),
        End::Failed(number) => {
            let text = std::io::Error::from_raw_os_error(*number).to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            PyOSError::new_err((*number, text))
        }
        End::Open | End::Closed => PyOSError::new_err("the connection failed"),
    }
}

fn connect<'py>(
    py: Python<'py>,
    which: Which,
    key: i64,
    address: &Bound<'py, PyAny>,
    original: impl Fn() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (to, at) = place(address);
    let numbered = |number: i32| Ok(number.into_pyobject(py)?.into_any());
    match (traffic(|traffic| traffic.connect(key, &to, &at)), which) {
        (Connect::Pretended, _) => {
            // Kept for the moment when the journal is used up.
            addresses().insert(key, address.clone().unbind());
            if matches!(which, Which::ConnectEx) { numbered(0) } else { Ok(py.None().into_bound(py)) }
        }
        (Connect::Failed(End::Failed(number)), Which::ConnectEx) => numbered(number),
        (Connect::Failed(end), _) => Err(raised(&end)),
        (Connect::Real, Which::ConnectEx) => {
            let result = original()?;
            let end = End::Failed(result.extract().unwrap_or(0));
            if end != End::Failed(0) && !is_later(&end) {
                traffic(|traffic| traffic.not_connected(&to, &at, end));
            }
            Ok(result)
        }
        (Connect::Real, _) => original().inspect_err(|error| {
            let end = error_of(py, error);
            if !is_later(&end) {
                traffic(|traffic| traffic.not_connected(&to, &at, end));
            }
        }),
    }
}

fn send<'py>(
    py: Python<'py>,
    which: Which,
    key: i64,
    this: &Bound<'py, PyAny>,
    data: &[u8],
    original: impl Fn() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let numbered = |count: usize| Ok(count.into_pyobject(py)?.into_any());
    match traffic(|traffic| traffic.send(key, data)) {
        Send::Refused(text) => return Err(PySystemExit::new_err(text)),
        Send::Kept if matches!(which, Which::Send | Which::TlsWrite) => return numbered(data.len()),
        Send::Kept => return Ok(py.None().into_bound(py)),
        Send::ConnectFirst => {
            let address = addresses().remove(&key);
            this.call_method1("connect", (address,))?;
            if this.getattr("_sslobj").is_ok_and(|tls| !tls.is_none()) {
                // By now there is TLS around it.
                let name = if matches!(which, Which::Send) { "send" } else { "sendall" };
                return this.call_method1(name, (PyBytes::new(py, data),));
            }
        }
        Send::Real => {}
    }
    let result = original();
    match &result {
        Ok(count) => {
            let count = count.extract().unwrap_or(data.len());
            traffic(|traffic| traffic.sent(key, &data[..count.min(data.len())]));
        }
        Err(error) => {
            let end = error_of(py, error);
            if !is_later(&end) {
                traffic(|traffic| traffic.failed(key, end));
            }
        }
    }
    result
}

fn receive<'py>(
    py: Python<'py>,
    which: Which,
    key: i64,
    first: &Bound<'py, PyAny>,
    (args, keywords): (Option<&Bound<'py, PyAny>>, Option<&Bound<'py, PyDict>>),
    original: impl Fn() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let args_of_tls = matches!(which, Which::TlsRead);
    let into = matches!(which, Which::RecvInto) || args_of_tls && !first.is_instance_of::<PyInt>();
    let view = || py.import("builtins")?.call_method1("memoryview", (first,))?.call_method1("cast", ("B",));
    // `recv_into(buffer, count)`, and `read(count, buffer)` of TLS.
    let second = match args.and_then(|args| args.get_item(usize::from(!args_of_tls)).ok()) {
        Some(second) => Some(second),
        None => keywords.map(|keywords| keywords.get_item("nbytes")).transpose()?.flatten(),
    };
    let most = match into {
        true => {
            let size = view()?.len()?;
            second.and_then(|count| count.extract().ok()).filter(|count| *count > 0).unwrap_or(size).min(size)
        }
        false => first.extract().unwrap_or(0),
    };
    if most == 0 {
        return original();
    }
    match traffic(|traffic| traffic.receive(key, most)) {
        Receive::Refused(text) => return Err(PySystemExit::new_err(text)),
        Receive::TimedOut => return Err(raised(&End::TimedOut)),
        Receive::Failed(number) => return Err(raised(&End::Failed(number))),
        Receive::Bytes(bytes) if into => {
            let part = pyo3::types::PySlice::new(py, 0, bytes.len() as isize, 1);
            view()?.set_item(part, PyBytes::new(py, &bytes))?;
            return Ok(bytes.len().into_pyobject(py)?.into_any());
        }
        Receive::Bytes(bytes) => return Ok(PyBytes::new(py, &bytes).into_any()),
        Receive::Real => {}
    }
    let result = original();
    match &result {
        Ok(count) if into => {
            let count: usize = count.extract().unwrap_or(0);
            let part = pyo3::types::PySlice::new(py, 0, count as isize, 1);
            let bytes: Vec<u8> = view()?.get_item(part)?.call_method0("tobytes")?.extract()?;
            traffic(|traffic| traffic.received(key, &bytes));
        }
        Ok(bytes) => {
            let bytes: Vec<u8> = bytes.extract()?;
            traffic(|traffic| traffic.received(key, &bytes));
        }
        Err(error) => {
            let end = error_of(py, error);
            if !is_later(&end) {
                traffic(|traffic| traffic.failed(key, end));
            }
        }
    }
    result
}
