//! How much is kept, and how large that lets a segment become.

use std::time::Duration;

/// The longest record, in bytes.
pub const MAX_RECORD_BYTES: usize = 256 << 20;
/// The longest name, in bytes.
pub const MAX_NAME_BYTES: usize = u16::MAX as usize;

/// A segment's records at most; positions in a segment are 16 bits.
const SEGMENT_RECORDS: u64 = 32_768;
/// A segment's bytes at most, unless a single record is longer.
const SEGMENT_BYTES: u64 = 16 << 20;
/// Limits are kept to within this part of them, since segments go as a whole.
const PARTS: u32 = 8;

/// How many records are kept; whichever limit is reached first holds.
///
/// Whole segments go, oldest first, so up to an eighth less is kept than each limit allows.
/// The segment that takes appends stays whatever it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Records at most.
    pub records: u64,
    /// Bytes of segments at most; index files come to some 40 bytes a record beyond that.
    pub bytes: u64,
    /// How long ago a record's start may be.
    pub age: Duration,
}

/// When the segment that takes appends is full.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentLimits {
    pub(crate) records: usize,
    pub(crate) bytes: u64,
    /// Milliseconds since it was made.
    pub(crate) age: u64,
}

impl Retention {
    pub(crate) fn segment(&self) -> SegmentLimits {
        SegmentLimits {
            records: (self.records / u64::from(PARTS)).clamp(1, SEGMENT_RECORDS) as usize,
            bytes: (self.bytes / u64::from(PARTS)).clamp(1, SEGMENT_BYTES),
            age: milliseconds(self.age / PARTS),
        }
    }

    /// Records that started before this are too old, at `now`; both milliseconds of the epoch.
    pub(crate) fn oldest(&self, now: u64) -> u64 {
        now.saturating_sub(milliseconds(self.age))
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_small_parts_of_what_is_kept() {
        let large = Retention { records: 1_000_000, bytes: 4 << 30, age: Duration::MAX }.segment();
        assert_eq!((large.records, large.bytes), (32_768, 16 << 20));
        let small = Retention { records: 1_000, bytes: 1 << 20, age: Duration::from_secs(8) }.segment();
        assert_eq!((small.records, small.bytes, small.age), (125, 131_072, 1_000));
        let none = Retention { records: 0, bytes: 0, age: Duration::ZERO }.segment();
        assert_eq!((none.records, none.bytes, none.age), (1, 1, 0));
    }

    #[test]
    fn an_endless_age_makes_nothing_old() {
        let retention = Retention { records: 1, bytes: 1, age: Duration::MAX };
        assert_eq!(retention.oldest(1_700_000_000_000), 0);
        assert_eq!(Retention { age: Duration::from_secs(2), ..retention }.oldest(5_000), 3_000);
    }
}
