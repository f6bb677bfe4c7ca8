//! `/ping`, `/`, `/api/v1` and the description of the API, which need no credentials.

use hyper::Method;

use super::{Command, Refusal, get_only};

/// The command, if the path is one of these.
pub(crate) fn parse(method: &Method, path: &[&str]) -> Result<Option<Command>, Refusal> {
    let command = match path {
        ["ping"] => Command::Ping,
        [""] => Command::Info,
        ["api", "v1"] | ["api", "v1", ""] => Command::Build,
        ["api", "v1", "api-docs"] => Command::ApiDocs,
        _ => return Ok(None),
    };
    get_only(method)?;
    Ok(Some(command))
}
