//! Enumerations (`Lib/enum.py`): members are instances with `_name_` and `_value_`.

use crate::class::Form;
use crate::{Args, BailKind, Class, Cx, Instance, Result, Str, Type, Value, op};

/// `class(value)`: the member of that value.
pub(crate) fn by_value<'a>(cx: &'a Cx<'a>, class: Class<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (Form::Enum(members), [wanted]) = (class.form(), args.positional(g)?) else {
        return Err(BailKind::Unsupported.at(g));
    };
    if class.lookup(cx, cx.name("_missing_", g)?).is_some() {
        return Err(BailKind::Unsupported.at(g));
    }
    for (_, member) in members {
        let Value::Instance(instance) = member else { return Err(BailKind::Unsupported.at(g)) };
        if matches!(wanted, Value::Instance(wanted) if wanted.same(*instance)) {
            return Ok(*member);
        }
        if op::eq(cx, value_of(cx, *instance, g)?, *wanted, g)? {
            return Ok(*member);
        }
    }
    let text = format!("{} is not a valid {}", crate::repr::repr_text(cx, *wanted, g)?, class.qualname().text());
    Err(cx.raise(Type::ValueError, &text, g))
}

/// The members in order, each once: another name for one is not in the sequence.
pub(crate) fn distinct<'a>(cx: &'a Cx<'a>, members: &[(Str<'a>, Value<'a>)], g: u32) -> Result<Vec<Value<'a>>> {
    let mut found = Vec::new();
    for (name, member) in members {
        let Value::Instance(instance) = member else { return Err(BailKind::Unsupported.at(g)) };
        if name_of(cx, *instance, g)?.text() == name.text() {
            found.push(*member);
        }
    }
    Ok(found)
}

/// `class[name]`
pub(crate) fn by_name<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Value<'a>, g: u32) -> Result<Value<'a>> {
    let (Form::Enum(members), Value::Str(text)) = (class.form(), name) else {
        return Err(BailKind::Exception.at(g));
    };
    match members.iter().find(|(known, _)| known.text() == text.text()) {
        Some((_, member)) => Ok(*member),
        None => Err(cx.raise_with(Type::KeyError, &[name], g)),
    }
}

/// `member.value`
pub(crate) fn value_of<'a>(cx: &'a Cx<'a>, member: Instance<'a>, g: u32) -> Result<Value<'a>> {
    own(cx, member, "_value_", g)
}

/// `member.name`
pub(crate) fn name_of<'a>(cx: &'a Cx<'a>, member: Instance<'a>, g: u32) -> Result<Str<'a>> {
    match own(cx, member, "_name_", g)? {
        Value::Str(name) => Ok(name),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn own<'a>(cx: &'a Cx<'a>, member: Instance<'a>, name: &'static str, g: u32) -> Result<Value<'a>> {
    let name = cx.name(name, g)?;
    member.dict_if_made().and_then(|dict| dict.get_str(cx, name)).ok_or_else(|| BailKind::Unsupported.at(g))
}
