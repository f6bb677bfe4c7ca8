//! Small functions in front of others: may somebody, is this right, who handles it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::{int, list, text_of};

fn allows(role: &str, action: &str) -> bool {
    match role {
        "admin" => matches!(action, "read" | "write" | "delete" | "grant"),
        "editor" => matches!(action, "read" | "write"),
        "viewer" => action == "read",
        _ => false,
    }
}

pub(super) fn authorize(args: &Value) -> Value {
    let (user, resource, action) = (&args["user"], &args["resource"], text_of(&args["action"]));
    if user["suspended"] == true {
        return json!({"allowed": false, "reason": "suspended"});
    }
    if resource["owner"] == user["id"] {
        return json!({"allowed": true, "reason": "owner"});
    }
    match list(&user["roles"]).iter().map(text_of).find(|role| allows(role, action)) {
        Some(role) => json!({"allowed": true, "reason": format!("role {role}")}),
        None => json!({"allowed": false, "reason": "no role allows it"}),
    }
}

static EMAIL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[^@\s]+@[^@\s]+\.[^@\s]+$").expect("it is one"));

fn check(name: &str, value: &Value, rule: &Value) -> Option<String> {
    if value.is_null() || value == "" {
        return (rule["required"] == true).then(|| format!("{name} is missing"));
    }
    match text_of(&rule["kind"]) {
        "text" => {
            let most = rule["most"].as_u64().unwrap_or(100);
            let fits = value.as_str().is_some_and(|text| text.chars().count() as u64 <= most);
            (!fits).then(|| format!("{name} is too long"))
        }
        "int" => {
            let (least, most) = (int(&rule["least"]), int(&rule["most"]));
            let fits = value.as_i64().is_some_and(|value| (least..=most).contains(&value));
            (!fits).then(|| format!("{name} must be from {least} to {most}"))
        }
        "email" => (!EMAIL.is_match(text_of(value))).then(|| format!("{name} is no address")),
        "choice" if !list(&rule["choices"]).contains(value) => {
            let choices: Vec<&str> = list(&rule["choices"]).iter().map(text_of).collect();
            Some(format!("{name} must be one of {}", choices.join(", ")))
        }
        _ => None,
    }
}

pub(super) fn validate(args: &Value) -> Value {
    let mut errors: Map<String, Value> = Map::new();
    for (name, rule) in args["rules"].as_object().into_iter().flatten() {
        if let Some(error) = check(name, &args["form"][name], rule) {
            errors.insert(name.clone(), error.into());
        }
    }
    json!({"valid": errors.is_empty(), "errors": errors})
}

fn matches(pattern: &str, parts: &[&str]) -> Option<Map<String, Value>> {
    let wanted: Vec<&str> = pattern.trim_matches('/').split('/').collect();
    if wanted.len() != parts.len() {
        return None;
    }
    let mut variables = Map::new();
    for (want, have) in wanted.into_iter().zip(parts) {
        match want.strip_prefix(':') {
            Some(name) => drop(variables.insert(name.to_owned(), (*have).into())),
            None if want != *have => return None,
            None => {}
        }
    }
    Some(variables)
}

pub(super) fn route(args: &Value) -> Value {
    let url = text_of(&args["url"]);
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let mut parameters: Map<String, Value> = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if let Some(values) = parameters.entry(name).or_insert(json!([])).as_array_mut() {
            values.push(value.into());
        }
    }
    for route in list(&args["routes"]).iter().filter(|route| route["method"] == args["method"]) {
        if let Some(variables) = matches(text_of(&route["path"]), &parts) {
            return json!({"handler": route["handler"], "variables": variables, "parameters": parameters});
        }
    }
    json!({"handler": null, "status": 404})
}
