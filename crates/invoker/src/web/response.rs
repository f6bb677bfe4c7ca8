//! From the result of a web action to a response, as the extension of its name says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::{HeaderMap, StatusCode};
use serde_json::Value;
use upshift_runtime::json::scan::object_members;

use super::media;
use super::pretty::pretty;
use crate::api::{Extension, Refusal};
use crate::reply::{self, Reply};

/// The response that `result`, JSON text, becomes.
pub(crate) fn response(extension: Extension, result: &str) -> Result<Reply, Refusal> {
    let result = result.trim();
    match extension {
        Extension::Http => http(result),
        Extension::Json if result.starts_with(['{', '[']) => Ok(reply::json(200, result.to_owned())),
        Extension::Json => Err(invalid("application/json")),
        Extension::Html => {
            let html = field(result, "html").and_then(string).ok_or_else(|| invalid("text/html"))?;
            Ok(reply::typed(200, "text/html; charset=UTF-8", html))
        }
        Extension::Svg => {
            let svg = field(result, "svg").and_then(string).ok_or_else(|| invalid("image/svg+xml"))?;
            Ok(reply::typed(200, "image/svg+xml", svg))
        }
        Extension::Text => {
            let missing = || Refusal::new(404, "Response does not include requested property.");
            let text = field(result, "text").ok_or_else(missing)?;
            let text = match text.as_bytes().first() {
                Some(b'"') => string(text).ok_or_else(missing)?,
                Some(b'{' | b'[') => pretty(text),
                _ => text.to_owned(),
            };
            Ok(reply::typed(200, "text/plain; charset=UTF-8", text))
        }
    }
}

/// The member `error` of a result, JSON text.
pub(crate) fn error_of(result: &str) -> Option<&str> {
    member(result, "error")
}

/// The value that an extension shows: `body`, or the member of its own name, of an object, and anything else as it is.
fn field<'a>(result: &'a str, name: &str) -> Option<&'a str> {
    match result.starts_with('{') {
        true => member(result, "body").or_else(|| member(result, name)),
        false => Some(result),
    }
}

/// The value of a member, JSON text; of two with one name, the later.
fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let members = object_members(object.as_bytes()).ok()?;
    let found = members.into_iter().rev().find(|member| member.key.as_deref() == Some(name))?;
    object.get(found.value)
}

fn string(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

fn invalid(media: &str) -> Refusal {
    Refusal::bad_request(format!("Response is not valid '{media}'."))
}

/// A result that says itself what the response is: `statusCode`, `headers`, `body`.
fn http(result: &str) -> Result<Reply, Refusal> {
    let malformed = || invalid("message/http");
    if !result.starts_with('{') {
        return Err(malformed());
    }
    let headers = match member(result, "headers") {
        Some(text) => headers(text).ok_or_else(malformed)?,
        None => HeaderMap::new(),
    };
    let status = match member(result, "statusCode") {
        Some(text) => Some(status(text).ok_or_else(malformed)?),
        None => None,
    };
    let body = member(result, "body").unwrap_or("null");
    let (content_type, bytes) = match body {
        "null" | "\"\"" => return Ok(reply_of(status.unwrap_or(StatusCode::NO_CONTENT), headers, None)),
        text if text.starts_with('"') => of_string(&string(text).ok_or_else(malformed)?, &headers)?,
        json => of_json(json, &headers)?,
    };
    Ok(reply_of(status.unwrap_or(StatusCode::OK), headers, Some((content_type, bytes))))
}

/// The body that a string is, with its type.
fn of_string(text: &str, headers: &HeaderMap) -> Result<(String, Vec<u8>), Refusal> {
    let (content_type, essence) = content_type(headers, "text/html")?;
    let decoded = || {
        let mismatch = |_| Refusal::bad_request("Response type in header did not match generated content type.");
        STANDARD.decode(text.trim()).map_err(mismatch)
    };
    if media::is_binary(&essence) {
        return Ok((content_type, decoded()?));
    }
    if media::is_json(&essence) {
        // Older actions give JSON as base64.
        let bytes =
            if upshift_deploy::document::is_base64(text.trim()) { decoded()? } else { text.as_bytes().to_vec() };
        return Ok((content_type, bytes));
    }
    let has_charset = content_type.to_ascii_lowercase().contains("charset=");
    let content_type = if has_charset { content_type } else { format!("{content_type}; charset=UTF-8") };
    Ok((content_type, text.as_bytes().to_vec()))
}

/// The body that anything but a string is.
fn of_json(json: &str, headers: &HeaderMap) -> Result<(String, Vec<u8>), Refusal> {
    let mismatch = || Refusal::bad_request("Response type in header did not match generated content type.");
    let (content_type, essence) = content_type(headers, "application/json").map_err(|_| mismatch())?;
    match essence.as_str() {
        "application/json" => Ok((essence, json.as_bytes().to_vec())),
        essence if media::is_json(essence) => Ok((content_type, pretty(json).into_bytes())),
        _ => Err(mismatch()),
    }
}

/// The type that the headers name, whole and without its parameters.
fn content_type(headers: &HeaderMap, default: &str) -> Result<(String, String), Refusal> {
    let unknown = || Refusal::bad_request("Response did not specify a known content-type.");
    let text = match headers.get(CONTENT_TYPE) {
        Some(value) => value.to_str().map_err(|_| unknown())?,
        None => default,
    };
    Ok((text.to_owned(), media::essence(text).ok_or_else(unknown)?))
}

/// A whole number, or a string of one, that is a final status.
fn status(json: &str) -> Option<StatusCode> {
    let number: f64 = match serde_json::from_str(json).ok()? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => f64::from(text.parse::<u16>().ok()?),
        _ => return None,
    };
    let whole = (200.0..1000.0).contains(&number) && number.fract() == 0.0;
    // In that range, nothing is cut off.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let code = number as u16;
    whole.then(|| StatusCode::from_u16(code).ok())?
}

/// The headers of an object; an array gives a header each.
fn headers(json: &str) -> Option<HeaderMap> {
    let Value::Object(object) = serde_json::from_str(json).ok()? else { return None };
    let mut headers = HeaderMap::new();
    for (name, value) in object {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut values = Vec::new();
        flatten(value, &mut values)?;
        for value in values {
            headers.append(&name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
    }
    // How a body is sent is not the action's to say.
    for name in [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION] {
        headers.remove(name);
    }
    Some(headers)
}

fn flatten(value: Value, values: &mut Vec<String>) -> Option<()> {
    match value {
        Value::String(text) => values.push(text),
        Value::Bool(_) | Value::Number(_) => values.push(value.to_string()),
        Value::Array(inner) => return inner.into_iter().try_for_each(|value| flatten(value, values)),
        Value::Null | Value::Object(_) => return None,
    }
    Some(())
}

fn reply_of(status: StatusCode, mut headers: HeaderMap, body: Option<(String, Vec<u8>)>) -> Reply {
    headers.remove(CONTENT_TYPE);
    let mut reply = match body {
        None => reply::empty(status.as_u16()),
        Some((content_type, bytes)) => {
            let mut reply = reply::json(status.as_u16(), bytes);
            if let Ok(value) = HeaderValue::from_str(&content_type) {
                reply.headers_mut().insert(CONTENT_TYPE, value);
            }
            reply
        }
    };
    reply.headers_mut().extend(headers);
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ReplyBody;

    /// Status, content type and body, or status and message.
    fn shown(extension: Extension, result: &str) -> Result<(u16, String, String), (u16, String)> {
        let reply = response(extension, result).map_err(|refusal| (refusal.status, refusal.message))?;
        let status = reply.status().as_u16();
        let kind = reply.headers().get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap()).to_owned();
        let ReplyBody::Whole(body) = reply.into_body() else { panic!("whole") };
        Ok((status, kind, String::from_utf8(body.unwrap_or_default().to_vec()).unwrap()))
    }

    fn http(result: &str) -> Result<(u16, String, String), (u16, String)> {
        shown(Extension::Http, result)
    }

    fn ok(status: u16, kind: &str, body: &str) -> Result<(u16, String, String), (u16, String)> {
        Ok((status, kind.to_owned(), body.to_owned()))
    }

    #[test]
    fn results_say_what_the_response_is() {
        assert_eq!(http(r#"{"body":"<b>"}"#), ok(200, "text/html; charset=UTF-8", "<b>"));
        assert_eq!(http(r#"{"statusCode":201,"body":{"a":1e999}}"#), ok(201, "application/json", r#"{"a":1e999}"#));
        assert_eq!(http(r#"{"statusCode":"404","body":7}"#), ok(404, "application/json", "7"));
        assert_eq!(http("{}"), ok(204, "", ""));
        assert_eq!(http(r#"{"statusCode":302,"headers":{"location":"/x"}}"#), ok(302, "", ""));
        let png = r#"{"headers":{"Content-Type":"image/png"},"body":"aGk="}"#;
        assert_eq!(http(png), ok(200, "image/png", "hi"));
        let json = r#"{"headers":{"content-type":"application/json"},"body":"[1]"}"#;
        assert_eq!(http(json), ok(200, "application/json", "[1]"));
        let plain = r#"{"headers":{"content-type":"text/plain; charset=utf-8"},"body":"é"}"#;
        assert_eq!(http(plain), ok(200, "text/plain; charset=utf-8", "é"));
    }

    #[test]
    fn results_that_are_no_response_are_refused() {
        let malformed = Err((400, "Response is not valid 'message/http'.".to_owned()));
        for result in [
            "[1]",
            "\"text\"",
            r#"{"statusCode":1.5}"#,
            r#"{"statusCode":99}"#,
            r#"{"statusCode":true}"#,
            r#"{"headers":7}"#,
            r#"{"headers":{"a":null}}"#,
            r#"{"headers":{"a":"x\ny"}}"#,
        ] {
            assert_eq!(http(result), malformed, "{result}");
        }
        let mismatch = "Response type in header did not match generated content type.";
        let png = r#"{"headers":{"Content-Type":"image/png"},"body":"no base64!"}"#;
        assert_eq!(http(png), Err((400, mismatch.to_owned())));
        assert_eq!(http(r#"{"headers":{"Content-Type":"text/html"},"body":{}}"#), Err((400, mismatch.to_owned())));
        let unknown = http(r#"{"headers":{"Content-Type":"nothing"},"body":"x"}"#);
        assert_eq!(unknown, Err((400, "Response did not specify a known content-type.".to_owned())));
    }

    #[test]
    fn a_header_can_come_several_times() {
        let result = r#"{"headers":{"Set-Cookie":["a=1","b=2"],"X-N":3,"X-B":true,"Content-Length":9}}"#;
        let reply = response(Extension::Http, result).unwrap();
        let cookies = reply.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        assert_eq!(
            (cookies.collect::<Vec<_>>(), &reply.headers()["x-n"], &reply.headers()["x-b"]),
            (vec!["a=1", "b=2"], &HeaderValue::from_static("3"), &HeaderValue::from_static("true"))
        );
        assert!(!reply.headers().contains_key(CONTENT_LENGTH));
    }

    #[test]
    fn extensions_show_their_part() {
        assert_eq!(shown(Extension::Json, "{\"a\": 1}"), ok(200, "application/json", "{\"a\": 1}"));
        assert_eq!(shown(Extension::Json, "3"), Err((400, "Response is not valid 'application/json'.".to_owned())));
        assert_eq!(shown(Extension::Html, r#"{"html":"<p>"}"#), ok(200, "text/html; charset=UTF-8", "<p>"));
        assert_eq!(shown(Extension::Html, "{}"), Err((400, "Response is not valid 'text/html'.".to_owned())));
        assert_eq!(shown(Extension::Svg, r#"{"body":"<svg>"}"#), ok(200, "image/svg+xml", "<svg>"));
        assert_eq!(
            shown(Extension::Text, r#"{"text":[1,2]}"#),
            ok(200, "text/plain; charset=UTF-8", "[\n  1,\n  2\n]")
        );
        assert_eq!(shown(Extension::Text, r#"{"body":null}"#), ok(200, "text/plain; charset=UTF-8", "null"));
        let missing = "Response does not include requested property.";
        assert_eq!(shown(Extension::Text, "{}"), Err((404, missing.to_owned())));
    }
}
