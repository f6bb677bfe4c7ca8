//! Source text inside printed Python: re-indented where that changes no string, with origins.

use std::ops::Range;

use rustpython_parser::lexer::lex;
use rustpython_parser::{Mode, Tok};

use super::Origin;
use crate::lines::{Lines, split};

/// The source, and which of its lines start inside a string.
pub(super) struct Texts<'a> {
    source: &'a str,
    lines: Lines,
    strings: Vec<Range<usize>>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        let strings = lex(source, Mode::Module)
            .flatten()
            .filter(|(tok, _)| matches!(tok, Tok::String { .. }))
            .map(|(_, range)| range.start().into()..usize::from(range.end()))
            .filter(|range: &Range<usize>| source[range.clone()].contains(['\n', '\r']));
        Self { source, lines: Lines::new(source), strings: strings.collect() }
    }

    /// Where the line of an offset starts.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        self.lines.start(self.lines.locate(offset).0)
    }

    fn in_string(&self, offset: usize) -> bool {
        let after = self.strings.partition_point(|range| range.start < offset);
        after > 0 && offset < self.strings[after - 1].end
    }

    fn origin(&self, offset: usize, printed_column: usize) -> Origin {
        let (line, column) = self.lines.locate(offset);
        Origin::Verbatim { line, shift: column as i32 - printed_column as i32 }
    }

    /// Lines as they are; the last line's end is not a line.
    pub(super) fn verbatim(&self, range: &Range<usize>) -> Vec<(String, Origin)> {
        let mut lines = split(&self.source[range.clone()]);
        if lines.last().is_some_and(|(_, line)| line.is_empty()) {
            lines.pop();
        }
        lines.iter().map(|(at, line)| ((*line).to_owned(), self.origin(range.start + at, 0))).collect()
    }

    /// `lead`, the text, `tail`: the lines behind the first one keep their columns.
    pub(super) fn framed(&self, lead: &str, range: &Range<usize>, tail: &str) -> Vec<(String, Origin)> {
        let parts = split(&self.source[range.clone()]);
        let last = parts.len() - 1;
        let frame = |(index, (at, line)): (usize, &(usize, &str))| {
            let lead = if index == 0 { lead } else { "" };
            let tail = if index == last { tail } else { "" };
            (format!("{lead}{line}{tail}"), self.origin(range.start + at, lead.len()))
        };
        parts.iter().enumerate().map(frame).collect()
    }

    /// A statement's text at another indentation; lines that start inside a string keep theirs.
    pub(super) fn reindented(&self, range: &Range<usize>, indent: usize) -> Vec<(String, Origin)> {
        let start = self.line_start(range.start);
        let first = &self.source[start..range.start];
        let base = &first[..first.len() - first.trim_start_matches([' ', '\t']).len()];
        let to = " ".repeat(indent);
        let shift = |(at, line): (usize, &str)| {
            let offset = range.start + at;
            if at == 0 {
                return (format!("{to}{line}"), self.origin(offset, indent));
            }
            match line.strip_prefix(base) {
                Some(rest) if !self.in_string(offset) => {
                    let origin = self.origin(offset + base.len(), indent);
                    (format!("{to}{rest}"), origin)
                }
                _ => (line.to_owned(), self.origin(offset, 0)),
            }
        };
        split(&self.source[range.clone()]).into_iter().map(shift).collect()
    }
}
