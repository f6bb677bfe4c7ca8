//! The client side: commands that ask a running daemon over its REST API.
//!
//! Any daemon that speaks OpenWhisk's API will do for `deploy`, `invoke`, `logs` and `list`; `status` is about Upshift's own.

mod api;
mod archive;
mod entity;
mod json;
mod record;
mod table;

pub(crate) mod deploy;
pub(crate) mod invoke;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod status;
