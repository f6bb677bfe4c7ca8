//! The index of a sealed segment: what grew, in the least room and for good.
//!
//! Items stand in order, and 16-bit positions say in which order their ids are and which of them are of a name.

use crate::growing::Growing;
use crate::names::Which;
use crate::selection::{Item, Selection};

/// The records of a sealed segment, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    items: Box<[Item]>,
    /// Positions, by id; those of one id as they were appended.
    by_id: Box<[u16]>,
    names: Postings,
    namespaces: Postings,
}

/// Which items are of which group.
#[derive(Debug, PartialEq, Eq)]
struct Postings {
    /// The groups' numbers, ascending.
    groups: Box<[u32]>,
    /// Where a group's positions end; they begin where those of the group before end.
    ends: Box<[u32]>,
    positions: Box<[u16]>,
}

impl Columns {
    /// Puts together what an index file has.
    ///
    /// `items` are in order, `by_id` has each of their positions once; `names` has each name of the segment with its namespace,
    /// and `local` says for each item which of these is its own.
    pub(crate) fn new(
        items: Box<[Item]>,
        by_id: Box<[u16]>,
        names: &[(u32, Option<u32>)],
        local: impl Fn(usize) -> usize,
    ) -> Self {
        let by_name = Postings::new(items.len(), names.iter().map(|name| Some(name.0)).collect(), &local);
        let by_namespace = Postings::new(items.len(), names.iter().map(|name| name.1).collect(), &local);
        Self { items, by_id, names: by_name, namespaces: by_namespace }
    }

    /// The same records in less room.
    pub(crate) fn from_growing(growing: &Growing) -> Self {
        let order = growing.order();
        let items: Box<[Item]> = order.iter().map(|position| growing.items()[usize::from(*position)]).collect();
        let mut ranks = vec![0_u16; items.len()];
        for (rank, position) in order.iter().enumerate() {
            ranks[usize::from(*position)] = rank as u16;
        }
        let mut by_id: Box<[u16]> = ranks.clone().into();
        by_id.sort_unstable_by_key(|rank| {
            let item = &items[usize::from(*rank)];
            (item.id(), item.offset)
        });
        let mut names = Vec::with_capacity(growing.names().len());
        let mut local = vec![0_u16; items.len()];
        for (name, named) in growing.names() {
            for position in &named.positions {
                local[usize::from(ranks[usize::from(*position)])] = names.len() as u16;
            }
            names.push((*name, named.namespace));
        }
        Self::new(items, by_id, &names, |rank| usize::from(local[rank]))
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// The record with that id; the last one that was appended, if there are several.
    pub(crate) fn find(&self, id: u128) -> Option<&Item> {
        let item_of = |position: u16| &self.items[usize::from(position)];
        let behind = self.by_id.partition_point(|position| item_of(*position).id() <= id);
        let item = item_of(self.by_id[behind.checked_sub(1)?]);
        (item.id() == id).then_some(item)
    }

    pub(crate) fn select(&self, which: Which) -> Selection<'_> {
        match which {
            Which::All => Selection::ordered(&self.items),
            Which::Namespace(number) => Selection::at_positions(&self.items, self.namespaces.of(number)),
            Which::Name(number) => Selection::at_positions(&self.items, self.names.of(number)),
        }
    }

    /// The names that have records here, ascending by number.
    pub(crate) fn names(&self) -> &[u32] {
        &self.names.groups
    }

    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    pub(crate) fn by_id(&self) -> &[u16] {
        &self.by_id
    }
}

impl Postings {
    /// Sorts `items` positions into groups, in one go: `local` gives an item's place in `group_of`, where its group is, if any.
    fn new(items: usize, group_of: Vec<Option<u32>>, local: impl Fn(usize) -> usize) -> Self {
        let mut groups: Vec<u32> = group_of.iter().copied().flatten().collect();
        groups.sort_unstable();
        groups.dedup();
        let slots: Vec<Option<usize>> = group_of.iter().map(|group| groups.binary_search(&(*group)?).ok()).collect();
        let mut next = vec![0_u32; groups.len()];
        for slot in (0..items).filter_map(|item| slots[local(item)]) {
            next[slot] += 1;
        }
        let mut total = 0;
        for count in &mut next {
            total += std::mem::replace(count, total);
        }
        let mut positions = vec![0; total as usize];
        for item in 0..items {
            if let Some(slot) = slots[local(item)] {
                positions[next[slot] as usize] = item as u16;
                next[slot] += 1;
            }
        }
        Self { groups: groups.into(), ends: next.into(), positions: positions.into() }
    }

    fn of(&self, group: u32) -> &[u16] {
        let Ok(slot) = self.groups.binary_search(&group) else { return &[] };
        let from = slot.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.positions[from as usize..self.ends[slot] as usize]
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Records of three names, of which one is in no namespace, in no order.
    pub(crate) fn growing() -> Growing {
        let mut growing = Growing::default();
        let records = [(7, 30, 9), (3, 10, 4), (9, 20, 9), (1, 30, 2), (4, 5, 4), (3, 50, 9)];
        for (offset, (id, start, name)) in records.into_iter().enumerate() {
            growing.add(Item::new(id << 70, start, name, 32 + offset as u32, 1), (name != 2).then_some(name % 2));
        }
        growing
    }

    #[test]
    fn columns_answer_as_what_grew() {
        let growing = growing();
        let columns = Columns::from_growing(&growing);
        assert_eq!(columns.len(), 6);
        assert_eq!(columns.names(), [2, 4, 9]);
        let whiches = (0..11).flat_map(|number| [Which::Name(number), Which::Namespace(number)]);
        for which in whiches.chain([Which::All]) {
            let (small, large) = (columns.select(which), growing.select(which));
            assert_eq!(small.len(), large.len(), "{which:?}");
            assert!((0..small.len()).all(|rank| small.item(rank) == large.item(rank)), "{which:?}");
        }
        for id in 0..12 {
            assert_eq!(columns.find(id << 70), growing.find(id << 70), "{id}");
        }
        assert_eq!(columns.find(3 << 70).unwrap().start, 50, "the one that was appended last");
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        let columns = Columns::from_growing(&Growing::default());
        assert!(columns.find(1).is_none() && columns.select(Which::Name(0)).is_empty());
        assert!(columns.select(Which::All).is_empty());
    }
}
