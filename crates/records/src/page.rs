//! Selections of several segments to one page of a list.
//!
//! Segments follow each other in time but overlap, since records are appended when they end and listed by when they started.
//! So a page is merged; but what a client skips is not walked through: where the page begins is found by halving.
//! **Records are totally ordered: by start, by id, by segment, by how they were appended.**

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::selection::{Item, Key, Selection};

/// The newest items but `skip`, at most `limit`, newest first, each with the place of its selection in `selections`.
pub(crate) fn page<'a>(selections: &[Selection<'a>], skip: usize, limit: usize) -> Vec<(usize, &'a Item)> {
    let mut ends = boundary(selections, skip);
    let newest = |at: usize, end: usize| end.checked_sub(1).map(|rank| (selections[at].item(rank).key(), at));
    let mut heap: BinaryHeap<(Key, usize)> = ends.iter().enumerate().filter_map(|(at, end)| newest(at, *end)).collect();
    let mut page = Vec::new();
    while page.len() < limit
        && let Some((_, at)) = heap.pop()
    {
        ends[at] -= 1;
        page.push((at, selections[at].item(ends[at])));
        heap.extend(newest(at, ends[at]));
    }
    page
}

/// How many items of each selection are left when the `skip` newest of all are taken away.
///
/// The boundary in each selection is between `from` and `to`.
/// An item from there is held against all selections: either it is skipped, and so is all that is newer, or it is left, and so is all that is older.
/// The weighted median of the ranges' middles takes at least a quarter of what is unknown away each time.
fn boundary(selections: &[Selection<'_>], skip: usize) -> Vec<usize> {
    let mut to: Vec<usize> = selections.iter().map(Selection::len).collect();
    let all: usize = to.iter().sum();
    let mut from = vec![0; to.len()];
    if skip == 0 {
        return to;
    }
    if skip >= all {
        return from;
    }
    let mut middles: Vec<(Key, usize)> = Vec::with_capacity(to.len());
    loop {
        middles.clear();
        let open = (0..to.len()).filter(|at| from[*at] < to[*at]);
        middles.extend(open.map(|at| (selections[at].item(middle(from[at], to[at])).key(), at)));
        if middles.is_empty() {
            return to;
        }
        let (key, chosen) = median(&mut middles, &from, &to);
        let older: Vec<usize> = (0..to.len())
            .map(|at| match at.cmp(&chosen) {
                Ordering::Less => selections[at].first(from[at]..to[at], |item| item.key() <= key),
                Ordering::Equal => middle(from[at], to[at]),
                Ordering::Greater => selections[at].first(from[at]..to[at], |item| item.key() < key),
            })
            .collect();
        let newer = all - older.iter().sum::<usize>() - 1;
        if newer >= skip {
            from = older;
            from[chosen] += 1;
        } else {
            to = older;
        }
    }
}

fn middle(from: usize, to: usize) -> usize {
    from + (to - from) / 2
}

fn median(middles: &mut [(Key, usize)], from: &[usize], to: &[usize]) -> (Key, usize) {
    middles.sort_unstable();
    let weight = |at: usize| to[at] - from[at];
    let half = middles.iter().map(|(_, at)| weight(*at)).sum::<usize>() / 2;
    let mut passed = 0;
    for middle in middles.iter() {
        passed += weight(middle.1);
        if passed > half {
            return *middle;
        }
    }
    // All weights together are more than half of them.
    middles[middles.len() - 1]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(keys: &[(u64, u128)]) -> Vec<Item> {
        let mut items: Vec<Item> = keys.iter().map(|(start, id)| Item::new(*id, *start, 0, 0, 0)).collect();
        items.sort_by_key(Item::key);
        items
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_page_is_that_of_the_sorted_whole(
            segments in prop::collection::vec(prop::collection::vec((0..20_u64, 0..4_u128), 0..40), 0..8),
            skip in 0..200_usize,
            limit in 0..30_usize,
        ) {
            let segments: Vec<Vec<Item>> = segments.iter().map(|keys| items(keys)).collect();
            let selections: Vec<Selection<'_>> = segments.iter().map(|items| Selection::ordered(items)).collect();
            let mut whole: Vec<(Key, usize)> = segments
                .iter()
                .enumerate()
                .flat_map(|(at, items)| items.iter().map(move |item| (item.key(), at)))
                .collect();
            whole.sort_by(|a, b| b.cmp(a));
            let expected: Vec<_> = whole.into_iter().skip(skip).take(limit).collect();
            let page: Vec<_> =
                page(&selections, skip, limit).into_iter().map(|(at, item)| (item.key(), at)).collect();
            prop_assert_eq!(page, expected);
        }
    }

    #[test]
    fn a_boundary_among_equals_is_exact() {
        let equal = items(&[(1, 1); 50]);
        let selections = [Selection::ordered(&equal); 3];
        for skip in 0..=150 {
            let left: usize = boundary(&selections, skip).iter().sum();
            assert_eq!(left, 150 - skip);
        }
        assert_eq!(boundary(&selections, usize::MAX), [0, 0, 0]);
        assert!(page(&[], 0, 10).is_empty());
    }
}
