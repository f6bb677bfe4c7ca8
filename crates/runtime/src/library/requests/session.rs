//! `Session` (`requests/sessions.py`): headers, parameters and a name for several requests.

use std::cell::Cell;

use super::headers::Headers;
use super::prepare::Defaults;
use crate::{Args, BailKind, Cx, Obj, Result, Str, Type, Value, object_new};

/// A session of the invocation.
pub(super) struct Session<'a> {
    headers: Cell<Headers<'a>>,
    shown: Cell<Value<'a>>,
    params: Cell<Value<'a>>,
    auth: Cell<Value<'a>>,
    /// Whether an answer has set a cookie, which further requests would carry.
    has_cookies: Cell<bool>,
    /// Whether it is the module's, and outlives the invocation.
    of_module: bool,
}

/// A session that the module made, with these headers, params and auth, which an invocation does not change.
pub(super) fn of_module<'a>(cx: &'a Cx<'a>, parts: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let [headers, Value::Dict(params), auth] = parts else { return Err(BailKind::Unsupported.at(g)) };
    let own = Headers::new(cx, g)?;
    own.update(cx, *headers, g)?;
    own.freeze();
    params.freeze();
    let (shown, params) = (Cell::new(own.object(cx, g)?), Cell::new(Value::Dict(*params)));
    let (headers, auth, has_cookies) = (Cell::new(own), Cell::new(*auth), Cell::new(false));
    object_new(cx, Session { headers, shown, params, auth, has_cookies, of_module: true }, g)
}

/// `Session()`
pub(super) fn new<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let headers = super::default_headers(cx, g)?;
    let session = Session {
        headers: Cell::new(headers),
        shown: Cell::new(headers.object(cx, g)?),
        params: Cell::new(Value::Dict(crate::dict_new(cx, &[], g)?)),
        auth: Cell::new(Value::None),
        has_cookies: Cell::new(false),
        of_module: false,
    };
    object_new(cx, session, g)
}

impl<'a> Session<'a> {
    fn defaults(&self) -> Defaults<'a> {
        Defaults { headers: self.headers.get(), params: self.params.get(), auth: self.auth.get() }
    }
}

impl<'a> Obj<'a> for Session<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(Some(match name {
            "headers" => self.shown.get(),
            "params" => self.params.get(),
            "auth" => self.auth.get(),
            _ if self.has_method(name) => return Ok(None),
            _ => return Err(BailKind::Unsupported.at(g)),
        }))
    }

    fn set_attr(&self, _cx: &'a Cx<'a>, name: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
        if self.of_module {
            return Err(BailKind::State.at(g));
        }
        match (name.text(), value) {
            ("auth", Value::None | Value::Tuple(_)) => self.auth.set(value),
            ("params", Value::Dict(_)) => self.params.set(value),
            _ => return Err(BailKind::Unsupported.at(g)),
        }
        Ok(())
    }

    fn has_method(&self, name: &str) -> bool {
        super::METHODS.iter().any(|(known, _)| *known == name)
            || matches!(name, "request" | "close" | "__enter__" | "__exit__")
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match name {
            // It can be used again afterwards.
            "close" | "__exit__" => return Ok(Value::None),
            "__enter__" => return Ok(this),
            _ => {}
        }
        if self.has_cookies.get() {
            return Err(BailKind::Unsupported.at(g));
        }
        let answer = super::perform(cx, name, args, self.defaults(), g)?;
        match answer.sets_cookie(cx, g)? {
            true if self.of_module => return Err(BailKind::State.at(g)),
            sets => self.has_cookies.set(sets),
        }
        answer.object(cx, g)
    }

    fn repr(&self, _cx: &'a Cx<'a>, _out: &mut String, g: u32) -> Result<()> {
        Err(BailKind::Unsupported.at(g))
    }
}
