//! Memory that daemon and worker share: what is written to descriptors 1 and 2, past Python's streams, one file each;
//! and at the end of the first how many requests the worker has begun with.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{
    FallocateFlags, MemfdFlags, SealFlags, SeekFrom, fallocate, fcntl_add_seals, fstat, ftruncate, memfd_create, seek,
};
use rustix::io::{Errno, pread, pwrite};

/// Bytes of the count.
const COUNT: u64 = 8;

/// Passes on what was written, piece by piece; nothing is left of it, and writing goes on at the beginning.
pub(crate) fn take(file: impl AsFd, mut piece: impl FnMut(&[u8]) -> Result<(), Errno>) -> Result<(), Errno> {
    let length = seek(&file, SeekFrom::Current(0))?;
    if length == 0 {
        return Ok(());
    }
    // Not from the heap: an action may have left nothing of that.
    let mut bytes = [0; 8 << 10];
    let mut offset = 0;
    while offset < length {
        let wanted = usize::try_from(length - offset).map_or(bytes.len(), |rest| rest.min(bytes.len()));
        let count = pread(&file, &mut bytes[..wanted], offset)?;
        if count == 0 {
            break;
        }
        piece(&bytes[..count])?;
        offset += count as u64;
    }
    // What others write meanwhile is lost, and no more than that.
    fallocate(&file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, 0, length)?;
    seek(&file, SeekFrom::Start(0)).map(drop)
}

/// A file of at most so many bytes, which is what may be written and the count.
pub(crate) fn create(most: u64) -> Result<OwnedFd, Errno> {
    let file = memfd_create("upshift-output", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    ftruncate(&file, most.clamp(COUNT, 1 << 40))?;
    fcntl_add_seals(&file, SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(file)
}

/// The worker begins with a request: so many are that now.
pub(crate) fn begin(file: impl AsFd, place: u64, count: u64) -> Result<(), Errno> {
    pwrite(&file, &count.to_le_bytes(), place).map(drop)
}

/// How many requests a worker has begun with.
pub(crate) fn begun(file: impl AsFd) -> Result<u64, Errno> {
    let mut count = [0; COUNT as usize];
    pread(&file, &mut count[..], place(&file)?)?;
    Ok(u64::from_le_bytes(count))
}

/// Where in the file the count is, which never changes.
pub(crate) fn place(file: impl AsFd) -> Result<u64, Errno> {
    Ok(u64::try_from(fstat(file)?.st_size).unwrap_or(0).saturating_sub(COUNT))
}
