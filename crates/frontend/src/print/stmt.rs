//! Statements as Python text.

use super::Origin;
use super::Printer;
use super::literal::{atom, expr};
use super::release::address;
use crate::normal::{Block, Expr, Stmt, StmtKind};

impl<'a> Printer<'a> {
    pub(super) fn block(&mut self, block: &'a Block) {
        let mut stmts = block.iter();
        while let Some(stmt) = stmts.next() {
            match &stmt.kind {
                StmtKind::Assign { value, .. } if self.fused.contains(&address(stmt)) => {
                    let test = expr(&self.module.source, value);
                    let released = release(self.releases.after(stmt));
                    let tested = stmts.next().expect("its test follows");
                    self.branches(tested, test, Origin::Span(stmt.span), &released);
                    let released = release(self.releases.after(tested));
                    self.generated(released);
                }
                _ => self.stmt(stmt),
            }
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        let before = self.hooks.before(stmt);
        self.generated(before);
        self.kind(stmt);
        if matches!(stmt.kind, StmtKind::Break | StmtKind::Continue | StmtKind::Return { .. } | StmtKind::Raise { .. })
        {
            return;
        }
        let after = self.hooks.after(stmt);
        self.generated(after);
        let released = release(self.releases.after(stmt));
        self.generated(released);
    }

    fn kind(&mut self, stmt: &'a Stmt) {
        let source = &self.module.source;
        let origin = Origin::Span(stmt.span);
        match &stmt.kind {
            StmtKind::Assign { target, value: Expr::Opaque { text, .. }, .. } => {
                let lead = format!("{:1$}{target} = (", "", self.indent * 4);
                let lines = self.texts.framed(&lead, text, ")");
                self.source_lines(lines);
            }
            StmtKind::Assign { target, value, .. } => {
                let origin = stmt.callee.map_or(origin, |callee| Origin::Call { call: stmt.span, callee });
                self.line(format!("{target} = {}", expr(source, value)), origin);
            }
            StmtKind::Update { target, op, value, .. } => {
                self.line(format!("{target} {op}= {}", atom(source, value)), origin);
            }
            StmtKind::SetItem { object, index, value, .. } => {
                let (object, index, value) = (atom(source, object), atom(source, index), atom(source, value));
                self.line(format!("{object}[{index}] = {value}"), origin);
            }
            StmtKind::If { test, .. } => self.branches(stmt, atom(source, test), origin, &[]),
            StmtKind::While { next, body, body_site } => {
                self.line("while True:", origin);
                let mut entered = self.hooks.branch(*body_site);
                if let Some(next) = next {
                    self.indent += 1;
                    self.line(format!("{} = _up_next({}, _up_end)", next.item, next.iter), origin);
                    self.line(format!("if {} is _up_end:", next.item), origin);
                    self.indent += 1;
                    self.line("break", Origin::Generated);
                    self.indent -= 2;
                    entered.extend(self.hooks.item(next));
                }
                self.suite(entered, body);
            }
            StmtKind::Break => self.line("break", origin),
            StmtKind::Continue => self.line("continue", origin),
            StmtKind::Return { value } => self.line(format!("return {}", atom(source, value)), origin),
            StmtKind::Def { function } => self.function(*function, self.indent, true),
            StmtKind::Unpack { names: Some(names), value, .. } => {
                let targets = match &names[..] {
                    [only] => format!("{only},"),
                    names => names.join(", "),
                };
                self.line(format!("{targets} = {}", atom(source, value)), origin);
            }
            StmtKind::Unpack { text, names: None, value, .. } => {
                let lead = " ".repeat(self.indent * 4);
                let lines = self.texts.framed(&lead, text, &format!(" = {}", atom(source, value)));
                self.source_lines(lines);
            }
            StmtKind::Raise { text, .. } | StmtKind::Opaque { text, .. } => {
                let lines = self.texts.reindented(text, self.indent * 4);
                self.source_lines(lines);
            }
            _ => unreachable!("meanings are never printed"),
        }
    }

    /// An `if` whose test is `test`; `released` holds what either branch does first.
    fn branches(&mut self, stmt: &'a Stmt, test: String, origin: Origin, released: &[String]) {
        let StmtKind::If { then, then_site, orelse, else_site, .. } = &stmt.kind else { return };
        self.line(format!("if {test}:"), origin);
        for (site, block, first) in [(*then_site, then, true), (*else_site, orelse, false)] {
            let mut entered = released.to_vec();
            entered.extend(self.hooks.branch(site));
            entered.extend(release(self.releases.at_branch(stmt, first)));
            if first || !block.is_empty() || !entered.is_empty() {
                if !first {
                    self.line("else:", Origin::Generated);
                }
                self.suite(entered, block);
            }
        }
    }

    fn suite(&mut self, entered: Vec<String>, block: &'a Block) {
        self.indent += 1;
        let before = self.lines.len();
        self.generated(entered);
        self.block(block);
        if self.lines.len() == before {
            self.line("pass", Origin::Generated);
        }
        self.indent -= 1;
    }

    fn source_lines(&mut self, lines: Vec<(String, Origin)>) {
        for (line, origin) in lines {
            self.lines.push(line);
            self.origins.push(origin);
        }
    }
}

fn release(names: &[&str]) -> Vec<String> {
    if names.is_empty() { Vec::new() } else { vec![format!("{} = None", names.join(" = "))] }
}
