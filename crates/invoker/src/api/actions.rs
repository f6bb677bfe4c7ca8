//! `/api/v1/namespaces/{NAMESPACE}/actions[/[PACKAGE/]NAME]`.

use std::time::Duration;

use hyper::Method;
use hyper::body::Bytes;
use upshift_deploy::{QualifiedName, validate_name};

use super::query::{Query, malformed};
use super::{List, Place, Refusal, get_only};

/// How long a blocking request waits at most, in milliseconds.
const MAX_WAIT: u64 = 60_000;

/// What can be asked of actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ActionCommand {
    /// Those of a namespace, or of one of its packages.
    List {
        list: List,
        package: Option<String>,
    },
    Get {
        name: QualifiedName,
        code: bool,
    },
    Put {
        name: QualifiedName,
        overwrite: bool,
        body: Bytes,
    },
    Delete(QualifiedName),
    Invoke(Invoke),
}

/// One invocation as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invoke {
    pub(crate) name: QualifiedName,
    pub(crate) body: Bytes,
    /// How long the client waits for the end; none if it does not.
    pub(crate) wait: Option<Duration>,
    /// Whether it wants the bare result instead of the record.
    pub(crate) result_only: bool,
}

/// The command of a path below `actions`.
pub(super) fn parse(
    method: &Method,
    place: &Place<'_>,
    rest: &[&str],
    query: &Query<'_>,
    body: Bytes,
) -> Result<ActionCommand, Refusal> {
    let name = match rest {
        [] | [""] => {
            get_only(method)?;
            place.must_be_own("")?;
            return Ok(ActionCommand::List { list: List::parse(place.namespace, query, "actions")?, package: None });
        }
        [package, ""] => {
            get_only(method)?;
            validate_name(package)?;
            let list = List::parse(place.namespace, query, "actions")?;
            return Ok(ActionCommand::List { list, package: Some((*package).to_owned()) });
        }
        [name] => place.own(name)?,
        [package, name] => {
            validate_name(package)?;
            validate_name(name)?;
            // What others have published may be read and invoked.
            if !matches!(*method, Method::GET | Method::POST) {
                place.must_be_own(&format!("{package}/{name}"))?;
            }
            QualifiedName::packaged(place.namespace, package, name)
        }
        _ => return Err(Refusal::not_found()),
    };
    match *method {
        Method::GET => Ok(ActionCommand::Get { name, code: query.flag("code", true)? }),
        Method::PUT => Ok(ActionCommand::Put { name, overwrite: query.flag("overwrite", false)?, body }),
        Method::DELETE => Ok(ActionCommand::Delete(name)),
        Method::POST => {
            let blocking = query.flag("blocking", false)?;
            let result_only = query.flag("result", false)?;
            let wait = wait(query)?;
            Ok(ActionCommand::Invoke(Invoke { name, body, wait: blocking.then_some(wait), result_only }))
        }
        _ => Err(Refusal::method("GET, PUT, DELETE, POST")),
    }
}

fn wait(query: &Query<'_>) -> Result<Duration, Refusal> {
    let Some(text) = query.get("timeout") else { return Ok(Duration::from_millis(MAX_WAIT)) };
    match text.parse::<u64>() {
        Ok(millis) if (1..=MAX_WAIT).contains(&millis) => Ok(Duration::from_millis(millis)),
        _ => Err(malformed("timeout", &format!("Timeout must be number of milliseconds up to {MAX_WAIT}."))),
    }
}
