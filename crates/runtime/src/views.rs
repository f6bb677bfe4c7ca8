//! Views of dicts: `keys()`, `values()`, `items()`, and their iterators.

use std::cell::{Cell, RefCell};

use crate::builtin::iterator;
use crate::iter::DictIter;
use crate::op::{BinaryOp, CompareOp, equal_item};
use crate::set_algebra::{self, of_iterable};
use crate::{Args, BailKind, Cx, Dict, Iter, Obj, Result, Set, Type, Value, exception, object_new, set_new, tuple_new};

/// What a view shows.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Keys,
    Values,
    Items,
}

/// A view of a dict.
pub struct View<'a> {
    dict: Dict<'a>,
    part: Part,
}

/// A view of a dict.
pub(crate) fn view_new<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, part: Part, g: u32) -> Result<Value<'a>> {
    object_new(cx, View { dict, part }, g)
}

struct ViewIter<'a> {
    entries: RefCell<DictIter<'a>>,
    part: Part,
}

iterator!(ViewIter<'a>, Type::DictKeyIterator;
    fn next_pair(&self, cx: &'a Cx<'a>, g: u32, at: u32) -> Result<Option<[Value<'a>; 2]>> {
        if self.part == Part::Items {
            return Ok(self.entries.borrow_mut().next_entry(cx, g)?.map(|(key, value)| [key, value]));
        }
        match self.step(cx, g)? {
            Some(item) => crate::op::unpack(cx, item, at).map(Some),
            None => Ok(None),
        }
    }
);

impl<'a> ViewIter<'a> {
    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        match self.entries.borrow_mut().next_entry(cx, g)? {
            Some(entry) => pick(cx, self.part, entry, g).map(Some),
            None => Ok(None),
        }
    }
}

fn pick<'a>(cx: &'a Cx<'a>, part: Part, (key, value): (Value<'a>, Value<'a>), g: u32) -> Result<Value<'a>> {
    match part {
        Part::Keys => Ok(key),
        Part::Values => Ok(value),
        Part::Items => tuple_new(cx, &[key, value], g).map(Value::Tuple),
    }
}

/// The entries from the last to the first.
struct ReversedView<'a> {
    entries: &'a [(Value<'a>, Value<'a>)],
    place: Cell<usize>,
    dict: Dict<'a>,
    part: Part,
}

iterator!(ReversedView<'a>, Type::DictKeyIterator);

impl<'a> ReversedView<'a> {
    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        if self.dict.len() != self.entries.len() {
            return Err(cx.raise(Type::RuntimeError, "dictionary changed size during iteration", g));
        }
        let place = self.place.get();
        self.place.set(place + 1);
        match self.entries.get(place) {
            Some(entry) => pick(cx, self.part, *entry, g).map(Some),
            None => Ok(None),
        }
    }
}

/// `reversed(dict)` and `reversed(view)`.
pub(crate) fn reversed<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, part: Part, g: u32) -> Result<Value<'a>> {
    let entries: Vec<(Value<'a>, Value<'a>)> = dict.entries_reversed().collect();
    let entries = cx.alloc_slice(entries.len(), |at| entries[at], g)?;
    object_new(cx, ReversedView { entries, place: Cell::new(0), dict, part }, g)
}

/// `dictviews_to_set`
fn as_set<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Set<'a>> {
    match view_of(v) {
        Some(View { dict, part: Part::Keys }) => of_iterable(cx, false, Value::Dict(*dict), g),
        _ => of_iterable(cx, false, v, g),
    }
}

/// The view of keys or items that a value is.
fn view_of<'a>(v: Value<'a>) -> Option<&'a View<'a>> {
    match v {
        Value::Object(object) => object.get().as_view().filter(|view| view.part != Part::Values),
        _ => None,
    }
}

impl<'a> View<'a> {
    /// `this & other` (`_PyDictView_Intersect`).
    fn intersection(&self, cx: &'a Cx<'a>, this: Value<'a>, other: Value<'a>, g: u32) -> Result<Set<'a>> {
        if let Value::Set(other) = other
            && !other.is_frozen()
            && self.dict.len() <= other.len()
        {
            return set_algebra::intersection(cx, other, this, g);
        }
        let (longer, through) = match view_of(other) {
            Some(other) if other.dict.len() > self.dict.len() => (other, this),
            _ => (self, other),
        };
        let result = set_new(cx, false, &[], g)?;
        let mut items = Iter::new(cx, through, g)?;
        while let Some(item) = items.next(cx, g)? {
            cx.tick(g)?;
            if longer.has(cx, item, g)? {
                result.add(cx, item, g)?;
            }
        }
        Ok(result)
    }

    /// The items as a set, for comparisons.
    fn set(&self, cx: &'a Cx<'a>, g: u32) -> Result<crate::Set<'a>> {
        let set = set_new(cx, false, &[], g)?;
        for entry in self.dict.entries() {
            cx.tick(g)?;
            set.add(cx, pick(cx, self.part, entry, g)?, g)?;
        }
        Ok(set)
    }

    fn has(&self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        match self.part {
            Part::Keys => Ok(self.dict.get(cx, item, g)?.is_some()),
            Part::Values => {
                for (_, value) in self.dict.entries() {
                    cx.tick(g)?;
                    if equal_item(cx, value, item, 0, g)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Part::Items => match item {
                Value::Tuple(pair) if pair.items().len() == 2 => match self.dict.get(cx, pair.items()[0], g)? {
                    Some(value) => equal_item(cx, value, pair.items()[1], 0, g),
                    None => Ok(false),
                },
                _ => Ok(false),
            },
        }
    }
}

impl<'a> Obj<'a> for View<'a> {
    fn as_view(&self) -> Option<&View<'a>> {
        Some(self)
    }

    fn kind(&self) -> Type {
        match self.part {
            Part::Keys => Type::DictKeys,
            Part::Values => Type::DictValues,
            Part::Items => Type::DictItems,
        }
    }

    fn iter(&self, cx: &'a Cx<'a>, _this: Value<'a>, g: u32) -> Result<Value<'a>> {
        let entries = RefCell::new(DictIter::new(self.dict));
        object_new(cx, ViewIter { entries, part: self.part }, g)
    }

    fn len(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<usize>> {
        Ok(Some(self.dict.len()))
    }

    fn contains(&self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<Option<bool>> {
        self.has(cx, item, g).map(Some)
    }

    fn has_method(&self, name: &str) -> bool {
        name == "__reversed__" || name == "isdisjoint" && self.part != Part::Values
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("__reversed__", []) => reversed(cx, self.dict, self.part, g),
            ("isdisjoint", [other]) => {
                let mut items = Iter::new(cx, *other, g)?;
                while let Some(item) = items.next(cx, g)? {
                    cx.tick(g)?;
                    if self.has(cx, item, g)? {
                        return Ok(Value::bool(false));
                    }
                }
                Ok(Value::bool(true))
            }
            _ => Err(BailKind::Exception.at(g)),
        }
    }

    fn binary(
        &self,
        cx: &'a Cx<'a>,
        op: BinaryOp,
        this: Value<'a>,
        other: Value<'a>,
        reflected: bool,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        let algebra = matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor | BinaryOp::Sub);
        if self.part == Part::Values || !algebra {
            return Ok(None);
        }
        let (left, right) = if reflected { (other, this) } else { (this, other) };
        if op == BinaryOp::BitAnd {
            return self.intersection(cx, this, other, g).map(|set| Some(Value::Set(set)));
        }
        let set = as_set(cx, left, g)?;
        match op {
            BinaryOp::Sub => set_algebra::remove_all(cx, set, right, g)?,
            BinaryOp::BitOr => set_algebra::update(cx, set, right, g)?,
            _ => {
                set_algebra::toggle_all(cx, set, right, g)?;
                // Two views of items have a way of their own in CPython (`dictitems_xor`).
                if self.part == Part::Items && view_of(other).is_some_and(|other| other.part == Part::Items) {
                    set.forget_order();
                }
            }
        }
        Ok(Some(Value::Set(set)))
    }

    fn compare(
        &self,
        cx: &'a Cx<'a>,
        op: CompareOp,
        this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        if self.part == Part::Values {
            return match (this, other, op) {
                (Value::Object(l), Value::Object(r), CompareOp::Eq) => Ok(Some(l.same(r))),
                (Value::Object(l), Value::Object(r), CompareOp::Ne) => Ok(Some(!l.same(r))),
                _ => Ok(None),
            };
        }
        let other = match other {
            Value::Set(_) => other,
            Value::Object(object) if matches!(object.get().kind(), Type::DictKeys | Type::DictItems) => {
                Value::Set(of_iterable(cx, false, other, g)?)
            }
            _ => return Ok(None),
        };
        let own = Value::Set(self.set(cx, g)?);
        match crate::op::rich_compare(cx, op, own, other, g)? {
            Value::Bool(result) => Ok(Some(result.get())),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        out.push_str(match self.part {
            Part::Keys => "dict_keys([",
            Part::Values => "dict_values([",
            Part::Items => "dict_items([",
        });
        for (index, entry) in self.dict.entries().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            crate::repr::write_repr(cx, out, pick(cx, self.part, entry, g)?, g)?;
        }
        out.push_str("])");
        Ok(())
    }
}
