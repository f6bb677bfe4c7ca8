//! The join of two traces of one source: everything that either has seen.
//!
//! Commutative, associative and, but for the number of invocations, idempotent.
//! A hole joined with anything is that thing; types join as sets; a global that differs is not relied on any more.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Block, Expr, Function, GlobalValue, Handler, Next, Node, Stmt, StmtKind, Trace, TypeSet};

/// A program that makes up more patterns than this has most of its calls in CPython.
const MOST_PATTERNS: usize = 256;

/// Why two traces do not merge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// They were made from different sources, or by different versions of the normaliser.
    #[error("the traces are of different sources")]
    Source,
    /// Same source, but the programs differ in shape; one of them is damaged.
    #[error("the traces differ in shape at line {0}")]
    Shape(u32),
}

impl Trace {
    /// Widens this trace by everything that `other` has seen.
    ///
    /// On an error this trace is as it was.
    pub fn merge(&mut self, other: &Trace) -> Result<(), MergeError> {
        let same = self.version == other.version
            && self.source == other.source
            && self.entry == other.entry
            && self.functions.len() == other.functions.len();
        if !same {
            return Err(MergeError::Source);
        }
        let functions = self
            .functions
            .iter()
            .zip(&other.functions)
            .map(|(left, right)| function(left, right))
            .collect::<Result<_, _>>()?;
        self.functions = functions;
        (self.globals, self.image) = merge_globals((&self.globals, &self.image), (&other.globals, &other.image));
        if self.loaded != other.loaded {
            self.loaded = None;
        }
        self.variables.extend(other.variables.iter().cloned());
        self.changes |= other.changes;
        self.invocations += other.invocations;
        self.wide.extend(&other.wide);
        for pattern in &other.patterns {
            let same = |known: &&crate::Pattern| known.pattern == pattern.pattern && known.given == pattern.given;
            if self.patterns.len() < MOST_PATTERNS && !self.patterns.iter().any(|known| same(&known)) {
                self.patterns.push(pattern.clone());
            }
        }
        Ok(())
    }
}

/// What names held, and the objects that they reach.
type Globals<'t> = (&'t BTreeMap<String, GlobalValue>, &'t Vec<Node>);

/// The join of what names held in two runs; the larger image stays where they agree on what it says.
pub fn merge_globals(left: Globals<'_>, right: Globals<'_>) -> (BTreeMap<String, GlobalValue>, Vec<Node>) {
    // The choice must not depend on the order of the arguments.
    let key = |globals: Globals<'_>| (globals.1.len(), format!("{:?}", globals.1));
    let (kept, other) = if key(left) >= key(right) { (left, right) } else { (right, left) };
    let mut joined = kept.0.clone();
    for (name, value) in other.0 {
        match kept.0.get(name) {
            None => {
                let value = match value {
                    GlobalValue::Image(_) => GlobalValue::Other("it was not there in every invocation".to_owned()),
                    other => other.clone(),
                };
                joined.insert(name.clone(), value);
            }
            Some(known) if !same_value((known, kept.1), (value, other.1)) => {
                joined.insert(name.clone(), GlobalValue::Other("it changes between invocations".to_owned()));
            }
            Some(_) => {}
        }
    }
    (joined, kept.1.clone())
}

fn same_value(left: (&GlobalValue, &[Node]), right: (&GlobalValue, &[Node])) -> bool {
    match (left.0, right.0) {
        (GlobalValue::Image(l), GlobalValue::Image(r)) => {
            Same { left: left.1, right: right.1, met: BTreeSet::new() }.node(*l, *r)
        }
        (l, r) => l == r,
    }
}

/// Compares two object graphs; pairs under comparison count as equal, so cycles end.
struct Same<'t> {
    left: &'t [Node],
    right: &'t [Node],
    met: BTreeSet<(usize, usize)>,
}

impl Same<'_> {
    fn node(&mut self, l: usize, r: usize) -> bool {
        if !self.met.insert((l, r)) {
            return true;
        }
        let (Some(left), Some(right)) = (self.left.get(l), self.right.get(r)) else { return false };
        let (mut of_left, mut of_right) = (Vec::new(), Vec::new());
        // The same shape with every reference replaced by its number in order.
        let shape = |node: &Node, found: &mut Vec<usize>| {
            let mut copy = node.clone();
            copy.each_reference(&mut |index| {
                found.push(*index);
                *index = found.len();
            });
            copy
        };
        shape(left, &mut of_left) == shape(right, &mut of_right)
            && of_left.into_iter().zip(of_right).all(|(l, r)| self.node(l, r))
    }
}

fn function(left: &Function, right: &Function) -> Result<Function, MergeError> {
    let same = left.id == right.id
        && left.name == right.name
        && left.line == right.line
        && left.params.len() == right.params.len()
        && left.locals == right.locals;
    if !same {
        return Err(MergeError::Shape(left.line));
    }
    let mut joined = left.clone();
    for (param, other) in joined.params.iter_mut().zip(&right.params) {
        param.seen.join(&other.seen);
    }
    joined.body = block(&left.body, &right.body, left.line)?;
    Ok(joined)
}

fn is_hole(block: &[Stmt]) -> bool {
    matches!(block, [Stmt { kind: StmtKind::Unknown { .. }, .. }])
}

fn block(left: &Block, right: &Block, line: u32) -> Result<Block, MergeError> {
    if is_hole(left) {
        return Ok(right.clone());
    }
    if is_hole(right) {
        return Ok(left.clone());
    }
    let mut joined = Block::new();
    align(left, right, line, &mut joined)?;
    Ok(joined)
}

/// Joins statement by statement: one that is kept as its source is one hole, or all that it means.
fn align(mut left: &[Stmt], mut right: &[Stmt], line: u32, joined: &mut Block) -> Result<(), MergeError> {
    let hole = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Unknown { .. });
    while let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) {
        match (hole(one), hole(other)) {
            (true, false) => return fill(left_rest, right, line, joined, false),
            (false, true) => return fill(right_rest, left, line, joined, true),
            _ => joined.push(stmt(one, other)?),
        }
        (left, right) = (left_rest, right_rest);
    }
    // What means nothing is a hole on one side, and nothing on the other.
    if left.iter().chain(right).all(hole) { Ok(()) } else { Err(MergeError::Shape(line)) }
}

/// Joins what stands behind a hole with `seen`, of which some statements stand in the hole's place: as many as leave a rest
/// that fits, which the sites of the statements tell.
fn fill(rest: &[Stmt], seen: &[Stmt], line: u32, joined: &mut Block, swapped: bool) -> Result<(), MergeError> {
    let begun = joined.len();
    for taken in 0..=seen.len() {
        joined.truncate(begun);
        joined.extend_from_slice(&seen[..taken]);
        let behind = &seen[taken..];
        let (left, right) = if swapped { (behind, rest) } else { (rest, behind) };
        if align(left, right, line, joined).is_ok() {
            return Ok(());
        }
    }
    Err(MergeError::Shape(line))
}

fn stmt(left: &Stmt, right: &Stmt) -> Result<Stmt, MergeError> {
    let line = left.line;
    let kind = match (&left.kind, &right.kind) {
        (StmtKind::Let { name, value }, StmtKind::Let { name: other, value: seen }) if name == other => {
            StmtKind::Let { name: name.clone(), value: expr(value, seen, line)? }
        }
        (StmtKind::Set { name, value }, StmtKind::Set { name: other, value: seen }) if name == other => {
            StmtKind::Set { name: name.clone(), value: expr(value, seen, line)? }
        }
        (StmtKind::If { test, then, orelse }, StmtKind::If { test: other, then: other_then, orelse: other_orelse })
            if test == other =>
        {
            StmtKind::If {
                test: test.clone(),
                then: block(then, other_then, line)?,
                orelse: block(orelse, other_orelse, line)?,
            }
        }
        (StmtKind::While { next, body }, StmtKind::While { next: other_next, body: other_body }) => {
            let next = match (next, other_next) {
                (Some(left), Some(right)) => Some(join_next(left, right)),
                (None, None) => None,
                _ => return Err(MergeError::Shape(line)),
            };
            StmtKind::While { next, body: block(body, other_body, line)? }
        }
        (
            StmtKind::Try { body, handlers, orelse, finally },
            StmtKind::Try { body: b, handlers: h, orelse: o, finally: f },
        ) if handlers.len() == h.len() => StmtKind::Try {
            body: block(body, b, line)?,
            handlers: handlers.iter().zip(h).map(|(left, right)| handler(left, right)).collect::<Result<_, _>>()?,
            orelse: block(orelse, o, line)?,
            finally: block(finally, f, line)?,
        },
        (StmtKind::With { context, name, body }, StmtKind::With { context: c, name: n, body: b })
            if context == c && name == n =>
        {
            StmtKind::With { context: context.clone(), name: name.clone(), body: block(body, b, line)? }
        }
        (
            StmtKind::Unpack { names, star, value, seen },
            StmtKind::Unpack { names: n, star: s, value: v, seen: other },
        ) if names == n && star == s && value == v => {
            let mut seen = seen.clone();
            seen.resize(seen.len().max(other.len()), TypeSet::default());
            for (types, more) in seen.iter_mut().zip(other) {
                types.join(more);
            }
            StmtKind::Unpack { names: names.clone(), star: *star, value: value.clone(), seen }
        }
        (StmtKind::Unknown { .. }, seen) | (seen, StmtKind::Unknown { .. }) => seen.clone(),
        (left, right) if left == right => left.clone(),
        _ => return Err(MergeError::Shape(line)),
    };
    Ok(Stmt { line, kind })
}

fn handler(left: &Handler, right: &Handler) -> Result<Handler, MergeError> {
    if left.class != right.class || left.name != right.name {
        return Err(MergeError::Shape(left.line));
    }
    Ok(Handler {
        before: block(&left.before, &right.before, left.line)?,
        body: block(&left.body, &right.body, left.line)?,
        ..left.clone()
    })
}

fn join_next(left: &Next, right: &Next) -> Next {
    let mut next = left.clone();
    next.seen.join(&right.seen);
    next
}

fn expr(left: &Expr, right: &Expr, line: u32) -> Result<Expr, MergeError> {
    let mut joined = left.clone();
    joined.seen.join(&right.seen);
    if left.kind == right.kind && left.site == right.site { Ok(joined) } else { Err(MergeError::Shape(line)) }
}
