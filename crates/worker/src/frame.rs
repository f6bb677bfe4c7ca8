//! The frames on a worker's socket: length (4 bytes, little-endian), kind (1 byte), payload.
//!
//! The daemon sends frames of the other kinds than [`LOG`], [`LINE_END`] and [`REPLY`]; the worker takes one after another, and
//! answers each with any number of [`LOG`] and [`LINE_END`] and then one [`REPLY`].

use bytes::{Buf, Bytes, BytesMut};
use serde::Serialize;
use upshift_tracer::{Instrumented, LinkedCodes, TopFunction};

use crate::error::WorkerError;

/// Load a module; payload: JSON of [`Load`].
pub(crate) const LOAD: u8 = b'L';
/// Check a source's syntax; payload: JSON of [`Check`].
pub(crate) const CHECK: u8 = b'C';
/// Compile what a module runs as while it is traced; payload: JSON of [`Instrument`].
pub(crate) const INSTRUMENT: u8 = b'I';
/// Take that up; payload: the body of the answer to [`INSTRUMENT`].
pub(crate) const TAKE_UP: u8 = b'U';
/// Say what the module holds; no payload.
pub(crate) const DESCRIBE: u8 = b'D';
/// Say what the module's state is; no payload.
pub(crate) const TAKE_STATE: u8 = b'S';
/// Take up a state; payload: the document, as `State` of the recorder writes it.
pub(crate) const PUT_STATE: u8 = b's';
/// Run the action's own code; payload: [`run`].
pub(crate) const PLAIN: u8 = b'P';
/// The same, of an action that stays in CPython; payload: [`run`].
pub(crate) const SETTLED: u8 = b'Q';
/// Run the action's own code, and keep a journal; payload: [`run`].
pub(crate) const JOURNALLED: u8 = b'J';
/// Run the instrumented code, and keep a journal; payload: [`run`].
pub(crate) const TRACED: u8 = b'T';
/// Written by the action; payload: stream (1 or 2), Unix time in nanoseconds (8 bytes), bytes.
pub(crate) const LOG: u8 = b'o';
/// Lines of the log whose ends are missing end here; no payload.
pub(crate) const LINE_END: u8 = b'e';
/// The end of what was asked for; payload: [`Answer`].
pub(crate) const REPLY: u8 = b'r';

/// The status byte of a [`REPLY`]; `prelude/warm.py` has the same numbers.
pub(crate) mod status {
    pub(crate) const SUCCESS: u8 = 0;
    pub(crate) const RAISED: u8 = 1;
    pub(crate) const NOT_DICT_OR_ARRAY: u8 = 2;
    pub(crate) const NOT_SERIALISABLE: u8 = 3;
    pub(crate) const OUT_OF_MEMORY: u8 = 4;
    pub(crate) const EXITED: u8 = 5;
}

/// Bytes before the payload.
pub(crate) const HEADER: usize = 5;
/// No worker has a reason to send a larger frame.
const LARGEST: usize = 256 << 20;

/// A frame without a payload.
pub(crate) fn empty(kind: u8) -> Result<Vec<u8>, WorkerError> {
    end(begin(kind, 0))
}

/// A frame with that payload.
pub(crate) fn bytes(kind: u8, payload: &[u8]) -> Result<Vec<u8>, WorkerError> {
    let mut frame = begin(kind, payload.len());
    frame.extend_from_slice(payload);
    end(frame)
}

/// The payload of [`LOAD`].
#[derive(Serialize)]
pub(crate) struct Load<'a> {
    pub(crate) source: &'a str,
    pub(crate) filename: &'a str,
    pub(crate) main: &'a str,
    pub(crate) directory: Option<String>,
    pub(crate) packages: Option<String>,
    pub(crate) temporary: Option<String>,
    pub(crate) instrumented: Option<Recorded<'a>>,
    pub(crate) watched: &'a [String],
    pub(crate) variables: &'a [String],
    pub(crate) environment: serde_json::Value,
}

/// The payload of [`CHECK`].
#[derive(Serialize)]
pub(crate) struct Check<'a> {
    pub(crate) source: &'a str,
    pub(crate) filename: &'a str,
}

/// What the recorder is to know of [`Instrumented`], which is all but the code.
#[derive(Serialize)]
pub(crate) struct Recorded<'a> {
    functions: &'a [TopFunction],
    sites: u32,
    names: &'a [String],
    codes: &'a [(String, u32, u32)],
    computed: &'a [u32],
    linked: &'a [LinkedCodes],
}

impl<'a> Recorded<'a> {
    pub(crate) fn of(instrumented: &'a Instrumented) -> Self {
        let Instrumented { functions, sites, names, codes, computed, linked, .. } = instrumented;
        Self { functions, sites: *sites, names, codes, computed, linked }
    }
}

/// The payload of [`INSTRUMENT`].
#[derive(Serialize)]
pub(crate) struct Instrument<'a> {
    pub(crate) source: &'a str,
    pub(crate) filename: &'a str,
    pub(crate) instrumented: &'a Instrumented,
}

/// The payload of [`REPLY`]: status (1 byte), nanoseconds by the clock and of processors (8 bytes each), and the strings,
/// each after its length (4 bytes).
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u8,
    pub(crate) nanos: u64,
    pub(crate) cpu_nanos: u64,
    /// JSON of the result, or a message.
    pub(crate) body: Vec<u8>,
    /// Class of the exception.
    pub(crate) exception: String,
    /// Empty if there are none.
    pub(crate) observations: String,
    /// Empty if there is none.
    pub(crate) trace_error: String,
    /// Names, one a line; for [`LOAD`], anything if it drew from the world.
    pub(crate) changed: String,
    /// What the run drew from the world; empty if that was not asked for, or nothing.
    pub(crate) journal: String,
    /// What it sent otherwise than the run whose journal it went by; empty if nothing.
    pub(crate) differs: String,
    /// The module's state before and after, and why it cannot leave the process; each empty where there is nothing to say.
    pub(crate) state: [String; 3],
}

/// A frame whose payload is the JSON of `value`.
pub(crate) fn json(kind: u8, value: &impl Serialize) -> Result<Vec<u8>, WorkerError> {
    let mut frame = begin(kind, 256);
    serde_json::to_writer(&mut frame, value).map_err(std::io::Error::from)?;
    end(frame)
}

/// A frame that asks for a run: length of the environment (4 bytes), that (`NAME=value`, separated by zero bytes),
/// length of the journal to go by (4 bytes), that, the arguments' JSON.
pub(crate) fn run(
    kind: u8,
    environment: &[(String, String)],
    journal: &[u8],
    args: &[u8],
) -> Result<Vec<u8>, WorkerError> {
    let length: usize = environment.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut frame = begin(kind, 8 + length + journal.len() + args.len());
    frame.extend_from_slice(&[0; 4]);
    // A process's environment cannot have zero bytes.
    for (name, value) in environment.iter().filter(|(name, value)| !name.contains('\0') && !value.contains('\0')) {
        if frame.len() > HEADER + 4 {
            frame.push(0);
        }
        frame.extend_from_slice(name.as_bytes());
        frame.push(b'=');
        frame.extend_from_slice(value.as_bytes());
    }
    let length = u32::try_from(frame.len() - HEADER - 4).map_err(|_| TOO_LARGE)?;
    frame[HEADER..HEADER + 4].copy_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&u32::try_from(journal.len()).map_err(|_| TOO_LARGE)?.to_le_bytes());
    frame.extend_from_slice(journal);
    frame.extend_from_slice(args);
    end(frame)
}

/// An environment as a JSON object.
pub(crate) fn variables(environment: &[(String, String)]) -> serde_json::Value {
    environment
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Whether a frame asks for a run.
pub(crate) fn is_run(frame: &[u8]) -> bool {
    matches!(header(frame), Some((_, PLAIN | SETTLED | JOURNALLED | TRACED)))
}

/// A log frame.
pub(crate) fn log(stream: u8, nanos: i64, bytes: &[u8]) -> Result<Vec<u8>, WorkerError> {
    let mut frame = begin(LOG, 9 + bytes.len());
    frame.push(stream);
    frame.extend_from_slice(&nanos.to_le_bytes());
    frame.extend_from_slice(bytes);
    end(frame)
}

impl Answer {
    /// The frame that says this.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, WorkerError> {
        let [before, after, stays] = &self.state;
        let strings: [&[u8]; 10] = [
            &self.body,
            self.exception.as_bytes(),
            self.observations.as_bytes(),
            self.trace_error.as_bytes(),
            self.changed.as_bytes(),
            self.journal.as_bytes(),
            self.differs.as_bytes(),
            before.as_bytes(),
            after.as_bytes(),
            stays.as_bytes(),
        ];
        let mut frame = begin(REPLY, 64 + strings.iter().map(|bytes| bytes.len()).sum::<usize>());
        frame.push(self.status);
        frame.extend_from_slice(&self.nanos.to_le_bytes());
        frame.extend_from_slice(&self.cpu_nanos.to_le_bytes());
        for bytes in strings {
            frame.extend_from_slice(&u32::try_from(bytes.len()).map_err(|_| TOO_LARGE)?.to_le_bytes());
            frame.extend_from_slice(bytes);
        }
        end(frame)
    }

    /// Whether the process ends after it, and takes up nothing that was sent.
    pub(crate) fn is_last(&self) -> bool {
        matches!(self.status, status::OUT_OF_MEMORY | status::EXITED)
    }

    /// The inverse of [`Answer::encode`], without the header.
    pub(crate) fn decode(mut payload: Bytes) -> Result<Self, WorkerError> {
        const SHORT: WorkerError = WorkerError::Protocol("a reply is too short");
        let status = payload.try_get_u8().map_err(|_| SHORT)?;
        let nanos = payload.try_get_u64_le().map_err(|_| SHORT)?;
        let cpu_nanos = payload.try_get_u64_le().map_err(|_| SHORT)?;
        let mut bytes = || {
            let length = payload.try_get_u32_le().map_err(|_| SHORT)? as usize;
            if length > payload.remaining() { Err(SHORT) } else { Ok(payload.split_to(length)) }
        };
        let body = bytes()?.to_vec();
        let mut text =
            || String::from_utf8(bytes()?.to_vec()).map_err(|_| WorkerError::Protocol("a reply's text is not UTF-8"));
        Ok(Self {
            status,
            nanos,
            cpu_nanos,
            body,
            exception: text()?,
            observations: text()?,
            trace_error: text()?,
            changed: text()?,
            journal: text()?,
            differs: text()?,
            state: [text()?, text()?, text()?],
        })
    }
}

/// Takes the first frame off `buffer`, if it is complete: kind and payload.
pub(crate) fn take(buffer: &mut BytesMut) -> Result<Option<(u8, Bytes)>, WorkerError> {
    let Some((length, kind)) = header(buffer) else { return Ok(None) };
    if length > LARGEST {
        return Err(TOO_LARGE);
    }
    if buffer.len() < HEADER + length {
        buffer.reserve(HEADER + length - buffer.len());
        return Ok(None);
    }
    buffer.advance(HEADER);
    Ok(Some((kind, buffer.split_to(length).freeze())))
}

/// Length of the payload and kind of the frame that `bytes` begins with.
pub(crate) fn header(bytes: &[u8]) -> Option<(usize, u8)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*length) as usize, *rest.first()?))
}

const TOO_LARGE: WorkerError = WorkerError::Protocol("a frame is too large");

fn begin(kind: u8, payload: usize) -> Vec<u8> {
    let mut frame = Vec::with_capacity(HEADER + payload);
    frame.extend_from_slice(&[0, 0, 0, 0, kind]);
    frame
}

fn end(mut frame: Vec<u8>) -> Result<Vec<u8>, WorkerError> {
    let length = u32::try_from(frame.len() - HEADER).map_err(|_| TOO_LARGE)?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}
