//! The deployed actions: from the store, the API and the watched folder, each behind one name.
//!
//! A deployment is checked by CPython first; one that does not compile changes nothing.
//! Deployments happen one after the other; invocations never wait for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use upshift_deploy::{Action, Change, DeployError, Limits, Store, archive, document};

use crate::tier::{Code, IDLE, Origin, Runtime, Shared, thin_out};
use crate::unpack::UnpackError;

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
            Self::Exists => "there is an action of that name".to_owned(),
            Self::Missing => "there is no action of that name".to_owned(),
            Self::Syntax(reason) | Self::Internal(reason) => reason,
            Self::Deploy(error) => error.to_string(),
        }
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
            let started = async {
                let code = catalog.code(&action, &Origin::Api).await?;
                catalog.start(action, Origin::Api, code).await
            };
            if let Err(refused) = started.await {
                tracing::error!("a stored action could not be started: {}", refused.reason());
            }
        }
        Ok(catalog)
    }

    /// Removes the folders of archives that no action runs in; nothing may be deployed yet but what the daemon started with.
    pub(crate) async fn tidy(&self) {
        let _turn = self.turn.lock().await;
        let used: Vec<PathBuf> = self.all().iter().filter_map(|runtime| runtime.code.directory.clone()).collect();
        let archives = Arc::clone(&self.shared.unpacker);
        let tidied = tokio::task::spawn_blocking(move || archives.archives().retain(used.iter().map(PathBuf::as_path)));
        if let Ok(Err(error)) = tidied.await {
            tracing::warn!("folders of archives that nobody uses stay: {error}");
        }
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
        let code = self.code(&action, &Origin::Api).await?;
        self.check(&code).await?;
        let stored = {
            let (store, action) = (Arc::clone(&self.store), action.clone());
            tokio::task::spawn_blocking(move || store.put(&action))
        };
        stored.await.map_err(|error| Refused::Internal(error.to_string()))??;
        let runtime = self.start(action, Origin::Api, code).await?;
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
        let mut action = Action::from_source(&name, source, self.defaults, now());
        let origin = Origin::Folder(path.clone());
        let checked = async {
            let code = self.code(&action, &origin).await?;
            self.check(&code).await?;
            Ok::<Code, Refused>(code)
        };
        let code = match checked.await {
            Ok(code) => code,
            Err(refused) => return self.note_broken(name, &path, refused.reason()),
        };
        action.exec.binary = path.extension().is_some_and(|extension| extension == "zip");
        if let Some(old) = self.get(&name) {
            action.version = old.action.version.next();
        }
        let version = action.version;
        match self.start(action, origin, code).await {
            Ok(_) => {
                self.broken.write().unwrap_or_else(PoisonError::into_inner).remove(&name);
                tracing::info!(action = name, %version, "deployed from {}", path.display());
            }
            Err(_) => self.note_broken(name, &path, "it could not be started".to_owned()),
        }
    }

    /// The version before stays live; the error is shown where the action is shown.
    fn note_broken(&self, name: String, path: &Path, message: String) {
        tracing::warn!(action = name, "not deployed from {}: {message}", path.display());
        match self.get(&name) {
            Some(runtime) => runtime.counters().stats.last_error = Some(message),
            None => {
                self.broken.write().unwrap_or_else(PoisonError::into_inner).insert(name, message);
            }
        }
        self.shared.touch();
    }

    /// What an action's workers are given; an archive is unpacked.
    async fn code(&self, action: &Action, origin: &Origin) -> Result<Code, Refused> {
        let unpacked = match archive::decode(&action.exec.code) {
            Some(zip) => Some(Arc::clone(&self.shared.unpacker).unpack(zip).await?),
            None => None,
        };
        Ok(Code::new(action, origin, unpacked))
    }

    async fn check(&self, code: &Code) -> Result<(), Refused> {
        let verdict = self.shared.zygote.check_syntax(&code.source, &code.filename).await;
        let verdict = verdict.map_err(|error| Refused::Internal(error.to_string()))?;
        verdict.map_err(Refused::Syntax)
    }

    async fn start(&self, action: Action, origin: Origin, code: Code) -> Result<Arc<Runtime>, Refused> {
        let shared = Arc::clone(&self.shared);
        let name = action.name.clone();
        if let Some(old) = self.get(&name) {
            old.replace();
        }
        let started = tokio::task::spawn_blocking(move || Runtime::start(shared, action, origin, code));
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

    fn stored_is_newer(&self, name: &str, path: &Path) -> bool {
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
