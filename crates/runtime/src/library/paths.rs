//! `os.path` (`Lib/posixpath.py`, `Lib/genericpath.py`): what needs no file system, of text.

use crate::{Args, BailKind, Builtin, Cx, Result, Str, Value, str_new, tuple_new};

/// The functions of `os.path`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "os.path", name: "join", call: join },
    Builtin { module: "os.path", name: "split", call: |cx, args, g| pair(cx, args, split, g) },
    Builtin { module: "os.path", name: "splitext", call: |cx, args, g| pair(cx, args, split_extension, g) },
    Builtin { module: "os.path", name: "basename", call: |cx, args, g| part(cx, args, |path| split(path).1.into(), g) },
    Builtin { module: "os.path", name: "dirname", call: |cx, args, g| part(cx, args, |path| split(path).0.into(), g) },
    Builtin { module: "os.path", name: "normcase", call: |cx, args, g| part(cx, args, str::to_owned, g) },
    Builtin { module: "os.path", name: "normpath", call: |cx, args, g| part(cx, args, normal, g) },
    Builtin {
        module: "os.path",
        name: "isabs",
        call: |_, args, g| Ok(Value::bool(one(args, g)?.text().starts_with('/'))),
    },
];

/// The path that a function of one takes; bytes and objects with `__fspath__` are left to CPython.
fn one<'a>(args: Args<'_, 'a>, g: u32) -> Result<Str<'a>> {
    match args.positional(g)? {
        [Value::Str(path)] if !path.text().contains('\0') => Ok(*path),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn part<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, of: impl Fn(&str) -> String, g: u32) -> Result<Value<'a>> {
    str_new(cx, &of(one(args, g)?.text()), g).map(Value::Str)
}

fn pair<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, of: fn(&str) -> (&str, &str), g: u32) -> Result<Value<'a>> {
    let (head, tail) = of(one(args, g)?.text());
    let parts = [Value::Str(str_new(cx, head, g)?), Value::Str(str_new(cx, tail, g)?)];
    tuple_new(cx, &parts, g).map(Value::Tuple)
}

fn join<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [first, rest @ ..] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let Value::Str(first) = first else { return Err(BailKind::Unsupported.at(g)) };
    let mut path = first.text().to_owned();
    for part in rest {
        let Value::Str(part) = part else { return Err(BailKind::Unsupported.at(g)) };
        if part.text().starts_with('/') {
            path.clear();
        } else if !path.is_empty() && !path.ends_with('/') {
            path.push('/');
        }
        path.push_str(part.text());
    }
    str_new(cx, &path, g).map(Value::Str)
}

fn split(path: &str) -> (&str, &str) {
    let (head, tail) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let bare = head.trim_end_matches('/');
    (if bare.is_empty() { head } else { bare }, tail)
}

fn split_extension(path: &str) -> (&str, &str) {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    match path.rfind('.') {
        // Leading dots are part of the name.
        Some(dot) if dot >= name && path[name..dot].bytes().any(|byte| byte != b'.') => path.split_at(dot),
        _ => (path, ""),
    }
}

fn normal(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    // Of two slashes at the beginning POSIX leaves the meaning open; more are one.
    let slashes = match path.len() - path.trim_start_matches('/').len() {
        2 => 2,
        many => many.min(1),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part != ".." || slashes == 0 && parts.last().is_none_or(|last| *last == "..") {
            parts.push(part);
        } else {
            parts.pop();
        }
    }
    let joined = format!("{}{}", "/".repeat(slashes), parts.join("/"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_apart_and_together_as_in_posixpath() {
        assert_eq!(split("/a//b"), ("/a", "b"));
        assert_eq!((split("//"), split("x"), split("")), (("//", ""), ("", "x"), ("", "")));
        assert_eq!(split_extension("/a.b/..c"), ("/a.b/..c", ""));
        assert_eq!((split_extension("a.tar.gz"), split_extension(".x.")), (("a.tar", ".gz"), (".x", ".")));
        for (path, expected) in [
            ("", "."),
            ("//a/../../b/.", "//b"),
            ("///a//b/", "/a/b"),
            ("a/../..", ".."),
            ("../a/../../b", "../../b"),
            ("/..", "/"),
            ("./", "."),
        ] {
            assert_eq!(normal(path), expected, "{path}");
        }
    }
}
