//! Functions as values, and how arguments find their parameters (`Python/ceval.c`, `initialize_locals`).

use std::cell::Cell;

use crate::{BailKind, Class, Cx, Dict, Ref, Result, Str, Type, Value, dict_new, str_new, tuple_new};

/// A compiled function, as generated code describes it.
pub struct Code {
    /// `__name__`
    pub name: &'static str,
    /// `__qualname__`
    pub qualname: &'static str,
    /// In the order of the signature.
    pub params: &'static [Param],
    /// Runs it: one value a parameter, those of `*args` and `**kwargs` as a tuple and a dict.
    pub entry: for<'s, 'a> fn(&'a Cx<'a>, Function<'a>, &'s [Value<'a>], u32) -> Result<Value<'a>>,
}

/// A parameter.
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// How it takes its argument.
    pub kind: ParamKind,
}

/// How a parameter takes its argument.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Before `/`.
    Positional,
    /// The usual kind.
    Plain,
    /// `*args`.
    Star,
    /// After `*`.
    Keyword,
    /// `**kwargs`.
    DoubleStar,
}

/// The arguments of a call.
#[derive(Copy, Clone)]
pub struct Args<'s, 'a> {
    /// Positional ones.
    pub pos: &'s [Value<'a>],
    /// Keyword ones, each name once.
    pub kw: &'s [(Str<'a>, Value<'a>)],
}

impl<'s, 'a> Args<'s, 'a> {
    /// Positional arguments alone.
    #[must_use]
    pub const fn of(pos: &'s [Value<'a>]) -> Self {
        Self { pos, kw: &[] }
    }

    /// The positional arguments, if there are no others.
    pub fn positional(self, g: u32) -> Result<&'s [Value<'a>]> {
        if self.kw.is_empty() { Ok(self.pos) } else { Err(BailKind::Exception.at(g)) }
    }

    /// The keyword argument `name`.
    #[must_use]
    pub fn keyword(self, name: &str) -> Option<Value<'a>> {
        self.kw.iter().find(|(known, _)| known.text() == name).map(|(_, value)| *value)
    }

    /// Binds to parameters of these names; bails out with `Exception` where CPython raises a `TypeError`.
    ///
    /// The first `required` must be there; those from `keyword_only` on take no positional argument.
    pub fn bind<const N: usize>(
        self,
        names: [&str; N],
        required: usize,
        keyword_only: usize,
        g: u32,
    ) -> Result<[Option<Value<'a>>; N]> {
        let mut bound = [None; N];
        if self.pos.len() > keyword_only.min(N) {
            return Err(BailKind::Exception.at(g));
        }
        for (place, value) in bound.iter_mut().zip(self.pos) {
            *place = Some(*value);
        }
        for (name, value) in self.kw {
            match names.iter().position(|known| !known.is_empty() && *known == name.text()) {
                Some(at) if bound[at].is_none() => bound[at] = Some(*value),
                _ => return Err(BailKind::Exception.at(g)),
            }
        }
        match bound[..required].iter().all(Option::is_some) {
            true => Ok(bound),
            false => Err(BailKind::Exception.at(g)),
        }
    }
}

/// A function of the program; copies share it.
#[derive(Copy, Clone)]
pub struct Function<'a>(pub(crate) &'a FunctionObj<'a>);

pub(crate) struct FunctionObj<'a> {
    pub(crate) code: &'static Code,
    /// One a parameter.
    defaults: &'a [Option<Value<'a>>],
    cells: &'a [Ref<'a, Value<'a>>],
    dict: Cell<Option<Dict<'a>>>,
    /// Whether it is the module's, so that its attributes live in Python.
    of_module: Cell<bool>,
}

/// A function with the values of its defaults, by parameter, and what it captures.
pub fn function_new<'a>(
    cx: &'a Cx<'a>,
    code: &'static Code,
    defaults: &[(usize, Value<'a>)],
    cells: &[Ref<'a, Value<'a>>],
    g: u32,
) -> Result<Value<'a>> {
    let default = |at: usize| defaults.iter().find(|(param, _)| *param == at).map(|(_, value)| *value);
    let defaults: &'a [Option<Value<'a>>] =
        if defaults.is_empty() { &[] } else { cx.alloc_slice(code.params.len(), default, g)? };
    let cells: &'a [Ref<'a, Value<'a>>] =
        if cells.is_empty() { &[] } else { cx.alloc_slice(cells.len(), |at| cells[at], g)? };
    Ok(Value::Function(Function(
        cx.alloc(FunctionObj { code, defaults, cells, dict: Cell::new(None), of_module: Cell::new(false) }, g)?,
    )))
}

impl<'a> Function<'a> {
    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static Code {
        self.0.code
    }

    /// Whether calling it runs that code.
    #[inline]
    #[must_use]
    pub fn runs(self, code: &'static Code) -> bool {
        std::ptr::eq(self.0.code, code)
    }

    /// The captured variable at `index`.
    #[inline]
    #[must_use]
    pub fn cell(self, index: usize) -> Ref<'a, Value<'a>> {
        self.0.cells[index]
    }

    /// Whether both are the same function.
    #[must_use]
    pub fn same(self, other: Function<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Where it is, which tells it from others.
    pub(crate) fn address(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// Makes it a function of the module: what reads or writes its attributes bails out.
    pub(crate) fn freeze(self) {
        self.0.of_module.set(true);
    }

    /// Its attributes, made at the first use.
    pub(crate) fn dict(self, cx: &'a Cx<'a>, g: u32) -> Result<Dict<'a>> {
        if self.0.of_module.get() {
            return Err(BailKind::State.at(g));
        }
        match self.0.dict.get() {
            Some(dict) => Ok(dict),
            None => {
                let dict = dict_new(cx, &[], g)?;
                self.0.dict.set(Some(dict));
                Ok(dict)
            }
        }
    }

    /// The attribute of that name that the program gave it.
    pub(crate) fn attribute(self, cx: &'a Cx<'a>, name: Str<'a>, g: u32) -> Result<Option<Value<'a>>> {
        match self.0.dict.get() {
            Some(dict) => Ok(dict.get_str(cx, name)),
            None if self.0.of_module.get() && !name.text().starts_with("__") => Err(BailKind::State.at(g)),
            None => Ok(None),
        }
    }

    /// `self(*args)`
    pub(crate) fn call(self, cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        const MOST: usize = 12;
        let params = self.0.code.params;
        if args.kw.is_empty()
            && args.pos.len() == params.len()
            && params.iter().all(|param| matches!(param.kind, ParamKind::Plain | ParamKind::Positional))
        {
            return self.enter(cx, args.pos, g);
        }
        if params.len() <= MOST {
            let mut bound = [Value::None; MOST];
            self.bind(cx, args, &mut bound[..params.len()], g)?;
            self.enter(cx, &bound[..params.len()], g)
        } else {
            let mut bound = vec![Value::None; params.len()];
            self.bind(cx, args, &mut bound, g)?;
            self.enter(cx, &bound, g)
        }
    }

    fn enter(self, cx: &'a Cx<'a>, bound: &[Value<'a>], g: u32) -> Result<Value<'a>> {
        let depth = cx.depth();
        cx.enter(g)?;
        let result = (self.0.code.entry)(cx, self, bound, g);
        // What an exception left on its way out is not under way any more, whoever catches it.
        cx.set_depth(depth);
        result
    }

    fn bind(self, cx: &'a Cx<'a>, args: Args<'_, 'a>, bound: &mut [Value<'a>], g: u32) -> Result<()> {
        let params = self.0.code.params;
        let positional =
            params.iter().take_while(|param| matches!(param.kind, ParamKind::Plain | ParamKind::Positional)).count();
        let mut given = vec![false; params.len()];
        let direct = positional.min(args.pos.len());
        bound[..direct].copy_from_slice(&args.pos[..direct]);
        given[..direct].fill(true);
        let rest = &args.pos[direct..];
        match params.iter().position(|param| param.kind == ParamKind::Star) {
            Some(star) => {
                bound[star] = Value::Tuple(tuple_new(cx, rest, g)?);
                given[star] = true;
            }
            None if rest.is_empty() => {}
            None => return Err(self.too_many(cx, args, positional, &given, g)),
        }
        let extra = params.iter().position(|param| param.kind == ParamKind::DoubleStar);
        let extra = match extra {
            Some(at) => {
                let dict = dict_new(cx, &[], g)?;
                bound[at] = Value::Dict(dict);
                given[at] = true;
                Some(dict)
            }
            None => None,
        };
        for (name, value) in args.kw {
            let by_name = |param: &Param| {
                matches!(param.kind, ParamKind::Plain | ParamKind::Keyword) && param.name == name.text()
            };
            match (params.iter().position(by_name), extra) {
                (Some(at), _) if given[at] => {
                    let text = format!("{}() got multiple values for argument '{}'", self.qualname(), name.text());
                    return Err(cx.raise(Type::TypeError, &text, g));
                }
                (Some(at), _) => (bound[at], given[at]) = (*value, true),
                (None, Some(extra)) => extra.set(cx, Value::Str(*name), *value, g)?,
                (None, None) => {
                    if params.iter().any(|param| param.name == name.text()) {
                        return Err(BailKind::Exception.at(g));
                    }
                    let text = format!("{}() got an unexpected keyword argument '{}'", self.qualname(), name.text());
                    return Err(cx.raise(Type::TypeError, &text, g));
                }
            }
        }
        for at in 0..params.len() {
            if given[at] {
                continue;
            }
            match self.0.defaults.get(at).copied().flatten() {
                Some(default) => (bound[at], given[at]) = (default, true),
                None => continue,
            }
        }
        if given.iter().all(|given| *given) { Ok(()) } else { Err(self.missing(cx, &given, g)) }
    }

    fn qualname(self) -> &'static str {
        self.0.code.qualname
    }

    /// The `TypeError` of too many positional arguments (`too_many_positional`).
    fn too_many(self, cx: &'a Cx<'a>, args: Args<'_, 'a>, takes: usize, given: &[bool], g: u32) -> crate::Bail {
        let params = self.0.code.params;
        if params.iter().any(|param| param.kind == ParamKind::Keyword) {
            return BailKind::Exception.at(g);
        }
        debug_assert!(given.len() == params.len());
        let defaults = (0..takes).filter(|at| self.0.defaults.get(*at).copied().flatten().is_some()).count();
        let takes_text = if defaults > 0 { format!("from {} to {takes}", takes - defaults) } else { takes.to_string() };
        let plural = if takes == 1 && defaults == 0 { "" } else { "s" };
        let count = args.pos.len();
        let was = if count == 1 { "was" } else { "were" };
        let text =
            format!("{}() takes {takes_text} positional argument{plural} but {count} {was} given", self.qualname());
        cx.raise(Type::TypeError, &text, g)
    }

    /// The `TypeError` of missing arguments (`missing_arguments`).
    fn missing(self, cx: &'a Cx<'a>, given: &[bool], g: u32) -> crate::Bail {
        let params = self.0.code.params;
        let lacking = |keyword: bool| {
            params
                .iter()
                .zip(given)
                .filter(|(param, given)| !**given && (param.kind == ParamKind::Keyword) == keyword)
                .map(|(param, _)| format!("'{}'", param.name))
                .collect::<Vec<_>>()
        };
        let (kind, names) = match lacking(false) {
            names if names.is_empty() => ("keyword-only", lacking(true)),
            names => ("positional", names),
        };
        let plural = if names.len() == 1 { "" } else { "s" };
        let list = match names.as_slice() {
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
            [] => String::new(),
        };
        let text = format!("{}() missing {} required {kind} argument{plural}: {list}", self.qualname(), names.len());
        cx.raise(Type::TypeError, &text, g)
    }

    /// `__name__`
    pub(crate) fn name(self, cx: &'a Cx<'a>, g: u32) -> Result<Str<'a>> {
        str_new(cx, self.0.code.name, g)
    }
}

/// A built-in or library function.
pub struct Builtin {
    /// Its module; `builtins` for built-ins.
    pub module: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub call: for<'s, 'a> fn(&'a Cx<'a>, Args<'s, 'a>, u32) -> Result<Value<'a>>,
}

/// A method bound to what it was taken from.
pub struct Method<'a> {
    /// The first argument.
    pub receiver: Value<'a>,
    /// What is called.
    pub function: MethodFunction<'a>,
}

/// What a bound method calls.
#[derive(Copy, Clone)]
pub enum MethodFunction<'a> {
    /// A function of the program.
    Function(Value<'a>),
    /// The method of that name of a built-in type.
    Named(Str<'a>),
    /// What the built-in classes above that class have (`super().append`).
    Base(Class<'a>, Str<'a>),
    /// The method of that name, taken from a class: the first argument is the receiver (`str.lower`).
    Unbound(Class<'a>, Str<'a>),
    /// A class method of a built-in class (`dict.fromkeys`).
    OfClass(Class<'a>, Str<'a>),
}
