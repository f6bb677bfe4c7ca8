//! Standard output, whose reader may leave before the end (`upshift check … | head`), and lines beside it.

use std::fmt::Arguments;
use std::io::Write;

/// Prints a line, or ends the process if nobody reads it any more.
pub(crate) fn line(text: Arguments<'_>) {
    if writeln!(std::io::stdout().lock(), "{text}").is_err() {
        std::process::exit(1);
    }
}

/// Prints a line to stderr; if nobody reads that, it is not missed.
pub(crate) fn aside(text: Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// `text` as one line without control characters, for messages that somebody else wrote.
pub(crate) fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    shown(&lines.join(" "))
}

/// `text` with its control characters as escapes, so that what a function prints cannot steer a terminal.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\t' {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// `println!` that does not panic.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::line(format_args!($($text)*))
    };
}

/// `eprintln!` that does not panic.
macro_rules! note {
    ($($text:tt)*) => {
        $crate::output::aside(format_args!($($text)*))
    };
}

pub(crate) use {note, say};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_one_line() {
        assert_eq!(
            one_line("The content was malformed:\n  expected value\n"),
            "The content was malformed: expected value"
        );
        assert_eq!(one_line("a\u{1b}[31mb\r"), "a\\u{1b}[31mb");
        assert_eq!(shown("a\tb\u{7}é"), "a\tb\\u{7}é");
    }
}
