//! A-normal form to Python that runs, with the origin of each line.
//!
//! In: a [`Module`]. Out: Python text whose lines are as many as the origins.
//! The whole module gives the results of its source; a temporary is set to None once nothing reads it any more,
//! so that objects die where they would have died on CPython's stack.

mod fused;
mod hooks;
mod literal;
mod release;
mod source;
mod stmt;

use std::collections::HashSet;

use rustpython_parser::ast::{Constant, Expr as Ast, Ranged, Stmt as AstStmt, Suite};
use rustpython_parser::lexer::lex;
use rustpython_parser::{Mode, Parse, Tok};
use upshift_ir::FunctionId;

pub use self::hooks::{Hooks, NoHooks, Origin, Printed};

use crate::normal::{Block, Expr, Function, Item, Module, ParamDefault, ParamKind, StmtKind};
use release::Releases;
use source::Texts;

/// Defines what printed loops use, from the module's own built-ins.
const HEADER: [&str; 2] = ["from builtins import iter as _up_iter, next as _up_next", "_up_end = object()"];

/// Prints the whole module, which runs on its own.
pub fn print(module: &Module, hooks: &dyn Hooks) -> Printed {
    let mut printer = Printer::new(module, hooks);
    let mut header = module.functions.iter().any(|function| has_loop(&function.body)).then(|| printer.header_offset());
    for item in &module.items {
        let start = match item {
            Item::Function(_, range) | Item::Verbatim(range) => range.clone(),
        };
        match (item, header) {
            (Item::Function(id, _), at) => {
                if at.is_some_and(|at| at <= start.start) {
                    printer.print_header();
                    header = None;
                }
                printer.function(*id, 0, true);
            }
            (Item::Verbatim(range), Some(at)) if at <= range.end => {
                printer.verbatim(range.start..at.max(range.start));
                printer.print_header();
                header = None;
                printer.verbatim(at.max(range.start)..range.end);
            }
            (Item::Verbatim(range), _) => printer.verbatim(range.clone()),
        }
    }
    printer.finish()
}

/// Prints the normalised functions of the top level alone, for their code objects:
/// without annotations and with None for each default.
///
/// They expect `_up_iter`, `_up_next` and `_up_end` among their globals.
pub fn print_functions(module: &Module, hooks: &dyn Hooks) -> Printed {
    let mut printer = Printer::new(module, hooks);
    for item in &module.items {
        if let Item::Function(id, _) = item {
            printer.function(*id, 0, false);
        }
    }
    printer.finish()
}

fn has_loop(block: &Block) -> bool {
    block.iter().any(|stmt| match &stmt.kind {
        StmtKind::While { next, body, .. } => next.is_some() || has_loop(body),
        StmtKind::If { then, orelse, .. } => has_loop(then) || has_loop(orelse),
        StmtKind::Assign { value: Expr::Iter(_), .. } => true,
        _ => false,
    })
}

/// Text being printed.
struct Printer<'a> {
    module: &'a Module,
    hooks: &'a dyn Hooks,
    texts: Texts<'a>,
    /// When the temporaries of the function being printed are released.
    releases: Releases<'a>,
    /// See [`fused::fused`].
    fused: HashSet<usize>,
    lines: Vec<String>,
    origins: Vec<Origin>,
    indent: usize,
}

impl<'a> Printer<'a> {
    fn new(module: &'a Module, hooks: &'a dyn Hooks) -> Self {
        let texts = Texts::new(&module.source);
        let (lines, origins) = (Vec::new(), Vec::new());
        Self { module, hooks, texts, fused: HashSet::new(), releases: Releases::default(), lines, origins, indent: 0 }
    }

    fn finish(self) -> Printed {
        let mut text = self.lines.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        Printed { text, origins: self.origins }
    }

    /// A line at the current indentation; one that contains a literal of several lines has one origin for all.
    fn line(&mut self, text: impl AsRef<str>, origin: Origin) {
        let text = format!("{:1$}{2}", "", self.indent * 4, text.as_ref());
        for (_, line) in crate::lines::split(&text) {
            self.lines.push(line.to_owned());
            self.origins.push(origin);
        }
    }

    fn generated(&mut self, lines: Vec<String>) {
        lines.into_iter().for_each(|line| self.line(line, Origin::Generated));
    }

    fn print_header(&mut self) {
        HEADER.iter().for_each(|line| self.line(line, Origin::Generated));
    }

    /// Whole lines of the source as they are.
    fn verbatim(&mut self, range: std::ops::Range<usize>) {
        let lines = self.texts.verbatim(&range);
        for (line, origin) in lines {
            self.lines.push(line);
            self.origins.push(origin);
        }
    }

    /// Behind the docstring and the imports from `__future__`, or before the first statement.
    fn header_offset(&self) -> usize {
        let source = &self.module.source;
        let Ok(body) = Suite::parse(source, "<source>") else { return 0 };
        let leading = |(index, stmt): &(usize, &AstStmt)| match stmt {
            AstStmt::Expr(s) => {
                *index == 0 && matches!(&*s.value, Ast::Constant(e) if matches!(e.value, Constant::Str(_)))
            }
            AstStmt::ImportFrom(s) => s.module.as_ref().is_some_and(|name| name.as_str() == "__future__"),
            _ => false,
        };
        let last = body.iter().enumerate().take_while(leading).last();
        let Some((_, last)) = last else {
            let tokens = lex(source, Mode::Module).flatten();
            let first = tokens.map(|(_, range)| usize::from(range.start())).next().unwrap_or(source.len());
            return self.texts.line_start(first);
        };
        let end: usize = last.range().end().into();
        let newline = lex(source, Mode::Module)
            .flatten()
            .find(|(tok, range)| matches!(tok, Tok::Newline) && usize::from(range.end()) > end);
        newline.map_or(source.len(), |(_, range)| range.end().into())
    }

    fn function(&mut self, id: FunctionId, indent: usize, whole: bool) {
        let function = &self.module.functions[id.0 as usize];
        let outer = std::mem::replace(&mut self.releases, Releases::of(function));
        let outer_fused = std::mem::replace(&mut self.fused, fused::fused(function));
        let outer_indent = std::mem::replace(&mut self.indent, indent);
        if whole {
            self.source_header(function);
        } else {
            let text =
                format!("{}def {}({}):", if function.is_async { "async " } else { "" }, function.name, bare(function));
            self.line(text, Origin::Span(function.span));
        }
        self.indent += 1;
        let rewritten = !matches!(&function.body[..], [stmt] if is_whole(function, stmt));
        if rewritten {
            self.declarations(function);
        } else {
            let entered = self.hooks.enter(function);
            // A docstring inside the text stays first where nothing is inserted.
            self.generated(entered);
        }
        let before = self.lines.len();
        self.block(&function.body);
        if self.lines.len() == before {
            self.line("pass", Origin::Generated);
        }
        self.indent = outer_indent;
        self.releases = outer;
        self.fused = outer_fused;
    }

    /// The `def` line as the source has it.
    fn source_header(&mut self, function: &Function) {
        let async_ = if function.is_async { "async " } else { "" };
        let lead = format!("{:1$}{async_}def {2}(", "", self.indent * 4, function.name);
        let end = function.returns.as_ref().map_or(function.signature.end, |returns| returns.end);
        let tail = if function.returns.is_some() { ":" } else { "):" };
        let lines = self.texts.framed(&lead, &(function.signature.start..end), tail);
        for (line, origin) in lines {
            self.lines.push(line);
            self.origins.push(origin);
        }
    }

    fn declarations(&mut self, function: &Function) {
        if let Some(docstring) = &function.docstring {
            let lead = format!("{:1$}", "", self.indent * 4);
            for (line, origin) in self.texts.framed(&lead, docstring, "") {
                self.lines.push(line);
                self.origins.push(origin);
            }
        }
        if !function.globals.is_empty() {
            self.line(format!("global {}", function.globals.join(", ")), Origin::Generated);
        }
        if !function.nonlocals.is_empty() {
            self.line(format!("nonlocal {}", function.nonlocals.join(", ")), Origin::Generated);
        }
        let temporary = |name: &&String| function.temporaries.contains(name);
        for name in function.locals.iter().filter(|name| !temporary(name)) {
            self.line(format!("{name}: unbound"), Origin::Generated);
        }
        let mut printed = HashSet::new();
        assigned(&function.body, &mut printed);
        let temporaries = function.temporaries.iter().filter(|name| printed.contains(name.as_str()));
        let names: Vec<String> = temporaries.map(|name| format!("{name}: unbound")).collect();
        if !names.is_empty() {
            self.line(names.join("; "), Origin::Generated);
        }
        let entered = self.hooks.enter(function);
        self.generated(entered);
    }
}

/// The variables that printed statements assign; those of meanings are others.
fn assigned<'b>(block: &'b Block, found: &mut HashSet<&'b str>) {
    for stmt in block {
        match &stmt.kind {
            StmtKind::Assign { target, .. } | StmtKind::Update { target, .. } => {
                found.insert(target);
            }
            StmtKind::If { then, orelse, .. } => {
                assigned(then, found);
                assigned(orelse, found);
            }
            StmtKind::While { next, body, .. } => {
                if let Some(next) = next {
                    found.insert(&next.item);
                    found.insert(&next.iter);
                }
                assigned(body, found);
            }
            _ => {}
        }
    }
}

/// Whether a statement stands for the whole body of a function that is not rewritten.
fn is_whole(function: &Function, stmt: &crate::normal::Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::Opaque { text, .. } if function.whole.as_ref() == Some(text))
}

/// A signature with the kinds of its parameters alone.
fn bare(function: &Function) -> String {
    let mut parts = Vec::new();
    let mut star = false;
    for (index, param) in function.params.iter().enumerate() {
        let default = match param.default {
            ParamDefault::None => "",
            _ => "=None",
        };
        match param.kind {
            ParamKind::Star => {
                star = true;
                parts.push(format!("*{}", param.name));
            }
            ParamKind::DoubleStar => parts.push(format!("**{}", param.name)),
            ParamKind::KeywordOnly => {
                if !std::mem::replace(&mut star, true) {
                    parts.push("*".to_owned());
                }
                parts.push(format!("{}{default}", param.name));
            }
            ParamKind::PositionalOnly | ParamKind::Plain => parts.push(format!("{}{default}", param.name)),
        }
        let next = function.params.get(index + 1).map(|next| next.kind);
        if param.kind == ParamKind::PositionalOnly && next != Some(ParamKind::PositionalOnly) {
            parts.push("/".to_owned());
        }
    }
    parts.join(", ")
}
