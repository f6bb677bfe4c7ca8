//! Holds the tree to ARCHITECTURE.md: who may use what, where `unsafe` stands, how long files are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::support::root;

/// No room is longer than this many lines.
const LONGEST: usize = 600;

/// A row of the table: what the crate may use, what it alone uses, where its `unsafe` is.
struct Row {
    uses: BTreeSet<String>,
    alone: BTreeSet<String>,
    unsafe_files: BTreeSet<String>,
}

/// The words in backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

fn table() -> BTreeMap<String, Row> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `upshift"));
    let table: BTreeMap<String, Row> = rows
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let [name, uses, alone, unsafe_files] = cells.as_slice() else { panic!("four columns: {line}") };
            let name = quoted(name).pop_first().expect("a crate's name");
            (name, Row { uses: quoted(uses), alone: quoted(alone), unsafe_files: quoted(unsafe_files) })
        })
        .collect();
    assert_eq!(table.len(), 12, "the table has a row a crate");
    table
}

#[test]
fn crates_use_what_the_table_allows() {
    let table = table();
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let packages: Vec<_> = metadata.packages.iter().collect();
    let names: BTreeSet<String> = packages.iter().map(|package| package.name.to_string()).collect();
    assert_eq!(names, table.keys().cloned().collect::<BTreeSet<_>>());
    for package in packages {
        let used: BTreeSet<String> = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal)
            .map(|dependency| dependency.name.clone())
            .collect();
        let row = &table[package.name.as_str()];
        let crates: BTreeSet<String> = used.intersection(&names).cloned().collect();
        assert_eq!(crates, row.uses, "{}", package.name);
        // That one is programs of its own, which no other crate has a part of.
        if package.name.as_str() == "upshift-bench" {
            continue;
        }
        for (other, other_row) in table.iter().filter(|(other, _)| other.as_str() != package.name.as_str()) {
            let taken: Vec<_> = used.intersection(&other_row.alone).collect();
            assert!(taken.is_empty(), "{} uses {taken:?}, which is for {other} alone", package.name);
        }
        assert!(row.alone.is_subset(&used), "{} does not use {:?}", package.name, row.alone);
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn unsafe_stands_where_the_table_says() {
    for (name, row) in table() {
        let folder = root().join("crates").join(name.trim_start_matches("upshift-")).join("src");
        let mut with_unsafe = BTreeSet::new();
        for path in sources(&folder) {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            for (i, line) in lines.iter().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                if !["unsafe {", "unsafe impl", "unsafe fn", "unsafe extern"].iter().any(|word| code.contains(word)) {
                    continue;
                }
                with_unsafe.insert(path.strip_prefix(&folder).unwrap().display().to_string());
                let above = &lines[i.saturating_sub(6)..i];
                assert!(above.iter().any(|line| line.contains("SAFETY")), "{}:{} has no SAFETY", path.display(), i + 1);
            }
        }
        assert_eq!(with_unsafe, row.unsafe_files, "{name}");
        let top = if name == "upshift" { "main.rs" } else { "lib.rs" };
        let forbids = fs::read_to_string(folder.join(top)).unwrap().contains("#![forbid(unsafe_code)]");
        assert_eq!(forbids, row.unsafe_files.is_empty(), "{name}");
    }
}

#[test]
fn no_file_is_too_long() {
    let mut seen = 0;
    for path in sources(&root().join("crates")) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines: is it one room, or two?", path.display());
        seen += 1;
    }
    assert!(seen > 100, "the sources were found");
}

#[test]
fn the_schema_of_the_trace_knows_every_kind() {
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(root().join("docs/trace.schema.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut kinds = BTreeSet::new();
    let folders = ["examples/functions", "tests/golden"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "py")).collect();
    for (path, trace) in files.iter().zip(crate::support::assumed(&files)) {
        let errors: Vec<String> = validator.iter_errors(&trace).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        collect(&trace, &mut kinds);
    }
    assert!(kinds.len() > 15, "{kinds:?}");
    // And it refuses what is no trace.
    assert!(!validator.is_valid(&serde_json::json!({"version": 1})));
}

fn collect(value: &serde_json::Value, kinds: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for key in ["kind", "op"] {
                kinds.extend(members.get(key).and_then(|kind| kind.as_str()).map(ToOwned::to_owned));
            }
            members.values().for_each(|member| collect(member, kinds));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, kinds)),
        _ => {}
    }
}
