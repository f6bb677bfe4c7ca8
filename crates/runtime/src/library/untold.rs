//! What a library's exception holds that only CPython can tell: texts with addresses of objects in them, and such objects.

use crate::op::{BinaryOp, CompareOp};
use crate::{Args, Bail, BailKind, Cx, Instance, Obj, Result, Type, Value, object_new};

/// Stands for such an object: who looks at it bails out, and CPython's rerun is told by the journal what came.
struct Untold;

/// Such an object.
pub(super) fn untold<'a>(cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, Untold, g)
}

/// Raises what a library raises while it handles an exception of its own, with that as its `cause` or not.
pub(super) fn raise_within<'a>(cx: &'a Cx<'a>, error: Instance<'a>, is_cause: bool, g: u32) -> Result<Bail> {
    if let Some(state) = error.error() {
        let inner = untold(cx, g)?;
        state.context.set(inner);
        if is_cause {
            state.cause.set(inner);
            state.suppress.set(true);
        }
    }
    Ok(cx.throw(error, g))
}

fn ask<T>(g: u32) -> Result<T> {
    Err(BailKind::Effect.at(g))
}

impl<'a> Obj<'a> for Untold {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, _name: &str, g: u32) -> Result<Option<Value<'a>>> {
        ask(g)
    }

    fn method(&self, _cx: &'a Cx<'a>, _this: Value<'a>, _name: &str, _args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        ask(g)
    }

    fn iter(&self, _cx: &'a Cx<'a>, _this: Value<'a>, g: u32) -> Result<Value<'a>> {
        ask(g)
    }

    fn len(&self, _cx: &'a Cx<'a>, g: u32) -> Result<Option<usize>> {
        ask(g)
    }

    fn contains(&self, _cx: &'a Cx<'a>, _item: Value<'a>, g: u32) -> Result<Option<bool>> {
        ask(g)
    }

    fn get_item(&self, _cx: &'a Cx<'a>, _index: Value<'a>, g: u32) -> Result<Value<'a>> {
        ask(g)
    }

    fn binary(
        &self,
        _cx: &'a Cx<'a>,
        _op: BinaryOp,
        _this: Value<'a>,
        _other: Value<'a>,
        _reflected: bool,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        ask(g)
    }

    fn compare(
        &self,
        _cx: &'a Cx<'a>,
        _op: CompareOp,
        _this: Value<'a>,
        _other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        ask(g)
    }

    fn hash(&self, _cx: &'a Cx<'a>, g: u32) -> Result<i64> {
        ask(g)
    }

    fn repr(&self, _cx: &'a Cx<'a>, _out: &mut String, g: u32) -> Result<()> {
        ask(g)
    }

    fn format(&self, _cx: &'a Cx<'a>, _out: &mut String, _spec: &str, g: u32) -> Result<()> {
        ask(g)
    }
}
