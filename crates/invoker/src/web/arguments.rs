//! From a request to the arguments of a web action: `__ow_…` members, the query, the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::CONTENT_TYPE;
use serde_json::Value;
use upshift_runtime::json::scan::{JsonError, object_members};

use super::media;
use crate::api::{Query, Refusal, WebRequest};

/// Names that neither a query nor a body may give.
const RESERVED: [&str; 6] = ["__ow_method", "__ow_headers", "__ow_path", "__ow_user", "__ow_query", "__ow_body"];

/// What a body is to its action.
enum Body<'a> {
    None,
    /// The members of an object, as JSON text with the keys for checking.
    Members(Vec<(String, &'a str)>),
    /// Fields of a form.
    Fields(Vec<(String, String)>),
    /// Anything else, as JSON text.
    Value(String),
}

/// The arguments that a request gives, a JSON object; `raw` leaves query and body as they came.
///
/// `is_fixed` says which names the action has fixed.
pub(crate) fn arguments(request: &WebRequest, raw: bool, is_fixed: impl Fn(&str) -> bool) -> Result<Vec<u8>, Refusal> {
    let mut object = Object::new();
    object.value("__ow_method", &request.method.as_str().to_ascii_lowercase().into());
    let headers = request.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()))
    });
    object.value("__ow_headers", &Value::Object(headers.collect()));
    object.value("__ow_path", &request.path.as_str().into());
    if let Some(by) = &request.by {
        object.value("__ow_user", &by.namespace.as_str().into());
    }
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = content_type.map_or_else(|| Some("application/octet-stream".to_owned()), media::essence);
    let media = media.ok_or_else(|| Refusal::bad_request("Content type is not supported."))?;
    if raw {
        object.value("__ow_query", &request.query.as_str().into());
        object.value("__ow_body", &opaque(&request.body, &media));
        return Ok(object.end());
    }
    let query = Query::parse(&request.query);
    let body = body(&request.body, &media)?;
    let allowed = |key: &str| !RESERVED.contains(&key) && !is_fixed(key);
    let body_allowed = match &body {
        Body::Members(members) => members.iter().all(|(key, _)| allowed(key)),
        Body::Fields(fields) => fields.iter().all(|(key, _)| allowed(key)),
        Body::None | Body::Value(_) => true,
    };
    if !body_allowed || !query.pairs().all(|(key, _)| allowed(key)) {
        return Err(Refusal::not_allowed());
    }
    query.pairs().for_each(|(key, value)| object.value(key, &value.into()));
    match body {
        Body::None => {}
        Body::Members(members) => members.iter().for_each(|(key, value)| object.text(key, value)),
        Body::Fields(fields) => fields.into_iter().for_each(|(key, value)| object.value(&key, &value.into())),
        Body::Value(value) => object.text("__ow_body", &value),
    }
    Ok(object.end())
}

fn body<'a>(body: &'a [u8], media: &str) -> Result<Body<'a>, Refusal> {
    if body.is_empty() {
        return Ok(Body::None);
    }
    if media == "application/x-www-form-urlencoded" {
        let text = String::from_utf8_lossy(body);
        let fields = Query::parse(&text);
        return Ok(Body::Fields(fields.pairs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()));
    }
    if !media::is_json(media) {
        return Ok(Body::Value(opaque(body, media).to_string()));
    }
    let text = || str::from_utf8(body).unwrap_or_default();
    match object_members(body) {
        Ok(members) => {
            let member = |member: upshift_runtime::json::scan::Member| {
                let key = member.key.unwrap_or_default();
                (key, &text()[member.value])
            };
            Ok(Body::Members(members.into_iter().map(member).collect()))
        }
        Err(JsonError::NotObject) => Ok(Body::Value(text().to_owned())),
        Err(error) => Err(Refusal::malformed(&error.to_string())),
    }
}

/// A body that is not looked into, as a string: text as it is, other bytes, and JSON, as base64.
fn opaque(body: &[u8], media: &str) -> Value {
    if body.is_empty() {
        return "".into();
    }
    match media::is_binary(media) || media == "application/json" {
        true => STANDARD.encode(body).into(),
        false => String::from_utf8_lossy(body).into_owned().into(),
    }
}

/// An object that is being written.
struct Object(Vec<u8>);

impl Object {
    fn new() -> Self {
        Self(vec![b'{'])
    }

    fn value(&mut self, key: &str, value: &Value) {
        self.text(key, &value.to_string());
    }

    /// A member whose value is JSON text.
    fn text(&mut self, key: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.extend_from_slice(Value::from(key).to_string().as_bytes());
        self.0.push(b':');
        self.0.extend_from_slice(value.as_bytes());
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;
    use hyper::{HeaderMap, Method};
    use upshift_deploy::{Identity, QualifiedName};

    use super::*;
    use crate::api::Extension;

    fn request(content_type: &str, body: &[u8], query: &str) -> WebRequest {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        }
        headers.insert("x-one", "1".parse().unwrap());
        WebRequest {
            name: QualifiedName::new("guest", "a"),
            extension: Extension::Http,
            path: "/p".into(),
            method: Method::POST,
            headers,
            query: query.into(),
            body: Bytes::copy_from_slice(body),
            by: None,
        }
    }

    fn given(request: &WebRequest, raw: bool) -> Result<Value, String> {
        let text = arguments(request, raw, |key| key == "fixed").map_err(|refusal| refusal.message)?;
        Ok(serde_json::from_slice(&text).unwrap())
    }

    #[test]
    fn query_and_body_are_members() {
        let args = given(&request("application/json", br#"{"a": [1], "b": 2}"#, "a=x+y&c=%41"), false).unwrap();
        assert_eq!((&args["a"], &args["b"], &args["c"]), (&serde_json::json!([1]), &2.into(), &"A".into()));
        assert_eq!((&args["__ow_method"], &args["__ow_path"]), (&"post".into(), &"/p".into()));
        assert_eq!(args["__ow_headers"]["x-one"], "1");
        assert!(args.get("__ow_user").is_none() && args.get("__ow_body").is_none());
        let args = given(&request("application/x-www-form-urlencoded", b"a=1&b=x%20y", ""), false).unwrap();
        assert_eq!((&args["a"], &args["b"]), (&"1".into(), &"x y".into()));
    }

    #[test]
    fn numbers_of_a_body_keep_their_text() {
        let body = br#"{"n": 123456789012345678901234567890, "x": 1e999}"#;
        let text = arguments(&request("application/json", body, ""), false, |_| false).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.ends_with(r#""n":123456789012345678901234567890,"x":1e999}"#), "{text}");
    }

    #[test]
    fn other_bodies_are_text_or_base64() {
        let body = |content_type: &str, body: &[u8], raw: bool| {
            given(&request(content_type, body, "q=1"), raw).unwrap()["__ow_body"].clone()
        };
        assert_eq!(body("text/plain", b"hi", false), "hi");
        assert_eq!(body("image/png", b"hi", false), "aGk=");
        assert_eq!(body("", b"hi", false), "aGk=");
        assert_eq!(body("application/json", b"[1]", false), serde_json::json!([1]));
        assert_eq!(body("application/json", b"{}", true), "e30=");
        assert_eq!(body("application/json", b"", true), "");
        assert_eq!(given(&request("text/plain", b"", "q=1&r"), true).unwrap()["__ow_query"], "q=1&r");
    }

    #[test]
    fn reserved_and_fixed_names_are_refused() {
        let refused = "Request defines parameters that are not allowed (e.g., reserved properties).";
        assert_eq!(given(&request("", b"", "__ow_user=me"), false).unwrap_err(), refused);
        assert_eq!(given(&request("application/json", br#"{"fixed":1}"#, ""), false).unwrap_err(), refused);
        assert!(given(&request("application/json", br#"{"fixed":1}"#, "__ow_user=me"), true).is_ok());
        assert!(given(&request("application/json", b"{", ""), false).unwrap_err().contains("malformed"));
    }

    #[test]
    fn who_asks_is_a_member() {
        let request = WebRequest { by: Some(Identity::guest()), ..request("", b"", "") };
        assert_eq!(given(&request, false).unwrap()["__ow_user"], "guest");
    }
}
