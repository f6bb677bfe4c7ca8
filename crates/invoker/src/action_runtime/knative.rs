//! The protocol on Knative: a `POST` of `/` with `init`, `activation` and `value`, and a response that the result describes.
//!
//! As in openwhisk-runtime-nodejs (`platform/knative.js`): the argument has what web actions are told of the request (`__ow_method`,
//! `__ow_headers`, `__ow_path`, `__ow_user`), and `statusCode`, `headers` and `body` of a result become those of the response.
//! Whatever else is in argument and result goes through as the bytes that it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use serde_json::Value;
use upshift_runtime::json::scan::{Member, object_members};

use super::answer::{Said, mark};
use super::request::{Init, Run, variable};
use super::surroundings::Surroundings;
use crate::reply::{self, Reply};

const MALFORMED: &str = "Response is not valid 'message/http'.";
/// What browsers are allowed, unless the function says.
const CORS: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, "OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent"),
];

/// What says where the response ends, which is the server's to say.
const FRAMING: [HeaderName; 3] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];

/// What a request asks for, in this order.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) init: Option<Init>,
    pub(super) run: Option<Run>,
}

/// Reads a request's body, or says what is wrong with it.
pub(super) fn read(head: &Parts, body: &[u8], surroundings: &Surroundings) -> Result<Asked, String> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    let wrong = |error: &dyn std::fmt::Display| format!("Error unmarshaling request: {error}");
    let members = object_members(body).map_err(|error| wrong(&error))?;
    let found = |key: &str| member(&members, key).map(|member| &body[member.value.clone()]).filter(|&v| v != b"null");
    let init = match found("init") {
        Some(init) => Some(serde_json::from_slice::<Init>(init).map_err(|error| wrong(&error))?),
        None => None,
    };
    let (activation, value) = (found("activation"), found("value").unwrap_or(b"{}"));
    let mut variables = Vec::new();
    if let Some(activation) = activation {
        for member in object_members(activation).map_err(|error| wrong(&error))? {
            let key = member.key.as_deref().unwrap_or_default();
            variables.extend(variable(key, &activation[member.value]));
        }
    }
    let name = init.as_ref().and_then(|init| init.name.clone()).filter(|name| !name.is_empty());
    if let Some(name) = name
        && !variables.iter().any(|(known, value)| known == "__OW_ACTION_NAME" && !value.is_empty())
    {
        variables.push(("__OW_ACTION_NAME".to_owned(), name));
    }
    let is_raw = match (&init, &surroundings.dedicated) {
        (Some(init), _) => init.raw == Some(true),
        (None, dedicated) => dedicated.as_ref().is_some_and(|dedicated| dedicated.is_raw),
    };
    let args = match activation {
        Some(_) => with_request(head, value, is_raw, surroundings.variable("__OW_NAMESPACE").unwrap_or_default()),
        None => value.to_vec(),
    };
    let runs = init.is_none() || activation.is_some();
    Ok(Asked { init, run: runs.then(|| Run { args: args.into(), variables }) })
}

/// The last member of that name.
fn member<'m>(members: &'m [Member], key: &str) -> Option<&'m Member> {
    members.iter().rfind(|member| member.key.as_deref() == Some(key))
}

/// An argument with what functions are told of the request; what is no object stays as it is, unless the body is wanted raw.
fn with_request(head: &Parts, value: &[u8], is_raw: bool, user: &str) -> Vec<u8> {
    let mut told: Vec<(&str, Value)> = Vec::new();
    let is_object = value.starts_with(b"{");
    if is_raw {
        let body = match serde_json::from_slice::<String>(value) {
            Ok(text) => text,
            Err(_) => STANDARD.encode(value),
        };
        told.extend([("__ow_body", body.into()), ("__ow_query", head.uri.query().unwrap_or_default().into())]);
    } else if !is_object {
        return value.to_vec();
    }
    told.extend([
        ("__ow_user", user.into()),
        ("__ow_method", head.method.as_str().into()),
        ("__ow_headers", headers(&head.headers)),
        ("__ow_path", "".into()),
    ]);
    let mut args = if is_object { value[..value.len() - 1].to_vec() } else { b"{".to_vec() };
    for (key, value) in told {
        if args.trim_ascii_end() != b"{" {
            args.push(b',');
        }
        args.extend_from_slice(format!("{}:{value}", Value::from(key)).as_bytes());
    }
    args.push(b'}');
    args
}

/// The headers by their names in lower case; of one that is there more than once the values are a list.
fn headers(headers: &HeaderMap) -> Value {
    let joined = |name: &HeaderName| {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        values.join(", ")
    };
    headers
        .keys()
        .map(|name| (name.as_str().to_owned(), Value::from(joined(name))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The response that a result describes; errors are told as they are elsewhere.
pub(super) fn reply(said: Said) -> Reply {
    let described = if said.status == 200 { object_members(&said.body).ok() } else { None };
    let Some(members) = described else { return said.into_reply() };
    let (tier, document) = (said.tier, said.body);
    let mut reply = describe(&document, &members).unwrap_or_else(|| Said::error(502, MALFORMED).into_reply());
    mark(&mut reply, tier);
    reply
}

/// None if the result describes no response.
fn describe(document: &Bytes, members: &[Member]) -> Option<Reply> {
    let found = |key: &str| member(members, key).map(|member| &document[member.value.clone()]);
    let status = match found("statusCode") {
        Some(status) => serde_json::from_slice::<u16>(status).ok().filter(|status| (200..600).contains(status))?,
        None => 200,
    };
    let headers = match found("headers") {
        Some(headers) => serde_json::from_slice::<serde_json::Map<String, Value>>(headers).ok()?,
        None => serde_json::Map::new(),
    };
    let is_image = headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type") && value.as_str().is_some_and(|kind| kind.starts_with("image"))
    });
    let text = found("body").and_then(|body| serde_json::from_slice::<String>(body).ok());
    let (body, kind): (Bytes, _) = match (found("body"), text) {
        (_, Some(text)) if is_image => (STANDARD.decode(text).ok()?.into(), "text/html"),
        (_, Some(text)) => (text.into(), "text/html"),
        (Some(b"null"), None) => (Bytes::new(), "text/html"),
        (Some(body), None) => (Bytes::copy_from_slice(body), "application/json"),
        (None, _) => (rest(document, members), "application/json"),
    };
    let status = if status == 200 && body.is_empty() { 204 } else { status };
    let mut reply = if status == 204 { reply::empty(204) } else { reply::typed(status, kind, body) };
    let set = reply.headers_mut();
    for (name, value) in CORS {
        set.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in &headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        if FRAMING.contains(&name) {
            continue;
        }
        set.remove(&name);
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            set.append(&name, HeaderValue::from_str(&text).ok()?);
        }
    }
    Some(reply)
}

/// The result without what describes the response.
fn rest(document: &Bytes, members: &[Member]) -> Bytes {
    let is_told = |member: &Member| matches!(member.key.as_deref(), Some("statusCode" | "headers"));
    if !members.iter().any(is_told) {
        return document.clone();
    }
    let kept = members.iter().filter(|member| !is_told(member));
    let pieces: Vec<Vec<u8>> = kept
        .map(|member| [&document[member.key_span.clone()], b": ", &document[member.value.clone()]].concat())
        .collect();
    [b"{".as_slice(), &pieces.join(b", ".as_slice()), b"}"].concat().into()
}
