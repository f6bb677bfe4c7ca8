//! `upshift.toml`: options of `upshift serve` by their names, for those that the command line does not give.
//!
//! `threshold = 20` is `--threshold 20`, `require-key = true` is `--require-key`, a list gives an option several times.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, bail};

/// Where settings are looked for.
const FILE: &str = "upshift.toml";

/// The command line with what the file in the working directory says, if there is one, before what the user says.
pub(crate) fn with_file(arguments: Vec<OsString>) -> anyhow::Result<Vec<OsString>> {
    match std::fs::read_to_string(FILE) {
        Ok(text) if arguments.get(1).is_some_and(|command| command == "serve") => {
            let settings =
                options(&text).with_context(|| format!("{FILE} cannot be used; correct it, or remove it"))?;
            Ok(insert(arguments, settings))
        }
        Err(error) if Path::new(FILE).exists() => bail!("{FILE} cannot be read: {error}"),
        _ => Ok(arguments),
    }
}

fn insert(mut arguments: Vec<OsString>, settings: Vec<OsString>) -> Vec<OsString> {
    let said = arguments.split_off(2);
    let given: Vec<String> = said.iter().filter_map(|argument| name(argument.to_str()?)).collect();
    // A list on the command line replaces that of the file, so an option that is given there is left out here.
    let is_left = |option: &OsString| name(&option.to_string_lossy()).is_none_or(|name| !given.contains(&name));
    arguments.extend(settings.into_iter().filter(is_left));
    arguments.extend(said);
    arguments
}

fn name(argument: &str) -> Option<String> {
    let name = argument.strip_prefix("--")?;
    Some(name.split_once('=').map_or(name, |(name, _)| name).to_owned())
}

fn options(text: &str) -> anyhow::Result<Vec<OsString>> {
    let table: toml::Table = text.parse()?;
    let mut options = Vec::new();
    for (key, value) in table {
        let values = match value {
            toml::Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            match value {
                toml::Value::Boolean(true) => options.push(format!("--{key}").into()),
                toml::Value::Boolean(false) => {}
                // One argument, so that a value that begins with a dash is no option.
                toml::Value::String(text) => options.push(format!("--{key}={text}").into()),
                toml::Value::Integer(number) => options.push(format!("--{key}={number}").into()),
                other => bail!("{key} has a value that is no text, number, truth value or list of these: {other}"),
            }
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_before_what_is_said() {
        let settings = options("threshold = 20\nrequire-key = true\nallow = [\"/a\", \"/b\"]\nmemory = 128").unwrap();
        let line = ["upshift", "serve", "--threshold", "5", "--memory=64", "dir"].map(OsString::from).to_vec();
        let line = insert(line, settings);
        let line: Vec<_> = line.iter().map(|argument| argument.to_str().unwrap()).collect();
        let expected =
            ["upshift", "serve", "--allow=/a", "--allow=/b", "--require-key", "--threshold", "5", "--memory=64", "dir"];
        assert_eq!(line.len(), expected.len());
        for argument in expected {
            assert!(line.contains(&argument), "{argument}: {line:?}");
        }
        assert!(options("a = {b = 1}").is_err() && options("a = ").is_err());
    }
}
