//! CPython's own sort (`Objects/listobject.c`, `list_sort_impl`): timsort with the merge policy of powersort.
//!
//! It asks for the same comparisons in the same order, so that what a program's `__lt__` does shows as in CPython,
//! and so that keys without a total order come out as they do there.

use crate::{Cx, Result, Value, op};

/// A key and the item that it stands for.
pub(crate) type Pair<'a> = (Value<'a>, Value<'a>);

const MIN_GALLOP: usize = 7;
const MAX_MINRUN: usize = 64;

/// A sorted stretch that waits to be merged.
struct Run {
    start: usize,
    len: usize,
    /// Of the boundary between this run and the next.
    power: u32,
}

struct Sorter<'s, 'a> {
    cx: &'a Cx<'a>,
    g: u32,
    pairs: &'s mut [Pair<'a>],
    min_gallop: usize,
    pending: Vec<Run>,
}

/// Sorts by the keys.
pub(crate) fn sort<'a>(cx: &'a Cx<'a>, pairs: &mut [Pair<'a>], g: u32) -> Result<()> {
    let len = pairs.len();
    if len < 2 {
        return Ok(());
    }
    let mut sorter = Sorter { cx, g, pairs, min_gallop: MIN_GALLOP, pending: Vec::new() };
    let minrun = minrun(len);
    let mut start = 0;
    while start < len {
        let (mut run, descending) = sorter.count_run(start, len)?;
        if descending {
            sorter.pairs[start..start + run].reverse();
        }
        if run < minrun {
            let force = (len - start).min(minrun);
            sorter.binary_sort(start, start + force, start + run)?;
            run = force;
        }
        sorter.found_run(start, run, len)?;
        start += run;
    }
    while sorter.pending.len() > 1 {
        let mut at = sorter.pending.len() - 2;
        if at > 0 && sorter.pending[at - 1].len < sorter.pending[at + 1].len {
            at -= 1;
        }
        sorter.merge_at(at)?;
    }
    Ok(())
}

/// The least length of a run (`merge_compute_minrun`).
fn minrun(mut len: usize) -> usize {
    let mut rest = 0;
    while len >= MAX_MINRUN {
        rest |= len & 1;
        len >>= 1;
    }
    len + rest
}

/// The depth of the boundary between two runs in the tree of merges (`powerloop`).
fn power(start: usize, left: usize, right: usize, len: usize) -> u32 {
    let mut result = 0;
    let mut a = 2 * start + left;
    let mut b = a + left + right;
    loop {
        result += 1;
        if a >= len {
            a -= len;
            b -= len;
        } else if b >= len {
            return result;
        }
        a <<= 1;
        b <<= 1;
    }
}

impl<'a> Sorter<'_, 'a> {
    fn less(&self, l: Value<'a>, r: Value<'a>) -> Result<bool> {
        self.cx.tick(self.g)?;
        op::lt(self.cx, l, r, self.g)
    }

    fn key(&self, at: usize) -> Value<'a> {
        self.pairs[at].0
    }

    /// The length of the run at `start`, and whether it goes strictly down.
    fn count_run(&self, start: usize, end: usize) -> Result<(usize, bool)> {
        let mut at = start + 1;
        if at == end {
            return Ok((1, false));
        }
        let descending = self.less(self.key(at), self.key(at - 1))?;
        at += 1;
        while at < end && self.less(self.key(at), self.key(at - 1))? == descending {
            at += 1;
        }
        Ok((at - start, descending))
    }

    /// Sorts `start..end`, of which `start..sorted` is sorted already.
    fn binary_sort(&mut self, start: usize, end: usize, sorted: usize) -> Result<()> {
        for at in sorted.max(start + 1)..end {
            let pivot = self.pairs[at];
            let (mut left, mut right) = (start, at);
            while left < right {
                let middle = left + (right - left) / 2;
                if self.less(pivot.0, self.key(middle))? {
                    right = middle;
                } else {
                    left = middle + 1;
                }
            }
            self.pairs[left..=at].rotate_right(1);
        }
        Ok(())
    }

    /// Puts a run on the stack, after the merges that its power asks for.
    fn found_run(&mut self, start: usize, len: usize, total: usize) -> Result<()> {
        if let Some(last) = self.pending.last() {
            let power = power(last.start, last.len, len, total);
            while self.pending.len() > 1 && self.pending[self.pending.len() - 2].power > power {
                self.merge_at(self.pending.len() - 2)?;
            }
            if let Some(last) = self.pending.last_mut() {
                last.power = power;
            }
        }
        self.pending.push(Run { start, len, power: 0 });
        Ok(())
    }

    /// Merges the pending runs `at` and `at + 1`.
    fn merge_at(&mut self, at: usize) -> Result<()> {
        let right = self.pending.remove(at + 1);
        let (mut start, mut na) = (self.pending[at].start, self.pending[at].len);
        let middle = right.start;
        self.pending[at].len += right.len;
        self.pending[at].power = right.power;
        let skipped = gallop_right(self, self.key(middle), Place::Here(start), na, 0)?;
        start += skipped;
        na -= skipped;
        if na == 0 {
            return Ok(());
        }
        let nb = gallop_left(self, self.key(start + na - 1), Place::Here(middle), right.len, right.len - 1)?;
        match nb {
            0 => Ok(()),
            _ if na <= nb => self.merge_low(start, na, middle, nb),
            _ => self.merge_high(start, na, middle, nb),
        }
    }

    /// Merges adjacent runs from the left, the first of which is no longer than the second.
    fn merge_low(&mut self, start: usize, mut na: usize, middle: usize, mut nb: usize) -> Result<()> {
        let temp = self.pairs[start..start + na].to_vec();
        let (mut dest, mut a, mut b) = (start, 0, middle);
        let merged = self.merge_low_into(&temp, &mut dest, (&mut a, &mut na), (&mut b, &mut nb));
        // Whatever happened, what is left of the copy goes where there is room for it.
        if matches!(merged, Ok(true)) {
            self.pairs.copy_within(b..b + nb, dest);
            self.pairs[dest + nb] = temp[a];
        } else {
            self.pairs[dest..dest + na].copy_from_slice(&temp[a..a + na]);
        }
        merged.map(|_| ())
    }

    /// True if one item of the first run is left, which goes last.
    fn merge_low_into(
        &mut self,
        temp: &[Pair<'a>],
        dest: &mut usize,
        (a, na): (&mut usize, &mut usize),
        (b, nb): (&mut usize, &mut usize),
    ) -> Result<bool> {
        let take_b = |this: &mut Self, dest: &mut usize, b: &mut usize, nb: &mut usize, count: usize| {
            this.pairs.copy_within(*b..*b + count, *dest);
            (*dest, *b, *nb) = (*dest + count, *b + count, *nb - count);
        };
        let take_a = |this: &mut Self, dest: &mut usize, a: &mut usize, na: &mut usize, count: usize| {
            this.pairs[*dest..*dest + count].copy_from_slice(&temp[*a..*a + count]);
            (*dest, *a, *na) = (*dest + count, *a + count, *na - count);
        };
        take_b(self, dest, b, nb, 1);
        if *nb == 0 {
            return Ok(false);
        }
        if *na == 1 {
            return Ok(true);
        }
        let mut min_gallop = self.min_gallop;
        loop {
            let (mut acount, mut bcount) = (0, 0);
            loop {
                if self.less(self.key(*b), temp[*a].0)? {
                    take_b(self, dest, b, nb, 1);
                    (bcount, acount) = (bcount + 1, 0);
                    if *nb == 0 {
                        return Ok(false);
                    }
                    if bcount >= min_gallop {
                        break;
                    }
                } else {
                    take_a(self, dest, a, na, 1);
                    (acount, bcount) = (acount + 1, 0);
                    if *na == 1 {
                        return Ok(true);
                    }
                    if acount >= min_gallop {
                        break;
                    }
                }
            }
            min_gallop += 1;
            loop {
                min_gallop -= usize::from(min_gallop > 1);
                self.min_gallop = min_gallop;
                let acount = gallop_right(self, self.key(*b), Place::Temp(temp, *a), *na, 0)?;
                if acount > 0 {
                    take_a(self, dest, a, na, acount);
                    if *na == 1 {
                        return Ok(true);
                    }
                    // Only an inconsistent order leads here.
                    if *na == 0 {
                        return Ok(false);
                    }
                }
                take_b(self, dest, b, nb, 1);
                if *nb == 0 {
                    return Ok(false);
                }
                let bcount = gallop_left(self, temp[*a].0, Place::Here(*b), *nb, 0)?;
                if bcount > 0 {
                    take_b(self, dest, b, nb, bcount);
                    if *nb == 0 {
                        return Ok(false);
                    }
                }
                take_a(self, dest, a, na, 1);
                if *na == 1 {
                    return Ok(true);
                }
                if acount < MIN_GALLOP && bcount < MIN_GALLOP {
                    break;
                }
            }
            min_gallop += 1;
            self.min_gallop = min_gallop;
        }
    }

    /// Merges adjacent runs from the right, the first of which is the longer one.
    fn merge_high(&mut self, start: usize, mut na: usize, middle: usize, mut nb: usize) -> Result<()> {
        let temp = self.pairs[middle..middle + nb].to_vec();
        // Behind the place that is filled next.
        let mut dest = middle + nb;
        let merged = self.merge_high_into(&temp, start, &mut dest, &mut na, &mut nb);
        if matches!(merged, Ok(true)) {
            self.pairs.copy_within(start..start + na, dest - na);
            self.pairs[dest - na - 1] = temp[0];
        } else {
            self.pairs[dest - nb..dest].copy_from_slice(&temp[..nb]);
        }
        merged.map(|_| ())
    }

    /// True if one item of the second run is left, which goes first.
    fn merge_high_into(
        &mut self,
        temp: &[Pair<'a>],
        start: usize,
        dest: &mut usize,
        na: &mut usize,
        nb: &mut usize,
    ) -> Result<bool> {
        let take_a = |this: &mut Self, dest: &mut usize, na: &mut usize, count: usize| {
            this.pairs.copy_within(start + *na - count..start + *na, *dest - count);
            (*dest, *na) = (*dest - count, *na - count);
        };
        let take_b = |this: &mut Self, dest: &mut usize, nb: &mut usize, count: usize| {
            this.pairs[*dest - count..*dest].copy_from_slice(&temp[*nb - count..*nb]);
            (*dest, *nb) = (*dest - count, *nb - count);
        };
        take_a(self, dest, na, 1);
        if *na == 0 {
            return Ok(false);
        }
        if *nb == 1 {
            return Ok(true);
        }
        let mut min_gallop = self.min_gallop;
        loop {
            let (mut acount, mut bcount) = (0, 0);
            loop {
                if self.less(temp[*nb - 1].0, self.key(start + *na - 1))? {
                    take_a(self, dest, na, 1);
                    (acount, bcount) = (acount + 1, 0);
                    if *na == 0 {
                        return Ok(false);
                    }
                    if acount >= min_gallop {
                        break;
                    }
                } else {
                    take_b(self, dest, nb, 1);
                    (bcount, acount) = (bcount + 1, 0);
                    if *nb == 1 {
                        return Ok(true);
                    }
                    if bcount >= min_gallop {
                        break;
                    }
                }
            }
            min_gallop += 1;
            loop {
                min_gallop -= usize::from(min_gallop > 1);
                self.min_gallop = min_gallop;
                let acount = *na - gallop_right(self, temp[*nb - 1].0, Place::Here(start), *na, *na - 1)?;
                if acount > 0 {
                    take_a(self, dest, na, acount);
                    if *na == 0 {
                        return Ok(false);
                    }
                }
                take_b(self, dest, nb, 1);
                if *nb == 1 {
                    return Ok(true);
                }
                let bcount = *nb - gallop_left(self, self.key(start + *na - 1), Place::Temp(temp, 0), *nb, *nb - 1)?;
                if bcount > 0 {
                    take_b(self, dest, nb, bcount);
                    if *nb == 1 {
                        return Ok(true);
                    }
                    // Only an inconsistent order leads here.
                    if *nb == 0 {
                        return Ok(false);
                    }
                }
                take_a(self, dest, na, 1);
                if *na == 0 {
                    return Ok(false);
                }
                if acount < MIN_GALLOP && bcount < MIN_GALLOP {
                    break;
                }
            }
            min_gallop += 1;
            self.min_gallop = min_gallop;
        }
    }
}

/// Where a run to gallop over is: in the list, or in the copy, from an index on.
#[derive(Copy, Clone)]
enum Place<'t, 'a> {
    Here(usize),
    Temp(&'t [Pair<'a>], usize),
}

impl<'a> Place<'_, 'a> {
    fn key(self, sorter: &Sorter<'_, 'a>, at: usize) -> Value<'a> {
        match self {
            Place::Here(start) => sorter.key(start + at),
            Place::Temp(temp, start) => temp[start + at].0,
        }
    }
}

/// Where `key` goes among `len` items, in front of equal ones, searching from `hint` on.
fn gallop_left<'a>(
    sorter: &Sorter<'_, 'a>,
    key: Value<'a>,
    place: Place<'_, 'a>,
    len: usize,
    hint: usize,
) -> Result<usize> {
    gallop(len, hint, |at| sorter.less(place.key(sorter, at), key))
}

/// The same, behind equal ones.
fn gallop_right<'a>(
    sorter: &Sorter<'_, 'a>,
    key: Value<'a>,
    place: Place<'_, 'a>,
    len: usize,
    hint: usize,
) -> Result<usize> {
    gallop(len, hint, |at| sorter.less(key, place.key(sorter, at)).map(|less| !less))
}

/// The first index for which `before` does not hold, by steps that double from `hint` on, then by halves.
fn gallop(len: usize, hint: usize, before: impl Fn(usize) -> Result<bool>) -> Result<usize> {
    let (mut last, mut offset) = (0, 1);
    // `low` is one less than the first candidate, so it may be -1.
    let (low, mut high);
    if before(hint)? {
        let most = len - hint;
        while offset < most && before(hint + offset)? {
            last = offset;
            offset = (offset << 1) + 1;
        }
        low = (last + hint) as isize;
        high = offset.min(most) + hint;
    } else {
        let most = hint + 1;
        while offset < most && !before(hint - offset)? {
            last = offset;
            offset = (offset << 1) + 1;
        }
        low = hint as isize - offset.min(most) as isize;
        high = hint - last;
    }
    let mut low = (low + 1) as usize;
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(high)
}
