//! From the body of `PUT …/triggers/NAME` to a trigger.

use super::{Before, Common, Context, read};
use crate::{DeployError, QualifiedName, Trigger};

/// The trigger that `body` makes of `old`.
pub fn trigger(
    body: &[u8],
    name: &QualifiedName,
    old: Option<&Trigger>,
    context: Context<'_>,
) -> Result<Trigger, DeployError> {
    crate::validate_name(&name.name)?;
    let common: Common = read(body)?;
    let after = common.onto(
        old.map(|old| Before {
            version: old.version,
            publish: old.publish,
            annotations: &old.annotations,
            parameters: &old.parameters,
        }),
        context,
    )?;
    let feed = after.annotations.iter().find(|annotation| annotation.key == "feed");
    if old.is_none() && feed.is_some_and(|feed| !is_path(feed.value.get())) {
        return Err(DeployError::Invalid("Feed name is not valid".to_owned()));
    }
    Ok(Trigger {
        namespace: name.namespace.clone(),
        name: name.name.clone(),
        parameters: after.parameters,
        version: after.version,
        publish: after.publish,
        annotations: after.annotations,
        updated: context.now,
    })
}

/// Whether a JSON value is a string of names with slashes between them.
fn is_path(value: &str) -> bool {
    let Ok(text) = serde_json::from_str::<String>(value) else { return false };
    text.strip_prefix('/').unwrap_or(&text).split('/').all(|part| crate::validate_name(part).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounds;
    use crate::document::tests::context;

    #[test]
    fn triggers_are_made_and_updated() {
        let (name, bounds) = (QualifiedName::new("guest", "t"), Bounds::default());
        let put = |body: &str, old: Option<&Trigger>| trigger(body.as_bytes(), &name, old, context(&bounds));
        let new = put(r#"{"annotations":[{"key":"feed","value":"/whisk.system/alarms/alarm"}]}"#, None).unwrap();
        let next = put(r#"{"parameters":[{"key":"a","value":1}]}"#, Some(&new)).unwrap();
        assert_eq!((next.version.to_string(), next.annotations.len(), next.parameters.len()), ("0.0.2".into(), 1, 1));
        let refused = put(r#"{"annotations":[{"key":"feed","value":7}]}"#, None).unwrap_err();
        assert_eq!(refused.to_string(), "Feed name is not valid");
    }
}
