//! CPython in processes: a zygote that is warm, workers that are forked from it, and the daemon's handles to both.
//!
//! In: an action's source and the JSON of its arguments. Out: the JSON of its result, its log lines, and,
//! where it ran traced, what the recorder saw.
//! After each run the worker is as CPython left it, so module state persists; a worker that timed out, crashed,
//! ran out of memory or exited is never used again.
//!
//! The daemon's side is [`Zygote`] and [`Worker`]; the other side, [`zygote_main`], is the entry of a process of its own.
//! Nothing on the daemon's side touches Python.

mod captured;
mod child;
mod error;
mod exchange;
mod frame;
mod logs;
mod types;
mod worker;
mod zygote;

pub use child::zygote_main;
pub use error::WorkerError;
pub use logs::Logs;
pub use types::{Limits, Loaded, LogLine, Mode, Module, Outcome, Reply, StateDocument, TracedCode};
pub use worker::Worker;
pub use zygote::Zygote;
