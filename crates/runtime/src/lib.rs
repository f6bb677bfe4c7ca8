//! Python's values and operations that compiled functions link.
//!
//! In: calls from generated Rust, each with the id of the guard it stands for.
//! Out: exactly what CPython 3.11 computes, or a [`Bail`], after which the invocation runs again in CPython.
//! Holds: no operation ever guesses; whatever cannot be computed exactly bails out with [`BailKind::Unsupported`].
//! A Python exception is a bailout too ([`BailKind::Exception`]), so no error text is made here.
//!
//! Values live in the [`Arena`] of one invocation, are `Copy`, and are freed by one reset.
#![deny(unsafe_code)]

pub mod abi;
mod arena;
mod bail;
mod buffer;
pub mod builtin;
mod cell;
mod cx;
mod dict;
mod float_text;
mod format;
mod iter;
pub mod json;
mod list;
pub mod method;
mod number;
pub mod op;
mod range;
mod repr;
mod string;
mod text;
mod value;

pub use crate::abi::{ABI_VERSION, Call, Export, Main, Reply, Status};
pub use crate::arena::Arena;
pub use crate::bail::{Bail, BailKind, Result};
pub use crate::cell::{Ref, new_ref};
pub use crate::cx::{Cx, Limits};
pub use crate::dict::{Dict, dict_new};
pub use crate::format::{Part, format};
pub use crate::iter::{DictIter, Iter, ListIter, StrIter};
pub use crate::list::{List, list_new};
pub use crate::range::{Range, RangeIter, RangeRef, range_value};
pub use crate::string::{Str, str_new};
pub use crate::value::{Value, bound, truth, truth_dict, truth_list, truth_range, truth_str};
