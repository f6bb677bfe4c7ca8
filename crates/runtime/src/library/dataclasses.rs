//! The module `dataclasses`, but for the decorator, whose work the trace describes (`Lib/dataclasses.py`).

use crate::class::{Dataclass, Form};
use crate::{
    Args, BailKind, Builtin, Class, Cx, Instance, Obj, Result, Type, Value, attr, call, dict_new, list_new, object_new,
    tuple_new,
};

/// The functions of `dataclasses`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "dataclasses", name: "asdict", call: |cx, args, g| convert(cx, args, true, g) },
    Builtin { module: "dataclasses", name: "astuple", call: |cx, args, g| convert(cx, args, false, g) },
    Builtin { module: "dataclasses", name: "fields", call: |cx, args, g| fields(cx, args, g) },
    Builtin { module: "dataclasses", name: "is_dataclass", call: |cx, args, g| is_dataclass(cx, args, g) },
    Builtin { module: "dataclasses", name: "replace", call: |cx, args, g| replace(cx, args, g) },
];

/// The dataclass that a value is, or is an instance of.
fn form_of(v: Value<'_>) -> Option<&Dataclass<'_>> {
    let class: Class<'_> = match v {
        Value::Class(class) => class,
        Value::Instance(instance) => instance.class(),
        _ => return None,
    };
    match class.form() {
        Form::Dataclass(form) => Some(form),
        _ => None,
    }
}

fn is_dataclass<'a>(_cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    Ok(Value::bool(form_of(*v).is_some()))
}

/// `asdict(instance)`, `astuple(instance)`
fn convert<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, named: bool, g: u32) -> Result<Value<'a>> {
    let [v @ Value::Instance(instance)] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    match form_of(*v) {
        Some(form) => of_instance(cx, *instance, form, named, g),
        None => Err(BailKind::Exception.at(g)),
    }
}

fn of_instance<'a>(
    cx: &'a Cx<'a>,
    instance: Instance<'a>,
    form: &'a Dataclass<'a>,
    named: bool,
    g: u32,
) -> Result<Value<'a>> {
    // `_asdict_inner` and what it is called from.
    (0..3).try_for_each(|_| cx.enter(g))?;
    let mut values = Vec::with_capacity(form.fields.len());
    for field in form.fields {
        let value = attr::get(cx, Value::Instance(instance), field.name, g)?;
        values.push((Value::Str(field.name), inner(cx, value, named, g)?));
    }
    (0..3).for_each(|_| cx.leave());
    if named {
        return dict_new(cx, &values, g).map(Value::Dict);
    }
    let values: Vec<Value<'a>> = values.into_iter().map(|(_, value)| value).collect();
    tuple_new(cx, &values, g).map(Value::Tuple)
}

/// What a field's value becomes (`_asdict_inner`): containers are copied, other values deeply.
fn inner<'a>(cx: &'a Cx<'a>, v: Value<'a>, named: bool, g: u32) -> Result<Value<'a>> {
    cx.tick(g)?;
    let each = |items: &[Value<'a>]| -> Result<Vec<Value<'a>>> {
        (0..3).try_for_each(|_| cx.enter(g))?;
        let made = items.iter().map(|item| inner(cx, *item, named, g)).collect::<Result<Vec<_>>>()?;
        (0..3).for_each(|_| cx.leave());
        Ok(made)
    };
    match v {
        Value::Instance(instance) => match form_of(v) {
            Some(form) => of_instance(cx, instance, form, named, g),
            None => super::copy::deep(cx, v, g),
        },
        Value::List(list) => list_new(cx, &each(&list.to_vec())?, g).map(Value::List),
        Value::Tuple(tuple) => tuple_new(cx, &each(tuple.items())?, g).map(Value::Tuple),
        Value::Dict(dict) if dict.kind() == Type::Dict => {
            let made = dict_new(cx, &[], g)?;
            for (key, value) in dict.entries() {
                made.set(cx, inner(cx, key, named, g)?, inner(cx, value, named, g)?, g)?;
            }
            Ok(Value::Dict(made))
        }
        _ => super::copy::deep(cx, v, g),
    }
}

/// `replace(instance, **changes)`
fn replace<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v @ Value::Instance(instance)] = args.pos else { return Err(BailKind::Exception.at(g)) };
    let Some(form) = form_of(*v) else { return Err(BailKind::Exception.at(g)) };
    let mut kw = args.kw.to_vec();
    for field in form.fields {
        let given = kw.iter().any(|(name, _)| name.text() == field.name.text());
        match (field.init, given) {
            (false, true) => return Err(BailKind::Exception.at(g)),
            (true, false) => kw.push((field.name, attr::get(cx, *v, field.name, g)?)),
            _ => {}
        }
    }
    call::construct(cx, instance.class(), Args { pos: &[], kw: &kw }, g)
}

/// A `Field`, of which the name, the default and the flags are known.
struct FieldObject<'a>(crate::class::Field<'a>);

impl<'a> Obj<'a> for FieldObject<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, _g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "name" => Some(Value::Str(self.0.name)),
            "init" => Some(Value::bool(self.0.init)),
            "repr" => Some(Value::bool(self.0.repr)),
            "compare" => Some(Value::bool(self.0.compare)),
            "default" => self.0.default,
            _ => None,
        })
    }
}

/// `fields(class_or_instance)`
fn fields<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let Some(form) = form_of(*v) else { return Err(BailKind::Exception.at(g)) };
    let fields =
        form.fields.iter().map(|field| object_new(cx, FieldObject(*field), g)).collect::<Result<Vec<Value<'a>>>>()?;
    tuple_new(cx, &fields, g).map(Value::Tuple)
}
