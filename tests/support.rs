//! What all tests share: a daemon of their own, and the differential harness.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use upshift_invoker::check::{Check, Report};

/// The program under test.
pub(crate) const UPSHIFT: &str = env!("CARGO_BIN_EXE_upshift");

/// How long anything that happens in the background may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The top of the source tree.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the tree is there")
}

/// Where tests cache compiled functions between runs.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("artifacts")
}

/// The services of the examples, on a thread of their own; the port.
pub(crate) fn backing() -> u16 {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let backing = upshift_bench::Backing::bind("127.0.0.1:0".parse().unwrap(), Duration::ZERO).await.unwrap();
            send.send(backing.address().unwrap().port()).unwrap();
            backing.serve().await;
        });
    });
    receive.recv().unwrap()
}

/// The examples and their calls in a folder of their own, with the services that they ask on `port`.
pub(crate) fn examples(port: u16) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for entry in fs::read_dir(root().join("examples/functions")).expect("the examples are there").flatten() {
        let text = fs::read_to_string(entry.path()).expect("readable");
        let text = text.replace("127.0.0.1:3280", &format!("127.0.0.1:{port}"));
        fs::write(folder.path().join(entry.file_name()), text).expect("the folder can be written");
    }
    folder
}

/// A running daemon with a folder of functions and a state directory of its own; killed when dropped.
pub(crate) struct Daemon {
    child: Child,
    address: String,
    /// The watched folder.
    pub(crate) functions: TempDir,
    /// The state directory.
    pub(crate) state: TempDir,
    options: Vec<String>,
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) tier: Option<String>,
    pub(crate) body: String,
    headers: ureq::http::HeaderMap,
}

impl Response {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Every header of that name.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Asks a server, and reads its answer.
pub(crate) fn ask(method: &str, url: &str, body: &str) -> Response {
    ask_with(method, url, &[], body)
}

/// The same with headers; redirects are not followed.
fn ask_with(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Response {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .allow_non_standard_methods(true)
        .timeout_global(Some(PATIENCE * 2))
        .build()
        .into();
    let request = ureq::http::Request::builder().method(method).uri(url);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let mut response = agent
        .run(request.body(body.to_owned()).expect("a valid request"))
        .unwrap_or_else(|error| panic!("{method} {url}: {error}"));
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let (status, tier) = (response.status().as_u16(), header("x-upshift-tier"));
    let headers = response.headers().clone();
    let body = response.body_mut().with_config().limit(64 << 20).read_to_string().expect("a UTF-8 body");
    Response { status, tier, body, headers }
}

impl Daemon {
    pub(crate) fn start(functions: &[(&str, &str)]) -> Self {
        Self::with_options(functions, &[])
    }

    /// A daemon with `upshift serve` options; `functions` are names without `.py`, and sources.
    pub(crate) fn with_options(functions: &[(&str, &str)], options: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        for (name, source) in functions {
            fs::write(folder.path().join(format!("{name}.py")), source).expect("the folder can be written");
        }
        let state = TempDir::new().expect("a temporary folder");
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        let (child, address) = launch(folder.path(), state.path(), &options);
        Self { child, address, functions: folder, state, options }
    }

    /// Ends the daemon as a power cut would, and starts it again on the same state.
    pub(crate) fn kill_and_restart(&mut self) {
        self.child.kill().expect("the daemon runs");
        self.child.wait().expect("the daemon ends");
        (self.child, self.address) = launch(self.functions.path(), self.state.path(), &self.options);
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: Option<&str>) -> Response {
        self.send(method, path, &[], body.unwrap_or_default())
    }

    /// A request with headers; redirects are not followed.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        ask_with(method, &self.url(path), headers, body)
    }

    /// A blocking invocation that answers with the bare result.
    pub(crate) fn invoke(&self, name: &str, args: &str) -> Response {
        self.request("POST", &format!("/api/v1/namespaces/_/actions/{name}?blocking=true&result=true"), Some(args))
    }

    /// A blocking invocation that answers with the activation record.
    pub(crate) fn activation(&self, name: &str, args: &str) -> serde_json::Value {
        self.request("POST", &format!("/api/v1/namespaces/_/actions/{name}?blocking=true"), Some(args)).json()
    }

    /// Invokes until the answer comes from `tier`; every answer on the way must be the same bytes.
    pub(crate) fn invoke_until(&self, name: &str, args: &str, tier: &str) -> Response {
        let end = Instant::now() + PATIENCE;
        let first = self.invoke(name, args);
        let mut next = self.invoke(name, args);
        while next.tier.as_deref() != Some(tier) {
            assert_eq!((first.status, &first.body), (next.status, &next.body));
            assert!(Instant::now() < end, "{name} does not get to the {tier} tier: {}", self.state_of(name));
            thread::sleep(Duration::from_millis(5));
            next = self.invoke(name, args);
        }
        assert_eq!((first.status, &first.body), (next.status, &next.body));
        next
    }

    /// Deploys a source under `name`, which may have a package in it, with more members of the document.
    pub(crate) fn deploy(&self, name: &str, code: &str, mut document: serde_json::Value) {
        document["exec"] = serde_json::json!({ "kind": "python:3", "code": code });
        let path = format!("/api/v1/namespaces/_/actions/{name}?overwrite=true");
        let answer = self.request("PUT", &path, Some(&document.to_string()));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// What the dashboard says of an action.
    pub(crate) fn state_of(&self, name: &str) -> serde_json::Value {
        self.request("GET", &format!("/dashboard/actions/{name}.json"), None).json()
    }

    /// Waits until `holds`; `what` says what for.
    pub(crate) fn wait_for(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < end, "waited in vain for: {what}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(functions: &Path, state: &Path, options: &[String]) -> (Child, String) {
    let mut child = Command::new(UPSHIFT)
        .args(["serve", "--listen", "127.0.0.1:0", "--state"])
        .arg(state)
        .arg("--venv")
        .arg(venv())
        .args(options)
        .arg(functions)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("upshift can be started");
    let stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
    let (send, receive) = mpsc::channel();
    // Reads on for as long as the daemon lives, so that it never waits for a full pipe.
    thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let mut seen = Vec::new();
    let end = Instant::now() + PATIENCE;
    loop {
        match receive.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                if let Some((_, address)) =
                    line.split_once("serving on http://").or_else(|| line.split_once("serving on https://"))
                {
                    return (child, address.trim().to_owned());
                }
                seen.push(line);
            }
            Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("the daemon does not serve: {seen:#?}");
            }
        }
    }
}

/// Runs `calls` of `source` in every tier; see [`upshift_invoker::check`].
pub(crate) fn check(source: &str, calls: &[&str], forced: bool) -> Report {
    check_file("action.py", source, calls, forced)
}

/// Where the packages are that actions may import; `scripts/setup.sh` makes it.
pub(crate) fn venv() -> PathBuf {
    root().join(".venv")
}

/// As [`check`] with bailouts forced; and every run once more with its effects.
pub(crate) fn check_live(source: &str, calls: &[&str]) -> Report {
    run_check(Check { live: true, ..new_check("action.py", source, calls, true) })
}

fn new_check(file: &str, source: &str, calls: &[&str], forced: bool) -> Check {
    let calls = calls.iter().map(ToString::to_string).collect();
    Check { file: file.to_owned(), source: source.to_owned(), calls, forced, live: false, cache: cache() }
}

/// The same of a source with a path, so that it can import what is beside it.
pub(crate) fn check_file(file: &str, source: &str, calls: &[&str], forced: bool) -> Report {
    run_check(new_check(file, source, calls, forced))
}

fn run_check(check: Check) -> Report {
    with_zygote(async |zygote| {
        upshift_invoker::check::check(&check, &zygote).await.expect("the check can be carried out")
    })
}

/// A version of `main` as tier-up makes it of one call, in a cache of its own, and where it runs.
pub(crate) fn with_version(
    source: &str,
    args: &str,
    cache: &Path,
    test: impl FnOnce(&upshift_invoker::pipeline::Compiled, &upshift_invoker::pipeline::Machine),
) {
    use upshift_invoker::pipeline::{Compiler, Machine, Program, Sources};
    with_zygote(async |zygote| {
        let check = Check { cache: cache.to_owned(), ..new_check("action.py", source, &[args], false) };
        let report = upshift_invoker::check::check(&check, &zygote).await.expect("the check can be carried out");
        let sources = Sources { folder: None, packages: None, links_folder: false, library: zygote.library() };
        let program = Program::new(source, "main", &sources).expect("in the language");
        let trace = report.trace.expect("a trace");
        let compiled = Compiler::new(cache).compile(&program, &trace, false).expect("it compiles");
        test(&compiled, &Machine::of(&zygote));
    });
}

/// The traces of files, every part of them assumed to have run.
pub(crate) fn assumed(files: &[PathBuf]) -> Vec<serde_json::Value> {
    use upshift_invoker::explain;
    with_zygote(async |zygote| {
        let mut traces = Vec::new();
        for path in files {
            let (file, source) = (path.display().to_string(), std::fs::read_to_string(path).expect("readable"));
            let program = explain::read(&file, &source, &zygote).expect("in the language");
            let trace = explain::assume(&program, &file, &zygote).await.expect("it loads");
            traces.push(serde_json::to_value(trace).expect("JSON"));
        }
        traces
    })
}

fn with_zygote<T>(run: impl AsyncFnOnce(upshift_invoker::Zygote) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("tokio");
    let zygote = ["zygote".into(), "--venv".into(), venv().into_os_string()];
    runtime.block_on(async {
        let zygote = upshift_invoker::Zygote::start(Path::new(UPSHIFT), &zygote).await.expect("a zygote");
        run(zygote).await
    })
}
