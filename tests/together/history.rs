//! What many clients were told of one name, and whether one server that does a thing at a time could have told it.
//!
//! Every request has a time when it was sent and one when its answer was there, by a clock that all clients share; what it did
//! was done in between. Of two that do not overlap, the order is known, and what is checked follows from that alone:
//! - the versions of one life of a name, from its creation to its deletion, are 1, 2, 3 …: none is given twice, none is missing,
//!   and later requests have later ones;
//! - what was seen was written, and was not written over or deleted before it was asked for;
//! - what was not there was deleted, or was never there, and was not created since.

use std::collections::BTreeMap;

/// What a client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A write was done, and made this.
    Wrote(State),
    /// A deletion was done, and this is gone.
    Deleted(State),
    /// This is there.
    Saw(State),
    /// Nothing is there.
    Missed,
}

/// One version of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Which creation it goes back to; none if an update made it that found nothing.
    pub(crate) life: Option<u64>,
    pub(crate) version: u64,
    /// What the write that made it wrote, which is its alone; 0 where that is not shown.
    pub(crate) token: u64,
}

/// A request about the name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) told: Told,
}

impl Event {
    fn wrote(&self) -> Option<State> {
        if let Told::Wrote(state) = self.told { Some(state) } else { None }
    }

    fn is_before(&self, other: &Self) -> bool {
        self.to < other.from
    }
}

/// Whether a state that is known in part can be this one.
fn is_same(seen: State, wrote: State) -> bool {
    seen.version == wrote.version
        && (seen.token == 0 || wrote.token == 0 || seen.token == wrote.token)
        && seen.life == wrote.life
}

/// What cannot have been, of all that was told of a name that was not there at the time 0.
pub(crate) fn check(events: &[Event]) -> Result<(), String> {
    versions_count_up(events)?;
    let changes: Vec<&Event> =
        events.iter().filter(|event| matches!(event.told, Told::Wrote(_) | Told::Deleted(_))).collect();
    for event in events {
        match event.told {
            Told::Wrote(_) => {}
            Told::Saw(state) | Told::Deleted(state) => can_be_seen(event, state, &changes)?,
            Told::Missed => can_be_missed(event, &changes)?,
        }
    }
    Ok(())
}

fn versions_count_up(events: &[Event]) -> Result<(), String> {
    let mut lives: BTreeMap<u64, Vec<(u64, &Event)>> = BTreeMap::new();
    for event in events {
        if let Some(State { life: Some(life), version, .. }) = event.wrote() {
            lives.entry(life).or_default().push((version, event));
        }
    }
    for (life, mut writes) in lives {
        writes.sort_by_key(|(version, _)| *version);
        let mut latest: Option<&Event> = None;
        for (expected, (version, event)) in (1..).zip(&writes) {
            if *version != expected {
                let versions: Vec<u64> = writes.iter().map(|(version, _)| *version).collect();
                return Err(format!("life {life} has the versions {versions:?}"));
            }
            if let Some(earlier) = latest.filter(|earlier| event.is_before(earlier)) {
                return Err(format!("{event:?} was done before {earlier:?} was asked for, and has a later version"));
            }
            if latest.is_none_or(|latest| latest.from < event.from) {
                latest = Some(event);
            }
        }
    }
    Ok(())
}

/// Whether what was seen is what some write left that nothing had certainly undone.
fn can_be_seen(event: &Event, state: State, changes: &[&Event]) -> Result<(), String> {
    let mut undone = None;
    for write in changes.iter().filter(|change| change.wrote().is_some_and(|wrote| is_same(state, wrote))) {
        if event.is_before(write) {
            continue;
        }
        let by = changes
            .iter()
            .find(|change| !std::ptr::eq(**change, event) && change.is_before(event) && undoes(change, write, state));
        match by {
            Some(by) => undone = Some((write, by)),
            None => return Ok(()),
        }
    }
    Err(match undone {
        Some((write, by)) => format!("{event:?} came after {by:?}, which came after {write:?}"),
        None => format!("nobody wrote what {event:?} was"),
    })
}

/// Whether `change` came after `write`, which made `state`: by the clock, or because it says so.
fn undoes(change: &Event, write: &Event, state: State) -> bool {
    let is_later = match change.told {
        Told::Wrote(other) => state.life.is_some() && other.life == state.life && other.version > state.version,
        Told::Deleted(gone) => state.life.is_some() && gone.life == state.life,
        Told::Saw(_) | Told::Missed => false,
    };
    is_later || write.is_before(change)
}

fn can_be_missed(event: &Event, changes: &[&Event]) -> Result<(), String> {
    let deletions = changes.iter().filter(|change| matches!(change.told, Told::Deleted(_)) && !event.is_before(change));
    let gone_since = std::iter::once(0).chain(deletions.map(|deletion| deletion.to));
    let is_back = |since: u64| {
        changes.iter().find(|change| change.wrote().is_some() && change.from > since && change.is_before(event))
    };
    // The latest deletion leaves the fewest writes after it.
    match gone_since.max().and_then(is_back) {
        Some(write) => Err(format!("{event:?} came after {write:?}, and nobody has deleted it since")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn state(life: u64, version: u64) -> State {
        State { life: Some(life), version, token: life * 100 + version }
    }

    fn history(events: &[(u64, u64, Told)]) -> Vec<Event> {
        events.iter().map(|&(from, to, told)| Event { from, to, told }).collect()
    }

    fn fails(events: &[(u64, u64, Told)], with: &str) {
        let error = check(&history(events)).expect_err("it cannot have been");
        assert!(error.contains(with), "{error}");
    }

    #[test]
    fn what_can_have_been() {
        use Told::{Deleted, Missed, Saw, Wrote};
        let events = history(&[
            (1, 2, Missed),
            (3, 4, Wrote(state(1, 1))),
            (5, 9, Wrote(state(1, 3))),
            (6, 8, Wrote(state(1, 2))),
            // While somebody writes, either may be there.
            (7, 10, Saw(state(1, 1))),
            (11, 12, Saw(state(1, 3))),
            (13, 20, Deleted(state(1, 3))),
            (14, 15, Saw(state(1, 3))),
            (16, 17, Missed),
            (18, 19, Wrote(state(2, 1))),
            (21, 22, Saw(state(2, 1))),
        ]);
        assert_eq!(check(&events), Ok(()));
    }

    #[test]
    fn what_cannot() {
        use Told::{Deleted, Missed, Saw, Wrote};
        let (first, second) = (Wrote(state(1, 1)), Wrote(state(1, 2)));
        fails(&[(1, 2, first), (3, 4, Wrote(state(1, 3)))], "has the versions [1, 3]");
        fails(&[(1, 2, first), (3, 4, second), (3, 4, second)], "has the versions [1, 2, 2]");
        fails(&[(1, 2, second), (3, 4, first)], "has a later version");
        fails(&[(1, 2, first), (3, 4, second), (5, 6, Saw(state(1, 1)))], "which came after");
        fails(&[(1, 2, first), (3, 4, Deleted(state(1, 1))), (5, 6, Saw(state(1, 1)))], "which came after");
        // Although the two writes overlap, the versions say which was the later one.
        fails(&[(1, 4, first), (2, 3, second), (5, 6, Saw(state(1, 1)))], "which came after");
        fails(&[(1, 2, first), (3, 4, Saw(state(1, 2)))], "nobody wrote");
        fails(&[(1, 2, Saw(state(1, 1))), (3, 4, first)], "nobody wrote");
        fails(&[(1, 2, first), (3, 4, Missed)], "nobody has deleted it");
        fails(
            &[(1, 2, first), (3, 4, Deleted(state(1, 1))), (5, 6, Wrote(state(2, 1))), (7, 8, Missed)],
            "nobody has deleted",
        );
        fails(&[(1, 2, first), (3, 4, Deleted(state(1, 1))), (5, 6, Deleted(state(1, 1)))], "which came after");
    }
}
