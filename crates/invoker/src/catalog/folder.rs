//! The watched folder: its files and folders are actions of the guest's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinSet;
use upshift_deploy::{Action, Change, Exec};

use super::{Catalog, Deployed, Refused, millis, now};
use crate::tier::{Code, Origin};

impl Catalog {
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
                self.broken.remove(&name);
                if self.origin(&name).is_some_and(|origin| origin != Origin::Api) {
                    self.remove(&name);
                    tracing::info!(action = name, "removed, as its file is gone");
                }
            }
            Change::Broken { name, path, message } => self.note_broken(name, &path, message),
        }
        self.shared.touch();
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
        if let Exec::Code(exec) = &mut action.exec {
            exec.binary = path.extension().is_some_and(|extension| extension == "zip");
        }
        if let Some(old) = self.get(&name) {
            action.version = old.action().version.next();
        }
        let version = action.version;
        match self.start(action, origin, code).await {
            Ok(_) => {
                self.broken.remove(&name);
                tracing::info!(action = name, %version, "deployed from {}", path.display());
            }
            Err(_) => self.note_broken(name, &path, "it could not be started".to_owned()),
        }
    }

    /// The version before stays live; the error is shown where the action is shown.
    fn note_broken(&self, name: String, path: &Path, message: String) {
        tracing::warn!(action = name, "not deployed from {}: {message}", path.display());
        match self.get(&name) {
            Some(Deployed::Function(runtime)) => runtime.counters().stats.last_error = Some(message),
            _ => self.broken.insert(name.clone(), (name, message)),
        }
        self.shared.touch();
    }

    fn stored_is_newer(&self, name: &str, path: &Path) -> bool {
        let Some(stored) = self.get(name).filter(|_| self.origin(name) == Some(Origin::Api)) else { return false };
        let file = if path.is_dir() { path.join("__main__.py") } else { path.to_owned() };
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        modified.is_ok_and(|modified| millis(modified) <= stored.action().updated)
    }

    /// Where the action of that key is from.
    fn origin(&self, key: &str) -> Option<Origin> {
        Some(match self.get(key)? {
            Deployed::Function(runtime) => runtime.origin.clone(),
            Deployed::Sequence(_) => Origin::Api,
        })
    }
}
