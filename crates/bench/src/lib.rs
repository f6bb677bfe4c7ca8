//! What the benchmarks and the examples need: the services that functions call, and a client that drives load.
//!
//! [`Backing`] is a small bank, login, object store and status board on SQLite, over HTTP;
//! [`load`] keeps a number of invocations in flight and says how long they took.

#![forbid(unsafe_code)]

pub mod load;
mod routes;
mod serve;
mod store;

pub use serve::Backing;
pub use store::{Store, StoreError};
