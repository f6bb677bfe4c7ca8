//! Tables on standard output.

use crate::output::{say, shown};
use crate::terminal::{Ink, Style};

/// A table with a heading for each column.
pub(crate) struct Table<const COLUMNS: usize> {
    headings: [&'static str; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(crate) fn new(headings: [&'static str; COLUMNS]) -> Self {
        Self { headings, rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: [String; COLUMNS]) {
        self.rows.push(row.map(|cell| shown(&cell)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn print(&self, style: Style) {
        self.lines(style).iter().for_each(|line| say!("{line}"));
    }

    /// The table's lines, each column as wide as its widest cell; what is empty takes no room.
    fn lines(&self, style: Style) -> Vec<String> {
        let width = |column: usize| {
            let widest = self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
            if widest == 0 { 0 } else { widest.max(self.headings[column].len()) }
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        let line = |cells: [&str; COLUMNS]| {
            let filled = cells.iter().zip(widths).filter(|(_, width)| *width > 0);
            let padded: Vec<String> = filled.map(|(cell, width)| format!("{cell:width$}")).collect();
            padded.join("  ").trim_end().to_owned()
        };
        let rows = self.rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
        std::iter::once(style.paint(Ink::Bold, &line(self.headings))).chain(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(["NAME", "NOTHING", "N"]);
        assert!(table.is_empty());
        table.push(["é\n".to_owned(), String::new(), "12".to_owned()]);
        table.push(["longer".to_owned(), String::new(), "3".to_owned()]);
        assert_eq!(table.lines(Style::PLAIN), ["NAME    N", "é\\n     12", "longer  3"]);
    }
}
