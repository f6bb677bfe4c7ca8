//! What the daemon says of itself (`Controller.scala`, `RestAPIs.scala`, `Limits.scala`).

use serde_json::{Map, Value, json};
use upshift_deploy::{Bounds, DEFAULT_KIND, KINDS};

/// The description of this API.
pub(super) const API: &str = include_str!("../../../../docs/openapi.json");

/// `GET /`: limits and runtimes.
pub(super) fn info(bounds: &Bounds) -> String {
    let python: Vec<_> = KINDS
        .iter()
        .map(|kind| {
            json!({
                "kind": kind, "default": *kind == DEFAULT_KIND, "deprecated": false,
                "attached": false, "requireMain": false, "image": "upshift",
            })
        })
        .collect();
    let bytes = |megabytes: &u64| megabytes << 20;
    let mut limits = given([
        ("actions_per_minute", limit(bounds.invocations_per_minute)),
        ("triggers_per_minute", limit(bounds.fires_per_minute)),
        ("concurrent_actions", limit(bounds.concurrent)),
        ("sequence_length", Some(bounds.sequence.into())),
        ("max_payload", Some(bounds.payload.into())),
    ]);
    for default in ["", "default_"] {
        limits.extend(given([
            (&format!("{default}min_action_duration"), Some((*bounds.timeout.start()).into())),
            (&format!("{default}max_action_duration"), Some((*bounds.timeout.end()).into())),
            (&format!("{default}min_action_memory"), Some(bytes(bounds.memory.start()).into())),
            (&format!("{default}max_action_memory"), Some(bytes(bounds.memory.end()).into())),
            (&format!("{default}min_action_logs"), Some(bytes(bounds.logs.start()).into())),
            (&format!("{default}max_action_logs"), Some(bytes(bounds.logs.end()).into())),
        ]));
    }
    json!({
        "description": "Upshift",
        "support": {},
        "api_paths": ["/api/v1"],
        "limits": limits,
        "runtimes": { "python": python },
    })
    .to_string()
}

/// `GET /api/v1`.
pub(super) fn build() -> String {
    json!({
        "description": "Upshift, an OpenWhisk API",
        "api_version": "1.0.0",
        "api_version_path": "v1",
        "build": env!("CARGO_PKG_VERSION"),
        "buildno": env!("CARGO_PKG_VERSION"),
        "swagger_paths": { "api-docs": "/api-docs" },
    })
    .to_string()
}

/// `GET …/limits`.
pub(super) fn namespace_limits(bounds: &Bounds) -> String {
    Value::from(given([
        ("invocationsPerMinute", limit(bounds.invocations_per_minute)),
        ("concurrentInvocations", limit(bounds.concurrent)),
        ("firesPerMinute", limit(bounds.fires_per_minute)),
        ("maxActionMemory", Some((*bounds.memory.end()).into())),
        ("minActionMemory", Some((*bounds.memory.start()).into())),
        ("maxActionLogs", Some((*bounds.logs.end()).into())),
        ("minActionLogs", Some((*bounds.logs.start()).into())),
        ("maxActionTimeout", Some((*bounds.timeout.end()).into())),
        ("minActionTimeout", Some((*bounds.timeout.start()).into())),
        ("maxActionConcurrency", Some((*bounds.concurrency.end()).into())),
        ("minActionConcurrency", Some((*bounds.concurrency.start()).into())),
        ("maxParameterSize", Some(format!("{} B", bounds.parameters).into())),
    ]))
    .to_string()
}

/// A number that clients take for no limit, as they need one.
const UNLIMITED: u32 = i32::MAX.cast_unsigned();

fn limit(limit: Option<u32>) -> Option<Value> {
    Some(limit.unwrap_or(UNLIMITED).into())
}

fn given<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}
