//! What the benchmarks and the examples need: the services that functions call, a client that drives load,
//! and what compiled functions are compared with.
//!
//! [`Backing`] is a small bank, login, object store and status board on SQLite, over HTTP;
//! [`compute`] has the functions of `benches/compute` in Rust;
//! [`load`] keeps a number of invocations in flight and says how long they took.

#![forbid(unsafe_code)]

pub mod compute;
pub mod load;
mod routes;
mod serve;
mod store;

pub use serve::Backing;
pub use store::{Store, StoreError};
