//! A trace as text that reads like the program: one statement a line, what was seen behind `#`.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::{
    Argument, Atom, Callee, Const, Container, Expr, ExprKind, FormatPart, Function, GlobalValue, ParamDefault,
    ParamKind, Stmt, StmtKind, Trace, TypeSet,
};

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "trace v{} of {} invocations, entry {}", self.version, self.invocations, self.entry)?;
        let mut passed: BTreeMap<&str, usize> = BTreeMap::new();
        for function in &self.functions {
            let (module, line) = self.place(function.line);
            match (module, function.body.as_slice()) {
                // Most functions of a linked module have nothing to do with the action.
                (Some(module), [Stmt { kind: StmtKind::Unknown { .. }, .. }]) => {
                    *passed.entry(module).or_default() += 1
                }
                _ => {
                    writeln!(f)?;
                    write_function(f, function, module, line)?;
                }
            }
        }
        for (module, count) in passed {
            writeln!(f, "\n{count} functions of {module} that no value leads to")?;
        }
        if !self.globals.is_empty() {
            writeln!(f, "\nglobals")?;
        }
        for (name, value) in &self.globals {
            writeln!(f, "    {name} = {value}")?;
        }
        for (index, node) in self.image.iter().enumerate() {
            writeln!(f, "    #{index} {node:?}")?;
        }
        Ok(())
    }
}

fn write_function(f: &mut fmt::Formatter<'_>, function: &Function, module: Option<&str>, line: u32) -> fmt::Result {
    write!(f, "{} {}(", function.id, function.name)?;
    for (i, param) in function.params.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let stars = match param.kind {
            ParamKind::Star => "*",
            ParamKind::DoubleStar => "**",
            _ => "",
        };
        write!(f, "{comma}{stars}{}: {}", param.name, types(&param.seen))?;
        match &param.default {
            Some(ParamDefault::Const(default)) => write!(f, " = {default}")?,
            Some(ParamDefault::Computed) => write!(f, " = ?")?,
            None => {}
        }
    }
    write!(f, ") line {line}")?;
    if let Some(module) = module {
        write!(f, " of {module}")?;
    }
    if let Some(parent) = function.parent {
        write!(f, " in {parent}")?;
    }
    writeln!(f, "{}", if function.generator { " generator" } else { "" })?;
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
        StmtKind::Def { name, function, defaults } => {
            write!(f, "let {name} = {function}")?;
            write_defaults(f, defaults)?;
            writeln!(f)
        }
        StmtKind::Class { name, body, bases, keywords } => {
            write!(f, "let {name} = class {body}(")?;
            write_list(
                f,
                bases.iter().map(ToString::to_string).chain(keywords.iter().map(|(n, v)| format!("{n}={v}"))),
            )?;
            writeln!(f, ")")
        }
        StmtKind::SetGlobal { name, value } => writeln!(f, "global {name} = {value}"),
        StmtKind::SetAttr { object, name, value } => writeln!(f, "set {object}.{name} = {value}"),
        StmtKind::DelItem { object, index } => writeln!(f, "del {object}[{index}]"),
        StmtKind::DelAttr { object, name } => writeln!(f, "del {object}.{name}"),
        StmtKind::DelVar { name } => writeln!(f, "del {name}"),
        StmtKind::Push { object, value } => writeln!(f, "push {object}, {value}"),
        StmtKind::Fresh { name } => writeln!(f, "fresh {name}"),
        StmtKind::Unpack { names, star, value, seen } => {
            let names = names.iter().enumerate().map(|(at, name)| match *star == Some(at) {
                true => format!("*{name}"),
                false => name.clone(),
            });
            write!(f, "set ")?;
            write_list(f, names)?;
            write!(f, " = unpack {value}")?;
            match seen.is_empty() {
                true => writeln!(f),
                false => writeln!(f, "  # {}", seen.iter().map(types).collect::<Vec<_>>().join(", ")),
            }
        }
        StmtKind::Raise { exception, cause } => {
            write!(f, "raise")?;
            if let Some(exception) = exception {
                write!(f, " {exception}")?;
            }
            if let Some(cause) = cause {
                write!(f, " from {cause}")?;
            }
            writeln!(f)
        }
        StmtKind::Try { body, handlers, orelse, finally } => {
            let indent = depth * 4;
            writeln!(f, "try")?;
            write_block(f, body, depth + 1)?;
            for handler in handlers {
                write_block_if(f, &handler.before, depth)?;
                write!(f, "{:indent$}except", "")?;
                if let Some(class) = &handler.class {
                    write!(f, " {class}")?;
                }
                if let Some(name) = &handler.name {
                    write!(f, " as {name}")?;
                }
                writeln!(f)?;
                write_block(f, &handler.body, depth + 1)?;
            }
            for (word, block) in [("else", orelse), ("finally", finally)] {
                if !block.is_empty() {
                    writeln!(f, "{:indent$}{word}", "")?;
                    write_block(f, block, depth + 1)?;
                }
            }
            Ok(())
        }
        StmtKind::With { context, name, body } => {
            writeln!(f, "with {name} = enter {context}")?;
            write_block(f, body, depth + 1)
        }
        StmtKind::Unknown { site } => writeln!(f, "unknown {site}"),
        StmtKind::Opaque { reason } => writeln!(f, "opaque  # {reason}"),
    }
}

fn write_named(f: &mut fmt::Formatter<'_>, word: &str, name: &str, value: &Expr) -> fmt::Result {
    write!(f, "{word} {name} = {value}")?;
    if value.seen.0.is_empty() { writeln!(f) } else { writeln!(f, "  # {}", types(&value.seen)) }
}

fn write_block_if(f: &mut fmt::Formatter<'_>, block: &[Stmt], depth: usize) -> fmt::Result {
    if block.is_empty() { Ok(()) } else { write_block(f, block, depth) }
}

fn write_defaults(f: &mut fmt::Formatter<'_>, defaults: &[(String, Atom)]) -> fmt::Result {
    if defaults.is_empty() {
        return Ok(());
    }
    f.write_str(" with ")?;
    write_list(f, defaults.iter().map(|(name, value)| format!("{name}={value}")))
}

fn types(seen: &TypeSet) -> String {
    if seen.0.is_empty() { "?".to_owned() } else { seen.0.iter().cloned().collect::<Vec<_>>().join(" | ") }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Atom { value } => write!(f, "{value}"),
            ExprKind::Global { name } => write!(f, "global {name}"),
            ExprKind::Intrinsic { name } => write!(f, "intrinsic {name}"),
            ExprKind::Import { module, name: None } => write!(f, "import {module}"),
            ExprKind::Import { module, name: Some(name) } => write!(f, "import {module} {name}"),
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
            ExprKind::CallSpread { callee, args } => {
                write!(f, "{callee}(")?;
                write_list(
                    f,
                    args.iter().map(|arg| match arg {
                        Argument::Positional(value) => value.to_string(),
                        Argument::Star(value) => format!("*{value}"),
                        Argument::Keyword(name, value) => format!("{name}={value}"),
                        Argument::DoubleStar(value) => format!("**{value}"),
                    }),
                )?;
                f.write_char(')')
            }
            ExprKind::List { items } => write_items(f, "[", items, "]"),
            ExprKind::Tuple { items } => write_items(f, "(", items, ")"),
            ExprKind::Set { items } => write_items(f, "{", items, "}"),
            ExprKind::Spread { container, items } => {
                let (open, close) = match container {
                    Container::List => ('[', ']'),
                    Container::Tuple => ('(', ')'),
                    Container::Set => ('{', '}'),
                };
                f.write_char(open)?;
                write_list(f, items.iter().map(|(star, item)| format!("{}{item}", if *star { "*" } else { "" })))?;
                f.write_char(close)
            }
            ExprKind::DictSpread { items } => {
                f.write_char('{')?;
                write_list(
                    f,
                    items.iter().map(|(key, value)| match key {
                        Some(key) => format!("{key}: {value}"),
                        None => format!("**{value}"),
                    }),
                )?;
                f.write_char('}')
            }
            ExprKind::Slice { start, stop, step } => write!(f, "slice {start}:{stop}:{step}"),
            ExprKind::GetSlice { object, start, stop, step } => write!(f, "{object}[{start}:{stop}:{step}]"),
            ExprKind::Closure { function, defaults } => {
                write!(f, "closure {function}")?;
                write_defaults(f, defaults)
            }
            ExprKind::Super { class, object } => write!(f, "super {class}, {object}"),
            ExprKind::Yield { value } => write!(f, "yield {value}"),
            ExprKind::YieldFrom { value } => write!(f, "yield from {value}"),
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

fn write_items(f: &mut fmt::Formatter<'_>, open: &str, items: &[Atom], close: &str) -> fmt::Result {
    f.write_str(open)?;
    write_list(f, items.iter().map(ToString::to_string))?;
    f.write_str(close)
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
            Self::Var(name) | Self::Global { name } => f.write_str(name),
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
                if let Some(spec) = spec {
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
            Self::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
            Self::Ellipsis => f.write_str("..."),
        }
    }
}

impl fmt::Display for GlobalValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(id) => write!(f, "{id}"),
            Self::Builtin(name) => write!(f, "builtin {name}"),
            Self::Const(constant) => write!(f, "{constant}"),
            Self::Module(name) => write!(f, "module {name}"),
            Self::Image(index) => write!(f, "#{index}"),
            Self::Other(reason) => write!(f, "? ({reason})"),
        }
    }
}
