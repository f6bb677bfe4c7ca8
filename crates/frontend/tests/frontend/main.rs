//! The crate's tests: golden normal forms, printed programs against their originals on CPython, a corpus.

mod differential;
mod golden;
