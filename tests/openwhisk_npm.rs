//! The npm package `openwhisk` drives a daemon: `tests/openwhisk_npm/` calls all that it has, one file an area.

use std::process::Command;

use crate::contract::{GUEST, ZIP};
use crate::support::{Daemon, root};

/// Runs a file of `tests/openwhisk_npm/` against a daemon of its own; what it prints is shown if it fails.
fn run(file: &str) {
    let folder = root().join("tests/openwhisk_npm");
    assert!(folder.join("node_modules/openwhisk").exists(), "scripts/setup.sh --test installs the package");
    let daemon = Daemon::start(&[]);
    let mut node = Command::new("node");
    node.arg(folder.join(file)).current_dir(folder);
    node.env("OW_HOST", daemon.url("")).env("OW_KEY", GUEST).env("OW_ZIP", ZIP);
    // The package would take these for its own settings.
    for name in std::env::vars_os().map(|(name, _)| name) {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if text.starts_with("__OW_") || text == "PROXY" || text.ends_with("_PROXY") {
            node.env_remove(name);
        }
    }
    let output = node.output().expect("node can be started; scripts/setup.sh --test installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("# pass "), "tests ran: {said}");
    assert_eq!(daemon.request("GET", "/ping", None).body, "pong");
}

#[test]
fn actions() {
    run("actions.js");
}

#[test]
fn packages() {
    run("packages.js");
}

#[test]
fn triggers_and_rules() {
    run("triggers_and_rules.js");
}

#[test]
fn activations() {
    run("activations.js");
}

#[test]
fn namespaces_and_routes() {
    run("namespaces_and_routes.js");
}

#[test]
fn feeds() {
    run("feeds.js");
}

#[test]
fn web() {
    run("web.js");
}
