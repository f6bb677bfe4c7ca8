//! `threading.Lock` and `threading.RLock`, which nobody else can hold: an invocation has its module to itself.

use std::cell::Cell;

use crate::{Args, BailKind, Builtin, Cx, Obj, Result, Type, Value, object_new};

/// What `threading` has natively.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "threading", name: "Lock", call: |cx, args, g| made(cx, false, args, g) },
    Builtin { module: "threading", name: "RLock", call: |cx, args, g| made(cx, true, args, g) },
];

struct Lock {
    held: Cell<u32>,
    again: bool,
}

fn made<'a>(cx: &'a Cx<'a>, again: bool, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [] => object_new(cx, Lock { held: Cell::new(0), again }, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

impl Lock {
    /// Waiting would be for ever; that is CPython's.
    fn acquire(&self, cx: &Cx<'_>, g: u32) -> Result<()> {
        if self.held.get() > 0 && !self.again {
            return Err(BailKind::Unsupported.at(g));
        }
        self.held.set(self.held.get() + 1);
        cx.locks().set(cx.locks().get() + 1);
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, g: u32) -> Result<()> {
        let held = self.held.get().checked_sub(1).ok_or_else(|| BailKind::Exception.at(g))?;
        self.held.set(held);
        cx.locks().set(cx.locks().get() - 1);
        Ok(())
    }
}

impl<'a> Obj<'a> for Lock {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        if self.has_method(name) { Ok(None) } else { Err(BailKind::Unsupported.at(g)) }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "acquire" | "release" | "__enter__" | "__exit__") || name == "locked" && !self.again
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.pos, args.kw) {
            ("acquire" | "__enter__", [], []) => self.acquire(cx, g).map(|()| Value::bool(true)),
            ("acquire", _, _) => match args.bind(["blocking"], 0, 1, g)? {
                [Some(Value::Bool(_))] => self.acquire(cx, g).map(|()| Value::bool(true)),
                _ => Err(BailKind::Unsupported.at(g)),
            },
            ("release", [], []) | ("__exit__", _, []) => self.release(cx, g).map(|()| Value::None),
            ("locked", [], []) => Ok(Value::bool(self.held.get() > 0)),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}
