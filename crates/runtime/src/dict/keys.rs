//! Keys that dicts share: records have the same ones in the same order (split tables, `Objects/dictobject.c`, PEP 412).
//!
//! Holds: a dict that shares its keys has its values in their order, none of them missing, and belongs to the invocation;
//! whatever changes more than a value gives it a table of its own first.

use std::cell::Cell;

use super::{Dict, DictObj, SCAN, Slot};
use crate::string::same_text;
use crate::{Cx, Result, Str, Value};

/// Strings that are all different; at most [`SCAN`].
pub(crate) struct Keys<'a> {
    pub(crate) cx: &'a Cx<'a>,
    pub(crate) names: &'a [Str<'a>],
}

impl<'a> Keys<'a> {
    /// Keys of these names; none if they are too many, or two are the same.
    pub(crate) fn new(cx: &'a Cx<'a>, names: &[Str<'a>], g: u32) -> Result<Option<&'a Keys<'a>>> {
        let differ = |at: usize| names[..at].iter().all(|known| known.text() != names[at].text());
        if !(1..=SCAN).contains(&names.len()) || !(1..names.len()).all(differ) {
            return Ok(None);
        }
        let names = cx.alloc_slice(names.len(), |at| names[at], g)?;
        cx.alloc(Keys { cx, names }, g).map(Some)
    }

    /// The place of a name.
    #[inline]
    pub(crate) fn position(&self, name: Str<'a>) -> Option<usize> {
        self.names
            .iter()
            .position(|known| known.address() == name.address())
            .or_else(|| self.names.iter().position(|known| same_text(known.text(), name.text())))
    }
}

/// A dict of these values.
pub(crate) fn dict_of_keys<'a>(
    cx: &'a Cx<'a>,
    keys: &'a Keys<'a>,
    value: impl Fn(usize) -> Value<'a>,
    g: u32,
) -> Result<Dict<'a>> {
    let values = cx.alloc_few(keys.names.len(), |at| Cell::new(value(at)), g)?;
    Ok(Dict(cx.alloc(DictObj::sharing(keys, values), g)?))
}

impl<'a> Dict<'a> {
    /// The keys that it shares with others.
    #[inline(always)]
    pub(crate) fn keys(self) -> Option<&'a Keys<'a>> {
        self.0.keys.get()
    }

    /// The value of the key at that place of shared keys.
    #[inline(always)]
    pub(crate) fn shared_at(self, at: usize) -> Option<&'a Cell<Value<'a>>> {
        self.0.values.get().get(at)
    }

    /// Gives it a table of its own.
    #[inline]
    pub(super) fn unshare(self, g: u32) -> Result<()> {
        match self.0.keys.get() {
            Some(keys) => self.unshare_from(keys, g),
            None => Ok(()),
        }
    }

    #[cold]
    fn unshare_from(self, keys: &'a Keys<'a>, g: u32) -> Result<()> {
        let values = self.0.values.get();
        let slot = |at: usize| Slot {
            hash: Cell::new(keys.names[at].hash(keys.cx)),
            key: Cell::new(Some(Value::Str(keys.names[at]))),
            value: values[at].clone(),
        };
        self.0.slots.set(keys.cx.alloc_slice(values.len(), slot, g)?);
        self.forget_keys();
        Ok(())
    }

    pub(super) fn forget_keys(self) {
        self.0.keys.set(None);
        self.0.values.set(&[]);
    }
}
