//! How many of CPython's frames one of compiled code may stand for.
//!
//! CPython counts calls from C, too (`_Py_EnterRecursiveCall`), and comprehensions (`Python/ceval.c`), which are loops here.
//! Where its limit is must not show, so compiled code bails out before that for certain.

use upshift_ir::{Node, Trace};

use crate::program::{Function, Global, Program};

/// A call that stands for itself.
const PLAIN: u32 = 1;
/// One whose function runs comprehensions, which are at most one deeper.
const WITH_COMPREHENSIONS: u32 = 2;
/// One that may come from C: a constructor, a special method, a key function.
const FROM_C: u32 = 4;

/// The most that a call of `program` stands for.
pub(super) fn frames(trace: &Trace, program: &Program) -> u32 {
    let is_class = |global: &Global| matches!(global, Global::Node(Node::Class { .. }));
    let is_object = |function: &Function| function.object && function.id != trace.entry;
    if program.functions.iter().any(is_object) || program.globals.values().any(is_class) {
        return FROM_C;
    }
    let runs_some = |function: &upshift_ir::Function| function.locals.iter().any(|local| is_of_comprehension(local));
    if trace.functions.iter().any(runs_some) { WITH_COMPREHENSIONS } else { PLAIN }
}

/// Whether the frontend has renamed it as a variable of a comprehension.
fn is_of_comprehension(local: &str) -> bool {
    local.rsplit_once(".c").is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))
}
