//! Writes the loop of a generator expression, with what its consumer does with an item.

use upshift_ir::{Atom, BinaryOp, Block, Const, Expr, ExprKind, SiteId, Stmt, StmtKind, TypeSet};

use super::find::Consumer;

/// Makes statements for one generator expression.
pub(super) struct Writer<'s> {
    line: u32,
    site: SiteId,
    suffix: &'s str,
    /// The variables that it made.
    pub(super) locals: Vec<String>,
}

impl<'s> Writer<'s> {
    /// At the line and site of the consumer; names end in `suffix`.
    pub(super) fn new(line: u32, site: SiteId, suffix: &'s str) -> Self {
        Self { line, site, suffix, locals: Vec::new() }
    }

    /// The loop `looped`, whose yielded items go to the consumer; `call`, its call, becomes what gives the result.
    pub(super) fn consume(&mut self, consumer: &Consumer, mut looped: Block, call: &mut Expr) -> Block {
        let result = self.local("result");
        let var = || Atom::Var(result.clone());
        let mut before = Vec::new();
        let mut after = Vec::new();
        let writer = &*self;
        match consumer {
            Consumer::List | Consumer::Set | Consumer::Listed => {
                let items = Vec::new();
                let is_set = matches!(consumer, Consumer::Set);
                let empty = if is_set { ExprKind::Set { items } } else { ExprKind::List { items } };
                before.push(writer.set(&result, empty));
                take(&mut looped, &|value| vec![writer.stmt(StmtKind::Push { object: var(), value })]);
            }
            Consumer::Sum(start) => {
                before.push(writer.copy(&result, Atom::Const(start.clone())));
                take(&mut looped, &|right| {
                    vec![writer.set(&result, ExprKind::BinOp { operator: BinaryOp::Add, left: var(), right })]
                });
            }
            Consumer::Any(wanted) => {
                before.push(writer.copy(&result, boolean(!wanted)));
                take(&mut looped, &|test| {
                    let stop = vec![writer.copy(&result, boolean(*wanted)), writer.stmt(StmtKind::Break)];
                    let (then, orelse) = if *wanted { (stop, Vec::new()) } else { (Vec::new(), stop) };
                    vec![writer.stmt(StmtKind::If { test, then, orelse })]
                });
            }
            Consumer::Next(default) => {
                before.push(writer.copy(&result, default.clone()));
                take(&mut looped, &|value| vec![writer.copy(&result, value), writer.stmt(StmtKind::Break)]);
            }
            Consumer::Best(operator) => {
                let [best, none, better, empty] = ["best", "none", "better", "empty"].map(|name| self.local(name));
                let writer = &*self;
                before.push(writer.copy(&none, boolean(true)));
                take(&mut looped, &|value| {
                    let (left, right) = (value.clone(), Atom::Var(best.clone()));
                    let compare = ExprKind::Compare { operator: *operator, left, right };
                    let replace = writer.when(&better, vec![writer.copy(&best, value.clone())], Vec::new());
                    let first = vec![writer.copy(&best, value), writer.copy(&none, boolean(false))];
                    vec![writer.when(&none, first, vec![writer.set(&better, compare), replace])]
                });
                // The call itself says what is wrong with no items.
                let mut asked = call.clone();
                give(&mut asked, Atom::Var(empty.clone()));
                let nothing = writer.set(&empty, ExprKind::List { items: Vec::new() });
                let ask = writer.stmt(StmtKind::Set { name: result.clone(), value: asked });
                let found = writer.copy(&result, Atom::Var(best));
                after.push(writer.when(&none, vec![nothing, ask], vec![found]));
            }
        }
        match consumer {
            Consumer::Listed => give(call, var()),
            _ => call.kind = ExprKind::Atom { value: var() },
        }
        before.into_iter().chain(looped).chain(after).collect()
    }

    /// A new variable.
    fn local(&mut self, name: &str) -> String {
        let name = format!("{name}{}.", self.suffix);
        self.locals.push(name.clone());
        name
    }

    fn stmt(&self, kind: StmtKind) -> Stmt {
        Stmt { line: self.line, kind }
    }

    fn set(&self, name: &str, kind: ExprKind) -> Stmt {
        let value = Expr { site: self.site, seen: TypeSet::default(), kind };
        self.stmt(StmtKind::Set { name: name.to_owned(), value })
    }

    fn copy(&self, name: &str, value: Atom) -> Stmt {
        self.set(name, ExprKind::Atom { value })
    }

    fn when(&self, test: &str, then: Block, orelse: Block) -> Stmt {
        self.stmt(StmtKind::If { test: Atom::Var(test.to_owned()), then, orelse })
    }
}

fn boolean(value: bool) -> Atom {
    Atom::Const(Const::Bool(value))
}

/// Gives a call another first argument.
fn give(call: &mut Expr, first: Atom) {
    if let ExprKind::Call { args, .. } = &mut call.kind {
        args[0] = first;
    }
}

/// Makes every `yield` of `block` what `item` says of its value.
fn take(block: &mut Block, item: &dyn Fn(Atom) -> Block) {
    let mut at = 0;
    while at < block.len() {
        let mut count = 1;
        match &mut block[at].kind {
            StmtKind::Let { value: Expr { kind: ExprKind::Yield { value }, .. }, .. } => {
                let taken = item(value.clone());
                count = taken.len();
                block.splice(at..=at, taken);
            }
            StmtKind::If { then, orelse, .. } => {
                take(then, item);
                take(orelse, item);
            }
            StmtKind::While { body, .. } => take(body, item),
            _ => {}
        }
        at += count;
    }
}
