//! `upshift invoke`.

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};

use super::api::{Answer, Api, PATIENCE, Target};
use super::entity::{Data, Entity, Pair, arguments, is_object};
use super::json::Json;
use super::record::{Outcome, Record};
use crate::output::{note, say, shown};
use crate::terminal::{Ink, Progress, Style};

/// How long an invocation is waited for, in milliseconds: the most that the API allows.
const WAIT: u64 = 60_000;
/// What the network, and a daemon that has much to do, may add to that.
const MARGIN: Duration = Duration::from_secs(15);

/// Options of `upshift invoke`.
#[derive(clap::Args)]
pub(crate) struct Invoke {
    /// The action: NAME, PACKAGE/NAME or /NAMESPACE/PACKAGE/NAME
    name: String,
    /// An argument; what is no JSON is a string; may be given several times
    #[arg(long = "param", short, value_name = "KEY=VALUE")]
    parameters: Vec<Pair>,
    /// The arguments as a JSON object, which --param adds to
    #[arg(long, short, value_name = "JSON|@FILE|-")]
    data: Option<Data>,
    /// Do not wait for the end: print the activation's id
    #[arg(long = "async", conflicts_with_all = ["record", "timeout"])]
    detached: bool,
    /// Print the whole activation record instead of the result
    #[arg(long)]
    record: bool,
    /// How long to wait for the end, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = WAIT, value_parser = clap::value_parser!(u64).range(1..=WAIT))]
    timeout: u64,
    #[command(flatten)]
    target: Target,
}

impl Invoke {
    /// Exit status 0 if the action succeeded, 1 if it did not, or has not by now.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let entity: Entity = self.name.parse().map_err(|error| anyhow!("{error}"))?;
        let data = match &self.data {
            Some(data) => read(data)?,
            None => String::new(),
        };
        let body = arguments(&data, &self.parameters);
        let patience = if self.detached { PATIENCE } else { Duration::from_millis(self.timeout) + MARGIN };
        let api = Api::new(&self.target, patience)?;
        let path = entity.path();
        if self.detached {
            let answer = api.post(&format!("{path}?blocking=false"), &body).and_then(|answer| api.accepted(answer));
            let answer = answer.map_err(|failure| failure.about_action(&entity))?;
            say!("{}", id_of(&answer).ok_or_else(|| api.strange("no activation id"))?);
            return Ok(ExitCode::SUCCESS);
        }
        let progress = Progress::start(format!("invoking {entity}"));
        let answer = api.post(&format!("{path}?blocking=true&result=false&timeout={}", self.timeout), &body)?;
        drop(progress);
        if answer.status == 202 {
            let id = id_of(&answer).ok_or_else(|| api.strange("no activation id"))?;
            note!(
                "upshift: {entity} has not ended after {} ms; `upshift logs --record --activation {id}` prints its record once it has",
                self.timeout
            );
            return Ok(ExitCode::FAILURE);
        }
        self.report(&api, &entity, answer)
    }

    /// Prints what an invocation gave that has ended.
    fn report(&self, api: &Api, entity: &Entity, answer: Answer) -> anyhow::Result<ExitCode> {
        let json = Json::read(&answer.body);
        if let Some((json, record)) = json.and_then(whole) {
            return Ok(self.print(entity, json, &record.with_tier(answer.tier.clone())));
        }
        // An array is answered bare, whatever was asked for.
        if let (Some(json), Some(id), 200) = (json, &answer.activation, answer.status) {
            let found = api.activation(id);
            let document = found.as_ref().ok().and_then(|answer| Json::read(&answer.body));
            if let Some((json, record)) = document.and_then(whole) {
                return Ok(self.print(entity, json, &record.with_tier(answer.tier.clone())));
            }
            if !self.record {
                say!("{}", json.pretty(Style::of(&std::io::stdout())));
                note!("activation {id}");
                return Ok(ExitCode::SUCCESS);
            }
            found.map_err(|failure| failure.about(&format!("activation {id}")))?;
        }
        let accepted = api.accepted(answer).map_err(|failure| failure.about_action(entity))?;
        Err(api.strange(&format!("status {} without a record", accepted.status)).into())
    }

    /// Prints a record, or what it says; the exit status is that of the command.
    fn print(&self, entity: &Entity, document: Json<'_>, record: &Record) -> ExitCode {
        let (out, err) = (Style::of(&std::io::stdout()), Style::of(&std::io::stderr()));
        if self.record {
            say!("{}", document.pretty(out));
        }
        match &record.outcome {
            Outcome::Success => {
                let result = document.get("response").and_then(|response| response.get("result"));
                if let (Some(result), false) = (result, self.record) {
                    say!("{}", result.pretty(out));
                }
                note!("{}", err.paint(Ink::Dim, &record.ran()));
                ExitCode::SUCCESS
            }
            Outcome::Failure { status, error } => {
                // The record has them, too.
                for line in record.logs.iter().filter(|_| !self.record) {
                    let ink = if line.stream == "stderr" { Ink::Red } else { Ink::Dim };
                    note!("{}", err.paint(ink, &shown(&line.text)));
                }
                let failed = err.paint(Ink::Red, &format!("{entity} failed: {error}"));
                note!("upshift: {failed} ({status}, {})", record.ran());
                ExitCode::FAILURE
            }
        }
    }
}

/// A record with its result.
fn whole(document: Json<'_>) -> Option<(Json<'_>, Record)> {
    document.get("response")?;
    Some((document, Record::read(document)?))
}

/// The text of a JSON object.
fn read(data: &Data) -> anyhow::Result<String> {
    let (text, from) = match data {
        Data::Text(text) => return Ok(text.clone()),
        Data::File(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("--data: {} cannot be read", path.display()))?;
            (text, path.display().to_string())
        }
        Data::Stdin => {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).context("--data: standard input cannot be read")?;
            (text, "standard input".to_owned())
        }
    };
    ensure!(is_object(&text), "--data: {from} is not a JSON object");
    Ok(text)
}

fn id_of(answer: &Answer) -> Option<String> {
    let said = Json::read(&answer.body).and_then(|json| json.get("activationId")?.string());
    said.or_else(|| answer.activation.clone())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        invoke: Invoke,
    }

    #[test]
    fn usage() {
        let parse = |arguments: &[&str]| Line::try_parse_from(["invoke", "a"].iter().chain(arguments));
        let invoke = parse(&["-p", "n=1", "-d", "-"]).ok().unwrap().invoke;
        assert_eq!((invoke.timeout, invoke.data), (WAIT, Some(Data::Stdin)));
        for wrong in [
            &["--param", "n"][..],
            &["--data", "[1]"],
            &["--timeout", "60001"],
            &["--timeout", "0"],
            &["--async", "--record"],
        ] {
            assert_eq!(parse(wrong).err().unwrap().exit_code(), 2, "{wrong:?}");
        }
        assert!(parse(&["--async"]).is_ok());
    }

    #[test]
    fn data_is_read_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let error = |path: &std::path::Path| format!("{:#}", read(&Data::File(path.into())).unwrap_err());
        assert!(error(&path).contains("a.json cannot be read"));
        std::fs::write(&path, "[1]").unwrap();
        assert!(error(&path).ends_with("a.json is not a JSON object"));
        std::fs::write(&path, "{\"a\": NaN}\n").unwrap();
        assert_eq!(read(&Data::File(path)).unwrap(), "{\"a\": NaN}\n");
    }

    #[test]
    fn ids_are_in_bodies_or_headers() {
        let answer = |body: &str, activation: Option<&str>| Answer {
            status: 202,
            tier: None,
            activation: activation.map(ToOwned::to_owned),
            body: body.to_owned(),
        };
        assert_eq!(id_of(&answer(r#"{"activationId":"1f"}"#, None)).unwrap(), "1f");
        assert_eq!(id_of(&answer("", Some("2f"))).unwrap(), "2f");
        assert_eq!(id_of(&answer("{}", None)), None);
    }
}
