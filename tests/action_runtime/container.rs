//! A process of `upshift runtime`, as a cluster has it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Response, UPSHIFT, venv};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const SENTINEL: &str = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n";

/// A running container; killed when dropped.
pub(crate) struct Container {
    child: Child,
    /// Where its temporary files are, which it may have no time to remove.
    _temporary: TempDir,
    address: String,
    readers: [Option<JoinHandle<String>>; 2],
}

/// What a container has printed, and how it ended.
pub(super) struct Streams {
    /// Standard output and standard error, with the ends of activations.
    pub(super) raw: [String; 2],
    pub(super) code: Option<i32>,
    plain: [String; 2],
}

impl Streams {
    /// How many activations ended, by stream.
    pub(super) fn ends(&self) -> [usize; 2] {
        [0, 1].map(|stream| self.raw[stream].matches(SENTINEL).count())
    }

    pub(super) fn stdout(&self) -> &str {
        &self.plain[0]
    }

    pub(super) fn stderr(&self) -> &str {
        &self.plain[1]
    }
}

fn command(environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(UPSHIFT);
    command
        .arg("runtime")
        .arg("--venv")
        .arg(venv())
        .env_remove("PORT")
        // Nothing but where it listens.
        .env("UPSHIFT_LOG", "upshift_invoker::action_runtime=info")
        .env("NO_COLOR", "1")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// How a process ends that cannot start, and what it prints.
pub(super) fn fails(environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = command(environment).output().expect("upshift can be started");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

impl Container {
    pub(super) fn start() -> Self {
        Self::with_options(&[], &[])
    }

    pub(crate) fn with_environment(environment: &[(&str, &str)]) -> Self {
        Self::with_options(&[], environment)
    }

    /// On any port, whatever the environment says.
    pub(super) fn with_options(options: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = command(environment);
        command.args(["--listen", "127.0.0.1:0"]).args(options);
        Self::launch(&mut command)
    }

    /// On the port that the environment names.
    pub(super) fn without_listen(environment: &[(&str, &str)]) -> Self {
        Self::launch(&mut command(environment))
    }

    /// With an action that starts.
    pub(super) fn with_action(source: &str) -> Self {
        let container = Self::start();
        assert_eq!(container.init(source, "main"), (200, json!({"ok": true})));
        container
    }

    fn launch(command: &mut Command) -> Self {
        let temporary = TempDir::new().expect("a temporary folder");
        let mut child = command.env("TMPDIR", temporary.path()).spawn().expect("upshift can be started");
        let mut stdout = child.stdout.take().expect("it is piped");
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let (send, receive) = channel();
        let stdout = thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).expect("text");
            text
        });
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            for line in stderr.lines().map_while(Result::ok) {
                match line.split_once("serving on http://") {
                    Some((_, address)) => send.send(address.trim().to_owned()).expect("somebody waits for it"),
                    None => text.push_str(&format!("{line}\n")),
                }
            }
            text
        });
        let readers = [Some(stdout), Some(stderr)];
        let mut container = Self { child, _temporary: temporary, address: String::new(), readers };
        container.address = Self::wait(&receive);
        container
    }

    fn wait(address: &Receiver<String>) -> String {
        address.recv_timeout(PATIENCE).expect("it says where it listens")
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn init(&self, source: &str, main: &str) -> (u16, Value) {
        let value = json!({"name": "test", "code": source, "main": main, "binary": false});
        self.post("/init", &json!({ "value": value }).to_string())
    }

    /// The same with an archive.
    pub(super) fn init_zip(&self, zip: &[u8], main: &str) -> (u16, Value) {
        let value = json!({"name": "test", "code": crate::archives::base64(zip), "main": main, "binary": true});
        self.post("/init", &json!({ "value": value }).to_string())
    }

    pub(super) fn run(&self, args: &Value) -> (u16, Value) {
        self.post("/run", &json!({ "value": args }).to_string())
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let answer = self.answer(path, body);
        (answer.status, answer.json())
    }

    pub(super) fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.ask("GET", path, "");
        (answer.status, answer.json())
    }

    pub(super) fn answer(&self, path: &str, body: &str) -> Response {
        self.ask("POST", path, body)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Response {
        crate::support::ask(method, &format!("http://{}{path}", self.address.replace("0.0.0.0", "127.0.0.1")), body)
    }

    /// Waits until `holds`, which is tried again and again; `what` says what for.
    pub(super) fn wait_for(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < end, "waited in vain for: {what}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks the process to end, as a cluster does.
    pub(super) fn terminate(&self) {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(killed.expect("there is a kill").success());
    }

    /// Ends the process, and gives what it has printed.
    pub(super) fn end(mut self) -> Streams {
        if self.child.try_wait().expect("it can be waited for").is_none() {
            self.terminate();
        }
        let code = self.child.wait().expect("it ends").code();
        let raw = [0, 1].map(|stream| self.readers[stream].take().expect("it runs").join().expect("it reads"));
        let plain = raw.clone().map(|text| text.replace(SENTINEL, "").trim().to_owned());
        Streams { raw, code, plain }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
