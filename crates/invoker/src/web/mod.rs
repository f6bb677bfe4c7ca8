//! Web actions: requests of any kind to arguments, results to responses of any kind (`WebActions.scala`).
//!
//! Both sides are pure; `crate::execute` invokes in between.

pub(crate) mod arguments;
mod media;
mod pretty;
pub(crate) mod response;
