//! The requests that have come over a worker's socket, one or several at a time.

use pyo3::prelude::*;
use rustix::io::Errno;

use super::channel::Channel;
use crate::frame;

/// Size of the buffer that most requests fit in.
const BUFFER: usize = 64 << 10;
/// A buffer that grew beyond this is given back.
const KEPT: usize = 1 << 20;

/// Frames that have been read, the last of them perhaps in part.
pub(super) struct Requests {
    buffer: Vec<u8>,
    /// Where in `buffer` those are that have not been taken.
    begin: usize,
    end: usize,
}

/// One of them.
pub(super) struct Request<'a> {
    pub(super) kind: u8,
    pub(super) payload: &'a [u8],
    /// Whether it was not there yet when it was asked for.
    pub(super) has_waited: bool,
}

impl Requests {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; BUFFER], begin: 0, end: 0 }
    }

    /// The next one, or `None` once the daemon has closed the socket.
    /// Fails with `INTR` only between frames.
    pub(super) fn next(&mut self, py: Python<'_>, channel: &Channel) -> Result<Option<Request<'_>>, Errno> {
        let mut has_waited = false;
        loop {
            if let Some((length, kind)) = frame::header(&self.buffer[self.begin..self.end]) {
                let whole = frame::HEADER + length;
                if self.end - self.begin >= whole {
                    let begin = self.begin;
                    self.begin += whole;
                    let payload = &self.buffer[begin + frame::HEADER..self.begin];
                    return Ok(Some(Request { kind, payload, has_waited }));
                }
                self.make_room(whole);
            } else {
                self.make_room(BUFFER);
            }
            has_waited = true;
            let room = &mut self.buffer[self.end..];
            match py.detach(|| channel.read(room)) {
                Ok(Some(count)) => self.end += count,
                Ok(None) => return Ok(None),
                Err(Errno::INTR) if self.end > 0 => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Moves what was not taken to the front of a buffer of that size or more.
    fn make_room(&mut self, size: usize) {
        self.buffer.copy_within(self.begin..self.end, 0);
        (self.begin, self.end) = (0, self.end - self.begin);
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        } else if self.buffer.len() > KEPT && size <= BUFFER && self.end <= BUFFER {
            self.buffer = [&self.buffer[..self.end], &vec![0; BUFFER - self.end][..]].concat();
        }
    }
}
