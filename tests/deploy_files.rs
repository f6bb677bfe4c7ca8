//! The files of `deploy/`: each is one that its reader takes, and all agree with each other and with the program.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{UPSHIFT, root};

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn documents(name: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn schema(name: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&text(&format!("tests/deploy/{name}.schema.json"))).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn holds(validator: &jsonschema::Validator, document: &Value) {
    let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{document}: {errors:#?}");
}

/// The container in a template.
fn container(document: &Value) -> &Value {
    &document["spec"]["template"]["spec"]["containers"][0]
}

/// The arguments of an instruction that a Dockerfile has once.
fn only<'d>(instructions: &'d [(String, String)], name: &str) -> &'d str {
    let found: Vec<&str> = instructions.iter().filter(|(own, _)| own == name).map(|(_, rest)| rest.as_str()).collect();
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found[0]
}

/// Instructions and their arguments, continued lines as one; what no builder takes is refused.
fn dockerfile(text: &str) -> Result<Vec<(String, String)>, String> {
    const KNOWN: [&str; 16] = [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ];
    let mut found: Vec<(String, String)> = Vec::new();
    let mut open = String::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        if open.is_empty() && line.trim().is_empty() {
            continue;
        }
        open.push_str(line.trim_end());
        if let Some(begun) = open.strip_suffix('\\') {
            open = begun.to_owned();
            continue;
        }
        let whole = std::mem::take(&mut open);
        let (name, rest) = whole.trim().split_once(' ').ok_or(format!("no arguments: {whole}"))?;
        if !KNOWN.contains(&name) {
            return Err(format!("no instruction: {whole}"));
        }
        if name == "ENTRYPOINT" || name == "CMD" {
            // In the other form a shell would be the first process, which passes no signals on.
            serde_json::from_str::<Vec<String>>(rest).map_err(|error| format!("{whole}: {error}"))?;
        }
        found.push((name.to_owned(), rest.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    match (found.first(), open.is_empty()) {
        (Some((first, _)), true) if first == "FROM" || first == "ARG" => Ok(found),
        _ => Err("it begins with no FROM, or ends in the middle of a line".to_owned()),
    }
}

#[test]
fn the_dockerfile_builds_what_it_runs() {
    let instructions = dockerfile(&text("deploy/Dockerfile")).unwrap();
    let stages: Vec<&str> =
        instructions.iter().filter(|(name, _)| name == "FROM").map(|(_, rest)| rest.as_str()).collect();
    let [build, run] = stages[..] else { panic!("two stages: {stages:?}") };
    // Functions are compiled by the compiler that Upshift was built with, and run in Debian's CPython 3.11.
    let build = build.strip_suffix(" AS build").expect("the stage that is copied from");
    let version = build.strip_prefix("rust:").and_then(|tag| tag.strip_suffix("-bookworm")).expect("Rust on Debian 12");
    assert_eq!(run, format!("rust:{version}-slim-bookworm"));
    let minor = |version: &str| version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok()).unwrap();
    let needed = text("Cargo.toml")
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = ").map(|text| minor(text.trim_matches('"'))))
        .unwrap();
    assert!(minor(version) >= needed, "{version} is older than 1.{needed}");

    for (_, command) in instructions.iter().filter(|(name, rest)| name == "RUN" && rest.contains("apt-get")) {
        for part in ["apt-get update && apt-get install --yes --no-install-recommends", "rm -rf /var/lib/apt/lists/*"] {
            assert!(command.contains(part), "{command}");
        }
    }
    let installs = |stage: usize, package: &str| {
        let commands: Vec<_> = instructions.iter().filter(|(_, rest)| rest.contains("apt-get install")).collect();
        commands[stage].1.split(' ').any(|word| word == package)
    };
    assert!(installs(0, "libpython3.11-dev") && installs(1, "libpython3.11") && installs(1, "python3-pip"));

    let copied = instructions.iter().find_map(|(_, rest)| rest.strip_prefix("--from=build ")).expect("the program");
    let (built, placed) = copied.split_once(' ').unwrap();
    let folder = instructions.iter().find(|(name, _)| name == "WORKDIR").map(|(_, rest)| rest).unwrap();
    assert_eq!(built, format!("{folder}/target/release/upshift"));
    assert!(
        instructions.iter().any(|(_, rest)| rest.contains("cargo build --release") && rest.contains("--bin upshift"))
    );
    let entry: Vec<String> = serde_json::from_str(only(&instructions, "ENTRYPOINT")).unwrap();
    assert_eq!(entry[2..], ["upshift", "runtime"]);
    assert_eq!(placed, "/usr/local/bin/upshift", "a place on the PATH");
    assert!(installs(1, &entry[0]), "{} is installed", entry[0]);
    assert!(text("deploy/Dockerfile.dockerignore").contains("/target\n"));
}

#[test]
fn a_dockerfile_that_no_builder_takes_is_noticed() {
    for (broken, why) in [
        ("RUN true\n", "begins with no FROM"),
        ("FROM a\nENTRYPONT [\"x\"]\n", "no instruction"),
        ("FROM a\nENTRYPOINT upshift runtime\n", "ENTRYPOINT upshift runtime"),
        ("FROM a\nRUN true \\\n", "in the middle of a line"),
    ] {
        let error = dockerfile(broken).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn manifests_are_what_their_readers_take() {
    let knative = schema("knative-service");
    let services = documents("deploy/knative-service.yaml");
    assert_eq!(services.len(), 1);
    services.iter().for_each(|service| holds(&knative, service));
    let kubernetes = schema("kubernetes");
    let parts = documents("deploy/kubernetes.yaml");
    parts.iter().for_each(|part| holds(&kubernetes, part));
    let kinds: Vec<&str> = parts.iter().filter_map(|part| part["kind"].as_str()).collect();
    assert_eq!(kinds, ["ConfigMap", "Deployment", "Service"]);
    let runtimes: Value = serde_json::from_str(&text("deploy/runtimes.json")).unwrap();
    holds(&schema("runtimes"), &runtimes);

    // And a slip in any of them is noticed.
    for (validator, document, pointer, slip) in [
        (&knative, &services[0], "/spec/template/spec", json!({"containerConcurency": 1})),
        (&knative, &services[0], "/spec/template/spec/containers/0/readinessProbe", json!({"port": 8080})),
        (&kubernetes, &parts[1], "/spec", json!({"replica": 1})),
        (&kubernetes, &parts[1], "/spec/template/spec/containers/0", json!({"readynessProbe": {}})),
        (&kubernetes, &parts[2], "/spec/ports/0", json!({"port": "80"})),
        (&schema("runtimes"), &runtimes, "/runtimes/python/0", json!({"sentineledLogs": true})),
    ] {
        let mut changed = document.clone();
        let place = changed.pointer_mut(pointer).and_then(Value::as_object_mut).expect("an object");
        place.extend(slip.as_object().unwrap().clone());
        assert!(!validator.is_valid(&changed), "{slip}");
    }
    assert!(serde_saphyr::from_multiple::<Value>("a: 1\na: 2\n").is_err(), "a key that is there twice");
}

#[test]
fn all_files_agree_with_the_program() {
    let instructions = dockerfile(&text("deploy/Dockerfile")).unwrap();
    let knative = documents("deploy/knative-service.yaml").remove(0);
    let parts = documents("deploy/kubernetes.yaml");
    let [map, deployment, service] = &parts[..] else { panic!("three parts") };
    let containers = [container(&knative), container(deployment)];

    let help = Command::new(UPSHIFT).args(["runtime", "--help"]).output().expect("upshift can be started");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let port = only(&instructions, "EXPOSE");
    assert!(help.contains(&format!("the port in the environment's PORT, or {port}]")), "{help}");
    for container in containers {
        assert_eq!(container["ports"][0]["containerPort"].to_string(), port);
        assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/health");
        assert_eq!(container["securityContext"]["runAsUser"].to_string(), only(&instructions, "USER"));
        let variables: BTreeSet<&str> =
            container["env"].as_array().unwrap().iter().filter_map(|variable| variable["name"].as_str()).collect();
        assert!(variables.contains("__OW_RUNTIME_PLATFORM") && variables.contains("__OW_ACTION_CODE"));
    }

    let runtimes: Value = serde_json::from_str(&text("deploy/runtimes.json")).unwrap();
    let image = &runtimes["runtimes"]["python"][0]["image"];
    let image = ["registry", "name", "tag"].map(|part| image[part].as_str().expect("text"));
    let image = format!("{}/{}:{}", image[0], image[1], image[2]);
    assert!(text("deploy/Dockerfile").contains(&format!("--tag {image} .")));
    assert!(containers.iter().all(|container| container["image"] == image.as_str()));
    assert_eq!(image.rsplit_once(':').map(|(_, tag)| tag), Some(env!("CARGO_PKG_VERSION")));

    // What refers to another part names it as it is called.
    let port = &service["spec"]["ports"][0]["targetPort"];
    assert_eq!(*port, container(deployment)["ports"][0]["name"]);
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        assert_eq!(container(deployment)[probe]["httpGet"]["port"], *port, "{probe}");
    }
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    assert!(service["spec"]["selector"] == *labels && deployment["spec"]["selector"]["matchLabels"] == *labels);
    let code =
        container(deployment)["env"].as_array().unwrap().iter().find(|variable| !variable["valueFrom"].is_null());
    let reference = &code.expect("the code")["valueFrom"]["configMapKeyRef"];
    assert_eq!(reference["name"], map["metadata"]["name"]);
    assert!(map["data"][reference["key"].as_str().unwrap()].as_str().unwrap().contains("def main(args)"));
}

/// The functions in the files, in the process that they are for.
#[test]
fn the_functions_in_the_files_run() {
    let knative = documents("deploy/knative-service.yaml").remove(0);
    let environment: Vec<(String, String)> = container(&knative)["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| ["name", "value"].map(|part| variable[part].as_str().expect("text").to_owned()).into())
        .collect();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let container = crate::action_runtime::Container::with_environment(&environment);
    let asked = json!({"activation": {}, "value": {"name": "Ada"}});
    assert_eq!(container.post("/", &asked.to_string()), (200, json!({"hi": "Ada"})));
}
