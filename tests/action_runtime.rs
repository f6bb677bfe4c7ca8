//! `upshift runtime` as a cluster sees it: the contract's table of `/init` and `/run`, the themes of OpenWhisk's public suites for
//! Python, and the form that Knative asks for, each against the real process.

mod container;
mod knative;
mod zips;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) use container::Container;
use container::Streams;

const ECHO: &str = "def main(args):\n    return args\n";
const HELLO: &str = "\
import sys
def main(args):
    print('hello stdout')
    print('hello stderr', file=sys.stderr)
    return args
";
const UNUSABLE: &str = "The action failed to generate or locate a binary. See logs for details.";
const NOT_STARTED: &str = "Cannot start action. Check logs for details.";
const NO_RESULT: &str = "The action did not return a dictionary or array.";

fn error(message: &str) -> Value {
    json!({ "error": message })
}

/// What `/init` with that source is answered with, and what the streams have.
fn initialised(source: &str) -> (u16, Value, Streams) {
    let container = Container::start();
    let (status, body) = container.init(source, "main");
    (status, body, container.end())
}

/// What the first `/run` of that source is answered with, and what the streams have.
fn ran(source: &str, args: &Value) -> (u16, Value, Streams) {
    let container = Container::with_action(source);
    let (status, body) = container.run(args);
    (status, body, container.end())
}

#[test]
fn inits_that_are_none_are_refused() {
    let container = Container::start();
    let missing = (403, error("Missing main/no code to execute."));
    assert_eq!(container.post("/init", "{}"), missing);
    assert_eq!(container.init("", "main"), missing);
    let (status, body) = container.post("/init", "{\"value\": ");
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().starts_with("Error unmarshaling request: "), "{body}");
    assert_eq!(container.run(&json!({})), (500, error("no action defined yet")));
    // None of this keeps an action from being taken up.
    assert_eq!(container.init(ECHO, "main"), (200, json!({"ok": true})));
    assert_eq!(container.run(&json!({"a": 1})), (200, json!({"a": 1})));
    let streams = container.end();
    assert_eq!((streams.ends(), streams.stdout(), streams.stderr()), ([2, 2], "", ""));
}

#[test]
fn a_second_init_is_refused_and_ends_nothing() {
    let container = Container::with_action(ECHO);
    let twice = "Cannot initialize the action more than once.";
    assert_eq!(container.init(HELLO, "main"), (403, error(twice)));
    let streams = container.end();
    assert_eq!((streams.ends(), streams.stdout(), streams.stderr()), ([0, 0], "", twice));
}

#[test]
fn what_does_not_compile_is_told_at_init() {
    let (status, body, streams) = initialised(" 10 PRINT \"Hello!\"\n 20 GOTO 10\n");
    assert_eq!((status, body), (502, error(UNUSABLE)));
    assert_eq!((streams.ends(), streams.stdout()), ([1, 1], ""));
    assert!(streams.stderr().contains("IndentationError: unexpected indent"), "{}", streams.stderr());
}

#[test]
fn what_does_not_start_is_told_at_init() {
    for (source, printed) in [
        ("import iamnotsupported\ndef main(args):\n    return {}\n", "No module named 'iamnotsupported'"),
        ("def other(args):\n    return {}\n", "main is not defined"),
        ("import sys\nsys.exit(1)\ndef main(args):\n    pass\n", "Command exited abruptly during initialization."),
        ("raise ValueError('at import')\n", "Traceback (most recent call last):"),
    ] {
        let (status, body, streams) = initialised(source);
        assert_eq!((status, body), (502, error(NOT_STARTED)), "{source}");
        assert_eq!((streams.ends(), streams.stdout()), ([1, 1], ""), "{source}");
        assert!(streams.stderr().contains(printed), "{source}: {}", streams.stderr());
    }
}

#[test]
fn another_action_can_be_tried_after_one_that_did_not_start() {
    let container = Container::start();
    assert_eq!(container.init("import nothing_like_this\n", "main").0, 502);
    assert_eq!(container.init(ECHO, "main").0, 200);
    assert_eq!(container.run(&json!({"a": 1})), (200, json!({"a": 1})));
    assert_eq!(container.end().ends(), [2, 2]);
}

#[test]
fn exceptions_are_results_with_their_traceback_on_stderr() {
    let source = "def div(x, y):\n    return x/y\ndef main(args):\n    return {'divBy0': div(5, 0)}\n";
    let (status, body, streams) = ran(source, &json!({}));
    assert_eq!((status, body), (200, error("division by zero")));
    assert_eq!((streams.ends(), streams.stdout()), ([1, 1], ""));
    assert!(streams.stderr().starts_with("Traceback (most recent call last):\n"), "{}", streams.stderr());
    assert!(streams.stderr().contains("__main__.py\", line 2, in div"), "{}", streams.stderr());
}

#[test]
fn results_are_dicts_lists_or_none() {
    for (source, status, body) in [
        ("def main(args):\n    return {'error': 'sorry'}\n", 200, error("sorry")),
        ("def main(args):\n    return ['a', 'b']\n", 200, json!(["a", "b"])),
        ("def main(args):\n    return ('a', 1)\n", 200, json!(["a", 1])),
        ("def main(args):\n    pass\n", 200, Value::Null),
        ("def main(args):\n    return 'not a json object'\n", 502, error(NO_RESULT)),
        ("def main(args):\n    return float('nan')\n", 502, error(NO_RESULT)),
        ("def main(args):\n    return {'a': float('inf'), 'NaN': 'NaN'}\n", 502, error(NO_RESULT)),
        ("def main(args):\n    return 3\n", 502, error(NO_RESULT)),
    ] {
        let (said, answered, streams) = ran(source, &json!({}));
        assert_eq!((said, answered), (status, body), "{source}");
        assert_eq!((streams.ends(), streams.stdout(), streams.stderr()), ([1, 1], "", ""), "{source}");
    }
}

#[test]
fn a_process_that_exits_is_the_end_of_its_action() {
    let exits = "import sys\ndef main(args):\n    sys.exit(1)\n";
    let unserialisable = "def main(args):\n    return {'f': main}\n";
    let killed = "import os, signal\ndef main(args):\n    os.kill(os.getpid(), signal.SIGKILL)\n";
    for source in [exits, unserialisable, killed] {
        let container = Container::with_action(source);
        assert_eq!(container.run(&json!({})), (400, error("command exited")), "{source}");
        assert_eq!(container.run(&json!({})), (500, error("no action defined yet")), "{source}");
        assert_eq!(container.init(ECHO, "main").0, 403, "{source}");
        let streams = container.end();
        assert_eq!((streams.ends(), streams.stdout()), ([2, 2], ""), "{source}");
    }
    let container = Container::with_action(ECHO);
    assert_eq!(container.post("/run", ""), (400, error("command exited")));
    assert_eq!(container.run(&json!({})), (500, error("no action defined yet")));
}

#[test]
fn both_streams_are_passed_on_as_they_were() {
    let container = Container::with_action(HELLO);
    for args in [
        json!({"string": "hello"}),
        json!({"string": "❄ ☃ ❄"}),
        json!({"numbers": [42, 1]}),
        json!({"object": {"a": "A"}}),
    ] {
        assert_eq!(container.run(&args), (200, args));
    }
    let streams = container.end();
    assert_eq!(streams.ends(), [4, 4]);
    let each = |line: &str| format!("{line}\nXXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n").repeat(4);
    assert_eq!(streams.raw, [each("hello stdout"), each("hello stderr")]);
}

#[test]
fn long_output_is_whole() {
    let source = "\
import sys
def main(args):
    for stream in (sys.stdout, sys.stderr):
        for n in range(3000):
            print(n, 'x' * 100, file=stream)
    return {}
";
    let (status, _, streams) = ran(source, &json!({}));
    assert_eq!((status, streams.ends()), (200, [1, 1]));
    for text in [streams.stdout(), streams.stderr()] {
        assert!(text.lines().enumerate().all(|(n, line)| line == format!("{n} {}", "x".repeat(100))));
        assert_eq!(text.lines().count(), 3000);
    }
}

#[test]
fn unicode_is_everywhere() {
    let source = "\
# encoding: utf-8
def main(args):
    sep = args['delimiter']
    str = sep + u\" ☃ \" + sep
    print(str)
    return {\"winter\": str}
";
    let (status, body, streams) = ran(source, &json!({"delimiter": "❄"}));
    assert_eq!((status, body), (200, json!({"winter": "❄ ☃ ❄"})));
    assert_eq!((streams.stdout(), streams.stderr()), ("❄ ☃ ❄", ""));
}

#[test]
fn variables_of_the_action_are_there_at_import() {
    let source = "\
import os
some, other, number = os.environ['SOME_VAR'], os.environ['ANOTHER_VAR'], os.getenv('NUMBER')
print(some)
def main(args):
    return {'some': some, 'other': other, 'number': number, 'host': os.environ['__OW_API_HOST'], 'secret': os.getenv('SECRET')}
";
    let container = Container::with_environment(&[("__OW_API_HOST", "xyz"), ("SECRET", "s")]);
    let env = json!({"SOME_VAR": "xyz", "ANOTHER_VAR": "", "NUMBER": {"a": [1]}});
    let value = json!({"code": source, "main": "main", "binary": false, "env": env});
    assert_eq!(container.post("/init", &json!({ "value": value }).to_string()), (200, json!({"ok": true})));
    let expected = json!({"some": "xyz", "other": "", "number": "{\"a\":[1]}", "host": "xyz", "secret": null});
    for _ in 0..3 {
        assert_eq!(container.run(&json!({})), (200, expected.clone()));
    }
    let streams = container.end();
    // Before the end of the first.
    assert_eq!(streams.stdout(), "xyz");
    assert!(streams.raw[0].starts_with("xyz\nXXX_THE_END"), "{:?}", streams.raw);
}

#[test]
fn variables_of_the_invocation_are_its_own() {
    let source = "\
import os
def main(args):
    names = ['api_host', 'api_key', 'namespace', 'action_name', 'action_version', 'activation_id', 'deadline']
    return {name: os.environ.get('__OW_' + name.upper()) for name in names}
";
    let container = Container::with_environment(&[("__OW_API_HOST", "xyz")]);
    container.init(source, "main");
    let mut props = json!({
        "api_key": "abc", "namespace": "zzz", "action_name": "xxx", "action_version": "0.0.1", "activation_id": "iii",
        "deadline": "123",
    });
    let run = |value: &Value| {
        let mut body = value.clone();
        body["value"] = json!({});
        container.post("/run", &body.to_string())
    };
    let mut expected = props.clone();
    expected["api_host"] = json!("xyz");
    assert_eq!(run(&props), (200, expected.clone()));
    // One that is not sent again stays, as in the process that OpenWhisk has.
    props = json!({"activation_id": "jjj", "value": {}});
    expected["activation_id"] = json!("jjj");
    for _ in 0..20 {
        assert_eq!(run(&props), (200, expected.clone()));
    }
}

#[test]
fn arguments_of_any_size_and_kind_go_through() {
    let container = Container::with_action(ECHO);
    let large = json!({"arg": "a".repeat(1_048_561)});
    assert_eq!(container.run(&large), (200, large));
    assert_eq!(container.run(&json!(["a", "b"])), (200, json!(["a", "b"])));
    let source = "def main(args):\n    return {'r': repr(args)}\n";
    let container = Container::with_action(source);
    for (value, expected) in
        [("[1]", "[1]"), ("\"x\"", "'x'"), ("null", "None"), ("1e999", "inf"), ("{\"a\":1,\"a\":2}", "{'a': 2}")]
    {
        let answer = container.post("/run", &format!("{{\"value\": {value}}}"));
        assert_eq!(answer, (200, json!({"r": expected})), "{value}");
    }
    // What the invoker sends beside, and nothing else.
    assert_eq!(container.post("/run", "{}"), (200, json!({"r": "{}"})));
}

#[test]
fn another_entry_point_is_called() {
    let container = Container::start();
    assert_eq!(container.init("def niam(args):\n    return args\n", "niam").0, 200);
    assert_eq!(container.run(&json!({"string": "hello"})), (200, json!({"string": "hello"})));
}

#[test]
fn the_module_stays_and_its_folder_is_its_own() {
    let source = "\
import os, sys
count = 0
def main(args):
    global count
    count += 1
    with open('notes', 'a') as file:
        file.write(str(count))
    with open('notes') as file:
        return {'count': count, 'notes': file.read(), 'here': os.getcwd() == os.path.dirname(__file__), 'python': sys.executable}
";
    let container = Container::with_action(source);
    for (count, notes) in [(1, "1"), (2, "12"), (3, "123")] {
        let (status, body) = container.run(&json!({}));
        assert_eq!(
            (status, &body["count"], &body["notes"], &body["here"]),
            (200, &json!(count), &json!(notes), &json!(true))
        );
        assert!(body["python"].as_str().unwrap().contains("python"), "{body}");
    }
}

#[test]
fn native_code_answers_after_a_few_runs() {
    let source = "\
import os
count = 0
def main(args):
    global count
    count += 1
    print('call', args['n'])
    return {'sum': sum(i * i for i in range(args['n'])), 'count': count, 'id': os.environ['__OW_ACTIVATION_ID']}
";
    let container = Container::with_action(source);
    let mut count = 0;
    let mut run = || {
        count += 1;
        let body = json!({"value": {"n": 10}, "activation_id": format!("id{count}")});
        let answer = container.answer("/run", &body.to_string());
        assert_eq!(answer.json(), json!({"sum": 285, "count": count, "id": format!("id{count}")}));
        answer.tier.unwrap_or_default()
    };
    container.wait_for("native code", || run() == "native");
    assert_eq!(run(), "native");
    // What native code was not made for is answered all the same, by the same module.
    assert_eq!(container.run(&json!({"n": "x"})).1, error("'str' object cannot be interpreted as an integer"));
    let (status, body) = container.run(&json!({"n": 2}));
    assert_eq!((status, &body["sum"]), (200, &json!(1)));
    let streams = container.end();
    let calls = streams.stdout().lines().filter(|line| *line == "call 10").count();
    assert_eq!(streams.ends()[0], calls + 2);
}

#[test]
fn what_was_learnt_stays_where_it_is_told_to() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path().to_str().unwrap();
    // The second would not get there by itself.
    for threshold in ["5", "1000000"] {
        let container = Container::with_options(&["--state", state, "--threshold", threshold], &[]);
        assert_eq!(container.init("def main(args):\n    return {'n': args['n'] + 1}\n", "main").0, 200);
        container.wait_for("native code", || {
            let answer = container.answer("/run", "{\"value\": {\"n\": 1}}");
            assert_eq!(answer.body, "{\"n\": 2}");
            answer.tier.as_deref() == Some("native")
        });
        // What was learnt is written behind the answers.
        let kept = std::path::Path::new(state).join("actions/action/trace.json");
        container.wait_for("the trace", || kept.exists());
        assert_eq!(container.end().code, Some(0));
    }
}

#[test]
fn responses_say_how_long_they_are_and_connections_stay() {
    let container = Container::with_action(ECHO);
    let mut stream = TcpStream::connect(container.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for (path, body) in
        [("/run", "{\"value\": {\"a\": 1}}"), ("/init", "{}"), ("/run", "{\"value\": [2]}"), ("/none", "")]
    {
        write!(stream, "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_ascii_lowercase());
        }
        assert!(!head.iter().any(|line| line.starts_with("transfer-encoding")), "{head:?}");
        let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        assert!(head[0].starts_with("http/1.1 ") && serde_json::from_slice::<Value>(&body).is_ok(), "{path}: {head:?}");
    }
    assert_eq!(container.get("/health"), (200, json!({"ok": true})));
    assert_eq!(container.get("/"), (200, json!({"ok": true})));
}

#[test]
fn what_has_begun_is_finished_when_the_cluster_ends_it() {
    let source = "import time\ndef main(args):\n    print('began', flush=True)\n    time.sleep(1.5)\n    return {'done': True}\n";
    let container = Container::with_action(source);
    let answer = std::thread::scope(|scope| {
        let running = scope.spawn(|| container.run(&json!({})));
        std::thread::sleep(Duration::from_millis(500));
        container.terminate();
        running.join().unwrap()
    });
    assert_eq!(answer, (200, json!({"done": true})));
    let streams = container.end();
    assert_eq!((streams.stdout(), streams.ends(), streams.code), ("began", [1, 1], Some(0)));
}

#[test]
fn several_run_at_once_and_their_lines_stay_together() {
    let source = "\
import time
def main(args):
    print('begin', args['n'])
    time.sleep(0.3)
    print('end', args['n'])
    return args
";
    let container = Container::with_options(&["--workers", "2"], &[]);
    container.init(source, "main");
    std::thread::scope(|scope| {
        for n in 0..4 {
            let container = &container;
            scope.spawn(move || assert_eq!(container.run(&json!({"n": n})), (200, json!({"n": n}))));
        }
    });
    let streams = container.end();
    assert_eq!(streams.ends(), [4, 4]);
    for block in streams.raw[0].split_terminator("XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n") {
        let lines: Vec<&str> = block.lines().collect();
        assert_eq!(lines[0].strip_prefix("begin "), lines[1].strip_prefix("end "), "{block}");
        assert_eq!(lines.len(), 2);
    }
}

#[test]
fn the_environment_names_the_port() {
    // Free at the moment, and most likely still free in the next.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let container = Container::without_listen(&[("PORT", &port.to_string())]);
    assert_eq!(container.address(), format!("0.0.0.0:{port}"));
    assert_eq!(container.get("/health").0, 200);
    for (variable, value, message) in [
        ("PORT", "http", "upshift: the environment's PORT is 'http'; make it a port's number"),
        ("__OW_RUNTIME_PLATFORM", "lambda", "upshift: __OW_RUNTIME_PLATFORM is 'lambda'; make it openwhisk or knative"),
    ] {
        let (code, printed) = container::fails(&[(variable, value)]);
        assert!(code == Some(1) && printed.starts_with(message) && printed.lines().count() == 1, "{printed}");
    }
}
