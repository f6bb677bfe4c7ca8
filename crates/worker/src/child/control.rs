//! The datagrams between daemon and zygote.
//!
//! A request is five numbers (8 bytes each, little-endian) and three descriptors: the worker's socket and what it has as
//! standard output and error. A reply is the request's number, a pid (8 bytes; 0 for none) and an error's text,
//! with a descriptor of the process. The zygote's first reply, to no request, says that it is ready, and its text is the
//! hash secret, three hexadecimal numbers, whether the zone is UTC, and a JSON object of what else is known there.

use std::collections::BTreeMap;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use rustix::process::Pid;

use crate::types::Limits;

const NUMBERS: usize = 5;
const LONGEST_REPLY: usize = 4096;

/// What a worker is to be limited to.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) sequence: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) cpu_seconds: u64,
    pub(crate) file_bytes: Option<u64>,
    pub(crate) log_bytes: u64,
}

/// The answer to a [`Request`].
#[derive(Debug)]
pub(crate) struct Forked {
    pub(crate) sequence: u64,
    pub(crate) pid: Option<Pid>,
    /// An error, if there is no pid.
    pub(crate) text: String,
}

impl Request {
    pub(crate) fn new(sequence: u64, limits: &Limits) -> Self {
        Self {
            sequence,
            memory_bytes: limits.memory_bytes,
            cpu_seconds: limits.cpu_seconds,
            file_bytes: limits.file_bytes,
            log_bytes: limits.log_bytes as u64,
        }
    }
}

impl Forked {
    pub(crate) fn ready(hash_secret: [u64; 3], is_utc: bool, facts: &BTreeMap<String, String>) -> Self {
        let [first, second, none] = hash_secret;
        let utc = u8::from(is_utc);
        let facts = serde_json::json!(facts);
        Self { sequence: 0, pid: None, text: format!("{first:x} {second:x} {none:x} {utc} {facts}") }
    }

    /// What [`Forked::ready`] was made of.
    pub(crate) fn facts(&self) -> Option<([u64; 3], bool, BTreeMap<String, String>)> {
        let mut words = self.text.splitn(5, ' ');
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        let secret = [number()?, number()?, number()?];
        let is_utc = number()? == 1;
        Some((secret, is_utc, serde_json::from_str(words.next()?).ok()?))
    }

    pub(crate) fn pid(sequence: u64, pid: Pid) -> Self {
        Self { sequence, pid: Some(pid), text: String::new() }
    }

    pub(crate) fn failed(sequence: u64, error: &str) -> Self {
        Self { sequence, pid: None, text: error.chars().take(200).collect() }
    }
}

/// Sends a request; the daemon's side.
pub(crate) fn send(socket: BorrowedFd<'_>, request: &Request, fds: [BorrowedFd<'_>; 3]) -> Result<(), Errno> {
    let numbers = [
        request.sequence,
        request.memory_bytes,
        request.cpu_seconds,
        request.file_bytes.unwrap_or(u64::MAX),
        request.log_bytes,
    ];
    send_with(socket, &numbers.map(u64::to_le_bytes).concat(), &fds)
}

/// Receives a request, or nothing if the daemon is gone; the zygote's side.
pub(crate) fn receive(socket: &OwnedFd) -> Result<Option<(Request, [OwnedFd; 3])>, Errno> {
    let mut bytes = [0; NUMBERS * 8];
    loop {
        let (length, fds) = match receive_with(socket.as_fd(), &mut bytes) {
            Err(Errno::INTR) => continue,
            Err(Errno::CONNRESET) => return Ok(None),
            other => other?,
        };
        if length == 0 {
            return Ok(None);
        }
        let Ok(fds) = <[OwnedFd; 3]>::try_from(fds) else { return Err(Errno::BADMSG) };
        let number = |index: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[index * 8..index * 8 + 8]);
            u64::from_le_bytes(number)
        };
        let request = Request {
            sequence: number(0),
            memory_bytes: number(1),
            cpu_seconds: number(2),
            file_bytes: Some(number(3)).filter(|&bytes| bytes != u64::MAX),
            log_bytes: number(4),
        };
        return Ok(Some((request, fds)));
    }
}

/// Sends a reply; the zygote's side.
pub(crate) fn reply(socket: &OwnedFd, forked: &Forked, pidfd: Option<BorrowedFd<'_>>) -> Result<(), Errno> {
    let pid = forked.pid.map_or(0, |pid| i64::from(pid.as_raw_nonzero().get()));
    let mut bytes = forked.sequence.to_le_bytes().to_vec();
    bytes.extend_from_slice(&pid.to_le_bytes());
    bytes.extend_from_slice(forked.text.as_bytes());
    match send_with(socket.as_fd(), &bytes, pidfd.as_slice()) {
        // The daemon is gone; the next receive says so too.
        Err(Errno::PIPE | Errno::CONNRESET) => Ok(()),
        other => other,
    }
}

/// Receives a reply, or nothing if the zygote is gone; the daemon's side.
pub(crate) fn receive_reply(socket: BorrowedFd<'_>) -> Result<Option<(Forked, Option<OwnedFd>)>, Errno> {
    let mut bytes = [0; LONGEST_REPLY];
    let (length, mut fds) = match receive_with(socket, &mut bytes) {
        Err(Errno::CONNRESET) => return Ok(None),
        other => other?,
    };
    if length == 0 {
        return Ok(None);
    }
    let Some((sequence, rest)) = bytes[..length].split_first_chunk::<8>() else { return Err(Errno::BADMSG) };
    let Some((pid, error)) = rest.split_first_chunk::<8>() else { return Err(Errno::BADMSG) };
    let pid = i32::try_from(i64::from_le_bytes(*pid)).map_err(|_| Errno::BADMSG)?;
    let forked = Forked {
        sequence: u64::from_le_bytes(*sequence),
        pid: Pid::from_raw(pid),
        text: String::from_utf8_lossy(error).into_owned(),
    };
    Ok(Some((forked, fds.pop())))
}

fn send_with(socket: BorrowedFd<'_>, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> Result<(), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(Errno::NOBUFS);
    }
    sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL).map(drop)
}

fn receive_with(socket: BorrowedFd<'_>, bytes: &mut [u8]) -> Result<(usize, Vec<OwnedFd>), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(socket, &mut [IoSliceMut::new(bytes)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let mut fds = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            fds.extend(rights);
        }
    }
    Ok((received.bytes, fds))
}
