//! `/api/v1/namespaces/{NAMESPACE}/rules[/NAME]`.

use hyper::Method;
use hyper::body::Bytes;
use upshift_deploy::QualifiedName;

use super::query::Query;
use super::{List, Place, Refusal, get_only};

/// What can be asked of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RuleCommand {
    List(List),
    Get(QualifiedName),
    Put {
        name: QualifiedName,
        overwrite: bool,
        body: Bytes,
    },
    Delete(QualifiedName),
    /// It is to be followed, or not any more.
    SetStatus {
        name: QualifiedName,
        body: Bytes,
    },
}

/// The command of a path below `rules`.
pub(super) fn parse(
    method: &Method,
    place: &Place<'_>,
    rest: &[&str],
    query: &Query<'_>,
    body: Bytes,
) -> Result<RuleCommand, Refusal> {
    let name = match rest {
        [] | [""] => {
            get_only(method)?;
            place.must_be_own("")?;
            return Ok(RuleCommand::List(List::parse(place.namespace, query, "rules")?));
        }
        [name] => place.own(name)?,
        _ => return Err(Refusal::not_found()),
    };
    match *method {
        Method::GET => Ok(RuleCommand::Get(name)),
        Method::PUT => Ok(RuleCommand::Put { name, overwrite: query.flag("overwrite", false)?, body }),
        Method::DELETE => Ok(RuleCommand::Delete(name)),
        Method::POST => Ok(RuleCommand::SetStatus { name, body }),
        _ => Err(Refusal::method("GET, PUT, DELETE, POST")),
    }
}
