//! The module `operator`.

use crate::op::{BinaryOp, CompareOp};
use crate::{
    Args, BailKind, Builtin, Cx, Obj, Result, Str, Type, Value, attr, builtin, call, object_new, op, tuple_new,
};

macro_rules! operators {
    ($($name:literal $call:expr;)+) => {
        /// The functions of `operator`.
        pub(super) const OPERATOR: &[Builtin] =
            &[$(Builtin { module: "operator", name: $name, call: |cx, args, g| $call(cx, args, g) }),+];
    };
}

operators! {
    "add" |cx, args, g| builtin::apply(cx, BinaryOp::Add, args, g);
    "sub" |cx, args, g| builtin::apply(cx, BinaryOp::Sub, args, g);
    "mul" |cx, args, g| builtin::apply(cx, BinaryOp::Mul, args, g);
    "truediv" |cx, args, g| builtin::apply(cx, BinaryOp::Div, args, g);
    "floordiv" |cx, args, g| builtin::apply(cx, BinaryOp::FloorDiv, args, g);
    "mod" |cx, args, g| builtin::apply(cx, BinaryOp::Mod, args, g);
    "pow" |cx, args, g| builtin::apply(cx, BinaryOp::Pow, args, g);
    "and_" |cx, args, g| builtin::apply(cx, BinaryOp::BitAnd, args, g);
    "or_" |cx, args, g| builtin::apply(cx, BinaryOp::BitOr, args, g);
    "xor" |cx, args, g| builtin::apply(cx, BinaryOp::BitXor, args, g);
    "lshift" |cx, args, g| builtin::apply(cx, BinaryOp::LShift, args, g);
    "rshift" |cx, args, g| builtin::apply(cx, BinaryOp::RShift, args, g);
    "eq" |cx, args, g| compared(cx, CompareOp::Eq, args, g);
    "ne" |cx, args, g| compared(cx, CompareOp::Ne, args, g);
    "lt" |cx, args, g| compared(cx, CompareOp::Lt, args, g);
    "le" |cx, args, g| compared(cx, CompareOp::Le, args, g);
    "gt" |cx, args, g| compared(cx, CompareOp::Gt, args, g);
    "ge" |cx, args, g| compared(cx, CompareOp::Ge, args, g);
    "neg" neg;
    "not_" not;
    "contains" contains;
    "getitem" getitem;
    "is_" |cx, args, g| identity(cx, args, true, g);
    "is_not" |cx, args, g| identity(cx, args, false, g);
    "concat" concat;
    "countOf" count_of;
    "abs" |cx, args, g| special(cx, args, "abs", g);
    "truth" truth;
    "index" index;
    "setitem" setitem;
    "iadd" |cx, args, g| in_place(cx, BinaryOp::Add, args, g);
    "isub" |cx, args, g| in_place(cx, BinaryOp::Sub, args, g);
    "imul" |cx, args, g| in_place(cx, BinaryOp::Mul, args, g);
    "methodcaller" methodcaller;
    "itemgetter" itemgetter;
    "attrgetter" attrgetter;
}

fn index<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        // Always an int itself, of a bool too.
        [v @ (Value::Int(_) | Value::Big(_) | Value::Bool(_) | Value::Instance(_))] => {
            attr::index_of(cx, *v, g)?.ok_or_else(|| BailKind::Exception.at(g))
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn compared<'a>(cx: &'a Cx<'a>, op: CompareOp, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [l, r] => op::rich_compare(cx, op, *l, *r, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn neg<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [v] => op::neg(cx, *v, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn not<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [v] => crate::truth(cx, *v, g).map(|truth| Value::bool(!truth)),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn contains<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [container, item] => op::contains(cx, *item, *container, g).map(Value::bool),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn getitem<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [object, index] => op::index(cx, *object, *index, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `itemgetter` and `attrgetter`.
struct Getter<'a> {
    keys: &'a [Value<'a>],
    attributes: bool,
}

fn itemgetter<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    getter(cx, args, false, g)
}

fn attrgetter<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    getter(cx, args, true, g)
}

fn getter<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, attributes: bool, g: u32) -> Result<Value<'a>> {
    let keys = args.positional(g)?;
    if keys.is_empty() || attributes && !keys.iter().all(|key| matches!(key, Value::Str(_))) {
        return Err(BailKind::Exception.at(g));
    }
    let keys = cx.alloc_slice(keys.len(), |at| keys[at], g)?;
    object_new(cx, Getter { keys, attributes }, g)
}

impl<'a> Obj<'a> for Getter<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let [object] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
        let one = |key: Value<'a>| match key {
            Value::Str(path) if self.attributes => path
                .text()
                .split('.')
                .try_fold(*object, |object, part| attr::get(cx, object, crate::str_new(cx, part, g)?, g)),
            _ => op::index(cx, *object, key, g),
        };
        if let [only] = self.keys {
            return one(*only);
        }
        let items = self.keys.iter().map(|key| one(*key)).collect::<Result<Vec<_>>>()?;
        tuple_new(cx, &items, g).map(Value::Tuple)
    }
}

fn identity<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, same: bool, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [l, r] => Ok(Value::bool(op::is(cx, *l, *r, g)? == same)),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `concat(a, b)` of sequences of one type.
fn concat<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [l @ (Value::List(_) | Value::Str(_) | Value::Tuple(_)), r] => op::binary(cx, BinaryOp::Add, *l, *r, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn count_of<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [source, wanted] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let mut count = 0;
    for item in builtin::collect(cx, *source, g)? {
        count += i64::from(op::is(cx, item, *wanted, g)? || op::eq(cx, item, *wanted, g)?);
    }
    Ok(Value::Int(count))
}

/// A function of `operator` that is the built-in one.
fn special<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, name: &'static str, g: u32) -> Result<Value<'a>> {
    call(cx, super::value(cx, name, g)?, args, g)
}

fn truth<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [v] => crate::truth(cx, *v, g).map(Value::bool),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn setitem<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [object, index, value] => op::set_index(cx, *object, *index, *value, g).map(|()| Value::None),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn in_place<'a>(cx: &'a Cx<'a>, op: BinaryOp, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [l, r] => op::inplace(cx, op, *l, *r, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `methodcaller(name, *args)`
struct MethodCaller<'a> {
    name: Str<'a>,
    args: &'a [Value<'a>],
    kwargs: &'a [(Str<'a>, Value<'a>)],
}

fn methodcaller<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Value::Str(name), rest @ ..] = args.pos else { return Err(BailKind::Exception.at(g)) };
    let own = cx.alloc_slice(rest.len(), |at| rest[at], g)?;
    let kwargs = cx.alloc_slice(args.kw.len(), |at| args.kw[at], g)?;
    object_new(cx, MethodCaller { name: *name, args: own, kwargs }, g)
}

impl<'a> Obj<'a> for MethodCaller<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match args.positional(g)? {
            [v] => crate::call_method(cx, *v, self.name, Args { pos: self.args, kw: self.kwargs }, g),
            _ => Err(BailKind::Exception.at(g)),
        }
    }
}
