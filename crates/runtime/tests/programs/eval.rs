//! Expressions.

use upshift_runtime::op::{self, BinaryOp, CompareOp};
use upshift_runtime::{
    Args, Cx, Dict, Str, Value, attr, bytes_new, call_loaded, dict_spread, int_literal, library, list_new, list_spread,
    load_method, set_literal, set_new, set_spread, slice_new, str_new, truth, tuple_spread,
};

use crate::G;
use crate::exec::{Result, assign, function, invoke, load, tuple};

/// A field of a node.
pub(crate) fn field<'a>(cx: &'a Cx<'a>, node: Value<'a>, name: &str) -> Value<'a> {
    let Value::Dict(node) = node else { panic!("a node is an object, not {node:?}, for {name}") };
    node.get_str(cx, str_new(cx, name, G).unwrap()).unwrap_or(Value::None)
}

pub(crate) fn text(v: Value<'_>) -> &str {
    match v {
        Value::Str(text) => text.text(),
        _ => panic!("{v:?} is no string"),
    }
}

pub(crate) fn string<'a>(cx: &'a Cx<'a>, text: &str) -> Value<'a> {
    Value::Str(str_new(cx, text, G).unwrap())
}

/// The items of a list.
pub(crate) fn items<'a>(v: Value<'a>) -> impl Iterator<Item = Value<'a>> {
    let Value::List(list) = v else { panic!("{v:?} is no list") };
    (0..list.len()).map(move |at| list.at(at).unwrap())
}

/// The operator of a class of `ast`.
pub(crate) fn operator(name: &str) -> BinaryOp {
    match name {
        "Add" => BinaryOp::Add,
        "Sub" => BinaryOp::Sub,
        "Mult" => BinaryOp::Mul,
        "Div" => BinaryOp::Div,
        "FloorDiv" => BinaryOp::FloorDiv,
        "Mod" => BinaryOp::Mod,
        "Pow" => BinaryOp::Pow,
        "LShift" => BinaryOp::LShift,
        "RShift" => BinaryOp::RShift,
        "BitAnd" => BinaryOp::BitAnd,
        "BitOr" => BinaryOp::BitOr,
        "BitXor" => BinaryOp::BitXor,
        "MatMult" => BinaryOp::MatMul,
        _ => panic!("no operator {name}"),
    }
}

pub(crate) fn expression<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>) -> Result<Value<'a>> {
    let f = |name: &str| field(cx, node, name);
    let value = |name: &str| expression(cx, env, f(name));
    match text(f("_")) {
        "Constant" => constant(cx, node),
        "Name" => match f("id") {
            Value::Str(name) => load(cx, env, name),
            _ => panic!("a name is a string"),
        },
        "BinOp" => op::binary(cx, operator(text(field(cx, f("op"), "_"))), value("left")?, value("right")?, G),
        "UnaryOp" => {
            let operand = value("operand")?;
            match text(field(cx, f("op"), "_")) {
                "USub" => op::neg(cx, operand, G),
                "UAdd" => op::pos(cx, operand, G),
                "Invert" => op::invert(cx, operand, G),
                _ => Ok(Value::bool(!truth(cx, operand, G)?)),
            }
        }
        "BoolOp" => {
            let and = text(field(cx, f("op"), "_")) == "And";
            let mut last = Value::None;
            for part in items(f("values")) {
                last = expression(cx, env, part)?;
                if truth(cx, last, G)? != and {
                    break;
                }
            }
            Ok(last)
        }
        "Compare" => {
            let mut left = value("left")?;
            let mut result = Value::bool(true);
            for (sign, right) in items(f("ops")).zip(items(f("comparators"))) {
                let right = expression(cx, env, right)?;
                result = compare(cx, text(field(cx, sign, "_")), left, right)?;
                if !truth(cx, result, G)? {
                    return Ok(result);
                }
                left = right;
            }
            Ok(result)
        }
        "IfExp" => {
            if truth(cx, value("test")?, G)? {
                value("body")
            } else {
                value("orelse")
            }
        }
        "Tuple" => tuple_spread(cx, &parts(cx, env, f("elts"))?, G).map(Value::Tuple),
        "List" => list_spread(cx, &parts(cx, env, f("elts"))?, G).map(Value::List),
        "Set" => {
            let given = parts(cx, env, f("elts"))?;
            if items(f("elts")).all(|item| text(field(cx, item, "_")) == "Constant") {
                let values: Vec<Value<'a>> = given.iter().map(|(_, value)| *value).collect();
                return set_literal(cx, &values, false, G).map(Value::Set);
            }
            set_spread(cx, &given, G).map(Value::Set)
        }
        "Dict" => {
            let mut given = Vec::new();
            for (key, value) in items(f("keys")).zip(items(f("values"))) {
                let key = if matches!(key, Value::None) { None } else { Some(expression(cx, env, key)?) };
                given.push((key, expression(cx, env, value)?));
            }
            dict_spread(cx, &given, G).map(Value::Dict)
        }
        "Subscript" => op::index(cx, value("value")?, value("slice")?, G),
        "Slice" => {
            let bound = |name: &str| if matches!(f(name), Value::None) { Ok(Value::None) } else { value(name) };
            slice_new(cx, bound("lower")?, bound("upper")?, bound("step")?, G)
        }
        "Attribute" => {
            let Value::Str(name) = f("attr") else { panic!("an attribute is a string") };
            match module(cx, env, f("value")) {
                Some(module) => library::value(cx, &format!("{module}.{}", name.text()), G),
                None => attr::get(cx, value("value")?, name, G),
            }
        }
        "Call" => call_expression(cx, env, node),
        "Lambda" => function(cx, env, node, "<lambda>"),
        "NamedExpr" => {
            let made = value("value")?;
            assign(cx, env, f("target"), made)?;
            Ok(made)
        }
        "ListComp" | "SetComp" | "DictComp" | "GeneratorExp" => comprehension(cx, env, node),
        "JoinedStr" => joined(cx, env, node).map(Value::Str),
        other => panic!("no expression {other}"),
    }
}

/// The library module that a name stands for.
fn module<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>) -> Option<&'a str> {
    match (text(field(cx, node, "_")), field(cx, node, "id")) {
        ("Name", Value::Str(name)) => match load(cx, env, name) {
            Ok(Value::Str(value)) => value.text().strip_prefix("module "),
            _ => None,
        },
        _ => None,
    }
}

fn constant<'a>(cx: &'a Cx<'a>, node: Value<'a>) -> Result<Value<'a>> {
    let v = field(cx, node, "v");
    match text(field(cx, node, "kind")) {
        "i" => int_literal(cx, text(v), G),
        "f" => Ok(Value::float(f64::from_bits(text(v).parse().unwrap()))),
        "e" => Ok(Value::Ellipsis),
        "b" => {
            let bytes: Vec<u8> = items(v).map(|byte| byte.as_int(G).unwrap() as u8).collect();
            bytes_new(cx, &bytes, G).map(Value::Bytes)
        }
        _ => Ok(v),
    }
}

fn compare<'a>(cx: &'a Cx<'a>, sign: &str, l: Value<'a>, r: Value<'a>) -> Result<Value<'a>> {
    let sign = match sign {
        "Eq" => CompareOp::Eq,
        "NotEq" => CompareOp::Ne,
        "Lt" => CompareOp::Lt,
        "LtE" => CompareOp::Le,
        "Gt" => CompareOp::Gt,
        "GtE" => CompareOp::Ge,
        "Is" => return op::is(cx, l, r, G).map(Value::bool),
        "IsNot" => return op::is_not(cx, l, r, G).map(Value::bool),
        "In" => return op::contains(cx, l, r, G).map(Value::bool),
        _ => return op::contains(cx, l, r, G).map(|found| Value::bool(!found)),
    };
    op::rich_compare(cx, sign, l, r, G)
}

fn parts<'a>(cx: &'a Cx<'a>, env: Dict<'a>, nodes: Value<'a>) -> Result<Vec<(bool, Value<'a>)>> {
    items(nodes)
        .map(|node| match text(field(cx, node, "_")) {
            "Starred" => Ok((true, expression(cx, env, field(cx, node, "value"))?)),
            _ => Ok((false, expression(cx, env, node)?)),
        })
        .collect()
}

/// Positional arguments and keywords.
type Arguments<'a> = (Vec<Value<'a>>, Vec<(Str<'a>, Value<'a>)>);

fn call_expression<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>) -> Result<Value<'a>> {
    let f = |name: &str| field(cx, node, name);
    let callee = f("func");
    let arguments = || -> Result<Arguments<'a>> {
        let spread = tuple_spread(cx, &parts(cx, env, f("args"))?, G)?;
        let mut kw = Vec::new();
        for keyword in items(f("keywords")) {
            let value = expression(cx, env, field(cx, keyword, "value"))?;
            match (field(cx, keyword, "arg"), value) {
                (Value::Str(name), _) => kw.push((name, value)),
                (_, Value::Dict(dict)) => kw.extend(dict.entries().map(|(key, value)| match key {
                    Value::Str(name) => (name, value),
                    _ => panic!("keywords are strings"),
                })),
                _ => panic!("the tests spread dicts"),
            }
        }
        Ok((spread.items().to_vec(), kw))
    };
    if text(field(cx, callee, "_")) == "Attribute" && module(cx, env, field(cx, callee, "value")).is_none() {
        let object = expression(cx, env, field(cx, callee, "value"))?;
        let Value::Str(name) = field(cx, callee, "attr") else { panic!("an attribute is a string") };
        let loaded = load_method(cx, object, name, G)?;
        let (pos, kw) = arguments()?;
        return call_loaded(cx, loaded, Args { pos: &pos, kw: &kw }, G);
    }
    let function = expression(cx, env, callee)?;
    let (pos, kw) = arguments()?;
    invoke(cx, function, &pos, &kw)
}

/// A comprehension; a generator's items are made at once.
fn comprehension<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>) -> Result<Value<'a>> {
    let f = |name: &str| field(cx, node, name);
    let mut made = Vec::new();
    let levels: Vec<Value<'a>> = items(f("generators")).collect();
    let kind = text(f("_"));
    let inner = upshift_runtime::dict_new(cx, &[], G)?;
    inner.set(cx, string(cx, " parent"), Value::Dict(env), G)?;
    rounds(cx, inner, &levels, &mut |cx| {
        made.push(match kind {
            "DictComp" => {
                let key = expression(cx, inner, f("key"))?;
                tuple(cx, &[key, expression(cx, inner, f("value"))?])?
            }
            _ => expression(cx, inner, f("elt"))?,
        });
        Ok(())
    })?;
    match kind {
        "ListComp" => list_new(cx, &made, G).map(Value::List),
        "SetComp" => set_new(cx, false, &made, G).map(Value::Set),
        "GeneratorExp" => upshift_runtime::iter_value(cx, list_new(cx, &made, G)?.into(), G),
        _ => {
            let dict = upshift_runtime::dict_new(cx, &[], G)?;
            for pair in made {
                let Value::Tuple(pair) = pair else { continue };
                dict.set(cx, pair.items()[0], pair.items()[1], G)?;
            }
            Ok(Value::Dict(dict))
        }
    }
}

fn rounds<'a>(
    cx: &'a Cx<'a>,
    env: Dict<'a>,
    levels: &[Value<'a>],
    body: &mut dyn FnMut(&'a Cx<'a>) -> Result<()>,
) -> Result<()> {
    let Some((level, rest)) = levels.split_first() else { return body(cx) };
    let source = expression(cx, env, field(cx, *level, "iter"))?;
    let source = upshift_runtime::iter_value(cx, source, G)?;
    'items: while let Some(item) = upshift_runtime::iter_next(cx, source, G)? {
        assign(cx, env, field(cx, *level, "target"), item)?;
        for test in items(field(cx, *level, "ifs")) {
            if !truth(cx, expression(cx, env, test)?, G)? {
                continue 'items;
            }
        }
        rounds(cx, env, rest, body)?;
    }
    Ok(())
}

fn joined<'a>(cx: &'a Cx<'a>, env: Dict<'a>, node: Value<'a>) -> Result<Str<'a>> {
    let mut all = String::new();
    for part in items(field(cx, node, "values")) {
        if text(field(cx, part, "_")) == "Constant" {
            all.push_str(text(field(cx, part, "v")));
            continue;
        }
        let value = expression(cx, env, field(cx, part, "value"))?;
        let value = match field(cx, part, "conversion") {
            Value::Int(114) => Value::Str(upshift_runtime::builtin::repr(cx, value, G)?),
            _ => value,
        };
        all.push_str(match field(cx, part, "format_spec") {
            Value::None => upshift_runtime::builtin::str(cx, value, G)?.text(),
            spec => {
                let spec = joined(cx, env, spec)?;
                format_value(cx, value, spec)?.text()
            }
        });
    }
    str_new(cx, &all, G)
}

fn format_value<'a>(cx: &'a Cx<'a>, value: Value<'a>, spec: Str<'a>) -> Result<Str<'a>> {
    match invoke(cx, library::value(cx, "format", G)?, &[value, Value::Str(spec)], &[])? {
        Value::Str(text) => Ok(text),
        _ => panic!("format gives a string"),
    }
}
