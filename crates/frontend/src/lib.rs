//! Python source to A-normal form ([`normalise`]), and A-normal form to Python that runs ([`print()`]).
//!
//! Pure functions: no I/O, no clock, no Python.
//! This crate alone uses the parser; its syntax tree does not leave it.

#![forbid(unsafe_code)]

pub mod normal;

mod globals;
mod lines;
mod normalise;
mod print;
mod scope;
mod taken;
mod walk;

pub use normalise::{ParseError, link, normalise};
pub use print::{Hooks, NoHooks, Origin, Printed, print, print_functions};
