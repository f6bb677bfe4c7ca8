//! Activation records, as the API's documents say them.

use super::json::Json;
use crate::output::one_line;

/// What is shown of an activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: String,
    /// The action's name without its namespace.
    pub(crate) name: String,
    /// Milliseconds of the epoch.
    pub(crate) start: u64,
    /// None of what takes no time: a trigger that was fired.
    pub(crate) end: Option<u64>,
    pub(crate) outcome: Outcome,
    pub(crate) logs: Vec<Line>,
    tier: Option<String>,
    /// How long a cold start took, in milliseconds.
    init: Option<u64>,
    /// The guard that failed, and its line.
    bailout: Option<String>,
}

/// How an activation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Failure {
        /// `application error`, `action developer error` or `whisk internal error`.
        status: String,
        /// What its result says, as one line; empty in lists.
        error: String,
    },
}

/// A line that was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// In UTC, to the millisecond; empty where the line has none.
    pub(crate) time: String,
    /// `stdout` or `stderr`; empty where it was not printed: activations that this one began.
    pub(crate) stream: String,
    pub(crate) text: String,
}

/// The statuses of activations, in the order of their codes.
const STATUSES: [&str; 4] = ["success", "application error", "action developer error", "whisk internal error"];

impl Record {
    /// What `document` says, if it is a record: a whole one, or one as it stands in lists.
    pub(crate) fn read(document: Json<'_>) -> Option<Self> {
        let id = document.get("activationId")?.string()?;
        let outcome = match document.get("response") {
            Some(response) => outcome_of(response),
            None => document.get("statusCode").and_then(Json::number).map_or(Outcome::Success, Outcome::of_code),
        };
        let path = document.annotation("path").map(Json::plain);
        let name = path.as_deref().and_then(|path| path.split_once('/')).map(|(_, name)| name.to_owned());
        let number = |key: &str| document.get(key).and_then(Json::number);
        let start = number("start")?;
        let lines = document.get("logs").map(Json::items).unwrap_or_default();
        Some(Self {
            id,
            name: name.unwrap_or_else(|| document.string_at("name")),
            start,
            end: number("end").or_else(|| Some(start.saturating_add(number("duration")?))),
            outcome,
            logs: lines.into_iter().map(|line| Line::read(&line.plain())).collect(),
            tier: document.annotation("tier").map(Json::plain),
            init: document.annotation("initTime").and_then(Json::number),
            bailout: document.annotation("bailout").map(bailout_of),
        })
    }

    /// How it ran: tier, time, what else is worth knowing.
    pub(crate) fn ran(&self) -> String {
        let mut parts: Vec<String> = self.tier.iter().cloned().collect();
        parts.extend(self.duration().map(|duration| format!("{duration} ms")));
        parts.extend(self.init.map(|init| format!("{init} ms of cold start")));
        parts.extend(self.bailout.as_ref().map(|bailout| format!("bailout: {bailout}")));
        parts.push(format!("activation {}", self.id));
        parts.join(", ")
    }

    /// In milliseconds.
    pub(crate) fn duration(&self) -> Option<u64> {
        self.end.map(|end| end.saturating_sub(self.start))
    }

    pub(crate) fn tier(&self) -> &str {
        self.tier.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_cold(&self) -> bool {
        self.init.is_some()
    }

    /// Where the daemon did not say the tier in the record, as in other answers.
    pub(crate) fn with_tier(mut self, tier: Option<String>) -> Self {
        self.tier = tier.or(self.tier);
        self
    }
}

impl Outcome {
    fn of_code(code: u64) -> Self {
        match STATUSES.get(usize::try_from(code).unwrap_or(usize::MAX)) {
            Some(&"success") => Self::Success,
            Some(status) => Self::Failure { status: (*status).to_owned(), error: String::new() },
            None => Self::Failure { status: format!("status {code}"), error: String::new() },
        }
    }

    /// A word or two.
    pub(crate) fn status(&self) -> &str {
        match self {
            Self::Success => STATUSES[0],
            Self::Failure { status, .. } => status,
        }
    }
}

fn outcome_of(response: Json<'_>) -> Outcome {
    if response.get("success").is_some_and(|success| success.text() == "true") {
        return Outcome::Success;
    }
    let result = response.get("result");
    let error = result.and_then(|result| result.get("error")).or(result).map(Json::plain).unwrap_or_default();
    Outcome::Failure { status: response.string_at("status"), error: one_line(&error) }
}

fn bailout_of(bailout: Json<'_>) -> String {
    let kind = bailout.string_at("kind");
    match bailout.number_at("line") {
        0 => kind,
        line => format!("{kind} at line {line}"),
    }
}

impl Line {
    /// A line of a record's logs: `2026-11-21T01:02:03.500000000Z stdout: text`; what is none is a text alone.
    fn read(line: &str) -> Self {
        let parts = line.split_once(' ').and_then(|(time, rest)| {
            let (stream, text) = rest.trim_start().split_once(':')?;
            let known = matches!(stream, "stdout" | "stderr") && time.ends_with('Z');
            known.then(|| (time, stream, text.strip_prefix(' ').unwrap_or(text)))
        });
        match parts {
            Some((time, stream, text)) => {
                Self { time: to_millisecond(time), stream: stream.to_owned(), text: text.to_owned() }
            }
            None => Self { time: String::new(), stream: String::new(), text: line.to_owned() },
        }
    }
}

/// A time in UTC, cut to the millisecond.
fn to_millisecond(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, fraction)) => {
            let digits: String = fraction.chars().take_while(char::is_ascii_digit).take(3).collect();
            format!("{seconds}.{digits:0<3}Z")
        }
        None => time.to_owned(),
    }
}

/// Milliseconds of the epoch, as log lines have their times; empty for none.
pub(crate) fn time(milliseconds: u64) -> String {
    let time = i64::try_from(milliseconds).ok().filter(|time| *time > 0);
    let time = time.and_then(|time| jiff::Timestamp::from_millisecond(time).ok());
    time.map(|time| format!("{time:.3}")).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn record(id: &str, start: u64, logs: &str, response: &str) -> Record {
        let text = format!(
            r#"{{"namespace":"guest","name":"a","activationId":"{id}","start":{start},"end":{},"logs":[{logs}],
                "annotations":[{{"key":"path","value":"guest/p/a"}},{{"key":"tier","value":"python"}},
                {{"key":"initTime","value":7}},{{"key":"bailout","value":{{"kind":"type","line":3}}}}],
                "response":{response}}}"#,
            start + 5
        );
        Record::read(Json::read(&text).unwrap()).unwrap()
    }

    #[test]
    fn whole_records() {
        let log = r#""2026-11-21T01:02:03.500000000Z stderr: a: b""#;
        let ended = record("1f", 100, log, r#"{"status":"success","success":true,"result":{"x": NaN}}"#);
        assert_eq!((ended.name.as_str(), ended.outcome.status()), ("p/a", "success"));
        let line = Line { time: "2026-11-21T01:02:03.500Z".into(), stream: "stderr".into(), text: "a: b".into() };
        assert_eq!(ended.logs, [line]);
        assert_eq!(ended.ran(), "python, 5 ms, 7 ms of cold start, bailout: type at line 3, activation 1f");
        let failed = r#"{"status":"application error","success":false,"result":{"error":"no\n such"}}"#;
        let expected = Outcome::Failure { status: "application error".into(), error: "no such".into() };
        assert_eq!(record("1f", 100, "", failed).outcome, expected);
    }

    #[test]
    fn records_of_lists() {
        let read = |text: &str| Record::read(Json::read(text).unwrap());
        let listed = read(r#"{"name":"a","activationId":"1f","start":9,"duration":3,"statusCode":2}"#).unwrap();
        assert_eq!(
            (listed.outcome.status(), listed.end, listed.name.as_str()),
            ("action developer error", Some(12), "a")
        );
        let fired = read(r#"{"name":"t","activationId":"1f","start":9}"#).unwrap();
        assert_eq!(
            (fired.outcome.status(), fired.duration(), fired.ran().as_str()),
            ("success", None, "activation 1f")
        );
        assert_eq!(read(r#"{"activationId":"1f"}"#), None);
        assert_eq!(read(r#"{"result":1}"#), None);
        assert_eq!(Outcome::of_code(9).status(), "status 9");
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(time(1_763_686_923_500), "2025-11-21T01:02:03.500Z");
        assert_eq!(time(0), "");
        assert_eq!(to_millisecond("2026-11-21T01:02:03.5Z"), "2026-11-21T01:02:03.500Z");
        assert_eq!(to_millisecond("2026-11-21T01:02:03Z"), "2026-11-21T01:02:03Z");
        assert_eq!(Line::read("odd line").text, "odd line");
    }
}
