//! `bytearray` (`Objects/bytearrayobject.c`): a growing byte string in the arena.

use std::cell::Cell;

use crate::op::{BinaryOp, CompareOp};
use crate::slice::{Selection, select};
use crate::{Args, BailKind, Cx, Obj, Result, Type, Value, bytes_new, method, object_new};

/// A bytearray.
struct ByteArray<'a> {
    bytes: Cell<&'a [Cell<u8>]>,
    len: Cell<usize>,
}

/// A bytearray with a copy of `bytes`.
pub(crate) fn bytearray_new<'a>(cx: &'a Cx<'a>, bytes: &[u8], g: u32) -> Result<Value<'a>> {
    let made = ByteArray { bytes: Cell::new(&[]), len: Cell::new(0) };
    made.assign(cx, bytes, g)?;
    object_new(cx, made, g)
}

/// `bytearray(…)`
pub(crate) fn construct<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let content = match (args.pos, args.kw) {
        ([source @ (Value::List(_) | Value::Tuple(_) | Value::Range(_) | Value::Object(_))], []) => {
            let mut bytes = Vec::new();
            match like(*source) {
                Some(found) => bytes = found,
                None => {
                    for item in crate::builtin::collect(cx, *source, g)? {
                        bytes.push(method::byte(cx, item, "byte", g)?);
                    }
                }
            }
            bytes
        }
        _ => match crate::codec::bytes(cx, args, g)? {
            Value::Bytes(bytes) => bytes.bytes().to_vec(),
            _ => return Err(BailKind::Unsupported.at(g)),
        },
    };
    bytearray_new(cx, &content, g)
}

fn like(v: Value<'_>) -> Option<Vec<u8>> {
    match crate::plain(v) {
        Value::Bytes(bytes) => Some(bytes.bytes().to_vec()),
        Value::Object(object) => object.get().as_bytes(),
        _ => None,
    }
}

impl<'a> ByteArray<'a> {
    fn content(&self) -> Vec<u8> {
        self.bytes.get()[..self.len.get()].iter().map(Cell::get).collect()
    }

    fn assign(&self, cx: &'a Cx<'a>, bytes: &[u8], g: u32) -> Result<()> {
        if bytes.len() > self.bytes.get().len() {
            let room = bytes.len() + bytes.len() / 8 + 8;
            self.bytes.set(cx.alloc_slice(room, |_| Cell::new(0), g)?);
        }
        for (place, byte) in self.bytes.get().iter().zip(bytes) {
            place.set(*byte);
        }
        self.len.set(bytes.len());
        Ok(())
    }

    fn push(&self, cx: &'a Cx<'a>, byte: u8, g: u32) -> Result<()> {
        let len = self.len.get();
        if len == self.bytes.get().len() {
            let old = self.bytes.get();
            let room = len * 2 + 8;
            self.bytes.set(cx.alloc_slice(room, |at| Cell::new(old.get(at).map_or(0, Cell::get)), g)?);
        }
        self.bytes.get()[len].set(byte);
        self.len.set(len + 1);
        Ok(())
    }

    fn place(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<usize> {
        let Some(at) = index.index() else { return Err(BailKind::Exception.at(g)) };
        let len = self.len.get() as i64;
        let at = if at < 0 { at + len } else { at };
        match (0..len).contains(&at) {
            true => Ok(at as usize),
            false => Err(cx.raise(Type::IndexError, "bytearray index out of range", g)),
        }
    }
}

impl<'a> Obj<'a> for ByteArray<'a> {
    fn kind(&self) -> Type {
        Type::ByteArray
    }

    fn as_bytes(&self) -> Option<Vec<u8>> {
        Some(self.content())
    }

    fn len(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<usize>> {
        Ok(Some(self.len.get()))
    }

    fn iter(&self, cx: &'a Cx<'a>, this: Value<'a>, g: u32) -> Result<Value<'a>> {
        object_new(cx, ByteArrayIter { array: this, at: Cell::new(0) }, g)
    }

    fn contains(&self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<Option<bool>> {
        let inner = Value::Bytes(bytes_new(cx, &self.content(), g)?);
        crate::op::contains(cx, item, inner, g).map(Some)
    }

    fn get_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        if let Value::Object(object) = index
            && let Some(slice) = object.get().as_slice()
        {
            let inner = Value::Bytes(bytes_new(cx, &self.content(), g)?);
            let Value::Bytes(cut) = crate::op::get_slice(cx, inner, slice.start, slice.stop, slice.step, g)? else {
                return Err(BailKind::Unsupported.at(g));
            };
            return bytearray_new(cx, cut.bytes(), g);
        }
        Ok(Value::Int(i64::from(self.bytes.get()[self.place(cx, index, g)?].get())))
    }

    fn set_item(&self, cx: &'a Cx<'a>, index: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        if let Value::Object(object) = index
            && let Some(slice) = object.get().as_slice()
        {
            let Selection { start, step, count, .. } =
                select(cx, slice.start, slice.stop, slice.step, self.len.get(), g)?;
            let mut content = self.content();
            if step != 1 {
                let values = like(value).ok_or_else(|| BailKind::Unsupported.at(g))?;
                if values.len() != count {
                    let text =
                        format!("attempt to assign bytes of size {} to extended slice of size {count}", values.len());
                    return Err(cx.raise(Type::ValueError, &text, g));
                }
                for (at, byte) in values.into_iter().enumerate() {
                    content[start.wrapping_add_signed(step.wrapping_mul(at as isize))] = byte;
                }
                return self.assign(cx, &content, g);
            }
            content.splice(start..start + count, like(value).ok_or_else(|| BailKind::Unsupported.at(g))?);
            return self.assign(cx, &content, g);
        }
        let at = self.place(cx, index, g)?;
        self.bytes.get()[at].set(method::byte(cx, value, "byte", g)?);
        Ok(())
    }

    fn del_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<()> {
        let at = self.place(cx, index, g)?;
        let mut content = self.content();
        content.remove(at);
        self.assign(cx, &content, g)
    }

    fn has_method(&self, name: &str) -> bool {
        method::BYTES.contains(&name)
            || matches!(name, "append" | "extend" | "pop" | "insert" | "remove" | "reverse" | "clear" | "copy")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let content = self.content();
        if name == "decode" {
            return crate::codec::decode(cx, &content, args, g);
        }
        if method::BYTES.contains(&name) {
            return method::bytes_method(cx, &content, name, args, bytearray_new, g);
        }
        match (name, args.positional(g)?) {
            ("append", [item]) => self.push(cx, method::byte(cx, *item, "byte", g)?, g)?,
            ("extend", [source]) => {
                let added = method::bytes_content(cx, *source, g)?;
                self.assign(cx, &[content, added].concat(), g)?;
            }
            ("clear", []) => self.len.set(0),
            ("copy", []) => return bytearray_new(cx, &content, g),
            ("reverse", []) => self.assign(cx, &content.into_iter().rev().collect::<Vec<u8>>(), g)?,
            ("pop", rest @ ([] | [_])) => {
                if content.is_empty() {
                    return Err(cx.raise(Type::IndexError, "pop from empty bytearray", g));
                }
                let at = rest.first().map_or(Some(-1), |at| at.index()).ok_or_else(|| BailKind::Exception.at(g))?;
                let at = if at < 0 { at + content.len() as i64 } else { at };
                let Some(at) = usize::try_from(at).ok().filter(|at| *at < content.len()) else {
                    return Err(cx.raise(Type::IndexError, "pop index out of range", g));
                };
                let mut content = content;
                let removed = content.remove(at);
                self.assign(cx, &content, g)?;
                return Ok(Value::Int(i64::from(removed)));
            }
            ("insert", [at, item]) => {
                let at = at.index().ok_or_else(|| BailKind::Exception.at(g))?;
                let len = content.len() as i64;
                let at = if at < 0 { (at + len).max(0) } else { at.min(len) };
                let mut content = content;
                content.insert(at as usize, method::byte(cx, *item, "byte", g)?);
                self.assign(cx, &content, g)?;
            }
            ("remove", [item]) => {
                let wanted = method::byte(cx, *item, "byte", g)?;
                let Some(at) = content.iter().position(|byte| *byte == wanted) else {
                    return Err(cx.raise(Type::ValueError, "value not found in bytearray", g));
                };
                let mut content = content;
                content.remove(at);
                self.assign(cx, &content, g)?;
            }
            _ => return Err(BailKind::Unsupported.at(g)),
        }
        Ok(Value::None)
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
        match (op, like(other), other.index()) {
            (BinaryOp::Add, Some(other), _) if !reflected => {
                bytearray_new(cx, &[self.content(), other].concat(), g).map(Some)
            }
            // The left operand gives the result's type.
            (BinaryOp::Add, Some(other), _) => {
                bytes_new(cx, &[other, self.content()].concat(), g).map(|bytes| Some(Value::Bytes(bytes)))
            }
            (BinaryOp::Mul, _, Some(times)) => {
                let times = usize::try_from(times).unwrap_or(0);
                cx.reserve(self.len.get().saturating_mul(times), g)?;
                bytearray_new(cx, &self.content().repeat(times), g).map(Some)
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
        match (op, like(other)) {
            (BinaryOp::Add, Some(other)) => {
                self.assign(cx, &[self.content(), other].concat(), g)?;
                Ok(Some(this))
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn compare(
        &self,
        _cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        _g: u32,
    ) -> Result<Option<bool>> {
        let Some(other) = like(other) else { return Ok(None) };
        let order = self.content().cmp(&other);
        Ok(Some(match op {
            CompareOp::Eq => order.is_eq(),
            CompareOp::Ne => order.is_ne(),
            CompareOp::Lt => order.is_lt(),
            CompareOp::Le => order.is_le(),
            CompareOp::Gt => order.is_gt(),
            CompareOp::Ge => order.is_ge(),
        }))
    }

    fn repr(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        out.push_str("bytearray(");
        crate::repr::write_bytes(out, &self.content());
        out.push(')');
        Ok(())
    }
}

struct ByteArrayIter<'a> {
    array: Value<'a>,
    at: Cell<usize>,
}

impl<'a> Obj<'a> for ByteArrayIter<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn iter(&self, _cx: &'a Cx<'a>, this: Value<'a>, _g: u32) -> Result<Value<'a>> {
        Ok(this)
    }

    fn next(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let Value::Object(array) = self.array else { return Ok(None) };
        let len = array.get().len(cx, g)?.unwrap_or(0);
        let at = self.at.get();
        if at >= len {
            // An iterator that has ended stays so.
            self.at.set(usize::MAX);
            return Ok(None);
        }
        self.at.set(at + 1);
        array.get().get_item(cx, Value::Int(at as i64), g).map(Some)
    }
}
