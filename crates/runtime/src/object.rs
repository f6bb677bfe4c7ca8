//! Objects of library and rarer built-in types: whatever has no kind of its own in [`Value`].
//!
//! A type implements what it can do of [`Obj`]; everything else bails out, so that CPython decides.

use crate::library::datetime::Temporal;
use crate::library::logging;
use crate::op::{self, BinaryOp, CompareOp};
use crate::python_hash::PythonHash;
use crate::{Args, BailKind, Cx, Result, Str, Stream, Type, Value};

/// An object of a library type; copies share it.
#[derive(Copy, Clone)]
pub struct Object<'a>(&'a &'a dyn Obj<'a>);

/// A new object.
pub fn object_new<'a, T: Obj<'a> + 'a>(cx: &'a Cx<'a>, object: T, g: u32) -> Result<Value<'a>> {
    let object: &'a dyn Obj<'a> = cx.alloc(object, g)?;
    Ok(Value::Object(Object(cx.alloc(object, g)?)))
}

impl<'a> Object<'a> {
    /// Where it is, which tells it from others.
    pub(crate) fn address(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// What it can do.
    #[inline]
    #[must_use]
    pub fn get(self) -> &'a dyn Obj<'a> {
        *self.0
    }

    /// Whether both are the same object.
    #[must_use]
    pub fn same(self, other: Object<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

/// What an object of a library type can do; `this` is the object itself as a value.
///
/// Each method that a type does not have bails out with `Unsupported`.
#[allow(unused_variables, missing_docs)]
pub trait Obj<'a> {
    /// Its class.
    fn kind(&self) -> Type;

    /// The attribute `name`, if it is a data attribute that is known here.
    fn attr(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(None)
    }

    /// `this.name = value`
    fn set_attr(&self, cx: &'a Cx<'a>, name: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
        unsupported(g)
    }

    /// Whether [`Obj::method`] knows `name`.
    fn has_method(&self, name: &str) -> bool {
        false
    }

    /// `this.name(*args)`
    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        unsupported(g)
    }

    /// `this(*args)`
    fn call(&self, cx: &'a Cx<'a>, this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        unsupported(g)
    }

    /// Whether it can be called.
    fn is_callable(&self) -> bool {
        false
    }

    /// `iter(this)`; an iterator gives itself.
    fn iter(&self, cx: &'a Cx<'a>, this: Value<'a>, g: u32) -> Result<Value<'a>> {
        unsupported(g)
    }

    /// The next item of an iterator, or none at its end.
    fn next(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        unsupported(g)
    }

    /// The next item of an iterator in two, as `a, b = item` unpacks it at the guard `at`.
    fn next_pair(&self, cx: &'a Cx<'a>, g: u32, at: u32) -> Result<Option<[Value<'a>; 2]>> {
        match self.next(cx, g)? {
            Some(item) => op::unpack(cx, item, at).map(Some),
            None => Ok(None),
        }
    }

    /// `len(this)`; none where the type has no length.
    fn len(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<usize>> {
        Ok(None)
    }

    /// `bool(this)`
    fn truth(&self, cx: &'a Cx<'a>, g: u32) -> Result<bool> {
        Ok(self.len(cx, g)?.is_none_or(|len| len > 0))
    }

    /// `item in this`; none where membership goes by iterating.
    fn contains(&self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<Option<bool>> {
        Ok(None)
    }

    /// `this[index]`
    fn get_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        unsupported(g)
    }

    /// `this[index] = value`
    fn set_item(&self, cx: &'a Cx<'a>, index: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        unsupported(g)
    }

    /// `del this[index]`
    fn del_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<()> {
        unsupported(g)
    }

    /// `this op other`, or `other op this` if `reflected`; none for `NotImplemented`.
    fn binary(
        &self,
        cx: &'a Cx<'a>,
        op: BinaryOp,
        this: Value<'a>,
        other: Value<'a>,
        reflected: bool,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        unsupported(g)
    }

    /// `this op= other` in place; none where there is no such method.
    fn inplace(
        &self,
        cx: &'a Cx<'a>,
        op: BinaryOp,
        this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        Ok(None)
    }

    /// What the unary operator with that special method (`__neg__`, `__abs__` …) gives; none where there is no such method.
    fn unary(&self, cx: &'a Cx<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        unsupported(g)
    }

    /// `this op other`; none for `NotImplemented`.
    fn compare(
        &self,
        cx: &'a Cx<'a>,
        op: CompareOp,
        this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        Ok(match (op, other) {
            // By identity, as `object` does it; two different objects of a type that compares by value override this.
            (CompareOp::Eq, Value::Object(other)) if same(this, other) => Some(true),
            _ => return unsupported(g),
        })
    }

    /// A hash for dicts: equal objects have the same.
    fn hash(&self, cx: &'a Cx<'a>, g: u32) -> Result<i64> {
        unsupported(g)
    }

    /// `hash(this)` where that is CPython's at all.
    fn python_hash(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<PythonHash>> {
        Ok(None)
    }

    /// `copy.copy(this)` and `copy.deepcopy(this)` of what never changes.
    fn copied(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        Ok(None)
    }

    /// Writes `repr(this)`.
    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        unsupported(g)
    }

    /// Writes `str(this)`.
    fn str(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        self.repr(cx, out, g)
    }

    /// `format(this, spec)` with a spec that is not empty.
    fn format(&self, cx: &'a Cx<'a>, out: &mut String, spec: &str, g: u32) -> Result<()> {
        unsupported(g)
    }

    /// Whether it is an object of the loaded module, which documents of its state can name.
    fn is_of_module(&self) -> bool {
        false
    }

    /// Says that it is.
    fn give(&self) {}

    /// The handler of `logging` that it is.
    fn as_handler(&self) -> Option<&logging::Handler<'a>> {
        None
    }

    /// The formatter of `logging` that it is, as what has its format.
    fn as_format(&self) -> Option<logging::Format<'a>> {
        None
    }

    /// The standard stream that it is.
    fn as_stream(&self) -> Option<Stream> {
        None
    }

    /// The slice that it is.
    fn as_slice(&self) -> Option<&crate::slice::Slice<'a>> {
        None
    }

    /// The `property` that it is.
    fn as_property(&self) -> Option<&crate::descriptor::Property<'a>> {
        None
    }

    /// The function under a `staticmethod`.
    fn as_static_method(&self) -> Option<Value<'a>> {
        None
    }

    /// The function under a `classmethod`.
    fn as_class_method(&self) -> Option<Value<'a>> {
        None
    }

    /// The pattern that it is compiled from.
    fn as_pattern(&self) -> Option<&'static crate::sre::Pattern> {
        None
    }

    /// The view of a dict that it is.
    fn as_view(&self) -> Option<&crate::views::View<'a>> {
        None
    }

    /// The deque that it is.
    fn as_deque(&self) -> Option<&crate::library::deque::Deque<'a>> {
        None
    }

    /// Whether it binds to instances like a function, when a class has it.
    fn binds(&self) -> bool {
        false
    }

    /// The dataclass of which it is a generated method.
    fn as_generated(&self) -> Option<&'a crate::class::Dataclass<'a>> {
        None
    }

    /// What an object of the module `datetime` holds.
    fn as_temporal(&self) -> Option<Temporal<'a>> {
        None
    }

    /// The items of a tuple whose items have names.
    fn as_record(&self) -> Option<crate::Tuple<'a>> {
        None
    }

    /// The store of the headers that it is.
    fn as_headers(&self) -> Option<crate::Dict<'a>> {
        None
    }

    /// The names and values of the headers that it is, where one may stand several times.
    fn as_header_list(&self) -> Option<crate::List<'a>> {
        None
    }

    /// Names and values of the `HTTPMessage` that it is.
    fn as_message(&self) -> Option<&'a [(Str<'a>, Str<'a>)]> {
        None
    }

    /// The text of the URL that it is.
    fn as_url(&self) -> Option<Str<'a>> {
        None
    }

    /// How long connecting and reading may take, if it says so.
    fn as_timeouts(&self) -> Option<[Option<std::time::Duration>; 2]> {
        None
    }

    /// Whether a dict takes its items by `keys`.
    fn is_mapping(&self) -> bool {
        self.as_headers().is_some()
    }

    /// The request of `urllib.request` that it is.
    fn as_request(&self) -> Option<&dyn Obj<'a>> {
        None
    }

    /// The bytes of a bytes-like object.
    fn as_bytes(&self) -> Option<Vec<u8>> {
        None
    }
}

fn same<'a>(this: Value<'a>, other: Object<'a>) -> bool {
    matches!(this, Value::Object(this) if this.same(other))
}

fn unsupported<T>(g: u32) -> Result<T> {
    Err(BailKind::Unsupported.at(g))
}
