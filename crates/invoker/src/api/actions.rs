//! `/api/v1/namespaces/{_|guest}/actions[/NAME]`.

use std::time::Duration;

use hyper::Method;
use hyper::body::Bytes;

use super::query::{Query, malformed};
use super::{Command, Invoke, Page, Refusal, get_only};

/// How long a blocking request waits at most, in milliseconds.
const MAX_WAIT: u64 = 60_000;

/// The command of a path below `actions`.
pub(crate) fn parse(method: &Method, rest: &[&str], query: &Query, body: Bytes) -> Result<Command, Refusal> {
    let name = match rest {
        [] | [""] => {
            get_only(method)?;
            let page = Page::parse(query, "actions")?;
            return Ok(Command::ListActions { page, count: query.flag("count", false)? });
        }
        [name] => (*name).to_owned(),
        // Packages are not there, so nothing is in them.
        _ => return Err(Refusal::not_found()),
    };
    upshift_deploy::validate_name(&name)?;
    match *method {
        Method::GET => Ok(Command::GetAction { name, code: query.flag("code", true)? }),
        Method::PUT => Ok(Command::PutAction { name, overwrite: query.flag("overwrite", false)?, body }),
        Method::DELETE => Ok(Command::DeleteAction { name }),
        Method::POST => {
            let blocking = query.flag("blocking", false)?;
            let result_only = query.flag("result", false)?;
            let wait = wait(query)?;
            Ok(Command::Invoke(Invoke { name, body, wait: blocking.then_some(wait), result_only }))
        }
        _ => Err(Refusal::method("GET, PUT, DELETE, POST")),
    }
}

fn wait(query: &Query) -> Result<Duration, Refusal> {
    let Some(text) = query.get("timeout") else { return Ok(Duration::from_millis(MAX_WAIT)) };
    match text.parse::<u64>() {
        Ok(millis) if (1..=MAX_WAIT).contains(&millis) => Ok(Duration::from_millis(millis)),
        _ => Err(malformed("timeout", &format!("Timeout must be number of milliseconds up to {MAX_WAIT}."))),
    }
}
