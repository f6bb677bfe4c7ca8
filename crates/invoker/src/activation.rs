//! The activation record: what is kept of an invocation, and how the API shows it.
//!
//! Results are JSON text of CPython or of compiled code; they are spliced into documents and never parsed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use upshift_deploy::{Action, Limits};
use uuid::Uuid;

use crate::pipeline::Bailout;
use crate::tier::{Answer, Status, Tier};

/// What a record says of its action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) name: String,
    version: String,
    kind: String,
    limits: Limits,
}

impl About {
    pub(crate) fn new(action: &Action) -> Self {
        let (version, kind) = (action.version.to_string(), action.exec.kind.clone());
        Self { name: action.name.clone(), version, kind, limits: action.limits }
    }
}

/// One invocation that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    #[serde(with = "uuid::serde::simple")]
    pub(crate) id: Uuid,
    #[serde(flatten)]
    pub(crate) about: Arc<About>,
    /// Milliseconds of the epoch.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) status: Status,
    /// JSON text.
    pub(crate) result: String,
    /// Lines `<time> <stream>: <text>`.
    pub(crate) logs: Vec<String>,
    pub(crate) tier: Tier,
    native_version: Option<u32>,
    bailout: Option<(String, u32)>,
    timed_out: bool,
    wait_ms: u64,
    init_ms: Option<u64>,
}

impl Record {
    /// The record of an invocation that began at `start` (milliseconds of the epoch) and gave `answer`.
    pub(crate) fn new(id: Uuid, about: Arc<About>, start: u64, answer: Answer) -> Self {
        let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self {
            id,
            about,
            start,
            end: start.saturating_add(millis(answer.duration)),
            status: answer.status,
            result: answer.result,
            logs: answer.logs,
            tier: answer.tier,
            native_version: answer.version,
            bailout: answer.bailout.map(|Bailout { kind, line, .. }| (kind, line)),
            timed_out: answer.timed_out,
            wait_ms: millis(answer.waited),
            init_ms: answer.init.map(millis),
        }
    }

    /// The whole document.
    pub(crate) fn document(&self) -> String {
        let mut text = self.head();
        text.push_str(",\"subject\":\"guest\",\"logs\":");
        text.push_str(&json(&self.logs));
        text.push_str(",\"response\":");
        text.push_str(&self.response());
        text.push('}');
        text
    }

    /// The document as it stands in lists: the status code in place of response, logs and subject.
    pub(crate) fn summary(&self) -> String {
        let mut text = self.head();
        text.push_str(&format!(",\"statusCode\":{}}}", self.status as u8));
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

    /// About how much memory the record takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        512 + self.result.len() + self.logs.iter().map(|line| line.len() + 24).sum::<usize>()
    }

    fn head(&self) -> String {
        format!(
            "{{\"namespace\":\"guest\",\"name\":{},\"version\":{},\"publish\":false,\"activationId\":{},\
             \"start\":{},\"end\":{},\"duration\":{},\"annotations\":{}",
            json(&self.about.name),
            json(&self.about.version),
            json(&self.id.simple().to_string()),
            self.start,
            self.end,
            self.end - self.start,
            self.annotations(),
        )
    }

    fn annotations(&self) -> String {
        let mut list = vec![
            annotation("path", &json(&format!("guest/{}", self.about.name))),
            annotation("waitTime", &self.wait_ms.to_string()),
            annotation("kind", &json(&self.about.kind)),
            annotation("timeout", &self.timed_out.to_string()),
            annotation("limits", &json(&self.about.limits)),
            annotation("tier", &json(&self.tier)),
        ];
        if let Some(init) = self.init_ms {
            list.push(annotation("initTime", &init.to_string()));
        }
        if let Some(version) = self.native_version {
            list.push(annotation("version", &version.to_string()));
        }
        if let Some((kind, line)) = &self.bailout {
            list.push(annotation("bailout", &format!("{{\"kind\":{},\"line\":{line}}}", json(kind))));
        }
        format!("[{}]", list.join(","))
    }
}

fn annotation(key: &str, value: &str) -> String {
    format!("{{\"key\":\"{key}\",\"value\":{value}}}")
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("the parts of a record are JSON")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;

    pub(crate) fn record(id: u128, name: &str, start: u64) -> Record {
        let action = Action::from_source(name, String::new(), Limits::default(), 0);
        let mut answer = Answer::success("{\"x\": NaN}".into(), Tier::Python, 100);
        answer.logs.push("2026-11-21T00:00:00.000000000Z stdout: hi".into());
        answer.duration = Duration::from_millis(5);
        answer.bailout = Some(Bailout { line: 12, ..Bailout::outside("type") });
        Record::new(Uuid::from_u128(id), Arc::new(About::new(&action)), start, answer)
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
    fn records_read_back() {
        let record = record(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef, "hello", 100);
        let again: Record = serde_json::from_slice(&serde_json::to_vec(&record).unwrap()).unwrap();
        assert_eq!(again, record);
    }
}
