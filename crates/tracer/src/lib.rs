//! From A-normal form to Python that records, and from what it recorded to a trace.
//!
//! [`instrument`] prints the functions of a module with calls to the recorder in them;
//! a worker runs that with [`RECORDER`]; [`trace`] turns the normal form and the [`Observations`] into the trace IR.
//! Everything here is a pure function: who runs the Python is the worker's business.

#![forbid(unsafe_code)]

mod assume;
mod instrument;
mod kept;
mod observations;
mod record;

pub use assume::assume_all;
pub use instrument::{Instrumented, LinkedCodes, Origin, Recording, TopFunction, instrument, names, variables};
pub use kept::{Corners, Kept, Observed};
pub use observations::{ObservationError, Observations};
pub use record::{Untraceable, entry, trace};

/// The recorder's Python source; it defines the class `Recorder` that workers use.
pub const RECORDER: &str = concat!(
    include_str!("recorder/values.py"),
    include_str!("recorder/codes.py"),
    include_str!("recorder/logs.py"),
    include_str!("recorder/image.py"),
    include_str!("recorder/state.py"),
    include_str!("recorder/recorder.py"),
);
