//! Statements. A scope is a dict: names, and under names with a blank its parent and what kind it is.

use upshift_runtime::{
    Args, Bail, Code, Cx, Dict, Function, Param, ParamKind, Str, Value, attr, builtin, call, call_with, catches,
    dict_new, function_new, image, iter_next, iter_value, library, new_ref, op, raise, reraise, str_new, truth,
    tuple_new,
};

use crate::G;
use crate::eval::{expression, field, items, string, text};

pub(crate) type Result<T> = std::result::Result<T, Bail>;

pub(crate) enum Flow<'a> {
    Next,
    Return(Value<'a>),
    Break,
    Continue,
}

/// A new module scope.
pub(crate) fn module<'a>(cx: &'a Cx<'a>) -> Result<Dict<'a>> {
    dict_new(cx, &[], G)
}

fn nested<'a>(cx: &'a Cx<'a>, parent: Dict<'a>) -> Result<Dict<'a>> {
    let mut parent = parent;
    // The names of a class are not seen by its methods.
    while get(cx, parent, " class").is_some() {
        let Some(Value::Dict(above)) = get(cx, parent, " parent") else { break };
        parent = above;
    }
    let env = dict_new(cx, &[], G)?;
    env.set(cx, string(cx, " parent"), Value::Dict(parent), G)?;
    Ok(env)
}

fn get<'a>(cx: &'a Cx<'a>, env: Dict<'a>, name: &str) -> Option<Value<'a>> {
    env.get_str(cx, str_new(cx, name, G).unwrap())
}

/// The value of a name: of the scopes, of the library, or of the built-ins.
pub(crate) fn load<'a>(cx: &'a Cx<'a>, env: Dict<'a>, name: Str<'a>) -> Result<Value<'a>> {
    let mut scope = env;
    loop {
        if let Some(value) = scope.get_str(cx, name) {
            return Ok(value);
        }
        match get(cx, scope, " parent") {
            Some(Value::Dict(parent)) => scope = parent,
            _ => return library::value(cx, name.text(), G),
        }
    }
}

pub(crate) fn store<'a>(cx: &'a Cx<'a>, env: Dict<'a>, name: Str<'a>, value: Value<'a>) -> Result<()> {
    let mut scope = env;
    if let Some(Value::List(outer)) = get(cx, env, " outer")
        && (0..outer.len()).any(|at| text(outer.at(at).unwrap()) == name.text())
    {
        while let Some(Value::Dict(parent)) = get(cx, scope, " parent") {
            scope = parent;
            if scope.get_str(cx, name).is_some() {
                break;
            }
        }
    }
    scope.set(cx, Value::Str(name), value, G)
}

fn block<'a>(cx: &'a Cx<'a>, env: Dict<'a>, statements: Value<'a>) -> Result<Flow<'a>> {
    for one in items(statements) {
        match statement(cx, env, one)? {
            Flow::Next => {}
            other => return Ok(other),
        }
    }
    Ok(Flow::Next)
}

pub(crate) fn statement<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>) -> Result<Flow<'a>> {
    let f = |name: &str| field(cx, node, name);
    let value = |name: &str| expression(cx, env, f(name));
    match text(f("_")) {
        "Expr" => {
            value("value")?;
        }
        "Assign" => {
            let made = value("value")?;
            for target in items(f("targets")) {
                assign(cx, env, target, made)?;
            }
        }
        "AnnAssign" => {
            if !matches!(f("value"), Value::None) {
                assign(cx, env, f("target"), value("value")?)?;
            }
        }
        "AugAssign" => {
            let target = f("target");
            let old = expression(cx, env, target)?;
            let new = op::inplace(cx, crate::eval::operator(text(field(cx, f("op"), "_"))), old, value("value")?, G)?;
            assign(cx, env, target, new)?;
        }
        "If" => {
            let chosen = if truth(cx, value("test")?, G)? { f("body") } else { f("orelse") };
            return block(cx, env, chosen);
        }
        "While" => {
            while truth(cx, value("test")?, G)? {
                match block(cx, env, f("body"))? {
                    Flow::Next | Flow::Continue => {}
                    Flow::Break => return Ok(Flow::Next),
                    flow => return Ok(flow),
                }
            }
        }
        "For" => {
            let source = iter_value(cx, value("iter")?, G)?;
            while let Some(item) = iter_next(cx, source, G)? {
                assign(cx, env, f("target"), item)?;
                match block(cx, env, f("body"))? {
                    Flow::Next | Flow::Continue => {}
                    Flow::Break => return Ok(Flow::Next),
                    flow => return Ok(flow),
                }
            }
            return block(cx, env, f("orelse"));
        }
        "Return" => {
            return Ok(Flow::Return(if matches!(f("value"), Value::None) { Value::None } else { value("value")? }));
        }
        "Break" => return Ok(Flow::Break),
        "Continue" => return Ok(Flow::Continue),
        "Pass" => {}
        "Nonlocal" | "Global" => env.set(cx, string(cx, " outer"), f("names"), G)?,
        "Delete" => {
            for target in items(f("targets")) {
                delete(cx, env, target)?;
            }
        }
        "Raise" => {
            if matches!(f("exc"), Value::None) {
                return Err(reraise(cx, G));
            }
            let cause = if matches!(f("cause"), Value::None) { None } else { Some(value("cause")?) };
            return Err(raise(cx, value("exc")?, cause, G));
        }
        "Try" => return attempt(cx, env, node),
        "FunctionDef" => {
            let name = text(f("name"));
            let mut made = function(cx, env, node, name)?;
            let decorators: Vec<_> = items(f("decorator_list")).collect();
            for decorator in decorators.into_iter().rev() {
                made = call_with(cx, expression(cx, env, decorator)?, &[made], G)?;
            }
            store(cx, env, str_new(cx, name, G)?, made)?;
        }
        "ClassDef" => {
            let made = class(cx, env, node)?;
            store(cx, env, str_new(cx, text(f("name")), G)?, made)?;
        }
        "Import" | "ImportFrom" => {
            for alias in items(f("names")) {
                let name = text(field(cx, alias, "name"));
                let bound = match field(cx, alias, "asname") {
                    Value::Str(bound) => bound.text(),
                    _ => name,
                };
                let found = match text(f("_")) {
                    "Import" => string(cx, &format!("module {name}")),
                    _ => match (text(f("module")), name) {
                        (_, "Enum" | "IntEnum" | "NamedTuple" | "dataclass" | "auto") => string(cx, name),
                        (module, _) => library::value(cx, &format!("{module}.{name}"), G)?,
                    },
                };
                store(cx, env, str_new(cx, bound, G)?, found)?;
            }
        }
        other => panic!("no statement {other}"),
    }
    Ok(Flow::Next)
}

pub(crate) fn assign<'a>(cx: &'a Cx<'a>, env: Dict<'a>, target: Value<'a>, value: Value<'a>) -> Result<()> {
    let f = |name: &str| field(cx, target, name);
    match text(f("_")) {
        "Name" => {
            let Value::Str(name) = f("id") else { panic!("a name is a string") };
            store(cx, env, name, value)
        }
        "Tuple" | "List" => {
            let targets: Vec<Value<'a>> = items(f("elts")).collect();
            let all = call_with(cx, library::value(cx, "list", G)?, &[value], G)?;
            let star = targets.iter().position(|target| text(field(cx, *target, "_")) == "Starred");
            let given: Vec<Value<'a>> = items(all).collect();
            assert!(star.is_some() || given.len() == targets.len(), "the tests unpack what fits");
            for (at, target) in targets.iter().enumerate() {
                match star {
                    Some(star) if at == star => {
                        let end = given.len() - (targets.len() - 1 - star);
                        let rest = upshift_runtime::list_new(cx, &given[at..end], G)?;
                        assign(cx, env, field(cx, *target, "value"), Value::List(rest))?;
                    }
                    Some(star) if at > star => {
                        assign(cx, env, *target, given[given.len() - (targets.len() - at)])?;
                    }
                    _ => assign(cx, env, *target, given[at])?,
                }
            }
            Ok(())
        }
        "Attribute" => {
            let Value::Str(name) = f("attr") else { panic!("an attribute is a string") };
            attr::set(cx, expression(cx, env, f("value"))?, name, value, G)
        }
        "Subscript" => {
            let object = expression(cx, env, f("value"))?;
            op::set_index(cx, object, expression(cx, env, f("slice"))?, value, G)
        }
        other => panic!("no target {other}"),
    }
}

fn delete<'a>(cx: &'a Cx<'a>, env: Dict<'a>, target: Value<'a>) -> Result<()> {
    let f = |name: &str| field(cx, target, name);
    match text(f("_")) {
        "Name" => env.remove(cx, f("id"), G).map(|_| ()),
        "Attribute" => {
            let Value::Str(name) = f("attr") else { panic!("an attribute is a string") };
            attr::delete(cx, expression(cx, env, f("value"))?, name, G)
        }
        _ => {
            let object = expression(cx, env, f("value"))?;
            op::del_index(cx, object, expression(cx, env, f("slice"))?, G)
        }
    }
}

fn attempt<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>) -> Result<Flow<'a>> {
    let f = |name: &str| field(cx, node, name);
    let depth = cx.depth();
    let mut result = match block(cx, env, f("body")) {
        Ok(Flow::Next) => block(cx, env, f("orelse")),
        result => result,
    };
    if let Err(bail) = result {
        let raised = cx.catch(bail)?;
        cx.set_depth(depth);
        result = Err(cx.rethrow(raised, G));
        for handler in items(f("handlers")) {
            let class = match field(cx, handler, "type") {
                Value::None => library::value(cx, "BaseException", G)?,
                class => expression(cx, env, class)?,
            };
            if catches(cx, raised, class, G)? {
                let before = cx.handle(Some(raised));
                if let Value::Str(name) = field(cx, handler, "name") {
                    store(cx, env, name, Value::Instance(raised))?;
                }
                result = block(cx, env, field(cx, handler, "body"));
                cx.handle(before);
                break;
            }
        }
    }
    if items(f("finalbody")).next().is_none() {
        return result;
    }
    let left = match result {
        Ok(flow) => Ok(flow),
        Err(bail) => Err(cx.catch(bail)?),
    };
    match block(cx, env, f("finalbody"))? {
        Flow::Next => left.map_err(|raised| cx.rethrow(raised, G)),
        flow => Ok(flow),
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// The function of a `def` or `lambda`.
pub(crate) fn function<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>, name: &str) -> Result<Value<'a>> {
    let args = field(cx, node, "args");
    let a = |name: &str| field(cx, args, name);
    let (mut params, mut defaults) = (Vec::new(), Vec::new());
    let mut param = |node: Value<'a>, kind| {
        params.push(Param { name: leak(text(field(cx, node, "arg"))), kind });
        params.len() - 1
    };
    let mut count = 0;
    for node in items(a("posonlyargs")) {
        param(node, ParamKind::Positional);
        count += 1;
    }
    for node in items(a("args")) {
        param(node, ParamKind::Plain);
        count += 1;
    }
    let given: Vec<Value<'a>> = items(a("defaults")).collect();
    for (at, default) in given.iter().enumerate() {
        defaults.push((count - given.len() + at, expression(cx, env, *default)?));
    }
    if !matches!(a("vararg"), Value::None) {
        param(a("vararg"), ParamKind::Star);
    }
    for (node, default) in items(a("kwonlyargs")).zip(items(a("kw_defaults"))) {
        let at = param(node, ParamKind::Keyword);
        if !matches!(default, Value::None) {
            defaults.push((at, expression(cx, env, default)?));
        }
    }
    if !matches!(a("kwarg"), Value::None) {
        param(a("kwarg"), ParamKind::DoubleStar);
    }
    let name = leak(name);
    let code = Code { name, qualname: name, params: Box::leak(params.into_boxed_slice()), entry };
    let cells = [new_ref(cx, Some(Value::Dict(env)), G)?, new_ref(cx, Some(node), G)?];
    function_new(cx, Box::leak(Box::new(code)), &defaults, &cells, G)
}

fn entry<'a>(cx: &'a Cx<'a>, function: Function<'a>, bound: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let (Value::Dict(parent), node) = (function.cell(0).get(g)?, function.cell(1).get(g)?) else {
        panic!("the first cell is the scope")
    };
    let env = nested(cx, parent)?;
    for (param, value) in function.code().params.iter().zip(bound) {
        env.set(cx, string(cx, param.name), *value, g)?;
    }
    if text(field(cx, node, "_")) == "Lambda" {
        return expression(cx, env, field(cx, node, "body"));
    }
    match block(cx, env, field(cx, node, "body"))? {
        Flow::Return(value) => Ok(value),
        _ => Ok(Value::None),
    }
}

/// The class of a `class` statement, with the forms that a module's image has.
fn class<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>) -> Result<Value<'a>> {
    let Value::Str(name) = field(cx, node, "name") else { panic!("a name is a string") };
    let scope = dict_new(cx, &[], G)?;
    scope.set(cx, string(cx, " parent"), Value::Dict(env), G)?;
    scope.set(cx, string(cx, " class"), Value::None, G)?;
    block(cx, scope, field(cx, node, "body"))?;
    for hidden in [" parent", " class"] {
        scope.remove(cx, string(cx, hidden), G)?;
    }
    let mut bases = Vec::new();
    for base in items(field(cx, node, "bases")) {
        bases.push(expression(cx, env, base)?);
    }
    match bases[..] {
        [Value::Str(form)] if form.text().ends_with("Enum") => enumeration(cx, name, form.text(), scope),
        [Value::Str(_)] => {
            let tuple = library::value(cx, "tuple", G)?;
            let fields: Vec<Str<'a>> = items(field(cx, node, "body"))
                .filter(|part| text(field(cx, *part, "_")) == "AnnAssign")
                .filter_map(|part| match field(cx, field(cx, part, "target"), "id") {
                    Value::Str(name) => Some(name),
                    _ => None,
                })
                .collect();
            let defaults = dict_new(cx, &[], G)?;
            for one in &fields {
                if let Some(default) = scope.remove(cx, Value::Str(*one), G)? {
                    defaults.set(cx, Value::Str(*one), default, G)?;
                }
            }
            scope.set(cx, string(cx, "_field_defaults"), Value::Dict(defaults), G)?;
            let made = builtin::class_statement(cx, name, name, &[tuple], scope, G)?;
            image::named_tuple(cx, made, &fields, G)?;
            Ok(made)
        }
        _ => builtin::class_statement(cx, name, name, &bases, scope, G),
    }
}

fn enumeration<'a>(cx: &'a Cx<'a>, name: Str<'a>, form: &str, scope: Dict<'a>) -> Result<Value<'a>> {
    let base = library::value(cx, &format!("enum.{form}"), G)?;
    let entries: Vec<(Value<'a>, Value<'a>)> = scope.entries().collect();
    let (methods, values): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(_, value)| matches!(value, Value::Function(_) | Value::Object(_)));
    let made = image::class(cx, name, name, &[base], G)?;
    let mut members: Vec<(Str<'a>, Value<'a>)> = Vec::new();
    for (key, value) in values {
        let Value::Str(key) = key else { panic!("a name is a string") };
        let member = image::instance(cx, made, Value::None, G)?;
        let own = [(str_new(cx, "_value_", G)?, value), (str_new(cx, "_name_", G)?, Value::Str(key))];
        image::fill_instance(cx, member, &own, G)?;
        members.push((key, member));
    }
    let methods: Vec<_> = methods
        .into_iter()
        .map(|(key, value)| match key {
            Value::Str(key) => (key, value),
            _ => panic!("a name is a string"),
        })
        .collect();
    image::fill_class(cx, made, &methods, G)?;
    image::enumeration(cx, made, &members, G)?;
    Ok(made)
}

/// Calls with positional and keyword arguments.
pub(crate) fn invoke<'a>(
    cx: &'a Cx<'a>,
    callee: Value<'a>,
    pos: &[Value<'a>],
    kw: &[(Str<'a>, Value<'a>)],
) -> Result<Value<'a>> {
    call(cx, callee, Args { pos, kw }, G)
}

/// A tuple of values.
pub(crate) fn tuple<'a>(cx: &'a Cx<'a>, values: &[Value<'a>]) -> Result<Value<'a>> {
    tuple_new(cx, values, G).map(Value::Tuple)
}
