//! `/api/v1/namespaces/{NAMESPACE}/triggers[/NAME]`.

use hyper::body::Bytes;
use hyper::{HeaderMap, Method};
use upshift_deploy::QualifiedName;

use super::query::Query;
use super::{List, Place, Refusal, get_only};

/// What can be asked of triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TriggerCommand {
    List(List),
    Get(QualifiedName),
    Put { name: QualifiedName, overwrite: bool, body: Bytes },
    Delete(QualifiedName),
    Fire { name: QualifiedName, body: Bytes, headers: HeaderMap },
}

/// The command of a path below `triggers`.
pub(super) fn parse(
    method: &Method,
    place: &Place<'_>,
    rest: &[&str],
    query: &Query<'_>,
    (headers, body): (&HeaderMap, Bytes),
) -> Result<TriggerCommand, Refusal> {
    let name = match rest {
        [] | [""] => {
            get_only(method)?;
            place.must_be_own("")?;
            return Ok(TriggerCommand::List(List::parse(place.namespace, query, "triggers")?));
        }
        [name] => place.own(name)?,
        _ => return Err(Refusal::not_found()),
    };
    match *method {
        Method::GET => Ok(TriggerCommand::Get(name)),
        Method::PUT => Ok(TriggerCommand::Put { name, overwrite: query.flag("overwrite", false)?, body }),
        Method::DELETE => Ok(TriggerCommand::Delete(name)),
        Method::POST => Ok(TriggerCommand::Fire { name, body, headers: headers.clone() }),
        _ => Err(Refusal::method("GET, PUT, DELETE, POST")),
    }
}
