//! Operators on what is neither a small int nor a float: the program's special methods and the library's types
//! (`binary_op1` in `Objects/abstract.c`).

use super::generic::{add, bit_and, bit_or, bit_xor, div, floordiv, lshift, modulo, mul, pow, rshift, sub};
use crate::{Args, Bail, BailKind, Cx, Result, Type, Value, arith, attr, call, class_of, plain};

macro_rules! operators {
    ($($variant:ident $symbol:literal $method:literal $reflected:literal $inplace:literal $function:ident;)+) => {
        /// An operator of two operands.
        #[derive(Copy, Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum BinaryOp { $($variant),+ }

        impl BinaryOp {
            /// As Python writes it.
            #[must_use]
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol),+ }
            }

            /// The operator whose method, or whose reflected one, has that name.
            pub(crate) fn of_method(name: &str) -> Option<(Self, bool)> {
                $(if name == $method {
                    return Some((Self::$variant, false));
                }
                if name == $reflected {
                    return Some((Self::$variant, true));
                })+
                None
            }

            const fn method(self) -> &'static str {
                match self { $(Self::$variant => $method),+ }
            }

            const fn reflected(self) -> &'static str {
                match self { $(Self::$variant => $reflected),+ }
            }

            const fn inplace(self) -> &'static str {
                match self { $(Self::$variant => $inplace),+ }
            }
        }

        /// `l op r`
        pub fn binary<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
            match op { $(BinaryOp::$variant => $function(cx, l, r, g)),+ }
        }
    };
}

operators! {
    Add "+" "__add__" "__radd__" "__iadd__" add;
    Sub "-" "__sub__" "__rsub__" "__isub__" sub;
    Mul "*" "__mul__" "__rmul__" "__imul__" mul;
    Div "/" "__truediv__" "__rtruediv__" "__itruediv__" div;
    FloorDiv "//" "__floordiv__" "__rfloordiv__" "__ifloordiv__" floordiv;
    Mod "%" "__mod__" "__rmod__" "__imod__" modulo;
    Pow "** or pow()" "__pow__" "__rpow__" "__ipow__" pow;
    LShift "<<" "__lshift__" "__rlshift__" "__ilshift__" lshift;
    RShift ">>" "__rshift__" "__rrshift__" "__irshift__" rshift;
    BitAnd "&" "__and__" "__rand__" "__iand__" bit_and;
    BitOr "|" "__or__" "__ror__" "__ior__" bit_or;
    BitXor "^" "__xor__" "__rxor__" "__ixor__" bit_xor;
    MatMul "@" "__matmul__" "__rmatmul__" "__imatmul__" matmul;
}

/// A comparison.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl CompareOp {
    /// Whether it is true of values in that order.
    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }
}

/// `l @ r`
pub fn matmul<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    // What it says of ints beyond 64 bits is not known here.
    if matches!(l, Value::Big(_)) || matches!(r, Value::Big(_)) {
        return Err(BailKind::Unsupported.at(g));
    }
    other(cx, BinaryOp::MatMul, l, r, g)
}

/// `l op r` where the quick ways do not apply.
#[inline(never)]
pub(super) fn other<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let Some(result) = arith::binary(cx, op, l, r, g)? {
        return Ok(result);
    }
    // A subclass's reflected method goes first.
    let unknown = [l, r].into_iter().any(|v| crate::type_of(v) == Type::LibraryObject);
    let (same, right_first) = match unknown {
        // The class of a library object is known to itself alone.
        true => (false, false),
        false => {
            let (left, right) = (class_of(cx, l, g)?, class_of(cx, r, g)?);
            let right_first = !left.same(right)
                && right.is(left)
                && attr::special(cx, r, op.reflected(), g)?.is_some()
                && right.lookup(cx, cx.name(op.reflected(), g)?).map(identity)
                    != left.lookup(cx, cx.name(op.reflected(), g)?).map(identity);
            (left.same(right), right_first)
        }
    };
    let mut tried_right = false;
    if right_first {
        tried_right = true;
        if let Some(result) = method(cx, op.reflected(), r, l, g)? {
            return Ok(result);
        }
    }
    if let Some(result) = method(cx, op.method(), l, r, g)? {
        return Ok(result);
    }
    after_left(cx, op, l, r, !tried_right && !same, g)
}

/// `l op r` after the method of `l`, which went first, gave `NotImplemented`.
#[cold]
pub fn declined<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    let same = class_of(cx, l, g)?.same(class_of(cx, r, g)?);
    after_left(cx, op, l, r, !same, g)
}

/// What follows the method of the left operand; `reflects` if the right one's is still to be asked.
fn after_left<'a>(
    cx: &'a Cx<'a>,
    op: BinaryOp,
    l: Value<'a>,
    r: Value<'a>,
    reflects: bool,
    g: u32,
) -> Result<Value<'a>> {
    if let Value::Object(object) = l
        && let Some(result) = object.get().binary(cx, op, l, r, false, g)?
    {
        return Ok(result);
    }
    if reflects && let Some(result) = method(cx, op.reflected(), r, l, g)? {
        return Ok(result);
    }
    if let Value::Object(object) = r
        && let Some(result) = object.get().binary(cx, op, r, l, true, g)?
    {
        return Ok(result);
    }
    let (pl, pr) = (plain(l), plain(r));
    if is_wrapped(l) || is_wrapped(r) {
        return binary(cx, op, pl, pr, g);
    }
    Err(mismatch(cx, op, op.symbol(), l, r, g))
}

/// Whether an instance holds a value of a built-in type.
fn is_wrapped(v: Value<'_>) -> bool {
    matches!(v, Value::Instance(_)) && !matches!(plain(v), Value::Instance(_))
}

/// Tells functions apart.
fn identity(v: Value<'_>) -> usize {
    match v {
        Value::Function(function) => std::ptr::from_ref(function.0).addr(),
        _ => 0,
    }
}

/// The `TypeError` of operands that do not go together.
#[cold]
fn mismatch<'a>(cx: &'a Cx<'a>, op: BinaryOp, symbol: &str, l: Value<'a>, r: Value<'a>, g: u32) -> Bail {
    let name = crate::class::type_name;
    // Sequences have texts of their own.
    let sequence = |v: Value<'a>| {
        matches!(v, Value::Str(_) | Value::List(_) | Value::Tuple(_) | Value::Bytes(_))
            || matches!(crate::type_of(v), Type::ByteArray | Type::Deque)
    };
    let text = match (op, l) {
        // Sequences ask instances for `__index__`.
        (BinaryOp::Mul, _) if sequence(l) && is_index(cx, r, g) || sequence(r) && is_index(cx, l, g) => {
            return BailKind::Unsupported.at(g);
        }
        (BinaryOp::Add, Value::Str(_)) => format!("can only concatenate str (not \"{}\") to str", name(r)),
        (BinaryOp::Add, Value::List(_)) => format!("can only concatenate list (not \"{}\") to list", name(r)),
        (BinaryOp::Add, Value::Tuple(_)) => format!("can only concatenate tuple (not \"{}\") to tuple", name(r)),
        (BinaryOp::Add, Value::Bytes(_)) => format!("can't concat {} to bytes", name(r)),
        (BinaryOp::Mul, _) if sequence(l) => format!("can't multiply sequence by non-int of type '{}'", name(r)),
        (BinaryOp::Mul, _) if sequence(r) => format!("can't multiply sequence by non-int of type '{}'", name(l)),
        (BinaryOp::RShift, Value::Builtin(_)) => return BailKind::Exception.at(g),
        // Formatting of bytes.
        (BinaryOp::Mod, _) if matches!(crate::type_of(l), Type::Bytes | Type::ByteArray) => {
            return BailKind::Unsupported.at(g);
        }
        _ => format!("unsupported operand type(s) for {symbol}: '{}' and '{}'", name(l), name(r)),
    };
    cx.raise(Type::TypeError, &text, g)
}

/// Whether it may stand for an int by a method of the program's.
fn is_index<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> bool {
    !matches!(attr::special(cx, v, "__index__", g), Ok(None))
}

/// Calls the special method, if the program has it; none if it gave `NotImplemented`.
fn method<'a>(cx: &'a Cx<'a>, name: &'static str, v: Value<'a>, arg: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
    Ok(match attr::call_special(cx, v, name, &[arg], g)? {
        Some(Value::NotImplemented) | None => None,
        result => result,
    })
}

/// `l op= r` of a value that may have a method for it.
pub(super) fn inplace<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match l {
        Value::List(_) if op == BinaryOp::Add => return super::iadd(cx, l, r, g),
        Value::List(_) if op == BinaryOp::Mul => return super::imul(cx, l, r, g),
        Value::Instance(_) => {
            if let Some(function) = attr::special(cx, l, op.inplace(), g)? {
                let result = call::with_receiver(cx, function, l, Args::of(&[r]), g)?;
                if !matches!(result, Value::NotImplemented) {
                    return Ok(result);
                }
            } else if is_wrapped(l) && matches!(plain(l), Value::List(_) | Value::Dict(_) | Value::Set(_)) {
                // In place on what it holds; the result is the instance itself.
                inplace(cx, op, plain(l), plain(r), g)?;
                return Ok(l);
            }
        }
        Value::Object(object) => {
            if let Some(result) = object.get().inplace(cx, op, l, r, g)? {
                return Ok(result);
            }
        }
        Value::Dict(_) | Value::Set(_) => {
            if let Some(result) = arith::inplace(cx, op, l, r, g)? {
                return Ok(result);
            }
        }
        _ => {}
    }
    binary(cx, op, l, r, g).map_err(|bail| in_place_error(cx, op, l, r, bail, g))
}

/// The `TypeError` of `l op= r` names that operation, not `op`.
#[cold]
fn in_place_error<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Value<'a>, r: Value<'a>, bail: Bail, g: u32) -> Bail {
    let raised = match cx.catch(bail) {
        Ok(raised) => raised,
        Err(bail) => return bail,
    };
    let (left, right) = (crate::class::type_name(l), crate::class::type_name(r));
    let plain = format!("unsupported operand type(s) for {}: '{left}' and '{right}'", op.symbol());
    let repeated = format!("can't multiply sequence by non-int of type '{left}'");
    // What has items without being repeatable is asked first, and alone.
    let has_items = matches!(l, Value::Dict(_) | Value::Set(_) | Value::Range(_));
    let said = crate::repr::exception_str(cx, raised, g).unwrap_or_default();
    match said == plain || has_items && op == BinaryOp::Mul && said == repeated {
        true => {
            let symbol = if op == BinaryOp::Pow { "**" } else { op.symbol() };
            let text = format!("unsupported operand type(s) for {symbol}=: '{left}' and '{right}'");
            cx.raise(Type::TypeError, &text, g)
        }
        false => cx.rethrow(raised, g),
    }
}

/// `op v` where the quick ways do not apply.
#[inline(never)]
pub(super) fn other_unary<'a>(cx: &'a Cx<'a>, name: &'static str, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let Some(result) = arith::unary(cx, name, v, g)? {
        return Ok(result);
    }
    if let Some(result) = attr::call_special(cx, v, name, &[], g)? {
        return Ok(result);
    }
    if is_wrapped(v) {
        return match name {
            "__neg__" => super::neg(cx, plain(v), g),
            "__pos__" => super::pos(cx, plain(v), g),
            _ => super::invert(cx, plain(v), g),
        };
    }
    let symbol = match name {
        "__neg__" => "-",
        "__pos__" => "+",
        _ => "~",
    };
    if let Value::Object(object) = v
        && let Some(result) = object.get().unary(cx, name, g)?
    {
        return Ok(result);
    }
    Err(cx.raise(Type::TypeError, &format!("bad operand type for unary {symbol}: '{}'", crate::class::type_name(v)), g))
}
