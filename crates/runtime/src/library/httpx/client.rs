//! `httpx.Client` (`httpx/_client.py`): what several requests have in common.

use std::cell::Cell;

use super::headers::{Headers, Pair};
use super::request::{Ask, Defaults};
use super::response::Response;
use super::url::Url;
use super::{Call, Timeouts, USUAL, fact, perform, timeouts, url_text};
use crate::{Args, BailKind, Bool, Cx, Obj, Result, Str, Type, Value, str_new};

/// A client of the invocation or of the module.
pub(super) struct Client<'a> {
    headers: Cell<Headers<'a>>,
    shown: Cell<Value<'a>>,
    params: Value<'a>,
    auth: Value<'a>,
    base: Str<'a>,
    timeouts: Timeouts,
    follows: bool,
    state: Cell<State>,
    /// Whether an answer has set a cookie, which further requests would carry.
    has_cookies: Cell<bool>,
    /// Whether it is the module's, and outlives the invocation.
    of_module: bool,
}

/// `ClientState`
#[derive(Copy, Clone, PartialEq, Eq)]
enum State {
    Unopened,
    Opened,
    Closed,
}

const METHODS: [&str; 8] = ["get", "options", "head", "post", "put", "patch", "delete", "request"];

impl<'a> Client<'a> {
    /// `Client(…)`
    pub(super) fn new(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Self> {
        let [] = args.pos else { return Err(BailKind::Exception.at(g)) };
        let headers = usual_headers(cx, g)?;
        let mut client = Self {
            headers: Cell::new(headers),
            shown: Cell::new(headers.object(cx, g)?),
            params: Value::None,
            auth: Value::None,
            base: str_new(cx, "", g)?,
            timeouts: USUAL,
            follows: false,
            state: Cell::new(State::Unopened),
            has_cookies: Cell::new(false),
            of_module: false,
        };
        for (name, value) in args.kw {
            match (name.text(), *value) {
                ("headers", value) => headers.update(cx, &Headers::given(cx, value, g)?, g)?,
                ("base_url", base) => client.base = url_text(base, g)?,
                ("timeout", value) => client.timeouts = timeouts(value, g)?,
                ("follow_redirects", Value::Bool(follows)) => client.follows = follows.get(),
                ("auth", value @ (Value::None | Value::Tuple(_))) => client.auth = value,
                ("params", value @ Value::None) => client.params = value,
                // It is copied, so that later changes do not count.
                ("params", Value::Dict(dict)) if dict.kind() == Type::Dict => {
                    client.params = Value::Dict(dict.copy(cx, g)?);
                }
                ("verify" | "trust_env", Value::Bool(Bool::True)) => {}
                ("cookies" | "proxy" | "cert" | "mounts" | "transport" | "event_hooks", Value::None) => {}
                _ => return Err(BailKind::Unsupported.at(g)),
            }
        }
        Ok(client)
    }

    /// A client that the module made, which an invocation does not change.
    pub(super) fn of_module(cx: &'a Cx<'a>, parts: &[Value<'a>], g: u32) -> Result<Self> {
        let [Value::Str(base), headers, params, auth, connect, read, Value::Bool(follows)] = parts else {
            return Err(BailKind::Unsupported.at(g));
        };
        let headers = Headers::new(cx, &Headers::given(cx, *headers, g)?, g)?;
        headers.freeze();
        if let Value::Dict(params) = params {
            params.freeze();
        }
        let [connect, read] = [timeouts(*connect, g)?[0], timeouts(*read, g)?[1]];
        Ok(Self {
            headers: Cell::new(headers),
            shown: Cell::new(headers.object(cx, g)?),
            params: *params,
            auth: *auth,
            base: *base,
            timeouts: [connect, read],
            follows: follows.get(),
            state: Cell::new(State::Opened),
            has_cookies: Cell::new(false),
            of_module: true,
        })
    }

    /// `client.get(url, …)` and the like.
    pub(super) fn perform(&self, cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Response<'a>> {
        let unsupported = || BailKind::Unsupported.at(g);
        if self.state.get() == State::Closed || self.has_cookies.get() {
            return Err(unsupported());
        }
        if !self.of_module {
            self.state.set(State::Opened);
        }
        let base = Url::parse(self.base.text()).ok_or_else(unsupported)?;
        let mut defaults = Defaults { headers: self.headers.get(), params: self.params, base, auth: self.auth };
        let call = self.call(cx, name, args, &mut defaults, g)?;
        let answer = perform(cx, &call, &defaults, g)?;
        match answer.sets_cookie() {
            true if self.of_module => Err(BailKind::State.at(g)),
            sets => {
                self.has_cookies.set(sets);
                Ok(answer)
            }
        }
    }

    /// The arguments of a call, which may replace the auth of the client.
    fn call(
        &self,
        cx: &'a Cx<'a>,
        name: &str,
        args: Args<'_, 'a>,
        defaults: &mut Defaults<'a>,
        g: u32,
    ) -> Result<Call<'a>> {
        let unsupported = || BailKind::Unsupported.at(g);
        let names: &[&str] = if name == "request" { &["method", "url"] } else { &["url"] };
        if args.pos.len() > names.len() || names.iter().take(args.pos.len()).any(|name| args.keyword(name).is_some()) {
            return Err(BailKind::Exception.at(g));
        }
        let takes_body = matches!(name, "post" | "put" | "patch" | "request");
        let mut ask = Ask {
            method: "",
            url: Value::None,
            params: Value::None,
            content: Value::None,
            data: Value::None,
            json: Value::None,
            headers: Value::None,
        };
        let mut method = if name == "request" { "" } else { name }.to_ascii_uppercase();
        let (mut timeouts, mut follows) = (self.timeouts, self.follows);
        let by_position = names.iter().copied().zip(args.pos.iter().copied());
        for (name, value) in by_position.chain(args.kw.iter().map(|(name, value)| (name.text(), *value))) {
            match (name, value) {
                ("method", Value::Str(given)) => method = given.text().to_ascii_uppercase(),
                ("url", value) => ask.url = value,
                ("params", value) => ask.params = value,
                ("content", value) if takes_body => ask.content = value,
                ("data", value) if takes_body => ask.data = value,
                ("json", value) if takes_body => ask.json = value,
                ("headers", value) => ask.headers = value,
                ("auth", value @ (Value::None | Value::Tuple(_))) => defaults.auth = value,
                ("timeout", value) => timeouts = super::timeouts(value, g)?,
                ("follow_redirects", Value::Bool(value)) => follows = value.get(),
                ("cookies" | "extensions", Value::None) => {}
                ("files", Value::None) if takes_body => {}
                _ => return Err(unsupported()),
            }
        }
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(unsupported());
        }
        ask.method = str_new(cx, &method, g)?.text();
        Ok(Call { ask, timeouts, follows })
    }
}

/// What every client sends.
fn usual_headers<'a>(cx: &'a Cx<'a>, g: u32) -> Result<Headers<'a>> {
    let text = |text: &str| str_new(cx, text, g);
    let pairs: [Pair<'a>; 4] = [
        (text("Accept")?, text("*/*")?),
        (text("Accept-Encoding")?, fact(cx, "httpx.accept_encoding", g)?),
        (text("Connection")?, text("keep-alive")?),
        (text("User-Agent")?, fact(cx, "httpx.user_agent", g)?),
    ];
    Headers::new(cx, &pairs, g)
}

impl<'a> Obj<'a> for Client<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(Some(match name {
            "headers" => self.shown.get(),
            "is_closed" => Value::bool(self.state.get() == State::Closed),
            "follow_redirects" => Value::bool(self.follows),
            _ if self.has_method(name) => return Ok(None),
            _ => return Err(BailKind::Unsupported.at(g)),
        }))
    }

    fn set_attr(&self, cx: &'a Cx<'a>, name: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
        match name.text() {
            _ if self.of_module => Err(BailKind::State.at(g)),
            "headers" => {
                let headers = usual_headers(cx, g)?;
                headers.update(cx, &Headers::given(cx, value, g)?, g)?;
                self.headers.set(headers);
                self.shown.set(headers.object(cx, g)?);
                Ok(())
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        METHODS.contains(&name) || matches!(name, "close" | "__enter__" | "__exit__")
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match name {
            "close" | "__enter__" | "__exit__" if self.of_module => Err(BailKind::State.at(g)),
            "close" | "__exit__" => {
                self.state.set(State::Closed);
                Ok(Value::None)
            }
            "__enter__" if self.state.get() == State::Unopened => {
                self.state.set(State::Opened);
                Ok(this)
            }
            "__enter__" => Err(BailKind::Unsupported.at(g)),
            _ => self.perform(cx, name, args, g)?.object(cx, g),
        }
    }
}
