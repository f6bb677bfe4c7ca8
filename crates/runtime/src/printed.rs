//! What an invocation prints, on both streams, in order.

use std::cell::RefCell;

/// Where something is printed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    /// `sys.stdout`
    Stdout,
    /// `sys.stderr`
    Stderr,
}

impl Stream {
    /// Its file descriptor.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Stdout => 1,
            Self::Stderr => 2,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Stdout => Self::Stderr,
            Self::Stderr => Self::Stdout,
        }
    }
}

/// The text of both streams; the buffer is used again.
#[derive(Default)]
pub(crate) struct Printed {
    text: RefCell<String>,
    /// Where in the text the other stream goes on; it begins with stdout.
    turns: RefCell<Vec<usize>>,
}

impl Printed {
    /// How many bytes were printed.
    pub(crate) fn len(&self) -> usize {
        self.text.borrow().len()
    }

    /// What the buffer takes, in bytes.
    pub(crate) fn capacity(&self) -> usize {
        self.text.borrow().capacity()
    }

    pub(crate) fn clear(&self) {
        self.text.borrow_mut().clear();
        self.turns.borrow_mut().clear();
    }

    pub(crate) fn push(&self, stream: Stream, text: &str) {
        let (mut all, mut turns) = (self.text.borrow_mut(), self.turns.borrow_mut());
        let is_stderr = turns.len() % 2 == 1;
        if is_stderr != (stream == Stream::Stderr) {
            turns.push(all.len());
        }
        all.push_str(text);
    }

    /// Gives `take` what was printed, in order, as much at once as went to one stream.
    pub(crate) fn each(&self, mut take: impl FnMut(Stream, &str)) {
        let (all, turns) = (self.text.borrow(), self.turns.borrow());
        let (mut stream, mut start) = (Stream::Stdout, 0);
        for end in turns.iter().copied().chain([all.len()]) {
            if end > start {
                take(stream, &all[start..end]);
            }
            (stream, start) = (stream.other(), end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_take_turns() {
        let printed = Printed::default();
        printed.push(Stream::Stderr, "a");
        printed.push(Stream::Stderr, "b");
        printed.push(Stream::Stdout, "c");
        printed.push(Stream::Stderr, "d");
        let mut seen = Vec::new();
        printed.each(|stream, text| seen.push((stream, text.to_owned())));
        assert_eq!(seen, [(Stream::Stderr, "ab".into()), (Stream::Stdout, "c".into()), (Stream::Stderr, "d".into())]);
        printed.clear();
        printed.each(|_, _| panic!("nothing was printed"));
    }
}
