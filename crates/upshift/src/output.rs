//! Standard output, whose reader may leave before the end (`upshift check … | head`).

use std::fmt::Arguments;
use std::io::Write;

/// Prints a line, or ends the process if nobody reads it any more.
pub(crate) fn line(text: Arguments<'_>) {
    if writeln!(std::io::stdout().lock(), "{text}").is_err() {
        std::process::exit(1);
    }
}

/// `println!` that does not panic.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::line(format_args!($($text)*))
    };
}

pub(crate) use say;
