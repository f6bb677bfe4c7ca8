//! A segment that takes no appends any more, as its readers see it.

use crate::columns::Columns;
use crate::growing::Growing;
use crate::names::{Filter, Which};
use crate::selection::{Item, Selection};

/// A full segment; what it holds does not change.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    /// The length of its file.
    pub(crate) bytes: u64,
    pub(crate) index: Index,
}

/// Where its records are.
#[derive(Debug)]
pub(crate) enum Index {
    /// It was full a moment ago, and has no index file yet.
    Growing(Growing),
    /// It is sealed.
    Sealed(Columns),
}

impl Segment {
    pub(crate) fn len(&self) -> usize {
        match &self.index {
            Index::Growing(growing) => growing.len(),
            Index::Sealed(columns) => columns.len(),
        }
    }

    /// The newest start of its records, if there are any.
    pub(crate) fn newest(&self) -> Option<u64> {
        let all = self.select(Which::All);
        all.len().checked_sub(1).map(|rank| all.item(rank).start)
    }

    pub(crate) fn find(&self, id: u128) -> Option<&Item> {
        match &self.index {
            Index::Growing(growing) => growing.find(id),
            Index::Sealed(columns) => columns.find(id),
        }
    }

    /// Its records that pass, oldest start first.
    pub(crate) fn passing(&self, which: Which, filter: &Filter<'_>) -> Selection<'_> {
        // Most segments are before or after the times that are asked for; that their ends say.
        match self.overlaps(filter) {
            true => self.select(which).within(filter),
            false => Selection::ordered(&[]),
        }
    }

    fn overlaps(&self, filter: &Filter<'_>) -> bool {
        let all = self.select(Which::All);
        !all.is_empty()
            && filter.since.is_none_or(|since| all.item(all.len() - 1).start >= since)
            && filter.upto.is_none_or(|upto| all.item(0).start <= upto)
    }

    fn select(&self, which: Which) -> Selection<'_> {
        match &self.index {
            Index::Growing(growing) => growing.select(which),
            Index::Sealed(columns) => columns.select(which),
        }
    }

    /// The names that it holds, by number.
    pub(crate) fn names(&self) -> Vec<u32> {
        match &self.index {
            Index::Growing(growing) => growing.names().keys().copied().collect(),
            Index::Sealed(columns) => columns.names().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::tests::growing;

    #[test]
    fn a_segment_is_the_same_before_and_after_it_is_sealed() {
        let columns = Columns::from_growing(&growing());
        let segments =
            [Index::Growing(growing()), Index::Sealed(columns)].map(|index| Segment { number: 1, bytes: 100, index });
        for segment in &segments {
            assert_eq!((segment.len(), segment.newest()), (6, Some(50)));
            let mut names = segment.names();
            names.sort_unstable();
            assert_eq!(names, [2, 4, 9]);
            let count = |since, upto| segment.passing(Which::All, &Filter { since, upto, ..Filter::default() }).len();
            assert_eq!((count(Some(30), None), count(Some(51), None), count(None, Some(4))), (3, 0, 0));
        }
    }
}
