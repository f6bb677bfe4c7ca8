//! The bytes of a segment to the records in it, past whatever is damaged.

use crate::format::{self, MARKER, RECORD_HEADER, RecordHeader, SEGMENT_HEADER};

/// A record that was found whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    pub(crate) id: u128,
    pub(crate) start: u64,
    pub(crate) name: &'a str,
    pub(crate) offset: u32,
    pub(crate) length: u32,
}

/// What a segment holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan<'a> {
    /// In the order in which they were appended.
    pub(crate) found: Vec<Found<'a>>,
    /// The end of the last record, or of the segment's header.
    pub(crate) end: u64,
    /// Bytes between records that belong to none.
    pub(crate) lost: u64,
}

/// Reads the segment `number`, of which `bytes` is the whole file.
pub(crate) fn scan(bytes: &[u8], number: u64) -> Scan<'_> {
    let mut scan = Scan { end: SEGMENT_HEADER as u64, ..Scan::default() };
    let mut at = SEGMENT_HEADER;
    while at < bytes.len() {
        let Some(header) = RecordHeader::decode(&bytes[at..], number, at as u64) else {
            at = next_marker(bytes, at + 1);
            continue;
        };
        let Some(body) = bytes.get(at + RECORD_HEADER..at + header.length()) else {
            at = next_marker(bytes, at + 1);
            continue;
        };
        if let Some(found) = whole(&header, body, at) {
            scan.lost += at as u64 - scan.end;
            scan.end = (at + header.length()) as u64;
            scan.found.push(found);
        }
        at += header.length();
    }
    scan
}

/// The record of a sound header, if its name and bytes are sound too.
fn whole<'a>(header: &RecordHeader, body: &'a [u8], at: usize) -> Option<Found<'a>> {
    let (name, bytes) = body.split_at(usize::from(header.name_length));
    if format::checksum(name, bytes) != header.checksum {
        return None;
    }
    Some(Found {
        id: header.id,
        start: header.start,
        name: std::str::from_utf8(name).ok()?,
        offset: u32::try_from(at).ok()?,
        length: u32::try_from(header.length()).ok()?,
    })
}

fn next_marker(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(MARKER.len()).position(|window| window == MARKER).map_or(bytes.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{SegmentHeader, checksum};

    fn segment(records: &[(u128, &str, &[u8])]) -> (Vec<u8>, Vec<usize>) {
        let mut file = SegmentHeader { number: 3, created: 0 }.encode().to_vec();
        let mut offsets = Vec::new();
        for (id, name, bytes) in records {
            let header = RecordHeader {
                id: *id,
                start: 5,
                name_length: name.len() as u16,
                bytes_length: bytes.len() as u32,
                checksum: checksum(name.as_bytes(), bytes),
            };
            offsets.push(file.len());
            file.extend(header.encode(3, file.len() as u64));
            file.extend(name.as_bytes());
            file.extend(*bytes);
        }
        (file, offsets)
    }

    fn ids(scan: &Scan<'_>) -> Vec<u128> {
        scan.found.iter().map(|found| found.id).collect()
    }

    #[test]
    fn everything_is_found() {
        let (file, offsets) = segment(&[(1, "a", b"one"), (2, "", b""), (3, "guest/b", b"three")]);
        let scan = scan(&file, 3);
        assert_eq!(ids(&scan), [1, 2, 3]);
        assert_eq!((scan.end, scan.lost), (file.len() as u64, 0));
        assert_eq!(scan.found[2].name, "guest/b");
        assert_eq!(scan.found[2].offset as usize, offsets[2]);
        assert_eq!(scan.found[2].length, 44 + 7 + 5);
    }

    #[test]
    fn damage_costs_the_record_that_it_is_in() {
        let (file, offsets) = segment(&[(1, "a", b"one"), (2, "b", b"two"), (3, "c", b"three")]);
        for at in offsets[1]..offsets[2] {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            let scan = scan(&damaged, 3);
            assert_eq!(ids(&scan), [1, 3], "byte {at}");
            assert_eq!((scan.end, scan.lost), (file.len() as u64, (offsets[2] - offsets[1]) as u64));
        }
    }

    #[test]
    fn a_torn_tail_is_behind_the_end() {
        let (file, offsets) = segment(&[(1, "a", b"one"), (2, "b", b"two")]);
        for length in offsets[1]..file.len() {
            let torn = scan(&file[..length], 3);
            assert_eq!((ids(&torn), torn.end, torn.lost), (vec![1], offsets[1] as u64, 0), "{length} bytes");
            let mut zeros = file[..length].to_vec();
            zeros.resize(file.len() + 100, 0);
            // Zeros at the very end of the record may be its own.
            assert_eq!(ids(&scan(&zeros, 3)), [1], "{length} bytes, then zeros");
        }
    }

    #[test]
    fn a_record_within_a_records_bytes_is_not_found() {
        let (inner, offsets) = segment(&[(9, "x", b"inner")]);
        let (mut file, outer) = segment(&[(1, "a", &inner[offsets[0]..]), (2, "b", b"two")]);
        file[outer[0] + 5] ^= 1;
        assert_eq!(ids(&scan(&file, 3)), [2]);
    }

    #[test]
    fn a_length_beyond_the_file_is_no_record() {
        let header = RecordHeader { id: 1, start: 1, name_length: 5, bytes_length: u32::MAX, checksum: 0 };
        let mut file = SegmentHeader { number: 3, created: 0 }.encode().to_vec();
        file.extend(header.encode(3, 32));
        assert_eq!(scan(&file, 3), Scan { end: 32, ..Scan::default() });
        assert_eq!(scan(&file[..10], 3), Scan { end: 32, ..Scan::default() });
    }
}
