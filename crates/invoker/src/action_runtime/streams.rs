//! The process's own streams: what the function printed, as it did, and then the line by which a cluster knows that this is all.

use std::io::Write;

use crate::tier::written;

/// The end of what an activation printed, on either stream.
pub(super) const SENTINEL: &str = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n";
/// What is longer may have to wait for whoever reads the streams, and does so elsewhere.
const SHORT: usize = 4 << 10;

/// What goes to the two streams.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Output {
    /// Log lines (`<time> <stream>: <text>`) without their times.
    pub(super) fn of<'l>(lines: impl IntoIterator<Item = &'l String>) -> Self {
        let mut output = Self::default();
        for (stream, text) in lines.into_iter().filter_map(|line| written(line)) {
            let block = if stream == "stdout" { &mut output.stdout } else { &mut output.stderr };
            block.push_str(text);
            block.push('\n');
        }
        output
    }

    /// Adds a line to stderr.
    pub(super) fn say(mut self, line: &str) -> Self {
        self.stderr.push_str(line.trim_end());
        self.stderr.push('\n');
        self
    }

    /// Adds what ends an activation.
    pub(super) fn end(mut self) -> Self {
        self.stdout.push_str(SENTINEL);
        self.stderr.push_str(SENTINEL);
        self
    }

    /// Writes it, in a piece a stream, so that what runs at once does not mix.
    pub(super) async fn write(self) {
        let is_short = self.stdout.len() + self.stderr.len() < SHORT;
        let write = move || {
            // Whether anybody reads it is nothing that an invocation could do something about.
            let _ = put(std::io::stdout().lock(), &self.stdout);
            let _ = put(std::io::stderr().lock(), &self.stderr);
        };
        if is_short {
            write();
        } else {
            let _ = tokio::task::spawn_blocking(write).await;
        }
    }
}

fn put(mut stream: impl Write, text: &str) -> std::io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}
