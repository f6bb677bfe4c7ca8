//! The library's dicts: `Counter` and `OrderedDict`, `defaultdict`.

use crate::{Args, BailKind, Cx, Dict, Result, Value};

/// Writes the `repr` of a `Counter` or `OrderedDict`.
pub(crate) fn write_repr<'a>(_cx: &'a Cx<'a>, _out: &mut String, _dict: Dict<'a>, g: u32) -> Result<()> {
    Err(BailKind::Unsupported.at(g))
}

/// What the library's dicts do by a method of their own; none for those of `dict`.
pub(crate) fn method<'a>(
    _cx: &'a Cx<'a>,
    dict: Dict<'a>,
    name: &str,
    _args: Args<'_, 'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    match (dict.form(), name) {
        (crate::DictKind::Plain | crate::DictKind::Default(_), _) => Ok(None),
        (crate::DictKind::Counter, "update" | "fromkeys" | "most_common" | "elements" | "subtract" | "total") => {
            Err(BailKind::Unsupported.at(g))
        }
        (crate::DictKind::Ordered, "popitem" | "move_to_end") => Err(BailKind::Unsupported.at(g)),
        _ => Ok(None),
    }
}
