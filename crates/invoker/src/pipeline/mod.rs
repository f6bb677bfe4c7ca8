//! From source to a loaded version: the five representations, one call each.
//!
//! A [`Program`] is what reading a source gives: its normal form and its instrumented functions.
//! [`Program::observe`] turns what a traced invocation recorded into a trace;
//! [`Compiler::compile`] takes a trace through the typed program and Rust to a dylib in memory.
//! Nothing here knows of requests, workers or policy, and everything blocks.

mod advice;
mod bailout;
mod compiler;
mod link;
mod program;

pub use advice::instead;
pub use bailout::Bailout;
pub use compiler::{CompileError, Compiled, Compiler, GuardInfo, NativeLimits, NativeOutcome};
pub use link::Sources;
pub use program::{PipelineError, Program, Unsupported};
