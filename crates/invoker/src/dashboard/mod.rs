//! What the dashboard shows: the page, a live table of actions, everything about one action.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use upshift_deploy::{Entity, GUEST, Identity};

use crate::catalog::Catalog;
use crate::tier::{BailoutCount, ByTier, Origin, Runtime, Seen, State, VersionInfo};

/// The page, which draws what [`events`] and [`detail`] give.
pub(crate) const PAGE: &str = include_str!("index.html");

/// The table is sent at least this often.
const EVERY: Duration = Duration::from_secs(1);
/// And at most this often.
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Serialize)]
struct Row {
    name: String,
    state: &'static str,
    reason: Option<String>,
    /// `api`, or the file that it comes from.
    origin: String,
    version: String,
    calls: ByTier<u64>,
    median_us: ByTier<Option<u32>>,
    bailouts: Vec<BailoutCount>,
    effects: Vec<Seen>,
    versions: Vec<VersionInfo>,
    last_error: Option<String>,
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    row: Row,
    source: String,
    normal: Option<String>,
    trace_text: Option<String>,
    trace: Option<upshift_ir::Trace>,
    rust: Option<String>,
}

/// The table as server-sent events, until the client goes or the daemon stops; of `by`'s own actions, or of all for the guest,
/// who is the operator.
pub(crate) fn events(
    catalog: Arc<Catalog>,
    by: Identity,
    mut stopping: watch::Receiver<bool>,
) -> mpsc::Receiver<Bytes> {
    let (sender, receiver) = mpsc::channel(1);
    let mut changed = catalog.shared().changed.subscribe();
    tokio::spawn(async move {
        let stopped = stopping.wait_for(|stopping| *stopping);
        let sending = async {
            loop {
                if sender.send(Bytes::from(format!("data: {}\n\n", table(&catalog, &by)))).await.is_err() {
                    return;
                }
                tokio::time::sleep(PAUSE).await;
                // Whether something changed or a second has passed, the table is sent again.
                let _ = tokio::time::timeout(EVERY - PAUSE, changed.changed()).await;
            }
        };
        tokio::select! { _ = stopped => {} () = sending => {} }
    });
    receiver
}

/// Whether the dashboard shows `runtime` to `by`.
pub(crate) fn shows(runtime: &Runtime, by: &Identity) -> bool {
    by.namespace == GUEST || runtime.action.qualified().namespace == by.namespace
}

/// The actions as a JSON array, by name, with the files that are no action yet among them.
fn table(catalog: &Catalog, by: &Identity) -> String {
    let functions = catalog.functions();
    let mut rows: Vec<Row> =
        functions.iter().filter(|runtime| shows(runtime, by)).map(|runtime| row(runtime)).collect();
    let broken = if by.namespace == GUEST { catalog.broken() } else { Vec::new() };
    for (name, error) in broken {
        if rows.iter().all(|row| row.name != name) {
            rows.push(Row {
                name,
                state: State::Cold.name(),
                reason: None,
                origin: String::new(),
                version: String::new(),
                calls: ByTier { python: 0, native: 0 },
                median_us: ByTier { python: None, native: None },
                bailouts: Vec::new(),
                effects: Vec::new(),
                versions: Vec::new(),
                last_error: Some(error),
            });
        }
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    json(&rows)
}

/// Everything about one action, as a JSON object.
pub(crate) fn detail(runtime: &Runtime) -> String {
    let row = row(runtime);
    let learnt = runtime.learnt();
    json(&Detail {
        row,
        source: runtime.code.source.clone(),
        normal: runtime.program.as_ref().map(|program| program.normal_text().to_owned()),
        trace_text: learnt.trace.as_ref().map(ToString::to_string),
        trace: learnt.trace.clone(),
        rust: learnt.rust.clone(),
    })
}

fn row(runtime: &Runtime) -> Row {
    let counters = runtime.counters();
    let state = counters.policy.state();
    Row {
        name: runtime.key.clone(),
        state: state.name(),
        reason: match state {
            State::Pinned(reason) => Some(reason),
            _ => None,
        },
        origin: match &runtime.origin {
            Origin::Api => "api".to_owned(),
            Origin::Folder(path) => path.display().to_string(),
        },
        version: runtime.action.version.to_string(),
        calls: counters.stats.calls(),
        median_us: counters.stats.median_us(),
        bailouts: counters.stats.bailouts(),
        effects: counters.stats.effects.seen(),
        versions: counters.stats.versions().to_vec(),
        last_error: counters.stats.last_error.clone(),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
