//! `/api/v1/namespaces/{_|guest}/activations[/ID[/logs|/result]]`.

use hyper::Method;
use uuid::Uuid;

use super::query::{Query, malformed};
use super::{Command, Page, Refusal, get_only};
use crate::records::Filter;

/// The command of a path below `activations`.
pub(crate) fn parse(method: &Method, rest: &[&str], query: &Query) -> Result<Command, Refusal> {
    get_only(method)?;
    match rest {
        [] | [""] => list(query),
        [id] => Ok(Command::GetActivation(valid(id)?)),
        [id, "logs"] => Ok(Command::GetActivationLogs(valid(id)?)),
        [id, "result"] => Ok(Command::GetActivationResult(valid(id)?)),
        _ => Err(Refusal::not_found()),
    }
}

fn list(query: &Query) -> Result<Command, Refusal> {
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
    Ok(Command::ListActivations { filter, page, docs, count })
}

fn epoch(query: &Query, key: &str) -> Result<Option<u64>, Refusal> {
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
