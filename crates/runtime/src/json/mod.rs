//! JSON exactly as CPython's `json` module reads and prints it.
//!
//! `lex` holds the grammar's tokens (`Modules/_json.c`), `parse` makes values, `dump` prints them, and `scan` finds an object's members without an arena.

mod documents;
mod dump;
mod lex;
mod parse;
pub mod scan;

pub(crate) use self::documents::Documents;
pub use self::dump::dump;
pub(crate) use self::dump::{dump_text, held};
pub use self::parse::parse;

pub(crate) use self::dump::dump_within;
