//! The activation record: what is kept of an invocation, and how the API shows it.
//!
//! Results are JSON text of CPython or of compiled code; they are spliced into documents and never parsed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use upshift_deploy::{Action, Entity, Limits, QualifiedName, Trigger};
use uuid::Uuid;

use crate::pipeline::Bailout;
use crate::tier::{Answer, Status, Tier};

/// What a record says of its action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) name: String,
    /// The whole name, as in `guest/pkg/name`.
    path: String,
    version: String,
    /// Nothing for a trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limits: Option<Limits>,
}

impl About {
    pub(crate) fn new(action: &Action) -> Self {
        Self {
            name: action.name.clone(),
            path: action.qualified().full(),
            version: action.version.to_string(),
            kind: Some(action.exec.kind().to_owned()),
            limits: Some(action.limits),
        }
    }

    pub(crate) fn of_trigger(trigger: &Trigger) -> Self {
        Self {
            name: trigger.name.clone(),
            path: trigger.qualified().full(),
            version: trigger.version.to_string(),
            kind: None,
            limits: None,
        }
    }

    /// Of an action that is not there any more.
    pub(crate) fn missing(name: &QualifiedName) -> Self {
        Self {
            name: name.name.clone(),
            path: name.full(),
            version: "0.0.1".to_owned(),
            kind: Some("unknown".to_owned()),
            limits: None,
        }
    }

    /// A sequence's limits are those of its actions that may use most.
    pub(crate) fn with_memory(&self, memory: Option<u64>) -> Self {
        let limits = self.limits.zip(memory).map(|(limits, memory)| Limits { memory, ..limits });
        Self { limits, ..self.clone() }
    }

    /// What lists find it by: the name that it was asked for by, without its namespace.
    fn listed(&self, binding: Option<&str>) -> String {
        let (_, path) = binding.unwrap_or(&self.path).split_once('/').unwrap_or_default();
        match binding {
            Some(_) => format!("{path}/{}", self.name),
            None => path.to_owned(),
        }
    }
}

/// Whose an invocation is, and what it is a part of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cause {
    /// The caller's namespace.
    pub(crate) namespace: Arc<str>,
    /// The sequence that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "simple")]
    pub(crate) sequence: Option<Uuid>,
    /// The binding by whose name it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) binding: Option<String>,
    /// It was accepted by a daemon that ended while it ran, and ran once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) again: bool,
}

/// One invocation that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    #[serde(with = "uuid::serde::simple")]
    pub(crate) id: Uuid,
    #[serde(flatten)]
    pub(crate) about: Arc<About>,
    pub(crate) cause: Cause,
    /// Milliseconds of the epoch.
    pub(crate) start: u64,
    /// Nothing for a trigger.
    end: Option<u64>,
    duration: u64,
    pub(crate) status: Status,
    /// JSON text.
    pub(crate) result: String,
    /// Lines `<time> <stream>: <text>`; of a sequence, the ids of its parts.
    pub(crate) logs: Vec<String>,
    /// Of a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<Run>,
    wait_ms: u64,
}

/// How a function ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    tier: Tier,
    native_version: Option<u32>,
    bailout: Option<(String, u32)>,
    timed_out: bool,
    init_ms: Option<u64>,
}

impl Record {
    /// The record of a function that began at `start` (milliseconds of the epoch) and gave `answer`.
    pub(crate) fn new(id: Uuid, about: Arc<About>, cause: Cause, start: u64, answer: Answer) -> Self {
        let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let duration = millis(answer.duration);
        Self {
            id,
            about,
            cause,
            start,
            end: Some(start.saturating_add(duration)),
            duration,
            status: answer.status,
            result: answer.result,
            logs: answer.logs,
            run: Some(Run {
                tier: answer.tier,
                native_version: answer.version,
                bailout: answer.bailout.map(|Bailout { kind, line, .. }| (kind, line)),
                timed_out: answer.timed_out,
                init_ms: answer.init.map(millis),
            }),
            wait_ms: millis(answer.waited),
        }
    }

    /// The record of a sequence: what its last part gave, the ids of all that ran, and how long these took together.
    pub(crate) fn of_sequence(
        id: Uuid,
        about: Arc<About>,
        cause: Cause,
        times: (u64, u64),
        last: (Status, String),
        parts: &[Uuid],
        duration: u64,
    ) -> Self {
        Self {
            id,
            about,
            cause,
            start: times.0,
            end: Some(times.1),
            duration,
            status: last.0,
            result: last.1,
            logs: parts.iter().map(|id| id.simple().to_string()).collect(),
            run: None,
            wait_ms: 0,
        }
    }

    /// The record of a trigger that was fired with `payload`; `rules` says what came of each rule, as JSON texts.
    pub(crate) fn of_trigger(
        id: Uuid,
        trigger: &Trigger,
        cause: Cause,
        start: u64,
        payload: String,
        rules: Vec<String>,
    ) -> Self {
        Self {
            id,
            about: Arc::new(About::of_trigger(trigger)),
            cause,
            start,
            end: None,
            duration: 0,
            status: Status::Success,
            result: payload,
            logs: rules,
            run: None,
            wait_ms: 0,
        }
    }

    /// The tier that gave the answer; nothing for sequences and triggers.
    pub(crate) fn tier(&self) -> Option<Tier> {
        self.run.as_ref().map(|run| run.tier)
    }

    /// How long it took, in milliseconds.
    pub(crate) fn duration(&self) -> u64 {
        self.duration
    }

    /// The memory that it could use, in MB.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.about.limits.map(|limits| limits.memory)
    }

    /// What lists find it by: `name` or `package/name`.
    pub(crate) fn listed(&self) -> String {
        self.about.listed(self.cause.binding.as_deref())
    }

    /// The whole document.
    pub(crate) fn document(&self) -> String {
        let mut text = self.head();
        text.push_str(",\"subject\":");
        text.push_str(&json(&self.cause.namespace));
        text.push_str(",\"logs\":");
        text.push_str(&json(&self.logs));
        text.push_str(",\"response\":");
        text.push_str(&self.response());
        text.push('}');
        text
    }

    /// The document as it stands in lists: the status code in place of response, logs and subject.
    pub(crate) fn summary(&self) -> String {
        let mut text = self.head();
        if self.end.is_some() {
            text.push_str(&format!(",\"statusCode\":{}", self.status as u8));
        }
        text.push('}');
        text
    }

    /// The member `response`, which `GET …/result` gives alone.
    pub(crate) fn response(&self) -> String {
        let success = self.status == Status::Success;
        format!(
            "{{\"status\":{},\"success\":{success},\"result\":{},\"size\":{}}}",
            json(&self.status.text()),
            self.result,
            self.result.len(),
        )
    }

    fn head(&self) -> String {
        let mut text = format!(
            "{{\"namespace\":{},\"name\":{},\"version\":{},\"publish\":false,\"activationId\":{},\"start\":{}",
            json(&self.cause.namespace),
            json(&self.about.name),
            json(&self.about.version),
            json(&self.id.simple().to_string()),
            self.start,
        );
        if let Some(end) = self.end {
            text.push_str(&format!(",\"end\":{end},\"duration\":{}", self.duration));
        }
        if let Some(sequence) = self.cause.sequence {
            text.push_str(&format!(",\"cause\":\"{}\"", sequence.simple()));
        }
        text.push_str(",\"annotations\":[");
        text.push_str(&self.annotations().join(","));
        text.push(']');
        text
    }

    fn annotations(&self) -> Vec<String> {
        let About { kind: Some(kind), path, limits, .. } = &*self.about else { return Vec::new() };
        let mut list = vec![
            annotation("path", &json(path)),
            annotation("waitTime", &self.wait_ms.to_string()),
            annotation("kind", &json(kind)),
        ];
        if let Some(limits) = limits {
            list.push(annotation("limits", &json(limits)));
        }
        match &self.run {
            Some(run) => run.annotate(&mut list),
            None => list.push(annotation("topmost", &self.cause.sequence.is_none().to_string())),
        }
        if self.cause.sequence.is_some() {
            list.push(annotation("causedBy", "\"sequence\""));
        }
        if let Some(binding) = &self.cause.binding {
            list.push(annotation("binding", &json(binding)));
        }
        if self.cause.again {
            list.push(annotation("again", "true"));
        }
        list
    }
}

impl Run {
    fn annotate(&self, list: &mut Vec<String>) {
        list.push(annotation("timeout", &self.timed_out.to_string()));
        list.push(annotation("tier", &json(&self.tier)));
        if let Some(init) = self.init_ms {
            list.push(annotation("initTime", &init.to_string()));
        }
        if let Some(version) = self.native_version {
            list.push(annotation("version", &version.to_string()));
        }
        if let Some((kind, line)) = &self.bailout {
            list.push(annotation("bailout", &format!("{{\"kind\":{},\"line\":{line}}}", json(kind))));
        }
    }
}

fn annotation(key: &str, value: &str) -> String {
    format!("{{\"key\":\"{key}\",\"value\":{value}}}")
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("the parts of a record are JSON")
}

/// An id that may not be there, as 32 digits.
mod simple {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use uuid::Uuid;

    pub(super) fn serialize<S: Serializer>(id: &Option<Uuid>, serializer: S) -> Result<S::Ok, S::Error> {
        id.map(|id| id.simple().to_string()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        Ok(text.and_then(|text| Uuid::try_parse(&text).ok()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;

    pub(crate) fn record(id: u128, name: &str, start: u64) -> Record {
        let action = Action::from_source(name, String::new(), Limits::default(), 0);
        let mut answer = Answer::success("{\"x\": NaN}".into(), Tier::Python, usize::MAX);
        answer.logs.push("2026-11-21T00:00:00.000000000Z stdout: hi".into());
        answer.duration = Duration::from_millis(5);
        answer.bailout = Some(Bailout { line: 12, ..Bailout::outside("type") });
        let cause = Cause { namespace: "guest".into(), ..Cause::default() };
        Record::new(Uuid::from_u128(id), Arc::new(About::new(&action)), cause, start, answer)
    }

    #[test]
    fn documents_splice_the_result() {
        let record = record(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef, "hello", 100);
        let text = record.document();
        assert!(text.contains(r#""activationId":"0123456789abcdef0123456789abcdef""#), "{text}");
        assert!(text.contains(r#""start":100,"end":105,"duration":5"#), "{text}");
        assert!(text.contains(r#""response":{"status":"success","success":true,"result":{"x": NaN},"size":10}}"#));
        assert!(text.contains(r#"{"key":"path","value":"guest/hello"}"#));
        assert!(text.contains(r#"{"key":"tier","value":"python"}"#));
        assert!(text.contains(r#"{"key":"bailout","value":{"kind":"type","line":12}}"#));
        assert!(!text.contains("initTime"), "only cold ones have it");
        let parsed: serde_json::Value = serde_json::from_str(&text.replace("NaN", "1")).unwrap();
        assert_eq!(parsed["subject"], "guest");
        let summary: serde_json::Value = serde_json::from_str(&record.summary()).unwrap();
        assert_eq!(summary["statusCode"], 0);
        assert!(summary.get("logs").is_none() && summary.get("response").is_none());
    }

    #[test]
    fn lists_find_by_the_name_that_was_asked_for() {
        let mut record = record(1, "hello", 100);
        assert_eq!(record.listed(), "hello");
        Arc::make_mut(&mut record.about).path = "guest/pkg/hello".into();
        assert_eq!(record.listed(), "pkg/hello");
        record.cause.binding = Some("guest/bound".into());
        assert_eq!(record.listed(), "bound/hello");
    }

    #[test]
    fn records_read_back() {
        let mut record = record(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef, "hello", 100);
        record.cause.sequence = Some(Uuid::from_u128(7));
        let again: Record = serde_json::from_slice(&serde_json::to_vec(&record).unwrap()).unwrap();
        assert_eq!(again, record);
        assert!(record.document().contains(r#""cause":"00000000000000000000000000000007""#));
    }
}
