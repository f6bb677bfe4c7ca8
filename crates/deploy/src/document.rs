//! From the body of `PUT …/actions/NAME` to an action.
//!
//! In: the body, the action that is there already (for an update) and the clock.
//! Out: the new action with OpenWhisk's rules applied, or the error that the API answers
//! (`WhiskActionPut` and `WhiskActionsApi` of openwhisk's controller).

use serde::Deserialize;

use crate::limits::LimitsUpdate;
use crate::{Action, Annotation, DEFAULT_KIND, DeployError, Exec, Limits, Parameter, Version, resolve_kind};

/// The largest code, in bytes.
pub const MAX_CODE: usize = 48 * 1024 * 1024;
/// The largest default parameters, in bytes of JSON.
pub const MAX_PARAMETERS: usize = 1024 * 1024;

/// The action that `body` makes of `old`, named `name`, deployed at `now` (milliseconds of the epoch).
///
/// `defaults` are the limits of a new action that names none.
pub fn apply(body: &[u8], name: &str, old: Option<&Action>, defaults: Limits, now: u64) -> Result<Action, DeployError> {
    crate::validate_name(name)?;
    let put: Put = match body {
        b"" => Put::default(),
        body => serde_json::from_slice(body).map_err(|error| DeployError::Malformed(error.to_string()))?,
    };
    let exec = match (put.exec, old) {
        (Some(exec), _) => exec.resolve()?,
        (None, Some(old)) => old.exec.clone(),
        (None, None) => return Err(DeployError::ExecUndefined),
    };
    let parameters = match (put.parameters, old) {
        (Some(parameters), _) => last_of_each(parameters, |parameter| &parameter.key),
        (None, Some(old)) => old.parameters.clone(),
        (None, None) => Vec::new(),
    };
    let size = parameters.iter().map(|parameter| parameter.key.len() + parameter.value.get().len()).sum();
    if size > MAX_PARAMETERS {
        return Err(DeployError::TooLarge { field: "parameters", is: size, allowed: MAX_PARAMETERS });
    }
    let version = match (put.version, old) {
        (Some(version), _) => version,
        (None, Some(old)) => old.version.next(),
        (None, None) => Version(0, 0, 1),
    };
    let mut annotations = old.map(|old| old.annotations.clone()).unwrap_or_default();
    annotations.retain(|annotation| !put.del_annotations.contains(&annotation.key));
    annotations.extend(put.annotations);
    annotations.push(Annotation::string("exec", &exec.kind));
    Ok(Action {
        namespace: "guest".to_owned(),
        name: name.to_owned(),
        version,
        publish: put.publish.or(old.map(|old| old.publish)).unwrap_or(false),
        annotations: last_of_each(annotations, |annotation| &annotation.key),
        parameters,
        exec,
        limits: put.limits.unwrap_or_default().apply(old.map_or(defaults, |old| old.limits))?,
        updated: now,
    })
}

#[derive(Default, Deserialize)]
struct Put {
    exec: Option<PutExec>,
    parameters: Option<Vec<Parameter>>,
    #[serde(default)]
    annotations: Vec<Annotation>,
    #[serde(default, rename = "delAnnotations")]
    del_annotations: Vec<String>,
    limits: Option<LimitsUpdate>,
    version: Option<Version>,
    publish: Option<bool>,
}

#[derive(Deserialize)]
struct PutExec {
    kind: Option<String>,
    code: Option<String>,
    main: Option<String>,
}

impl PutExec {
    fn resolve(self) -> Result<Exec, DeployError> {
        let kind = resolve_kind(self.kind.as_deref().unwrap_or(DEFAULT_KIND))?;
        let code = self.code.ok_or_else(|| {
            let message =
                format!("'code' must be a string or attachment object defined in 'exec' for '{kind}' actions");
            DeployError::Malformed(message)
        })?;
        if code.len() > MAX_CODE {
            return Err(DeployError::TooLarge { field: "exec", is: code.len(), allowed: MAX_CODE });
        }
        let binary = is_base64(code.trim());
        Ok(Exec { kind: kind.to_owned(), code, binary, main: self.main.filter(|main| !main.is_empty()) })
    }
}

/// OpenWhisk's test for binary code: every character is base64's and their number is a multiple of four.
fn is_base64(code: &str) -> bool {
    let body = code.trim_end_matches('=');
    !code.is_empty()
        && code.len().is_multiple_of(4)
        && code.len() - body.len() <= 2
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// The last item of each key, at the place of the key's first.
fn last_of_each<T>(items: Vec<T>, key: impl Fn(&T) -> &String) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        match kept.iter_mut().find(|other| key(other) == key(&item)) {
            Some(other) => *other = item,
            None => kept.push(item),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(body: &str, old: Option<&Action>) -> Result<Action, DeployError> {
        apply(body.as_bytes(), "hello", old, Limits::default(), 5)
    }

    const CODE: &str = r#"{"exec":{"kind":"python:default","code":"def main(args): return args","main":""}}"#;

    #[test]
    fn a_new_action() {
        let action = put(CODE, None).unwrap();
        assert_eq!(action.exec.kind, "python:3");
        assert_eq!(action.main(), "main");
        assert_eq!(action.version.to_string(), "0.0.1");
        assert_eq!(action.annotation("exec"), Some(r#""python:3""#));
        assert_eq!(action.updated, 5);
    }

    #[test]
    fn an_update_merges_annotations_and_replaces_parameters() {
        let first = put(
            r#"{"exec":{"kind":"python:3","code":"x"},"annotations":[{"key":"a","value":1},{"key":"b","value":2}],
                "parameters":[{"key":"p","value":1},{"key":"q","value":2}],"limits":{"timeout":1000}}"#,
            None,
        )
        .unwrap();
        let second = put(
            r#"{"annotations":[{"key":"b","value":3}],"delAnnotations":["a"],"parameters":[{"key":"q","value":4}]}"#,
            Some(&first),
        )
        .unwrap();
        assert_eq!(second.version.to_string(), "0.0.2");
        assert_eq!(second.exec, first.exec);
        assert_eq!(second.limits.timeout, 1000);
        assert_eq!((second.annotation("a"), second.annotation("b")), (None, Some("3")));
        assert_eq!(second.parameters.len(), 1);
        assert_eq!(second.parameters[0].value.get(), "4");
    }

    #[test]
    fn errors_are_the_contracts() {
        let message = |body: &str| put(body, None).unwrap_err().to_string();
        assert_eq!(message("{}"), "exec undefined");
        assert_eq!(message(""), "exec undefined");
        assert!(message("{").starts_with("The request content was malformed:\n"));
        assert!(message("[1]").starts_with("The request content was malformed:\n"));
        assert!(message(r#"{"exec":{"kind":"python:3"}}"#).contains("'code' must be a string"));
        assert!(message(r#"{"exec":{"kind":"go:1.2","code":""}}"#).starts_with("The specified runtime 'go:1.2'"));
        assert!(apply(CODE.as_bytes(), "a/b", None, Limits::default(), 0).is_err());
    }

    #[test]
    fn base64_is_flagged() {
        assert!(put(r#"{"exec":{"code":"UEsDBAAA"}}"#, None).unwrap().exec.binary);
        assert!(put(r#"{"exec":{"code":"pass"}}"#, None).unwrap().exec.binary);
        assert!(!put(CODE, None).unwrap().exec.binary);
    }

    #[test]
    fn parameters_keep_their_bytes() {
        let action = put(
            r#"{"exec":{"code":"x"},"parameters":[{"key":"n","value":[1e999, 123456789012345678901234567890]}]}"#,
            None,
        )
        .unwrap();
        assert_eq!(action.parameters[0].value.get(), "[1e999, 123456789012345678901234567890]");
    }
}
