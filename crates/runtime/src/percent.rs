//! `format % values` (`PyUnicode_Format`).

use crate::{BailKind, Cx, Result, Str, Value};

/// `format % values`
pub(crate) fn format<'a>(_cx: &'a Cx<'a>, _format: Str<'a>, _values: Value<'a>, g: u32) -> Result<Str<'a>> {
    Err(BailKind::Unsupported.at(g))
}
