//! `upshift list`.

use std::process::ExitCode;

use clap::ValueEnum;

use super::api::{Api, Failure, PAGE, PATIENCE, Target};
use super::entity::encoded;
use super::json::Json;
use super::record::{Record, time};
use super::table::Table;
use crate::output::note;
use crate::terminal::{Progress, Style};

/// How many activations are listed if nobody says how many.
const ACTIVATIONS: usize = 30;

/// Options of `upshift list`.
#[derive(clap::Args)]
pub(crate) struct List {
    /// What to list
    #[arg(default_value = "actions")]
    collection: Collection,
    /// At most so many [default: all; of activations the latest 30]
    #[arg(long, short, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    target: Target,
}

/// What a daemon has lists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Collection {
    Actions,
    Packages,
    Triggers,
    Rules,
    Activations,
}

impl Collection {
    fn name(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::Packages => "packages",
            Self::Triggers => "triggers",
            Self::Rules => "rules",
            Self::Activations => "activations",
        }
    }
}

impl List {
    /// Exit status 0 if the daemon has such a list, even an empty one.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let api = Api::new(&self.target, PATIENCE)?;
        let default = if self.collection == Collection::Activations { ACTIVATIONS } else { usize::MAX };
        let limit = self.limit.unwrap_or(default);
        let progress = Progress::start(format!("listing {}", self.collection.name()));
        let printed = match self.collection {
            Collection::Actions => {
                let table = Table::new(["ACTION", "VERSION", "KIND", "WEB", "UPDATED"]);
                self.table(&api, limit, table, progress, |document| Ok(action(document)))
            }
            Collection::Packages => {
                let table = Table::new(["PACKAGE", "VERSION", "BOUND TO", "UPDATED"]);
                self.table(&api, limit, table, progress, |document| Ok(package(document)))
            }
            Collection::Triggers => {
                let table = Table::new(["TRIGGER", "VERSION", "UPDATED"]);
                self.table(&api, limit, table, progress, |document| Ok(trigger(document)))
            }
            Collection::Rules => {
                let table = Table::new(["RULE", "STATUS", "TRIGGER", "ACTION"]);
                // Lists say nothing but the names of rules.
                self.table(&api, limit, table, progress, |document| {
                    let name = document.string_at("name");
                    let answer = api.get(&format!("/namespaces/_/rules/{}", encoded(&name)))?;
                    Ok(rule(Json::read(&answer.body).unwrap_or(document)))
                })
            }
            Collection::Activations => {
                let table = Table::new(["START", "ACTIVATION", "ACTION", "STATUS", "TIER", "MS", "COLD"]);
                self.table(&api, limit, table, progress, |document| {
                    Record::read(document).as_ref().map(activation).ok_or_else(|| api.strange("no record"))
                })
            }
        };
        printed.map_err(|failure| failure.about(&format!("list of {}", self.collection.name())))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Prints as much of the list as was asked for, a row a document.
    fn table<const COLUMNS: usize>(
        &self,
        api: &Api,
        limit: usize,
        mut table: Table<COLUMNS>,
        progress: Progress,
        row: impl Fn(Json<'_>) -> Result<[String; COLUMNS], Failure>,
    ) -> Result<(), Failure> {
        let name = self.collection.name();
        let mut listed = 0;
        while listed < limit {
            let wanted = (limit - listed).min(PAGE);
            let answer = api.page(name, "", wanted, listed)?;
            let documents = Json::read(&answer.body).map(Json::items).unwrap_or_default();
            for document in &documents {
                table.push(row(*document)?);
            }
            listed += documents.len();
            if documents.len() < wanted {
                break;
            }
        }
        drop(progress);
        if table.is_empty() && limit > 0 {
            let hint = if self.collection == Collection::Actions { "; `upshift deploy FILE` makes one" } else { "" };
            note!("no {name} at {} yet{hint}", api.url());
        } else {
            table.print(Style::of(&std::io::stdout()));
        }
        Ok(())
    }
}

/// A name with its package, which the API says with the namespace.
fn full_name(document: Json<'_>) -> String {
    let (namespace, name) = (document.string_at("namespace"), document.string_at("name"));
    namespace.split_once('/').map(|(_, package)| format!("{package}/{name}")).unwrap_or(name)
}

fn action(document: Json<'_>) -> [String; 5] {
    let kind = document.annotation("exec").map(Json::plain).unwrap_or_default();
    let web = document.annotation("web-export").is_some_and(|value| value.text() == "true");
    let web = if web { "web" } else { "" }.to_owned();
    [full_name(document), document.string_at("version"), kind, web, time(document.number_at("updated"))]
}

fn package(document: Json<'_>) -> [String; 4] {
    let binding = document.get("binding").filter(|binding| binding.get("name").is_some());
    let bound = binding.map(|binding| format!("/{}/{}", binding.string_at("namespace"), binding.string_at("name")));
    let updated = time(document.number_at("updated"));
    [document.string_at("name"), document.string_at("version"), bound.unwrap_or_default(), updated]
}

fn trigger(document: Json<'_>) -> [String; 3] {
    [document.string_at("name"), document.string_at("version"), time(document.number_at("updated"))]
}

fn rule(document: Json<'_>) -> [String; 4] {
    let entity = |key: &str| {
        let entity = document.get(key)?;
        let path = entity.string_at("path");
        let package = path.split_once('/').map(|(_, package)| format!("{package}/")).unwrap_or_default();
        Some(format!("{package}{}", entity.string_at("name")))
    };
    let [trigger, action] = ["trigger", "action"].map(|key| entity(key).unwrap_or_default());
    [document.string_at("name"), document.string_at("status"), trigger, action]
}

fn activation(record: &Record) -> [String; 7] {
    let cold = if record.is_cold() { "cold" } else { "" };
    [
        time(record.start),
        record.id.clone(),
        record.name.clone(),
        record.outcome.status().to_owned(),
        record.tier().to_owned(),
        record.duration().map(|duration| duration.to_string()).unwrap_or_default(),
        cold.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::read(text).unwrap()
    }

    #[test]
    fn documents_are_rows() {
        let annotations = r#""annotations":[{"key":"exec","value":"python:3"},{"key":"web-export","value":true}]"#;
        let text = format!(r#"{{"namespace":"guest/p","name":"a","version":"0.0.2","updated":1000,{annotations}}}"#);
        assert_eq!(action(json(&text)), ["p/a", "0.0.2", "python:3", "web", "1970-01-01T00:00:01.000Z"]);
        let plain = r#"{"namespace":"guest","name":"a","version":"0.0.1","annotations":[]}"#;
        assert_eq!(action(json(plain)), ["a", "0.0.1", "", "", ""]);
        let bound = r#"{"name":"b","version":"0.0.1","binding":{"namespace":"guest","name":"p"},"updated":1000}"#;
        assert_eq!(package(json(bound))[2], "/guest/p");
        assert_eq!(package(json(r#"{"name":"b","version":"0.0.1","binding":false}"#))[2], "");
        assert_eq!(trigger(json(r#"{"name":"t","version":"0.0.1"}"#)), ["t", "0.0.1", ""]);
        let text = r#"{"name":"r","status":"active","trigger":{"path":"guest","name":"t"},"action":{"path":"guest/p","name":"a"}}"#;
        assert_eq!(rule(json(text)), ["r", "active", "t", "p/a"]);
    }

    #[test]
    fn activations_are_rows() {
        let text = r#"{"name":"a","activationId":"1f","start":1000,"end":1007,"statusCode":1,
            "annotations":[{"key":"tier","value":"native"}]}"#;
        let row = activation(&Record::read(json(text)).unwrap());
        assert_eq!(row, ["1970-01-01T00:00:01.000Z", "1f", "a", "application error", "native", "7", ""]);
    }
}
