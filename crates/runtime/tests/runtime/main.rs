//! The runtime against CPython, and its limits.

mod abi;
mod json;
mod operators;
mod oracle;
mod text;
mod values;
