//! From source and observations to a trace, without a worker: `python3` runs the instrumented code with the recorder.

use std::process::Command;

use upshift_ir::{GlobalValue, StmtKind, Trace};
use upshift_tracer::{Observations, RECORDER, assume_all, entry, instrument, trace};

const SOURCE: &str = r#"
LIMIT = 10

def helper(x, by=2):
    return x * by

def main(args):
    total = 0
    for x in args["xs"]:
        if x > LIMIT:
            print("large")
        total += helper(x)
    return {"total": total, "n": len(args["xs"])}
"#;

/// What the worker has for a site.
const SEEN: &str = "class Seen(dict):\n    def __getitem__(self, value):\n        self.setdefault(value.__class__)\n        return value\n    classes = dict.__iter__\n";

/// Runs `main(args)` of the instrumented source under the recorder.
fn observe(source: &str, args: &str) -> Trace {
    let module = upshift_frontend::normalise(source).unwrap();
    let instrumented = instrument(&module, &|_| false);
    let known = serde_json::to_string(&instrumented).unwrap();
    let script = format!(
        "import sys, types\n{SEEN}recorder = {{'Seen': Seen}}\nexec({RECORDER:?}, recorder)\n\
         module = types.ModuleType('main__')\nsys.modules['main__'] = module\nspace = module.__dict__\n\
         space.update({{'_up_iter': iter, '_up_next': next, '_up_end': object()}})\n\
         exec(compile({source:?}, 'f.py', 'exec'), space)\n\
         plain = {{n: v for n, v in space.items() if type(v) is types.FunctionType}}\n\
         import json\ncodes = recorder['Codes']('f.py', json.loads({known:?}))\n\
         r = recorder['Recorder']({names:?}, codes)\nspace.update(r.tables)\n\
         traced = dict(space)\nexec({text:?}, traced)\n\
         for name in {functions:?}:\n    plain[name].__code__ = traced[name].__code__.replace(\
         co_filename='f.py', co_firstlineno=plain[name].__code__.co_firstlineno)\n\
         r.start()\n\
         import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    space['main']({args})\n\
         print(r.finish(space))\n",
        text = instrumented.text,
        names = instrumented.names,
        functions = instrumented.functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>(),
    );
    let output = Command::new("python3").arg("-c").arg(script).output().expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let observations = Observations::parse(String::from_utf8_lossy(&output.stdout).trim()).unwrap();
    let seen = trace(&module, entry(&module, "main").unwrap(), "hash", &observations, 1);
    upshift_ir::verify(&seen).unwrap();
    seen
}

#[test]
fn what_was_seen_is_in_the_trace_and_nothing_else() {
    let seen = observe(SOURCE, "{'xs': [1, 2]}");
    let text = seen.to_string();
    assert!(text.contains("f0 helper(x: int, by: int = 2)"), "{text}");
    assert!(text.contains("f1 main(args: dict)"), "{text}");
    assert!(text.contains("unknown"), "nobody was large: {text}");
    assert!(text.contains("LIMIT = 10"), "{text}");
    assert!(text.contains("len = builtin len"), "{text}");
    assert!(text.contains("helper = f0"), "{text}");
}

#[test]
fn a_second_path_fills_the_hole() {
    let mut merged = observe(SOURCE, "{'xs': [1, 2]}");
    merged.merge(&observe(SOURCE, "{'xs': [11, 2.5]}")).unwrap();
    let text = merged.to_string();
    assert!(!text.contains("unknown"), "{text}");
    assert!(text.contains("x: float | int"), "{text}");
    assert_eq!(merged.invocations, 2);
}

#[test]
fn a_function_that_was_never_called_is_one_hole() {
    let seen = observe(SOURCE, "{'xs': []}");
    assert!(matches!(seen.functions[0].body.as_slice(), [stmt] if matches!(stmt.kind, StmtKind::Unknown { .. })));
}

#[test]
fn globals_that_change_are_told() {
    for (source, reason) in [
        ("n = 0\ndef main(args):\n    global n\n    n = n + 1\n    return {'n': n}\n", "global n = _up_global_n"),
        ("n = 1\nn = 2\ndef main(args):\n    return {'n': n}\n", "n = 2"),
    ] {
        let text = observe(source, "{}").to_string();
        assert!(text.contains(reason), "{source}\n{text}");
    }
}

/// What the globals of a module hold, as the trace prints it.
#[test]
fn the_image_describes_what_globals_reach() {
    let source = r#"
import collections, enum, functools, math, re
from dataclasses import dataclass, field
XS = [1, (2, None)]
XS.append(XS)
TABLE = {"a": {1.5}, b"k": ...}
BIG = 2 ** 70
class Base:
    kind = "base"
    def __init__(self, x, *, y=XS):
        self.x = x
    @property
    def double(self): return self.x * 2
    @staticmethod
    def make(): return Base(1)
    @classmethod
    def build(cls): return cls(2)
ONE = Base(7)
Point = collections.namedtuple("Point", "x y", defaults=[0])
class Color(enum.Enum):
    RED = 1
@dataclass(order=True)
class Item:
    name: str
    tags: list = field(default_factory=list)
def counter(start):
    def step(n=start): return n + start
    return step
STEP = counter(3)
@functools.lru_cache(maxsize=None)
def cached(n): return n
WORD = re.compile(r"\w+", re.I)
class Meta(type): pass
class Odd(metaclass=Meta): pass
def main(args):
    return [XS, TABLE, BIG, ONE, Point, Color, Item, STEP, cached, WORD, Odd, math, len, ValueError, math.sqrt]
"#;
    let text = observe(source, "{}").to_string();
    for expected in [
        "XS = #",
        "BIG = 1180591620717411303424",
        "math = module math",
        "ValueError = builtin ValueError",
        "len = builtin len",
        "Class { name: \"Base\"",
        "Instance { class:",
        "Property(Some(",
        "StaticMethod(",
        "ClassMethod(",
        "NamedTuple([\"x\", \"y\"])",
        "form: Some(Enum([(\"RED\"",
        "Dataclass(DataclassForm",
        "generated: [\"__init__\", \"__repr__\", \"__eq__\", \"__lt__\"",
        "cells: [(\"start\"",
        "Cached { function:",
        "Pattern { pattern: Str(\"\\\\w+\"), given: 34, flags: 34",
        "Odd = ? (the class Odd has a metaclass)",
        "Set(false,",
        "Bytes([107])",
    ] {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
}

#[test]
fn entries_that_cannot_be_called_are_refused() {
    for (source, reason) in [
        ("def other(args):\n    return {}\n", "main is not a plain function"),
        ("def main():\n    return {}\n", "exactly one plain parameter"),
        ("def main(*args):\n    return {}\n", "exactly one plain parameter"),
        ("def main(args):\n    return {}\n\nmain = main\n", "bound more than once"),
    ] {
        let module = upshift_frontend::normalise(source).unwrap();
        let error = entry(&module, "main").unwrap_err();
        assert!(error.reason.contains(reason), "{source}: {error}");
    }
}

#[test]
fn reading_alone_assumes_that_everything_ran() {
    let module = upshift_frontend::normalise(SOURCE).unwrap();
    let globals = [
        ("print".to_owned(), GlobalValue::Builtin("print".to_owned())),
        ("helper".to_owned(), GlobalValue::Function(module.functions[0].id)),
    ];
    let all = assume_all(&module, Observations { globals: globals.into(), ..Observations::default() });
    let text = trace(&module, entry(&module, "main").unwrap(), "hash", &all, 0).to_string();
    assert!(!text.contains("unknown"), "{text}");
}
