//! A trace as text that reads like the program: one statement a line, what was seen behind `#`.

use std::fmt::{self, Write};

use crate::{Atom, Callee, Const, Expr, ExprKind, FormatPart, Function, GlobalValue, Stmt, StmtKind, Trace, TypeSet};

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "trace v{} of {} invocations, entry {}", self.version, self.invocations, self.entry)?;
        for function in &self.functions {
            writeln!(f)?;
            write_function(f, function)?;
        }
        Ok(())
    }
}

fn write_function(f: &mut fmt::Formatter<'_>, function: &Function) -> fmt::Result {
    write!(f, "{} {}(", function.id, function.name)?;
    for (i, param) in function.params.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        write!(f, "{comma}{}: {}", param.name, types(&param.seen))?;
        if let Some(default) = &param.default {
            write!(f, " = {default}")?;
        }
    }
    write!(f, ") line {}", function.line)?;
    if let Some(parent) = function.parent {
        write!(f, " in {parent}")?;
    }
    writeln!(f)?;
    for (word, names) in [("locals", &function.locals), ("free", &function.free), ("nonlocal", &function.nonlocals)] {
        if !names.is_empty() {
            writeln!(f, "    {word} {}", names.join(", "))?;
        }
    }
    write_block(f, &function.body, 1)
}

fn write_block(f: &mut fmt::Formatter<'_>, block: &[Stmt], depth: usize) -> fmt::Result {
    if block.is_empty() {
        return writeln!(f, "{:indent$}pass", "", indent = depth * 4);
    }
    block.iter().try_for_each(|stmt| write_stmt(f, stmt, depth))
}

fn write_stmt(f: &mut fmt::Formatter<'_>, stmt: &Stmt, depth: usize) -> fmt::Result {
    write!(f, "{:indent$}", "", indent = depth * 4)?;
    match &stmt.kind {
        StmtKind::Let { name, value } => write_named(f, "let", name, value),
        StmtKind::Set { name, value } => write_named(f, "set", name, value),
        StmtKind::Update { name, op, value, .. } => writeln!(f, "set {name} {op}= {value}"),
        StmtKind::SetItem { object, index, value, .. } => writeln!(f, "set {object}[{index}] = {value}"),
        StmtKind::If { test, then, orelse } => {
            writeln!(f, "if {test}")?;
            write_block(f, then, depth + 1)?;
            if !orelse.is_empty() {
                writeln!(f, "{:indent$}else", "", indent = depth * 4)?;
                write_block(f, orelse, depth + 1)?;
            }
            Ok(())
        }
        StmtKind::While { next, body } => {
            match next {
                Some(next) => writeln!(f, "while {} = next {}  # {}", next.item, next.iter, types(&next.seen))?,
                None => writeln!(f, "while")?,
            }
            write_block(f, body, depth + 1)
        }
        StmtKind::Break => writeln!(f, "break"),
        StmtKind::Continue => writeln!(f, "continue"),
        StmtKind::Return { value } => writeln!(f, "return {value}"),
        StmtKind::Def { name, function } => writeln!(f, "let {name} = {function}"),
        StmtKind::Raise => writeln!(f, "raise"),
        StmtKind::Unknown { site } => writeln!(f, "unknown {site}"),
        StmtKind::Opaque { reason } => writeln!(f, "opaque  # {reason}"),
    }
}

fn write_named(f: &mut fmt::Formatter<'_>, word: &str, name: &str, value: &Expr) -> fmt::Result {
    write!(f, "{word} {name} = {value}")?;
    match held(&value.kind) {
        Some(held) if !value.seen.0.is_empty() => writeln!(f, "  # {held} -> {}", types(&value.seen)),
        Some(held) => writeln!(f, "  # {held}"),
        None if !value.seen.0.is_empty() => writeln!(f, "  # {}", types(&value.seen)),
        None => writeln!(f),
    }
}

fn held(kind: &ExprKind) -> Option<String> {
    match kind {
        ExprKind::Global { held, .. } | ExprKind::Call { callee: Callee::Global { held, .. }, .. } => {
            Some(held.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "))
        }
        _ => None,
    }
}

fn types(seen: &TypeSet) -> String {
    if seen.0.is_empty() { "?".to_owned() } else { seen.0.iter().cloned().collect::<Vec<_>>().join(" | ") }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Atom { value } => write!(f, "{value}"),
            ExprKind::Global { name, .. } => write!(f, "global {name}"),
            ExprKind::BinOp { operator, left, right } => write!(f, "{left} {operator} {right}"),
            ExprKind::Compare { operator, left, right } => write!(f, "{left} {operator} {right}"),
            ExprKind::UnOp { operator, operand } => write!(f, "{operator} {operand}"),
            ExprKind::Index { object, index } => write!(f, "{object}[{index}]"),
            ExprKind::Attr { object, name } => write!(f, "{object}.{name}"),
            ExprKind::Call { callee, args, kwargs } => {
                write!(f, "{callee}(")?;
                write_list(
                    f,
                    args.iter().map(ToString::to_string).chain(kwargs.iter().map(|(n, v)| format!("{n}={v}"))),
                )?;
                f.write_char(')')
            }
            ExprKind::List { items } => {
                f.write_char('[')?;
                write_list(f, items.iter().map(ToString::to_string))?;
                f.write_char(']')
            }
            ExprKind::Dict { items } => {
                f.write_char('{')?;
                write_list(f, items.iter().map(|(key, value)| format!("{key}: {value}")))?;
                f.write_char('}')
            }
            ExprKind::Format { parts } => {
                f.write_str("format ")?;
                write_list(f, parts.iter().map(ToString::to_string))
            }
            ExprKind::Iter { object } => write!(f, "iter {object}"),
            ExprKind::Opaque { reason } => write!(f, "opaque ({reason})"),
        }
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = String>) -> fmt::Result {
    for (i, item) in items.enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        write!(f, "{comma}{item}")?;
    }
    Ok(())
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Var(name) | Self::Global { name, .. } => f.write_str(name),
            Self::Method { object, name } => write!(f, "{object}.{name}"),
        }
    }
}

impl fmt::Display for FormatPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Value { value, conversion, spec } => {
                write!(f, "{{{value}")?;
                if let Some(conversion) = conversion {
                    write!(f, "!{conversion}")?;
                }
                if !spec.is_empty() {
                    write!(f, ":{spec}")?;
                }
                f.write_char('}')
            }
        }
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Var(name) => f.write_str(name),
            Self::Const(constant) => write!(f, "{constant}"),
        }
    }
}

impl fmt::Display for Const {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(value) => write!(f, "{value}"),
            Self::BigInt(digits) => f.write_str(digits),
            Self::Float(value) => write!(f, "{:?}", value.0),
            Self::Str(text) => write!(f, "{text:?}"),
        }
    }
}

impl fmt::Display for GlobalValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(id) => write!(f, "{id}"),
            Self::Builtin(name) => write!(f, "builtin {name}"),
            Self::Const(constant) => write!(f, "{constant}"),
            Self::Other(kind) => write!(f, "a {kind}"),
        }
    }
}
