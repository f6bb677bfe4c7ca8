//! Whatever is done in whatever order, the answers are those of a sorted vector.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::copy;
use crate::format::{RECORD_HEADER, SEGMENT_HEADER};
use crate::{Entry, Filter, Records, Retention};

const NAMES: [&str; 7] = ["guest/a", "guest/b", "guest/p/a", "other/a", "plain", "", "/"];
const NAMESPACES: [&str; 5] = ["guest", "other", "plain", "", "guest/p"];

#[derive(Clone, Debug)]
struct Record {
    id: u128,
    start: u64,
    name: &'static str,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Step {
    Append {
        id: u64,
        start: u64,
        name: usize,
        bytes: usize,
    },
    Tend,
    /// Close and open.
    Reopen,
    /// Open what is on the disk at this moment.
    Crash,
    Ask(Ask),
}

#[derive(Clone, Debug)]
struct Ask {
    namespace: Option<usize>,
    name: Option<usize>,
    since: Option<u64>,
    upto: Option<u64>,
    skip: usize,
    limit: usize,
}

/// Segments as vectors.
struct Model {
    retention: Retention,
    segments: Vec<Vec<Record>>,
    appended: Vec<u128>,
}

impl Model {
    fn length(segment: &[Record]) -> u64 {
        let records = segment.iter().map(|record| RECORD_HEADER + record.name.len() + record.bytes.len());
        (SEGMENT_HEADER + records.sum::<usize>()) as u64
    }

    fn append(&mut self, record: Record) {
        let last = self.segments.last_mut().unwrap();
        self.appended.push(record.id);
        last.push(record);
        let full = last.len() as u64 > self.retention.records / 8 || Self::length(last) > self.retention.bytes / 8;
        if full && last.len() > 1 {
            let record = last.pop().unwrap();
            self.segments.push(vec![record]);
        }
    }

    fn tend(&mut self) {
        let over = |segments: &[Vec<Record>]| {
            segments.iter().map(Vec::len).sum::<usize>() as u64 > self.retention.records
                || segments.iter().map(|segment| Self::length(segment)).sum::<u64>() > self.retention.bytes
        };
        while self.segments.len() > 1 && over(&self.segments) {
            self.segments.remove(0);
        }
    }

    fn passing(&self, filter: &Filter<'_>) -> Vec<&Record> {
        let mut records: Vec<_> = self.segments.iter().flatten().filter(|record| passes(record, filter)).collect();
        records.sort_by_key(|record| std::cmp::Reverse((record.start, record.id)));
        records
    }
}

fn passes(record: &Record, filter: &Filter<'_>) -> bool {
    // As it is documented: a namespace has no `/`.
    filter
        .namespace
        .is_none_or(|namespace| !namespace.contains('/') && record.name.starts_with(&format!("{namespace}/")))
        && filter.name.is_none_or(|name| record.name == name)
        && filter.since.is_none_or(|since| record.start >= since)
        && filter.upto.is_none_or(|upto| record.start <= upto)
}

fn check(records: &Records, model: &Model, ask: &Ask) -> Result<(), TestCaseError> {
    let filter = Filter {
        namespace: ask.namespace.map(|at| NAMESPACES[at]),
        name: ask.name.map(|at| NAMES[at]),
        since: ask.since,
        upto: ask.upto,
    };
    let passing = model.passing(&filter);
    prop_assert_eq!(records.count(&filter), passing.len());
    let page: Vec<&[u8]> =
        passing.iter().skip(ask.skip).take(ask.limit).map(|record| record.bytes.as_slice()).collect();
    prop_assert_eq!(records.list(&filter, ask.skip, ask.limit).unwrap(), page);
    Ok(())
}

fn check_all(records: &Records, model: &Model) -> Result<(), TestCaseError> {
    let everything = Ask { namespace: None, name: None, since: None, upto: None, skip: 0, limit: usize::MAX };
    check(records, model, &everything)?;
    for id in &model.appended {
        let expected = model.segments.iter().flatten().find(|record| record.id == *id);
        prop_assert_eq!(records.get(*id).unwrap(), expected.map(|record| record.bytes.clone()));
    }
    prop_assert_eq!(records.get(u128::MAX).unwrap(), None);
    Ok(())
}

fn ask() -> impl Strategy<Value = Ask> {
    let namespace = prop::option::weighted(0.3, 0..NAMESPACES.len());
    let name = prop::option::weighted(0.3, 0..NAMES.len());
    let times = (prop::option::of(0..50_u64), prop::option::of(0..50_u64));
    (namespace, name, times, 0..30_usize, 0..20_usize).prop_map(|(namespace, name, (since, upto), skip, limit)| Ask {
        namespace,
        name,
        since,
        upto,
        skip,
        limit,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let append = (any::<u64>(), 0..50_u64, 0..NAMES.len(), 0..100_usize);
    prop_oneof![
        20 => append.prop_map(|(id, start, name, bytes)| Step::Append { id, start, name, bytes }),
        2 => Just(Step::Tend),
        1 => Just(Step::Reopen),
        1 => Just(Step::Crash),
        6 => ask().prop_map(Step::Ask),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn answers_are_those_of_the_model(
        kept in prop::sample::select(vec![0, 8, 40, 1_000]),
        bytes in prop::sample::select(vec![1_000, 8_000, u64::MAX]),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let retention = Retention { records: kept, bytes, age: Duration::MAX };
        let mut directory = tempfile::tempdir().unwrap();
        let mut records = Records::untended(directory.path(), retention).unwrap();
        let mut model = Model { retention, segments: vec![Vec::new()], appended: Vec::new() };
        for step in steps {
            match step {
                Step::Append { id, start, name, bytes } => {
                    // Different ids, whose order is not that of appends.
                    let id = (u128::from(id) << 64) | model.appended.len() as u128;
                    let bytes = (0..bytes).map(|n| (n as u128 ^ id) as u8).collect();
                    let record = Record { id, start, name: NAMES[name], bytes };
                    let entry = Entry { id, start, name: record.name, bytes: &record.bytes };
                    records.append(&entry).unwrap();
                    model.append(record);
                }
                Step::Tend => {
                    records.shared.tend().unwrap();
                    model.tend();
                }
                Step::Reopen => {
                    drop(records);
                    model.tend();
                    records = Records::untended(directory.path(), retention).unwrap();
                    check_all(&records, &model)?;
                }
                Step::Crash => {
                    let copied = copy(directory.path());
                    records = Records::untended(copied.path(), retention).unwrap();
                    directory = copied;
                    check_all(&records, &model)?;
                }
                Step::Ask(ask) => check(&records, &model, &ask)?,
            }
        }
        check_all(&records, &model)?;
    }
}
