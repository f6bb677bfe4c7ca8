//! Chooses the runtime's operation for an application, by the static types of its operands.

use std::fmt::Write;

use upshift_ir::{BinaryOp, CompareOp, Const, UnaryOp};
use upshift_runtime::site::MOST_NAMES;

use super::convert;
use super::stmt::Printer;
use crate::Ty;
use crate::infer::{binary, of_atom, of_expr};
use crate::program::{Atom, Builtin, Expr, Pairs};
use crate::ty::{Items, IterTy};

impl<'p> Printer<'_, 'p> {
    /// The Rust of `value`, other than a call of a function, and the type it has.
    pub(super) fn apply(&mut self, value: &Expr) -> (String, Ty) {
        let ty = of_expr(self.function, value);
        let text = match value {
            Expr::Atom(value) => self.atom(value),
            Expr::Binary(op, left, right) => self.binary(*op, left, right, false),
            Expr::Compare(op, left, right) => self.compare(*op, left, right),
            Expr::Unary(op, operand) => self.unary(*op, operand),
            Expr::Index(object, index, _) => return (self.index(object, index, ty), ty),
            Expr::Append(object, item) => {
                let (object, item) = (self.atom_as(object, Ty::List), self.boxed(item));
                format!("{{ method::list_append(cx, {object}, {item}, {})?; Value::None }}", self.guard())
            }
            Expr::Attr(object, name, observed) => {
                let object = self.boxed(object);
                let name = self.emitter.literal_number(name);
                let args = format!("{object}, {name}, {}", self.site());
                return (self.read_as("rt::site::get", &args, *observed), ty);
            }
            Expr::LoadMethod(object, _) if ty != Ty::Loaded => self.atom(object),
            Expr::LoadMethod(object, name) => {
                let object = self.boxed(object);
                let name = self.emitter.literal_number(name);
                format!("rt::site::load(cx, {object}, {name}, {}, {})?", self.site(), self.guard())
            }
            Expr::CallLoaded(..)
            | Expr::CallMethod(..)
            | Expr::CallValue(..)
            | Expr::CallLibrary(..)
            | Expr::CallSpread(..) => {
                return (self.call_other(value), ty);
            }
            Expr::Library(qualified) => self.library_value(qualified),
            Expr::Global(index) => self.emitter.refer_often(*index),
            Expr::Variable(number, observed) => {
                let text = format!("variable_{number}(cx)?.get({})?", self.guard());
                return (self.convert(text, Ty::Any, *observed), ty);
            }
            Expr::Closure(..)
            | Expr::Class(..)
            | Expr::Super(..)
            | Expr::Tuple(_)
            | Expr::Set(_)
            | Expr::Spread(..)
            | Expr::DictSpread(_)
            | Expr::Slice(..) => self.object(value),
            Expr::GetSlice(object, start, stop, step) => {
                let parts = [object, start, stop, step].map(|part| self.boxed(part)).join(", ");
                let text = format!("op::get_slice(cx, {parts}, {})?", self.guard());
                return (self.convert(text, Ty::Any, ty), ty);
            }
            Expr::Yield(value) => format!("co.give(cx, {}, {}).await?", self.boxed(value), self.guard()),
            Expr::YieldFrom(value) => format!("co.give_all(cx, {}, {}).await?", self.boxed(value), self.guard()),
            Expr::Print { args, sep, end } => {
                let args = self.boxed_list(args);
                let sep = self.optional_text(sep.as_ref());
                let end = self.optional_text(end.as_ref());
                format!("{{ builtin::print(cx, &[{args}], {sep}, {end}, {})?; Value::None }}", self.guard())
            }
            Expr::List(items) if items.is_empty() => format!("rt::site::list(cx, {}, {})?", self.site(), self.guard()),
            Expr::Dict(items) if items.is_empty() => format!("rt::site::dict(cx, {}, {})?", self.site(), self.guard()),
            Expr::List(items) => format!("rt::list_new(cx, &[{}], {})?", self.boxed_list(items), self.guard()),
            Expr::Dict(items) if is_record(items) => {
                let names: Vec<String> = items.iter().map(|(key, _)| self.atom(key)).collect();
                let values: Vec<String> = items.iter().map(|(_, value)| self.boxed(value)).collect();
                let (names, values) = (names.join(", "), values.join(", "));
                format!("rt::site::record(cx, &[{names}], &[{values}], {}, {})?", self.site(), self.guard())
            }
            Expr::Dict(items) => {
                let items: Vec<String> =
                    items.iter().map(|(key, value)| format!("({}, {})", self.boxed(key), self.boxed(value))).collect();
                format!("rt::dict_new(cx, &[{}], {})?", items.join(", "), self.guard())
            }
            Expr::Format(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.part(part)).collect();
                format!("builtin::format(cx, &[{}], {})?", parts.join(", "), self.guard())
            }
            Expr::Iter(object) => self.iter(object, ty),
            Expr::Pairs(pairs) => self.pairs(pairs, ty),
            Expr::Builtin(builtin, args) => self.builtin(*builtin, args, ty),
            Expr::Call(..) => unreachable!("calls are printed as statements"),
        };
        (text, ty)
    }

    fn optional_text(&mut self, atom: Option<&Atom>) -> String {
        match atom {
            None | Some(Atom::Const(Const::None)) => "None".to_owned(),
            Some(atom) => format!("Some({})", self.atom_as(atom, Ty::Str)),
        }
    }

    /// `left op right`; `in_place` for `left op= right`.
    pub(super) fn binary(&mut self, op: BinaryOp, left: &Atom, right: &Atom, in_place: bool) -> String {
        use BinaryOp as Op;
        let (left_ty, right_ty) = (of_atom(self.function, left), of_atom(self.function, right));
        let result = binary(op, left_ty, right_ty, right);
        match (result, left_ty, right_ty) {
            (Ty::Int, _, _) => {
                let (left, right) = (self.as_int(left), self.as_int(right));
                let name = match op {
                    Op::Add => "int_add",
                    Op::Sub => "int_sub",
                    Op::Mul => "int_mul",
                    Op::FloorDiv => "int_floordiv",
                    Op::Mod => "int_mod",
                    Op::Pow => "int_pow_int",
                    Op::LShift => "int_lshift",
                    Op::RShift => "int_rshift",
                    Op::BitOr => return format!("{left} | {right}"),
                    Op::BitXor => return format!("{left} ^ {right}"),
                    Op::BitAnd => return format!("{left} & {right}"),
                    Op::Div | Op::MatMul => unreachable!("no int comes of these"),
                };
                let cx = if matches!(op, Op::FloorDiv | Op::Mod | Op::LShift | Op::RShift) { "cx, " } else { "" };
                format!("op::{name}({cx}{left}, {right}, {})?", self.guard())
            }
            (Ty::Float, Ty::Int, Ty::Int) => {
                let (left, right) = (self.atom(left), self.atom(right));
                format!("op::int_div(cx, {left}, {right}, {})?", self.guard())
            }
            (Ty::Float, left_ty, right_ty) if op == Op::Div && left_ty != Ty::Float && right_ty != Ty::Float => {
                let (left, right) = (self.boxed(left), self.boxed(right));
                let text = format!("op::div(cx, {left}, {right}, {})?", self.guard());
                self.convert(text, Ty::Any, Ty::Float)
            }
            (Ty::Float, _, _) => {
                let (left, right) = (self.as_float(left), self.as_float(right));
                let name = match op {
                    Op::Add => return format!("{left} + {right}"),
                    Op::Sub => return format!("{left} - {right}"),
                    Op::Mul => return format!("{left} * {right}"),
                    Op::Div => "float_div",
                    Op::FloorDiv => "float_floordiv",
                    Op::Mod => "float_mod",
                    _ => "float_pow",
                };
                format!("op::{name}(cx, {left}, {right}, {})?", self.guard())
            }
            (Ty::Str, Ty::Str, Ty::Str) => {
                let (left, right) = (self.atom(left), self.atom(right));
                format!("op::str_concat(cx, {left}, {right}, {})?", self.guard())
            }
            (wanted, _, _) => {
                let name = match op {
                    _ if in_place => {
                        let (left, right) = (self.boxed(left), self.boxed(right));
                        let text = format!("op::inplace(cx, op::BinaryOp::{op:?}, {left}, {right}, {})?", self.guard());
                        return self.convert(text, Ty::Any, wanted);
                    }
                    Op::Add => "add",
                    Op::Sub => "sub",
                    Op::Mul => "mul",
                    Op::Div => "div",
                    Op::FloorDiv => "floordiv",
                    Op::Mod => "modulo",
                    Op::Pow => "pow",
                    Op::LShift => "lshift",
                    Op::RShift => "rshift",
                    Op::BitOr => "bit_or",
                    Op::BitXor => "bit_xor",
                    Op::BitAnd => "bit_and",
                    Op::MatMul => "matmul",
                };
                let operands = (self.boxed(left), self.boxed(right));
                let text = format!("op::{name}(cx, {}, {}, {})?", operands.0, operands.1, self.guard());
                let text = if left_ty == Ty::Any { self.operator(op, left, right, text) } else { text };
                self.convert(text, Ty::Any, wanted)
            }
        }
    }

    /// An int or bool operand as an int.
    fn as_int(&mut self, atom: &Atom) -> String {
        let text = self.atom(atom);
        match of_atom(self.function, atom) {
            Ty::Bool => format!("i64::from({text})"),
            _ => text,
        }
    }

    /// An int or float operand as a float; CPython's conversion rounds to even, as `as` does.
    fn as_float(&mut self, atom: &Atom) -> String {
        if let Atom::Const(Const::Int(value)) = atom
            && let Some(text) = convert::int_as_float(*value)
        {
            return text;
        }
        match of_atom(self.function, atom) {
            Ty::Int => format!("({} as f64)", self.atom(atom)),
            Ty::Number => format!("{}.as_float()", self.atom(atom)),
            _ => self.atom(atom),
        }
    }

    fn compare(&mut self, op: CompareOp, left: &Atom, right: &Atom) -> String {
        use CompareOp as Op;
        let types = (of_atom(self.function, left), of_atom(self.function, right));
        if let (Op::Is | Op::IsNot, Atom::Const(Const::None)) = (op, right) {
            let left = self.boxed(left);
            let not = if op == Op::IsNot { "!" } else { "" };
            return format!("{not}matches!({left}, Value::None)");
        }
        let ordered = !matches!(op, Op::Is | Op::IsNot | Op::In | Op::NotIn);
        let exact_const =
            |atom: &Atom| matches!(atom, Atom::Const(Const::Int(i)) if convert::int_as_float(*i).is_some());
        if ordered {
            match types {
                (Ty::Int, Ty::Int) => return format!("{} {op} {}", self.atom(left), self.atom(right)),
                (Ty::Float, Ty::Float) => return format!("{} {op} {}", self.atom(left), self.atom(right)),
                (Ty::Float, Ty::Int) if exact_const(right) => {
                    return format!("{} {op} {}", self.atom(left), self.as_float(right));
                }
                (Ty::Int, Ty::Float) if exact_const(left) => {
                    return format!("{} {op} {}", self.as_float(left), self.atom(right));
                }
                (Ty::Float, Ty::Int) => {
                    return format!("op::float_int({}, {}, |l, r| l {op} r)", self.atom(left), self.atom(right));
                }
                (Ty::Int, Ty::Float) => {
                    return format!("op::float_int({}, {}, |l, r| r {op} l)", self.atom(right), self.atom(left));
                }
                (Ty::Str, Ty::Str) if matches!(op, Op::Eq | Op::Ne) => {
                    let not = if op == Op::Ne { "!" } else { "" };
                    let (left, right) = (self.atom(left), self.atom(right));
                    return format!("{not}op::str_eq(cx, {left}, {right}, {})?", self.guard());
                }
                _ => {}
            }
        }
        let (left, right) = (self.boxed(left), self.boxed(right));
        let (not, name) = match op {
            Op::Eq => ("", "eq"),
            Op::Ne => ("", "ne"),
            Op::Lt => ("", "lt"),
            Op::Le => ("", "le"),
            Op::Gt => ("", "gt"),
            Op::Ge => ("", "ge"),
            Op::Is => ("", "is"),
            Op::IsNot => ("", "is_not"),
            Op::In => ("", "contains"),
            Op::NotIn => ("!", "contains"),
        };
        format!("{not}op::{name}(cx, {left}, {right}, {})?", self.guard())
    }

    fn unary(&mut self, op: UnaryOp, operand: &Atom) -> String {
        let ty = of_atom(self.function, operand);
        match (op, ty) {
            (UnaryOp::Not, _) => format!("!({})", self.truth(operand)),
            (UnaryOp::Neg, Ty::Int) => format!("op::int_neg({}, {})?", self.atom(operand), self.guard()),
            (UnaryOp::Neg, Ty::Float) => format!("-{}", self.atom(operand)),
            (UnaryOp::Pos, Ty::Int | Ty::Float) => self.atom(operand),
            (UnaryOp::Invert, Ty::Int) => format!("!{}", self.atom(operand)),
            (op, _) => {
                let name = match op {
                    UnaryOp::Neg => "neg",
                    UnaryOp::Pos => "pos",
                    _ => "invert",
                };
                format!("op::{name}(cx, {}, {})?", self.boxed(operand), self.guard())
            }
        }
    }

    /// `object[index]` as `wanted`.
    fn index(&mut self, object: &Atom, index: &Atom, wanted: Ty) -> String {
        let types = (of_atom(self.function, object), of_atom(self.function, index));
        let (text, made) = match types {
            (Ty::List, Ty::Int) => {
                let (object, index) = (self.atom(object), self.atom(index));
                return self.read_as("op::list_get", &format!("{object}, {index}"), wanted);
            }
            (Ty::Tuple, Ty::Int) => {
                let (object, index) = (self.atom(object), self.atom(index));
                return self.read_as("op::tuple_get", &format!("{object}, {index}"), wanted);
            }
            (Ty::Dict, Ty::Str) if let Atom::Const(Const::Str(key)) = index => {
                let (object, key) = (self.atom(object), self.emitter.literal_number(key));
                let args = format!("{object}, {key}, {}", self.site());
                return self.read_as("rt::site::item", &args, wanted);
            }
            (Ty::Dict, Ty::Str) => {
                let (object, key) = (self.atom(object), self.atom(index));
                (format!("op::dict_get_str(cx, {object}, {key}, {})?", self.guard()), Ty::Any)
            }
            (Ty::Dict, _) => {
                let (object, key) = (self.atom(object), self.boxed(index));
                (format!("op::dict_get(cx, {object}, {key}, {})?", self.guard()), Ty::Any)
            }
            (Ty::Str, Ty::Int) => {
                let (object, index) = (self.atom(object), self.atom(index));
                (format!("op::str_get(cx, {object}, {index}, {})?", self.guard()), Ty::Str)
            }
            _ => {
                let (object, index) = (self.boxed(object), self.boxed(index));
                (format!("op::index(cx, {object}, {index}, {})?", self.guard()), Ty::Any)
            }
        };
        self.convert(text, made, wanted)
    }

    /// What `read` gives, held to `wanted` in the same step.
    fn read_as(&mut self, read: &str, args: &str, wanted: Ty) -> String {
        let at = self.guard();
        match convert::guard_method(wanted) {
            Some(_) => format!("{read}_as::<{}>(cx, {args}, {at}, {})?", wanted.rust(), self.guard()),
            None => self.convert(format!("{read}(cx, {args}, {at})?"), Ty::Any, wanted),
        }
    }

    pub(super) fn set_item(&mut self, object: &Atom, index: &Atom, value: &Atom) -> String {
        let types = (of_atom(self.function, object), of_atom(self.function, index));
        match types {
            (Ty::List, Ty::Int) => {
                let (object, index, value) = (self.atom(object), self.atom(index), self.boxed(value));
                format!("op::list_set(cx, {object}, {index}, {value}, {})?", self.guard())
            }
            (Ty::Dict, _) => {
                let (object, key, value) = (self.atom(object), self.boxed(index), self.boxed(value));
                format!("op::dict_set(cx, {object}, {key}, {value}, {})?", self.guard())
            }
            _ => {
                let (object, index, value) = (self.boxed(object), self.boxed(index), self.boxed(value));
                format!("op::set_index(cx, {object}, {index}, {value}, {})?", self.guard())
            }
        }
    }

    fn iter(&mut self, object: &Atom, ty: Ty) -> String {
        match ty {
            Ty::Iter(IterTy::Range) => format!("RangeIter::new({})", self.atom(object)),
            Ty::Iter(IterTy::List) => format!("ListIter::new({})", self.atom(object)),
            Ty::Iter(IterTy::Tuple) => format!("rt::TupleIter::new({})", self.atom(object)),
            Ty::Iter(IterTy::Str) => format!("StrIter::new({})", self.atom(object)),
            Ty::Iter(IterTy::Dict) => format!("DictIter::new({})", self.atom(object)),
            _ => format!("Iter::new(cx, {}, {})?", self.boxed(object), self.guard()),
        }
    }

    /// The iterator over pairs that a loop takes apart.
    fn pairs(&mut self, pairs: &Pairs, ty: Ty) -> String {
        let source = |this: &mut Self, atom: &Atom| {
            let items = Items::of(of_atom(this.function, atom));
            match items {
                Items::Any => format!("Iter::new(cx, {}, {})?", this.boxed(atom), this.guard()),
                _ => format!("{}::new({})", items.rust(), this.atom(atom)),
            }
        };
        match pairs {
            Pairs::Enumerate(items, start) => {
                let items = source(self, items);
                format!("rt::EnumerateIter::new({items}, {})", self.atom(start))
            }
            Pairs::Zip(left, right) => {
                let (left, right) = (source(self, left), source(self, right));
                format!("rt::ZipIter::new({left}, {right})")
            }
            Pairs::Items(object) if ty == Ty::Iter(IterTy::Entries) => {
                format!("rt::EntriesIter::new({})", self.atom(object))
            }
            Pairs::Items(object) => {
                let (object, name) = (self.boxed(object), self.emitter.literal("items"));
                let called = format!("rt::call_method(cx, {object}, {name}, Args::of(&[]), {})?", self.guard());
                format!("Iter::new(cx, {called}, {})?", self.guard())
            }
        }
    }

    fn builtin(&mut self, builtin: Builtin, args: &[Atom], result: Ty) -> String {
        let types: Vec<Ty> = args.iter().map(|atom| of_atom(self.function, atom)).collect();
        match (builtin, args, types.as_slice()) {
            (Builtin::Len, [arg], [Ty::Str]) => format!("builtin::len_str({})", self.atom(arg)),
            (Builtin::Len, [arg], [Ty::List]) => format!("builtin::len_list({})", self.atom(arg)),
            (Builtin::Len, [arg], [Ty::Tuple]) => format!("builtin::len_tuple({})", self.atom(arg)),
            (Builtin::Len, [arg], [Ty::Dict]) => format!("builtin::len_dict({})", self.atom(arg)),
            (Builtin::Len, [arg], _) => format!("builtin::len(cx, {}, {})?", self.boxed(arg), self.guard()),
            (Builtin::Range, _, _) => {
                let args: Vec<String> = args.iter().map(|arg| self.atom_as(arg, Ty::Int)).collect();
                let args = match args.as_slice() {
                    [stop] => format!("0, {stop}, 1"),
                    [start, stop] => format!("{start}, {stop}, 1"),
                    all => all.join(", "),
                };
                format!("Range::new({args}, {})?", self.guard())
            }
            (Builtin::Min | Builtin::Max, [first, rest @ ..], _) if matches!(result, Ty::Int | Ty::Float) => {
                // The first of equals wins, so that -0.0 and 0.0 come out as in CPython.
                let better = if builtin == Builtin::Min { "<" } else { ">" };
                let mut text = format!("{{ let mut best = {};", self.atom(first));
                for other in rest {
                    let other = self.atom(other);
                    let _ = write!(text, " let other = {other}; if other {better} best {{ best = other; }}");
                }
                format!("{text} best }}")
            }
            (Builtin::Min | Builtin::Max, [_], _) => {
                let name = if builtin == Builtin::Min { "min_of" } else { "max_of" };
                format!("builtin::{name}(cx, {}, {})?", self.boxed(&args[0]), self.guard())
            }
            (Builtin::Min | Builtin::Max, _, _) => {
                let name = if builtin == Builtin::Min { "min" } else { "max" };
                let text = format!("builtin::{name}(cx, &[{}], {})?", self.boxed_list(args), self.guard());
                self.convert(text, Ty::Any, result)
            }
            (Builtin::Abs, [arg], [Ty::Int]) => format!("op::int_abs({}, {})?", self.atom(arg), self.guard()),
            (Builtin::Abs, [arg], [Ty::Float]) => format!("{}.abs()", self.atom(arg)),
            (Builtin::Abs, _, _) => format!("builtin::abs(cx, {}, {})?", self.boxed(&args[0]), self.guard()),
            (Builtin::Sum, _, _) => {
                let items = self.boxed(&args[0]);
                let start = args.get(1).map_or_else(|| "Value::Int(0)".to_owned(), |start| self.boxed(start));
                format!("builtin::sum(cx, {items}, {start}, {})?", self.guard())
            }
            (Builtin::Str, [arg], [Ty::Str]) => self.atom(arg),
            (Builtin::Str, _, _) => format!("builtin::str(cx, {}, {})?", self.boxed(&args[0]), self.guard()),
            (Builtin::Int, [arg], [Ty::Int]) => self.atom(arg),
            (Builtin::Int, _, _) => {
                let text = format!("builtin::int(cx, {}, {})?", self.boxed(&args[0]), self.guard());
                self.convert(text, Ty::Any, result)
            }
            (Builtin::Float, [arg], [Ty::Int | Ty::Float]) => self.as_float(arg),
            (Builtin::Float, _, _) => format!("builtin::float(cx, {}, {})?", self.boxed(&args[0]), self.guard()),
            (Builtin::Bool, [arg], [_]) => self.truth(arg),
            (Builtin::IsInstance, [value, class], _) => {
                let (value, class) = (self.boxed(value), self.boxed(class));
                format!("rt::is_instance(cx, {value}, {class}, {})?", self.guard())
            }
            (Builtin::Bool | Builtin::Len | Builtin::IsInstance, ..) => {
                unreachable!("lowering checks the number of arguments")
            }
        }
    }
}

/// Whether the keys of a dict are strings that the program knows; the runtime finds out whether they differ.
fn is_record(items: &[(Atom, Atom)]) -> bool {
    items.len() <= MOST_NAMES && items.iter().all(|(key, _)| matches!(key, Atom::Const(Const::Str(_))))
}
