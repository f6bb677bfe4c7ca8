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
mod fuse;
mod infer;
mod lower;
mod methods;
mod nested;
mod pairs;
pub mod program;
mod tried;
mod ty;
mod uses;
mod widen;

pub use diagnostic::Diagnostic;
pub use emit::{Emitted, Guard, Options, emit};
pub use program::Program;
pub use ty::{IterTy, Ty};

use lower::Resolved;
use upshift_ir::Trace;

/// Everything in `trace` that is not native: what keeps all of it in CPython,
/// and the statements that bail out wherever they are reached; each sorted by line.
pub fn diagnose(trace: &Trace) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let Resolved { refused, left, .. } = lower::resolve(trace);
    (refused, left)
}

/// The typed program of `trace`, or everything that keeps it in CPython.
pub fn lower(trace: &Trace) -> Result<Program, Vec<Diagnostic>> {
    let Resolved { mut program, refused, .. } = lower::resolve(trace);
    if !refused.is_empty() {
        return Err(refused);
    }
    widen::widen(&mut program, &trace.wide);
    for function in &mut program.functions {
        pairs::take_apart(function);
        dead::drop_unreachable(&mut function.body);
        assigned::mark_unbound(function);
    }
    infer::infer(&mut program);
    for function in &mut program.functions {
        tried::mark_tried(function);
    }
    Ok(program)
}
