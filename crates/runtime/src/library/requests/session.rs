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

    fn set_attr(&self, cx: &'a Cx<'a>, name: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
        match (name.text(), value) {
            ("auth", Value::None | Value::Tuple(_)) => self.auth.set(value),
            ("params", Value::Dict(_)) => self.params.set(value),
            ("headers", Value::Dict(_)) => {
                // A plain dict would be used as it is: `get` and `[]` of it heed the case.
                let _ = cx;
                return Err(BailKind::Unsupported.at(g));
            }
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
        self.has_cookies.set(answer.sets_cookie(cx, g)?);
        answer.object(cx, g)
    }

    fn repr(&self, _cx: &'a Cx<'a>, _out: &mut String, g: u32) -> Result<()> {
        Err(BailKind::Unsupported.at(g))
    }
}
