//! What the documents of one context have in common.
//!
//! Requests of one action look alike, and so do the records of one document: their keys are one string each, and records
//! with the same keys share these, from one document to the next.
//! So what a site has found in the arguments of one invocation holds for those of the next.

use std::cell::{Cell, RefCell};

use crate::dict::{Keys, SCAN};
use crate::{Cx, Result, Str, Value};

/// How many keys are remembered, a power of two.
const KEYS: usize = 64;
/// How many short strings are, a power of two.
const WORDS: usize = 256;
/// A short string has no more bytes.
const SHORT: usize = 16;
/// How many kinds of records are remembered, a power of two.
const RECORDS: usize = 16;

/// A key with its value.
pub(super) type Entry<'a> = (Str<'a>, Value<'a>);

/// What is known of the documents before.
pub(crate) struct Documents<'a> {
    /// Keys, by a hash of their text.
    keys: [Cell<Option<Str<'a>>>; KEYS],
    /// The keys of records, by [`Documents::record`].
    records: [Cell<Option<&'a Keys<'a>>>; RECORDS],
    /// The latest of those that begin with a name, by that.
    begun: [Cell<Option<&'a Keys<'a>>>; RECORDS],
    /// Short strings, by a hash of their text.
    words: [Cell<Option<Str<'a>>>; WORDS],
    room: RefCell<Room<'a>>,
}

/// Room for arrays and objects that have no end yet.
#[derive(Default)]
pub(super) struct Room<'a> {
    pub(super) items: Vec<Value<'a>>,
    pub(super) entries: Vec<Entry<'a>>,
}

impl Default for Documents<'_> {
    fn default() -> Self {
        Self {
            keys: [const { Cell::new(None) }; KEYS],
            records: [const { Cell::new(None) }; RECORDS],
            begun: [const { Cell::new(None) }; RECORDS],
            words: [const { Cell::new(None) }; WORDS],
            room: RefCell::default(),
        }
    }
}

impl<'a> Documents<'a> {
    /// The room of the documents before; empty.
    pub(super) fn take_room(&self) -> Room<'a> {
        self.room.take()
    }

    pub(super) fn give_back(&self, mut room: Room<'a>) {
        room.items.clear();
        room.entries.clear();
        self.room.replace(room);
    }

    /// Frees what the arena does not.
    pub(crate) fn clear(&self) {
        drop(self.room.take());
    }

    /// The key with that text, if it is known; and where it would be.
    pub(super) fn key(&self, text: &str) -> (Option<Str<'a>>, &Cell<Option<Str<'a>>>) {
        let bytes = text.as_bytes();
        let ends = bytes.first().zip(bytes.last()).map_or(0, |(first, last)| usize::from(first ^ last.rotate_left(3)));
        let place = &self.keys[(bytes.len() * 5 + ends) % KEYS];
        (place.get().filter(|known| known.text() == text), place)
    }

    /// Where the string with that text would be known, if it is a short one: columns have few values, which are found and
    /// compared quicker if each is one string.
    pub(super) fn word(&self, text: &str) -> Option<&Cell<Option<Str<'a>>>> {
        let bytes = text.as_bytes();
        let (Some(first), Some(last), 2..=SHORT) = (bytes.first(), bytes.last(), bytes.len()) else { return None };
        let middle = bytes[bytes.len() / 2];
        let hash = usize::from(*first) + usize::from(*last) * 7 + usize::from(middle) * 31 + bytes.len() * 61;
        Some(&self.words[hash % WORDS])
    }

    /// The keys of the latest record that began with that name, if their texts are what a document has between quotes.
    pub(super) fn begun(&self, first: Str<'a>) -> Option<&'a Keys<'a>> {
        self.begun[begin(first)].get().filter(|keys| keys.names[0].address() == first.address())
    }

    /// The keys of an object, which others may have too; none if they are no record's.
    pub(super) fn record(&self, cx: &'a Cx<'a>, entries: &[Entry<'a>], g: u32) -> Result<Option<&'a Keys<'a>>> {
        let ([(first, _), ..], [.., (last, _)]) = (entries, entries) else { return Ok(None) };
        let place = &self.records[((first.address() >> 4) ^ (last.address() >> 5) ^ entries.len()) % RECORDS];
        if let Some(keys) = place.get()
            && are(keys, entries)
        {
            return Ok(Some(keys));
        }
        if entries.len() > SCAN {
            return Ok(None);
        }
        let names: Vec<Str<'a>> = entries.iter().map(|(name, _)| *name).collect();
        let keys = Keys::new(cx, &names, g)?;
        if let Some(keys) = keys {
            place.set(Some(keys));
            if names.iter().all(|name| is_plain(name.text())) {
                self.begun[begin(*first)].set(Some(keys));
            }
        }
        Ok(keys)
    }
}

/// Where those are that begin with that name.
fn begin(first: Str<'_>) -> usize {
    (first.address() >> 4) % RECORDS
}

/// Whether the very strings of the entries are the keys.
fn are<'a>(keys: &Keys<'a>, entries: &[Entry<'a>]) -> bool {
    let same = |((name, _), known): (&Entry<'a>, &Str<'a>)| name.address() == known.address();
    keys.names.len() == entries.len() && entries.iter().zip(keys.names).all(same)
}

/// Whether a document has that text as it is between quotes, without escapes.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
}
