//! From HTTP requests to commands: one file a resource, one closed [`Command`].
//!
//! In: a request's head, its body, read whole, and whom it is from. Out: what the client wants, or the [`Refusal`] that it gets.
//! Nothing here touches the daemon's state; `crate::execute` does.

mod actions;
mod activations;
mod auth;
mod dashboard;
mod packages;
mod page;
mod query;
mod refusal;
mod root;
mod rules;
mod triggers;
mod web;

use hyper::Method;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use upshift_deploy::{Bounds, Identity, OWN, QualifiedName};

pub(crate) use actions::{ActionCommand, Invoke};
pub(crate) use activations::ActivationCommand;
pub(crate) use auth::identify;
pub(crate) use packages::PackageCommand;
pub(crate) use page::Page;
pub(crate) use query::Query;
pub(crate) use refusal::Refusal;
pub(crate) use rules::RuleCommand;
pub(crate) use triggers::TriggerCommand;
pub(crate) use web::{Extension, WebRequest};

/// Everything that a client can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Ping,
    Info,
    Build,
    /// The description of this API.
    ApiDocs,
    /// `OPTIONS` of anything but web actions.
    Preflight,
    Namespaces,
    NamespaceLimits,
    Action(ActionCommand),
    Package(PackageCommand),
    Trigger(TriggerCommand),
    Rule(RuleCommand),
    Activation(ActivationCommand),
    Web(WebRequest),
    DashboardPage,
    DashboardEvents,
    /// The action of that key.
    DashboardAction(String),
}

/// A command, and whose it is; the guest's where that does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) by: Identity,
    pub(crate) command: Command,
}

/// A part of the list of a namespace's packages, triggers or rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) namespace: String,
    pub(crate) page: Page,
    /// Whether only their number is wanted.
    pub(crate) count: bool,
}

impl List {
    fn parse(namespace: &str, query: &Query, collection: &str) -> Result<Self, Refusal> {
        let page = Page::parse(query, collection)?;
        Ok(Self { namespace: namespace.to_owned(), page, count: query.flag("count", false)? })
    }
}

/// The largest body that a request with this head may have.
pub(crate) fn body_limit(head: &Parts, bounds: &Bounds) -> usize {
    let is_web = head.uri.path().starts_with("/api/v1/web/");
    match head.method {
        _ if is_web => bounds.payload,
        // Code and parameters at their limits, with what JSON's escapes add.
        Method::PUT => 2 * (bounds.code + bounds.parameters),
        _ => bounds.payload,
    }
}

/// What the request asks for; `who` is whom it is from, as [`identify`] says.
pub(crate) fn parse(head: &Parts, body: Bytes, who: Result<Option<Identity>, Refusal>) -> Result<Asked, Refusal> {
    let path = query::segments(head.uri.path());
    let path: Vec<&str> = path.iter().map(|segment| &**segment).collect();
    if let ["api", "v1", "web", rest @ ..] = &path[..] {
        // Strangers may ask; only a key that is shown says whose a request is.
        let shows_key = head.headers.contains_key(hyper::header::AUTHORIZATION);
        let by = who.ok().flatten().filter(|_| shows_key);
        let request = web::parse(head, rest, body, by.clone())?;
        return Ok(Asked { by: by.unwrap_or_else(Identity::guest), command: Command::Web(request) });
    }
    let open = |command: Command| Asked { by: Identity::guest(), command };
    if head.method == Method::OPTIONS {
        return Ok(open(Command::Preflight));
    }
    // HEAD is GET whose body the server leaves out.
    let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
    if let Some(command) = root::parse(method, &path)? {
        return Ok(open(command));
    }
    let by = who?.ok_or_else(Refusal::unauthenticated)?;
    let query = Query::parse(head.uri.query().unwrap_or_default());
    let command = match &path[..] {
        ["dashboard", rest @ ..] => dashboard::parse(method, rest)?,
        ["api", "v1", "namespaces"] | ["api", "v1", "namespaces", ""] => {
            get_only(method)?;
            Command::Namespaces
        }
        ["api", "v1", "namespaces", namespace, rest @ ..] => {
            let namespace = if *namespace == OWN { by.namespace.as_str() } else { namespace };
            let own = namespace == by.namespace;
            let place = Place { namespace, own };
            match rest {
                ["actions", rest @ ..] => Command::Action(actions::parse(method, &place, rest, &query, body)?),
                ["packages", rest @ ..] => Command::Package(packages::parse(method, &place, rest, &query, body)?),
                ["triggers", rest @ ..] => {
                    Command::Trigger(triggers::parse(method, &place, rest, &query, (&head.headers, body))?)
                }
                ["rules", rest @ ..] => Command::Rule(rules::parse(method, &place, rest, &query, body)?),
                ["activations", rest @ ..] => Command::Activation(activations::parse(method, &place, rest, &query)?),
                ["limits"] | ["limits", ""] => {
                    get_only(method)?;
                    place.must_be_own("")?;
                    Command::NamespaceLimits
                }
                _ => return Err(Refusal::not_found()),
            }
        }
        _ => return Err(Refusal::not_found()),
    };
    Ok(Asked { by, command })
}

/// The namespace of a path.
struct Place<'a> {
    namespace: &'a str,
    /// Whether it is the caller's.
    own: bool,
}

impl Place<'_> {
    /// Refuses what only a namespace's owner may do with `entity` in it.
    fn must_be_own(&self, entity: &str) -> Result<(), Refusal> {
        match (self.own, entity) {
            (true, _) => Ok(()),
            (false, "") => Err(Refusal::forbidden(self.namespace)),
            (false, entity) => Err(Refusal::forbidden(&format!("{}/{entity}", self.namespace))),
        }
    }

    /// The entity `name` of the namespace, which must be the caller's.
    fn own(&self, name: &str) -> Result<QualifiedName, Refusal> {
        upshift_deploy::validate_name(name)?;
        self.must_be_own(name)?;
        Ok(QualifiedName::new(self.namespace, name))
    }
}

fn get_only(method: &Method) -> Result<(), Refusal> {
    if method == Method::GET { Ok(()) } else { Err(Refusal::method("GET")) }
}

#[cfg(test)]
mod tests;
