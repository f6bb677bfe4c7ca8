//! What the process's environment says: which cluster it is in, and what functions are to know of it.

use super::request::Init;

/// Which protocol is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// `/init` and `/run`.
    OpenWhisk,
    /// `POST /` with `init`, `activation` and `value`.
    Knative,
}

/// What the variables `__OW_…` of the process say.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// `__OW_RUNTIME_PLATFORM`.
    pub platform: Platform,
    /// Those that functions have in their environment.
    pub variables: Vec<(String, String)>,
    /// The action that the process is for, which nobody sends it.
    pub(super) dedicated: Option<Dedicated>,
    /// The methods by which it is asked, on Knative.
    pub(super) methods: Vec<String>,
}

/// An action that is a part of the process's environment.
#[derive(Clone, Debug)]
pub(super) struct Dedicated {
    pub(super) init: Init,
    /// Whether it is called with the request's body as it came.
    pub(super) is_raw: bool,
}

/// `__OW_RUNTIME_PLATFORM` has another value.
#[derive(Debug, thiserror::Error)]
#[error("__OW_RUNTIME_PLATFORM is '{0}'; make it openwhisk or knative")]
pub struct UnknownPlatform(String);

impl Surroundings {
    /// Reads an environment, of which variables with other names do not matter.
    ///
    /// # Errors
    /// If the platform is not known.
    pub fn new(environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, UnknownPlatform> {
        let mut variables: Vec<(String, String)> =
            environment.into_iter().filter(|(name, _)| name.starts_with("__OW_")).collect();
        variables.sort();
        let found = |wanted: &str| {
            let found = variables.iter().find(|(name, value)| name == wanted && !value.is_empty());
            found.map(|(_, value)| value.clone())
        };
        let platform = match found("__OW_RUNTIME_PLATFORM").as_deref() {
            None | Some("openwhisk") => Platform::OpenWhisk,
            Some("knative") => Platform::Knative,
            Some(other) => return Err(UnknownPlatform(other.to_owned())),
        };
        let is_true = |name: &str| found(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let code = found("__OW_ACTION_CODE").filter(|_| platform == Platform::Knative);
        let dedicated = code.map(|code| Dedicated {
            init: Init {
                name: found("__OW_ACTION_NAME"),
                main: found("__OW_ACTION_MAIN"),
                code: Some(code),
                binary: Some(is_true("__OW_ACTION_BINARY")),
                ..Init::default()
            },
            is_raw: is_true("__OW_ACTION_RAW"),
        });
        let methods = found("__OW_HTTP_METHODS").unwrap_or_default();
        let methods = methods.trim_matches(['[', ']']).split(',').map(|method| method.trim().to_owned());
        let mut methods: Vec<String> = methods.filter(|method| !method.is_empty()).collect();
        if methods.is_empty() {
            methods.push("POST".to_owned());
        }
        // It may be larger than what programs can be started with.
        variables.retain(|(name, _)| name != "__OW_ACTION_CODE");
        Ok(Self { platform, variables, dedicated, methods })
    }

    /// A variable that functions have.
    pub(super) fn variable(&self, wanted: &str) -> Option<&str> {
        self.variables.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Surroundings, UnknownPlatform> {
        Surroundings::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn only_own_variables_reach_functions() {
        let read = read(&[("__OW_API_HOST", "xyz"), ("SECRET", "s"), ("__OW_ACTION_CODE", "x")]).unwrap();
        assert_eq!(read.platform, Platform::OpenWhisk);
        assert_eq!(read.variables, [("__OW_API_HOST".to_owned(), "xyz".to_owned())]);
        assert!(read.dedicated.is_none() && read.variable("__OW_API_HOST") == Some("xyz"));
    }

    #[test]
    fn platforms_are_two() {
        let error = read(&[("__OW_RUNTIME_PLATFORM", "lambda")]).unwrap_err().to_string();
        assert_eq!(error, "__OW_RUNTIME_PLATFORM is 'lambda'; make it openwhisk or knative");
        let knative = read(&[
            ("__OW_RUNTIME_PLATFORM", "knative"),
            ("__OW_ACTION_CODE", "code"),
            ("__OW_ACTION_MAIN", "start"),
            ("__OW_ACTION_RAW", "True"),
            ("__OW_HTTP_METHODS", "[get, post]"),
        ])
        .unwrap();
        assert_eq!(knative.platform, Platform::Knative);
        assert_eq!(knative.methods, ["get", "post"]);
        let dedicated = knative.dedicated.unwrap();
        assert!(dedicated.is_raw && dedicated.init.main.as_deref() == Some("start"));
        assert_eq!(dedicated.init.binary, Some(false));
    }
}
