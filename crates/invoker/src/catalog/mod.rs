//! What is deployed: actions from the store, the API and the watched folder, with packages, triggers and rules.
//!
//! An action is checked by CPython first; one that does not compile changes nothing.
//! What is changed is on the disk first, one change after the other; invocations never wait for them.

mod actions;
mod folder;
mod packages;
mod resolve;
mod rules;
mod table;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Mutex;
use upshift_deploy::document::Context;
use upshift_deploy::{
    Action, Batch, Bounds, DeployError, Entity, Limits, Package, QualifiedName, Rule, Store, Trigger,
};

use crate::activation::About;
use crate::tier::{IDLE, Origin, Runtime, Shared, thin_out};
use crate::unpack::UnpackError;

pub(crate) use resolve::Resolved;

use table::Table;

/// All that a daemon has deployed.
pub(crate) struct Catalog {
    shared: Arc<Shared>,
    store: Arc<Store>,
    defaults: Limits,
    bounds: Arc<Bounds>,
    actions: Table<Deployed>,
    packages: Table<Arc<Package>>,
    triggers: Table<Arc<Trigger>>,
    rules: Table<Arc<Rule>>,
    /// Files of the watched folder that never had a version that works, with the reason.
    broken: Table<(String, String)>,
    turn: Mutex<()>,
}

/// An action that can be invoked.
#[derive(Clone)]
pub(crate) enum Deployed {
    Function(Arc<Runtime>),
    Sequence(Arc<Sequence>),
}

/// Actions that follow each other.
pub(crate) struct Sequence {
    pub(crate) action: Arc<Action>,
    /// What records say of it.
    pub(crate) about: Arc<About>,
}

/// Why a change is refused; nothing has changed.
#[derive(Debug)]
pub(crate) enum Refused {
    /// An entity of that name is there and `overwrite` is not set.
    Exists,
    /// No entity of that name.
    Missing,
    /// What it needs is gone: the whole message, with 404.
    Gone(&'static str),
    /// It is another's, who does not share it.
    Forbidden(String),
    /// Something it names, or is in, stands against it: the whole message, with 400.
    Bad(String),
    /// What is there stands against it: the whole message, with 409.
    Conflict(String),
    /// CPython does not compile it: its message, with line and caret. Or what it requires cannot be installed: that of `pip`.
    Syntax(String),
    /// The document or the store.
    Deploy(DeployError),
    /// The daemon itself failed.
    Internal(String),
}

impl From<DeployError> for Refused {
    fn from(error: DeployError) -> Self {
        Self::Deploy(error)
    }
}

impl From<UnpackError> for Refused {
    fn from(error: UnpackError) -> Self {
        match error {
            UnpackError::Archive(error) => Self::Deploy(error.into()),
            UnpackError::Requirements(_) => Self::Syntax(error.to_string()),
            UnpackError::Internal(error) => Self::Internal(error),
        }
    }
}

impl Refused {
    /// For the log and the dashboard.
    fn reason(self) -> String {
        match self {
            Self::Exists => "there is one of that name".to_owned(),
            Self::Missing => "there is none of that name".to_owned(),
            Self::Gone(reason) => reason.to_owned(),
            Self::Forbidden(what) => format!("{what} is another's"),
            Self::Bad(reason) | Self::Conflict(reason) | Self::Syntax(reason) | Self::Internal(reason) => reason,
            Self::Deploy(error) => error.to_string(),
        }
    }
}

impl Deployed {
    pub(crate) fn action(&self) -> &Arc<Action> {
        match self {
            Self::Function(runtime) => &runtime.action,
            Self::Sequence(sequence) => &sequence.action,
        }
    }

    /// The function, if it is one.
    pub(crate) fn function(&self) -> Option<&Arc<Runtime>> {
        match self {
            Self::Function(runtime) => Some(runtime),
            Self::Sequence(_) => None,
        }
    }
}

impl Catalog {
    /// Takes up everything of the store.
    pub(crate) async fn open(
        shared: Arc<Shared>,
        store: Arc<Store>,
        defaults: Limits,
        bounds: Arc<Bounds>,
    ) -> Result<Self, DeployError> {
        let catalog = Self {
            shared,
            store,
            defaults,
            bounds,
            actions: Table::default(),
            packages: Table::default(),
            triggers: Table::default(),
            rules: Table::default(),
            broken: Table::default(),
            turn: Mutex::new(()),
        };
        catalog.store.list::<Package>()?.into_iter().for_each(|package| catalog.packages.keep(package));
        catalog.store.list::<Trigger>()?.into_iter().for_each(|trigger| catalog.triggers.keep(trigger));
        catalog.store.list::<Rule>()?.into_iter().for_each(|rule| catalog.rules.keep(rule));
        for action in catalog.store.list::<Action>()? {
            // It was checked when it was deployed, so a failure here is the daemon's and is in its log.
            if let Err(refused) = catalog.take_up(action).await {
                tracing::error!("a stored action could not be started: {}", refused.reason());
            }
        }
        Ok(catalog)
    }

    async fn take_up(&self, action: Action) -> Result<(), Refused> {
        match action.is_sequence() {
            true => drop(self.put_sequence(action)),
            false => {
                let code = self.code(&action, &Origin::Api).await?;
                self.start(action, Origin::Api, code).await?;
            }
        }
        Ok(())
    }

    /// Removes the folders of archives that no action runs in any more.
    pub(crate) async fn tidy(&self) {
        let unpacker = Arc::clone(&self.shared.unpacker);
        let tidied = tokio::task::spawn_blocking(move || unpacker.archives().tidy());
        if let Ok(Err(error)) = tidied.await {
            tracing::warn!("folders of archives that nobody uses stay: {error}");
        }
    }

    /// The action of that key.
    pub(crate) fn get(&self, key: &str) -> Option<Deployed> {
        self.actions.get(key)
    }

    /// Every function, by key.
    pub(crate) fn functions(&self) -> Vec<Arc<Runtime>> {
        self.actions.filter(|_| true).iter().filter_map(Deployed::function).cloned().collect()
    }

    /// Names and reasons of files that are no action yet.
    pub(crate) fn broken(&self) -> Vec<(String, String)> {
        self.broken.filter(|_| true)
    }

    /// What all actions share.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Lets go of what is idle for too long, or of which there is too much.
    pub(crate) fn thin_out(&self) {
        thin_out(&self.functions());
        self.shared.zygote.reap(IDLE);
    }

    /// Why there is no entity of that name in the collection: there is none, or it is in another.
    fn missing(&self, name: &QualifiedName, collection: &str) -> Refused {
        match self.must_not_be_elsewhere(name, collection) {
            Ok(()) => Refused::Missing,
            Err(elsewhere) => elsewhere,
        }
    }

    /// A name is an entity's of one collection.
    fn must_not_be_elsewhere(&self, name: &QualifiedName, collection: &str) -> Result<(), Refused> {
        let key = name.to_string();
        let has = |other: &str| match other {
            Action::COLLECTION => self.actions.get(&key).is_some(),
            Package::COLLECTION => self.packages.get(&key).is_some(),
            Trigger::COLLECTION => self.triggers.get(&key).is_some(),
            _ => self.rules.get(&key).is_some(),
        };
        let others = [Action::COLLECTION, Package::COLLECTION, Trigger::COLLECTION, Rule::COLLECTION];
        match others.into_iter().filter(|other| *other != collection).any(has) {
            true => Err(Refused::Conflict("Resource by this name exists but is not in this collection.".to_owned())),
            false => Ok(()),
        }
    }

    /// For documents of the caller whose namespace is `own`.
    fn context<'a>(&'a self, own: &'a str) -> Context<'a> {
        Context { own, now: now(), defaults: self.defaults, bounds: &self.bounds }
    }

    /// When this returns, every change is on the disk.
    async fn commit(&self, batch: Batch) -> Result<(), Refused> {
        let store = Arc::clone(&self.store);
        let committed = tokio::task::spawn_blocking(move || store.commit(batch));
        Ok(committed.await.map_err(|error| Refused::Internal(error.to_string()))??)
    }
}

impl<E: Entity> Table<Arc<E>> {
    fn keep(&self, entity: E) {
        self.insert(entity.key(), Arc::new(entity));
    }

    /// Those of a namespace, what was changed last first.
    fn of_namespace(&self, namespace: &str) -> Vec<Arc<E>> {
        let mut found = self.filter(|entity| entity.qualified().namespace == namespace);
        found.sort_by_key(|entity| std::cmp::Reverse(entity.updated()));
        found
    }
}

/// Milliseconds of the epoch.
pub(crate) fn now() -> u64 {
    millis(SystemTime::now())
}

fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
