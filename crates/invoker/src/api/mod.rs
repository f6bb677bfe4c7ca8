//! From HTTP requests to commands: one file a resource, one closed [`Command`].
//!
//! In: a request's head and its body, read whole. Out: what the client wants, or the [`Refusal`] that it gets.
//! Nothing here touches the daemon's state; `crate::execute` does.

mod actions;
mod activations;
mod auth;
mod dashboard;
mod page;
mod query;
mod refusal;
mod root;

use hyper::Method;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use uuid::Uuid;

pub(crate) use page::Page;
pub(crate) use refusal::Refusal;

use query::Query;

/// The largest body of an invocation, in bytes.
pub(crate) const MAX_PAYLOAD: usize = 1024 * 1024;
/// The largest document: code and parameters at their limits, with what JSON's escapes add.
const MAX_DOCUMENT: usize = 2 * (upshift_deploy::document::MAX_CODE + upshift_deploy::document::MAX_PARAMETERS);

/// Everything that a client can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Ping,
    Info,
    Build,
    Namespaces,
    NamespaceLimits,
    /// `OPTIONS` of anything.
    Preflight,
    ListActions {
        page: Page,
        count: bool,
    },
    GetAction {
        name: String,
        code: bool,
    },
    PutAction {
        name: String,
        overwrite: bool,
        body: Bytes,
    },
    DeleteAction {
        name: String,
    },
    Invoke(Invoke),
    ListActivations {
        filter: crate::records::Filter,
        page: Page,
        docs: bool,
        count: bool,
    },
    GetActivation(Uuid),
    GetActivationLogs(Uuid),
    GetActivationResult(Uuid),
    DashboardPage,
    DashboardEvents,
    DashboardAction(String),
}

/// One invocation as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invoke {
    pub(crate) name: String,
    pub(crate) body: Bytes,
    /// How long the client waits for the end; none if it does not.
    pub(crate) wait: Option<std::time::Duration>,
    /// Whether it wants the bare result instead of the record.
    pub(crate) result_only: bool,
}

/// The largest body that a request with this head may have.
pub(crate) fn body_limit(head: &Parts) -> usize {
    if head.method == Method::PUT { MAX_DOCUMENT } else { MAX_PAYLOAD }
}

/// What the request asks for.
pub(crate) fn parse(head: &Parts, body: Bytes) -> Result<Command, Refusal> {
    if head.method == Method::OPTIONS {
        return Ok(Command::Preflight);
    }
    let path = query::segments(head.uri.path());
    let path: Vec<&str> = path.iter().map(|segment| &**segment).collect();
    let query = Query::parse(head.uri.query().unwrap_or_default());
    // HEAD is GET whose body the server leaves out.
    let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
    if let Some(command) = root::parse(method, &path)? {
        return Ok(command);
    }
    if let ["dashboard", rest @ ..] = &path[..] {
        return dashboard::parse(method, rest);
    }
    auth::check(&head.headers)?;
    match &path[..] {
        ["api", "v1", "namespaces"] | ["api", "v1", "namespaces", ""] => {
            get_only(method)?;
            Ok(Command::Namespaces)
        }
        ["api", "v1", "namespaces", namespace, rest @ ..] => {
            let target = match rest {
                ["actions" | "activations", name, ..] if !name.is_empty() => format!("{namespace}/{name}"),
                _ => (*namespace).to_owned(),
            };
            if !matches!(*namespace, "_" | "guest") {
                return Err(Refusal::forbidden(&target));
            }
            match rest {
                ["actions", rest @ ..] => actions::parse(method, rest, &query, body),
                ["activations", rest @ ..] => activations::parse(method, rest, &query),
                ["limits"] => {
                    get_only(method)?;
                    Ok(Command::NamespaceLimits)
                }
                _ => Err(Refusal::not_found()),
            }
        }
        _ => Err(Refusal::not_found()),
    }
}

fn get_only(method: &Method) -> Result<(), Refusal> {
    if method == Method::GET { Ok(()) } else { Err(Refusal::method("GET")) }
}

#[cfg(test)]
mod tests;
