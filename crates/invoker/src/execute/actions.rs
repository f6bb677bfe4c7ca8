//! Actions: deployed, shown, listed, removed, invoked.

use std::sync::Arc;

use upshift_deploy::Identity;

use super::{Daemon, listed};
use crate::api::{ActionCommand, Refusal};
use crate::reply::{self, Reply};

impl Daemon {
    pub(super) async fn action(
        self: &Arc<Self>,
        command: ActionCommand,
        by: &Identity,
        request_id: &str,
    ) -> Result<Reply, Refusal> {
        Ok(match command {
            ActionCommand::List { list, package: None } => {
                let actions = self.catalog.list_actions(&list.namespace, None);
                listed(&list, "actions", actions, |action| action.summary())
            }
            ActionCommand::List { list, package: Some(package) } => {
                let name = upshift_deploy::QualifiedName::new(&list.namespace, &package);
                let actions = self.catalog.package_with_actions(&name, &by.namespace)?.actions;
                listed(&list, "actions", actions, |action| action.summary())
            }
            ActionCommand::Get { name, code } => {
                let resolved = self.catalog.resolve(&name, &by.namespace)?;
                if resolved.inherited.is_empty() {
                    return Ok(reply::json(200, resolved.action().document(code)));
                }
                let mut action = resolved.action().clone();
                action.parameters = resolved.inherited.into_iter().chain(action.parameters).collect();
                reply::json(200, action.document(code))
            }
            ActionCommand::Put { name, overwrite, body } => {
                let action = self.catalog.put_action(&name, &body, overwrite).await?;
                reply::json(200, action.document(true))
            }
            ActionCommand::Delete(name) => {
                let action = self.catalog.delete_action(&name).await?;
                reply::json(200, action.document(true))
            }
            ActionCommand::Invoke(invoke) => self.invoke(invoke, by, request_id).await?,
        })
    }
}
