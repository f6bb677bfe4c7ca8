//! Prints the functions of a normal form with calls to the recorder in them.
//!
//! In: a [`Module`]. Out: Python that computes the same and tells the recorder which way branches went,
//! and the types at parameters, items, subscripts, attributes and call results; what globals held, it finds by itself.
//! Everything else a trace needs follows from these by reading.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use upshift_frontend::Hooks;
use upshift_frontend::normal::{Expr, Function, Item, Module, Next, ParamDefault, Stmt, StmtKind};
use upshift_ir::{FunctionId, SiteId};

use crate::kept::{Kept, corners, kept};

/// Instrumented code as a worker takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instrumented {
    /// `def` statements alone, in the order of the source.
    pub text: String,
    /// `origins[i]` is that of line `i + 1` of `text`.
    pub origins: Vec<Origin>,
    /// The functions that `text` defines at its top level.
    pub functions: Vec<TopFunction>,
    /// What is observed in parts that `text` or the source has as they are.
    pub kept: Kept,
    /// How many sites may record.
    pub sites: u32,
    /// Every name whose value the recorder is to describe.
    pub names: Vec<String>,
    /// All functions by `co_qualname`, `co_firstlineno` and number, so that the recorder knows them.
    pub codes: Vec<(String, u32, u32)>,
    /// Numbers of functions that have defaults which are not written as constants.
    pub computed: Vec<u32>,
    /// The modules that are linked, in their order.
    pub linked: Vec<LinkedCodes>,
}

/// What the recorder is to know of a linked module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedCodes {
    /// Its name in `sys.modules`.
    pub name: String,
    /// SHA-256 of the file that was read, in hexadecimal.
    pub sha256: String,
    /// Its functions by `co_qualname`, `co_firstlineno` and number.
    pub codes: Vec<(String, u32, u32)>,
    /// Those of its names that native code knows without it.
    pub native: Vec<String>,
}

/// Where a line comes from; see [`upshift_frontend::Origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Line, column, end line, end column of every node on the line.
    Span(u32, u32, u32, u32),
    /// Source line, and source column minus printed column.
    Verbatim(u32, i32),
    /// A call that looks its callee up itself: position of the call, then of the callee.
    Call([u32; 4], [u32; 4]),
    /// Nothing in the line can fail.
    Generated,
}

/// A function whose code the worker swaps for the instrumented one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopFunction {
    /// Its name in the module.
    pub name: String,
    /// Its [`upshift_ir::FunctionId`].
    pub id: u32,
    /// The line of its `def`.
    pub line: u32,
}

/// Instruments every normalised function of `module`; `native` tells whether native code knows `module.name` of itself.
pub fn instrument(module: &Module, native: &dyn Fn(&str) -> bool) -> Instrumented {
    let printed = upshift_frontend::print_functions(module, &Recording);
    let origins = printed
        .origins
        .into_iter()
        .map(|origin| match origin {
            upshift_frontend::Origin::Span(span) => {
                Origin::Span(span.line, span.column, span.end_line, span.end_column)
            }
            upshift_frontend::Origin::Call { call, callee } => Origin::Call(corners(call), corners(callee)),
            upshift_frontend::Origin::Verbatim { line, shift } => Origin::Verbatim(line, shift),
            upshift_frontend::Origin::Generated => Origin::Generated,
        })
        .collect();
    let functions = module
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Function(id, _) => {
                let function = &module.functions[id.0 as usize];
                Some(TopFunction { name: function.name.clone(), id: id.0, line: function.span.line })
            }
            Item::Verbatim(_) => None,
        })
        .collect();
    let numbered = |codes: Vec<(String, u32, FunctionId)>| {
        codes.into_iter().map(|(name, line, id)| (name, line, id.0)).collect::<Vec<_>>()
    };
    let codes = numbered(module.code_ids());
    let linked = module.linked.iter().enumerate().map(|(index, linked)| LinkedCodes {
        name: linked.name.clone(),
        sha256: linked.sha256.clone(),
        codes: numbered(module.linked_code_ids(index)),
        native: linked
            .globals
            .bound
            .iter()
            .filter(|name| native(&format!("{}.{name}", linked.name)))
            .cloned()
            .collect(),
    });
    let linked = linked.collect();
    let is_computed =
        |function: &&Function| function.params.iter().any(|param| matches!(param.default, ParamDefault::Other));
    let computed = module.functions.iter().filter(is_computed).map(|function| function.id.0).collect();
    let (sites, names) = (module.own_sites(), names(module));
    let kept = kept(module);
    Instrumented { text: printed.text, origins, functions, kept, sites, names, codes, computed, linked }
}

/// Names that functions of the module, and of linked ones of its own, declare `global`; those of linked ones as
/// `module:name`.
pub fn variables(module: &Module) -> Vec<String> {
    let own = module.globals.declared.iter().cloned();
    let linked = module
        .linked
        .iter()
        .filter(|linked| linked.own)
        .flat_map(|linked| linked.globals.declared.iter().map(|name| format!("{}:{name}", linked.name)));
    own.chain(linked).collect()
}

/// Every name whose value a trace of `module` may need: those that functions read, and what is taken of linked modules.
pub fn names(module: &Module) -> Vec<String> {
    let mut names: BTreeSet<String> = module.global_names().into_iter().chain(variables(module)).collect();
    let taken = module.taken();
    for linked in &module.linked {
        let bound = linked.globals.bound.iter();
        let read = bound.filter(|name| taken.contains(&(linked.name.clone(), (*name).clone())));
        names.extend(read.map(|name| format!("{}:{name}", linked.name)));
    }
    names.into_iter().collect()
}

/// The statements that record: stores into `_up_hits`, by site, and subscripts of what `_up_seen` has for a site, by what
/// is to be observed.
#[derive(Debug)]
pub struct Recording;

impl Hooks for Recording {
    fn enter(&self, function: &Function) -> Vec<String> {
        let mut lines = vec![hit(function.site)];
        lines.extend(function.params.iter().map(|param| see(param.site, &param.name)));
        lines
    }

    fn branch(&self, site: SiteId) -> Vec<String> {
        vec![hit(site)]
    }

    fn before(&self, stmt: &Stmt) -> Vec<String> {
        match &stmt.kind {
            StmtKind::Opaque { site, .. } | StmtKind::Unpack { site, .. } => vec![hit(*site)],
            _ => Vec::new(),
        }
    }

    fn after(&self, stmt: &Stmt) -> Vec<String> {
        match &stmt.kind {
            StmtKind::Assign { target, value: Expr::Index(..) | Expr::Attr(..) | Expr::Call { .. }, site } => {
                vec![see(*site, target)]
            }
            StmtKind::Unpack { names: Some(names), items, .. } => {
                names.iter().zip(items).map(|(name, site)| see(*site, name)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn item(&self, next: &Next) -> Vec<String> {
        vec![see(next.site, &next.item)]
    }
}

fn hit(site: SiteId) -> String {
    format!("_up_hits[{}] = 1", site.0)
}

fn see(site: SiteId, name: &str) -> String {
    format!("_up_seen[{}][{name}]", site.0)
}
