//! `slice` objects, and the indices that a slice of a sequence selects.

use crate::big::Big;
use crate::{BailKind, Cx, Obj, Result, Type, Value, attr, object_new};

/// A `slice`.
pub struct Slice<'a> {
    /// Where it starts, `None` if left out.
    pub start: Value<'a>,
    /// Where it stops, exclusively.
    pub stop: Value<'a>,
    /// The difference between indices.
    pub step: Value<'a>,
}

/// What a slice selects of a sequence: `count` items from `start` on, every `step`th.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Index of the first item.
    pub start: usize,
    /// For an empty selection of step 1: where an insertion goes.
    pub stop: usize,
    /// The difference between indices.
    pub step: isize,
    /// How many items.
    pub count: usize,
    /// Start and stop as they are within the sequence; going down, the stop may be -1.
    pub bounds: (i64, i64),
}

impl Selection {
    /// The index of the selected item of that number.
    #[inline]
    pub(crate) fn at(&self, number: usize) -> usize {
        self.start.wrapping_add_signed(self.step.wrapping_mul(number as isize))
    }

    /// The selected indices, in order.
    pub(crate) fn indices(self) -> impl Iterator<Item = usize> {
        (0..self.count).map(move |number| self.at(number))
    }
}

/// `slice(start, stop, step)`
pub fn slice_new<'a>(cx: &'a Cx<'a>, start: Value<'a>, stop: Value<'a>, step: Value<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, Slice { start, stop, step }, g)
}

/// The bounds of a slice over `len` items (`PySlice_Unpack`, `PySlice_AdjustIndices`).
pub(crate) fn select<'a>(
    cx: &'a Cx<'a>,
    start: Value<'a>,
    stop: Value<'a>,
    step: Value<'a>,
    len: usize,
    g: u32,
) -> Result<Selection> {
    let len = len as i64;
    let step = match step {
        Value::None => 1,
        _ => bound(cx, step, g)?.max(-i64::MAX),
    };
    if step == 0 {
        return Err(cx.raise(Type::ValueError, "slice step cannot be zero", g));
    }
    let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let clamp = |value: i64| if value < 0 { (value + len).max(low) } else { value.min(high) };
    let start = match start {
        Value::None => {
            if step < 0 {
                high
            } else {
                low
            }
        }
        _ => clamp(bound(cx, start, g)?),
    };
    let stop = match stop {
        Value::None => {
            if step < 0 {
                low
            } else {
                high
            }
        }
        _ => clamp(bound(cx, stop, g)?),
    };
    let count = match step {
        1.. if start < stop => (stop - start - 1) / step + 1,
        ..=-1 if stop < start => (start - stop - 1) / -step + 1,
        _ => 0,
    };
    let first = if count == 0 { start.max(0) } else { start };
    Ok(Selection {
        start: first as usize,
        stop: stop.max(0) as usize,
        step: step as isize,
        count: count as usize,
        bounds: (start, stop),
    })
}

/// A bound as an index: ints beyond 64 bits saturate.
fn bound<'a>(cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<i64> {
    let saturated = |big: Big<'a>| if big.is_negative() { i64::MIN } else { i64::MAX };
    match value {
        Value::Int(value) => Ok(value),
        Value::Bool(value) => Ok(i64::from(value.get())),
        Value::Big(big) => Ok(saturated(big)),
        Value::Instance(_) => match attr::index_of(cx, value, g)? {
            Some(Value::Int(value)) => Ok(value),
            Some(Value::Big(big)) => Ok(saturated(big)),
            _ => Err(BailKind::Exception.at(g)),
        },
        _ => Err(cx.raise(Type::TypeError, "slice indices must be integers or None or have an __index__ method", g)),
    }
}

impl<'a> Obj<'a> for Slice<'a> {
    fn kind(&self) -> Type {
        Type::Slice
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, _g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "start" => Some(self.start),
            "stop" => Some(self.stop),
            "step" => Some(self.step),
            _ => None,
        })
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        out.push_str("slice(");
        for (at, part) in [self.start, self.stop, self.step].into_iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            crate::repr::write_repr(cx, out, part, g)?;
        }
        out.push(')');
        Ok(())
    }

    fn as_slice(&self) -> Option<&Slice<'a>> {
        Some(self)
    }
}
