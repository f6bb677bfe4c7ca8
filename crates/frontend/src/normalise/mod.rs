//! Source to A-normal form.
//!
//! In: any text that the parser accepts. Out: a [`Module`] of which everything said in [`crate::normal`] holds.
//! The order of evaluation is that of CPython 3.11's `Python/compile.c`, and so is every position.

mod assign;
mod body;
mod classes;
mod comprehension;
mod expr;
mod function;
mod inner;
mod loops;
mod matching;
mod mean_stmt;
mod meaning;
mod stmt;
mod test;

use std::ops::Range;

use rustpython_parser::ast::{Ranged, Stmt, Suite};
use rustpython_parser::lexer::lex;
use rustpython_parser::{Mode, Parse, Tok};
use thiserror::Error;
use upshift_ir::{FunctionId, LINKED_LINES, SiteId};

use crate::lines::Lines;
use crate::normal::{Function, Globals, Item, Linked, Module, Span};
use crate::scope::{Scopes, analyse};
use crate::{globals, walk};

/// Source that cannot be normalised because it is not Python.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message} (line {line}, column {column})")]
pub struct ParseError {
    /// What is wrong.
    pub message: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 0.
    pub column: u32,
}

/// Longest chain of nested nodes; CPython's own compiler gives up at half of it.
const MAX_DEPTH: usize = 6000;

/// Parses a module and brings the functions of its top level into A-normal form.
///
/// A byte order mark is dropped from [`Module::source`].
///
/// # Errors
/// [`ParseError`] if the source is no Python, or nests so deeply that CPython could not compile it.
pub fn normalise(source: &str) -> Result<Module, ParseError> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let read = on_big_stack(source, Start::default())?;
    Ok(Module {
        source: source.to_owned(),
        items: read.items,
        functions: read.functions,
        sites: read.sites,
        globals: read.globals,
        linked: Vec::new(),
    })
}

/// Appends the functions of another module, `name` in `sys.modules`, by their meanings.
///
/// `sha256` is of its file; `own` tells whether it belongs to the action.
///
/// # Errors
/// As [`normalise`]; `module` is as it was then.
pub fn link(module: &mut Module, name: &str, sha256: &str, own: bool, source: &str) -> Result<(), ParseError> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let base = LINKED_LINES * (module.linked.len() as u32 + 1);
    let start = Start { functions: module.functions.clone(), sites: module.sites, link: Some((name.to_owned(), base)) };
    let read = on_big_stack(source, start)?;
    let (first, first_site) = (module.functions.len(), module.sites);
    (module.functions, module.sites) = (read.functions, read.sites);
    let (name, sha256) = (name.to_owned(), sha256.to_owned());
    module.linked.push(Linked { name, sha256, own, first, first_site, base, globals: read.globals });
    Ok(())
}

/// Where reading a source starts.
#[derive(Default)]
struct Start {
    functions: Vec<Function>,
    sites: u32,
    /// The name of a module that is linked, and what its lines are counted from.
    link: Option<(String, u32)>,
}

/// What reading a source gives; functions and sites follow those at the start.
struct Read {
    items: Vec<Item>,
    functions: Vec<Function>,
    sites: u32,
    globals: Globals,
}

fn on_big_stack(source: &str, start: Start) -> Result<Read, ParseError> {
    // Freeing a tree recurses as deeply as the tree goes, and a tree can be as deep as its source is long.
    let stack = (256 << 20) + source.len().saturating_mul(512).min(8 << 30);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, || read(source, start));
        let outcome = thread.map(|thread| thread.join());
        match outcome {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(ParseError { message: format!("no stack to parse on: {error}"), line: 1, column: 0 }),
        }
    })
}

fn read(source: &str, start: Start) -> Result<Read, ParseError> {
    let lines = Lines::new(source).from(start.link.as_ref().map_or(0, |(_, base)| *base));
    let at = |offset: usize, message: String| {
        let (line, column) = lines.locate(offset.min(source.len()));
        ParseError { message, line, column }
    };
    let body = Suite::parse(source, "<source>").map_err(|error| at(error.offset.into(), error.error.to_string()))?;
    if !walk::fits(&body, MAX_DEPTH) {
        return Err(at(0, "nested too deeply".to_owned()));
    }
    let tokens =
        lex(source, Mode::Module).flatten().map(|(tok, range)| (tok, range.start().into()..range.end().into()));
    let mut cx = Cx {
        source,
        lines,
        tokens: tokens.collect(),
        scopes: analyse(&body),
        names: Names::new(source),
        qualnames: vec![String::new(); start.functions.len()],
        functions: start.functions.into_iter().map(Some).collect(),
        class_bodies: Default::default(),
        sites: start.sites,
        link: start.link.map(|(name, _)| name),
    };
    let items = if cx.link.is_none() { cx.items(&body) } else { Vec::new() };
    cx.unprinted(&body, "", None);
    Ok(Read {
        items,
        functions: cx.functions.into_iter().flatten().collect(),
        sites: cx.sites,
        globals: globals::analyse(&body, &cx.scopes),
    })
}

/// What normalising a module needs everywhere.
struct Cx<'a> {
    source: &'a str,
    lines: Lines,
    tokens: Vec<(Tok, Range<usize>)>,
    scopes: Scopes,
    names: Names,
    /// A place is taken when a `def` is met, and filled once its body is done.
    functions: Vec<Option<Function>>,
    /// `co_qualname` of each.
    qualnames: Vec<String>,
    /// The functions that are bodies of classes.
    class_bodies: std::collections::HashSet<FunctionId>,
    sites: u32,
    /// The name of the module, if it is one that is linked.
    link: Option<String>,
}

impl Cx<'_> {
    fn items(&mut self, body: &[Stmt]) -> Vec<Item> {
        let mut items = Vec::new();
        let mut done = 0;
        for stmt in body {
            let Some(range) = self.rewritable(stmt) else { continue };
            if range.start > done {
                items.push(Item::Verbatim(done..range.start));
            }
            done = range.end;
            let id = self.function(stmt, None, Vec::new());
            items.push(Item::Function(id, range));
        }
        if done < self.source.len() {
            items.push(Item::Verbatim(done..self.source.len()));
        }
        items
    }

    /// The bytes of a top-level `def` that is normalised, to the end of its last line.
    fn rewritable(&self, stmt: &Stmt) -> Option<Range<usize>> {
        let plain = match stmt {
            Stmt::FunctionDef(s) => s.decorator_list.is_empty() && s.type_params.is_empty(),
            Stmt::AsyncFunctionDef(s) => s.decorator_list.is_empty() && s.type_params.is_empty(),
            _ => false,
        };
        let start = usize::from(stmt.range().start());
        let end = self.line_end(stmt.range().end().into());
        let whole = start..end;
        (plain && self.lines.locate(start).1 == 0 && self.indents_evenly(&whole)).then_some(whole)
    }

    /// Behind the logical line that `offset` is on or at the end of.
    fn line_end(&self, offset: usize) -> usize {
        let from = self.tokens.partition_point(|(_, range)| range.start < offset.saturating_sub(1));
        let newline = self.tokens[from..].iter().find(|(tok, range)| {
            // The last line of a block ends at a newline behind, or just before, the offset.
            matches!(tok, Tok::Newline) && range.end > offset
        });
        newline.map_or(self.source.len(), |(_, range)| range.end)
    }

    /// Whether all lines are indented by spaces alone or by tabs alone, and not too far to be indented more.
    fn indents_evenly(&self, whole: &Range<usize>) -> bool {
        const MAX_INDENTS: usize = 30;
        let mut kinds = [false; 3];
        for (_, line) in crate::lines::split(&self.source[whole.clone()]) {
            for byte in line.bytes().take_while(|byte| b" \t\x0c".contains(byte)) {
                kinds[match byte {
                    b' ' => 0,
                    b'\t' => 1,
                    _ => 2,
                }] = true;
            }
        }
        let from = self.tokens.partition_point(|(_, range)| range.start < whole.start);
        let (mut level, mut most) = (0usize, 0);
        for (tok, _) in self.tokens[from..].iter().take_while(|(_, range)| range.start < whole.end) {
            match tok {
                Tok::Indent => level += 1,
                Tok::Dedent => level = level.saturating_sub(1),
                _ => {}
            }
            most = most.max(level);
        }
        !(kinds[2] || kinds[0] && kinds[1]) && most <= MAX_INDENTS
    }

    /// A module-level or built-in name, as the functions of this module read it.
    fn global(&self, name: &str) -> String {
        self.link.as_ref().map_or_else(|| name.to_owned(), |module| format!("{module}:{name}"))
    }

    fn site(&mut self) -> SiteId {
        self.sites += 1;
        SiteId(self.sites - 1)
    }

    fn reserve(&mut self) -> FunctionId {
        self.functions.push(None);
        self.qualnames.push(String::new());
        FunctionId(self.functions.len() as u32 - 1)
    }

    fn span(&self, node: &impl Ranged) -> Span {
        self.lines.span(&range(node))
    }

    fn text(&self, node: &impl Ranged) -> &str {
        &self.source[range(node)]
    }

    /// Where a statement starts, decorators included.
    fn start(&self, stmt: &Stmt) -> usize {
        let decorators = match stmt {
            Stmt::FunctionDef(s) => &s.decorator_list,
            Stmt::AsyncFunctionDef(s) => &s.decorator_list,
            Stmt::ClassDef(s) => &s.decorator_list,
            _ => return stmt.range().start().into(),
        };
        let Some(first) = decorators.first() else { return stmt.range().start().into() };
        let behind = self.tokens.partition_point(|(_, range)| range.start < first.range().start().into());
        let at = self.tokens[..behind].iter().rfind(|(tok, _)| matches!(tok, Tok::At));
        at.map_or(stmt.range().start().into(), |(_, range)| range.start)
    }
}

fn range(node: &impl Ranged) -> Range<usize> {
    node.range().start().into()..node.range().end().into()
}

/// The kinds of temporaries.
#[derive(Clone, Copy)]
enum Temp {
    App,
    Other,
    Callee,
    Method,
    Iter,
    Item,
}

/// Names of temporaries, none of which occurs in the source, strings and comments included.
struct Names {
    bases: [String; 6],
    /// Whether the source has none of the names that printed loops use.
    loops: bool,
}

impl Names {
    fn new(source: &str) -> Self {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let words: std::collections::HashSet<&str> = source.split(|c| !word(c)).collect();
        let clashes = |base: &str| {
            words.iter().any(|word| {
                word.strip_prefix(base).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
            })
        };
        let bases = ["app", "t", "fn", "m", "iter", "item"].map(|kind| {
            let mut base = kind.to_owned();
            while clashes(&base) {
                base.push('_');
            }
            base
        });
        // NFKC makes other spellings equal to these; such characters are not worth telling apart.
        let ascii = source.is_ascii() || source.chars().all(|c| !('\u{ff00}'..='\u{ffef}').contains(&c));
        Self { bases, loops: ascii && !source.contains("_up_") }
    }

    fn base(&self, kind: Temp) -> &str {
        &self.bases[kind as usize]
    }
}
