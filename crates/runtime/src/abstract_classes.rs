//! Which classes belong to those of `collections.abc` (`Lib/_collections_abc.py`): by their methods, or by registration.

use crate::class::Form;
use crate::{BailKind, Class, Cx, Result, Type, Value};

/// The methods that make a class one, where that is how it becomes one.
fn hook(ty: Type) -> Option<&'static [&'static str]> {
    Some(match ty {
        Type::AnyHashable => &["__hash__"],
        Type::AnyIterable => &["__iter__"],
        Type::AnyIterator => &["__iter__", "__next__"],
        Type::AnyGenerator => &["__iter__", "__next__", "send", "throw", "close"],
        Type::AnyReversible => &["__reversed__", "__iter__"],
        Type::AnySized => &["__len__"],
        Type::AnyContainer => &["__contains__"],
        Type::AnyCallable => &["__call__"],
        Type::AnyCollection => &["__len__", "__iter__", "__contains__"],
        _ => return None,
    })
}

/// The built-in classes that are registered, with their own abstract subclasses' ones.
fn registered(ty: Type) -> Option<&'static [Type]> {
    Some(match ty {
        Type::AnySequence => &[
            Type::Tuple,
            Type::Str,
            Type::Range,
            Type::MemoryView,
            Type::Bytes,
            Type::ByteArray,
            Type::List,
            Type::Deque,
        ],
        Type::AnyMutableSequence => &[Type::List, Type::ByteArray, Type::Deque],
        Type::AnyByteString => &[Type::Bytes, Type::ByteArray],
        Type::AnySet => &[Type::Set, Type::FrozenSet, Type::DictKeys, Type::DictItems],
        Type::AnyMutableSet => &[Type::Set],
        Type::AnyMapping | Type::AnyMutableMapping => &[Type::Dict],
        Type::AnyKeysView => &[Type::DictKeys],
        Type::AnyItemsView => &[Type::DictItems],
        Type::AnyValuesView => &[Type::DictValues],
        _ => return None,
    })
}

/// Those of the methods that [`hook`] asks for which a built-in class itself has; none where that is not known.
fn methods(ty: Type) -> Option<&'static [&'static str]> {
    Some(match ty {
        Type::Object => &["__hash__"],
        Type::Set | Type::FrozenSet => &["__iter__", "__len__", "__contains__"],
        // They are registered as sequences, which are reversible.
        Type::Str | Type::Bytes | Type::Tuple | Type::ByteArray => {
            &["__iter__", "__len__", "__contains__", "__reversed__"]
        }
        Type::Range | Type::List | Type::Dict | Type::Deque | Type::DictKeys | Type::DictItems => {
            &["__iter__", "__len__", "__contains__", "__reversed__"]
        }
        Type::OrderedDict => &["__iter__", "__reversed__"],
        Type::DefaultDict | Type::Counter => &[],
        // Registered as views, which contain.
        Type::DictValues => &["__iter__", "__len__", "__contains__", "__reversed__"],
        Type::Enumerate
        | Type::Zip
        | Type::Map
        | Type::Filter
        | Type::Reversed
        | Type::ListIterator
        | Type::TupleIterator
        | Type::StrIterator
        | Type::RangeIterator
        | Type::DictKeyIterator
        | Type::SetIterator
        | Type::CallableIterator => &["__iter__", "__next__"],
        Type::Generator => &["__iter__", "__next__", "send", "throw", "close"],
        Type::Function
        | Type::BuiltinFunction
        | Type::Method
        | Type::Type
        | Type::Partial
        | Type::LruCache
        | Type::StaticMethod => &["__call__"],
        Type::Int | Type::Bool | Type::Float | Type::NoneType | Type::EllipsisType => &[],
        Type::Property | Type::ClassMethod | Type::Pattern => &[],
        ty if ty.is(Type::BaseException) => &[],
        _ => return None,
    })
}

/// Whether a built-in class has `__hash__ = None`.
fn is_unhashable(ty: Type) -> bool {
    matches!(
        ty,
        Type::List
            | Type::Dict
            | Type::Set
            | Type::ByteArray
            | Type::Deque
            | Type::DictKeys
            | Type::DictItems
            | Type::OrderedDict
            | Type::Counter
            | Type::DefaultDict
    )
}

/// Whether a class is one of `collections.abc`.
pub(crate) fn is_abstract(class: Class<'_>) -> bool {
    class.builtin().is_some_and(|ty| ty.module() == "collections.abc")
}

/// `issubclass(class, of)`, where `of` is of `collections.abc`.
pub(crate) fn belongs<'a>(cx: &'a Cx<'a>, class: Class<'a>, of: Type, g: u32) -> Result<bool> {
    if class.builtin() == Some(of) {
        return Ok(true);
    }
    if let Some(types) = registered(of) {
        let known =
            |class: &Class<'a>| class.builtin().is_none_or(|ty| methods(ty).is_some() || ty == Type::MemoryView);
        if !class.mro().iter().all(known) {
            return Err(BailKind::Unsupported.at(g));
        }
        return Ok(class.mro().iter().any(|class| class.builtin().is_some_and(|ty| types.contains(&ty))));
    }
    let Some(wanted) = hook(of) else { return Err(BailKind::Unsupported.at(g)) };
    for method in wanted {
        if !has(cx, class, method, g)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `_check_methods`, for one: whether the first class that has it has not None there.
fn has<'a>(cx: &'a Cx<'a>, class: Class<'a>, method: &'static str, g: u32) -> Result<bool> {
    let name = cx.name(method, g)?;
    for known in class.mro() {
        match known.builtin() {
            Some(ty) if method == "__hash__" && is_unhashable(ty) => return Ok(false),
            Some(ty) if methods(ty).ok_or_else(|| BailKind::Unsupported.at(g))?.contains(&method) => return Ok(true),
            Some(_) => {}
            None => {
                match known.dict().get_str(cx, name) {
                    Some(Value::None) => return Ok(false),
                    Some(_) => return Ok(true),
                    None => {}
                }
                // What a class makes of itself beyond its statement has other methods.
                let eq = cx.name("__eq__", g)?;
                if method == "__hash__" && known.dict().get_str(cx, eq).is_some() {
                    return Ok(false);
                }
                let plain = match known.form() {
                    Form::Plain | Form::NamedTuple(_) | Form::Dataclass(_) => true,
                    Form::Enum(_) => false,
                };
                if !plain {
                    return Err(BailKind::Unsupported.at(g));
                }
            }
        }
    }
    Ok(false)
}
