//! What actions compute, raise and write comes out as CPython has it.

mod support;

use std::process::Command;

use support::*;
use upshift_worker::{Limits, Loaded, Mode, Module, Outcome};

#[tokio::test(flavor = "multi_thread")]
async fn results_are_pythons_json() {
    let zygote = zygote().await;
    let mut worker = worker(&zygote, "def main(args):\n    return eval(args['x'])\n").await;
    for (expression, expected) in [
        ("{'a': 1, 'b': [1.5, None, True]}", r#"{"a": 1, "b": [1.5, null, true]}"#),
        ("{'é': '日本', 'q': '\"'}", r#"{"é": "日本", "q": "\""}"#),
        ("{'s': chr(0xd800), 'é': 1}", r#"{"s": "\ud800", "\u00e9": 1}"#),
        ("[1, (2, 3)]", "[1, [2, 3]]"),
        ("(1,)", "[1]"),
        ("{}", "{}"),
        ("None", "null"),
        ("{'n': float('nan'), 'i': -float('inf')}", r#"{"n": NaN, "i": -Infinity}"#),
        ("{1: 2, None: 10**30}", r#"{"1": 2, "null": 1000000000000000000000000000000}"#),
        ("{'error': 'x'}", r#"{"error": "x"}"#),
        ("__import__('collections').OrderedDict(b=1, a=2)", r#"{"b": 1, "a": 2}"#),
    ] {
        let args = format!(r#"{{"x": {}}}"#, serde_json_string(expression));
        assert_eq!(result(&mut worker, &args).await, expected);
    }
    for expression in ["'text'", "1", "float('nan')", "True"] {
        let args = format!(r#"{{"x": {}}}"#, serde_json_string(expression));
        assert_eq!(run(&mut worker, &args).await.outcome, Outcome::NotDictOrArray, "{expression}");
    }
    let reply = run(&mut worker, r#"{"x": "{'s': {1}}"}"#).await;
    assert_eq!(reply.outcome, Outcome::NotSerialisable);
    assert_eq!(lines(&reply).last(), Some(&("stderr", "TypeError: Object of type set is not JSON serializable")));
    assert!(worker.is_alive());
}

fn serde_json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_goes_in_and_out() {
    let zygote = zygote().await;
    let mut worker = worker(&zygote, "def main(args):\n    return args\n").await;
    let args = format!(r#"{{"x": "{}"}}"#, "é".repeat(524_288));
    assert_eq!(result(&mut worker, &args).await, args);
    assert_eq!(result(&mut worker, r#"{"a": "\ud83d\ude00"}"#).await, r#"{"a": "😀"}"#);
}

const FAILING: &str = "\
import json

class Oops(Exception):
    pass

def inner(x):
    try:
        return json.loads('{') if x else 1 / x
    except ZeroDivisionError as error:
        raise Oops('näh', x) from error

def main(args):
    return inner(args['x'])
";

/// What CPython's own program prints when it calls `main` the same way.
fn oracle(source: &str, argument: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(FILENAME), source).unwrap();
    let script = format!(
        "import sys, json, traceback\n\
         source = open({FILENAME:?}).read()\n\
         names = {{'__name__': 'main__'}}\n\
         exec(compile(source, {FILENAME:?}, 'exec'), names)\n\
         try:\n    names['main'](json.loads({argument:?}))\n\
         except Exception as error:\n    traceback.print_exception(type(error), error, error.__traceback__.tb_next)\n"
    );
    let output = Command::new("python3").args(["-c", &script]).current_dir(directory.path()).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tracebacks_are_cpythons() {
    let zygote = zygote().await;
    let mut worker = worker(&zygote, FAILING).await;
    for argument in [r#"{"x": 0}"#, r#"{"x": 1}"#, r#"{}"#] {
        let reply = run(&mut worker, argument).await;
        let shown: String = lines(&reply).iter().map(|(_, text)| format!("{text}\n")).collect();
        assert_eq!(shown, oracle(FAILING, argument));
        assert!(lines(&reply).iter().all(|(stream, _)| *stream == "stderr"));
    }
    let reply = run(&mut worker, r#"{"x": 0}"#).await;
    let expected = Outcome::Raised { message: "('näh', 0)".to_owned(), exception: "Oops".to_owned() };
    assert_eq!(reply.outcome, expected);
    assert!(worker.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_recursion_is_an_exception() {
    let source = "def f(n):\n    return f(n + 1)\ndef main(args):\n    return f(0)\n";
    let zygote = zygote().await;
    let mut worker = worker(&zygote, source).await;
    let reply = run(&mut worker, "{}").await;
    assert!(matches!(&reply.outcome, Outcome::Raised { exception, .. } if exception == "RecursionError"));
    let shown: String = lines(&reply).iter().map(|(_, text)| format!("{text}\n")).collect();
    assert_eq!(shown, oracle(source, "{}"));
    assert!(matches!(run(&mut worker, "{}").await.outcome, Outcome::Raised { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_that_cannot_be_loaded_say_why() {
    let zygote = zygote().await;
    for (source, expected, last) in [
        (
            "def main(a):\n    x = = 1\n",
            "SyntaxError: invalid syntax (hello.py, line 2)",
            "SyntaxError: invalid syntax",
        ),
        (
            "import nowhere\n",
            "ModuleNotFoundError: No module named 'nowhere'",
            "ModuleNotFoundError: No module named 'nowhere'",
        ),
        ("x = 1\n", "main is not defined", ""),
        ("raise ValueError('a\\nb')\n", "ValueError: a b", "b"),
        ("import os\nos._exit(3)\n", "The action did not produce a valid response and exited unexpectedly.", ""),
        (
            "import sys\nsys.exit('bye')\n",
            "The action did not produce a valid response and exited unexpectedly.",
            "bye",
        ),
    ] {
        let mut worker = zygote.fork(limits()).await.unwrap();
        let Loaded::Failed { message, logs } = worker.load(&module(source), LONG).await.unwrap() else {
            panic!("{source} loads");
        };
        assert_eq!(message, expected);
        assert_eq!(logs.last().map_or("", |line| line.text.as_str()), last);
        assert!(!worker.is_alive());
    }
    let mut worker = zygote.fork(limits()).await.unwrap();
    assert_eq!(worker.load(&module("while True: pass\n"), SECOND / 5).await.unwrap(), Loaded::TimedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn syntax_is_checked_in_a_process_of_its_own() {
    let zygote = zygote().await;
    assert_eq!(zygote.check_syntax("x = 1\n", "a.py").await.unwrap(), Ok(()));
    let expected = "  File \"a.py\", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n";
    assert_eq!(zygote.check_syntax("x = = 1\n", "a.py").await.unwrap(), Err(expected.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_keep_their_order_and_stream() {
    let source = "\
import os, subprocess, sys
print('loading')
def main(args):
    print('a')
    print('b', file=sys.stderr)
    sys.stdout.write('c\\nd')
    sys.stdout.flush()
    sys.stdout.buffer.write('é\\npart'.encode())
    sys.stdout.flush()
    print('\\ud800', file=sys.stderr)
    os.write(1, b'raw\\n')
    subprocess.run(['echo', 'child'], stdout=sys.stdout, check=True)
    subprocess.run('echo oops >&2', shell=True, check=True)
    if os.fork() == 0:
        print('forked', end='', flush=True)
        os._exit(0)
    os.wait()
    print(' end', end='')
    return {'tty': sys.stdout.isatty(), 'no': [sys.stdout.fileno(), sys.stderr.fileno()], 'encoding': sys.stdout.encoding}
";
    let zygote = zygote().await;
    let mut worker = worker(&zygote, source).await;
    for first in [true, false] {
        let reply = run(&mut worker, "{}").await;
        assert_eq!(reply.load_lines, usize::from(first));
        let mut expected = vec![("stdout", "loading")];
        if !first {
            expected.clear();
        }
        expected.extend([("stdout", "a"), ("stderr", "b"), ("stdout", "c"), ("stdout", "dé"), ("stderr", "\\ud800")]);
        expected.extend([("stdout", "part end"), ("stdout", "raw"), ("stdout", "child"), ("stdout", "forked")]);
        expected.push(("stderr", "oops"));
        assert_eq!(lines(&reply), expected);
        assert_eq!(text(reply), r#"{"tty": false, "no": [1, 2], "encoding": "utf-8"}"#);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_cut_at_the_limit() {
    let source = "\
import os, sys
def main(args):
    for i in range(100000):
        print('0123456789')
    try:
        os.write(2, b'x' * 5000000)
        os.write(2, b'x' * 5000000)
    except OSError as error:
        return {'errno': error.errno}
    return {}
";
    let zygote = zygote().await;
    let mut worker = worker_with(&zygote, Limits::new(256 << 20, 25), &module(source)).await;
    for _ in 0..2 {
        let reply = run(&mut worker, "{}").await;
        let notice = "Logs were truncated because the total bytes size exceeds the limit of 25 bytes.";
        let expected = [("stdout", "0123456789"), ("stdout", "0123456789"), ("stdout", "012"), ("stderr", notice)];
        assert_eq!(lines(&reply), expected);
        assert_eq!(text(reply), r#"{"errno": 1}"#);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_module_is_the_launchers() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("helper.py"), "VALUE = 7\n").unwrap();
    let source = "\
import os, sys, helper
count = 0
def start(args):
    global count
    count += 1
    return {'name': __name__, 'file': __file__, 'module': sys.modules['main__'].start is start, 'count': count,
            'helper': helper.VALUE, 'cwd': os.getcwd() == os.path.realpath(sys.path[0]), 'argv': sys.argv,
            'program': os.access(sys.executable, os.X_OK), 'id': os.environ['__OW_ACTIVATION_ID'],
            'own': os.environ['OWN'], 'stdin': sys.stdin.read(), 'secret': 'UPSHIFT_SECRET' in os.environ}
";
    let zygote = zygote().await;
    let module = Module { main: "start".to_owned(), directory: Some(directory.path().to_owned()), ..module(source) };
    let mut limits = limits();
    limits.environment = vec![("OWN".to_owned(), "ü".to_owned())];
    let worker = worker_with(&zygote, limits, &module).await;
    for (count, id) in [(1, "one"), (2, "two")] {
        let environment = [("__OW_ACTIVATION_ID".to_owned(), id.to_owned()), ("EMPTY".to_owned(), String::new())];
        let reply = worker.run(b"{}", Mode::Plain, &environment, LONG).await.unwrap();
        let expected = format!(
            r#"{{"name": "main__", "file": "hello.py", "module": true, "count": {count}, "helper": 7, "cwd": true, "argv": ["hello.py"], "program": true, "id": "{id}", "own": "ü", "stdin": "", "secret": false}}"#
        );
        assert_eq!(text(reply), expected);
    }
    assert!(!directory.path().join("__pycache__").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_of_the_action_stand_before_others() {
    let (directory, packages) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (folder, value) in [(&directory, 1), (&packages, 2)] {
        std::fs::write(folder.path().join("both.py"), format!("VALUE = {value}\n")).unwrap();
    }
    std::fs::write(directory.path().join("helper.py"), "VALUE = 3\n").unwrap();
    std::fs::create_dir(packages.path().join("more")).unwrap();
    std::fs::write(packages.path().join("more/further.py"), "VALUE = 4\n").unwrap();
    std::fs::write(packages.path().join("more.pth"), "more\n").unwrap();
    let source = "\
import both, further, helper
def main(args):
    return [both.VALUE, helper.VALUE, further.VALUE]
";
    let zygote = zygote().await;
    let folders = [&directory, &packages].map(|folder| Some(folder.path().to_owned()));
    let [directory, packages] = folders;
    let worker = worker_with(&zygote, limits(), &Module { directory, packages, ..module(source) }).await;
    assert_eq!(text(worker.run(b"{}", Mode::Plain, &[], LONG).await.unwrap()), "[2, 3, 4]");
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_of_invocations_take_no_memory_and_reach_programs() {
    let source = "\
import os, subprocess
def pages():
    return int(open('/proc/self/statm').read().split()[1])
def main(args):
    if args.get('drop'):
        del os.environ['ID']
    if args.get('own'):
        os.environ['ID'] = args['own']
    if args.get('shell'):
        return {'out': subprocess.check_output(['sh', '-c', 'echo $ID $OTHER']).decode()}
    return {'pages': pages()}
";
    let zygote = zygote().await;
    let worker = worker(&zygote, source).await;
    let run = async |args: &str, id: &str| {
        let environment = [("ID".to_owned(), id.to_owned()), ("OTHER".to_owned(), "x=y".to_owned())];
        text(worker.run(args.as_bytes(), Mode::Plain, &environment, LONG).await.unwrap())
    };
    let shell = r#"{"shell": 1}"#;
    // Shorter, longer, replaced and removed by the program.
    for id in ["first", "2", "", "a value that needs more room than those before it", "é"] {
        assert_eq!(
            run(shell, id).await,
            serde_json::json!({"out": format!("{id} x=y\n").trim_start_matches(' ')}).to_string().replace(":", ": ")
        );
    }
    assert_eq!(run(r#"{"shell": 1, "own": "mine"}"#, "given").await, r#"{"out": "mine x=y\n"}"#);
    assert_eq!(run(shell, "given").await, r#"{"out": "given x=y\n"}"#);
    assert_eq!(run(r#"{"shell": 1, "drop": 1}"#, "given").await, r#"{"out": "x=y\n"}"#);
    assert_eq!(run(shell, "given").await, r#"{"out": "given x=y\n"}"#);
    let mut pages = Vec::new();
    for round in 0..4000_u32 {
        let id = format!("{round:0>2000}");
        let text = run("{}", &id).await;
        if round % 1000 == 999 {
            pages.push(text.trim_matches(|c: char| !c.is_ascii_digit()).parse::<i64>().unwrap());
        }
    }
    // 2 kB each: `setenv` would keep 1,500 pages of them.
    assert!(pages[3] - pages[0] < 300, "{pages:?}");
}
