//! What a request is answered with: the contract's status and body for each end of an invocation.

use hyper::body::Bytes;
use hyper::header::HeaderValue;

use crate::reply::{self, Reply};
use crate::tier::{Answer, End, Tier};

const NO_RESULT: &str = "The action did not return a dictionary or array.";
const EXITED: &str = "command exited";

/// A status and a JSON document; and where that comes from, if from an invocation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) tier: Option<Tier>,
}

impl Said {
    /// All is well.
    pub(super) fn ok() -> Self {
        Self { status: 200, body: Bytes::from_static(b"{\"ok\":true}"), tier: None }
    }

    /// The document `{"error": message}`.
    pub(super) fn error(status: u16, message: &str) -> Self {
        Self { status, body: serde_json::json!({ "error": message }).to_string().into(), tier: None }
    }

    /// The process that the action ran in is no more.
    pub(super) fn exited() -> Self {
        Self::error(400, EXITED)
    }

    /// What `answer` is over HTTP: an error of the action's own making is a result like any other.
    pub(super) fn of(answer: &Answer) -> Self {
        let said = match answer.end {
            End::Returned if is_json(&answer.result) => {
                Self { status: 200, body: answer.result.clone().into(), tier: None }
            }
            End::Returned | End::ReturnedOther => Self::error(502, NO_RESULT),
            End::ReturnedNone => Self { status: 200, body: Bytes::from_static(b"null"), tier: None },
            End::Exited => Self::exited(),
            End::Failed => Self { status: 500, body: answer.result.clone().into(), tier: None },
        };
        Self { tier: Some(answer.tier), ..said }
    }

    /// The response; its length is always known.
    pub(super) fn into_reply(self) -> Reply {
        let mut reply = reply::json(self.status, self.body);
        mark(&mut reply, self.tier);
        reply
    }
}

/// Notes in a response which tier answered.
pub(super) fn mark(reply: &mut Reply, tier: Option<Tier>) {
    if let Some(tier) = tier {
        reply.headers_mut().insert("x-upshift-tier", HeaderValue::from_static(tier.name()));
    }
}

/// Whether a document that CPython printed is JSON to others, too: it is unless a number is none (`NaN`, `Infinity`).
fn is_json(document: &str) -> bool {
    if !document.contains("NaN") && !document.contains("Infinity") {
        return true;
    }
    let (mut in_string, mut is_escaped) = (false, false);
    for byte in document.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_string = !in_string,
            // No other word outside of strings has a capital letter.
            b'N' | b'I' if !in_string => return false,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier::Status;

    #[test]
    fn ends_are_the_contracts() {
        let said = |answer: Answer| {
            let said = Said::of(&answer);
            (said.status, String::from_utf8(said.body.to_vec()).unwrap())
        };
        let returned = |result: &str| said(Answer::success(result.to_owned(), Tier::Python, usize::MAX));
        assert_eq!(returned("{\"a\": 1}"), (200, "{\"a\": 1}".to_owned()));
        assert_eq!(returned("{\"error\": 1}").0, 200);
        let none = r#"{"error":"The action did not return a dictionary or array."}"#.to_owned();
        assert_eq!(returned("{\"a\": NaN}"), (502, none.clone()));
        assert_eq!(returned("[-Infinity]"), (502, none.clone()));
        assert_eq!(returned(r#"{"a": "say \"NaN\"", "Infinity": 1}"#).0, 200);
        let failed = |status| Answer::error(status, "why", Tier::Python);
        assert_eq!(said(failed(Status::ApplicationError)), (200, r#"{"error":"why"}"#.to_owned()));
        assert_eq!(said(failed(Status::DeveloperError)), (400, r#"{"error":"command exited"}"#.to_owned()));
        assert_eq!(said(failed(Status::SystemError)), (500, r#"{"error":"why"}"#.to_owned()));
        let ended = |end| said(Answer { end, ..failed(Status::DeveloperError) });
        assert_eq!(ended(End::ReturnedNone), (200, "null".to_owned()));
        assert_eq!(ended(End::ReturnedOther), (502, none));
    }
}
