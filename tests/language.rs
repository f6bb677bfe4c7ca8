//! The language, a heading a file: modules with calls below them, which every tier must answer alike, natively.
//!
//! In a file, `# ---` parts modules, and `#: name [args]` is a call with its arguments as JSON.

use std::fs;

use crate::support::{check, root};

/// What every call of the files of `tests/language` with that name does.
fn heading(name: &str) {
    let path = root().join("tests/language").join(name).with_extension("py");
    let text = fs::read_to_string(&path).unwrap();
    let mut calls_seen = 0;
    for module in text.split("# ---\n") {
        let (calls, source): (Vec<&str>, Vec<&str>) = module.lines().partition(|line| line.starts_with("#: "));
        let calls: Vec<(&str, &str)> =
            calls.iter().map(|call| call[3..].split_once(' ').expect("name [args]")).collect();
        let function = calls[0].0;
        assert!(calls.iter().all(|(name, _)| *name == function), "one function a module: {module}");
        let source = format!(
            "{}\n\ndef main(args):\n    return {{\"result\": {function}(*args[\"call\"])}}\n",
            source.join("\n")
        );
        let args: Vec<String> = calls.iter().map(|(_, args)| format!("{{\"call\": {args}}}")).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let report = check(&source, &args, true);
        assert!(report.mismatches.is_empty(), "{name}: {function}: {:#?}", report.mismatches);
        assert_eq!(report.native_calls, args.len(), "{name}: {function}: {:?} {:?}", report.reason, report.bailouts);
        calls_seen += calls.len();
    }
    assert!(calls_seen > 0, "{name} has calls");
}

macro_rules! headings {
    ($($name:ident)+) => {
        $(#[test]
        fn $name() {
            heading(stringify!($name));
        })+

        #[test]
        fn every_file_is_a_heading() {
            let mut files: Vec<String> = fs::read_dir(root().join("tests/language"))
                .unwrap()
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
                .collect();
            files.sort();
            assert_eq!(files, [$(stringify!($name)),+]);
        }
    };
}

headings! {
    arithmetic
    attributes
    big_ints
    classes
    classes_in_functions
    collections_of_the_module
    constructs
    dates
    dicts
    digests
    exceptions
    files
    formatting
    functions
    generator_expressions
    inheritance
    injected_methods
    iterators
    json
    libraries
    logs
    matching
    random_draws
    regular_expressions
    sequences
    set_order
    sorting
    strings
    subclasses_of_built_ins
    world
}
