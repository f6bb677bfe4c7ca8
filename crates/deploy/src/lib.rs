//! Where actions come from and where they are kept.
//!
//! [`document`] reads API documents, [`watch`](mod@watch) a folder of Python files and zips; both give an [`Action`] or its code.
//! [`Archives`] unpacks what is a zip.
//! [`Store`] keeps what the API deployed, and [`Blobs`] what was learnt of each action, all safe against a crash.
//! Nothing here runs Python or serves a request.

#![forbid(unsafe_code)]

mod action;
pub mod archive;
mod blobs;
pub mod document;
mod error;
mod kind;
mod limits;
mod name;
mod scan;
mod store;
mod watch;

pub use action::{Action, Annotation, Exec, Parameter, Version};
pub use archive::{ArchiveError, Archives, Unpacked};
pub use blobs::Blobs;
pub use error::DeployError;
pub use kind::{DEFAULT_KIND, KINDS, resolve_kind};
pub use limits::Limits;
pub use name::validate_name;
pub use store::Store;
pub use watch::{Change, Watcher, watch};
