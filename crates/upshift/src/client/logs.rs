//! `upshift logs`: what activations have printed, and whether they failed.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::anyhow;

use super::api::{Api, Failure, PAGE, PATIENCE, Target};
use super::entity::{Entity, duration, encoded};
use super::json::Json;
use super::record::{Outcome, Record, time};
use crate::output::{note, say, shown};
use crate::terminal::{Ink, Style};

/// Between two looks of `--follow`.
const PAUSE: Duration = Duration::from_secs(1);
/// How many lines of what is there already are printed.
const LINES: usize = 100;
/// Records are listed by when they began and added when they end; nothing runs for longer than this, in milliseconds.
const LONGEST: u64 = 600_000;
/// What began this long before the newest is still looked for every time, in milliseconds.
const RECENT: u64 = 2000;
/// Where there is much to look through, it is looked at everything once in so many times.
const SELDOM: u32 = 10;

/// Options of `upshift logs`.
#[derive(clap::Args)]
pub(crate) struct Logs {
    /// Only those of this action: NAME or PACKAGE/NAME
    name: Option<String>,
    /// Go on with what comes, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Only what began this long ago at most, such as 90s, 5m, 2h30m or 1d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    since: Option<Duration>,
    /// Only those of one activation
    #[arg(long, value_name = "ID", conflicts_with_all = ["name", "follow", "since", "lines"])]
    activation: Option<String>,
    /// With --activation: print its whole record
    #[arg(long, requires = "activation")]
    record: bool,
    /// The last so many lines of what there is already [default: 100; all with --since]
    #[arg(long, short = 'n', value_name = "N")]
    lines: Option<usize>,
    #[command(flatten)]
    target: Target,
}

impl Logs {
    /// Exit status 0 if there was something to look through, even if nothing was logged.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let api = Api::new(&self.target, PATIENCE)?;
        let style = Style::of(&std::io::stdout());
        if let Some(id) = &self.activation {
            return one(&api, id, self.record, style);
        }
        let entity: Option<Entity> =
            self.name.as_deref().map(str::parse).transpose().map_err(|error| anyhow!("{error}"))?;
        let source = Source { api: &api, name: entity.as_ref().map(ToString::to_string) };
        let since =
            self.since.map_or(0, |since| now().saturating_sub(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)));
        let mut seen = Seen { since, ..Seen::default() };
        let most = self.lines.unwrap_or(if self.since.is_some() { usize::MAX } else { LINES });
        let records = source.backlog(&mut seen, most, self.follow)?;
        if let (Some(entity), true) = (&entity, records.is_empty()) {
            let there = api.get(&format!("{}?code=false", entity.path()));
            there.map_err(|failure| failure.about_action(entity))?;
        }
        let lines: Vec<String> = records.iter().flat_map(|record| lines(record, style)).collect();
        lines[lines.len().saturating_sub(most)..].iter().for_each(|line| say!("{line}"));
        if self.follow { source.follow(seen, style) } else { Ok(ExitCode::SUCCESS) }
    }
}

/// Prints what one activation logged, or its record.
fn one(api: &Api, id: &str, whole: bool, style: Style) -> anyhow::Result<ExitCode> {
    let answer = api.activation(id).map_err(|failure| {
        if failure.is(404) {
            return anyhow!(
                "there is no record of the activation {id} at {}: it has not ended yet, or is forgotten",
                api.url()
            );
        }
        failure.into()
    })?;
    let json = Json::read(&answer.body).ok_or_else(|| api.strange("no record"))?;
    let record = Record::read(json).ok_or_else(|| api.strange("no record"))?;
    if whole {
        say!("{}", json.pretty(style));
    } else {
        lines(&record, style).iter().for_each(|line| say!("{line}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The lines that are shown of an activation: its logs, and that it failed.
fn lines(record: &Record, style: Style) -> Vec<String> {
    let name = style.paint(Ink::Cyan, &record.name);
    let start = time(record.start);
    let logged = record.logs.iter().map(|line| {
        let text = shown(&line.text);
        // What was not printed, such as the activations of a sequence, has no time of its own.
        let (at, text) = match line.stream.as_str() {
            "" => (&start, text),
            "stderr" => (&line.time, style.paint(Ink::Red, &format!("stderr: {text}"))),
            stream => (&line.time, format!("{stream}: {text}")),
        };
        format!("{} {name} {text}", style.paint(Ink::Dim, at))
    });
    let mut lines: Vec<String> = logged.collect();
    if let Outcome::Failure { status, error } = &record.outcome {
        let failed = style.paint(Ink::Red, &format!("failed: {error}"));
        let at = style.paint(Ink::Dim, &time(record.end.unwrap_or(record.start)));
        lines.push(format!("{at} {name} {failed} ({status}, activation {})", record.id));
    }
    lines
}

/// How many lines that are.
fn count(record: &Record) -> usize {
    record.logs.len() + usize::from(record.outcome != Outcome::Success)
}

/// The activations that are looked at.
struct Source<'a> {
    api: &'a Api,
    /// Of this action alone.
    name: Option<String>,
}

impl Source<'_> {
    /// What is there already, oldest first: at least what has the last `most` lines, and what `seen` has to know.
    fn backlog(&self, seen: &mut Seen, most: usize, follow: bool) -> Result<Vec<Record>, Failure> {
        let enough = |records: &[Record]| {
            let start = |record: Option<&Record>| record.map_or(0, |record| record.start);
            let reach = start(records.first()).saturating_sub(start(records.last()));
            records.iter().map(count).sum::<usize>() >= most && (!follow || reach > LONGEST)
        };
        let (records, _) = self.pages(seen.since, enough)?;
        Ok(seen.fresh(records))
    }

    /// Prints what comes, for as long as the process lives and the daemon lists it.
    fn follow(&self, mut seen: Seen, style: Style) -> anyhow::Result<ExitCode> {
        let (mut waiting, mut much, mut looks) = (false, false, 0_u32);
        loop {
            std::thread::sleep(PAUSE);
            looks = looks.wrapping_add(1);
            let everything = !much || looks.is_multiple_of(SELDOM);
            match self.news(&mut seen, everything) {
                Ok((records, pages)) => {
                    records.iter().flat_map(|record| lines(record, style)).for_each(|line| say!("{line}"));
                    much = if everything { pages > 1 } else { much };
                    waiting = false;
                }
                // A daemon that is restarted comes back.
                Err(failure) if failure.is_passing() => {
                    if !waiting {
                        note!("upshift: the daemon at {} does not answer; waiting for it", self.api.url());
                    }
                    waiting = true;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// What has not been seen, oldest first, and how many pages had to be looked through.
    fn news(&self, seen: &mut Seen, everything: bool) -> Result<(Vec<Record>, usize), Failure> {
        let since = seen.begin(if everything { LONGEST } else { RECENT });
        let (records, pages) = self.pages(since, |_| false)?;
        Ok((seen.fresh(records), pages))
    }

    /// The records that began at `since` or later, newest first, until there are `enough`; and how many pages they were.
    ///
    /// What ends meanwhile comes before what is there, so a record may be on two pages, and none on no page.
    fn pages(&self, since: u64, enough: impl Fn(&[Record]) -> bool) -> Result<(Vec<Record>, usize), Failure> {
        let (mut records, mut pages) = (Vec::new(), 0);
        loop {
            let found = self.page(since, pages * PAGE)?;
            let last = found.len() < PAGE;
            records.extend(found);
            pages += 1;
            if last || enough(&records) {
                return Ok((records, pages));
            }
        }
    }

    /// One page of records that began at `since` or later, newest first.
    fn page(&self, since: u64, skip: usize) -> Result<Vec<Record>, Failure> {
        let name = self.name.as_ref().map(|name| format!("&name={}", encoded(name))).unwrap_or_default();
        let answer = self.api.page("activations", &format!("&docs=true&since={since}{name}"), PAGE, skip)?;
        let items = Json::read(&answer.body).map(Json::items).unwrap_or_default();
        let records: Option<Vec<Record>> = items.into_iter().map(Record::read).collect();
        records.ok_or_else(|| self.api.strange("a list of something else than records"))
    }
}

/// Which activations have been shown.
///
/// Lists are by the millisecond in which an activation began, several begin in one, and those that ran for long are
/// added behind others; so ids are kept of all that a list may still have.
#[derive(Debug, Default)]
struct Seen {
    ids: BTreeSet<(u64, String)>,
    /// Nothing that began earlier is asked for, in milliseconds of the epoch.
    since: u64,
    newest: u64,
}

impl Seen {
    /// The records that were not seen before, oldest first; they are now.
    fn fresh(&mut self, records: Vec<Record>) -> Vec<Record> {
        // Lists are newest first, also where records began in the same millisecond.
        let unseen = records.into_iter().rev().filter(|record| self.ids.insert((record.start, record.id.clone())));
        let mut fresh: Vec<Record> = unseen.collect();
        fresh.sort_by_key(|record| record.start);
        self.newest = self.newest.max(fresh.last().map_or(0, |record| record.start));
        fresh
    }

    /// Where a list has to begin that reaches back for `reach` milliseconds.
    fn begin(&mut self, reach: u64) -> u64 {
        self.since = self.since.max(self.newest.saturating_sub(LONGEST));
        // What began earlier is in no list any more.
        self.ids = self.ids.split_off(&(self.since, String::new()));
        self.since.max(self.newest.saturating_sub(reach))
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;

    const DONE: &str = r#"{"status":"success","success":true,"result":{}}"#;

    fn ended(id: &str, start: u64) -> Record {
        record(id, start, "", DONE)
    }

    fn ids(records: &[Record]) -> String {
        records.iter().map(|record| record.id.as_str()).collect()
    }

    #[test]
    fn nothing_is_shown_twice_and_nothing_missed() {
        let mut seen = Seen::default();
        assert_eq!(ids(&seen.fresh(vec![ended("b", 20), ended("a", 10)])), "ab");
        // Another that began in the same millisecond, one that began earlier and took longer, one that two pages have.
        let list = vec![ended("d", 20), ended("b", 20), ended("c", 15), ended("d", 20), ended("a", 10)];
        assert_eq!(ids(&seen.fresh(list.clone())), "cd");
        assert_eq!(ids(&seen.fresh(list)), "");
        assert_eq!(ids(&seen.fresh(vec![ended("f", 30), ended("e", 30)])), "ef");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut seen = Seen::default();
        assert_eq!(seen.begin(LONGEST), 0);
        let start = 10 * LONGEST;
        seen.fresh(vec![ended("a", start)]);
        assert_eq!((seen.begin(LONGEST), seen.begin(RECENT)), (start - LONGEST, start - RECENT));
        seen.fresh(vec![ended("b", start + LONGEST), ended("c", start + LONGEST + 1)]);
        assert_eq!(seen.begin(LONGEST), start + 1);
        assert_eq!(seen.ids.len(), 2);
        // What the user does not want to see is not asked for.
        let mut late = Seen { since: start, ..Seen::default() };
        late.fresh(vec![ended("a", start + 5)]);
        assert_eq!(late.begin(LONGEST), start);
    }

    #[test]
    fn activations_are_lines() {
        let logs =
            r#""2026-11-21T01:02:03.500000000Z stdout: hi","2026-11-21T01:02:03.501000000Z stderr: a\u001b[2J","2f""#;
        let failed = r#"{"status":"application error","success":false,"result":{"error":"no\nway"}}"#;
        let expected = [
            "2026-11-21T01:02:03.500Z p/a stdout: hi",
            "2026-11-21T01:02:03.501Z p/a stderr: a\\u{1b}[2J",
            "1970-01-01T00:00:01.000Z p/a 2f",
            "1970-01-01T00:00:01.005Z p/a failed: no way (application error, activation 1f)",
        ];
        let failed = record("1f", 1000, logs, failed);
        assert_eq!(lines(&failed, Style::PLAIN), expected);
        assert_eq!((count(&failed), count(&ended("1f", 1000))), (4, 0));
        assert_eq!(lines(&ended("1f", 1000), Style::PLAIN), [""; 0]);
    }
}
