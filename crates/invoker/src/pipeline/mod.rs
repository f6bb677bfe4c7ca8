//! From source to a loaded version: the five representations, one call each.
//!
//! A [`Program`] is what reading a source gives: its normal form and its instrumented functions.
//! [`Program::observe`] turns what a traced invocation recorded into a trace;
//! [`Compiler::compile`] takes a trace through the typed program and Rust to a dylib in memory;
//! a [`Compiled`] runs invocations in instances of it.
//! Nothing here knows of requests or policy, and everything blocks.

mod advice;
mod bailout;
mod compiled;
mod compiler;
mod link;
mod program;

pub use advice::instead;
pub use bailout::Bailout;
pub use compiled::{Compiled, GuardInfo, Machine, NativeOutcome};
pub use compiler::{CompileError, Compiler};
pub use link::Sources;
pub use program::{PipelineError, Program, Unsupported};
