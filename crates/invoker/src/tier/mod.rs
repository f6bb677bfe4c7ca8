//! The tiers of an action: where each invocation runs, and how the action gets from CPython to native code.
//!
//! [`policy`] decides, [`runtime`] runs invocations by it, [`tier_up`] compiles and verifies behind their backs,
//! [`effects`] and [`pace`] are what was seen of them,
//! [`learnt`] is what traced invocations taught and what is kept of it on disk,
//! [`code`] is what they are given, [`temporary`] where their files go, [`admission`] how many run at once, [`idle`] what stays in
//! memory of the others.

mod admission;
mod answer;
mod code;
mod containers;
mod effects;
mod environment;
mod idle;
mod lanes;
mod learnt;
mod native;
mod pace;
mod policy;
mod pool;
mod python;
mod recordings;
mod reply;
mod runtime;
mod slices;
mod stats;
mod temporary;
mod tier_up;

pub(crate) use admission::Admission;
pub(crate) use answer::{Answer, End, Status, Tier, log_line, written};
pub(crate) use code::Code;
pub(crate) use effects::Seen;
pub(crate) use environment::{Began, Environment, Origins};
pub(crate) use idle::{IDLE, thin_out};
pub(crate) use policy::State;
pub(crate) use pool::NoWorker;
pub(crate) use runtime::{Origin, Runtime, Shared};
pub(crate) use slices::LongSlices;
pub(crate) use stats::{BailoutCount, ByTier, VersionInfo};
pub(crate) use temporary::Temporary;
