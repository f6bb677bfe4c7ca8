//! The dashboard as a person sees it: headless Chromium, driven over the WebDriver protocol.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::Daemon;

const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page; ended when dropped.
struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
}

impl Browser {
    fn open(url: &str) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: `make setup-test` does that");
        let stdout = BufReader::new(driver.stdout.take().expect("stdout is piped"));
        let mut lines = stdout.lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| {
                line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver names its port");
        thread::spawn(move || lines.for_each(drop));
        let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
        let mut browser = Self { driver, session: format!("http://127.0.0.1:{port}/session"), agent };
        let options = json!({"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]});
        let capabilities = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let session = browser.post("", &capabilities)["sessionId"].as_str().expect("a session").to_owned();
        browser.session = format!("{}/{session}", browser.session);
        browser.post("/url", &json!({"url": url}));
        browser
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let mut response = self
            .agent
            .post(format!("{}{path}", self.session))
            .header("content-type", "application/json")
            .send(body.to_string())
            .unwrap_or_else(|error| panic!("chromedriver: {path}: {error}"));
        let text = response.body_mut().read_to_string().expect("JSON");
        serde_json::from_str::<Value>(&text).expect("JSON")["value"].clone()
    }

    fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until `script`, which returns text, gives one that `holds`.
    fn wait_for(&self, script: &str, holds: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let text = self.script(script).as_str().unwrap_or_default().to_owned();
            if holds(&text) {
                return text;
            }
            assert!(Instant::now() < end, "the page stays at: {text}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

const TEXT: &str = "return document.getElementById('main').innerText";

#[test]
fn the_table_is_live_and_an_action_shows_its_stages() {
    let source = "import time\n\ndef main(args):\n    print(time.time() > 0)\n    if args[\"n\"] > 5:\n        return {\"<b>big</b>\": 1}\n    return {\"n\": args[\"n\"]}\n";
    let daemon = Daemon::start(&[
        ("shown", source),
        ("clock", "import time\n\ndef main(args):\n    return {\"t\": time.process_time()}\n"),
    ]);
    let browser = Browser::open(&daemon.url("/dashboard"));
    browser.wait_for(TEXT, |text| text.contains("shown") && text.contains("cold"));

    // Without a reload: the page follows what happens.
    daemon.invoke_until("shown", r#"{"n": 1}"#, "native");
    for _ in 0..12 {
        daemon.invoke("clock", "{}");
    }
    let row = "const row = [...document.querySelectorAll('tbody tr')].find(row => row.innerText.startsWith('shown'));\
               return row ? row.innerText.split(/\\s+/).join(' ') : ''";
    browser.wait_for(row, |text| text.starts_with("shown native ") && text.contains(" µs "));
    browser.wait_for(TEXT, |text| {
        text.contains("pinned") && text.contains("time.process_time is not in the native language yet")
    });

    assert_eq!(daemon.invoke("shown", r#"{"n": 9}"#).body, r#"{"<b>big</b>": 1}"#);
    browser.script("location.hash = 'shown'");
    let text = browser.wait_for(TEXT, |text| text.contains("bailout branch line 5"));
    for part in [
        "effect observable",
        "effect nondeterministic: time",
        "source",
        "normal form",
        "trace",
        "Rust",
        "unbound",
        "trace v6 of",
        "fn f_main<'a>",
        "{\"<b>big</b>\": 1}",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let marked = browser.script("return document.querySelector('.bailed').innerText");
    assert!(marked.as_str().is_some_and(|line| line.contains("if args[\"n\"] > 5:")), "{marked}");
    assert_eq!(browser.script("return document.querySelectorAll('b > b').length"), json!(0), "sources are text");
}
