//! The daemon's connections to other services: what native invocations exchange goes over these.
//!
//! A connection that a whole answer has left open is used again, by any action; one in any other state is closed.
//! **A request is sent once.** If an idle connection turns out to have been closed, what was sent on it may have arrived:
//! only a request without an effect (`GET`, `HEAD`, `OPTIONS`: RFC 9110, 9.2.1) is sent again, and only if nothing of an
//! answer came; others go over idle connections only shortly after these were used.

mod connection;
mod tls;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use upshift_loader::Wanted;
use upshift_loader::host::{End, Exchanged, is_safe};

use connection::{Connected, Connection};
use tls::Connectors;

/// How long a connection is kept for requests without an effect, and for others.
const KEPT: Duration = Duration::from_secs(20);
const KEPT_FRESH: Duration = Duration::from_secs(1);
/// So many idle connections are kept to one place.
const MOST_IDLE: usize = 1024;

/// Idle connections, by where they lead; those used last stand last.
#[derive(Default)]
pub(crate) struct Client {
    idle: Mutex<HashMap<Place, Vec<Idle>>>,
    connectors: Connectors,
}

/// Host, port, and for TLS those who are trusted.
type Place = (String, u16, Option<String>);

fn place(wanted: &Wanted) -> Place {
    (wanted.host.clone(), wanted.port, wanted.trusted.clone())
}

struct Idle {
    connection: Connection,
    since: Instant,
}

impl Client {
    /// Does what an invocation waits for. If the future is dropped, the connection is closed.
    pub(crate) async fn exchange(&self, wanted: &Wanted) -> Exchanged {
        let safe = is_safe(&wanted.bytes);
        while let Some(connection) = self.take(wanted, if safe { KEPT } else { KEPT_FRESH }) {
            let (exchanged, left) = connection.exchange(wanted).await;
            let unanswered = exchanged.received.is_empty() && matches!(exchanged.end, End::Closed | End::Failed(_));
            if !(unanswered && safe) {
                self.put(wanted, left);
                return exchanged;
            }
        }
        let mut attempts = Vec::new();
        // Thousands wait for answers, few for connections: what TLS takes meanwhile is not to be part of every waiting.
        match Box::pin(Connection::open(wanted, &mut attempts, &self.connectors)).await {
            Connected::Open(connection) => {
                let (exchanged, left) = connection.exchange(wanted).await;
                self.put(wanted, left);
                Exchanged { attempts, ..exchanged }
            }
            Connected::Nowhere => Exchanged { attempts, ..Exchanged::nothing(End::NotConnected) },
            Connected::Unclear => Exchanged { attempts, ..Exchanged::nothing(End::Unclear) },
        }
    }

    /// An idle connection that is still open, as far as this side knows.
    fn take(&self, wanted: &Wanted, kept: Duration) -> Option<Connection> {
        let mut idle = self.idle();
        let connections = idle.get_mut(&place(wanted))?;
        while let Some(Idle { connection, since }) = connections.pop() {
            if since.elapsed() < kept && connection.is_quiet() {
                return Some(connection);
            }
            if since.elapsed() >= KEPT {
                // Those before are older.
                connections.clear();
            }
        }
        None
    }

    fn put(&self, wanted: &Wanted, connection: Option<Connection>) {
        let Some(connection) = connection else { return };
        let mut idle = self.idle();
        let connections = idle.entry(place(wanted)).or_default();
        if connections.len() < MOST_IDLE {
            connections.push(Idle { connection, since: Instant::now() });
        }
    }

    /// Closes connections that have been idle for too long.
    pub(crate) fn reap(&self) {
        self.idle().retain(|_, connections| {
            connections.retain(|idle| idle.since.elapsed() < KEPT);
            !connections.is_empty()
        });
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<Place, Vec<Idle>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to who slept.
pub(crate) fn awake() -> Exchanged {
    Exchanged::nothing(End::Open)
}

#[cfg(test)]
mod tests;
