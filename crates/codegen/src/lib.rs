//! From a trace to a typed program, and from that to Rust source.
//!
//! [`lower`] resolves names, plans nested functions, finds unbound reads and infers types;
//! [`emit`] chooses the runtime's operation for every application and prints the whole as a Rust module.
//! Both are pure functions: no I/O, no clock, no Python.

#![forbid(unsafe_code)]

mod assigned;
mod dead;
mod diagnostic;
mod emit;
mod infer;
mod lower;
mod nested;
pub mod program;
mod tried;
mod ty;
mod uses;
mod widen;

pub use diagnostic::Diagnostic;
pub use emit::{Emitted, Guard, Options, emit};
pub use program::Program;
pub use ty::{IterTy, Ty};
use upshift_ir::Trace;

/// The typed program of `trace`, or everything that keeps it in Python.
pub fn lower(trace: &Trace) -> Result<Program, Vec<Diagnostic>> {
    let mut program = lower::resolve(trace)?;
    widen::widen(&mut program, &trace.wide);
    for function in &mut program.functions {
        dead::drop_unreachable(&mut function.body);
        assigned::mark_unbound(function);
    }
    infer::infer(&mut program);
    for function in &mut program.functions {
        tried::mark_tried(function);
    }
    Ok(program)
}
