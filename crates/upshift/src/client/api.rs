//! The HTTP side: where the daemon is, requests to its REST API, and what they fail with.

use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind as UsageKind;
use ureq::http::{Request, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Timeout};

use super::entity::{Entity, encoded};
use super::json::Json;

/// How long commands wait for an answer that takes the daemon no time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(10);
/// The largest answer that is read: a page of records with their results and logs is below it.
const LARGEST: u64 = 1 << 30;
/// The longest list that the API gives at once.
pub(crate) const PAGE: usize = 200;

/// Where the daemon is, and who asks.
#[derive(clap::Args)]
#[command(next_help_heading = "The daemon")]
pub(crate) struct Target {
    /// Where it answers
    #[arg(long, value_name = "URL", env = "UPSHIFT_URL", hide_env_values = true, default_value = "http://127.0.0.1:3233", value_parser = Unrepeated(base_url))]
    url: String,
    /// Credentials; better in the environment, where other users do not see them [default: none, for the guest of a daemon on this machine]
    #[arg(long, value_name = "UUID:KEY", env = "UPSHIFT_KEY", hide_env_values = true, value_parser = Unrepeated(Key::parse))]
    key: Option<Key>,
    /// A PEM file with the authorities that an https daemon's certificate is trusted by [default: Mozilla's]
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
}

/// Credentials, which are shown nowhere.
#[derive(Clone)]
struct Key(String);

/// A parser whose error does not repeat the value, because that may be or hold a secret.
#[derive(Clone)]
struct Unrepeated<T>(fn(&str) -> Result<T, &'static str>);

/// A daemon, as one command asks it.
pub(crate) struct Api {
    agent: Agent,
    url: String,
    authorization: Option<String>,
    patience: Duration,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The header `x-upshift-tier`.
    pub(crate) tier: Option<String>,
    /// The header `x-openwhisk-activation-id`.
    pub(crate) activation: Option<String>,
    pub(crate) body: String,
}

/// A request without the answer that it should have.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("no daemon answers at {url}{why}; start one with `upshift serve`, or name another with --url")]
    Unreachable { url: String, why: String },
    #[error("the daemon at {url} did not answer within {seconds} s; ask again, or see its log")]
    Slow { url: String, seconds: u64 },
    #[error("{url} is not trusted ({why}); name who vouches for it with --cacert")]
    Untrusted { url: String, why: String },
    #[error("{url} does not answer as a daemon does ({why}); correct --url")]
    Strange { url: String, why: String },
    #[error("the daemon at {url} wants to know who asks; give UUID:KEY with --key or UPSHIFT_KEY (401: {message})")]
    NoKey { url: String, message: String },
    #[error("the daemon at {url} does not take this key; correct --key or UPSHIFT_KEY (401: {message})")]
    WrongKey { url: String, message: String },
    #[error("the daemon at {url} refuses: {message} ({status})")]
    Refused { url: String, status: u16, message: String },
}

impl Api {
    /// A daemon whose answers are waited for `patience`.
    ///
    /// # Errors
    /// If the file of certificates cannot be read.
    pub(crate) fn new(target: &Target, patience: Duration) -> anyhow::Result<Self> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // Credentials and code go to whom the user named, and to nobody that one sends them on to.
            .max_redirects(0)
            .user_agent(concat!("upshift/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECTING))
            .timeout_global(Some(patience));
        if is_loopback(&target.url) {
            config = config.proxy(None);
        }
        if let Some(path) = &target.cacert {
            let roots = authorities(path).with_context(|| format!("--cacert {}", path.display()))?;
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        let key = target.key.as_ref().filter(|key| !key.0.is_empty());
        let authorization = key.map(|key| format!("Basic {}", STANDARD.encode(&key.0)));
        Ok(Self { agent: config.build().into(), url: target.url.clone(), authorization, patience })
    }

    /// The whole address of a path below `/api/v1`.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The answer to a GET of a path below `/api/v1`, if it is one of success.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.request("GET", path, None).and_then(|answer| self.accepted(answer))
    }

    /// The answer to a PUT of a JSON document, if it is one of success.
    pub(crate) fn put(&self, path: &str, document: &str) -> Result<Answer, Failure> {
        self.request("PUT", path, Some(document)).and_then(|answer| self.accepted(answer))
    }

    /// The answer to a POST of a JSON document, whatever its status is.
    pub(crate) fn post(&self, path: &str, document: &str) -> Result<Answer, Failure> {
        self.request("POST", path, Some(document))
    }

    /// One page of a collection, as the text of a JSON array; `query` is empty or begins with `&`.
    pub(crate) fn page(&self, collection: &str, query: &str, limit: usize, skip: usize) -> Result<Answer, Failure> {
        let answer = self.get(&format!("/namespaces/_/{collection}?limit={limit}&skip={skip}{query}"))?;
        if Json::read(&answer.body).is_some_and(|json| json.text().starts_with('[')) {
            return Ok(answer);
        }
        Err(self.strange("no list"))
    }

    /// The record of an activation that has ended, if it is kept.
    pub(crate) fn activation(&self, id: &str) -> Result<Answer, Failure> {
        self.get(&format!("/namespaces/_/activations/{}", encoded(id)))
    }

    /// The data of the first event of a stream, which may be anywhere on the daemon.
    pub(crate) fn first_event(&self, path: &str) -> Result<String, Failure> {
        let response = self.send("GET", &format!("{}{path}", self.url), None)?;
        let status = response.status().as_u16();
        if status != 200 {
            let body = self.read(response.into_body())?;
            return self.accepted(Answer { status, tier: None, activation: None, body }).map(|answer| answer.body);
        }
        let mut lines = BufReader::new(response.into_body().into_with_config().limit(LARGEST).reader()).lines();
        let data = lines.find_map(|line| match line {
            Ok(line) => line.strip_prefix("data:").map(|data| Ok(data.trim().to_owned())),
            Err(error) => Some(Err(self.failure(error.into()))),
        });
        data.unwrap_or_else(|| Err(self.strange("no events")))
    }

    /// `answer`, unless its status says that the request failed.
    pub(crate) fn accepted(&self, answer: Answer) -> Result<Answer, Failure> {
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let document = Json::read(&answer.body).and_then(|json| json.get("error"));
        let Some(message) = document.map(|error| crate::output::one_line(&error.plain())) else {
            return Err(self.strange(&format!("status {} without an error document", answer.status)));
        };
        let (url, status) = (self.url.clone(), answer.status);
        Err(match status {
            401 if self.authorization.is_some() => Failure::WrongKey { url, message },
            401 => Failure::NoKey { url, message },
            _ => Failure::Refused { url, status, message },
        })
    }

    /// That something else than a daemon answered.
    pub(crate) fn strange(&self, why: &str) -> Failure {
        Failure::Strange { url: self.url.clone(), why: why.to_owned() }
    }

    fn request(&self, method: &str, path: &str, body: Option<&str>) -> Result<Answer, Failure> {
        let response = self.send(method, &self.address(path), body)?;
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(ToOwned::to_owned);
        let (tier, activation) = (header("x-upshift-tier"), header("x-openwhisk-activation-id"));
        let status = response.status().as_u16();
        Ok(Answer { status, tier, activation, body: self.read(response.into_body())? })
    }

    fn send(&self, method: &str, url: &str, body: Option<&str>) -> Result<ureq::http::Response<ureq::Body>, Failure> {
        let mut request = Request::builder().method(method).uri(url);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let sent = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json").body(body);
                request.map_err(ureq::Error::from).and_then(|request| self.agent.run(request))
            }
            None => request.body(()).map_err(ureq::Error::from).and_then(|request| self.agent.run(request)),
        };
        sent.map_err(|error| self.failure(error))
    }

    fn read(&self, mut body: ureq::Body) -> Result<String, Failure> {
        let bytes = body.with_config().limit(LARGEST).read_to_vec().map_err(|error| self.failure(error))?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    fn failure(&self, error: ureq::Error) -> Failure {
        let url = self.url.clone();
        let because = |why: &str| format!(" ({why})");
        match error {
            ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
                Failure::Unreachable { url, why: String::new() }
            }
            // How rustls says that a handshake failed.
            ureq::Error::Io(error) if error.kind() == ErrorKind::InvalidData && url.starts_with("https:") => {
                Failure::Untrusted { url, why: error.to_string() }
            }
            ureq::Error::Rustls(error) => Failure::Untrusted { url, why: error.to_string() },
            ureq::Error::Io(error) => Failure::Unreachable { url, why: because(&error.to_string()) },
            ureq::Error::HostNotFound => Failure::Unreachable { url, why: because("no such host") },
            ureq::Error::ConnectionFailed => Failure::Unreachable { url, why: because("no connection") },
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                Failure::Unreachable { url, why: because("no connection in time") }
            }
            ureq::Error::Timeout(_) => Failure::Slow { url, seconds: self.patience.as_secs() },
            error => Failure::Strange { url, why: error.to_string() },
        }
    }
}

impl Failure {
    /// The error for the user, where a 404 means that `what` is not there.
    pub(crate) fn about(self, what: &str) -> anyhow::Error {
        match self {
            Self::Refused { status: 404, url, .. } => anyhow::anyhow!("there is no {what} at {url}"),
            other => other.into(),
        }
    }

    /// The same of an action, of which the user can look up what there is.
    pub(crate) fn about_action(self, action: &Entity) -> anyhow::Error {
        let missing = self.is(404);
        let error = self.about(&format!("action {action}"));
        if missing { anyhow::anyhow!("{error}; `upshift list` shows what there is") } else { error }
    }

    /// Whether the daemon refused with this status.
    pub(crate) fn is(&self, wanted: u16) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == wanted)
    }

    /// Whether the same request may well succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Slow { .. } | Self::Refused { status: 503, .. })
    }
}

impl Key {
    /// An empty one, as an empty variable gives it, is none.
    fn parse(text: &str) -> Result<Self, &'static str> {
        let printable = text.chars().all(|c| c.is_ascii_graphic());
        match text.split_once(':') {
            _ if text.is_empty() => Ok(Self(String::new())),
            Some((uuid, key)) if printable && !uuid.is_empty() && !key.is_empty() => Ok(Self(text.to_owned())),
            _ => Err("the key (--key, or UPSHIFT_KEY) is not of the form UUID:KEY"),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Unrepeated<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<T, clap::Error> {
        // What is no text is wrong in a way that the parser has a message for.
        let parsed = (self.0)(value.to_str().unwrap_or("\u{fffd}"));
        parsed.map_err(|message| clap::Error::raw(UsageKind::ValueValidation, format!("{message}\n")).with_cmd(command))
    }
}

/// The address of a daemon without a slash at its end; `http://` may be left out.
fn base_url(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "the daemon's address (--url, or UPSHIFT_URL) is not of the form http://HOST:PORT";
    let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let uri: Uri = url.parse().map_err(|_| WRONG)?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return Err("the daemon's address (--url, or UPSHIFT_URL) has credentials in it; give them with --key");
    }
    if !known || uri.host().is_none_or(str::is_empty) || uri.query().is_some() {
        return Err(WRONG);
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// Whether it is on this machine, where no proxy stands between.
fn is_loopback(url: &str) -> bool {
    let uri: Option<Uri> = url.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn authorities(path: &std::path::Path) -> anyhow::Result<RootCerts> {
    let pem = std::fs::read(path).context("cannot be read")?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.context("is not PEM")? {
            certificates.push(certificate);
        }
    }
    anyhow::ensure!(!certificates.is_empty(), "has no certificate; it should be PEM");
    Ok(certificates.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(base_url("http://127.0.0.1:3233/"), Ok("http://127.0.0.1:3233".to_owned()));
        assert_eq!(base_url("localhost:80"), Ok("http://localhost:80".to_owned()));
        assert_eq!(base_url("https://host/upshift/"), Ok("https://host/upshift".to_owned()));
        for bad in ["", "http://", "ftp://host", "http://host/?a=b", "http://us er", "http://a:b@host"] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
        assert!(is_loopback("http://127.0.0.1:1") && is_loopback("http://localhost") && is_loopback("http://[::1]:3"));
        assert!(!is_loopback("http://10.0.0.1") && !is_loopback("http://example.org"));
    }

    #[test]
    fn keys_have_two_parts_and_are_not_shown() {
        assert!(Key::parse("uuid:key").is_ok() && Key::parse("").is_ok());
        for bad in ["uuid", ":key", "uuid:", "uu id:key", "uuid:k\n"] {
            assert!(Key::parse(bad).is_err_and(|message| !message.contains("uu")), "{bad}");
        }
        assert_eq!(format!("{:?}", Key("a:b".to_owned())), "Key(…)");
    }

    fn refusal(status: u16, body: &str) -> Failure {
        let target = Target { url: "http://h".to_owned(), key: None, cacert: None };
        let api = Api::new(&target, PATIENCE).unwrap();
        api.accepted(Answer { status, tier: None, activation: None, body: body.to_owned() }).unwrap_err()
    }

    #[test]
    fn refusals_are_one_line() {
        let document = r#"{"error":"The request content was malformed:\nno","code":"1"}"#;
        assert_eq!(
            refusal(400, document).to_string(),
            "the daemon at http://h refuses: The request content was malformed: no (400)"
        );
        assert!(refusal(401, document).to_string().contains("give UUID:KEY with --key"));
        assert!(refusal(502, "<html>").to_string().contains("status 502 without an error document"));
        assert_eq!(refusal(404, document).about("package p").to_string(), "there is no package p at http://h");
        assert_eq!(
            refusal(404, document).about_action(&"x".parse().unwrap()).to_string(),
            "there is no action x at http://h; `upshift list` shows what there is"
        );
        assert!(refusal(400, document).about_action(&"x".parse().unwrap()).to_string().ends_with(" no (400)"));
        assert!(refusal(404, document).is(404) && !refusal(404, document).is_passing());
    }
}
