//! Python's built-in functions, and the constructors of the built-in types.

mod class;
mod construct;
mod convert;
mod iterators;
mod number;
mod object;
mod reduce;
mod sort;
pub(crate) mod timsort;

pub use self::class::class_statement;
pub use self::construct::construct;
pub use self::convert::{abs, bool, float, int, print, repr, str};
pub use self::reduce::{len, len_dict, len_list, len_range, len_str, len_tuple, max, max_of, min, min_of, sum};
pub use crate::format::{Part, format};

use crate::{Args, BailKind, Builtin, Cx, Result, Type, Value, attr, exception, iter_next, iter_value};

macro_rules! table {
    ($($name:literal $function:path;)+) => {
        /// The functions of the module `builtins`.
        pub(crate) const TABLE: &[Builtin] =
            &[$(Builtin { module: "builtins", name: $name, call: |cx, args, g| $function(cx, args, g) }),+];
    };
}

table! {
    "abs" reduce::call_abs;
    "all" reduce::all;
    "any" reduce::any;
    "ascii" number::ascii;
    "bin" number::bin;
    "callable" object::callable;
    "chr" number::chr;
    "delattr" object::delattr;
    "divmod" number::divmod;
    "format" number::format;
    "getattr" object::getattr;
    "hasattr" object::hasattr;
    "hash" number::hash;
    "hex" number::hex;
    "isinstance" object::isinstance;
    "issubclass" object::issubclass;
    "iter" iter;
    "len" reduce::call_len;
    "max" reduce::call_max;
    "min" reduce::call_min;
    "next" next;
    "oct" number::oct;
    "ord" number::ord;
    "pow" number::pow;
    "print" convert::call_print;
    "repr" convert::call_repr;
    "round" number::round;
    "setattr" object::setattr;
    "sorted" sort::sorted;
    "sum" reduce::call_sum;
    "vars" object::vars;
}

pub(crate) use self::construct::{collect, collect_sized};
pub(crate) use self::iterators::iterator;
pub(crate) use self::number::apply;
pub(crate) use self::sort::sort_list;

/// `iter(object)`
fn iter<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [object] => iter_value(cx, *object, g),
        [function, sentinel] => iterators::until(cx, *function, *sentinel, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `next(iterator, default)`
fn next<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (iterator, default) = match args.positional(g)? {
        [iterator] => (*iterator, None),
        [iterator, default] => (*iterator, Some(*default)),
        _ => return Err(BailKind::Exception.at(g)),
    };
    // Without a default, what `StopIteration` carries must reach the caller.
    match (iterator, default) {
        (Value::Instance(_), None) => match attr::call_special(cx, iterator, "__next__", &[], g)? {
            Some(item) => Ok(item),
            None => Err(BailKind::Exception.at(g)),
        },
        (Value::Object(object), None) if object.get().kind() == Type::Generator => {
            object.get().method(cx, iterator, "__next__", Args::of(&[]), g)
        }
        _ => match (iter_next(cx, iterator, g)?, default) {
            (Some(item), _) | (None, Some(item)) => Ok(item),
            (None, None) => Err(exception::stop(cx, Value::None, g)),
        },
    }
}
