//! What a worker's process writes to descriptors 1 and 2 itself, past Python's streams: memory that daemon and worker share.

use std::os::fd::AsFd;

use rustix::fs::{FallocateFlags, SeekFrom, fallocate, seek};
use rustix::io::Errno;

/// Passes on what was written, piece by piece; nothing is left of it, and writing goes on at the beginning.
pub(crate) fn take(file: impl AsFd, mut piece: impl FnMut(&[u8]) -> Result<(), Errno>) -> Result<(), Errno> {
    let length = seek(&file, SeekFrom::Current(0))?;
    if length == 0 {
        return Ok(());
    }
    let mut bytes = vec![0; 64 << 10];
    let mut offset = 0;
    while offset < length {
        let wanted = usize::try_from(length - offset).map_or(bytes.len(), |rest| rest.min(bytes.len()));
        let count = rustix::io::pread(&file, &mut bytes[..wanted], offset)?;
        if count == 0 {
            break;
        }
        piece(&bytes[..count])?;
        offset += count as u64;
    }
    seek(&file, SeekFrom::Start(0))?;
    fallocate(&file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, 0, length)
}
