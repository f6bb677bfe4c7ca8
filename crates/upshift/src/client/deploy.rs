//! `upshift deploy`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use super::api::{Api, Failure, Target};
use super::archive;
use super::entity::{Entity, Pair, encoded};
use super::json::Json;
use crate::output::{note, say};
use crate::terminal::{Ink, Progress, Style};

/// How long the daemon may take: it installs what an archive asks for.
const PATIENCE: Duration = Duration::from_secs(300);

/// Options of `upshift deploy`.
#[derive(clap::Args)]
pub(crate) struct Deploy {
    /// A .py file, a .zip archive, or a folder with a __main__.py
    path: PathBuf,
    /// The action's name [default: PATH's, without its extension]
    #[arg(long)]
    name: Option<String>,
    /// The package that it belongs to; made if it is not there
    #[arg(long)]
    package: Option<String>,
    /// The function that is called [default: main]
    #[arg(long, value_name = "FUNCTION")]
    main: Option<String>,
    /// A default parameter; what is no JSON is a string; may be given several times
    #[arg(long = "param", short, value_name = "KEY=VALUE")]
    parameters: Vec<Pair>,
    /// A variable of its environment; may be given several times
    #[arg(long = "env", value_name = "KEY=VALUE")]
    environment: Vec<Pair>,
    /// An annotation; may be given several times
    #[arg(long = "annotation", short, value_name = "KEY=VALUE")]
    annotations: Vec<Pair>,
    /// Answer requests of browsers, too, with the default parameters final
    #[arg(long)]
    web: bool,
    /// Time limit, in milliseconds [default: as it was, or the daemon's]
    #[arg(long, value_name = "MS")]
    timeout: Option<u64>,
    /// Memory limit, in MB [default: as it was, or the daemon's]
    #[arg(long, value_name = "MB")]
    memory: Option<u64>,
    /// The kind of action
    #[arg(long, default_value = "python:3")]
    kind: String,
    #[command(flatten)]
    target: Target,
}

/// What is sent.
#[derive(Serialize)]
struct Document<'a> {
    exec: Exec<'a>,
    /// Those that were deployed before stay if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Parameter<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Parameter<'a>>,
    limits: Limits,
}

#[derive(Serialize)]
struct Exec<'a> {
    kind: &'a str,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    main: Option<&'a str>,
}

#[derive(Serialize)]
struct Parameter<'a> {
    key: &'a str,
    value: &'a RawValue,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    init: bool,
}

#[derive(Serialize)]
struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<u64>,
}

/// What `exec.code` is, and what can be said of it.
struct Code {
    text: String,
    about: String,
}

impl Deploy {
    /// Exit status 0 if the daemon has acknowledged the deployment.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => name_of(&self.path).context("the action needs a name; give one with --name")?,
        };
        let entity = Entity::new(self.package.as_deref(), &name).map_err(|error| anyhow!("{error}"))?;
        let code = code(&self.path)?;
        let api = Api::new(&self.target, PATIENCE)?;
        let document = serde_json::to_string(&self.document(code.text))?;
        let progress = Progress::start(format!("deploying {entity} ({})", code.about));
        let path = format!("{}?overwrite=true", entity.path());
        let mut answer = api.put(&path, &document);
        let missing = answer.as_ref().is_err_and(|failure| failure.is(404));
        let made = match &self.package {
            Some(package) if missing => make_package(&api, package)?,
            _ => false,
        };
        if made {
            answer = api.put(&path, &document);
        }
        drop(progress);
        if let (Some(package), true) = (&self.package, made) {
            note!("made the package {package}");
        }
        let answer = answer.map_err(|failure| match &self.package {
            Some(package) => failure.about(&format!("package {package}")),
            None => failure.into(),
        })?;
        let deployed = Json::read(&answer.body).ok_or_else(|| api.strange("no document"))?;
        let (namespace, version) = (deployed.string_at("namespace"), deployed.string_at("version"));
        let style = Style::of(&std::io::stdout());
        say!("{} {namespace}/{name} {version}", style.paint(Ink::Green, "deployed"));
        say!("{}", api.address(&path_in(&namespace, "actions", &name)));
        if deployed.annotation("web-export").is_some_and(|value| value.text() == "true") {
            say!("{}", api.address(&web_path(&namespace, &name)));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn document(&self, code: String) -> Document<'_> {
        let plain = self.parameters.iter().map(|pair| Parameter { key: &pair.key, value: &pair.value, init: false });
        let init = self.environment.iter().map(|pair| Parameter { key: &pair.key, value: &pair.value, init: true });
        // As OpenWhisk's own client has it; what the user says of these comes after them, and wins.
        let web = [("web-export", RawValue::TRUE), ("raw-http", RawValue::FALSE), ("final", RawValue::TRUE)];
        let web = web.into_iter().filter(|_| self.web).map(|(key, value)| Parameter { key, value, init: false });
        let own = self.annotations.iter().map(|pair| Parameter { key: &pair.key, value: &pair.value, init: false });
        Document {
            exec: Exec { kind: &self.kind, code, main: self.main.as_deref() },
            parameters: plain.chain(init).collect(),
            annotations: web.chain(own).collect(),
            limits: Limits { timeout: self.timeout, memory: self.memory },
        }
    }
}

/// Whether there was no such package, so that it was made.
fn make_package(api: &Api, package: &str) -> Result<bool, Failure> {
    match api.put(&format!("/namespaces/_/packages/{}", encoded(package)), "{}") {
        Ok(_) => Ok(true),
        // It is there, and something else is not; or the daemon has no packages.
        Err(failure) if failure.is(409) || failure.is(404) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// The name that an action has by its file's, or its folder's.
fn name_of(path: &Path) -> Option<String> {
    // `.` and `..` are folders with names, too.
    let path = if path.file_name().is_none() { path.canonicalize().ok()? } else { path.to_owned() };
    let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
    Some(name?.to_str()?.to_owned())
}

/// The code at `path`.
///
/// # Errors
/// If there is none that can be deployed.
fn code(path: &Path) -> anyhow::Result<Code> {
    let shown = path.display();
    let metadata = fs::metadata(path).with_context(|| format!("{shown} cannot be read"))?;
    if metadata.is_dir() {
        let archive = archive::of_folder(path)?;
        let links = if archive.links > 0 { format!(", without {} links", archive.links) } else { String::new() };
        let about = format!("{} files, {}{links}", archive.files, size(archive.bytes.len()));
        if archive.links > 0 {
            note!("{shown}: symbolic links are left out ({})", archive.links);
        }
        return Ok(Code { text: STANDARD.encode(archive.bytes), about });
    }
    ensure!(metadata.is_file(), "{shown} is neither a file nor a folder");
    let bytes = fs::read(path).with_context(|| format!("{shown} cannot be read"))?;
    let about = size(bytes.len());
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("py") => {
            let text = String::from_utf8(bytes).map_err(|_| anyhow!("{shown} is not UTF-8"))?;
            ensure!(!text.trim().is_empty(), "{shown} is empty; put a function main(args) there");
            Ok(Code { text, about })
        }
        Some("zip") => {
            archive::check(&bytes).with_context(|| shown.to_string())?;
            Ok(Code { text: STANDARD.encode(bytes), about })
        }
        _ => bail!("{shown} is no .py file, no .zip archive and no folder"),
    }
}

fn size(bytes: usize) -> String {
    if bytes < 1000 { format!("{bytes} bytes") } else { format!("{} kB", bytes.div_ceil(1000)) }
}

/// The path of an entity; in a package, `namespace` is `NAMESPACE/PACKAGE`.
fn path_in(namespace: &str, collection: &str, name: &str) -> String {
    let (namespace, package) = namespace.split_once('/').map_or((namespace, None), |(ns, package)| (ns, Some(package)));
    let package = package.map(|package| format!("{}/", encoded(package))).unwrap_or_default();
    format!("/namespaces/{}/{collection}/{package}{}", encoded(namespace), encoded(name))
}

fn web_path(namespace: &str, name: &str) -> String {
    let (namespace, package) = namespace.split_once('/').unwrap_or((namespace, "default"));
    format!("/web/{}/{}/{}", encoded(namespace), encoded(package), encoded(name))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        deploy: Deploy,
    }

    fn document(arguments: &[&str]) -> String {
        let line = Line::parse_from(["deploy", "hello.py"].iter().chain(arguments));
        serde_json::to_string(&line.deploy.document("x".to_owned())).unwrap()
    }

    #[test]
    fn documents_have_what_was_asked_for() {
        assert_eq!(document(&[]), r#"{"exec":{"kind":"python:3","code":"x"},"limits":{}}"#);
        let full =
            document(&["--main", "go", "--param", "n=1e999", "--env", "PORT=80", "--timeout", "500", "-p", "s=a b"]);
        assert_eq!(
            full,
            concat!(
                r#"{"exec":{"kind":"python:3","code":"x","main":"go"},"parameters":[{"key":"n","value":1e999},"#,
                r#"{"key":"s","value":"a b"},{"key":"PORT","value":80,"init":true}],"limits":{"timeout":500}}"#
            )
        );
        let web = document(&["--web", "--annotation", "final=false", "--memory", "128"]);
        assert!(web.contains(r#"[{"key":"web-export","value":true},{"key":"raw-http","value":false},"#), "{web}");
        assert!(web.contains(r#"{"key":"final","value":true},{"key":"final","value":false}]"#), "{web}");
        assert!(web.ends_with(r#""limits":{"memory":128}}"#), "{web}");
    }

    #[test]
    fn files_are_taken_for_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        let error = |path: &Path| code(path).map(|code| code.text).unwrap_err().to_string();
        assert_eq!(code(&file("a.py", b"def main(args): pass")).unwrap().text, "def main(args): pass");
        assert!(error(&file("b.py", b"\xff")).ends_with("b.py is not UTF-8"));
        assert!(error(&file("c.py", b" \n")).contains("is empty"));
        assert!(error(&file("d.txt", b"x")).contains("is no .py file"));
        assert!(error(&folder.path().join("e.py")).contains("e.py cannot be read"));
        assert!(format!("{:#}", code(&file("f.zip", b"x")).err().unwrap()).ends_with("f.zip: is no zip archive"));
        assert!(error(folder.path()).contains("has no __main__.py"));
        file("__main__.py", b"def main(args): pass");
        assert!(code(folder.path()).unwrap().text.starts_with("UEsD"));
    }

    #[test]
    fn names_come_from_paths() {
        let folder = tempfile::tempdir().unwrap();
        let action = folder.path().join("my.action");
        fs::create_dir(&action).unwrap();
        assert_eq!(name_of(Path::new("a/hello.py")).unwrap(), "hello");
        assert_eq!(name_of(Path::new("x.tar.zip")).unwrap(), "x.tar");
        assert_eq!(name_of(&action).unwrap(), "my.action");
        assert_eq!(name_of(&action.join(".")).unwrap(), "my.action");
        assert!(name_of(&action.join("..")).is_some());
        assert_eq!(name_of(Path::new("/")), None);
    }

    #[test]
    fn paths_have_packages() {
        assert_eq!(path_in("guest", "actions", "a b"), "/namespaces/guest/actions/a%20b");
        assert_eq!(path_in("guest/p", "actions", "a"), "/namespaces/guest/actions/p/a");
        assert_eq!(web_path("guest", "a"), "/web/guest/default/a");
        assert_eq!(web_path("guest/p", "a"), "/web/guest/p/a");
        assert_eq!((size(999), size(1001)), ("999 bytes".to_owned(), "2 kB".to_owned()));
    }
}
