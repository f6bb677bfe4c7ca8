//! Responses: bodies, the headers that everything carries, OpenWhisk's error document.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};
use tokio::sync::mpsc;

use crate::api::Refusal;

/// No more headers than this are usual.
const HEADERS: usize = 12;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The CORS headers of OpenWhisk's controller.
const CORS: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, DELETE, POST, PUT, HEAD"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent"),
];

/// A response's body: whole, or in pieces as they come.
pub(crate) enum ReplyBody {
    Whole(Option<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

pub(crate) type Reply = Response<ReplyBody>;

/// A JSON document.
pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Reply {
    typed(status, "application/json", body)
}

/// A body of the type `content_type`.
pub(crate) fn typed(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(ReplyBody::Whole(Some(body.into())));
    // Room for those that others add, too.
    *reply.headers_mut() = HeaderMap::with_capacity(HEADERS);
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// A status without a body.
pub(crate) fn empty(status: u16) -> Reply {
    let mut reply = Response::new(ReplyBody::Whole(None));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply
}

/// Server-sent events.
pub(crate) fn events(pieces: mpsc::Receiver<Bytes>) -> Reply {
    let mut reply = Response::new(ReplyBody::Stream(pieces));
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    reply.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    reply
}

/// OpenWhisk's error document, `{"error", "code"}`.
pub(crate) fn refused(refusal: &Refusal, request_id: &str) -> Reply {
    let document = serde_json::json!({ "error": refusal.message, "code": request_id });
    let mut reply = json(refusal.status, document.to_string());
    if refusal.status == 401 {
        let realm = HeaderValue::from_static("Basic realm=\"OpenWhisk secure realm\"");
        reply.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    }
    reply
}

/// Marks a response that has its own headers for browsers, or none.
#[derive(Clone, Copy)]
pub(crate) struct OwnCors;

/// Adds what every response carries.
pub(crate) fn finish(mut reply: Reply, request_id: &str) -> Reply {
    let own_cors = reply.extensions().get::<OwnCors>().is_some();
    let headers = reply.headers_mut();
    for (name, value) in CORS.into_iter().filter(|_| !own_cors) {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    reply
}

/// The id of a request: the client's own if it is a plain word, or a new one.
pub(crate) fn request_id(headers: &HeaderMap) -> String {
    let own = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    own.filter(plain).map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), str::to_owned)
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(body) => Poll::Ready(body.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(pieces) => pieces.poll_recv(context).map(|piece| piece.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_documents_with_the_requests_id() {
        let reply = finish(refused(&Refusal::unauthorized(), "abc"), "abc");
        assert_eq!(reply.status(), 401);
        assert_eq!(reply.headers()["x-request-id"], "abc");
        assert_eq!(reply.headers()["www-authenticate"], "Basic realm=\"OpenWhisk secure realm\"");
        assert_eq!(reply.headers()["access-control-allow-origin"], "*");
        let ReplyBody::Whole(Some(body)) = reply.into_body() else { panic!("a body") };
        assert_eq!(&body[..], br#"{"error":"The supplied authentication is invalid.","code":"abc"}"#);
    }

    #[test]
    fn request_ids_are_the_clients_if_plain() {
        let mut headers = HeaderMap::new();
        assert_eq!(request_id(&headers).len(), 32);
        headers.insert("x-request-id", "my-id_1".parse().unwrap());
        assert_eq!(request_id(&headers), "my-id_1");
        headers.insert("x-request-id", "a b".parse().unwrap());
        assert_eq!(request_id(&headers).len(), 32);
    }
}
