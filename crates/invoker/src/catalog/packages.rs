//! Packages and bindings.

use std::sync::Arc;

use upshift_deploy::{Action, Batch, Entity, Package, Parameter, QualifiedName, document};

use super::{Catalog, Refused};

/// A package as somebody sees it.
pub(crate) struct Contents {
    /// The one that was asked for, which may be a binding.
    pub(crate) package: Arc<Package>,
    /// What was deployed last first.
    pub(crate) actions: Vec<Arc<Action>>,
    /// What its actions get, those of the binding by whose name it was asked for among them.
    pub(crate) parameters: Vec<Parameter>,
}

impl Catalog {
    /// The package of that name, if the owner of the namespace `own` may read it: it is theirs, or published.
    pub(crate) fn package(&self, name: &QualifiedName, own: &str) -> Result<Arc<Package>, Refused> {
        match self.packages.get(&name.to_string()) {
            Some(package) if name.namespace == own || (package.publish && package.binding.is_none()) => Ok(package),
            None if name.namespace == own => Err(self.missing(name, Package::COLLECTION)),
            // Whether it is there is nobody else's business.
            _ => Err(Refused::Forbidden(name.full())),
        }
    }

    /// The package of that name with what is in it, or in the one that it stands for.
    pub(crate) fn package_with_actions(&self, name: &QualifiedName, own: &str) -> Result<Contents, Refused> {
        let asked = self.package(name, own)?;
        let real = match &asked.binding {
            None => Arc::clone(&asked),
            Some(binding) => self.package(&binding.qualified(), own)?,
        };
        let mut parameters = real.parameters.clone();
        if asked.binding.is_some() {
            super::resolve::inherit(&mut parameters, &asked.parameters);
        }
        let actions = self.list_actions(&real.namespace, Some(&real.name));
        Ok(Contents { package: asked, actions, parameters })
    }

    /// The packages of a namespace, the published ones if it is not the caller's; what was changed last first.
    pub(crate) fn list_packages(&self, namespace: &str, own: &str) -> Vec<Arc<Package>> {
        let mut packages = self.packages.of_namespace(namespace);
        packages.retain(|package| namespace == own || package.publish);
        packages
    }

    /// Writes the document `body` under `name`.
    pub(crate) async fn put_package(
        &self,
        name: &QualifiedName,
        body: &[u8],
        overwrite: bool,
    ) -> Result<Arc<Package>, Refused> {
        let _turn = self.turn.lock().await;
        self.must_not_be_elsewhere(name, Package::COLLECTION)?;
        let old = self.packages.get(&name.to_string());
        if old.is_some() && !overwrite {
            // A name that is reserved, or a binding to nothing, is told first.
            self.check_binding(&document::package(body, name, None, self.context(&name.namespace))?)?;
            return Err(Refused::Exists);
        }
        let package = document::package(body, name, old.as_deref(), self.context(&name.namespace))?;
        self.check_binding(&package)?;
        self.commit(Batch::new().put(&package)?).await?;
        self.packages.keep(package.clone());
        Ok(Arc::new(package))
    }

    /// Removes a package; with `force`, the actions in it go with it.
    pub(crate) async fn delete_package(&self, name: &QualifiedName, force: bool) -> Result<Arc<Package>, Refused> {
        let _turn = self.turn.lock().await;
        let key = name.to_string();
        let package = self.packages.get(&key).ok_or_else(|| self.missing(name, Package::COLLECTION))?;
        let actions = match package.binding {
            Some(_) => Vec::new(),
            None => self.list_actions(&name.namespace, Some(&name.name)),
        };
        if !actions.is_empty() && !force {
            let entities = if actions.len() == 1 { "entity" } else { "entities" };
            let count = actions.len();
            return Err(Refused::Conflict(format!(
                "Package not empty (contains {count} {entities}). Set force param or delete package contents."
            )));
        }
        let batch = actions.iter().fold(Batch::new(), |batch, action| batch.delete::<Action>(&action.key()));
        self.commit(batch.delete::<Package>(&key)).await?;
        actions.iter().for_each(|action| self.remove(&action.key()));
        self.packages.remove(&key);
        Ok(package)
    }

    /// What a binding stands for is a package that is there, and that its owner may use.
    fn check_binding(&self, package: &Package) -> Result<(), Refused> {
        let Some(binding) = &package.binding else { return Ok(()) };
        let provider = match self.package(&binding.qualified(), &package.namespace) {
            Ok(provider) => provider,
            Err(Refused::Conflict(_)) => {
                return Err(Refused::Conflict("Cannot bind to a resource that is not a package.".to_owned()));
            }
            Err(Refused::Missing) => {
                return Err(Refused::Bad("Binding references a package that does not exist.".to_owned()));
            }
            Err(refused) => return Err(refused),
        };
        match provider.binding {
            Some(_) => Err(Refused::Bad("Cannot bind to another package binding.".to_owned())),
            None => Ok(()),
        }
    }
}
