//! HTTP requests to invocations: the API, the tiers of each action, hot swap, activation records, the dashboard.
//!
//! [`serve`] is the daemon; what it serves is described by a [`Config`].
//! [`action_runtime::serve`] is what a cluster runs instead: one action a process.
//! A request becomes a command (`api`), the executor (`execute`) carries it out on the deployed actions (`catalog`),
//! and an invocation runs in the tier that its action's policy names (`tier`).

#![forbid(unsafe_code)]

mod accepted;
pub mod action_runtime;
mod activation;
mod api;
mod catalog;
pub mod check;
mod client;
mod config;
mod dashboard;
mod engine;
mod error;
mod execute;
pub mod explain;
mod payload;
pub mod pipeline;
mod printed;
mod records;
mod reply;
mod server;
mod throttle;
mod tier;
mod unpack;
mod web;

pub use config::Config;
pub use error::ServeError;
pub use server::{Tls, serve};
pub use upshift_records::Retention;
pub use upshift_worker::{Zygote, zygote_main};
