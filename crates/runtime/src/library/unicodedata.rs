//! `unicodedata` (`Modules/unicodedata.c`): categories and normal forms, but no names.
//!
//! The crate that normalises knows a later version of Unicode; what version 14 has not assigned is left to CPython.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;

use crate::{Args, BailKind, Builtin, Cx, Result, Str, Type, Value, str_new, unicode};

/// The functions of `unicodedata`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "unicodedata", name: "normalize", call: |cx, args, g| normalize(cx, args, g) },
    Builtin { module: "unicodedata", name: "is_normalized", call: |cx, args, g| is_normalized(cx, args, g) },
    Builtin { module: "unicodedata", name: "category", call: |cx, args, g| category(cx, args, g) },
    Builtin { module: "unicodedata", name: "combining", call: |cx, args, g| combining(cx, args, g) },
];

fn normal<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<(Str<'a>, String)> {
    let [Value::Str(form), Value::Str(text)] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    cx.burn(text.text().len() * 8, g)?;
    let unknown = |letter: char| !letter.is_ascii() && unicode::category(letter) == "Cn";
    if text.text().chars().any(unknown) {
        return Err(BailKind::Unsupported.at(g));
    }
    let letters = text.text().chars();
    let normal = match form.text() {
        "NFC" => letters.nfc().collect(),
        "NFD" => letters.nfd().collect(),
        "NFKC" => letters.nfkc().collect(),
        "NFKD" => letters.nfkd().collect(),
        _ if text.text().is_empty() => String::new(),
        _ => return Err(cx.raise(Type::ValueError, "invalid normalization form", g)),
    };
    Ok((*text, normal))
}

fn normalize<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (text, normal) = normal(cx, args, g)?;
    match normal == text.text() {
        true => Ok(Value::Str(text)),
        false => str_new(cx, &normal, g).map(Value::Str),
    }
}

fn is_normalized<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (text, normal) = normal(cx, args, g)?;
    Ok(Value::bool(normal == text.text()))
}

/// The one character that an argument must be.
fn letter(args: Args<'_, '_>, g: u32) -> Result<char> {
    match args.positional(g)? {
        [Value::Str(text)] if text.chars() == 1 => text.text().chars().next().ok_or_else(|| BailKind::Exception.at(g)),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn category<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    str_new(cx, unicode::category(letter(args, g)?), g).map(Value::Str)
}

fn combining<'a>(_cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let letter = letter(args, g)?;
    match unicode::category(letter) {
        "Cn" => Err(BailKind::Unsupported.at(g)),
        _ => Ok(Value::Int(canonical_combining_class(letter).into())),
    }
}
