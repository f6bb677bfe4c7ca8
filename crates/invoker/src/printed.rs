//! What an invocation printed, whichever way it ran.

use jiff::Timestamp;
use upshift_loader::Stream;
use upshift_worker::{LogLine, Logs};

/// What native code printed: pieces of text, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed(Vec<(Stream, String)>);

impl Printed {
    pub(crate) fn new(pieces: Vec<(Stream, String)>) -> Self {
        Self(pieces)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Log lines of the time `now`, of so many bytes at most, as a worker's are collected.
    pub(crate) fn lines(&self, now: Timestamp, limit: u64) -> Vec<LogLine> {
        let mut logs = Logs::new(usize::try_from(limit).unwrap_or(usize::MAX));
        for (stream, text) in &self.0 {
            logs.write(stream.number(), now, text.as_bytes());
        }
        logs.end_lines(now);
        logs.into_lines()
    }

    /// The lines alone, for comparison.
    pub(crate) fn texts(&self) -> Vec<String> {
        texts(&self.lines(Timestamp::UNIX_EPOCH, u64::MAX))
    }
}

/// Log lines without their times: `stdout: text` or `stderr: text`.
pub(crate) fn texts(lines: &[LogLine]) -> Vec<String> {
    lines.iter().map(|line| format!("{}: {}", line.stream, line.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_in_the_order_of_their_ends() {
        let piece = |stream, text: &str| (stream, text.to_owned());
        let pieces = [piece(Stream::Stdout, "a\nb"), piece(Stream::Stderr, "x\n"), piece(Stream::Stdout, "c\nd")];
        let printed = Printed::new(pieces.into());
        assert_eq!(printed.texts(), ["stdout: a", "stderr: x", "stdout: bc", "stdout: d"]);
        let cut = texts(&printed.lines(Timestamp::UNIX_EPOCH, 3));
        assert_eq!(&cut[..2], ["stdout: a", "stderr: x"]);
        assert!(cut[2].ends_with("exceeds the limit of 3 bytes."), "{cut:?}");
        assert!(Printed::default().is_empty() && Printed::default().texts().is_empty());
    }
}
