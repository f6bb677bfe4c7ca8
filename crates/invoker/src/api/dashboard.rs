//! `/dashboard`, `/dashboard/events` and `/dashboard/actions/NAME.json`.

use hyper::Method;

use super::{Command, Refusal, get_only};

/// The command of a path below `/dashboard`.
pub(crate) fn parse(method: &Method, rest: &[&str]) -> Result<Command, Refusal> {
    let command = match rest {
        [] | [""] => Command::DashboardPage,
        ["events"] => Command::DashboardEvents,
        ["actions", file] => match file.strip_suffix(".json") {
            Some(name) => Command::DashboardAction(name.to_owned()),
            None => return Err(Refusal::not_found()),
        },
        _ => return Err(Refusal::not_found()),
    };
    get_only(method)?;
    Ok(command)
}
