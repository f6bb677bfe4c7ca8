//! What is done behind the requests' backs: deleting what is no longer kept, syncing, sealing full segments.
//!
//! **Nothing here holds the mutex of appends while it waits for the disk**, but for making a segment's file.

use std::fs::File;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::RecordsError;
use crate::columns::Columns;
use crate::directory::failed;
use crate::index_file;
use crate::records::{Shared, State, lock, now};
use crate::segment::{Index, Segment};

/// Records reach the disk within a second: they wait this long, and then for the sync.
const PERIOD: Duration = Duration::from_millis(500);

/// The thread: tends until the records are closed.
pub(crate) fn run(shared: &Shared) {
    let mut failing = false;
    loop {
        let waited = shared.closing.wait_timeout_while(shared.state(), PERIOD, |state| !state.closed);
        let closed = waited.unwrap_or_else(PoisonError::into_inner).0.closed;
        if closed {
            return;
        }
        match shared.tend() {
            // A full disk stays so for longer than anybody wants to read of it.
            Err(error) if !failing => {
                tracing::error!("activation records: {error}");
                failing = true;
            }
            Err(_) => {}
            Ok(()) => failing = false,
        }
    }
}

impl Shared {
    /// Does all that is to be done; a step that fails does not keep the others from being done.
    ///
    /// Deletions come first, because they may make the room that the others need.
    pub(crate) fn tend(&self) -> Result<(), RecordsError> {
        let _alone = lock(&self.tending);
        let steps = [self.roll_old(), self.retire(), self.sync(), self.seal()];
        steps.into_iter().collect()
    }

    /// Makes a new segment where the last one has taken appends for so long that its first records would be kept too long.
    fn roll_old(&self) -> Result<(), RecordsError> {
        let mut state = self.state();
        let old = state.appender.created < now().saturating_sub(self.limits.age);
        match old && state.growing.len() > 0 && !state.closed {
            true => state.roll(self),
            false => Ok(()),
        }
    }

    /// Deletes the oldest segments, until what is left is within the limits.
    fn retire(&self) -> Result<(), RecordsError> {
        let oldest = self.retention.oldest(now());
        let mut gone = Vec::new();
        {
            let mut state = self.state();
            let State { segments, names, growing, appender, .. } = &mut *state;
            let mut records = (growing.len() + segments.iter().map(|segment| segment.len()).sum::<usize>()) as u64;
            let mut bytes = appender.end + segments.iter().map(|segment| segment.bytes).sum::<u64>();
            for segment in segments.iter() {
                let aged = segment.newest().is_none_or(|newest| newest < oldest);
                if records <= self.retention.records && bytes <= self.retention.bytes && !aged {
                    break;
                }
                records -= segment.len() as u64;
                bytes -= segment.bytes;
                segment.names().into_iter().for_each(|name| names.release(name));
                gone.push(Arc::clone(segment));
            }
            if !gone.is_empty() {
                Arc::make_mut(segments).drain(..gone.len());
            }
        }
        gone.iter().try_for_each(|segment| self.directory.remove(segment.number))
    }

    /// Has what was appended reach the disk.
    fn sync(&self) -> Result<(), RecordsError> {
        let (file, number, unnamed) = {
            let mut state = self.state();
            let file = std::mem::take(&mut state.unsynced).then(|| Arc::clone(&state.appender.file));
            (file, state.appender.number, std::mem::take(&mut state.unnamed))
        };
        if let Some(file) = file {
            file.sync_data().map_err(|error| failed(&self.directory.segment(number), error))?;
        }
        if unnamed {
            self.directory.sync()?;
        }
        Ok(())
    }

    /// Puts an index beside each full segment that has none, and its columns in the place of what grew.
    fn seal(&self) -> Result<(), RecordsError> {
        let segments = Arc::clone(&self.state().segments);
        let full = segments.iter().filter(|segment| matches!(segment.index, Index::Growing(_)));
        full.map(|segment| self.seal_one(segment)).fold(Ok(()), Result::and)
    }

    fn seal_one(&self, segment: &Segment) -> Result<(), RecordsError> {
        let Index::Growing(growing) = &segment.index else { return Ok(()) };
        let (number, bytes) = (segment.number, segment.bytes);
        let columns = Columns::from_growing(growing);
        let texts: Vec<_> = {
            let state = self.state();
            columns.names().iter().map(|name| (*name, state.names.text(*name))).collect()
        };
        let path = self.directory.segment(number);
        // An index must not outlive records that it has.
        let synced = File::open(&path).and_then(|file| file.sync_data()).map_err(|error| failed(&path, error));
        let file = index_file::encode(&columns, number, bytes, &texts);
        let written = synced.and_then(|()| self.directory.write_index(number, &file));
        // Without a file it is made again at the next start; the columns are of use either way.
        let sealed = Arc::new(Segment { number, bytes, index: Index::Sealed(columns) });
        let mut state = self.state();
        for place in Arc::make_mut(&mut state.segments) {
            if place.number == number {
                *place = Arc::clone(&sealed);
            }
        }
        written
    }
}
