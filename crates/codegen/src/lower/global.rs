//! What module-level and library names stand for.

use upshift_ir::{FunctionId, GlobalValue, Node};
use upshift_runtime::library;

use super::Lower;
use super::body::{Body, Callable, Refused};
use crate::Ty;
use crate::program::{Atom, Expr, First, Global};

/// What a global read gives.
pub(super) enum Held {
    /// A value.
    Value(Expr),
    /// Something that is called, or read through, without being a value.
    Callable(Callable),
    /// The read never succeeded.
    Nothing,
}

impl Body<'_, '_> {
    /// What a module-level or built-in name stands for.
    pub(super) fn global(&mut self, name: &str) -> Result<Held, Refused> {
        if let Some(number) = self.lower.variables.iter().position(|(known, _)| known == name) {
            return match self.lower.trace.globals.get(name) {
                Some(GlobalValue::Other(reason)) => Err(format!("{name}: {reason}")),
                _ => Ok(Held::Value(Expr::Variable(number, Ty::Any))),
            };
        }
        match self.lower.trace.globals.get(name) {
            None => Ok(Held::Nothing),
            Some(GlobalValue::Function(id)) => Ok(Held::Callable(Callable::Function(*id))),
            Some(GlobalValue::Builtin(qualified)) => self.library(&qualified.clone()),
            Some(GlobalValue::Module(module)) => Ok(Held::Callable(Callable::Module(module.clone()))),
            Some(GlobalValue::Const(constant)) => Ok(Held::Value(Expr::Atom(Atom::Const(constant.clone())))),
            Some(GlobalValue::Image(index)) => {
                let index = *index;
                if let Some(Node::Other(reason)) = self.lower.trace.image.get(index) {
                    return Err(format!("{name}: {reason}"));
                }
                self.lower.node(index)?;
                Ok(Held::Value(Expr::Global(index)))
            }
            Some(GlobalValue::Other(reason)) => Err(format!("{name}: {reason}")),
        }
    }

    /// What a module has under a name.
    pub(super) fn of_module(&mut self, module: &str, name: &str) -> Result<Held, Refused> {
        let qualified = format!("{module}.{name}");
        if library::kind(&qualified).is_none() {
            if self.lower.trace.modules.contains(&qualified) {
                return Ok(Held::Callable(Callable::Module(qualified)));
            }
            if self.lower.trace.modules.iter().any(|linked| linked == module) {
                return self.global(&format!("{module}:{name}"));
            }
        }
        self.library(&qualified)
    }

    /// What a library has under a qualified name.
    pub(super) fn library(&mut self, qualified: &str) -> Result<Held, Refused> {
        if qualified.starts_with("logging.") && library::kind(qualified) == Some(library::Kind::Function) {
            self.lower.logging()?;
        }
        match library::kind(qualified) {
            Some(library::Kind::Constant) => Ok(Held::Value(Expr::Library(qualified.to_owned()))),
            Some(_) => Ok(Held::Callable(Callable::Library(qualified.to_owned()))),
            None if library::is_module(qualified) => Ok(Held::Callable(Callable::Module(qualified.to_owned()))),
            None => Err(format!("{qualified} is not in the native language yet")),
        }
    }

    /// A callable as a value.
    pub(super) fn value_of(&mut self, callable: &Callable) -> Result<Expr, Refused> {
        match callable {
            Callable::Function(id) => Ok(Expr::Global(self.function_object(*id)?)),
            Callable::Library(qualified) => Ok(Expr::Library(qualified.clone())),
            Callable::Module(module) => {
                Err(format!("the module {module} is used as a value, which is not in the native language yet"))
            }
            Callable::Loaded(_) => Err("a method is used as a value".to_owned()),
        }
    }

    /// The place of a top-level function's object.
    pub(super) fn function_object(&mut self, id: FunctionId) -> Result<usize, Refused> {
        let function = self.lower.ir(id);
        if function.parent.is_some() {
            return Err(format!("the nested function {} is used as a value", function.name));
        }
        let is_same = |node: &Node| matches!(node, Node::Function { function, named: true, .. } if *function == id);
        if let Some(index) = self.lower.trace.image.iter().position(is_same) {
            self.lower.node(index)?;
            return Ok(index);
        }
        self.lower.object(id);
        let index = self.lower.trace.image.len() + id.0 as usize;
        self.lower.globals.insert(index, Global::Function(id));
        Ok(index)
    }
}

impl Lower<'_> {
    /// Makes what knows the loggers a part of the program.
    fn logging(&mut self) -> Result<(), Refused> {
        let unusual = self.trace.image.iter().find_map(|node| match node {
            Node::Other(reason) if reason.starts_with("logging is set up with ") => Some(reason.clone()),
            _ => None,
        });
        match self.trace.image.iter().position(|node| node.is_construct("logging.Manager")) {
            Some(index) => self.node(index),
            None => Err(unusual.unwrap_or_else(|| "how logging is set up is not known to native code".to_owned())),
        }
    }

    /// Whether native code can have instances of a class of the image.
    fn is_known_class(&self, index: usize) -> bool {
        match self.trace.image.get(index) {
            Some(Node::Builtin(name)) => library::kind(name).is_some(),
            Some(Node::Class { .. }) => true,
            _ => false,
        }
    }

    /// Makes an object of the image, and all that it reaches, part of the program.
    pub(super) fn node(&mut self, index: usize) -> Result<(), Refused> {
        if self.globals.contains_key(&index) {
            return Ok(());
        }
        let Some(node) = self.trace.image.get(index) else {
            return Err(format!("object {index} is not in the image"));
        };
        if matches!(node, Node::Cached { .. }) && self.trace.is_stateful() {
            // What it remembers has no place in a document, and may be of a state that is no more.
            return Err("a function remembers its results in a module that keeps state".to_owned());
        }
        self.globals.insert(index, Global::Node(node.clone()));
        let mut reached = Vec::new();
        match node {
            Node::List(items) | Node::Tuple(items) | Node::Set(_, items) => reached.extend(items),
            Node::Deque(_, items) => reached.extend(items),
            Node::Dict(items) => reached.extend(items.iter().flat_map(|(key, value)| [*key, *value])),
            Node::DictOf(_, factory, items) => {
                reached.extend(factory);
                reached.extend(items.iter().flat_map(|(key, value)| [*key, *value]));
            }
            Node::Function { function, defaults, kwdefaults, cells, named: _ } => {
                if !self.ir(*function).nonlocals.is_empty() {
                    return Err(format!("{} keeps state in a closure between invocations", self.ir(*function).name));
                }
                self.object(*function);
                reached.extend(defaults);
                reached.extend(kwdefaults.iter().chain(cells).map(|(_, value)| *value));
            }
            Node::Class { bases, dict, registered, form, .. } => {
                reached.extend(bases);
                let known = registered.iter().filter(|index| self.is_known_class(**index));
                reached.extend(known);
                reached.extend(dict.iter().map(|(_, value)| *value));
                match form {
                    Some(upshift_ir::ClassForm::Enum(members)) => {
                        reached.extend(members.iter().map(|(_, value)| *value));
                    }
                    Some(upshift_ir::ClassForm::Dataclass(form)) => {
                        for field in &form.fields {
                            reached.extend(field.default.iter().chain(&field.factory));
                        }
                    }
                    _ => {}
                }
            }
            Node::Instance { class, dict, payload } => {
                reached.push(*class);
                reached.extend(payload);
                reached.extend(dict.iter().map(|(_, value)| *value));
            }
            Node::StaticMethod(inner)
            | Node::ClassMethod(inner)
            | Node::Bound(inner, _)
            | Node::Cached { function: inner, .. } => {
                reached.push(*inner);
            }
            Node::Property(get, set, delete) => reached.extend(get.iter().chain(set).chain(delete)),
            Node::Partial(function, args, kwargs) => {
                reached.push(*function);
                reached.extend(args);
                reached.extend(kwargs.iter().map(|(_, value)| *value));
            }
            Node::Construct(_, args) => reached.extend(args),
            Node::Const(_) | Node::Builtin(_) | Node::Module(_) | Node::Pattern(_) | Node::Other(_) => {}
        }
        reached.into_iter().try_for_each(|index| self.node(index))
    }

    /// Makes all objects that the module had when it was loaded part of the program, so that its state can be told whole.
    ///
    /// What native code cannot have is left out: a state in which that has changed stays in CPython.
    pub(super) fn keep_state(&mut self) {
        for index in 0..self.trace.loaded.unwrap_or(0) {
            if self.globals.contains_key(&index) || !self.trace.image.get(index).is_some_and(Node::may_change) {
                continue;
            }
            let before = (self.globals.clone(), self.objects.clone(), self.queue.clone(), self.queued.clone());
            if self.node(index).is_err() {
                (self.globals, self.objects, self.queue, self.queued) = before;
            }
        }
        for (name, variable) in self.trace.variables.iter().map(|name| (name, self.trace.globals.get(name))) {
            let first = match variable {
                Some(GlobalValue::Const(constant)) => First::Const(constant.clone()),
                Some(GlobalValue::Image(index)) if self.node(*index).is_ok() => First::Object(*index),
                _ => First::Unbound,
            };
            self.variables.push((name.clone(), first));
        }
    }
}
