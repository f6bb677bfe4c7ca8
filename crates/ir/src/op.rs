//! Python's operators, shared by the normal form and the trace.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! operators {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $json:literal $symbol:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[doc = $symbol] #[serde(rename = $json)] $variant),+ }

        impl $name {
            /// The operator as Python spells it.
            pub fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.symbol())
            }
        }
    };
}

operators! {
    /// Operators of `a op b` and of `a op= b`.
    BinaryOp {
        Add = "add" "+", Sub = "sub" "-", Mul = "mul" "*", Div = "div" "/", FloorDiv = "floordiv" "//",
        Mod = "mod" "%", Pow = "pow" "**", MatMul = "matmul" "@", LShift = "lshift" "<<", RShift = "rshift" ">>",
        BitOr = "bitor" "|", BitXor = "bitxor" "^", BitAnd = "bitand" "&",
    }
}

operators! {
    /// Operators of a comparison; a chain is normalised to single ones.
    CompareOp {
        Eq = "eq" "==", Ne = "ne" "!=", Lt = "lt" "<", Le = "le" "<=", Gt = "gt" ">", Ge = "ge" ">=",
        Is = "is" "is", IsNot = "is_not" "is not", In = "in" "in", NotIn = "not_in" "not in",
    }
}

operators! {
    /// Operators of one operand.
    UnaryOp { Not = "not" "not", Neg = "neg" "-", Pos = "pos" "+", Invert = "invert" "~" }
}
