//! Everything that can go wrong with records; the messages are what operators read.

use std::path::PathBuf;

use crate::format::FORMAT;
use crate::limits::{MAX_NAME_BYTES, MAX_RECORD_BYTES};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// A file or the directory failed: a full disk, missing rights, a broken device.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file was written by a later version of this program.
    #[error(
        "{path} has format {version}, and this version of upshift reads formats up to {FORMAT}: use a newer one, or move the file away",
        path = path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u32,
    },
    /// A record beyond [`MAX_RECORD_BYTES`].
    #[error("an activation record is larger than allowed: {0} > {MAX_RECORD_BYTES} bytes")]
    TooLarge(usize),
    /// A name beyond [`MAX_NAME_BYTES`].
    #[error("the name of an activation record is longer than allowed: {0} > {MAX_NAME_BYTES} bytes")]
    LongName(usize),
    /// An append after [`Records::close`](crate::Records::close).
    #[error("the activation records are closed")]
    Closed,
}
