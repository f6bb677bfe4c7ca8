//! From the bodies of `/init` and `/run` to what they ask for; the argument's bytes are not touched.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use upshift_runtime::json::scan::{JsonError, object_members};

/// An action, as `/init` has it in `value`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Init {
    pub(super) name: Option<String>,
    /// The function that is called.
    pub(super) main: Option<String>,
    /// Python source, or base64 if `binary`.
    pub(super) code: Option<String>,
    pub(super) binary: Option<bool>,
    /// Variables of its environment: strings, or other values as JSON.
    pub(super) env: Option<BTreeMap<String, Box<RawValue>>>,
    /// On Knative: whether it is called with the request's body as it came.
    pub(super) raw: Option<bool>,
}

/// An invocation.
#[derive(Debug)]
pub(super) struct Run {
    /// The JSON text of what `main` is called with.
    pub(super) args: Arc<[u8]>,
    /// What the environment has from here on: `__OW_…`.
    pub(super) variables: Vec<(String, String)>,
}

/// The action in the body of `/init`, or what is wrong with that.
pub(super) fn init(body: &[u8]) -> Result<Init, String> {
    #[derive(Deserialize)]
    struct Body {
        value: Option<Init>,
    }
    match serde_json::from_slice::<Body>(body) {
        Ok(body) => Ok(body.value.unwrap_or_default()),
        Err(error) => Err(format!("Error unmarshaling request: {error}")),
    }
}

/// The invocation in the body of `/run`.
pub(super) fn run(body: &[u8]) -> Result<Run, JsonError> {
    let mut args: &[u8] = b"{}";
    let mut variables = Vec::new();
    for member in object_members(body)? {
        let value = &body[member.value];
        match member.key.as_deref() {
            // Of two of one name, the later counts.
            Some("value") => args = value,
            Some(key) => variables.extend(variable(key, value)),
            None => {}
        }
    }
    Ok(Run { args: args.into(), variables })
}

/// The variable that a member is beside the argument: `__OW_` and its key, and a string as it is, other values as JSON.
pub(super) fn variable(key: &str, value: &[u8]) -> Option<(String, String)> {
    if value == b"null" {
        return None;
    }
    let text = match serde_json::from_slice::<String>(value) {
        Ok(text) => text,
        Err(_) => str::from_utf8(value).ok()?.to_owned(),
    };
    Some((format!("__OW_{}", key.to_uppercase()), text))
}
