//! Byte offsets of the source into lines and columns as CPython's `ast` counts them.

use std::ops::Range;

use crate::normal::Span;

/// Where each line of a text starts; lines end at `\n`, `\r\n` or a lone `\r`, as in CPython's tokenizer.
pub(crate) struct Lines {
    starts: Vec<usize>,
    /// What lines are counted on from.
    base: u32,
}

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || byte == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at + 1);
            }
        }
        Self { starts, base: 0 }
    }

    /// Counts lines from `base + 1` instead.
    pub(crate) fn from(self, base: u32) -> Self {
        Self { base, ..self }
    }

    /// The line of an offset, from 1, and its column in bytes.
    pub(crate) fn locate(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= offset);
        (self.base + line as u32, (offset - self.starts[line - 1]) as u32)
    }

    /// Where a line starts.
    pub(crate) fn start(&self, line: u32) -> usize {
        self.starts[(line - self.base) as usize - 1]
    }

    pub(crate) fn span(&self, range: &Range<usize>) -> Span {
        let (line, column) = self.locate(range.start);
        let (end_line, end_column) = self.locate(range.end);
        Span { line, column, end_line, end_column }
    }
}

/// The lines of a text without their ends, each with its offset.
pub(crate) fn split(text: &str) -> Vec<(usize, &str)> {
    let lines = Lines::new(text);
    let ends = lines.starts.iter().skip(1).copied().chain([text.len()]);
    lines
        .starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| (start, text[start..end].trim_end_matches(['\n', '\r'])))
        .collect()
}
