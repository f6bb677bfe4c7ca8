//! From a name to the action that it stands for: through packages and bindings, with the parameters that these add.

use upshift_deploy::{Action, Entity, Parameter, QualifiedName};

use super::{Catalog, Deployed, Refused};

/// An action as somebody asks for it.
#[derive(Clone)]
pub(crate) struct Resolved {
    pub(crate) deployed: Deployed,
    /// Of the package and of the binding, those that the action does not have itself.
    pub(crate) inherited: Vec<Parameter>,
    /// The binding by whose name it was asked for.
    pub(crate) binding: Option<QualifiedName>,
}

impl Resolved {
    pub(crate) fn action(&self) -> &Action {
        self.deployed.action()
    }

    /// Whether the annotation is there with the value `true`.
    pub(crate) fn has(&self, annotation: &str) -> bool {
        self.action().annotation(annotation) == Some("true")
    }

    /// Names of parameters that a request cannot override.
    pub(crate) fn is_fixed(&self, key: &str) -> bool {
        self.action().is_final()
            && self.inherited.iter().chain(&self.action().parameters).any(|parameter| parameter.key == key)
    }
}

impl Catalog {
    /// The action that `name` stands for, if the owner of the namespace `own` may use it.
    pub(crate) fn resolve(&self, name: &QualifiedName, own: &str) -> Result<Resolved, Refused> {
        let Some(package) = name.of_package() else {
            if name.namespace != own {
                return Err(Refused::Forbidden(name.full()));
            }
            let missing = || self.missing(name, Action::COLLECTION);
            let deployed = self.get(&name.to_string()).ok_or_else(missing)?;
            return Ok(Resolved { deployed, inherited: Vec::new(), binding: None });
        };
        let asked = self.package(&package, own)?;
        let (real, binding) = match &asked.binding {
            None => (asked.clone(), None),
            Some(binding) => (self.package(&binding.qualified(), own)?, Some(package)),
        };
        let real_name = QualifiedName::packaged(&real.namespace, &real.name, &name.name);
        let deployed = self.get(&real_name.to_string()).ok_or(Refused::Missing)?;
        let mut inherited = real.parameters.clone();
        if binding.is_some() {
            inherit(&mut inherited, &asked.parameters);
        }
        inherited.retain(|parameter| deployed.action().parameters.iter().all(|own| own.key != parameter.key));
        Ok(Resolved { deployed, inherited, binding })
    }

    /// Sequences end, have few enough actions, and only such as are there.
    pub(super) fn check_sequence(&self, name: &QualifiedName, components: &[QualifiedName]) -> Result<(), Refused> {
        let bad = |message: &str| Err(Refused::Bad(message.to_owned()));
        if components.len() > self.bounds.sequence {
            return bad("Too many actions in the sequence.");
        }
        if components.is_empty() {
            return bad("No component specified for the sequence.");
        }
        let (mut count, mut steps) = (0, 0);
        let mut left: Vec<QualifiedName> = components.to_vec();
        while let Some(component) = left.pop() {
            steps += 1;
            let found = match self.resolve(&component, &name.namespace) {
                Ok(found) => found,
                Err(Refused::Forbidden(what)) => return Err(Refused::Forbidden(what)),
                Err(_) if component == *name => return bad("Sequence may not refer to itself."),
                Err(_) => return bad("Sequence component does not exist."),
            };
            if found.action().qualified() == *name {
                return bad("Sequence may not refer to itself.");
            }
            match found.action().is_sequence() {
                true => left.extend_from_slice(found.action().components()),
                false => count += 1,
            }
            // Those within are looked through, however few actions there are in them.
            if count > self.bounds.sequence || steps > self.bounds.sequence.saturating_mul(10) {
                return bad("Too many actions in the sequence.");
            }
        }
        Ok(())
    }
}

/// `later` wins over what is there, in its place.
pub(super) fn inherit(parameters: &mut Vec<Parameter>, later: &[Parameter]) {
    for parameter in later {
        match parameters.iter_mut().find(|known| known.key == parameter.key) {
            Some(known) => known.clone_from(parameter),
            None => parameters.push(parameter.clone()),
        }
    }
}
