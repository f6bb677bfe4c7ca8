//! The library's dicts: `Counter` and `OrderedDict`, `defaultdict`.

use crate::{BailKind, Cx, Dict, Result};

/// Writes the `repr` of a `Counter` or `OrderedDict`.
pub(crate) fn write_repr<'a>(_cx: &'a Cx<'a>, _out: &mut String, _dict: Dict<'a>, g: u32) -> Result<()> {
    Err(BailKind::Unsupported.at(g))
}
