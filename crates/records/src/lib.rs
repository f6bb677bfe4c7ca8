//! Activation records on disk: append-only segments, with an index in memory.
//!
//! [`Records`] is a directory of segments, each of them a file of records in the order in which they were appended.
//! The last segment takes what is appended; when it is full it is sealed, and an index file is put beside it.
//! What is known of a record in memory is some 46 bytes: its id, its start, its name's number and its place in a file.
//!
//! From the request to the disk: `format.rs` lays a record out, `appender.rs` writes it, `growing.rs` indexes it.
//! Behind the requests' backs `tend.rs` syncs, makes `columns.rs` and an `index_file.rs` of a full segment, and deletes by [`Retention`].
//! From the disk to the reader: `open.rs` reads indexes, or has `scan.rs` read segments; `page.rs` merges what `selection.rs` gives of each; `read.rs` reads.
//!
//! **A record whose append returned survives the death of the process, and a second later that of the machine.**
//! **What is read back is a whole record that was appended, or nothing.**

#![forbid(unsafe_code)]

mod error;
mod limits;

mod directory;
mod format;

mod appender;
mod names;
mod scan;

mod columns;
mod growing;
mod index_file;
mod segment;
mod selection;

mod page;
mod read;

mod open;
mod records;
mod tend;

#[cfg(test)]
mod tests;

pub use error::RecordsError;
pub use limits::{MAX_NAME_BYTES, MAX_RECORD_BYTES, Retention};
pub use names::Filter;
pub use records::{Entry, Records};
