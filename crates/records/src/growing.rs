//! The index of a segment that takes appends, or did a moment ago.
//!
//! Items stay where they were put; what is ordered are their positions, 16 bits each.
//! Records come in when they end and are ordered by when they started, so a position goes to the end or not far before it;
//! after an invocation of minutes at most 64 kB of positions are moved.

use std::collections::HashMap;

use crate::names::{Filter, Names, Which};
use crate::scan::Found;
use crate::selection::{Item, Selection};

/// More than this a segment never has; one that does was not written by this program.
pub(crate) const MOST: usize = u16::MAX as usize + 1;

/// The records of one segment, in the order in which they were appended.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    items: Vec<Item>,
    order: Vec<u16>,
    by_id: HashMap<[u64; 2], u16>,
    names: HashMap<u32, Named>,
    namespaces: HashMap<u32, Vec<u16>>,
}

/// The records of one name.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) namespace: Option<u32>,
    /// In order.
    pub(crate) positions: Vec<u16>,
}

impl Growing {
    /// An empty index with room for `records`.
    pub(crate) fn with_room(records: usize) -> Self {
        Self {
            items: Vec::with_capacity(records),
            order: Vec::with_capacity(records),
            by_id: HashMap::with_capacity(records),
            ..Self::default()
        }
    }

    /// Adds a record, of fewer than [`MOST`], and holds its name if it is the first of that here.
    pub(crate) fn index(&mut self, names: &mut Names, found: &Found<'_>) {
        let name = names.number(found.name);
        let item = Item::new(found.id, found.start, name, found.offset, found.length);
        if self.add(item, names.namespace_of(name)) {
            names.hold_again(name);
        }
    }

    /// Adds a record, of fewer than [`MOST`]; true if it is the first of its name here.
    pub(crate) fn add(&mut self, item: Item, namespace: Option<u32>) -> bool {
        let position = self.items.len() as u16;
        self.by_id.insert(halves(item.id()), position);
        self.items.push(item);
        insert(&mut self.order, &self.items, position);
        if let Some(namespace) = namespace {
            insert(self.namespaces.entry(namespace).or_default(), &self.items, position);
        }
        let named = self.names.entry(item.name).or_insert_with(|| Named { namespace, positions: Vec::new() });
        insert(&mut named.positions, &self.items, position);
        named.positions.len() == 1
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// The record with that id; the last one that was appended, if there are several.
    pub(crate) fn find(&self, id: u128) -> Option<&Item> {
        self.by_id.get(&halves(id)).map(|position| &self.items[usize::from(*position)])
    }

    pub(crate) fn select(&self, which: Which) -> Selection<'_> {
        let positions = match which {
            Which::All => Some(&self.order),
            Which::Namespace(number) => self.namespaces.get(&number),
            Which::Name(number) => self.names.get(&number).map(|named| &named.positions),
        };
        Selection::at_positions(&self.items, positions.map_or(&[], Vec::as_slice))
    }

    /// Copies of the newest `count` records that pass, oldest first.
    pub(crate) fn newest(&self, which: Which, filter: &Filter<'_>, count: usize) -> Vec<Item> {
        let selection = self.select(which).within(filter);
        (selection.len().saturating_sub(count)..selection.len()).map(|rank| *selection.item(rank)).collect()
    }

    /// The names that have records here, by number.
    pub(crate) fn names(&self) -> &HashMap<u32, Named> {
        &self.names
    }

    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    /// The positions of all items, in order.
    pub(crate) fn order(&self) -> &[u16] {
        &self.order
    }
}

fn halves(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}

/// Puts `position` where its item belongs, behind those that are equal.
fn insert(positions: &mut Vec<u16>, items: &[Item], position: u16) {
    let key_of = |position: u16| items[usize::from(position)].key();
    let key = key_of(position);
    match positions.last() {
        Some(last) if key_of(*last) > key => {
            // What ends began a short while ago, so its place is near the end, and what is there has been looked at before.
            let mut behind = 1;
            while behind < positions.len() && key_of(positions[positions.len() - behind]) > key {
                behind *= 2;
            }
            let from = positions.len().saturating_sub(behind);
            let at = from + positions[from..].partition_point(|other| key_of(*other) <= key);
            positions.insert(at, position);
        }
        _ => positions.push(position),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(selection: Selection<'_>) -> Vec<u64> {
        (0..selection.len()).map(|rank| selection.item(rank).start).collect()
    }

    #[test]
    fn items_are_in_the_order_of_their_keys() {
        for spread in [1, 2, 9, 400] {
            let mut growing = Growing::with_room(4);
            let mut keys = Vec::new();
            for number in 0..300_u64 {
                // A start of about the same time, or from long before; ids in no order.
                let start = number / 4 + 1000 - number.wrapping_mul(7919) % spread;
                let id = u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let item = Item::new(id, start, 1, 0, 0);
                keys.push(item.key());
                growing.add(item, None);
                keys.sort();
                let order: Vec<_> = growing.order().iter().map(|at| growing.items()[usize::from(*at)].key()).collect();
                assert_eq!(order, keys, "{spread}");
            }
        }
    }

    #[test]
    fn whatever_the_order_of_appends() {
        let mut growing = Growing::with_room(4);
        let mut add = |id, start, name| growing.add(Item::new(id, start, name, 0, 0), (name < 10).then_some(77));
        assert!(add(1, 50, 1));
        assert!(add(2, 40, 2));
        assert!(!add(3, 60, 1));
        assert!(!add(4, 10, 1));
        assert!(add(5, 55, 10));
        assert_eq!(starts(growing.select(Which::All)), [10, 40, 50, 55, 60]);
        assert_eq!(starts(growing.select(Which::Name(1))), [10, 50, 60]);
        assert_eq!(starts(growing.select(Which::Namespace(77))), [10, 40, 50, 60]);
        assert!(growing.select(Which::Name(3)).is_empty() && growing.select(Which::Namespace(1)).is_empty());
        let since = Filter { since: Some(40), ..Filter::default() };
        let newest: Vec<u64> = growing.newest(Which::Name(1), &since, 1).iter().map(|item| item.start).collect();
        assert_eq!(newest, [60]);
        assert_eq!(growing.newest(Which::Name(1), &since, 9).len(), 2);
        assert_eq!(growing.find(4).unwrap().start, 10);
        assert!(growing.find(6).is_none());
    }
}
