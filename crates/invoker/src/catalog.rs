//! The deployed actions: from the store, the API and the watched folder, each behind one name.
//!
//! A deployment is checked by CPython first; one that does not compile changes nothing.
//! Deployments happen one after the other; invocations never wait for them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use upshift_deploy::{Action, Change, DeployError, Limits, Store, document};

use crate::tier::{IDLE, Origin, Runtime, Shared, thin_out};

/// All actions of a daemon.
pub(crate) struct Catalog {
    shared: Arc<Shared>,
    store: Arc<Store>,
    defaults: Limits,
    actions: RwLock<BTreeMap<String, Arc<Runtime>>>,
    /// Files of the watched folder that never had a version that works, with the reason.
    broken: RwLock<BTreeMap<String, String>>,
    turn: Mutex<()>,
}

/// Why a deployment is refused; nothing has changed.
pub(crate) enum Refused {
    /// An action of that name is there and `overwrite` is not set.
    Exists,
    /// No action of that name.
    Missing,
    /// CPython does not compile it: its message, with line and caret.
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

impl Catalog {
    /// Takes up every action of the store.
    pub(crate) async fn open(shared: Arc<Shared>, store: Arc<Store>, defaults: Limits) -> Result<Self, DeployError> {
        let catalog = Self {
            shared,
            store,
            defaults,
            actions: RwLock::default(),
            broken: RwLock::default(),
            turn: Mutex::new(()),
        };
        for action in catalog.store.list()? {
            // It was checked when it was deployed, so a failure here is the daemon's and is in its log.
            if let Err(Refused::Internal(error)) = catalog.start(action, Origin::Api).await {
                tracing::error!("a stored action could not be started: {error}");
            }
        }
        Ok(catalog)
    }

    /// The action of that name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Runtime>> {
        self.actions.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// All actions, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Runtime>> {
        self.actions.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Names and reasons of files that are no action yet.
    pub(crate) fn broken(&self) -> Vec<(String, String)> {
        let broken = self.broken.read().unwrap_or_else(PoisonError::into_inner);
        broken.iter().map(|(name, reason)| (name.clone(), reason.clone())).collect()
    }

    /// What all actions share.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Deploys the document `body` under `name`; when this returns, the action is on the disk.
    pub(crate) async fn put(&self, name: &str, body: &[u8], overwrite: bool) -> Result<Arc<Action>, Refused> {
        let _turn = self.turn.lock().await;
        let old = self.get(name);
        if old.is_some() && !overwrite {
            return Err(Refused::Exists);
        }
        let old_action = old.as_ref().map(|old| &*old.action);
        let action = document::apply(body, name, old_action, self.defaults, now())?;
        self.check(&action.exec.code, &format!("{name}.py")).await?;
        let stored = {
            let (store, action) = (Arc::clone(&self.store), action.clone());
            tokio::task::spawn_blocking(move || store.put(&action))
        };
        stored.await.map_err(|error| Refused::Internal(error.to_string()))??;
        let runtime = self.start(action, Origin::Api).await?;
        runtime.prepare_tracing();
        let action = Arc::clone(&runtime.action);
        tracing::info!(action = action.name, version = %action.version, "deployed through the API");
        Ok(action)
    }

    /// Removes an action and everything learnt of it.
    pub(crate) async fn delete(&self, name: &str) -> Result<Arc<Action>, Refused> {
        let _turn = self.turn.lock().await;
        let runtime = self.get(name).ok_or(Refused::Missing)?;
        let (store, name_of) = (Arc::clone(&self.store), name.to_owned());
        let deleted = tokio::task::spawn_blocking(move || store.delete(&name_of));
        deleted.await.map_err(|error| Refused::Internal(error.to_string()))??;
        self.remove(name);
        tracing::info!(action = name, "deleted");
        Ok(Arc::clone(&runtime.action))
    }

    /// Deploys what the watched folder holds at first, several at a time.
    pub(crate) async fn follow_all(self: &Arc<Self>, changes: impl IntoIterator<Item = Change>) {
        let _turn = self.turn.lock().await;
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        let mut tasks = JoinSet::new();
        for change in changes {
            if tasks.len() >= at_once {
                tasks.join_next().await;
            }
            let catalog = Arc::clone(self);
            tasks.spawn(async move { catalog.apply(change, true).await });
        }
        tasks.join_all().await;
    }

    /// Follows a change in the watched folder.
    pub(crate) async fn follow(&self, change: Change) {
        let _turn = self.turn.lock().await;
        self.apply(change, false).await;
    }

    /// `starting` during the first scan.
    async fn apply(&self, change: Change, starting: bool) {
        match change {
            Change::Added { name, source, path } | Change::Changed { name, source, path } => {
                if starting && self.stored_is_newer(&name, &path) {
                    tracing::info!(action = name, "the API's deployment is newer than {}", path.display());
                    return;
                }
                self.deploy_file(name, source, path).await;
            }
            Change::Removed { name } => {
                let from_folder = self.get(&name).is_some_and(|runtime| runtime.origin != Origin::Api);
                self.broken.write().unwrap_or_else(PoisonError::into_inner).remove(&name);
                if from_folder {
                    self.remove(&name);
                    tracing::info!(action = name, "removed, as its file is gone");
                }
            }
            Change::Broken { name, path, message } => self.note_broken(name, &path, message),
        }
        self.shared.touch();
    }

    /// Lets go of what is idle for too long, or of which there is too much.
    pub(crate) fn thin_out(&self) {
        thin_out(&self.all());
        self.shared.zygote.reap(IDLE);
    }

    async fn deploy_file(&self, name: String, source: String, path: PathBuf) {
        let filename = if path.is_dir() { path.join("__main__.py") } else { path.clone() };
        match self.check(&source, &filename.display().to_string()).await {
            Ok(()) => {}
            Err(Refused::Syntax(message)) => return self.note_broken(name, &path, message),
            Err(_) => return self.note_broken(name, &path, "its syntax could not be checked".to_owned()),
        }
        let mut action = Action::from_source(&name, source, self.defaults, now());
        if let Some(old) = self.get(&name) {
            action.version = old.action.version.next();
        }
        let version = action.version;
        match self.start(action, Origin::Folder(path.clone())).await {
            Ok(_) => {
                self.broken.write().unwrap_or_else(PoisonError::into_inner).remove(&name);
                tracing::info!(action = name, %version, "deployed from {}", path.display());
            }
            Err(_) => self.note_broken(name, &path, "it could not be started".to_owned()),
        }
    }

    /// The version before stays live; the error is shown where the action is shown.
    fn note_broken(&self, name: String, path: &std::path::Path, message: String) {
        tracing::warn!(action = name, "not deployed from {}: {message}", path.display());
        match self.get(&name) {
            Some(runtime) => runtime.counters().stats.last_error = Some(message),
            None => {
                self.broken.write().unwrap_or_else(PoisonError::into_inner).insert(name, message);
            }
        }
        self.shared.touch();
    }

    async fn check(&self, source: &str, filename: &str) -> Result<(), Refused> {
        let verdict = self.shared.zygote.check_syntax(source, filename).await;
        let verdict = verdict.map_err(|error| Refused::Internal(error.to_string()))?;
        verdict.map_err(Refused::Syntax)
    }

    async fn start(&self, action: Action, origin: Origin) -> Result<Arc<Runtime>, Refused> {
        let shared = Arc::clone(&self.shared);
        let name = action.name.clone();
        if let Some(old) = self.get(&name) {
            old.replace();
        }
        let started = tokio::task::spawn_blocking(move || Runtime::start(shared, action, origin));
        let runtime = started.await.map_err(|error| Refused::Internal(error.to_string()))?;
        self.actions.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::clone(&runtime));
        self.shared.touch();
        Ok(runtime)
    }

    fn remove(&self, name: &str) {
        let removed = self.actions.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        if let Some(runtime) = removed {
            runtime.replace();
        }
        if let Err(error) = self.shared.blobs.remove_all(name) {
            tracing::error!(action = name, "{error}");
        }
        self.shared.touch();
    }

    fn stored_is_newer(&self, name: &str, path: &std::path::Path) -> bool {
        let Some(runtime) = self.get(name).filter(|runtime| runtime.origin == Origin::Api) else { return false };
        let file = if path.is_dir() { path.join("__main__.py") } else { path.to_owned() };
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        modified.is_ok_and(|modified| millis(modified) <= runtime.action.updated)
    }
}

/// Milliseconds of the epoch.
pub(crate) fn now() -> u64 {
    millis(SystemTime::now())
}

fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
