//! Python names as Rust identifiers, readable and unique.

use std::collections::{BTreeMap, HashSet};

use upshift_ir::{FunctionId, Trace};

/// Words that a variable of generated Rust cannot be called.
const RESERVED: &[&str] = &[
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "cx",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "rt",
    "self",
    "sites",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    // What generated statements call their own variables.
    "bail",
    "before",
    "best",
    "builtin",
    "class",
    "co",
    "dealt",
    "flow",
    "function",
    "handled",
    "item",
    "loaded",
    "made",
    "method",
    "namespace",
    "op",
    "other",
    "place",
    "raised",
    "receiver",
    "this",
    "value",
];

/// The same, followed by an underscore and a number.
const NUMBERED: &[&str] =
    &["body", "cell", "context", "depth", "finally", "global", "handled", "item", "left", "raised", "tried"];

/// `name` as a Rust identifier that starts in lower case.
pub(super) fn identifier(name: &str) -> String {
    let mut text: String = name
        .chars()
        .map(|c| match c {
            // The dots of temporaries and of comprehensions' variables.
            '.' => "_".to_owned(),
            _ if c.is_ascii_alphanumeric() || c == '_' => c.to_string(),
            _ => format!("_u{:x}_", c as u32),
        })
        .collect();
    let starts_low = text.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    if text.chars().all(|c| c == '_') || !starts_low {
        text = format!("v_{text}");
    }
    let numbered = text
        .rsplit_once('_')
        .is_some_and(|(word, number)| NUMBERED.contains(&word) && number.bytes().all(|byte| byte.is_ascii_digit()));
    if numbered || RESERVED.contains(&text.as_str()) {
        text.push('_');
    }
    text
}

/// `name`, or the first of `name_1`, `name_2`, … that is not taken.
pub(super) fn unique(name: String, taken: &mut HashSet<String>) -> String {
    let mut chosen = name.clone();
    let mut i = 1;
    while !taken.insert(chosen.clone()) {
        chosen = format!("{name}_{i}");
        i += 1;
    }
    chosen
}

/// The Rust name of every function: `f_NAME`, a nested one with the names that it nests in, as in `f_outer_inner`.
pub(super) fn function_names(trace: &Trace) -> BTreeMap<FunctionId, String> {
    let mut taken = HashSet::new();
    let mut names: BTreeMap<FunctionId, String> = BTreeMap::new();
    for function in &trace.functions {
        let prefix = function.parent.and_then(|parent| names.get(&parent)).map_or("f", String::as_str);
        let own: String = function.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let name = unique(format!("{prefix}_{own}"), &mut taken);
        names.insert(function.id, name);
    }
    names
}
