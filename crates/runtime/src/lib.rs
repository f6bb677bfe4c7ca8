//! Python's values and operations that compiled functions link.
//!
//! In: calls from generated Rust, each with the id of the guard it stands for.
//! Out: exactly what CPython 3.11 computes, or a [`Bail`], after which the invocation runs again in CPython.
//! Holds: no operation ever guesses; whatever cannot be computed exactly bails out with [`BailKind::Unsupported`].
//! An exception whose class and text are CPython's is raised ([`BailKind::Raised`]) and can be caught;
//! where the text is not known here, it is [`BailKind::Exception`], which nothing native catches.
//!
//! Values live in the [`Arena`] of one invocation, are `Copy`, and are freed by one reset.
#![deny(unsafe_code)]

pub mod abi;
mod abstract_classes;
mod arena;
mod arith;
pub mod attr;
mod bail;
mod big;
mod buffer;
pub mod builtin;
mod bytearray;
mod bytes;
mod call;
mod cell;
pub mod class;
mod codec;
mod cx;
mod dataclass;
mod descriptor;
mod dict;
mod dicts;
mod enums;
mod exception;
mod exchange;
mod float_text;
mod flow;
mod format;
mod function;
mod generator;
mod hash;
pub mod host;
pub mod http;
pub mod image;
mod instance;
mod iter;
mod journal;
pub mod json;
pub mod library;
mod list;
mod lookup;
pub mod method;
mod mixed;
mod named_tuple;
mod number;
mod object;
pub mod op;
mod pairs;
mod printed;
mod python_hash;
mod range;
mod repr;
mod scan;
mod set;
mod set_algebra;
mod shape;
pub mod site;
mod slice;
mod spread;
pub mod sre;
pub mod state;
mod static_attr;
mod string;
mod text;
mod tuple;
mod typed;
mod types;
mod unicode;
mod value;
mod views;
mod whole;
mod word;

pub use crate::abi::{ABI_VERSION, Call, Export, Instance as NativeInstance, Main, Reply, Status, Variables, World};
pub use crate::arena::Arena;
pub use crate::bail::{Bail, BailKind, Bailout, Result};
pub use crate::big::{Big, int_literal};
pub use crate::bytes::{Bytes, bytes_new};
pub use crate::call::{Argument, call, call_method, call_method_spread, call_spread, call_with, is_instance};
pub use crate::cell::{Ref, new_ref};
pub use crate::class::{Class, class_new, class_of, type_of};
pub use crate::cx::{Cx, Limits};
pub use crate::descriptor::{class_method_new, property_new, static_method_new, super_new};
pub use crate::dict::{Dict, DictKind, dict_new};
pub use crate::exception::{catches, is_a, raise, reraise};
pub use crate::flow::{Flow, Loaded, call_loaded, load_method, with_enter, with_exit};
pub use crate::format::{Part, format};
pub use crate::function::{Args, Builtin, Code, Function, Method, MethodFunction, Param, ParamKind, function_new};
pub use crate::generator::{Co, generator_new};
pub use crate::instance::{Instance, exception_new, instance_new, plain};
pub use crate::iter::{DictIter, Iter, ListIter, StrIter, TupleIter, iter_next, iter_value};
pub use crate::list::{List, list_new};
pub use crate::mixed::Number;
pub use crate::object::{Obj, Object, object_new};
pub use crate::pairs::{EntriesIter, EnumerateIter, Source, ZipIter};
pub use crate::printed::Stream;
pub use crate::python_hash::HashSecret;
pub use crate::range::{Range, RangeIter, RangeRef, range_value};
pub use crate::set::{Set, set_literal, set_new};
pub use crate::slice::slice_new;
pub use crate::spread::{dict_spread, list_spread, set_spread, tuple_spread};
pub use crate::string::{Str, str_new};
pub use crate::tuple::{Tuple, tuple, tuple_new};
pub use crate::types::Type;
pub use crate::value::{Value, bound, truth, truth_dict, truth_list, truth_range, truth_str};
pub use crate::word::{Bool, Float};
