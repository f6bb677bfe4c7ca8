//! `collections.deque`.

use std::cell::Cell;

use crate::builtin::{collect, iterator};
use crate::op::{BinaryOp, CompareOp, equal_item};
use crate::state::{Log, Owned, Undo};
use crate::{Args, Bail, BailKind, Cx, Iter, Obj, Result, Type, Value, exception, object_new, op};

/// A double-ended queue: a ring in the arena.
pub struct Deque<'a> {
    held: &'a Held<'a>,
    most: Option<usize>,
}

/// What a deque holds.
struct Held<'a> {
    ring: Cell<&'a [Cell<Value<'a>>]>,
    head: Cell<usize>,
    len: Cell<usize>,
    /// Counts the changes that end an iteration.
    changes: Cell<u64>,
    owner: Owned<'a>,
}

/// What a deque held before a write.
pub(crate) struct DequeBefore<'a> {
    held: &'a Held<'a>,
    ring: &'a [Cell<Value<'a>>],
    items: Vec<Value<'a>>,
}

impl DequeBefore<'_> {
    pub(crate) fn restore(self) {
        self.held.ring.set(self.ring);
        self.held.head.set(0);
        self.held.len.set(self.items.len());
        self.ring.iter().zip(self.items).for_each(|(place, item)| place.set(item));
    }
}

pub(super) fn deque<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [source, most] = args.bind(["iterable", "maxlen"], 0, 2, g)?;
    let most = match most {
        None | Some(Value::None) => None,
        Some(most) => match most.index() {
            Some(most) if most >= 0 => Some(most as usize),
            Some(_) => return Err(cx.raise(Type::ValueError, "maxlen must be non-negative", g)),
            None => return Err(BailKind::Exception.at(g)),
        },
    };
    let deque = Deque::new(cx, most, g)?;
    if let Some(source) = source {
        deque.extend(cx, source, false, g)?;
    }
    object_new(cx, deque, g)
}

impl<'a> Deque<'a> {
    pub(crate) fn new(cx: &'a Cx<'a>, most: Option<usize>, g: u32) -> Result<Self> {
        let (ring, head, len, changes) = (Cell::new(&[] as &[_]), Cell::new(0), Cell::new(0), Cell::new(0));
        Ok(Self { held: cx.alloc(Held { ring, head, len, changes, owner: Owned::new() }, g)?, most })
    }

    /// Whose it is.
    pub(crate) fn owner(&self) -> &'a Owned<'a> {
        &self.held.owner
    }

    /// `maxlen`
    pub(crate) fn most(&self) -> Option<usize> {
        self.most
    }

    /// Where it is, which tells it from others.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self.held).addr()
    }

    /// Before a write.
    fn write(&self, g: u32) -> Result<Option<&'a Log<'a>>> {
        let held = self.held;
        let before = || Undo::Deque(DequeBefore { held, ring: held.ring.get(), items: self.items() });
        held.owner.write_all(before, g)
    }

    fn place(&self, at: usize) -> &'a Cell<Value<'a>> {
        let ring = self.held.ring.get();
        let place = self.held.head.get() + at;
        &ring[if place < ring.len() { place } else { place - ring.len() }]
    }

    fn at(&self, at: usize) -> Option<Value<'a>> {
        (at < self.held.len.get()).then(|| self.place(at).get())
    }

    fn changed(&self) {
        self.held.changes.set(self.held.changes.get() + 1);
    }

    fn room(&self, cx: &'a Cx<'a>, g: u32) -> Result<()> {
        let len = self.held.len.get();
        if len < self.held.ring.get().len() {
            return Ok(());
        }
        let larger = cx.alloc_slice((len * 2).max(8), |at| Cell::new(self.at(at).unwrap_or(Value::None)), g)?;
        self.held.ring.set(larger);
        self.held.head.set(0);
        Ok(())
    }

    /// `append`, `appendleft`
    pub(crate) fn push(&self, cx: &'a Cx<'a>, value: Value<'a>, left: bool, g: u32) -> Result<()> {
        if self.most == Some(0) {
            return Ok(());
        }
        if let Some(log) = self.write(g)? {
            log.adopt(value, g)?;
        }
        self.changed();
        if self.most.is_some_and(|most| self.held.len.get() >= most) {
            self.pop(!left, g)?;
        }
        self.room(cx, g)?;
        let len = self.held.len.get();
        if left {
            let ring = self.held.ring.get().len();
            self.held.head.set(self.held.head.get().checked_sub(1).unwrap_or(ring - 1));
            self.held.len.set(len + 1);
            self.place(0).set(value);
        } else {
            self.held.len.set(len + 1);
            self.place(len).set(value);
        }
        Ok(())
    }

    fn pop(&self, left: bool, g: u32) -> Result<Option<Value<'a>>> {
        let Some(last) = self.held.len.get().checked_sub(1) else { return Ok(None) };
        self.write(g)?;
        self.changed();
        let value = self.at(if left { 0 } else { last });
        if left {
            let next = self.held.head.get() + 1;
            self.held.head.set(if next < self.held.ring.get().len() { next } else { 0 });
        }
        self.held.len.set(last);
        Ok(value)
    }

    /// `pop`, `popleft`
    pub(crate) fn take(&self, cx: &'a Cx<'a>, left: bool, g: u32) -> Result<Value<'a>> {
        match self.pop(left, g)? {
            Some(value) => Ok(value),
            None => Err(cx.raise(Type::IndexError, "pop from an empty deque", g)),
        }
    }

    fn extend(&self, cx: &'a Cx<'a>, source: Value<'a>, left: bool, g: u32) -> Result<()> {
        let mut items = Iter::new(cx, source, g)?;
        while let Some(item) = items.next(cx, g)? {
            cx.tick(g)?;
            self.push(cx, item, left, g)?;
        }
        Ok(())
    }

    pub(crate) fn items(&self) -> Vec<Value<'a>> {
        (0..self.held.len.get()).filter_map(|at| self.at(at)).collect()
    }

    /// Makes `items` all that it holds, of which there may not be too many.
    fn assign(&self, cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<()> {
        if let Some(log) = self.write(g)? {
            items.iter().try_for_each(|item| log.adopt(*item, g))?;
        }
        self.refill(cx, items, g)
    }

    /// The same, as a document or the module's source has it.
    pub(crate) fn refill(&self, cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<()> {
        self.changed();
        let ring = cx.alloc_slice(items.len(), |at| Cell::new(items[at]), g)?;
        self.held.ring.set(ring);
        self.held.head.set(0);
        self.held.len.set(items.len());
        Ok(())
    }

    fn position(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<usize> {
        let len = self.held.len.get() as i64;
        match index.index() {
            Some(at) if (-len..len).contains(&at) => Ok(if at < 0 { at + len } else { at } as usize),
            Some(_) => Err(cx.raise(Type::IndexError, "deque index out of range", g)),
            None => Err(BailKind::Exception.at(g)),
        }
    }
}

struct DequeIter<'a> {
    deque: &'a Deque<'a>,
    place: Cell<usize>,
    changes: u64,
    backwards: bool,
}

iterator!(DequeIter<'a>, Type::Iterator);

impl<'a> DequeIter<'a> {
    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let (place, len) = (self.place.get(), self.deque.held.len.get());
        if place >= len && self.deque.held.changes.get() == self.changes {
            return Ok(None);
        }
        if self.deque.held.changes.get() != self.changes {
            return Err(cx.raise(Type::RuntimeError, "deque mutated during iteration", g));
        }
        self.place.set(place + 1);
        Ok(self.deque.at(if self.backwards { len - 1 - place } else { place }))
    }
}

fn not_in_deque<'a>(cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<Bail> {
    let text = format!("{} is not in deque", crate::repr::repr_text(cx, value, g)?);
    Ok(cx.raise(Type::ValueError, &text, g))
}

/// The deque that a value is.
pub(crate) fn as_deque<'a>(v: Value<'a>) -> Option<&'a Deque<'a>> {
    match v {
        Value::Object(object) => object.get().as_deque(),
        _ => None,
    }
}

impl<'a> Obj<'a> for Deque<'a> {
    fn kind(&self) -> Type {
        Type::Deque
    }

    fn as_deque(&self) -> Option<&Deque<'a>> {
        Some(self)
    }

    fn iter(&self, cx: &'a Cx<'a>, this: Value<'a>, g: u32) -> Result<Value<'a>> {
        let Some(deque) = as_deque(this) else { return Err(BailKind::Unsupported.at(g)) };
        let changes = deque.held.changes.get();
        object_new(cx, DequeIter { deque, place: Cell::new(0), changes, backwards: false }, g)
    }

    fn len(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<usize>> {
        Ok(Some(self.held.len.get()))
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, _g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "maxlen" => Some(self.most.map_or(Value::None, |most| Value::Int(most as i64))),
            _ => None,
        })
    }

    fn get_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        let at = self.position(cx, index, g)?;
        self.at(at).ok_or_else(|| BailKind::Unsupported.at(g))
    }

    fn set_item(&self, cx: &'a Cx<'a>, index: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        let at = self.position(cx, index, g)?;
        if let Some(log) = self.write(g)? {
            log.adopt(value, g)?;
        }
        self.place(at).set(value);
        Ok(())
    }

    fn del_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<()> {
        let at = self.position(cx, index, g)?;
        let mut items = self.items();
        items.remove(at);
        self.assign(cx, &items, g)
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(
            name,
            "append"
                | "appendleft"
                | "pop"
                | "popleft"
                | "extend"
                | "extendleft"
                | "clear"
                | "copy"
                | "count"
                | "index"
                | "insert"
                | "remove"
                | "reverse"
                | "rotate"
                | "__reversed__"
        )
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let none = |result: Result<()>| result.map(|()| Value::None);
        match (name, args.positional(g)?) {
            ("append", [value]) => none(self.push(cx, *value, false, g)),
            ("appendleft", [value]) => none(self.push(cx, *value, true, g)),
            ("pop" | "popleft", []) => self.take(cx, name == "popleft", g),
            ("extend" | "extendleft", [source]) => {
                let source = if as_deque(*source).is_some() {
                    Value::List(crate::list_new(cx, &collect(cx, *source, g)?, g)?)
                } else {
                    *source
                };
                none(self.extend(cx, source, name == "extendleft", g))
            }
            ("clear", []) => none(self.assign(cx, &[], g)),
            ("copy", []) => {
                let copy = Deque::new(cx, self.most, g)?;
                copy.refill(cx, &self.items(), g)?;
                object_new(cx, copy, g)
            }
            ("reverse", []) => {
                let mut items = self.items();
                items.reverse();
                none(self.assign(cx, &items, g))
            }
            ("rotate", rest) if rest.len() <= 1 => {
                let by = match rest.first() {
                    None => 1,
                    Some(by) => by.index().ok_or_else(|| BailKind::Exception.at(g))?,
                };
                let mut items = self.items();
                if !items.is_empty() {
                    let by = by.rem_euclid(items.len() as i64) as usize;
                    cx.burn(items.len() * 16, g)?;
                    items.rotate_right(by);
                    self.assign(cx, &items, g)?;
                }
                Ok(Value::None)
            }
            ("count", [value]) => {
                let mut count = 0;
                for item in self.items() {
                    cx.tick(g)?;
                    count += i64::from(equal_item(cx, item, *value, 0, g)?);
                }
                Ok(Value::Int(count))
            }
            ("index", [value]) => {
                for (at, item) in self.items().into_iter().enumerate() {
                    cx.tick(g)?;
                    if equal_item(cx, item, *value, 0, g)? {
                        return Ok(Value::Int(at as i64));
                    }
                }
                Err(not_in_deque(cx, *value, g)?)
            }
            ("remove", [value]) => {
                let mut items = self.items();
                for at in 0..items.len() {
                    cx.tick(g)?;
                    if equal_item(cx, items[at], *value, 0, g)? {
                        items.remove(at);
                        self.assign(cx, &items, g)?;
                        return Ok(Value::None);
                    }
                }
                Err(not_in_deque(cx, *value, g)?)
            }
            ("insert", [at, value]) if self.most.is_none() => {
                let mut items = self.items();
                let at = at.index().ok_or_else(|| BailKind::Exception.at(g))?;
                let len = items.len() as i64;
                let at = if at < 0 { (at + len).max(0) } else { at.min(len) };
                items.insert(at as usize, *value);
                none(self.assign(cx, &items, g))
            }
            ("__reversed__", []) => {
                let Some(deque) = as_deque(this) else { return Err(BailKind::Unsupported.at(g)) };
                let changes = deque.held.changes.get();
                object_new(cx, DequeIter { deque, place: Cell::new(0), changes, backwards: true }, g)
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn compare(
        &self,
        cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        let Some(other) = as_deque(other) else { return Ok(None) };
        let left = crate::list_new(cx, &self.items(), g)?;
        let right = crate::list_new(cx, &other.items(), g)?;
        match op::rich_compare(cx, op, left.into(), right.into(), g)? {
            Value::Bool(result) => Ok(Some(result.get())),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn binary(
        &self,
        cx: &'a Cx<'a>,
        op: BinaryOp,
        _this: Value<'a>,
        other: Value<'a>,
        reflected: bool,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        match (op, as_deque(other), reflected) {
            (BinaryOp::Add, Some(other), false) => {
                let result = Deque::new(cx, self.most, g)?;
                result.refill(cx, &[self.items(), other.items()].concat(), g)?;
                object_new(cx, result, g).map(Some)
            }
            (BinaryOp::Mul, _, _) if let Value::Int(times) = other => {
                let items = self.items();
                let times = usize::try_from(times).unwrap_or(0);
                let most = self.most.unwrap_or(usize::MAX);
                cx.reserve(items.len().saturating_mul(times).min(most).saturating_mul(16), g)?;
                let result = Deque::new(cx, self.most, g)?;
                for _ in 0..times {
                    for item in &items {
                        cx.tick(g)?;
                        result.push(cx, *item, false, g)?;
                    }
                }
                object_new(cx, result, g).map(Some)
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn inplace(
        &self,
        cx: &'a Cx<'a>,
        op: BinaryOp,
        this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        match op {
            BinaryOp::Add => {
                self.method(cx, this, "extend", Args::of(&[other]), g)?;
                Ok(Some(this))
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        out.push_str("deque(");
        let list = crate::list_new(cx, &self.items(), g)?;
        crate::repr::write_repr(cx, out, list.into(), g)?;
        if let Some(most) = self.most {
            out.push_str(&format!(", maxlen={most}"));
        }
        out.push(')');
        Ok(())
    }
}
