//! `httpx.Headers` (`httpx/_models.py`): names in any case, one as often as it was given.
//!
//! Names and values are ASCII here, which every header that is sent must be, and nearly all that come are.

use super::super::web::View;
use crate::{
    Args, BailKind, Cx, List, Obj, Object, Result, Str, Type, Value, list_new, object_new, str_new, tuple_new,
};

/// The headers of a client, a request or a response.
#[derive(Copy, Clone)]
pub(super) struct Headers<'a>(List<'a>);

/// A name as it was given, and a value.
pub(super) type Pair<'a> = (Str<'a>, Str<'a>);

impl<'a> Headers<'a> {
    pub(super) fn new(cx: &'a Cx<'a>, pairs: &[Pair<'a>], g: u32) -> Result<Self> {
        let headers = Self(list_new(cx, &[], g)?);
        headers.refill(cx, pairs, g)?;
        Ok(headers)
    }

    fn refill(self, cx: &'a Cx<'a>, pairs: &[Pair<'a>], g: u32) -> Result<()> {
        let pair =
            |&(name, value): &Pair<'a>| tuple_new(cx, &[Value::Str(name), Value::Str(value)], g).map(Value::Tuple);
        let items: Vec<Value<'a>> = pairs.iter().map(pair).collect::<Result<_>>()?;
        self.0.assign(cx, &items, g)
    }

    /// They never change from now on.
    pub(super) fn freeze(self) {
        self.0.freeze();
    }

    pub(super) fn object(self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        object_new(cx, self, g)
    }

    /// `Headers(value)`
    pub(super) fn given(cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<Vec<Pair<'a>>> {
        let unsupported = || BailKind::Unsupported.at(g);
        let pair = |name: Value<'a>, value: Value<'a>| match (name, value) {
            (Value::Str(name), Value::Str(value)) if name.is_ascii() && value.is_ascii() => Ok((name, value)),
            _ => Err(unsupported()),
        };
        match value {
            Value::None => Ok(Vec::new()),
            Value::Dict(dict) if dict.kind() == Type::Dict => {
                dict.entries().map(|(name, value)| pair(name, value)).collect()
            }
            Value::List(_) | Value::Tuple(_) => {
                let of = |item: &Value<'a>| match item {
                    Value::Tuple(two) if let [name, value] = two.items() => pair(*name, *value),
                    _ => Err(unsupported()),
                };
                crate::builtin::collect(cx, value, g)?.iter().map(of).collect()
            }
            Value::Object(object) => Self::of(object).map(Self::pairs).ok_or_else(unsupported),
            _ => Err(unsupported()),
        }
    }

    fn of(object: Object<'a>) -> Option<Self> {
        object.get().as_header_list().map(Self)
    }

    pub(super) fn pairs(self) -> Vec<Pair<'a>> {
        let pair = |item: Value<'a>| match item {
            Value::Tuple(pair) => match pair.items() {
                [Value::Str(name), Value::Str(value)] => Some((*name, *value)),
                _ => None,
            },
            _ => None,
        };
        self.0.to_vec().into_iter().filter_map(pair).collect()
    }

    /// The values of a name, joined; none if there are none.
    pub(super) fn get(self, name: &str) -> Option<String> {
        let same = |(known, _): &Pair<'a>| known.text().eq_ignore_ascii_case(name);
        let values: Vec<&str> = self.pairs().into_iter().filter(same).map(|(_, value)| value.text()).collect();
        if values.is_empty() { None } else { Some(values.join(", ")) }
    }

    /// `headers[name] = value`, in the place of the first of that name.
    pub(super) fn set(self, cx: &'a Cx<'a>, name: Str<'a>, value: Str<'a>, g: u32) -> Result<()> {
        let mut pairs = self.pairs();
        let mut place = Some((name, value));
        pairs.retain_mut(|pair| {
            if !pair.0.text().eq_ignore_ascii_case(name.text()) {
                return true;
            }
            place.take().map(|new| *pair = new).is_some()
        });
        pairs.extend(place);
        self.refill(cx, &pairs, g)
    }

    pub(super) fn remove(self, cx: &'a Cx<'a>, name: &str, g: u32) -> Result<()> {
        let mut pairs = self.pairs();
        pairs.retain(|(known, _)| !known.text().eq_ignore_ascii_case(name));
        self.refill(cx, &pairs, g)
    }

    /// `update`: those of the same names go, and the new ones come last.
    pub(super) fn update(self, cx: &'a Cx<'a>, new: &[Pair<'a>], g: u32) -> Result<()> {
        let mut pairs = self.pairs();
        pairs.retain(|(known, _)| new.iter().all(|(name, _)| !name.text().eq_ignore_ascii_case(known.text())));
        pairs.extend(new);
        self.refill(cx, &pairs, g)
    }

    /// Lower-case names, once each, with their joined values.
    fn merged(self, cx: &'a Cx<'a>, g: u32) -> Result<Vec<Pair<'a>>> {
        let mut merged: Vec<(String, String)> = Vec::new();
        for (name, value) in self.pairs() {
            let name = name.text().to_ascii_lowercase();
            match merged.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => *values = format!("{values}, {}", value.text()),
                None => merged.push((name, value.text().to_owned())),
            }
        }
        merged.iter().map(|(name, value)| Ok((str_new(cx, name, g)?, str_new(cx, value, g)?))).collect()
    }
}

fn name_of(name: Value<'_>, g: u32) -> Result<Str<'_>> {
    match name {
        Value::Str(name) if name.is_ascii() => Ok(name),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

impl<'a> Obj<'a> for Headers<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_header_list(&self) -> Option<List<'a>> {
        Some(self.0)
    }

    fn is_mapping(&self) -> bool {
        true
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(
            name,
            "get" | "get_list" | "keys" | "values" | "items" | "multi_items" | "update" | "copy" | "setdefault"
        )
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let get = |name: Value<'a>| {
            let found = self.get(name_of(name, g)?.text());
            found.map(|text| str_new(cx, &text, g).map(Value::Str)).transpose()
        };
        let pair = |(name, value): Pair<'a>| tuple_new(cx, &[Value::Str(name), Value::Str(value)], g).map(Value::Tuple);
        match (name, args.positional(g)?) {
            ("get", [name]) => Ok(get(*name)?.unwrap_or(Value::None)),
            ("get", [name, default]) => Ok(get(*name)?.unwrap_or(*default)),
            ("get_list", [name]) => {
                let name = name_of(*name, g)?;
                let same = |(known, _): &Pair<'a>| known.text().eq_ignore_ascii_case(name.text());
                let values: Vec<_> =
                    self.pairs().into_iter().filter(same).map(|(_, value)| Value::Str(value)).collect();
                list_new(cx, &values, g).map(Value::List)
            }
            ("keys", []) => {
                View::object(cx, self.merged(cx, g)?.into_iter().map(|(name, _)| Value::Str(name)).collect(), g)
            }
            ("values", []) => {
                View::object(cx, self.merged(cx, g)?.into_iter().map(|(_, value)| Value::Str(value)).collect(), g)
            }
            ("items", []) => {
                let items = self.merged(cx, g)?.into_iter().map(pair).collect::<Result<_>>()?;
                View::object(cx, items, g)
            }
            ("multi_items", []) => {
                let lower = |(name, value): Pair<'a>| pair((str_new(cx, &name.text().to_ascii_lowercase(), g)?, value));
                let items: Vec<Value<'a>> = self.pairs().into_iter().map(lower).collect::<Result<_>>()?;
                list_new(cx, &items, g).map(Value::List)
            }
            ("update", [from]) => self.update(cx, &Self::given(cx, *from, g)?, g).map(|()| Value::None),
            ("setdefault", [name, default]) => match get(*name)? {
                Some(known) => Ok(known),
                None => self.set_item(cx, *name, *default, g).map(|()| *default),
            },
            ("copy", []) => Self::new(cx, &self.pairs(), g)?.object(cx, g),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn iter(&self, cx: &'a Cx<'a>, _this: Value<'a>, g: u32) -> Result<Value<'a>> {
        let names: Vec<Value<'a>> = self.merged(cx, g)?.into_iter().map(|(name, _)| Value::Str(name)).collect();
        crate::iter_value(cx, Value::List(list_new(cx, &names, g)?), g)
    }

    fn len(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<usize>> {
        Ok(Some(self.0.len()))
    }

    fn contains(&self, _cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<Option<bool>> {
        Ok(Some(self.get(name_of(item, g)?.text()).is_some()))
    }

    fn get_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        match self.get(name_of(index, g)?.text()) {
            Some(value) => str_new(cx, &value, g).map(Value::Str),
            None => Err(cx.raise_with(Type::KeyError, &[index], g)),
        }
    }

    fn set_item(&self, cx: &'a Cx<'a>, index: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        self.set(cx, name_of(index, g)?, name_of(value, g)?, g)
    }

    fn del_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<()> {
        let name = name_of(index, g)?.text();
        match self.get(name) {
            Some(_) => self.remove(cx, name, g),
            None => Err(cx.raise_with(Type::KeyError, &[index], g)),
        }
    }

    /// Without the secrets in them, as `_obfuscate_sensitive_headers` leaves them.
    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        let mut pairs = Vec::new();
        for (name, value) in self.pairs() {
            let name = str_new(cx, &name.text().to_ascii_lowercase(), g)?;
            let secret = matches!(name.text(), "authorization" | "proxy-authorization");
            let value = if secret { str_new(cx, "[secure]", g)? } else { value };
            pairs.push((Value::Str(name), Value::Str(value)));
        }
        let dict = crate::dict_new(cx, &pairs, g)?;
        if dict.len() != pairs.len() {
            return Err(BailKind::Unsupported.at(g));
        }
        out.push_str(&format!("Headers({})", crate::repr::repr_text(cx, Value::Dict(dict), g)?));
        Ok(())
    }
}
