//! From the body of `PUT …/packages/NAME` to a package or a binding.

use serde::Deserialize;
use serde_json::Value;

use super::{Before, Common, Context, read};
use crate::{Annotation, Binding, DeployError, Package, QualifiedName};

/// The annotation that tells clients of a binding.
const BINDING: &str = "binding";

/// The package that `body` makes of `old`.
///
/// A package does not become a binding: [`DeployError::Conflict`].
pub fn package(
    body: &[u8],
    name: &QualifiedName,
    old: Option<&Package>,
    context: Context<'_>,
) -> Result<Package, DeployError> {
    crate::validate_name(&name.name)?;
    if name.name == "default" {
        return Err(DeployError::Invalid(format!("Package name '{}' is reserved.", name.name)));
    }
    let common: Common = read(body)?;
    let put: Put = read(body)?;
    let asked = put.binding.map(|binding| binding_of(binding, context.own)).transpose()?.flatten();
    if asked.is_some() && old.is_some_and(|old| old.binding.is_none()) {
        return Err(DeployError::Conflict("Resource is a package and cannot be converted into a binding."));
    }
    let after = common.onto(
        old.map(|old| Before {
            version: old.version,
            publish: old.publish,
            annotations: &old.annotations,
            parameters: &old.parameters,
        }),
        context,
    )?;
    let binding = asked.or_else(|| old.and_then(|old| old.binding.clone()));
    let mut annotations = after.annotations;
    annotations.retain(|annotation| annotation.key != BINDING);
    if let Some(binding) = &binding {
        annotations.push(Annotation::new(BINDING, binding));
    }
    Ok(Package {
        namespace: name.namespace.clone(),
        name: name.name.clone(),
        binding,
        parameters: after.parameters,
        version: after.version,
        publish: after.publish,
        annotations,
        updated: context.now,
    })
}

#[derive(Default, Deserialize)]
struct Put {
    binding: Option<Value>,
}

/// The binding that a document asks for; `{}` is none.
fn binding_of(value: Value, own: &str) -> Result<Option<Binding>, DeployError> {
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(None);
    }
    let mut binding: Binding =
        serde_json::from_value(value).map_err(|error| DeployError::Malformed(error.to_string()))?;
    if binding.namespace == crate::OWN {
        own.clone_into(&mut binding.namespace);
    }
    for part in [&binding.namespace, &binding.name] {
        crate::validate_name(part).map_err(|error| DeployError::Malformed(error.to_string()))?;
    }
    Ok(Some(binding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounds;
    use crate::document::tests::context;

    fn put(body: &str, old: Option<&Package>) -> Result<Package, String> {
        package(body.as_bytes(), &QualifiedName::new("guest", "p"), old, context(&Bounds::default()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn packages_and_bindings() {
        let new = put(r#"{"publish":true,"parameters":[{"key":"a","value":1}],"binding":{}}"#, None).unwrap();
        assert!(new.publish && new.binding.is_none());
        let bound = put(r#"{"binding":{"namespace":"_","name":"other"}}"#, None).unwrap();
        assert_eq!(bound.binding.as_ref().unwrap().namespace, "guest");
        assert_eq!(bound.annotation("binding"), Some(r#"{"namespace":"guest","name":"other"}"#));
        let again = put(r#"{"annotations":[]}"#, Some(&bound)).unwrap();
        assert_eq!((again.binding, again.version.to_string()), (bound.binding, "0.0.2".to_owned()));
        let refused = put(r#"{"binding":{"namespace":"_","name":"other"}}"#, Some(&new)).unwrap_err();
        assert_eq!(refused, "Resource is a package and cannot be converted into a binding.");
        assert!(put(r#"{"binding":{"name":"other"}}"#, None).unwrap_err().contains("malformed"));
    }

    #[test]
    fn a_name_is_reserved() {
        let refused =
            package(b"", &QualifiedName::new("guest", "default"), None, context(&Bounds::default())).unwrap_err();
        assert_eq!(refused.to_string(), "Package name 'default' is reserved.");
    }
}
