//! Activation records: listed and shown to those whose invocations they were.

use upshift_deploy::Identity;
use uuid::Uuid;

use super::{Daemon, array};
use crate::activation::Record;
use crate::api::{ActivationCommand, Refusal};
use crate::records::Unreadable;
use crate::reply::{self, Reply};

impl From<Unreadable> for Refusal {
    fn from(_: Unreadable) -> Self {
        Self::internal()
    }
}

impl Daemon {
    pub(super) fn activation(&self, command: ActivationCommand, by: &Identity) -> Result<Reply, Refusal> {
        Ok(match command {
            ActivationCommand::List { filter, page, count: true, .. } => {
                let count = page.count(self.records.count(&by.namespace, &filter));
                reply::json(200, format!("{{\"activations\":{count}}}"))
            }
            ActivationCommand::List { filter, page, docs, .. } => {
                let records = self.records.list(&by.namespace, &filter, page)?;
                let shown = |record: &Record| if docs { record.document() } else { record.summary() };
                reply::json(200, array(records.iter().map(shown)))
            }
            ActivationCommand::Get(id) => reply::json(200, self.record(by, id)?.document()),
            ActivationCommand::Logs(id) => {
                let logs = serde_json::json!({ "logs": self.record(by, id)?.logs });
                reply::json(200, logs.to_string())
            }
            ActivationCommand::Result(id) => reply::json(200, self.record(by, id)?.response()),
        })
    }

    fn record(&self, by: &Identity, id: Uuid) -> Result<Record, Refusal> {
        self.records.get(&by.namespace, id)?.ok_or_else(Refusal::not_found)
    }
}
