//! The API as clients see it: requests with the guest's key, whose every answer is held against `docs/openapi.json`.

pub(crate) mod document;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::Daemon;
use document::Document;

/// The key that OpenWhisk's standalone server has for the namespace `guest`.
pub(crate) const GUEST: &str =
    "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP";

/// Where everything of the caller's own namespace is.
pub(crate) const OWN: &str = "/api/v1/namespaces/_";

/// `__main__.py` with `from helper import greeting`, and `helper.py`; zipped, in base64, as clients send it.
pub(crate) const ZIP: &str = "\
    UEsDBBQAAAAIAAAAIVBKepWuTgAAAF4AAAALAAAAX19tYWluX18ucHlLK8rPVchIzSlILVLIzC3ILypRSC9KTS3JzEvn4uJKSU1T\
    yE3MzNNILEov1rTiUgCCotSS0qI8hWolmDolK7gWsLpopbzE3FSlWM1aLgBQSwMEFAAAAAgAAAAhUE67OKQvAAAAMQAAAAkAAABo\
    ZWxwZXIucHlLSU1TSC9KTS3JzEvXyEvMTdW04lIAgqLUktKiPIU0JY/UnJx8HYVqkFytohIXAFBLAQIUAxQAAAAIAAAAIVBKepWu\
    TgAAAF4AAAALAAAAAAAAAAAAAACAAQAAAABfX21haW5fXy5weVBLAQIUAxQAAAAIAAAAIVBOuzikLwAAADEAAAAJAAAAAAAAAAAA\
    AACAAXcAAABoZWxwZXIucHlQSwUGAAAAAAIAAgBwAAAAzQAAAAAA";

/// How long anything that happens in the background may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// One client, with connections of its own.
pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
    headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// By their names in lower case; the values of one that was there more than once have commas between them.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The message of a refusal.
    pub(crate) fn error(&self) -> String {
        let document = self.json();
        assert_eq!(document["code"], self.headers["x-request-id"], "a refusal's code is the request's id: {self:?}");
        document["error"].as_str().unwrap_or_else(|| panic!("no refusal: {self:?}")).to_owned()
    }

    /// The document of an answer with status 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!((self.status, self.error().as_str()), (status, error), "{self:?}");
    }
}

impl Client {
    pub(crate) fn new(daemon: &Daemon) -> Self {
        Self::with_key(daemon, GUEST)
    }

    pub(crate) fn with_key(daemon: &Daemon, key: &str) -> Self {
        Self::with_headers(daemon, vec![("authorization", format!("Basic {}", STANDARD.encode(key)))])
    }

    /// A client that sends these headers, and no others but those that HTTP needs.
    pub(crate) fn with_headers(daemon: &Daemon, headers: Vec<(&'static str, String)>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE * 2))
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .max_redirects(0)
            .build()
            .into();
        Self { agent, base: daemon.url(""), headers }
    }

    /// Sends a request, and panics if the answer is not one of the document's.
    #[track_caller]
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let answer = self.send_with(method, path, body.map(|body| ("application/json", body)), &[]);
        let is_one = Document::get().check(method, path, &answer);
        assert!(is_one.is_ok(), "{method} {path} {body:?}: {}", is_one.unwrap_err());
        answer
    }

    /// Sends a request with a body of any type, and more headers; the answer may be any.
    #[track_caller]
    pub(crate) fn send_with(
        &self,
        method: &str,
        path: &str,
        body: Option<(&str, &str)>,
        more: &[(&str, &str)],
    ) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied())
        {
            request = request.header(name, value);
        }
        let sent = match body {
            Some((kind, text)) => {
                let request = request.header("content-type", kind);
                self.agent.run(request.body(text.to_owned()).expect("a valid request"))
            }
            None => self.agent.run(request.body(()).expect("a valid request")),
        };
        let mut response = sent.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in response.headers() {
            let all = headers.entry(name.to_string()).or_default();
            *all = if all.is_empty() { text(value) } else { format!("{all}, {}", text(value)) };
        }
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(64 << 20).read_to_string().expect("a UTF-8 body");
        Answer { status, headers, body }
    }

    /// Asks until the answer has this status, as clients do that wait for an activation.
    #[track_caller]
    pub(crate) fn wait_for(&self, path: &str, status: u16) -> Answer {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.send("GET", path, None);
            if answer.status == status {
                return answer;
            }
            assert!(Instant::now() < end, "{path} does not get to {status}: {answer:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The record of an activation, as soon as it is there.
    #[track_caller]
    pub(crate) fn activation(&self, id: &str) -> Value {
        self.wait_for(&format!("{OWN}/activations/{id}"), 200).json()
    }
}

/// The value of an annotation or a parameter.
pub(crate) fn value_of<'a>(pairs: &'a Value, key: &str) -> Option<&'a Value> {
    pairs.as_array()?.iter().find(|pair| pair["key"] == key).map(|pair| &pair["value"])
}
