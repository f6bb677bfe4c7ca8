//! `upshift status`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Deserialize;

use super::api::{Api, PATIENCE, Target};
use super::json::Json;
use super::table::Table;
use crate::output::{one_line, say};
use crate::terminal::{Ink, Style};

/// So many actions are shown unless all are asked for.
const SHOWN: usize = 20;
/// The states of actions, in the order that they go through.
const STATES: [&str; 6] = ["cold", "python", "tracing", "compiling", "native", "pinned"];

/// Options of `upshift status`.
#[derive(clap::Args)]
pub(crate) struct Status {
    /// Show every action, and not only the 20 with the most calls
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    target: Target,
}

/// What the dashboard's events say of an action; what a daemon leaves out is nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    name: String,
    state: String,
    reason: Option<String>,
    calls: ByTier<u64>,
    median_us: ByTier<Option<u64>>,
    bailouts: Vec<Bailouts>,
    last_error: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct ByTier<T> {
    python: T,
    native: T,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Bailouts {
    count: u64,
}

impl Status {
    /// Exit status 0 if a daemon answers.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let api = Api::new(&self.target, PATIENCE)?;
        let style = Style::of(&std::io::stdout());
        let build = api.get("")?;
        let build = Json::read(&build.body).filter(|json| json.get("build").is_some());
        let build = build.ok_or_else(|| api.strange("no version"))?;
        let event = api.first_event("/dashboard/events").map_err(|failure| failure.about("dashboard"))?;
        let mut rows: Vec<Row> = serde_json::from_str(&event).map_err(|_| api.strange("no dashboard"))?;
        let version = build.get("build").map(Json::plain).unwrap_or_default();
        say!("{} at {}", style.paint(Ink::Bold, &format!("Upshift {}", one_line(&version))), api.url());
        say!("{}", actions(&rows, style));
        say!("{}", traffic(&rows));
        rows.sort_by(|a, b| b.calls().cmp(&a.calls()).then_with(|| a.name.cmp(&b.name)));
        if !self.all {
            rows.retain(|row| row.calls() > 0 || row.last_error.is_some());
        }
        let shown = if self.all { rows.len() } else { rows.len().min(SHOWN) };
        let mut table = Table::new(["ACTION", "STATE", "CALLS", "NATIVE", "PYTHON", "COMPILED", "BAILOUTS", "WHY"]);
        rows[..shown].iter().for_each(|row| table.push(row.cells()));
        if !table.is_empty() {
            say!("");
            table.print(style);
        }
        if shown < rows.len() {
            say!("and {} more; --all shows them", rows.len() - shown);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Row {
    fn calls(&self) -> u64 {
        self.calls.python + self.calls.native
    }

    fn bailouts(&self) -> u64 {
        self.bailouts.iter().map(|bailouts| bailouts.count).sum()
    }

    fn cells(&self) -> [String; 8] {
        let count = |count: u64| if count == 0 { String::new() } else { count.to_string() };
        let why = self.last_error.as_ref().or(self.reason.as_ref());
        [
            self.name.clone(),
            self.state.clone(),
            self.calls().to_string(),
            share(self.calls),
            self.median_us.python.map(duration).unwrap_or_default(),
            self.median_us.native.map(duration).unwrap_or_default(),
            count(self.bailouts()),
            why.map(|why| one_line(why)).unwrap_or_default(),
        ]
    }
}

/// How many actions there are, by their state.
fn actions(rows: &[Row], style: Style) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(&row.state).or_default() += 1;
    }
    let known = STATES.iter().filter_map(|state| counts.remove(state).map(|count| (*state, count)));
    let mut parts: Vec<(&str, usize)> = known.collect();
    parts.extend(counts);
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(state, count)| {
            let ink = match state {
                "native" => Ink::Green,
                "pinned" => Ink::Yellow,
                _ => Ink::Dim,
            };
            format!("{count} {}", style.paint(ink, state))
        })
        .collect();
    let noun = if rows.len() == 1 { "action" } else { "actions" };
    if parts.is_empty() { "no actions".to_owned() } else { format!("{} {noun}: {}", rows.len(), parts.join(", ")) }
}

/// What they did.
fn traffic(rows: &[Row]) -> String {
    let sum = |of: fn(&Row) -> u64| rows.iter().map(of).sum::<u64>();
    let calls = ByTier { python: sum(|row| row.calls.python), native: sum(|row| row.calls.native) };
    let share = share(calls);
    let native = if share.is_empty() { share } else { format!(", {share} of them natively") };
    format!("{} calls{native}; {} bailouts", calls.python + calls.native, sum(Row::bailouts))
}

/// Which part of the calls was native; empty if there were none.
fn share(calls: ByTier<u64>) -> String {
    match calls.python + calls.native {
        0 => String::new(),
        all => format!("{} %", u128::from(calls.native) * 100 / u128::from(all)),
    }
}

/// Microseconds, to three digits or so.
fn duration(micros: u64) -> String {
    match micros {
        0..1000 => format!("{micros} µs"),
        1000..10_000 => format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10),
        10_000..1_000_000 => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        _ => format!("{}.{:02} s", micros / 1_000_000, micros % 1_000_000 / 10_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let event = r#"[{"name":"a","state":"native","reason":null,"origin":"api","calls":{"python":25,"native":75},
            "median_us":{"python":2310,"native":173},"bailouts":[{"kind":"type","line":3,"count":2}],"last_error":null},
            {"name":"b","state":"pinned","reason":"no\nway","calls":{"python":1,"native":0},
            "median_us":{"python":12345,"native":null},"bailouts":[]},{"name":"c","state":"new"}]"#;
        serde_json::from_str(event).unwrap()
    }

    #[test]
    fn rows_say_what_actions_do() {
        let rows = rows();
        assert_eq!(rows[0].cells(), ["a", "native", "100", "75 %", "2.31 ms", "173 µs", "2", ""]);
        assert_eq!(rows[1].cells(), ["b", "pinned", "1", "0 %", "12.3 ms", "", "", "no way"]);
        assert_eq!(rows[2].cells(), ["c", "new", "0", "", "", "", "", ""]);
    }

    #[test]
    fn sums() {
        assert_eq!(actions(&rows(), Style::PLAIN), "3 actions: 1 native, 1 pinned, 1 new");
        assert_eq!(traffic(&rows()), "101 calls, 74 % of them natively; 2 bailouts");
        assert_eq!((actions(&[], Style::PLAIN), traffic(&[])), ("no actions".into(), "0 calls; 0 bailouts".into()));
    }

    #[test]
    fn durations_have_three_digits() {
        let expected = [(7, "7 µs"), (1_500, "1.50 ms"), (99_900, "99.9 ms"), (2_340_000, "2.34 s")];
        for (micros, text) in expected {
            assert_eq!(duration(micros), text);
        }
    }
}
