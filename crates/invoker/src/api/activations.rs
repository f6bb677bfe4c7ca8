//! `/api/v1/namespaces/{NAMESPACE}/activations[/ID[/logs|/result]]`.

use hyper::Method;
use uuid::Uuid;

use super::query::{Query, malformed};
use super::{Page, Place, Refusal, get_only};
use crate::records::Filter;

/// What can be asked of the caller's activations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ActivationCommand {
    List {
        filter: Filter,
        page: Page,
        docs: bool,
        count: bool,
    },
    Get(Uuid),
    Logs(Uuid),
    /// The member `response`.
    Result(Uuid),
}

/// The command of a path below `activations`.
pub(super) fn parse(
    method: &Method,
    place: &Place<'_>,
    rest: &[&str],
    query: &Query<'_>,
) -> Result<ActivationCommand, Refusal> {
    get_only(method)?;
    place.must_be_own(rest.first().unwrap_or(&""))?;
    match rest {
        [] | [""] => list(query),
        [id] | [id, ""] => Ok(ActivationCommand::Get(valid(id)?)),
        [id, "logs"] => Ok(ActivationCommand::Logs(valid(id)?)),
        [id, "result"] => Ok(ActivationCommand::Result(valid(id)?)),
        _ => Err(Refusal::not_found()),
    }
}

fn list(query: &Query<'_>) -> Result<ActivationCommand, Refusal> {
    let page = Page::parse(query, "activations")?;
    let count = query.flag("count", false)?;
    let docs = query.flag("docs", false)?;
    if count && docs {
        return Err(Refusal::bad_request("The parameter 'docs' is not permitted with 'count'."));
    }
    let name = match query.get("name") {
        None | Some("") => None,
        Some(name) if name.split('/').count() <= 2 => Some(name.to_owned()),
        Some(name) => {
            let reason = format!("Parameter may be a 'simple' name or 'package-name/simple' name: {name}");
            return Err(malformed("name", &reason));
        }
    };
    let filter = Filter { name, since: epoch(query, "since")?, upto: epoch(query, "upto")? };
    Ok(ActivationCommand::List { filter, page, docs, count })
}

fn epoch(query: &Query<'_>, key: &str) -> Result<Option<u64>, Refusal> {
    let Some(text) = query.get(key).filter(|text| !text.is_empty()) else { return Ok(None) };
    let bad = || malformed(key, &format!("Parameter is not a valid value for epoch seconds: {text}"));
    text.parse().map(Some).map_err(|_| bad())
}

fn valid(id: &str) -> Result<Uuid, Refusal> {
    let length = id.chars().count();
    if length != 32 {
        return Err(Refusal::bad_request(format!("Activation id length is {length} but must be 32.")));
    }
    // Of that length, only digits are one.
    Uuid::try_parse(id).map_err(|_| Refusal::bad_request("The activation id is not valid."))
}
