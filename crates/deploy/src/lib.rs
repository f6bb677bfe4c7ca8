//! Where actions come from and where they are kept, with the packages, triggers and rules around them.
//!
//! [`document`] reads API documents, [`watch`](mod@watch) a folder of Python files and zips; both give an [`Action`] or its code.
//! [`Archives`] unpacks what is a zip.
//! [`Store`] keeps what the API deployed, and [`Blobs`] what was learnt of each action, all safe against a crash;
//! [`Keys`] has who may ask.
//! Nothing here runs Python or serves a request.

#![forbid(unsafe_code)]

pub mod archive;
mod blobs;
pub mod document;
mod entity;
mod error;
mod keys;
mod kind;
mod limits;
mod migrate;
mod name;
mod scan;
mod store;
mod watch;

pub use archive::{ArchiveError, Archives, Hold, Unpacked};
pub use blobs::Blobs;
pub use entity::{Action, Annotation, Binding, Code, Entity, Exec, Package, Parameter, Rule, Status, Trigger, Version};
pub use error::DeployError;
pub use keys::{GUEST_KEY, Identity, Key, Keys, NewKey};
pub use kind::{DEFAULT_KIND, KINDS, resolve_kind};
pub use limits::{Bounds, Limits};
pub use name::{GUEST, OWN, QualifiedName, validate_name};
pub use store::{Batch, Store};
pub use watch::{Change, Watcher, watch};
