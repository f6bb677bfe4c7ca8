//! Prints `try` and `with`: their bodies are blocks of their own, whose `?` leads to the handlers.

use std::fmt::Write;

use super::stmt::Printer;
use crate::Ty;
use crate::program::{Atom, Block, Try, VarId};

impl Printer<'_, '_> {
    /// `let NAME: Result<Flow<…>> = …;` around what `fill` prints.
    fn tried(&mut self, name: &str, depth: usize, out: &mut String, fill: impl FnOnce(&mut Self, &mut String)) {
        let indent = "    ".repeat(depth);
        let ty = if self.function.generator { Ty::Any } else { self.function.result };
        let ty = ty.rust();
        let before = std::mem::replace(&mut self.loops, 0);
        let outer = std::mem::replace(&mut self.inside, true);
        let generator = self.function.generator;
        let open = if generator {
            "async { let _open = cx.opened();".to_owned()
        } else {
            format!("(|| -> Result<Flow<{ty}>> {{")
        };
        let _ = writeln!(out, "{indent}let {name}: Result<Flow<{ty}>> = {open}");
        fill(self, out);
        let _ = writeln!(out, "{indent}    Ok::<Flow<{ty}>, rt::Bail>(Flow::Next)");
        let close = if generator { "}.await;" } else { "})();" };
        let _ = writeln!(out, "{indent}{close}");
        self.loops = before;
        self.inside = outer;
    }

    /// Goes on as the flow in `name` says; it is known to be no error.
    fn follow(&mut self, name: &str, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        let give = if self.inside { "return Ok(Flow::Return(value))" } else { "return Ok(value)" };
        let (leave, again) = match (self.loops > 0, self.inside) {
            (true, _) => ("break", "continue"),
            (false, true) => ("return Ok(Flow::Break)", "return Ok(Flow::Continue)"),
            (false, false) => ("unreachable!()", "unreachable!()"),
        };
        let _ = writeln!(
            out,
            "{indent}match {name} {{\n\
             {indent}    Flow::Next => {{}}\n\
             {indent}    Flow::Return(value) => {give},\n\
             {indent}    Flow::Break => {leave},\n\
             {indent}    Flow::Continue => {again},\n\
             {indent}}}"
        );
    }

    pub(super) fn try_(&mut self, parts: &Try, depth: usize, out: &mut String) {
        self.tries += 1;
        let number = self.tries;
        if parts.finally.is_empty() {
            return self.try_except(parts, number, depth, out);
        }
        let indent = "    ".repeat(depth);
        let at = self.guard();
        let _ = writeln!(out, "{indent}let depth_{number} = cx.depth();");
        self.tried(&format!("left_{number}"), depth, out, |this, out| this.try_except(parts, number, depth + 1, out));
        // A bailout needs no clean-up: nothing of the invocation stays.
        let _ = writeln!(
            out,
            "{indent}let left_{number} = match left_{number} {{\n\
             {indent}    Ok(flow) => Ok(flow),\n\
             {indent}    Err(bail) => {{ let raised = cx.catch(bail)?; cx.set_depth(depth_{number}); Err(raised) }}\n\
             {indent}}};\n\
             {indent}let handled_{number} = match left_{number} {{ Err(raised) => cx.handle(Some(raised)), Ok(_) => cx.handled() }};"
        );
        self.tried(&format!("finally_{number}"), depth, out, |this, out| this.block(&parts.finally, depth + 1, out));
        let _ = writeln!(
            out,
            "{indent}cx.handle(handled_{number});\n\
             {indent}let finally_{number} = finally_{number}?;"
        );
        // Leaving the `finally` by itself replaces how the rest was left.
        self.follow(&format!("finally_{number}"), depth, out);
        let _ = writeln!(
            out,
            "{indent}let left_{number} = match left_{number} {{ Ok(flow) => flow, Err(raised) => return Err(cx.rethrow(raised, {at})) }};"
        );
        self.follow(&format!("left_{number}"), depth, out);
    }

    fn try_except(&mut self, parts: &Try, number: u32, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        if parts.handlers.is_empty() {
            self.block(&parts.body, depth, out);
            self.block(&parts.orelse, depth, out);
            return;
        }
        let at = self.guard();
        let _ = writeln!(out, "{indent}let depth_{number} = cx.depth();");
        self.tried(&format!("tried_{number}"), depth, out, |this, out| this.block(&parts.body, depth + 1, out));
        let _ = writeln!(out, "{indent}match tried_{number} {{\n{indent}    Ok(flow) => {{");
        self.follow("flow", depth + 2, out);
        self.block(&parts.orelse, depth + 2, out);
        let _ = writeln!(
            out,
            "{indent}    }}\n\
             {indent}    Err(bail) => {{\n\
             {indent}        let raised = cx.catch(bail)?;\n\
             {indent}        cx.set_depth(depth_{number});\n\
             {indent}        let before = cx.handle(Some(raised));"
        );
        self.tried("handled", depth + 2, out, |this, out| this.handlers(parts, at, depth + 3, out));
        let _ = writeln!(out, "{indent}        cx.handle(before);");
        // However the clause was left, its variable is gone.
        for name in parts.handlers.iter().filter_map(|handler| handler.name) {
            self.unbind(name, &format!("{indent}        "), out);
        }
        let _ = writeln!(out, "{indent}        let handled = handled?;");
        self.follow("handled", depth + 2, out);
        let _ = writeln!(out, "{indent}    }}\n{indent}}}");
    }

    /// Tests the clauses one after another; `raised` is the exception.
    fn handlers(&mut self, parts: &Try, at: usize, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        let inner = "    ".repeat(depth + 1);
        let mut bare = false;
        for handler in &parts.handlers {
            self.line = handler.line;
            self.block(&handler.before, depth, out);
            match &handler.class {
                Some(class) => {
                    let class = self.boxed(class);
                    let _ = writeln!(out, "{indent}if rt::catches(cx, raised, {class}, {})? {{", self.guard());
                }
                None => {
                    bare = true;
                    let _ = writeln!(out, "{indent}{{");
                }
            }
            if let Some(name) = handler.name {
                self.store(name, "Value::Instance(raised)", &inner, out);
            }
            self.block(&handler.body, depth + 1, out);
            let _ = writeln!(out, "{inner}return Ok(Flow::Next);\n{indent}}}");
        }
        if !bare {
            let _ = writeln!(out, "{indent}return Err(cx.rethrow(raised, {at}));");
        }
    }

    /// Makes a variable unbound.
    pub(super) fn unbind(&mut self, var: VarId, indent: &str, out: &mut String) {
        let info = &self.function.vars[var.0];
        if info.cell {
            let _ = writeln!(out, "{indent}{}.clear();", info.name);
        } else if info.maybe_unbound {
            let _ = writeln!(out, "{indent}{} = None;", info.name);
        }
    }

    pub(super) fn with(&mut self, context: &Atom, target: VarId, body: &Block, depth: usize, out: &mut String) {
        self.tries += 1;
        let number = self.tries;
        let indent = "    ".repeat(depth);
        let context = self.boxed(context);
        let at = self.guard();
        let _ = writeln!(out, "{indent}let context_{number} = {context};");
        self.store(target, &format!("rt::with_enter(cx, context_{number}, {at})?"), &indent, out);
        let _ = writeln!(out, "{indent}let depth_{number} = cx.depth();");
        self.tried(&format!("body_{number}"), depth, out, |this, out| this.block(body, depth + 1, out));
        let _ = writeln!(
            out,
            "{indent}match body_{number} {{\n\
             {indent}    Ok(flow) => {{\n\
             {indent}        rt::with_exit(cx, context_{number}, None, {at})?;"
        );
        self.follow("flow", depth + 2, out);
        let _ = writeln!(
            out,
            "{indent}    }}\n\
             {indent}    Err(bail) => {{\n\
             {indent}        let raised = cx.catch(bail)?;\n\
             {indent}        cx.set_depth(depth_{number});\n\
             {indent}        let before = cx.handle(Some(raised));\n\
             {indent}        let dealt = rt::with_exit(cx, context_{number}, Some(raised), {at});\n\
             {indent}        cx.handle(before);\n\
             {indent}        if !dealt? {{ return Err(cx.rethrow(raised, {at})); }}\n\
             {indent}    }}\n\
             {indent}}}"
        );
    }
}
