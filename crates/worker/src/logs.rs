//! Collects what one invocation writes, up to a limit.
//!
//! In: chunks of bytes that need not end where lines do. Out: lines, and one that says so if some are missing.

use jiff::Timestamp;

use crate::types::LogLine;

/// The names of the streams whose file descriptors are 1 and 2.
const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// How the last line begins where some are missing.
const TRUNCATED: &str = "Logs were truncated because ";

/// The log lines of one invocation.
pub struct Logs {
    limit: usize,
    used: usize,
    truncated: bool,
    lines: Vec<LogLine>,
    /// Each stream's last line, while its end is missing.
    open: [Vec<u8>; 2],
}

impl Logs {
    /// None yet, and at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, used: 0, truncated: false, lines: Vec::new(), open: [Vec::new(), Vec::new()] }
    }

    /// Adds what was written to the stream with the file descriptor `stream`, 1 or 2.
    pub fn write(&mut self, stream: u8, time: Timestamp, bytes: &[u8]) {
        let index = usize::from(stream == 2);
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            if self.truncated {
                return;
            }
            let room = self.limit.saturating_sub(self.used + self.open[index].len());
            let (text, ended) = piece.strip_suffix(b"\n").map_or((piece, false), |text| (text, true));
            self.open[index].extend_from_slice(&text[..text.len().min(room)]);
            if piece.len() > room {
                self.truncate(index, time);
            } else if ended {
                self.close(index, time);
            }
        }
    }

    /// Ends the lines whose ends are missing.
    pub fn end_lines(&mut self, time: Timestamp) {
        for index in 0..STREAMS.len() {
            if !self.open[index].is_empty() && !self.truncated {
                self.close(index, time);
            }
        }
    }

    /// The lines that have ended.
    #[must_use]
    pub fn into_lines(self) -> Vec<LogLine> {
        self.lines
    }

    /// Whether the last of these lines says that some are missing.
    #[must_use]
    pub fn are_truncated(lines: &[LogLine]) -> bool {
        lines.last().is_some_and(|last| last.text.starts_with(TRUNCATED))
    }

    fn close(&mut self, index: usize, time: Timestamp) {
        let bytes = std::mem::take(&mut self.open[index]);
        self.used += bytes.len() + 1;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        self.lines.push(LogLine { time, stream: STREAMS[index], text });
    }

    fn truncate(&mut self, index: usize, time: Timestamp) {
        if !self.open[index].is_empty() {
            self.close(index, time);
        }
        self.truncated = true;
        let limit = self.limit;
        let text = format!("{TRUNCATED}the total bytes size exceeds the limit of {limit} bytes.");
        self.lines.push(LogLine { time, stream: STREAMS[1], text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(mut logs: Logs) -> Vec<(&'static str, String)> {
        logs.end_lines(Timestamp::now());
        logs.into_lines().into_iter().map(|line| (line.stream, line.text)).collect()
    }

    #[test]
    fn chunks_become_lines() {
        let mut logs = Logs::new(100);
        logs.write(1, Timestamp::now(), b"a\n\nb");
        logs.write(2, Timestamp::now(), b"x\n");
        logs.write(1, Timestamp::now(), b"c\nlast");
        let expected = [("stdout", "a"), ("stdout", ""), ("stderr", "x"), ("stdout", "bc"), ("stdout", "last")];
        assert_eq!(texts(logs), expected.map(|(stream, text)| (stream, text.to_owned())));
    }

    #[test]
    fn the_limit_cuts_and_says_so_once() {
        let mut logs = Logs::new(5);
        logs.write(1, Timestamp::now(), b"abc\ndef\n");
        logs.write(1, Timestamp::now(), b"ghi\n");
        let lines = texts(logs);
        assert_eq!(lines.len(), 3);
        assert_eq!((lines[0].1.as_str(), lines[1].1.as_str()), ("abc", "d"));
        assert!(lines[2].1.ends_with("exceeds the limit of 5 bytes."));
        let mut exact = Logs::new(4);
        exact.write(1, Timestamp::now(), b"abc\n");
        assert_eq!(texts(exact).len(), 1);
    }
}
