//! From the body of `PUT …/rules/NAME` to a rule, and from that of its `POST` to a status.

use serde::Deserialize;
use serde_json::Value;

use super::reference::Reference;
use super::{Before, Common, Context, read};
use crate::{DeployError, QualifiedName, Rule, Status};

/// A rule's document, read; what it names may not be there.
pub struct RulePut {
    common: Common,
    /// The trigger that it names.
    pub trigger: Option<QualifiedName>,
    /// The action that it names.
    pub action: Option<QualifiedName>,
}

impl RulePut {
    /// Reads the body.
    pub fn read(body: &[u8], context: Context<'_>) -> Result<Self, DeployError> {
        let (common, put): (Common, Put) = (read(body)?, read(body)?);
        let name = |reference: Option<Reference>| reference.map(|reference| reference.resolve(context.own)).transpose();
        Ok(Self { common, trigger: name(put.trigger)?, action: name(put.action)? })
    }
}

/// The rule that `put` makes of `old`; a new one is active.
pub fn rule(put: RulePut, name: &QualifiedName, old: Option<&Rule>, context: Context<'_>) -> Result<Rule, DeployError> {
    crate::validate_name(&name.name)?;
    let trigger = put.trigger.or_else(|| old.map(|old| old.trigger.clone()));
    let action = put.action.or_else(|| old.map(|old| old.action.clone()));
    let (Some(trigger), Some(action)) = (trigger, action) else {
        return Err(DeployError::Invalid("rule requires a valid trigger and a valid action".to_owned()));
    };
    let after = put.common.onto(
        old.map(|old| Before {
            version: old.version,
            publish: old.publish,
            annotations: &old.annotations,
            parameters: &[],
        }),
        context,
    )?;
    Ok(Rule {
        namespace: name.namespace.clone(),
        name: name.name.clone(),
        trigger,
        action,
        status: old.map_or(Status::Active, |old| old.status),
        version: after.version,
        publish: after.publish,
        annotations: after.annotations,
        updated: context.now,
    })
}

/// The status that the body of a `POST` asks for.
pub fn status(body: &[u8]) -> Result<Status, DeployError> {
    let malformed = |reason: String| DeployError::Malformed(reason);
    let value: Value = serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    match value.get("status").and_then(Value::as_str) {
        Some("active") => Ok(Status::Active),
        Some("inactive") => Ok(Status::Inactive),
        Some(other) => Err(malformed(format!("{other} is not a recognized rule state"))),
        None => Err(malformed("Object expected with a string 'status'".to_owned())),
    }
}

#[derive(Default, Deserialize)]
struct Put {
    trigger: Option<Reference>,
    action: Option<Reference>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounds;
    use crate::document::tests::context;

    fn put(body: &str, old: Option<&Rule>) -> Result<Rule, String> {
        let (name, bounds) = (QualifiedName::new("guest", "r"), Bounds::default());
        let put = RulePut::read(body.as_bytes(), context(&bounds));
        put.and_then(|put| rule(put, &name, old, context(&bounds))).map_err(|error| error.to_string())
    }

    #[test]
    fn rules_name_a_trigger_and_an_action() {
        let new = put(r#"{"trigger":"/_/t","action":{"path":"guest/p","name":"a"},"status":""}"#, None).unwrap();
        assert_eq!((new.trigger.to_string(), new.action.to_string()), ("t".into(), "p/a".into()));
        let next = put(r#"{"trigger":"/_/u"}"#, Some(&new)).unwrap();
        assert_eq!(
            (next.trigger.to_string(), next.action, next.version.to_string()),
            ("u".into(), new.action, "0.0.2".into())
        );
        assert_eq!(put("{}", None).unwrap_err(), "rule requires a valid trigger and a valid action");
        assert!(put(r#"{"trigger":"t"}"#, None).unwrap_err().contains("at least the namespace"));
    }

    #[test]
    fn statuses() {
        assert_eq!(status(br#"{"status":"active","trigger":null}"#).unwrap(), Status::Active);
        assert_eq!(status(br#"{"status":"inactive"}"#).unwrap(), Status::Inactive);
        assert!(status(br#"{"status":"off"}"#).unwrap_err().to_string().contains("not a recognized rule state"));
        assert!(status(b"{}").is_err() && status(b"").is_err());
    }
}
