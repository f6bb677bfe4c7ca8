//! Python's built-in functions.

mod convert;
mod reduce;

pub use self::convert::{abs, bool, float, int, print, repr, str};
pub use self::reduce::{len, len_dict, len_list, len_range, len_str, max, max_of, min, min_of, sum};
pub use crate::format::{Part, format};
