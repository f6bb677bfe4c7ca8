//! Runs generator expressions in place where they are consumed at once.
//!
//! In: a trace. Out: the same program, where `sum(f(x) for x in items)` is a loop, as a list comprehension is.
//! That holds for a consumer that nothing can see between two items: some built-ins, and `join` of a constant string.
//! Each item is consumed before the next one comes about, so exceptions come in the same order.
//! What such a loop must not do is told to lowering: let a `StopIteration` out (see [`crate::program::Frame`]).

mod find;
mod write;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use upshift_ir::{Block, ExprKind, Function, FunctionId, SiteId, Stmt, StmtKind, Trace, each_name_mut};

use self::find::{Consumer, Found};
use self::write::Writer;
use crate::uses::{Use, each_assignment, each_use};

/// A trace after this pass.
pub(crate) struct Fused<'t> {
    /// The trace.
    pub(crate) trace: Cow<'t, Trace>,
    /// The loops that were generator expressions, by their function and iterator.
    pub(crate) in_place: HashSet<(FunctionId, String)>,
}

/// Puts the generator expressions of `trace` in place.
pub(crate) fn fuse(trace: &Trace) -> Fused<'_> {
    if !trace.functions.iter().any(|function| function.name == GENERATOR) {
        return Fused { trace: Cow::Borrowed(trace), in_place: HashSet::new() };
    }
    let mut trace = trace.clone();
    let mut in_place = HashSet::new();
    // Those within others come behind these.
    for index in (0..trace.functions.len()).rev() {
        let mut body = std::mem::take(&mut trace.functions[index].body);
        let mut pass = Pass::new(&trace, index, &body);
        pass.block(&mut body);
        let Pass { gone, locals, iters, .. } = pass;
        in_place.extend(iters.into_iter().map(|iter| (FunctionId(index as u32), iter)));
        trace.functions[index].body = body;
        trace.functions[index].locals.extend(locals);
        for id in gone {
            let function = &mut trace.functions[id.0 as usize];
            function.free.clear();
            function.body = vec![Stmt { line: function.line, kind: StmtKind::Unknown { site: SiteId(0) } }];
        }
    }
    Fused { trace: Cow::Owned(trace), in_place }
}

const GENERATOR: &str = "<genexpr>";

/// One function.
struct Pass<'t> {
    trace: &'t Trace,
    /// How often variables are read as values, called, and assigned.
    read: HashMap<String, usize>,
    called: HashMap<String, usize>,
    assigned: HashMap<String, usize>,
    /// Generator expressions that were put in place.
    gone: Vec<FunctionId>,
    /// Variables that came about.
    locals: Vec<String>,
    iters: Vec<String>,
}

impl<'t> Pass<'t> {
    fn new(trace: &'t Trace, index: usize, body: &Block) -> Self {
        let (mut read, mut called, mut assigned) = (HashMap::new(), HashMap::new(), HashMap::new());
        each_use(body, &mut |used| match used {
            Use::Read(name) | Use::Rebound(name) | Use::Copied { from: name, .. } => {
                *read.entry(name.to_owned()).or_default() += 1;
            }
            Use::Called(name) => *called.entry(name.to_owned()).or_default() += 1,
            _ => {}
        });
        each_assignment(body, &mut |name| *assigned.entry(name.to_owned()).or_default() += 1);
        // What a nested function reads is no temporary.
        for nested in &trace.functions {
            if nested.parent == Some(FunctionId(index as u32)) {
                for name in &nested.free {
                    *read.entry(name.clone()).or_default() += 2;
                }
            }
        }
        Self { trace, read, called, assigned, gone: Vec::new(), locals: Vec::new(), iters: Vec::new() }
    }

    fn block(&mut self, block: &mut Block) {
        for stmt in &mut *block {
            match &mut stmt.kind {
                StmtKind::If { then, orelse, .. } => {
                    self.block(then);
                    self.block(orelse);
                }
                StmtKind::While { body, .. } | StmtKind::With { body, .. } => self.block(body),
                StmtKind::Try { body, handlers, orelse, finally } => {
                    self.block(body);
                    for handler in handlers {
                        self.block(&mut handler.before);
                        self.block(&mut handler.body);
                    }
                    self.block(orelse);
                    self.block(finally);
                }
                _ => {}
            }
        }
        let mut at = 0;
        while at < block.len() {
            let found = self.found(block, at);
            at += 1;
            if let Some((found, consumer)) = found
                && let Some(function) = self.fusable(found.function, &consumer)
            {
                self.put(block, &found, &consumer, function);
                // The statements before it are fewer now.
                at = 0;
            }
        }
    }

    /// Puts the loop of `function` in front of its consumer, which takes what came of it.
    fn put(&mut self, block: &mut Block, found: &Found, consumer: &Consumer, function: &Function) {
        let StmtKind::Let { name: items, value: made } = &mut block[found.items].kind else { return };
        let items = items.clone();
        if let ExprKind::Call { args, .. } = &mut made.kind {
            made.kind = ExprKind::Iter { object: args.remove(0) };
        }
        let own: HashSet<&String> = function.locals.iter().collect();
        let suffix = format!(".g{}", function.id.0);
        let mut looped = function.body[..1].to_vec();
        each_name_mut(&mut looped, &mut |name| {
            if *name == function.params[0].name {
                name.clone_from(&items);
            } else if own.contains(name) {
                name.push_str(&suffix);
            }
        });
        let line = block[found.consumer].line;
        let mut put = Block::new();
        for local in &function.locals {
            let name = format!("{local}{suffix}");
            // Temporaries are assigned right before they are read.
            if !local.contains('.') {
                put.push(Stmt { line, kind: StmtKind::Fresh { name: name.clone() } });
            }
            self.locals.push(name);
        }
        if let StmtKind::Let { value, .. } | StmtKind::Set { value, .. } = &mut block[found.consumer].kind {
            let mut writer = Writer::new(line, value.site, &suffix);
            put.extend(writer.consume(consumer, looped, value));
            self.locals.append(&mut writer.locals);
        }
        self.iters.push(items);
        self.gone.push(function.id);
        block.splice(found.consumer..found.consumer, put);
        let mut gone = found.gone.clone();
        gone.sort_unstable();
        gone.into_iter().rev().for_each(|at| drop(block.remove(at)));
    }
}
