//! The file beside a sealed segment: its columns, so that an opening reads 40 bytes a record and sorts nothing.
//!
//! | bytes | |
//! | --- | --- |
//! | 0..8 | magic |
//! | 8..12 | format, that of segments |
//! | 12..16 | number of records |
//! | 16..24 | the segment's number |
//! | 24..32 | the segment's length |
//! | 32..36 | number of names |
//! | 36..40 | zero |
//! | then, for each name | its length in 2 bytes, the name |
//! | then, for each record in order | id (16), start (8), its name's place above (4), offset (4), length (4) |
//! | then, for each record by id | its place above (2) |
//! | last 4 | CRC-32 of everything before |
//!
//! **An index is used only if it is whole and its segment has the length that it says**; otherwise it is made again.

use std::collections::HashMap;
use std::sync::Arc;

use crate::columns::Columns;
use crate::format::{FORMAT, Unusable, array, format_of, u32_at, u64_at};
use crate::growing::MOST;
use crate::names::Names;
use crate::selection::Item;

const MAGIC: &[u8; 8] = b"upshridx";
const HEADER: usize = 40;
const ITEM: usize = 36;

/// The index file of the segment `number`; `names` has the text of each of its names, by number.
pub(crate) fn encode(columns: &Columns, number: u64, segment_length: u64, names: &[(u32, Arc<str>)]) -> Vec<u8> {
    let texts: usize = names.iter().map(|(_, text)| 2 + text.len()).sum();
    let mut file = Vec::with_capacity(HEADER + texts + columns.len() * (ITEM + 2) + 4);
    file.extend(MAGIC);
    file.extend(FORMAT.to_le_bytes());
    file.extend((columns.len() as u32).to_le_bytes());
    file.extend(number.to_le_bytes());
    file.extend(segment_length.to_le_bytes());
    file.extend((names.len() as u32).to_le_bytes());
    file.extend([0; 4]);
    let mut local = HashMap::with_capacity(names.len());
    for (at, (name, text)) in names.iter().enumerate() {
        local.insert(*name, at as u32);
        file.extend((text.len() as u16).to_le_bytes());
        file.extend(text.as_bytes());
    }
    for item in columns.items() {
        file.extend(item.id().to_le_bytes());
        file.extend(item.start.to_le_bytes());
        file.extend(local[&item.name].to_le_bytes());
        file.extend(item.offset.to_le_bytes());
        file.extend(item.length.to_le_bytes());
    }
    for position in columns.by_id() {
        file.extend(position.to_le_bytes());
    }
    let crc = crc32fast::hash(&file);
    file.extend(crc.to_le_bytes());
    file
}

/// Reads an index file; the segment's names are held for it from then on.
pub(crate) fn decode(bytes: &[u8], number: u64, segment_length: u64, names: &mut Names) -> Result<Columns, Unusable> {
    format_of(bytes, MAGIC)?;
    let parsed = Parsed::parse(bytes, number, segment_length).ok_or(Unusable::Damaged)?;
    let held: Vec<(u32, Option<u32>)> = parsed
        .names
        .iter()
        .map(|name| {
            let number = names.hold(name);
            (number, names.namespace_of(number))
        })
        .collect();
    let mut items = parsed.items;
    let local: Box<[u16]> = items.iter().map(|item| item.name as u16).collect();
    for item in &mut items {
        item.name = held[item.name as usize].0;
    }
    Ok(Columns::new(items, parsed.by_id, &held, |rank| usize::from(local[rank])))
}

/// What a file says, checked as far as columns rely on it.
struct Parsed<'a> {
    names: Vec<&'a str>,
    /// Their names are places in `names`.
    items: Box<[Item]>,
    by_id: Box<[u16]>,
}

impl<'a> Parsed<'a> {
    fn parse(bytes: &'a [u8], number: u64, segment_length: u64) -> Option<Self> {
        let (whole, crc) = bytes.split_last_chunk::<4>()?;
        if whole.len() < HEADER || crc32fast::hash(whole) != u32::from_le_bytes(*crc) {
            return None;
        }
        let records = u32_at(whole, 12) as usize;
        let of_this = u64_at(whole, 16) == number && u64_at(whole, 24) == segment_length;
        let count = u32_at(whole, 32) as usize;
        if !of_this || records > MOST || count > records {
            return None;
        }
        let mut rest = &whole[HEADER..];
        let mut names = Vec::with_capacity(count);
        for _ in 0..count {
            let (length, after) = rest.split_first_chunk::<2>()?;
            let (name, after) = after.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
            names.push(std::str::from_utf8(name).ok()?);
            rest = after;
        }
        let (items, by_id) = rest.split_at_checked(records * ITEM)?;
        let items: Box<[Item]> = items.chunks_exact(ITEM).map(item).collect();
        let by_id: Box<[u16]> = by_id.chunks_exact(2).map(|place| u16::from_le_bytes(array(place, 0))).collect();
        let sound = by_id.len() == records
            && by_id.iter().all(|place| usize::from(*place) < records)
            && items.iter().all(|item| (item.name as usize) < count)
            && items.is_sorted_by_key(Item::key);
        sound.then_some(Self { names, items, by_id })
    }
}

fn item(bytes: &[u8]) -> Item {
    let id = u128::from_le_bytes(array(bytes, 0));
    Item::new(id, u64_at(bytes, 16), u32_at(bytes, 24), u32_at(bytes, 28), u32_at(bytes, 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growing::Growing;
    use crate::names::Which;
    use crate::scan::Found;

    fn columns(names: &mut Names) -> Columns {
        let mut growing = Growing::default();
        let records = [(7, 30, "guest/a"), (3, 10, "plain"), (9, 20, "guest/a"), (1, 30, "other/b")];
        for (offset, (id, start, name)) in records.into_iter().enumerate() {
            growing.index(names, &Found { id: id << 70, start, name, offset: 32 + offset as u32, length: 9 });
        }
        Columns::from_growing(&growing)
    }

    fn file(columns: &Columns, names: &Names) -> Vec<u8> {
        let texts: Vec<_> = columns.names().iter().map(|name| (*name, names.text(*name))).collect();
        encode(columns, 5, 1_000, &texts)
    }

    #[test]
    fn what_is_written_is_read() {
        let mut names = Names::default();
        let columns = columns(&mut names);
        let bytes = file(&columns, &names);
        assert_eq!(decode(&bytes, 5, 1_000, &mut names), Ok(columns));

        // Another process has other numbers for the same names.
        let mut others = Names::default();
        others.hold("other/b");
        let read = decode(&bytes, 5, 1_000, &mut others).unwrap();
        let which = others.which(&crate::Filter { namespace: Some("guest"), ..Default::default() }).unwrap();
        assert_eq!(read.select(which).len(), 2);
        assert_eq!(read.find(1 << 70).unwrap().name, 0);
        assert_eq!(read.select(Which::Name(0)).len(), 1);
    }

    #[test]
    fn whatever_is_damaged_is_refused() {
        let mut names = Names::default();
        let columns = columns(&mut names);
        let bytes = file(&columns, &names);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(decode(&damaged, 5, 1_000, &mut Names::default()).is_err(), "byte {at}");
            assert!(decode(&bytes[..at], 5, 1_000, &mut Names::default()).is_err(), "{at} bytes");
        }
        for (number, length) in [(6, 1_000), (5, 999)] {
            assert_eq!(decode(&bytes, number, length, &mut Names::default()), Err(Unusable::Damaged));
        }
        let mut newer = bytes;
        newer[8] = 2;
        assert_eq!(decode(&newer, 5, 1_000, &mut Names::default()), Err(Unusable::Newer(2)));
    }
}
