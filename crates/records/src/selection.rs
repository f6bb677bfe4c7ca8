//! What an index knows of a record, and the records of a segment that pass a filter.

use crate::names::Filter;

/// A record's place, and what it is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// In two halves, because a u128 would have items padded to 48 bytes.
    id: [u64; 2],
    pub(crate) start: u64,
    /// By number.
    pub(crate) name: u32,
    pub(crate) offset: u32,
    pub(crate) length: u32,
}

const _: () = assert!(size_of::<Item>() == 40);

/// What lists are ordered by.
pub(crate) type Key = (u64, u128);

impl Item {
    pub(crate) fn new(id: u128, start: u64, name: u32, offset: u32, length: u32) -> Self {
        Self { id: [(id >> 64) as u64, id as u64], start, name, offset, length }
    }

    pub(crate) fn id(&self) -> u128 {
        (u128::from(self.id[0]) << 64) | u128::from(self.id[1])
    }

    pub(crate) fn key(&self) -> Key {
        (self.start, self.id())
    }
}

/// Some items of a segment, oldest start first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selection<'a> {
    items: &'a [Item],
    /// Which items, in which order; without it they are all of them, as they stand.
    positions: Option<&'a [u16]>,
}

impl<'a> Selection<'a> {
    /// All of `items`, which are in order.
    pub(crate) fn ordered(items: &'a [Item]) -> Self {
        Self { items, positions: None }
    }

    /// Those of `items` at `positions`, which are in order.
    pub(crate) fn at_positions(items: &'a [Item], positions: &'a [u16]) -> Self {
        Self { items, positions: Some(positions) }
    }

    pub(crate) fn len(&self) -> usize {
        self.positions.map_or(self.items.len(), <[u16]>::len)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `rank`, which is below the length.
    pub(crate) fn item(&self, rank: usize) -> &'a Item {
        match self.positions {
            None => &self.items[rank],
            Some(positions) => &self.items[usize::from(positions[rank])],
        }
    }

    /// The first rank within `ranks` whose item is not `before`, or their end.
    pub(crate) fn first(&self, ranks: std::ops::Range<usize>, before: impl Fn(&Item) -> bool) -> usize {
        let from = ranks.start;
        from + match self.positions {
            None => self.items[ranks].partition_point(before),
            Some(positions) => positions[ranks].partition_point(|at| before(&self.items[usize::from(*at)])),
        }
    }

    /// Those that started within the filter's times.
    pub(crate) fn within(self, filter: &Filter<'_>) -> Self {
        let all = 0..self.len();
        let from = filter.since.map_or(0, |since| self.first(all.clone(), |item| item.start < since));
        let to = filter.upto.map_or(all.end, |upto| self.first(all, |item| item.start <= upto));
        // Nothing is within times whose end is before their beginning.
        let ranks = from..to.max(from);
        match self.positions {
            None => Self { items: &self.items[ranks], positions: None },
            Some(positions) => Self { positions: Some(&positions[ranks]), ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_hold_whole_ids() {
        for id in [0, 1, u128::MAX, 1 << 64, u128::MAX << 64] {
            assert_eq!(Item::new(id, 7, 0, 0, 0).key(), (7, id));
        }
    }

    #[test]
    fn both_kinds_are_cut_by_time() {
        let items: Vec<Item> = [30, 10, 20, 20].iter().map(|start| Item::new(1, *start, 0, 0, 0)).collect();
        let mut ordered = items.clone();
        ordered.sort_by_key(Item::key);
        for selection in [Selection::ordered(&ordered), Selection::at_positions(&items, &[1, 2, 3, 0])] {
            let starts = |since, upto| {
                let within = selection.within(&Filter { since, upto, ..Filter::default() });
                (0..within.len()).map(|rank| within.item(rank).start).collect::<Vec<_>>()
            };
            assert_eq!(starts(None, None), [10, 20, 20, 30]);
            assert_eq!(starts(Some(11), None), [20, 20, 30]);
            assert_eq!(starts(None, Some(20)), [10, 20, 20]);
            assert_eq!(starts(Some(20), Some(20)), [20, 20]);
            assert!(starts(Some(30), Some(10)).is_empty() && starts(Some(31), None).is_empty());
        }
    }
}
