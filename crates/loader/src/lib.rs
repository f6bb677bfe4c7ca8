//! From Rust source to a dylib, checked and loaded.
//!
//! [`Toolchain::prepare`] finds the compiler and lays out the embedded runtime library;
//! [`Toolchain::compile`] calls rustc, or finds what an earlier call made of the same source;
//! [`Version::load`] opens the dylib, and [`Version::run`] runs an invocation in it.
//! **Only this crate loads code into the process.**

mod compile;
mod error;
mod instance;
mod toolchain;
mod version;

pub use compile::Artifact;
pub use error::LoadError;
pub use instance::{Instance, Step, Wanted};
pub use toolchain::Toolchain;
pub use upshift_runtime::{BailKind, HashSecret, Stream, Variables, abi::Call, abi::World, host};
pub use version::{Answer, Outcome, Version};

/// What the build script embedded.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}
