//! Triggers: written, shown, listed, removed, fired (`Triggers.scala`).

use std::sync::Arc;

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::AUTHORIZATION;
use serde_json::{Value, json};
use upshift_deploy::{Entity, Identity, QualifiedName, Rule, Status, Trigger};
use upshift_runtime::json::scan::object_members;
use uuid::Uuid;

use super::invoke::with_id;
use super::{Daemon, listed};
use crate::activation::{Cause, Record};
use crate::api::{Refusal, TriggerCommand};
use crate::catalog::now;
use crate::reply::{self, Reply};

impl Daemon {
    pub(super) async fn trigger(
        self: &Arc<Self>,
        command: TriggerCommand,
        by: &Identity,
        request_id: &str,
    ) -> Result<Reply, Refusal> {
        Ok(match command {
            TriggerCommand::List(list) => {
                let triggers = self.catalog.list_triggers(&list.namespace);
                listed(&list, "triggers", triggers, |trigger| trigger.summary())
            }
            TriggerCommand::Get(name) => {
                let trigger = self.catalog.trigger(&name)?;
                reply::json(200, self.shown(&trigger, &name))
            }
            TriggerCommand::Put { name, overwrite, body } => {
                let trigger = self.catalog.put_trigger(&name, &body, overwrite).await?;
                reply::json(200, self.shown(&trigger, &name))
            }
            TriggerCommand::Delete(name) => {
                let rules = self.rules(&name);
                let trigger = self.catalog.delete_trigger(&name).await?;
                reply::json(200, trigger.document(&rules))
            }
            TriggerCommand::Fire { name, body, headers } => self.fire(&name, &body, &headers, by, request_id).await?,
        })
    }

    fn rules(&self, trigger: &QualifiedName) -> Vec<Rule> {
        self.catalog.rules_of(trigger).iter().map(|rule| (**rule).clone()).collect()
    }

    fn shown(&self, trigger: &Trigger, name: &QualifiedName) -> String {
        trigger.document(&self.rules(name))
    }

    /// Invokes the action of each active rule; without one, nothing is recorded.
    async fn fire(
        self: &Arc<Self>,
        name: &QualifiedName,
        body: &[u8],
        headers: &HeaderMap,
        by: &Identity,
        request_id: &str,
    ) -> Result<Reply, Refusal> {
        let trigger = self.catalog.trigger(name)?;
        let event = event(&trigger, body, headers)?;
        let start = now();
        self.throttle.fire(&by.namespace, start)?;
        let rules = self.catalog.rules_of(name);
        if rules.iter().all(|rule| rule.status == Status::Inactive) {
            return Ok(reply::empty(204));
        }
        let mut outcomes = Vec::with_capacity(rules.len());
        for rule in &rules {
            outcomes.push(self.follow(rule, &event, by, request_id).await.to_string());
        }
        let id = Uuid::new_v4();
        let cause = Cause { namespace: by.namespace.as_str().into(), ..Cause::default() };
        let payload = if body.is_empty() { "{}".to_owned() } else { String::from_utf8_lossy(body).into_owned() };
        self.records.add(&Record::of_trigger(id, &trigger, cause, start, payload, outcomes));
        Ok(with_id(reply::json(202, format!("{{\"activationId\":\"{}\"}}", id.simple())), id))
    }

    /// Invokes the action of a rule, if that is active; what the trigger's record says of it.
    async fn follow(self: &Arc<Self>, rule: &Rule, event: &Bytes, by: &Identity, request_id: &str) -> Value {
        let (rule_name, action) = (rule.qualified().full(), rule.action.full());
        let failed = |status: u8, error: String| json!({ "rule": rule_name, "action": action, "statusCode": status, "success": false, "error": error });
        if rule.status == Status::Inactive {
            return failed(1, format!("Rule '{rule_name}' is inactive, action '{action}' was not activated."));
        }
        let resolved = self.catalog.resolve(&rule.action, &by.namespace).map_err(Refusal::from);
        let submitted = match resolved {
            Ok(resolved) => self.submit(resolved, &rule.action, event.clone(), by, request_id).await,
            Err(refusal) => Err(refusal),
        };
        match submitted {
            Ok(id) => {
                let id = id.simple().to_string();
                json!({ "rule": rule_name, "action": action, "statusCode": 0, "success": true, "activationId": id })
            }
            Err(refusal) => failed(if refusal.status >= 500 { 3 } else { 1 }, refusal.message),
        }
    }
}

/// What actions are told of an event, a JSON object: the trigger's parameters, the request's headers, what was sent.
fn event(trigger: &Trigger, body: &[u8], headers: &HeaderMap) -> Result<Bytes, Refusal> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    let members = object_members(body).map_err(|error| Refusal::malformed(&error.to_string()))?;
    let sent = |key: &str| members.iter().any(|member| member.key.as_deref() == Some(key));
    let mut texts = Vec::new();
    for parameter in trigger.parameters.iter().filter(|parameter| !sent(&parameter.key)) {
        texts.push(format!("{}:{}", json!(parameter.key), parameter.value.get()));
    }
    if !sent("__ow_headers") {
        // The caller's key is not the actions' business.
        let shown = headers.iter().filter(|(name, _)| *name != AUTHORIZATION).map(|(name, value)| {
            (name.as_str().to_owned(), Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()))
        });
        texts.push(format!("\"__ow_headers\":{}", Value::Object(shown.collect())));
    }
    let text = str::from_utf8(body).unwrap_or_default();
    for member in &members {
        texts.push(format!("{}:{}", &text[member.key_span.clone()], &text[member.value.clone()]));
    }
    Ok(format!("{{{}}}", texts.join(",")).into())
}

#[cfg(test)]
mod tests {
    use upshift_deploy::{Bounds, Limits, document};

    use super::*;

    #[test]
    fn events_have_parameters_headers_and_what_was_sent() {
        let bounds = Bounds::default();
        let context = document::Context { own: "guest", now: 0, defaults: Limits::default(), bounds: &bounds };
        let put = br#"{"parameters":[{"key":"a","value":1},{"key":"b","value":1e999}]}"#;
        let trigger = document::trigger(put, &QualifiedName::new("guest", "t"), None, context).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-one", "1".parse().unwrap());
        headers.insert(AUTHORIZATION, "Basic secret".parse().unwrap());
        let text = event(&trigger, br#"{"a": 2}"#, &headers).unwrap();
        assert_eq!(text, r#"{"b":1e999,"__ow_headers":{"x-one":"1"},"a":2}"#);
        assert!(event(&trigger, b"[1]", &headers).is_err());
    }
}
