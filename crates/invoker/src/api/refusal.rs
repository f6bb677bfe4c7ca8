//! A request that is answered with an error: its status and OpenWhisk's message (`Messages.scala`).

use upshift_deploy::DeployError;

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn malformed(reason: &str) -> Self {
        Self::new(400, format!("The request content was malformed:\n{reason}"))
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "The requested resource does not exist.")
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, message)
    }

    pub(crate) fn too_many(message: impl Into<String>) -> Self {
        Self::new(429, message)
    }

    pub(crate) fn not_allowed() -> Self {
        Self::bad_request("Request defines parameters that are not allowed (e.g., reserved properties).")
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "The supplied authentication is invalid.")
    }

    /// For those who show no key.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(401, "The resource requires authentication, which was not supplied with the request")
    }

    pub(crate) fn forbidden(what: &str) -> Self {
        Self::new(403, format!("The supplied authentication is not authorized to access '{what}'."))
    }

    pub(crate) fn method(supported: &str) -> Self {
        Self::new(405, format!("HTTP method not allowed, supported methods: {supported}"))
    }

    pub(crate) fn too_large(is: u64, allowed: usize) -> Self {
        Self::new(413, format!("Request larger than allowed: {is} > {allowed} bytes."))
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "There was an internal server error.")
    }
}

impl From<DeployError> for Refusal {
    fn from(error: DeployError) -> Self {
        match &error {
            DeployError::Malformed(_)
            | DeployError::ExecUndefined
            | DeployError::UnknownKind(_)
            | DeployError::Limit(_)
            | DeployError::Invalid(_)
            | DeployError::IllegalName
            | DeployError::LongName(_) => Self::bad_request(error.to_string()),
            DeployError::Archive(reason) if reason.is_the_archives() => Self::bad_request(error.to_string()),
            DeployError::Conflict(_) => Self::conflict(error.to_string()),
            DeployError::TooLarge { .. } => Self::new(413, error.to_string()),
            _ => {
                tracing::error!("{error}");
                Self::internal()
            }
        }
    }
}
