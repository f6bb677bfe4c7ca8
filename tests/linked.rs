//! Other modules that functions import: the action's own, and those of the standard library that are written in Python.

use std::fs;

use crate::support::{Daemon, check, check_file};

const HELPER: &str = r#"
"""Functions, classes and names of another module."""
import math

COUNT = 3
_TABLE = {"a": 1, "b": [2, 3]}


def double(x):
    return x * 2 + _half(x)


def _half(x):
    return math.floor(x / 2)


def times(x, by=COUNT, *, plus=0):
    return x * by + plus


def table(key):
    return _TABLE.get(key)


def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start:start + size]


class Stack:
    def __init__(self, items=()):
        self.items = list(items)

    def push(self, item):
        self.items.append(item)
        return self

    def top(self):
        if not self.items:
            raise IndexError("an empty stack")
        return self.items[-1]

    def __len__(self):
        return len(self.items)
"#;

const ACTION: &str = r#"
import helper
from helper import Stack, times as multiplied


class Deep(Stack):
    def depth(self):
        return len(self)


def main(args):
    deep = Deep()
    for n in args["ns"]:
        deep.push(helper.double(n))
    try:
        Stack().top()
    except IndexError as error:
        empty = str(error)
    return {"items": deep.items, "depth": deep.depth(), "top": deep.top(), "empty": empty, "count": helper.COUNT,
            "times": [multiplied(4), multiplied(4, 5), helper.times(4, plus=1)], "table": helper.table("b"),
            "chunks": list(helper.chunks(args["ns"], 2))}
"#;

#[test]
fn modules_beside_the_action_are_native_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("helper.py"), HELPER).unwrap();
    let file = folder.path().join("action.py");
    fs::write(&file, ACTION).unwrap();
    let calls = [r#"{"ns": [1, 2, 3]}"#, r#"{"ns": [7]}"#, r#"{"ns": [123456789012345678901234567890]}"#];
    let report = check_file(&file.display().to_string(), ACTION, &calls, true);
    assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
    assert_eq!(report.native_calls, calls.len(), "{:?} {:?}", report.reason, report.bailouts);
}

/// What every call of an expression that imports `modules` does.
fn natively(modules: &[&str], expressions: &[&str]) {
    let imports: String = modules.iter().map(|module| format!("import {module}\n")).collect();
    let source = format!("{imports}\ndef main(args):\n    return {{'r': [{}]}}\n", expressions.join(",\n        "));
    let report = check(&source, &[r#"{"text": "  Hello wide\n  World, hyphen-ated  "}"#], true);
    assert!(report.mismatches.is_empty(), "{modules:?}: {:#?}", report.mismatches);
    assert_eq!(report.native_calls, 1, "{modules:?}: {:?} {:?}", report.reason, report.bailouts);
}

#[test]
fn textwrap_is_native() {
    natively(
        &["textwrap"],
        &[
            "textwrap.dedent(args['text'])",
            "textwrap.wrap(args['text'], 10)",
            "textwrap.fill(args['text'], width=12, initial_indent='* ', subsequent_indent='  ')",
            "textwrap.indent(args['text'], '> ')",
            "textwrap.shorten(args['text'], 15)",
        ],
    );
}

#[test]
fn templates_are_native() {
    natively(
        &["string"],
        &[
            "string.Template('$a ${b} $$').substitute(a=1, b=args['text'])",
            "string.Template('$a $zz').safe_substitute({'a': 2})",
            "string.capwords(args['text'])",
        ],
    );
}

#[test]
fn what_native_code_knows_is_not_linked() {
    let source = "import collections, functools, heapq\n\ndef main(args):\n    q = collections.deque([3])\n    heap = [2, 1]\n    heapq.heapify(heap)\n    return {'n': functools.reduce(max, q), 'heap': heap}\n";
    let report = check(source, &["{}"], false);
    assert_eq!(report.trace.unwrap().modules, Vec::<String>::new());
    assert_eq!(report.native_calls, 1);
}

#[test]
fn a_module_of_the_action_with_a_librarys_name_keeps_it_in_python() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("heapq.py"), "def heappop(heap):\n    return 'mine'\n").unwrap();
    let source = "import heapq\n\ndef main(args):\n    return {'n': heapq.heappop([1])}\n";
    let file = folder.path().join("action.py");
    fs::write(&file, source).unwrap();
    let report = check_file(&file.display().to_string(), source, &["{}"], false);
    assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
    assert_eq!(report.native_calls, 0);
    assert!(report.reason.unwrap().contains("the module heapq beside the action stands before the library's"));
}

#[test]
fn the_order_of_a_stored_set_is_not_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let helper = "def names():\n    return list({'a', 'b', 'c', 'd', 'e', 'f', 'g'})\n\ndef count():\n    return len({'a', 'b', 'c'})\n";
    fs::write(folder.path().join("helper.py"), helper).unwrap();
    let source =
        "import helper\n\ndef main(args):\n    return {'n': helper.count() if args['count'] else helper.names()}\n";
    let file = folder.path().join("action.py");
    fs::write(&file, source).unwrap();
    let calls = [r#"{"count": true}"#, r#"{"count": false}"#];
    let report = check_file(&file.display().to_string(), source, &calls, false);
    assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
    assert_eq!(report.native_calls, 1, "{:?} {:?}", report.reason, report.bailouts);
}

#[test]
fn a_changed_module_is_followed() {
    let action = "import helper\n\ndef main(args):\n    return {'n': helper.double(args['n'])}\n";
    let daemon = Daemon::start(&[]);
    let folder = daemon.functions.path().join("doubling");
    let staged = daemon.state.path().join("doubling");
    fs::create_dir(&staged).unwrap();
    fs::write(staged.join("helper.py"), "def double(n):\n    return n * 2\n").unwrap();
    fs::write(staged.join("__main__.py"), action).unwrap();
    fs::rename(&staged, &folder).unwrap();
    daemon.wait_for("the action is there", |daemon| daemon.invoke("doubling", r#"{"n": 4}"#).status == 200);
    assert_eq!(daemon.invoke_until("doubling", r#"{"n": 4}"#, "native").json()["n"], 8);
    fs::write(folder.join("helper.py"), "def double(n):\n    return n * 3\n").unwrap();
    daemon.wait_for("the new module answers", |daemon| daemon.invoke("doubling", r#"{"n": 4}"#).json()["n"] == 12);
    assert_eq!(daemon.invoke_until("doubling", r#"{"n": 5}"#, "native").json()["n"], 15);
}
