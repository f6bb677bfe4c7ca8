//! From the body of `PUT …/actions/NAME` to an action.

use serde::Deserialize;

use super::reference::Reference;
use super::{Context, bounded, checked, last_of_each, read};
use crate::limits::LimitsUpdate;
use crate::{
    Action, Annotation, Code, DEFAULT_KIND, DeployError, Exec, Parameter, QualifiedName, Version, resolve_kind,
};

/// The annotation that asks for a key in the environment; an action that does not say has none.
const PROVIDE_API_KEY: &str = "provide-api-key";
/// The kind of sequences.
const SEQUENCE: &str = "sequence";

/// The action that `body` makes of `old`, named `name`.
pub fn action(
    body: &[u8],
    name: &QualifiedName,
    old: Option<&Action>,
    context: Context<'_>,
) -> Result<Action, DeployError> {
    crate::validate_name(&name.name)?;
    let put: Put = read(body)?;
    let replaces = put.exec.is_some();
    let exec = match (put.exec, old) {
        (Some(exec), _) => exec.resolve(context)?,
        (None, Some(old)) => old.exec.clone(),
        (None, None) => return Err(DeployError::ExecUndefined),
    };
    let parameters = match (&exec, put.parameters, old) {
        (Exec::Sequence { components, .. }, ..) if replaces => vec![Parameter::new("_actions", components)],
        // What a document says of a sequence's parameters does not count.
        (Exec::Sequence { .. }, _, Some(old)) => old.parameters.clone(),
        (_, Some(parameters), _) => checked(parameters, context.bounds)?,
        (_, None, Some(old)) if !old.is_sequence() => old.parameters.clone(),
        _ => Vec::new(),
    };
    let version = put.version.or_else(|| old.map(|old| old.version.next())).unwrap_or_default();
    let mut annotations = old.map(|old| old.annotations.clone()).unwrap_or_default();
    let (added, removed) = (put.annotations.unwrap_or_default(), put.del_annotations.unwrap_or_default());
    annotations.retain(|annotation| !removed.contains(&annotation.key));
    bounded(&added, context.bounds)?;
    annotations.extend(added);
    if old.is_none() && annotations.iter().all(|annotation| annotation.key != PROVIDE_API_KEY) {
        annotations.push(Annotation::new(PROVIDE_API_KEY, &false));
    }
    annotations.push(Annotation::new("exec", &exec.kind()));
    Ok(Action {
        namespace: name.path(),
        name: name.name.clone(),
        version,
        publish: put.publish.or(old.map(|old| old.publish)).unwrap_or(false),
        annotations: last_of_each(annotations, |annotation| &annotation.key),
        parameters,
        exec,
        limits: put.limits.unwrap_or_default().apply(old.map_or(context.defaults, |old| old.limits), context.bounds)?,
        updated: context.now,
    })
}

#[derive(Default, Deserialize)]
struct Put {
    exec: Option<PutExec>,
    parameters: Option<Vec<Parameter>>,
    annotations: Option<Vec<Annotation>>,
    #[serde(rename = "delAnnotations")]
    del_annotations: Option<Vec<String>>,
    limits: Option<LimitsUpdate>,
    version: Option<Version>,
    publish: Option<bool>,
}

#[derive(Deserialize)]
struct PutExec {
    kind: Option<String>,
    code: Option<String>,
    main: Option<String>,
    components: Option<Vec<Reference>>,
}

impl PutExec {
    fn resolve(self, context: Context<'_>) -> Result<Exec, DeployError> {
        let kind = self.kind.map_or_else(|| DEFAULT_KIND.to_owned(), |kind| kind.trim().to_lowercase());
        if kind == SEQUENCE {
            let components = self
                .components
                .ok_or_else(|| DeployError::Malformed("'components' must be defined for sequence kind".to_owned()))?;
            let components =
                components.iter().map(|component| component.resolve(context.own)).collect::<Result<_, _>>()?;
            return Ok(Exec::sequence(components));
        }
        let kind = resolve_kind(&kind)?;
        let code = self.code.ok_or_else(|| {
            let message =
                format!("'code' must be a string or attachment object defined in 'exec' for '{kind}' actions");
            DeployError::Malformed(message)
        })?;
        if code.len() > context.bounds.code {
            return Err(DeployError::TooLarge { field: "exec", is: code.len(), allowed: context.bounds.code });
        }
        let binary = is_base64(code.trim());
        let main = self.main.filter(|main| !main.is_empty());
        Ok(Exec::Code(Code { kind: kind.to_owned(), code, binary, main }))
    }
}

/// OpenWhisk's test for binary code: every character is base64's and their number is a multiple of four.
pub fn is_base64(code: &str) -> bool {
    let body = code.trim_end_matches('=');
    !code.is_empty()
        && code.len().is_multiple_of(4)
        && code.len() - body.len() <= 2
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounds;
    use crate::document::tests::context;

    fn put(body: &str, old: Option<&Action>) -> Result<Action, DeployError> {
        action(body.as_bytes(), &QualifiedName::new("guest", "hello"), old, context(&Bounds::default()))
    }

    const CODE: &str = r#"{"exec":{"kind":"python:default","code":"def main(args): return args","main":""}}"#;

    #[test]
    fn a_new_action() {
        let new = put(CODE, None).unwrap();
        assert_eq!(new.exec.kind(), "python:3");
        assert_eq!(new.main(), "main");
        assert_eq!(new.version.to_string(), "0.0.1");
        assert_eq!(new.annotation("exec"), Some(r#""python:3""#));
        assert_eq!(new.annotation("provide-api-key"), Some("false"));
        assert_eq!(new.updated, 5);
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
        assert!(
            action(CODE.as_bytes(), &QualifiedName::new("guest", "a/b"), None, context(&Bounds::default())).is_err()
        );
    }

    fn is_binary(body: &str) -> bool {
        matches!(put(body, None).unwrap().exec, Exec::Code(Code { binary: true, .. }))
    }

    #[test]
    fn sequences_have_their_components_as_parameters() {
        let sequence =
            r#"{"exec":{"kind":"sequence","components":["/_/a","/guest/p/b"]},"parameters":[{"key":"x","value":1}]}"#;
        let new = put(sequence, None).unwrap();
        assert_eq!(new.components()[0], QualifiedName::new("guest", "a"));
        assert_eq!(new.parameters.len(), 1);
        assert_eq!(new.parameters[0].value.get(), r#"["/guest/a","/guest/p/b"]"#);
        assert!(put(CODE, Some(&new)).unwrap().parameters.is_empty());
        assert!(put(r#"{"exec":{"kind":"sequence","components":["a"]}}"#, None).is_err());
        assert!(put(r#"{"exec":{"kind":"sequence"}}"#, None).unwrap_err().to_string().contains("'components'"));
    }

    #[test]
    fn base64_is_flagged() {
        assert!(is_binary(r#"{"exec":{"code":"UEsDBAAA"}}"#));
        assert!(is_binary(r#"{"exec":{"code":"pass"}}"#));
        assert!(!is_binary(CODE));
    }

    #[test]
    fn parameters_keep_their_bytes() {
        let new = put(
            r#"{"exec":{"code":"x"},"parameters":[{"key":"n","value":[1e999, 123456789012345678901234567890]}]}"#,
            None,
        )
        .unwrap();
        assert_eq!(new.parameters[0].value.get(), "[1e999, 123456789012345678901234567890]");
    }
}
