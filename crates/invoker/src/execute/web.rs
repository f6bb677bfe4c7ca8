//! Web actions: anybody may ask for those that are exported, as their owner (`WebActions.scala`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue,
};
use hyper::{HeaderMap, Method};
use upshift_deploy::Identity;

use super::Daemon;
use super::invoke::{Ended, with_id, with_tier};
use crate::api::{Refusal, WebRequest};
use crate::catalog::Resolved;
use crate::reply::{self, OwnCors, Reply};
use crate::tier::Status;
use crate::web::{arguments, response};

/// How long a request waits at most.
const WAIT: Duration = Duration::from_secs(60);
/// The header that shows the secret of an action that has one.
const SECRET: &str = "x-require-whisk-auth";

impl Daemon {
    pub(super) async fn web(self: &Arc<Self>, request: WebRequest, request_id: &str) -> Result<Reply, Refusal> {
        let received = Instant::now();
        let owner = Identity { namespace: request.name.namespace.clone() };
        // What is not there, not exported, or another's is all the same to strangers.
        let resolved = self.catalog.resolve(&request.name, &owner.namespace).map_err(|_| Refusal::not_found())?;
        if !resolved.has("web-export") {
            return Err(Refusal::not_found());
        }
        let answers_options = resolved.has("web-custom-options");
        let cors = if answers_options { HeaderMap::new() } else { cors(&request.headers) };
        let outcome = match request.method == Method::OPTIONS {
            true if !answers_options => Ok(reply::empty(200)),
            options => match options || is_allowed(&resolved, &request) {
                true => self.ask(request, resolved, &owner, request_id, received).await,
                false => Err(Refusal::unauthenticated()),
            },
        };
        let mut reply = outcome.unwrap_or_else(|refusal| reply::refused(&refusal, request_id));
        let own = reply.headers_mut();
        for (name, value) in &cors {
            own.insert(name, value.clone());
        }
        reply.extensions_mut().insert(OwnCors);
        Ok(reply)
    }

    async fn ask(
        self: &Arc<Self>,
        request: WebRequest,
        resolved: Resolved,
        owner: &Identity,
        request_id: &str,
        received: Instant,
    ) -> Result<Reply, Refusal> {
        let args = arguments::arguments(&request, resolved.has("raw-http"), |key| resolved.is_fixed(key))?;
        // Arguments that were made here may name what an action has fixed, if it is given everything as it came.
        let args = hyper::body::Bytes::from(args);
        let invocation = self.prepare(resolved, &args, owner, request_id, received)?;
        let id = invocation.id;
        let reply = match self.wait_for(invocation, &request.name, &args, WAIT).await? {
            Ended::NotYet(_) => reply::refused(&Refusal::new(202, "Response not yet ready."), request_id),
            Ended::Yes(record) => {
                let shown = match record.status {
                    Status::Success => response::response(request.extension, &record.result),
                    Status::ApplicationError => match response::error_of(&record.result) {
                        Some(error) => response::response(request.extension, error),
                        None => Err(Refusal::new(404, "Response does not include requested property.")),
                    },
                    Status::DeveloperError | Status::SystemError => {
                        Err(Refusal::bad_request("There was an error processing your request."))
                    }
                };
                with_tier(shown.unwrap_or_else(|refusal| reply::refused(&refusal, request_id)), record.tier())
            }
        };
        Ok(with_id(reply, id))
    }
}

/// Whether the request shows what the action's annotation `require-whisk-auth` asks for.
fn is_allowed(resolved: &Resolved, request: &WebRequest) -> bool {
    let Some(required) = resolved.action().annotation("require-whisk-auth") else { return true };
    let expected = match required {
        "true" => return request.by.is_some(),
        "false" => return true,
        text if text.starts_with('"') => serde_json::from_str::<String>(text).ok(),
        text => serde_json::from_str::<serde_json::Number>(text).ok().map(|_| text.to_owned()),
    };
    let shown = request.headers.get(SECRET).map(HeaderValue::as_bytes);
    // Compared in constant time.
    matches!((expected, shown), (Some(expected), Some(shown)) if blake3::hash(expected.as_bytes()) == blake3::hash(shown))
}

/// What browsers are told of an action that does not tell them itself.
fn cors(asked: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let allowed = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let usual = HeaderValue::from_static("Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent");
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers
        .insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed.unwrap_or(usual));
    headers
}
