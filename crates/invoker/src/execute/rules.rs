//! Rules: written, shown, listed, removed, switched on and off.

use super::{Daemon, listed};
use crate::api::{Refusal, RuleCommand};
use crate::reply::{self, Reply};

impl Daemon {
    pub(super) async fn rule(&self, command: RuleCommand) -> Result<Reply, Refusal> {
        Ok(match command {
            RuleCommand::List(list) => {
                let rules = self.catalog.list_rules(&list.namespace);
                listed(&list, "rules", rules, |rule| rule.summary())
            }
            RuleCommand::Get(name) => reply::json(200, self.catalog.rule(&name)?.document()),
            RuleCommand::Put { name, overwrite, body } => {
                reply::json(200, self.catalog.put_rule(&name, &body, overwrite).await?.document())
            }
            RuleCommand::Delete(name) => reply::json(200, self.catalog.delete_rule(&name).await?.document()),
            RuleCommand::SetStatus { name, body } => {
                self.catalog.set_rule_status(&name, &body).await?;
                reply::empty(200)
            }
        })
    }
}
