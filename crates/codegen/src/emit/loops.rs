//! Prints loops.

use std::fmt::Write;

use super::stmt::Printer;
use crate::Ty;
use crate::program::{Block, Next};
use crate::ty::IterTy;

impl Printer<'_, '_> {
    pub(super) fn repeat(&mut self, next: Option<&Next>, body: &Block, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        let inner = "    ".repeat(depth + 1);
        let line = self.line;
        let Some(next) = next else {
            let _ = writeln!(out, "{indent}loop {{");
            self.tick(&inner, out);
            self.loops += 1;
            self.block(body, depth + 1, out);
            self.loops -= 1;
            let _ = writeln!(out, "{indent}}}");
            return;
        };
        let iter = self.read(next.iter);
        if let Some(pair) = &next.pair {
            let ty = self.function.vars[next.iter.0].ty;
            let known = if let Ty::Iter(ty) = ty { ty.pair() } else { [Ty::Any; 2] };
            let pattern = match ty {
                Ty::Iter(IterTy::Any) => {
                    let guards = (self.guard(), self.guard());
                    format!("Some([item_0, item_1]) = {iter}.next_pair(cx, {}, {})?", guards.0, guards.1)
                }
                _ => format!("Some((item_0, item_1)) = {iter}.next_pair(cx, {})?", self.guard()),
            };
            let _ = writeln!(out, "{indent}while let {pattern} {{");
            self.tick(&inner, out);
            self.line = line;
            let first_guard = self.emitter.guards.len();
            let mut texts = Vec::new();
            for (at, ((target, _), known)) in pair.iter().zip(known).enumerate() {
                texts.push(self.convert(format!("item_{at}"), known, self.function.vars[target.0].ty));
            }
            self.emitter.force(first_guard, &inner, out);
            for ((target, _), text) in pair.iter().zip(texts) {
                self.store(*target, &text, &inner, out);
            }
            self.loops += 1;
            self.block(body, depth + 1, out);
            self.loops -= 1;
            let _ = writeln!(out, "{indent}}}");
            return;
        }
        let (head, made) = match self.function.vars[next.iter.0].ty {
            Ty::Iter(IterTy::Range) => (format!("{iter}.next()"), Ty::Int),
            Ty::Iter(IterTy::List | IterTy::Tuple) => (format!("{iter}.next()"), Ty::Any),
            Ty::Iter(IterTy::Str) => (format!("{iter}.next(cx, {})?", self.guard()), Ty::Str),
            Ty::Iter(IterTy::Dict) => (format!("{iter}.next(cx, {})?", self.guard()), Ty::Any),
            Ty::Iter(IterTy::Any) => (format!("{iter}.next(cx, {})?", self.guard()), Ty::Any),
            _ => (format!("rt::iter_next(cx, {iter}, {})?", self.guard()), Ty::Any),
        };
        let _ = writeln!(out, "{indent}while let Some(item) = {head} {{");
        self.tick(&inner, out);
        self.line = line;
        let first_guard = self.emitter.guards.len();
        let text = self.convert("item".to_owned(), made, self.function.vars[next.item.0].ty);
        self.emitter.force(first_guard, &inner, out);
        self.store(next.item, &text, &inner, out);
        self.loops += 1;
        self.block(body, depth + 1, out);
        self.loops -= 1;
        let _ = writeln!(out, "{indent}}}");
    }

    fn tick(&mut self, indent: &str, out: &mut String) {
        let at = self.guard();
        self.emitter.force(at, indent, out);
        let _ = writeln!(out, "{indent}cx.tick({at})?;");
    }
}
