//! The variables that an invocation is given, beside those of every worker: `__OW_…` as in OpenWhisk's runtimes, and those of
//! the action's `init` parameters.

use std::sync::{Arc, OnceLock};

use upshift_deploy::Action;
use upshift_loader::Variables;
use uuid::Uuid;

use crate::payload;

/// The variables of one invocation; they are written out when somebody wants to read them.
pub(crate) struct Environment {
    action: Arc<Action>,
    api_host: Arc<str>,
    id: Uuid,
    request_id: String,
    /// Milliseconds of the epoch.
    deadline: u64,
    variables: OnceLock<Variables>,
}

impl Environment {
    /// Those of the activation `id` of `action`, which was asked for by the request `request_id` at `now` (milliseconds of the
    /// epoch).
    pub(crate) fn new(action: Arc<Action>, api_host: Arc<str>, id: Uuid, request_id: String, now: u64) -> Self {
        let deadline = now.saturating_add(action.limits.timeout);
        Self { action, api_host, id, request_id, deadline, variables: OnceLock::new() }
    }

    /// Those that somebody else has decided on.
    pub(crate) fn given(action: Arc<Action>, variables: Variables) -> Self {
        let (id, variables) = (Uuid::nil(), OnceLock::from(variables));
        Self { action, api_host: "".into(), id, request_id: String::new(), deadline: 0, variables }
    }

    /// Names and values; of two of one name, the later counts.
    pub(crate) fn variables(&self) -> &Variables {
        self.variables.get_or_init(|| {
            let action = &self.action;
            let mut variables = payload::environment(action);
            let own = [
                ("__OW_API_HOST", self.api_host.to_string()),
                ("__OW_NAMESPACE", action.namespace.clone()),
                ("__OW_ACTION_NAME", format!("/{}/{}", action.namespace, action.name)),
                ("__OW_ACTION_VERSION", action.version.to_string()),
                ("__OW_ACTIVATION_ID", self.id.simple().to_string()),
                ("__OW_TRANSACTION_ID", self.request_id.clone()),
                ("__OW_DEADLINE", self.deadline.to_string()),
            ];
            variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
            variables.into()
        })
    }

    /// The same for native code, which may go by names that an action chose even where the program reads none.
    pub(crate) fn for_native(&self, reads: bool) -> Variables {
        let has_own = self.action.parameters.iter().any(|parameter| parameter.init);
        if reads || has_own { Arc::clone(self.variables()) } else { Variables::default() }
    }
}
