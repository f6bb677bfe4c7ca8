//! Everything that can go wrong with deployments; the messages are what users read.

use std::path::PathBuf;

use crate::ArchiveError;

/// An error of this crate.
///
/// The first group is about one request and its text is the API's; the second is about the daemon's own files.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The document is not the JSON that it should be.
    #[error("The request content was malformed:\n{0}")]
    Malformed(String),
    /// A new action without code.
    #[error("exec undefined")]
    ExecUndefined,
    /// A kind that is not in [`crate::KINDS`].
    #[error("The specified runtime '{0}' is not supported by this platform. Valid values are: {valid}.", valid = crate::kind::valid())]
    UnknownKind(String),
    /// A limit outside its range; the text is whole.
    #[error("{0}")]
    Limit(String),
    /// A document that asks for what cannot be; the text is whole.
    #[error("{0}")]
    Invalid(String),
    /// What is there already stands against it; the API answers 409.
    #[error("{0}")]
    Conflict(&'static str),
    /// A name with characters that names do not have.
    #[error("The name of the entity contains illegal characters.")]
    IllegalName,
    /// A name of more than 256 characters; the spelling is OpenWhisk's.
    #[error("Name segement longer than allowed: {0} > 256.")]
    LongName(usize),
    /// Code, parameters or annotations beyond their size; the API answers 413.
    #[error("{field} larger than allowed: {is} > {allowed} bytes.")]
    TooLarge {
        /// `exec`, `parameters` or `annotations`.
        field: &'static str,
        /// Bytes that there are.
        is: usize,
        /// Bytes that there may be.
        allowed: usize,
    },
    /// A zip archive that cannot be served, or not be unpacked.
    #[error(transparent)]
    Archive(#[from] ArchiveError),

    /// The state directory cannot be made or written.
    #[error("the state directory {path} cannot be written: {reason}", path = path.display())]
    StateDirectory {
        /// The directory.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Another daemon holds the state directory.
    #[error("the state directory {path} is in use by another upshift", path = path.display())]
    StateInUse {
        /// The directory.
        path: PathBuf,
    },
    /// A newer program wrote the state directory.
    #[error("the state directory was written by a newer upshift (its version is {0}, this one knows {known}); start that one, or name another --state", known = crate::store::VERSION)]
    Newer(u64),
    /// The database failed.
    #[error("the store failed: {0}")]
    Store(Box<redb::Error>),
    /// The database holds something that this program cannot read.
    #[error("the store holds what cannot be read: {0}")]
    Corrupt(#[from] serde_json::Error),
    /// A file of the state directory failed.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder of functions cannot be read or watched.
    #[error("the folder of functions {path} cannot be watched: {reason}", path = path.display())]
    Watch {
        /// The folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

macro_rules! from_redb {
    ($($error:ident),+) => {
        $(impl From<redb::$error> for DeployError {
            fn from(error: redb::$error) -> Self {
                Self::Store(Box::new(error.into()))
            }
        })+
    };
}

from_redb!(TransactionError, TableError, StorageError, CommitError);
