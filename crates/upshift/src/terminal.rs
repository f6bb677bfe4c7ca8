//! What only a terminal gets: colours, and a line that says what is being waited for.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What is over sooner than this is not announced.
const UNANNOUNCED: Duration = Duration::from_millis(300);
/// How often the seconds are counted.
const TICK: Duration = Duration::from_millis(100);

/// Whether a stream is written to in colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    colours: bool,
}

/// What a piece of text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Blue,
    Cyan,
}

impl Style {
    /// No colours, as in a file.
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self { colours: false };

    /// That of `stream`: coloured if it is a terminal, unless `NO_COLOR` is set or the terminal is a dumb one.
    pub(crate) fn of(stream: &impl IsTerminal) -> Self {
        let set = |name: &str| std::env::var_os(name).unwrap_or_default();
        Self { colours: stream.is_terminal() && set("NO_COLOR").is_empty() && set("TERM") != "dumb" }
    }

    pub(crate) fn paint(self, ink: Ink, text: &str) -> String {
        if !self.colours || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bold => 1,
            Ink::Dim => 2,
            Ink::Red => 31,
            Ink::Green => 32,
            Ink::Yellow => 33,
            Ink::Blue => 34,
            Ink::Cyan => 36,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// A line on stderr that says what is being waited for, and for how long; gone when dropped.
///
/// Nothing is shown where stderr is no terminal.
pub(crate) struct Progress {
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    pub(crate) fn start(what: String) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { thread: None };
        }
        let (ended, waiting) = channel::<()>();
        let start = Instant::now();
        let thread = std::thread::spawn(move || {
            let mut wait = UNANNOUNCED;
            while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let mut stderr = std::io::stderr().lock();
                let _ = write!(stderr, "\r\x1b[2K{what} {:.1} s", start.elapsed().as_secs_f64());
                let _ = stderr.flush();
                wait = TICK;
            }
            if wait == TICK {
                let _ = write!(std::io::stderr().lock(), "\r\x1b[2K");
            }
        });
        Self { thread: Some((ended, thread)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((ended, thread)) = self.thread.take() {
            drop(ended);
            // It prints and nothing else; if it failed, nothing is missing.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(Style::PLAIN.paint(Ink::Red, "a"), "a");
        let coloured = Style { colours: true };
        assert_eq!(coloured.paint(Ink::Red, "a"), "\x1b[31ma\x1b[0m");
        assert_eq!(coloured.paint(Ink::Bold, ""), "");
        assert_eq!(Style::of(&std::fs::File::open("/dev/null").unwrap()), Style::PLAIN);
    }
}
