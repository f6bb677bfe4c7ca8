//! Packages and bindings: written, shown, listed, removed.

use std::sync::Arc;

use upshift_deploy::Identity;

use super::{Daemon, listed};
use crate::api::{PackageCommand, Refusal};
use crate::catalog::Refused;
use crate::reply::{self, Reply};

impl Daemon {
    pub(super) async fn package(&self, command: PackageCommand, by: &Identity) -> Result<Reply, Refusal> {
        Ok(match command {
            PackageCommand::List(list) => {
                let packages = self.catalog.list_packages(&list.namespace, &by.namespace);
                listed(&list, "packages", packages, |package| package.summary())
            }
            PackageCommand::Get(name) => {
                let contents =
                    self.catalog.package_with_actions(&name, &by.namespace).map_err(|refused| match refused {
                        // Whether it may be read is looked at first, which names it.
                        Refused::Missing => {
                            Refusal::new(404, format!("The requested resource '{}' does not exist.", name.full()))
                        }
                        refused => refused.into(),
                    })?;
                let actions: Vec<_> = contents.actions.iter().map(Arc::as_ref).collect();
                reply::json(200, contents.package.document_with(&actions, &contents.parameters))
            }
            PackageCommand::Put { name, overwrite, body } => {
                let package = self.catalog.put_package(&name, &body, overwrite).await?;
                reply::json(200, package.document())
            }
            PackageCommand::Delete { name, force } => {
                let package = self.catalog.delete_package(&name, force).await?;
                reply::json(200, package.document())
            }
        })
    }
}
