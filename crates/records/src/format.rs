//! The layout of segments: a header, then records, each with a header of its own; integers are little-endian.
//!
//! | bytes of a segment's header | |
//! | --- | --- |
//! | 0..8 | magic |
//! | 8..12 | format |
//! | 12..20 | the segment's number |
//! | 20..28 | when it was made, milliseconds of the epoch |
//! | 28..32 | CRC-32 of bytes 0..28 |
//!
//! | bytes of a record | |
//! | --- | --- |
//! | 0..4 | marker |
//! | 4..8 | CRC-32 of the record's place and bytes 8..44 |
//! | 8..12 | CRC-32 of the name and the bytes |
//! | 12..16 | length of the bytes |
//! | 16..18 | length of the name |
//! | 18..20 | zero |
//! | 20..28 | start, milliseconds of the epoch |
//! | 28..44 | id |
//! | then | the name, the bytes |
//!
//! A record's header is checked apart from what follows it, so a record with damaged bytes can be stepped over.
//! **A record is valid at its place alone**, so what looks like one inside of another's bytes is never taken for one.

use crc32fast::Hasher;

/// The format that this version writes, and the newest that it reads.
///
/// Format 2 would get an arm in [`SegmentHeader::decode`]; segments of format 1 go by retention.
pub(crate) const FORMAT: u32 = 1;

/// The length of a segment's header.
pub(crate) const SEGMENT_HEADER: usize = 32;
/// The length of a record's header.
pub(crate) const RECORD_HEADER: usize = 44;

const MAGIC: &[u8; 8] = b"upshrecs";
/// No text in UTF-8 has the first of them before an `r`.
pub(crate) const MARKER: [u8; 4] = [0xd7, b'r', b'e', b'c'];

/// What stands at the head of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) number: u64,
    /// Milliseconds of the epoch.
    pub(crate) created: u64,
}

/// Why a header cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// A later version's format.
    Newer(u32),
    /// Damaged, or not what it should be.
    Damaged,
}

/// What stands at the head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) id: u128,
    pub(crate) start: u64,
    pub(crate) name_length: u16,
    pub(crate) bytes_length: u32,
    /// By [`checksum`].
    pub(crate) checksum: u32,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let mut header = [0; SEGMENT_HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        header[12..20].copy_from_slice(&self.number.to_le_bytes());
        header[20..28].copy_from_slice(&self.created.to_le_bytes());
        let crc = crc32fast::hash(&header[..28]);
        header[28..].copy_from_slice(&crc.to_le_bytes());
        header
    }

    /// Reads the header of the segment `number`; `bytes` may be shorter than one.
    pub(crate) fn decode(bytes: &[u8], number: u64) -> Result<Self, Unusable> {
        format_of(bytes, MAGIC)?;
        let header = bytes.get(..SEGMENT_HEADER).ok_or(Unusable::Damaged)?;
        let decoded = Self { number: u64_at(header, 12), created: u64_at(header, 20) };
        match crc32fast::hash(&header[..28]) == u32_at(header, 28) && decoded.number == number {
            true => Ok(decoded),
            false => Err(Unusable::Damaged),
        }
    }
}

/// The format of a file that begins with `magic`, which is one that this version reads.
///
/// It is looked at before any checksum, because a later format may have its checksums elsewhere.
pub(crate) fn format_of(bytes: &[u8], magic: &[u8; 8]) -> Result<u32, Unusable> {
    if bytes.len() < 12 || bytes[..8] != *magic {
        return Err(Unusable::Damaged);
    }
    match u32_at(bytes, 8) {
        0 => Err(Unusable::Damaged),
        version if version > FORMAT => Err(Unusable::Newer(version)),
        version => Ok(version),
    }
}

impl RecordHeader {
    /// The length of the whole record.
    pub(crate) fn length(&self) -> usize {
        RECORD_HEADER + usize::from(self.name_length) + self.bytes_length as usize
    }

    /// The header of a record at `offset` of the segment `segment`.
    pub(crate) fn encode(&self, segment: u64, offset: u64) -> [u8; RECORD_HEADER] {
        let mut header = [0; RECORD_HEADER];
        header[..4].copy_from_slice(&MARKER);
        header[8..12].copy_from_slice(&self.checksum.to_le_bytes());
        header[12..16].copy_from_slice(&self.bytes_length.to_le_bytes());
        header[16..18].copy_from_slice(&self.name_length.to_le_bytes());
        header[20..28].copy_from_slice(&self.start.to_le_bytes());
        header[28..].copy_from_slice(&self.id.to_le_bytes());
        let crc = header_checksum(&header, segment, offset);
        header[4..8].copy_from_slice(&crc.to_le_bytes());
        header
    }

    /// Reads the header of a record at `offset` of the segment `segment`, if a sound one begins `bytes`.
    pub(crate) fn decode(bytes: &[u8], segment: u64, offset: u64) -> Option<Self> {
        let header: &[u8; RECORD_HEADER] = bytes.first_chunk()?;
        if header[..4] != MARKER || header_checksum(header, segment, offset) != u32_at(header, 4) {
            return None;
        }
        Some(Self {
            checksum: u32_at(header, 8),
            bytes_length: u32_at(header, 12),
            name_length: u16::from_le_bytes(array(header, 16)),
            start: u64_at(header, 20),
            id: u128::from_le_bytes(array(header, 28)),
        })
    }
}

/// The checksum of what follows a record's header.
pub(crate) fn checksum(name: &[u8], bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(name);
    hasher.update(bytes);
    hasher.finalize()
}

fn header_checksum(header: &[u8; RECORD_HEADER], segment: u64, offset: u64) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(&segment.to_le_bytes());
    hasher.update(&offset.to_le_bytes());
    hasher.update(&header[8..]);
    hasher.finalize()
}

/// Some bytes of `bytes`, which has them.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

/// An integer of `bytes`, which has it.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

/// An integer of `bytes`, which has it.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segments_header_says_its_format_first() {
        let header = SegmentHeader { number: 7, created: 1_700_000_000_000 };
        let mut bytes = header.encode();
        assert_eq!(SegmentHeader::decode(&bytes, 7), Ok(header));
        assert_eq!(SegmentHeader::decode(&bytes, 8), Err(Unusable::Damaged));
        assert_eq!(SegmentHeader::decode(&bytes[..31], 7), Err(Unusable::Damaged));
        assert_eq!(SegmentHeader::decode(&[], 7), Err(Unusable::Damaged));
        bytes[20] ^= 1;
        assert_eq!(SegmentHeader::decode(&bytes, 7), Err(Unusable::Damaged));
        bytes[8] = 2;
        assert_eq!(SegmentHeader::decode(&bytes, 7), Err(Unusable::Newer(2)));
    }

    #[test]
    fn a_records_header_holds_at_its_place_alone() {
        let header = RecordHeader { id: u128::MAX - 5, start: 9, name_length: 3, bytes_length: 70_000, checksum: 1 };
        let bytes = header.encode(2, 32);
        assert_eq!(RecordHeader::decode(&bytes, 2, 32), Some(header));
        assert_eq!(header.length(), 44 + 3 + 70_000);
        assert_eq!(RecordHeader::decode(&bytes, 2, 33), None);
        assert_eq!(RecordHeader::decode(&bytes, 3, 32), None);
        for bit in 0..RECORD_HEADER * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(RecordHeader::decode(&damaged, 2, 32), None, "bit {bit}");
        }
        assert_eq!(RecordHeader::decode(&bytes[..43], 2, 32), None);
    }
}
