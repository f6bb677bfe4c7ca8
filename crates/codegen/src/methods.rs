//! Methods of strings, lists and dicts that have a function of their own in the runtime.

use upshift_runtime::{Type, method};

use crate::Ty;

/// A method as a function of the runtime.
pub(crate) struct Direct {
    /// The function: of the receiver and arguments of these types.
    pub(crate) rust: &'static str,
    /// The types of its parameters.
    pub(crate) params: &'static [Ty],
    /// The type of its result.
    pub(crate) result: Ty,
}

const fn direct_of(rust: &'static str, params: &'static [Ty], result: Ty) -> Direct {
    Direct { rust, params, result }
}

/// The function for `receiver.name(args)`, where there is one for those types.
pub(crate) fn direct(receiver: Ty, name: &str, args: &[Ty]) -> Option<Direct> {
    use Ty::{Any, Bool, Dict, Int, List, Str};
    let found = match (receiver, name, args.len()) {
        (List, "append", 1) => direct_of("list_append", &[Any], Ty::None),
        (List, "extend", 1) => direct_of("list_extend", &[Any], Ty::None),
        (List, "pop", 1) => direct_of("list_pop", &[Int], Any),
        (List, "pop", 0) => direct_of("list_pop_last", &[], Any),
        (Dict, "get", 1) if args[0] == Str => direct_of("dict_get_str_or_none", &[Str], Any),
        (Dict, "get", 2) if args[0] == Str => direct_of("dict_get_str_or", &[Str, Any], Any),
        (Dict, "get", 1) => direct_of("dict_get_or_none", &[Any], Any),
        (Dict, "get", 2) => direct_of("dict_get", &[Any, Any], Any),
        (Str, "lower", 0) => direct_of("str_lower", &[], Str),
        (Str, "upper", 0) => direct_of("str_upper", &[], Str),
        (Str, "strip", 0) => direct_of("str_strip", &[], Str),
        (Str, "lstrip", 0) => direct_of("str_lstrip", &[], Str),
        (Str, "rstrip", 0) => direct_of("str_rstrip", &[], Str),
        (Str, "strip", 1) => direct_of("str_strip_of", &[Str], Str),
        (Str, "lstrip", 1) => direct_of("str_lstrip_of", &[Str], Str),
        (Str, "rstrip", 1) => direct_of("str_rstrip_of", &[Str], Str),
        (Str, "split", 0) => direct_of("str_words", &[], List),
        (Str, "split", 1) => direct_of("str_split", &[Str], List),
        (Str, "splitlines", 0) => direct_of("str_lines", &[], List),
        (Str, "join", 1) => direct_of("str_join", &[Any], Str),
        (Str, "replace", 2) => direct_of("str_replace", &[Str, Str], Str),
        (Str, "startswith", 1) => direct_of("str_starts_with", &[Str], Bool),
        (Str, "endswith", 1) => direct_of("str_ends_with", &[Str], Bool),
        (Str, "find", 1) => direct_of("str_find", &[Str], Int),
        (Str, "count", 1) => direct_of("str_count", &[Str], Int),
        (Str, "isalpha", 0) => direct_of("str_is_alpha", &[], Bool),
        (Str, "isalnum", 0) => direct_of("str_is_alnum", &[], Bool),
        (Str, "isdigit", 0) => direct_of("str_is_digit", &[], Bool),
        (Str, "isspace", 0) => direct_of("str_is_space", &[], Bool),
        _ => return None,
    };
    let fits = found.params.iter().zip(args).all(|(param, arg)| *param == Any || param == arg);
    fits.then_some(found)
}

/// Methods of other types with a function of their own: the kind of value, the method, the number of arguments, and the function,
/// which answers for every value of that kind.
pub(crate) const OTHERS: &[(&str, &str, usize, &str)] = &[
    ("Set", "add", 1, "set_add"),
    ("Object", "append", 1, "object_append"),
    ("Object", "appendleft", 1, "object_append_left"),
    ("Object", "pop", 0, "object_pop"),
    ("Object", "popleft", 0, "object_pop_left"),
];

/// Whether every value of that type has a method of that name.
pub(crate) fn has(receiver: Ty, name: &str) -> bool {
    let ty = match receiver {
        Ty::Str => Type::Str,
        Ty::List => Type::List,
        Ty::Dict => Type::Dict,
        _ => return false,
    };
    method::exists(ty, name)
}
