//! `CaseInsensitiveDict` (`requests/structures.py`): headers by name in any case, in the order of their first setting.

use super::super::web::View;
use crate::{Args, BailKind, Cx, Dict, Obj, Object, Result, Type, Value, dict_new, list_new, object_new, str_new};

/// The headers of an answer or of a session.
#[derive(Copy, Clone)]
pub(super) struct Headers<'a> {
    /// Lower-case names to pairs of the name as it was set and the value.
    store: Dict<'a>,
}

impl<'a> Headers<'a> {
    pub(super) fn new(cx: &'a Cx<'a>, g: u32) -> Result<Self> {
        Ok(Self { store: dict_new(cx, &[], g)? })
    }

    /// It never changes from now on.
    pub(super) fn freeze(self) {
        self.store.freeze();
    }

    pub(super) fn object(self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        object_new(cx, self, g)
    }

    /// The headers that an object is.
    pub(super) fn of(object: Object<'a>) -> Option<Self> {
        let store = object.get().as_headers()?;
        Some(Self { store })
    }

    fn key(cx: &'a Cx<'a>, name: Value<'a>, g: u32) -> Result<Value<'a>> {
        match name {
            Value::Str(name) if name.is_ascii() => str_new(cx, &name.text().to_ascii_lowercase(), g).map(Value::Str),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    pub(super) fn set(self, cx: &'a Cx<'a>, name: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        let pair = crate::tuple_new(cx, &[name, value], g)?;
        self.store.set(cx, Self::key(cx, name, g)?, Value::Tuple(pair), g)
    }

    pub(super) fn set_text(self, cx: &'a Cx<'a>, name: &str, value: &str, g: u32) -> Result<()> {
        self.set(cx, Value::Str(str_new(cx, name, g)?), Value::Str(str_new(cx, value, g)?), g)
    }

    /// Sets all of a mapping's.
    pub(super) fn update(self, cx: &'a Cx<'a>, from: Value<'a>, g: u32) -> Result<()> {
        match from {
            Value::Dict(dict) if dict.kind() == Type::Dict => {
                for (name, value) in dict.entries().collect::<Vec<_>>() {
                    self.set(cx, name, value, g)?;
                }
                Ok(())
            }
            Value::Object(object) => {
                let from = Self::of(object).ok_or_else(|| BailKind::Unsupported.at(g))?;
                for (name, value) in from.pairs() {
                    self.set(cx, name, value, g)?;
                }
                Ok(())
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    pub(super) fn get(self, cx: &'a Cx<'a>, name: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let found = self.store.get(cx, Self::key(cx, name, g)?, g)?;
        Ok(found.and_then(|pair| parts(pair)).map(|(_, value)| value))
    }

    pub(super) fn get_text(self, cx: &'a Cx<'a>, name: &str, g: u32) -> Result<Option<&'a str>> {
        match self.get(cx, Value::Str(str_new(cx, name, g)?), g)? {
            None => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text.text())),
            Some(_) => Err(BailKind::Unsupported.at(g)),
        }
    }

    pub(super) fn remove(self, cx: &'a Cx<'a>, name: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let removed = self.store.remove(cx, Self::key(cx, name, g)?, g)?;
        Ok(removed.and_then(|pair| parts(pair)).map(|(_, value)| value))
    }

    /// Names and values.
    pub(super) fn pairs(self) -> Vec<(Value<'a>, Value<'a>)> {
        self.store.entries().filter_map(|(_, pair)| parts(pair)).collect()
    }
}

fn parts(pair: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    match pair {
        Value::Tuple(pair) => Some((*pair.items().first()?, *pair.items().get(1)?)),
        _ => None,
    }
}

impl<'a> Obj<'a> for Headers<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_headers(&self) -> Option<Dict<'a>> {
        Some(self.store)
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "get" | "keys" | "values" | "items" | "update" | "pop" | "copy" | "setdefault")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let pairs = || self.pairs().into_iter();
        match (name, args.positional(g)?) {
            ("get", [name]) => Ok(self.get(cx, *name, g)?.unwrap_or(Value::None)),
            ("get", [name, default]) => Ok(self.get(cx, *name, g)?.unwrap_or(*default)),
            ("keys", []) => View::object(cx, pairs().map(|(name, _)| name).collect(), g),
            ("values", []) => View::object(cx, pairs().map(|(_, value)| value).collect(), g),
            ("items", []) => {
                let items = pairs().map(|(name, value)| crate::tuple_new(cx, &[name, value], g).map(Value::Tuple));
                View::object(cx, items.collect::<Result<_>>()?, g)
            }
            ("update", [from]) => self.update(cx, *from, g).map(|()| Value::None),
            ("pop", [name, default]) => Ok(self.remove(cx, *name, g)?.unwrap_or(*default)),
            ("setdefault", [name, default]) => match self.get(cx, *name, g)? {
                Some(known) => Ok(known),
                None => self.set(cx, *name, *default, g).map(|()| *default),
            },
            ("copy", []) => {
                let copy = Headers::new(cx, g)?;
                for (name, value) in self.pairs() {
                    copy.set(cx, name, value, g)?;
                }
                copy.object(cx, g)
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn iter(&self, cx: &'a Cx<'a>, _this: Value<'a>, g: u32) -> Result<Value<'a>> {
        let names: Vec<Value<'a>> = self.pairs().into_iter().map(|(name, _)| name).collect();
        crate::iter_value(cx, Value::List(list_new(cx, &names, g)?), g)
    }

    fn len(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<usize>> {
        Ok(Some(self.store.len()))
    }

    fn contains(&self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<Option<bool>> {
        Ok(Some(self.get(cx, item, g)?.is_some()))
    }

    fn get_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        match self.get(cx, index, g)? {
            Some(value) => Ok(value),
            // With the name in lower case, as its dict has it.
            None => Err(cx.raise_with(Type::KeyError, &[Self::key(cx, index, g)?], g)),
        }
    }

    fn set_item(&self, cx: &'a Cx<'a>, index: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        self.set(cx, index, value, g)
    }

    fn del_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<()> {
        match self.remove(cx, index, g)? {
            Some(_) => Ok(()),
            None => Err(cx.raise_with(Type::KeyError, &[Self::key(cx, index, g)?], g)),
        }
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        let dict = dict_new(cx, &self.pairs(), g)?;
        out.push_str(&crate::repr::repr_text(cx, Value::Dict(dict), g)?);
        Ok(())
    }
}

/// What two settings make together (`requests/sessions.py`, `merge_setting`): the request's over the session's,
/// without those that are None.
pub(super) fn merged<'a>(
    cx: &'a Cx<'a>,
    session: Option<Headers<'a>>,
    request: Value<'a>,
    g: u32,
) -> Result<Headers<'a>> {
    let merged = Headers::new(cx, g)?;
    if let Some(session) = session {
        for (name, value) in session.pairs() {
            merged.set(cx, name, value, g)?;
        }
    }
    if !matches!(request, Value::None) {
        merged.update(cx, request, g)?;
    }
    for (name, value) in merged.pairs() {
        if matches!(value, Value::None) {
            merged.remove(cx, name, g)?;
        }
    }
    Ok(merged)
}
