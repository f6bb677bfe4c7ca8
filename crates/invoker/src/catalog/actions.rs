//! Actions: deployed, listed, removed.

use std::sync::Arc;

use upshift_deploy::{Action, Batch, Entity, QualifiedName, archive, document};

use super::{Catalog, Deployed, Refused, Sequence};
use crate::activation::About;
use crate::tier::{Code, Origin, Runtime};

impl Catalog {
    /// Deploys the document `body` under `name`; when this returns, the action is on the disk.
    pub(crate) async fn put_action(
        &self,
        name: &QualifiedName,
        body: &[u8],
        overwrite: bool,
    ) -> Result<Arc<Action>, Refused> {
        let _turn = self.turn.lock().await;
        self.must_be_a_package(name)?;
        self.must_not_be_elsewhere(name, Action::COLLECTION)?;
        let old = self.get(&name.to_string());
        if old.is_some() && !overwrite {
            return Err(Refused::Exists);
        }
        let old = old.as_ref().map(|old| &**old.action());
        let action = document::action(body, name, old, self.context(&name.namespace))?;
        let action = match action.is_sequence() {
            true => {
                self.check_sequence(name, action.components())?;
                self.commit(Batch::new().put(&action)?).await?;
                self.put_sequence(action)
            }
            false => {
                let code = self.code(&action, &Origin::Api).await?;
                self.check(&code).await?;
                self.commit(Batch::new().put(&action)?).await?;
                let runtime = self.start(action, Origin::Api, code).await?;
                runtime.prepare_tracing();
                Arc::clone(&runtime.action)
            }
        };
        tracing::info!(action = action.key(), version = %action.version, "deployed through the API");
        Ok(action)
    }

    /// Removes an action and everything learnt of it.
    pub(crate) async fn delete_action(&self, name: &QualifiedName) -> Result<Arc<Action>, Refused> {
        let _turn = self.turn.lock().await;
        self.must_be_a_package(name)?;
        let key = name.to_string();
        let deployed = self.get(&key).ok_or_else(|| self.missing(name, Action::COLLECTION))?;
        self.commit(Batch::new().delete::<Action>(&key)).await?;
        self.remove(&key);
        tracing::info!(action = key, "deleted");
        Ok(Arc::clone(deployed.action()))
    }

    /// The actions of a namespace, or of one of its packages; what was deployed last first.
    pub(crate) fn list_actions(&self, namespace: &str, package: Option<&str>) -> Vec<Arc<Action>> {
        let wanted = |deployed: &Deployed| {
            let name = deployed.action().qualified();
            name.namespace == namespace && (package.is_none() || name.package.as_deref() == package)
        };
        let mut actions: Vec<Arc<Action>> =
            self.actions.filter(wanted).iter().map(|deployed| Arc::clone(deployed.action())).collect();
        actions.sort_by_key(|action| std::cmp::Reverse(action.updated));
        actions
    }

    /// A package that is there, and is no binding, if the name is in one.
    fn must_be_a_package(&self, name: &QualifiedName) -> Result<(), Refused> {
        let Some(package) = name.of_package() else { return Ok(()) };
        match self.packages.get(&package.to_string()) {
            None => Err(Refused::Missing),
            Some(package) if package.binding.is_some() => {
                Err(Refused::Bad("Operation not permitted on package binding.".to_owned()))
            }
            Some(_) => Ok(()),
        }
    }

    /// What an action's workers are given; an archive is unpacked.
    pub(super) async fn code(&self, action: &Action, origin: &Origin) -> Result<Code, Refused> {
        let unpacked = match archive::decode(action.source()) {
            Some(zip) => Some(Arc::clone(&self.shared.unpacker).unpack(zip).await?),
            None => None,
        };
        Ok(Code::new(action, origin, unpacked))
    }

    pub(super) async fn check(&self, code: &Code) -> Result<(), Refused> {
        let verdict = self.shared.zygote.check_syntax(&code.source, &code.filename).await;
        let verdict = verdict.map_err(|error| Refused::Internal(error.to_string()))?;
        verdict.map_err(Refused::Syntax)
    }

    pub(super) fn put_sequence(&self, action: Action) -> Arc<Action> {
        let (key, about) = (action.key(), Arc::new(About::new(&action)));
        self.end(&key);
        let action = Arc::new(action);
        let sequence = Sequence { action: Arc::clone(&action), about };
        self.actions.insert(key, Deployed::Sequence(Arc::new(sequence)));
        self.shared.touch();
        action
    }

    pub(super) async fn start(&self, action: Action, origin: Origin, code: Code) -> Result<Arc<Runtime>, Refused> {
        let key = action.key();
        self.end(&key);
        let shared = Arc::clone(&self.shared);
        let started = tokio::task::spawn_blocking(move || Runtime::start(shared, action, origin, code));
        let runtime = started.await.map_err(|error| Refused::Internal(error.to_string()))?;
        self.actions.insert(key, Deployed::Function(Arc::clone(&runtime)));
        self.shared.touch();
        Ok(runtime)
    }

    /// What has that key writes nothing any more: another one takes its place.
    fn end(&self, key: &str) {
        if let Some(Deployed::Function(old)) = self.get(key) {
            old.replace();
        }
    }

    pub(super) fn remove(&self, key: &str) {
        if let Some(Deployed::Function(removed)) = self.actions.remove(key) {
            removed.replace();
        }
        if let Err(error) = self.shared.blobs.remove_all(key) {
            tracing::error!(action = key, "{error}");
        }
        self.shared.touch();
    }
}
