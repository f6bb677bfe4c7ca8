//! From a request's body and an action's default parameters to the arguments, byte for byte.
//!
//! Members are never parsed further than their borders, so whatever CPython's `json.loads` makes of them
//! (NaN, 1e999, huge ints, doubled keys, lone surrogates) it makes of what the client sent.

use std::sync::Arc;

use upshift_deploy::{Action, Parameter};
use upshift_runtime::json::scan::object_members;

/// Why a body does not become arguments; nothing has run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PayloadError {
    /// It is not JSON, or not an object.
    Malformed(String),
    /// It overrides a parameter that is final.
    NotAllowed,
}

/// The arguments of one invocation, as JSON text: default parameters that `body` does not name, then `body`'s members.
///
/// `inherited` are the parameters of the action's package, without those that the action has itself.
pub(crate) fn arguments(action: &Action, inherited: &[Parameter], body: &[u8]) -> Result<Arc<[u8]>, PayloadError> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    let members = object_members(body).map_err(|error| PayloadError::Malformed(error.to_string()))?;
    let overridden =
        |parameter: &Parameter| members.iter().any(|member| member.key.as_deref() == Some(parameter.key.as_str()));
    let parameters = || inherited.iter().chain(&action.parameters);
    if action.is_final() && parameters().any(overridden) {
        return Err(PayloadError::NotAllowed);
    }
    let defaults = parameters().filter(|parameter| !parameter.init && !overridden(parameter));
    let mut merged = vec![b'{'];
    for parameter in defaults {
        let key = serde_json::to_vec(&parameter.key).expect("a string is JSON");
        merged.extend_from_slice(&key);
        merged.push(b':');
        merged.extend_from_slice(parameter.value.get().as_bytes());
        merged.push(b',');
    }
    if merged.len() == 1 {
        return Ok(body.into());
    }
    let inside = inside(body);
    if members.is_empty() {
        merged.pop();
    }
    merged.extend_from_slice(inside);
    merged.push(b'}');
    Ok(merged.into())
}

/// The environment that `init` parameters make: strings as they are, other values as JSON text.
pub(crate) fn environment<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> Vec<(String, String)> {
    parameters
        .filter(|parameter| parameter.init)
        .map(|parameter| {
            let text = parameter.value.get();
            let value = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
            (parameter.key.clone(), value)
        })
        .collect()
}

/// Whether a result is an object with a member `error`, which OpenWhisk takes for an application error.
pub(crate) fn has_error(result: &[u8]) -> bool {
    // CPython prints the key in exactly this way, so most results are settled without a scan.
    let mentions = result.windows(7).any(|window| window == b"\"error\"");
    mentions
        && object_members(result)
            .is_ok_and(|members| members.iter().any(|member| member.key.as_deref() == Some("error")))
}

/// What stands between the braces of an object that has been scanned.
fn inside(object: &[u8]) -> &[u8] {
    let open = object.iter().position(|b| *b == b'{').map_or(0, |at| at + 1);
    let close = object.iter().rposition(|b| *b == b'}').unwrap_or(object.len());
    &object[open..close]
}

#[cfg(test)]
mod tests {
    use upshift_deploy::Limits;

    use super::*;

    fn action(parameters: &str) -> Action {
        let mut action = Action::from_source("a", String::new(), Limits::default(), 0);
        action.parameters = serde_json::from_str(parameters).unwrap();
        action
    }

    fn merged(parameters: &str, body: &str) -> String {
        String::from_utf8(arguments(&action(parameters), &[], body.as_bytes()).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn without_defaults_the_body_is_untouched() {
        assert_eq!(merged("[]", ""), "{}");
        let body = r#" {"a" : 1e999, "a": 123456789012345678901234567890 , "s":"\ud800"} "#;
        assert_eq!(merged("[]", body), body);
    }

    #[test]
    fn defaults_come_first_unless_overridden() {
        let defaults = r#"[{"key":"x","value":[1, 2.50]},{"key":"y","value":"é"},{"key":"z","value":0,"init":true}]"#;
        assert_eq!(merged(defaults, ""), r#"{"x":[1, 2.50],"y":"é"}"#);
        assert_eq!(merged(defaults, "{ }"), r#"{"x":[1, 2.50],"y":"é" }"#);
        assert_eq!(merged(defaults, r#"{"y": 1}"#), r#"{"x":[1, 2.50],"y": 1}"#);
        assert_eq!(merged(defaults, r#"{"\u0079":1,"x":2}"#), r#"{"\u0079":1,"x":2}"#);
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        for body in ["[1]", "1", "null", "{", "{'a':1}", "{\"a\":1,}", " ", "{} {}", "nope"] {
            let error = arguments(&action("[]"), &[], body.as_bytes());
            assert!(matches!(error, Err(PayloadError::Malformed(_))), "{body}: {error:?}");
        }
        assert!(arguments(&action("[]"), &[], b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn final_parameters_stay() {
        let mut action = action(r#"[{"key":"x","value":1}]"#);
        action.annotations.push(serde_json::from_str(r#"{"key":"final","value":true}"#).unwrap());
        assert_eq!(arguments(&action, &[], br#"{"x":2}"#), Err(PayloadError::NotAllowed));
        assert_eq!(arguments(&action, &[], br#"{"y":2}"#).unwrap()[..], br#"{"x":1,"y":2}"#[..]);
    }

    #[test]
    fn a_packages_parameters_come_first() {
        let action = action(r#"[{"key":"y","value":2}]"#);
        let inherited: Vec<Parameter> = serde_json::from_str(r#"[{"key":"x","value":1}]"#).unwrap();
        assert_eq!(arguments(&action, &inherited, b"").unwrap()[..], br#"{"x":1,"y":2}"#[..]);
        assert_eq!(arguments(&action, &inherited, br#"{"x":3}"#).unwrap()[..], br#"{"y":2,"x":3}"#[..]);
    }

    #[test]
    fn init_parameters_are_environment() {
        let action = action(r#"[{"key":"A","value":"text","init":true},{"key":"B","value":{"c":1},"init":true}]"#);
        let expected = [("A".to_owned(), "text".to_owned()), ("B".to_owned(), r#"{"c":1}"#.to_owned())];
        assert_eq!(environment(action.parameters.iter()), expected);
    }

    #[test]
    fn errors_are_top_level_members() {
        assert!(has_error(br#"{"a": 1, "error": "no"}"#));
        assert!(!has_error(br#"{"a": {"error": "no"}}"#));
        assert!(!has_error(br#"{"a": "error"}"#));
        assert!(!has_error(br#"[{"error": "no"}]"#));
    }
}
