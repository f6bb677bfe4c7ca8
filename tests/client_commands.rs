//! The client's commands against real daemons, as a script sees them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Daemon, UPSHIFT};

/// How long a line may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command gave.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("commands print UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    /// What was printed, by a command that succeeded.
    fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// The one line that a command which failed says why in.
    fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str(), self.err.lines().count()), (Some(code), "", 1), "{}", self.err);
        self.err
    }
}

fn command(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(UPSHIFT);
    command.args(arguments).env("UPSHIFT_URL", url).env_remove("UPSHIFT_KEY").stdin(Stdio::null());
    command
}

fn upshift(daemon: &Daemon, arguments: &[&str]) -> Ended {
    command(&daemon.url(""), arguments).output().expect("upshift can be started").into()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
    fs::write(&path, text).expect("the folder can be written");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn a_file_is_deployed_and_invoked() {
    let daemon = Daemon::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let source = "import os\n\ndef go(args):\n    return {**args, \"port\": os.environ.get(\"PORT\")}\n";
    let path = write(folder.path(), "hello.py", source);
    let options = ["--main", "go", "--param", "who=world", "--param", "n=[1, 2.50]", "--env", "PORT=8080"];
    let deployed = upshift(&daemon, &[&["deploy", &path][..], &options].concat()).done();
    let address = daemon.url("/api/v1/namespaces/guest/actions/hello");
    assert_eq!(deployed, format!("deployed guest/hello 0.0.1\n{address}\n"));

    let invoked = upshift(&daemon, &["invoke", "hello", "--param", "who=a b"]);
    assert!(invoked.err.starts_with("python, ") && invoked.err.contains(", activation "), "{}", invoked.err);
    let expected =
        "{\n    \"n\": [\n        1,\n        2.5\n    ],\n    \"who\": \"a b\",\n    \"port\": \"8080\"\n}\n";
    assert_eq!(invoked.done(), expected);

    // An update counts the version up, and keeps the parameters if it names none.
    let options = ["--main", "go", "--timeout", "500", "--memory", "128", "--web", "--annotation", "about=[1]"];
    let again = upshift(&daemon, &[&["deploy", &path][..], &options].concat()).done();
    let web = daemon.url("/api/v1/web/guest/default/hello");
    assert_eq!(again, format!("deployed guest/hello 0.0.2\n{address}\n{web}\n"));
    let action = daemon.request("GET", "/api/v1/namespaces/_/actions/hello", None).json();
    assert_eq!((&action["limits"]["timeout"], &action["limits"]["memory"]), (&500.into(), &128.into()));
    assert_eq!(action["parameters"].as_array().unwrap().len(), 3);
    let annotations = action["annotations"].to_string();
    assert!(annotations.contains(r#"{"key":"web-export","value":true}"#), "{annotations}");
    assert!(annotations.contains(r#"{"key":"about","value":[1]}"#), "{annotations}");
}

#[test]
fn a_folder_is_deployed() {
    let daemon = Daemon::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let main = "from pkg.helper import double\n\ndef main(args):\n    return {\"r\": double(args[\"n\"])}\n";
    write(folder.path(), "twice/__main__.py", main);
    write(folder.path(), "twice/pkg/__init__.py", "");
    let path = write(folder.path(), "twice/pkg/helper.py", "def double(n):\n    return 2 * n\n");
    let path = Path::new(&path).ancestors().nth(2).unwrap().to_str().unwrap();
    let deployed = upshift(&daemon, &["deploy", path]).done();
    assert!(deployed.starts_with("deployed guest/twice 0.0.1\n"), "{deployed}");
    assert_eq!(upshift(&daemon, &["invoke", "twice", "-p", "n=21"]).done(), "{\n    \"r\": 42\n}\n");
}

#[test]
fn what_cannot_be_deployed_is_one_line() {
    let daemon = Daemon::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "hello.py", "def main(args):\n    return args\n");
    let missing = upshift(&daemon, &["deploy", "nowhere.py"]).failed(1);
    assert!(missing.starts_with("upshift: nowhere.py cannot be read"), "{missing}");
    let name = upshift(&daemon, &["deploy", &path, "--name", "a$"]).failed(1);
    assert!(name.contains("'a$' cannot be a name"), "{name}");
    let empty = upshift(&daemon, &["deploy", folder.path().to_str().unwrap(), "--name", "a"]).failed(1);
    assert!(empty.contains("has no __main__.py"), "{empty}");
    // What only the daemon knows comes with its own words.
    let memory = upshift(&daemon, &["deploy", &path, "--memory", "1024"]).failed(1);
    assert!(memory.contains("memory size 1024 MB exceeds allowed threshold of 512 MB (400)"), "{memory}");
    let kind = upshift(&daemon, &["deploy", &path, "--kind", "nodejs:20"]).failed(1);
    assert!(kind.contains("The specified runtime 'nodejs:20' is not supported"), "{kind}");
    assert_eq!(upshift(&daemon, &["deploy", &path, "--param", "n"]).code, Some(2));
    assert_eq!(daemon.request("GET", "/api/v1/namespaces/_/actions", None).body, "[]");
}

#[test]
fn results_come_out_as_they_came_in() {
    let source = "def main(args):\n    return {**args, \"n\": float('nan'), \"big\": 10 ** 30}\n";
    let list = "def main(args):\n    return [1, {}]\n";
    let daemon = Daemon::start(&[("echo", source), ("list", list)]);
    let data = r#"{"i": 123456789012345678901234567890, "f": 1.50, "s": "\u00e9\ud800", "e": {}}"#;
    let expected = r#"{
    "i": 123456789012345678901234567890,
    "f": 1.5,
    "s": "\u00e9\ud800",
    "e": {},
    "p": 1e+16,
    "n": NaN,
    "big": 1000000000000000000000000000000
}
"#;
    assert_eq!(upshift(&daemon, &["invoke", "echo", "--data", data, "--param", "p=1e16"]).done(), expected);

    let folder = tempfile::tempdir().unwrap();
    let at = format!("@{}", write(folder.path(), "args.json", data));
    assert_eq!(upshift(&daemon, &["invoke", "echo", "--data", &at, "--param", "p=1e16"]).done(), expected);
    let mut child = command(&daemon.url(""), &["invoke", "echo", "-d", "-", "-p", "p=1e16"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(data.as_bytes()).unwrap();
    assert_eq!(Ended::from(child.wait_with_output().unwrap()).done(), expected);

    let invoked = upshift(&daemon, &["invoke", "list"]);
    assert!(invoked.err.starts_with("python, "), "{}", invoked.err);
    assert_eq!(invoked.done(), "[\n    1,\n    {}\n]\n");
    let record: Value = serde_json::from_str(&upshift(&daemon, &["invoke", "list", "--record"]).done()).unwrap();
    assert_eq!(record["response"]["result"], serde_json::json!([1, {}]));
}

#[test]
fn errors_are_one_line_behind_the_logs() {
    let source = "import time\n\ndef main(args):\n    print('before')\n    time.sleep(args.get('wait', 0))\n    if 'n' not in args:\n        return {'error': 'no n\\n at all'}\n    return {'r': 1 // args['n']}\n";
    let daemon = Daemon::start(&[("divide", source)]);
    let failed = upshift(&daemon, &["invoke", "divide", "-p", "n=0"]);
    assert_eq!((failed.code, failed.out.as_str()), (Some(1), ""));
    assert!(failed.err.starts_with("before\n"), "{}", failed.err);
    assert!(failed.err.contains("\nTraceback (most recent call last):\n"), "{}", failed.err);
    let last = failed.err.lines().last().unwrap();
    assert!(last.starts_with("upshift: divide failed: integer division or modulo by zero ("), "{last}");
    assert!(last.contains("python, ") && last.contains("activation "), "{last}");

    let returned = upshift(&daemon, &["invoke", "divide"]);
    assert_eq!(returned.code, Some(1));
    assert!(returned.err.contains("divide failed: no n at all (application error, "), "{}", returned.err);

    let missing = upshift(&daemon, &["invoke", "nothing"]).failed(1);
    assert!(missing.starts_with("upshift: there is no action nothing at http://127.0.0.1:"), "{missing}");
    assert!(upshift(&daemon, &["invoke", "a/b/c"]).failed(1).contains("names no action"));
    assert_eq!(upshift(&daemon, &["invoke", "divide", "--data", "[1]"]).code, Some(2));

    // One that takes longer than it is waited for goes on, and its record is there later.
    let late = upshift(&daemon, &["invoke", "divide", "-p", "n=1", "-p", "wait=1.5", "--timeout", "100"]).failed(1);
    let id = late.split("--activation ").nth(1).unwrap().split('`').next().unwrap();
    daemon.wait_for("the record", |daemon| upshift(daemon, &["logs", "--activation", id]).code == Some(0));
    let record: Value =
        serde_json::from_str(&upshift(&daemon, &["logs", "--record", "--activation", id]).done()).unwrap();
    assert_eq!(record["response"]["result"]["r"], 1);
}

#[test]
fn what_runs_natively_says_so() {
    let daemon = Daemon::start(&[("add", "def main(args):\n    return {\"r\": args[\"n\"] + 1}\n")]);
    daemon.invoke_until("add", r#"{"n": 1}"#, "native");
    let invoked = upshift(&daemon, &["invoke", "add", "-p", "n=1"]);
    assert!(invoked.err.starts_with("native, "), "{}", invoked.err);
    assert_eq!(invoked.done(), "{\n    \"r\": 2\n}\n");
    let status = upshift(&daemon, &["status"]).done();
    let lines: Vec<&str> = status.lines().collect();
    assert_eq!(lines[0], format!("Upshift {} at {}", env!("CARGO_PKG_VERSION"), daemon.url("")));
    assert_eq!(lines[1], "1 action: 1 native");
    assert!(lines[2].contains(" calls, ") && lines[2].ends_with("0 bailouts"), "{status}");
    assert!(lines[4].starts_with("ACTION  STATE   CALLS  NATIVE"), "{status}");
    assert!(lines[5].starts_with("add     native  "), "{status}");
}

#[test]
fn lists_are_tables() {
    let daemon =
        Daemon::start(&[("one", "def main(args):\n    return args\n"), ("two", "def main(args):\n    return 1\n")]);
    let listed = upshift(&daemon, &["list"]).done();
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].starts_with("ACTION  VERSION  KIND      UPDATED"), "{listed}");
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(listed.contains("\none     0.0.1    python:3  20"), "{listed}");
    assert_eq!(upshift(&daemon, &["list", "--limit", "1"]).done().lines().count(), 2);

    for _ in 0..3 {
        daemon.invoke("one", "{}");
    }
    daemon.invoke("two", "{}");
    let listed = upshift(&daemon, &["list", "activations"]).done();
    assert_eq!(listed.lines().count(), 5, "{listed}");
    assert_eq!(listed.matches(" one     success ").count(), 3, "{listed}");
    assert!(listed.contains(" two     action developer error  python"), "{listed}");

    let empty = Daemon::start(&[]);
    let none = upshift(&empty, &["list"]);
    assert_eq!((none.code, none.out.as_str()), (Some(0), ""));
    assert!(none.err.starts_with("no actions at http://") && none.err.contains("upshift deploy"), "{}", none.err);
}

#[test]
fn lists_have_as_many_pages_as_it_takes() {
    let daemon = Daemon::with_options(
        &[("one", "def main(args):\n    print(args['n'])\n    return {}\n")],
        &["--threshold", "0"],
    );
    for n in 0..250 {
        assert_eq!(daemon.invoke("one", &format!(r#"{{"n": {n}}}"#)).status, 200);
    }
    assert_eq!(upshift(&daemon, &["list", "activations", "--limit", "240"]).done().lines().count(), 241);
    assert_eq!(upshift(&daemon, &["list", "activations", "--limit", "9999"]).done().lines().count(), 251);
    let logged = upshift(&daemon, &["logs", "--since", "1h"]).done();
    let mut numbers: Vec<u32> = logged.lines().map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    // Nothing is said of the order of those that began in the same millisecond.
    numbers.sort_unstable();
    assert_eq!(numbers, (0..250).collect::<Vec<_>>());
    assert_eq!(upshift(&daemon, &["logs", "-n", "3"]).done().lines().count(), 3);
    assert_eq!(upshift(&daemon, &["logs"]).done().lines().count(), 100);
}

const TALKER: &str = "import sys\n\ndef main(args):\n    print('out', args['n'])\n    print('err', args['n'], file=sys.stderr)\n    return {'error': 'odd'} if args['n'] % 2 else {}\n";

#[test]
fn logs_have_a_line_each_and_mark_failures() {
    let daemon =
        Daemon::start(&[("talker", TALKER), ("other", "def main(args):\n    print('other')\n    return {}\n")]);
    daemon.invoke("talker", r#"{"n": 1}"#);
    daemon.invoke("other", "{}");
    let logged = upshift(&daemon, &["logs", "talker"]).done();
    let lines: Vec<&str> = logged.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!(lines[..2], ["talker stdout: out 1", "talker stderr: err 1"]);
    assert!(lines[2].starts_with("talker failed: odd (application error, activation "), "{logged}");
    assert_eq!(lines.len(), 3);
    assert_eq!(upshift(&daemon, &["logs"]).done().lines().count(), 4);

    let id = upshift(&daemon, &["invoke", "talker", "-p", "n=2", "--async"]).done();
    let id = id.trim();
    assert_eq!(id.len(), 32);
    daemon.wait_for("the record", |daemon| upshift(daemon, &["logs", "--activation", id]).code == Some(0));
    assert!(upshift(&daemon, &["logs", "--activation", id]).done().contains("talker stdout: out 2\n"));

    let unknown = upshift(&daemon, &["logs", "--activation", &"0".repeat(32)]).failed(1);
    assert!(unknown.contains("there is no record of the activation 0000"), "{unknown}");
    assert!(upshift(&daemon, &["logs", "nothing"]).failed(1).contains("there is no action nothing"));
    assert_eq!(upshift(&daemon, &["logs", "--since", "soon"]).code, Some(2));
}

/// `upshift logs --follow`, whose lines come one by one; killed when dropped.
struct Following {
    child: Child,
    lines: Receiver<String>,
}

impl Following {
    fn start(daemon: &Daemon, arguments: &[&str]) -> Self {
        let mut child = command(&daemon.url(""), &[&["logs", "--follow"], arguments].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("upshift can be started");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { child, lines }
    }

    /// The next lines without their times.
    fn next(&self, count: usize) -> Vec<String> {
        let next = || self.lines.recv_timeout(PATIENCE).expect("a line");
        (0..count).map(|_| next().split_once(' ').expect("a time and a text").1.to_owned()).collect()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn following_shows_everything_once() {
    let daemon = Daemon::with_options(&[("talker", TALKER)], &["--threshold", "0"]);
    daemon.invoke("talker", r#"{"n": 0}"#);
    let mut following = Following::start(&daemon, &["talker"]);
    assert_eq!(following.next(2), ["talker stdout: out 0", "talker stderr: err 0"]);
    // More than a page, and many in the same millisecond.
    std::thread::scope(|scope| {
        for first in 0..4 {
            let daemon = &daemon;
            scope.spawn(move || {
                for n in 0..60 {
                    let args = format!(r#"{{"n": {}}}"#, 2 * (1 + first + 4 * n));
                    assert_eq!(daemon.invoke("talker", &args).status, 200);
                }
            });
        }
    });
    let mut seen = following.next(480);
    seen.sort();
    let mut expected: Vec<String> = (1..=240)
        .flat_map(|n| [format!("talker stdout: out {}", 2 * n), format!("talker stderr: err {}", 2 * n)])
        .collect();
    expected.sort();
    assert_eq!(seen, expected);
    daemon.invoke("talker", r#"{"n": 1}"#);
    assert!(following.next(3)[2].starts_with("talker failed: odd"));
    assert!(following.lines.recv_timeout(Duration::from_millis(2500)).is_err(), "nothing is shown twice");

    // Ctrl-C ends it, and it has nothing to say of that.
    let pid = following.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert!(!following.child.wait().unwrap().success());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut following.child.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(said, "");
}

#[test]
fn a_daemon_that_is_not_there_is_one_line() {
    let url = "http://127.0.0.1:1";
    for arguments in [&["list"][..], &["status"], &["invoke", "a"], &["logs", "--follow"]] {
        let said = Ended::from(command(url, arguments).output().unwrap()).failed(1);
        let expected = format!(
            "upshift: no daemon answers at {url}; start one with `upshift serve`, or name another with --url\n"
        );
        assert_eq!(said, expected, "{arguments:?}");
    }
    // Something else may be there.
    let daemon = Daemon::start(&[]);
    let elsewhere = Ended::from(command(&daemon.url("/elsewhere"), &["list"]).output().unwrap()).failed(1);
    assert!(elsewhere.contains("there is no list of actions at http://"), "{elsewhere}");
}

#[test]
fn keys_are_checked_and_not_shown() {
    let daemon = Daemon::start(&[]);
    let key = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP";
    upshift(&daemon, &["list", "--key", key]).done();
    let refused = upshift(&daemon, &["list", "--key", "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:secret"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("does not take this key") && !refused.err.contains("secret"), "{}", refused.err);
    command(&daemon.url(""), &["list"])
        .env("UPSHIFT_KEY", key)
        .output()
        .map(|output| Ended::from(output).done())
        .unwrap();
    let wrong = upshift(&daemon, &["list", "--key", "secret"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("is not of the form UUID:KEY") && !wrong.err.contains("secret"), "{}", wrong.err);
    let mut variable = command(&daemon.url(""), &["list"]);
    let wrong = Ended::from(variable.env("UPSHIFT_KEY", "secret").output().unwrap());
    assert_eq!(wrong.code, Some(2));
    assert!(!wrong.err.contains("secret"), "{}", wrong.err);
    let help = Ended::from(command(&daemon.url(""), &["list", "--help"]).env("UPSHIFT_KEY", key).output().unwrap());
    assert!(help.out.contains("UPSHIFT_KEY") && !help.out.contains("123zO3x"), "{}", help.out);
    let url = Ended::from(command("http://a:secret@127.0.0.1:1", &["list"]).output().unwrap());
    assert_eq!(url.code, Some(2));
    assert!(!url.err.contains("secret"), "{}", url.err);
}
