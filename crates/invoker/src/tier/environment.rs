//! The variables that an invocation is given, beside those of every worker: `__OW_…` as in OpenWhisk's runtimes, and those of
//! `init` parameters.

use std::sync::{Arc, OnceLock};

use upshift_deploy::{Action, Entity, GUEST, GUEST_KEY, Parameter};
use upshift_loader::Variables;
use uuid::Uuid;

use crate::payload;

/// What is told when an invocation begins to run.
pub(crate) type Began = Box<dyn Fn() + Send + Sync>;

/// The variables of one invocation; they are written out when somebody wants to read them.
pub(crate) struct Environment {
    action: Arc<Action>,
    /// Parameters of the action's package.
    inherited: Vec<Parameter>,
    /// Whose invocation it is.
    namespace: Arc<str>,
    api_host: Arc<str>,
    id: Uuid,
    request_id: Arc<str>,
    /// Milliseconds of the epoch.
    deadline: u64,
    began: Option<Began>,
    variables: OnceLock<Variables>,
}

/// Whose an invocation is, and from where.
pub(crate) struct Origins {
    /// The caller's namespace.
    pub(crate) namespace: Arc<str>,
    /// The address that clients reach the daemon at.
    pub(crate) api_host: Arc<str>,
    pub(crate) id: Uuid,
    pub(crate) request_id: Arc<str>,
    /// Milliseconds of the epoch.
    pub(crate) now: u64,
}

impl Environment {
    /// Those of an invocation of `action`; of the parameters of its package, `inherited`, those count that are for the environment.
    pub(crate) fn new(action: Arc<Action>, inherited: &[Parameter], origins: Origins, began: Option<Began>) -> Self {
        let deadline = origins.now.saturating_add(action.limits.timeout);
        Self {
            inherited: inherited.iter().filter(|parameter| parameter.init).cloned().collect(),
            action,
            namespace: origins.namespace,
            api_host: origins.api_host,
            id: origins.id,
            request_id: origins.request_id,
            deadline,
            began,
            variables: OnceLock::new(),
        }
    }

    /// The program begins to run, or runs once more.
    pub(crate) fn begin(&self) {
        if let Some(began) = &self.began {
            began();
        }
    }

    /// Those that somebody else has decided on.
    pub(crate) fn given(action: Arc<Action>, variables: Variables) -> Self {
        let nobody: Arc<str> = "".into();
        let (namespace, api_host, request_id) = (Arc::clone(&nobody), Arc::clone(&nobody), nobody);
        let origins = Origins { namespace, api_host, id: Uuid::nil(), request_id, now: 0 };
        Self { variables: OnceLock::from(variables), ..Self::new(action, &[], origins, None) }
    }

    /// Names and values; of two of one name, the later counts.
    pub(crate) fn variables(&self) -> &Variables {
        self.variables.get_or_init(|| {
            let action = &self.action;
            let mut variables = payload::environment(self.inherited.iter().chain(&action.parameters));
            let own = [
                ("__OW_API_HOST", self.api_host.to_string()),
                ("__OW_NAMESPACE", self.namespace.to_string()),
                ("__OW_ACTION_NAME", format!("/{}", action.qualified().full())),
                ("__OW_ACTION_VERSION", action.version.to_string()),
                ("__OW_ACTIVATION_ID", self.id.simple().to_string()),
                ("__OW_TRANSACTION_ID", self.request_id.to_string()),
                ("__OW_DEADLINE", self.deadline.to_string()),
            ];
            variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
            // Of the keys of others, only hashes are known.
            if &*self.namespace == GUEST && action.annotation("provide-api-key") == Some("true") {
                variables.push(("__OW_API_KEY".to_owned(), GUEST_KEY.to_owned()));
            }
            variables.into()
        })
    }

    /// The same for native code, which may go by names that an action chose even where the program reads none.
    pub(crate) fn for_native(&self, reads: bool) -> Variables {
        let has_own = self.inherited.iter().chain(&self.action.parameters).any(|parameter| parameter.init);
        if reads || has_own { Arc::clone(self.variables()) } else { Variables::default() }
    }
}
