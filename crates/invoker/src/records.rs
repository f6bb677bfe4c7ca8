//! The activation records: on the disk from the moment that their invocation is answered, for as long as there is room.

use std::path::Path;
use std::time::Duration;

use upshift_records::{Entry, Retention};
use uuid::Uuid;

use crate::activation::Record;
use crate::api::Page;

/// Records kept where nobody says otherwise.
pub(crate) const KEPT: Retention =
    Retention { records: 1_000_000, bytes: 1 << 30, age: Duration::from_secs(7 * 24 * 60 * 60) };

/// What records have beside their results, in bytes, if nothing was logged.
const USUAL: usize = 640;

/// The records of this daemon and of those before it.
pub(crate) struct Records(upshift_records::Records);

/// Which of a namespace's records a list asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// `name` or `package/name`.
    pub(crate) name: Option<String>,
    /// Milliseconds of the epoch, both inclusive.
    pub(crate) since: Option<u64>,
    pub(crate) upto: Option<u64>,
}

/// The records cannot be read; the reason is in the daemon's log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl Records {
    /// Those of the state directory `state`.
    pub(crate) fn open(state: &Path, kept: Retention) -> Result<Self, upshift_records::RecordsError> {
        Ok(Self(upshift_records::Records::open(&state.join("records"), kept)?))
    }

    /// Keeps the record of an invocation that has just ended: it outlives this process from here on.
    pub(crate) fn add(&self, record: &Record) {
        let name = format!("{}/{}", record.cause.namespace, record.listed());
        let mut bytes = Vec::with_capacity(record.result.len() + USUAL);
        let kept = serde_json::to_writer(&mut bytes, record).map_err(|error| error.to_string()).and_then(|()| {
            let entry = Entry { id: record.id.as_u128(), start: record.start, name: &name, bytes: &bytes };
            self.0.append(&entry).map_err(|error| error.to_string())
        });
        // The invocation has been carried out, so its caller gets the answer.
        if let Err(error) = kept {
            tracing::error!(activation = %record.id.simple(), "an activation record is lost: {error}");
        }
    }

    /// The record with that id, if it is one of `namespace`.
    pub(crate) fn get(&self, namespace: &str, id: Uuid) -> Result<Option<Record>, Unreadable> {
        let bytes = self.0.get(id.as_u128()).map_err(unreadable)?;
        let record = bytes.map(|bytes| read(&bytes)).transpose()?;
        Ok(record.filter(|record| &*record.cause.namespace == namespace))
    }

    /// A page of those of `namespace` that pass `filter`, the one that began last first.
    pub(crate) fn list(&self, namespace: &str, filter: &Filter, page: Page) -> Result<Vec<Record>, Unreadable> {
        let name = filter.of(namespace);
        let found =
            self.0.list(&filter.within(namespace, name.as_deref()), page.skip, page.limit).map_err(unreadable)?;
        found.iter().map(|bytes| read(bytes)).collect()
    }

    /// How many of `namespace` pass `filter`.
    pub(crate) fn count(&self, namespace: &str, filter: &Filter) -> usize {
        let name = filter.of(namespace);
        self.0.count(&filter.within(namespace, name.as_deref()))
    }

    /// Waits until everything is on the disk.
    pub(crate) fn close(&self) {
        self.0.close();
    }
}

impl Filter {
    /// The whole name that it asks for.
    fn of(&self, namespace: &str) -> Option<String> {
        self.name.as_ref().map(|name| format!("{namespace}/{name}"))
    }

    fn within<'a>(&self, namespace: &'a str, name: Option<&'a str>) -> upshift_records::Filter<'a> {
        upshift_records::Filter { namespace: Some(namespace), name, since: self.since, upto: self.upto }
    }
}

fn read(bytes: &[u8]) -> Result<Record, Unreadable> {
    serde_json::from_slice(bytes).map_err(unreadable)
}

fn unreadable(error: impl std::fmt::Display) -> Unreadable {
    tracing::error!("activation records cannot be read: {error}");
    Unreadable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::tests::record;

    const ALL: Page = Page { limit: 200, skip: 0 };

    #[test]
    fn lists_filter_and_survive_a_reopening() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Records::open(directory.path(), KEPT).unwrap();
        let records = open();
        for (id, name, start) in [(0xa, "one", 10), (0xc, "two", 30), (0xb, "one", 20)] {
            records.add(&record(id, name, start));
        }
        let ids = |records: &Records, filter: Filter| -> String {
            let found = records.list("guest", &filter, ALL).unwrap();
            assert_eq!(found.len(), records.count("guest", &filter));
            found.iter().map(|record| format!("{:x}", record.id.as_u128())).collect()
        };
        assert_eq!(ids(&records, Filter::default()), "cba");
        assert_eq!(ids(&records, Filter { name: Some("one".into()), ..Filter::default() }), "ba");
        assert_eq!(ids(&records, Filter { since: Some(20), upto: Some(29), ..Filter::default() }), "b");
        // As after `kill -9`.
        std::mem::forget(records);

        let records = open();
        assert_eq!(ids(&records, Filter::default()), "cba");
        assert_eq!(records.get("guest", Uuid::from_u128(0xb)).unwrap().unwrap().start, 20);
        assert_eq!(records.get("acme", Uuid::from_u128(0xb)).unwrap(), None);
        assert_eq!(records.count("acme", &Filter::default()), 0);
        records.add(&record(0xd, "one", 40));
        records.close();
        drop(records);
        assert_eq!(ids(&open(), Filter::default()), "dcba");
    }
}
