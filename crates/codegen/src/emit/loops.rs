//! Prints loops.

use std::collections::HashMap;
use std::fmt::Write;

use super::stmt::Printer;
use crate::Ty;
use crate::assigned::each_atom_of;
use crate::program::{Atom, Block, Next, Stmt, StmtKind, VarId};
use crate::ty::IterTy;

/// How often each variable is read in a block and those in it.
pub(super) fn reads(block: &Block, counts: &mut HashMap<VarId, u32>) {
    for stmt in block {
        each_atom_of(&stmt.kind, &mut |var| *counts.entry(var).or_default() += 1);
        if let StmtKind::Update(target, ..) = &stmt.kind {
            *counts.entry(*target).or_default() += 1;
        }
        stmt.kind.blocks().into_iter().for_each(|block| reads(block, counts));
    }
}

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
        if let Some((targets, rest)) = self.pair(next, body) {
            let guards = (self.guard(), self.guard());
            let _ = writeln!(
                out,
                "{indent}while let Some([item_0, item_1]) = {iter}.next_pair(cx, {}, {})? {{",
                guards.0, guards.1
            );
            self.tick(&inner, out);
            self.line = body[0].line;
            let first_guard = self.emitter.guards.len();
            let texts: Vec<String> = targets
                .iter()
                .enumerate()
                .map(|(at, target)| self.convert(format!("item_{at}"), Ty::Any, self.function.vars[target.0].ty))
                .collect();
            self.emitter.force(first_guard, &inner, out);
            for (target, text) in targets.iter().zip(texts) {
                self.store(*target, &text, &inner, out);
            }
            self.loops += 1;
            self.block(rest, depth + 1, out);
            self.loops -= 1;
            let _ = writeln!(out, "{indent}}}");
            return;
        }
        let (head, made) = match self.function.vars[next.iter.0].ty {
            Ty::Iter(IterTy::Range) => (format!("{iter}.next()"), Ty::Int),
            Ty::Iter(IterTy::List) => (format!("{iter}.next()"), Ty::Any),
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

    /// The two variables that a loop's item is unpacked into at once, and the rest of the body, where nothing else reads it.
    fn pair<'b>(&self, next: &Next, body: &'b Block) -> Option<([VarId; 2], &'b [Stmt])> {
        let (first, rest) = body.split_first()?;
        let StmtKind::Unpack(targets, None, Atom::Var(item), _) = &first.kind else { return None };
        let [left, right] = targets[..] else { return None };
        let is_any = self.function.vars[next.iter.0].ty == Ty::Iter(IterTy::Any);
        let is_read_here = *item == next.item && self.reads.get(item) == Some(&1);
        (is_any && is_read_here && !self.function.vars[item.0].cell).then_some(([left, right], rest))
    }

    fn tick(&mut self, indent: &str, out: &mut String) {
        let at = self.guard();
        self.emitter.force(at, indent, out);
        let _ = writeln!(out, "{indent}cx.tick({at})?;");
    }
}
