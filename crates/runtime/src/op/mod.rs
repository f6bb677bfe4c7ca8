//! Python's operators, one function each; the guard id comes last.
//!
//! `generic` dispatches on values of unknown type as CPython's `Objects/abstract.c` does; `int` and `float` are the typed ones; `compare` and `equal` the comparisons, `item` the subscripts.
//! `quick` is before these where it pays to have no call.

mod compare;
mod dispatch;
mod equal;
mod float;
mod generic;
mod int;
mod item;
mod power;
mod quick;

pub use self::compare::{cmp_int_float, contains, is, is_not};
pub use self::float::{float_div, float_floordiv, float_mod, float_pow};
pub use self::generic::{
    bit_and, bit_or, bit_xor, div, floordiv, iadd, imul, invert, lshift, modulo, neg, pos, pow, rshift,
};
pub use self::int::{
    int_abs, int_add, int_bit_and, int_bit_or, int_bit_xor, int_div, int_floordiv, int_invert, int_lshift, int_mod,
    int_mul, int_neg, int_pow_int, int_rshift, int_sub, int_to_float,
};
pub use self::item::{dict_get, dict_get_str, dict_set, str_get};
pub use self::quick::{
    add, eq, float_int, ge, gt, index, inplace, le, list_get, list_get_as, list_set, lt, mul, ne, set_index, str_eq,
    sub, tuple_get, tuple_get_as,
};
pub use crate::list::{list_concat, list_repeat};
pub use crate::string::{str_concat, str_repeat};

pub use self::compare::rich_compare;
pub use self::dispatch::{BinaryOp, CompareOp, binary, declined, matmul};
pub use self::item::{del_index, get_slice, unpack, unpack_star};

pub(crate) use self::compare::plain_order;
pub(crate) use self::equal::{equal_item, equal_keys, equal_plain_keys};
pub(crate) use self::generic::extend_from;
