//! Reading values that are known to be of one type, as far as a guard says so.
//!
//! Where a value is read and held to its type in one step, what is read inline is compared with that type alone.

use crate::{BailKind, Dict, List, Number, Range, Result, Str, Tuple, Value};

/// A static type of generated code.
pub trait Typed<'a>: Copy {
    /// The value, if it is of that type.
    fn of(value: Value<'a>) -> Option<Self>;

    /// What a value of another type fails with.
    fn otherwise(value: Value<'a>) -> BailKind {
        let _ = value;
        BailKind::Type
    }
}

/// The value as one of type `T`; bails out if it is of another one: with `Overflow` if it is an int beyond 64 bits where
/// one within them is expected, else with `Type`.
#[inline(always)]
pub(crate) fn held<'a, T: Typed<'a>>(value: Value<'a>, g: u32) -> Result<T> {
    match T::of(value) {
        Some(typed) => Ok(typed),
        None => Err(T::otherwise(value).at(g)),
    }
}

impl<'a> Typed<'a> for i64 {
    #[inline(always)]
    fn of(value: Value<'a>) -> Option<Self> {
        if let Value::Int(value) = value { Some(value) } else { None }
    }

    #[cold]
    #[inline(never)]
    fn otherwise(value: Value<'a>) -> BailKind {
        if let Value::Big(_) = value { BailKind::Overflow } else { BailKind::Type }
    }
}

impl<'a> Typed<'a> for Number {
    #[inline(always)]
    fn of(value: Value<'a>) -> Option<Self> {
        match value {
            Value::Int(value) => Some(Number::int(value)),
            Value::Float(value) => Some(Number::float(value.get())),
            _ => None,
        }
    }
}

impl<'a> Typed<'a> for Range {
    #[inline(always)]
    fn of(value: Value<'a>) -> Option<Self> {
        if let Value::Range(value) = value { Some(*value.0) } else { None }
    }
}

macro_rules! typed {
    ($($ty:ty: $kind:ident($value:ident) => $of:expr;)*) => {
        $(impl<'a> Typed<'a> for $ty {
            #[inline(always)]
            fn of(value: Value<'a>) -> Option<Self> {
                if let Value::$kind($value) = value { Some($of) } else { None }
            }
        })*
    };
}

typed! {
    bool: Bool(value) => value.get();
    f64: Float(value) => value.get();
    Str<'a>: Str(value) => value;
    List<'a>: List(value) => value;
    Tuple<'a>: Tuple(value) => value;
    Dict<'a>: Dict(value) => value;
}
