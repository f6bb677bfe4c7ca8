//! Strings.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::{list, text_of};

pub(super) fn words(args: &Value) -> Value {
    let text = text_of(&args["text"]).to_lowercase();
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for word in text.split_whitespace() {
        let word = word.trim_matches(|c| ".,;:!?'\"()".contains(c));
        if !word.is_empty() {
            *counts.entry(word).or_default() += 1;
        }
    }
    let total: u64 = counts.values().sum();
    let different = counts.len();
    let mut ranked: Vec<(&str, u64)> = counts.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    ranked.truncate(10);
    json!({"words": total, "different": different, "top": ranked})
}

fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

fn initials(name: &str) -> String {
    let mut initials = String::new();
    for first in name.split_whitespace().filter_map(|part| part.chars().next()) {
        initials.extend(first.to_uppercase());
        initials.push('.');
    }
    initials
}

pub(super) fn slugs(args: &Value) -> Value {
    let slugs: Vec<String> = list(&args["titles"]).iter().map(|title| slug(text_of(title))).collect();
    let names: Vec<String> = list(&args["names"]).iter().map(|name| initials(text_of(name))).collect();
    let vowels: usize = slugs.iter().map(|slug| slug.bytes().filter(|byte| b"aeiou".contains(byte)).count()).sum();
    // The first of the longest.
    let longest = slugs.iter().rev().max_by_key(|slug| slug.chars().count()).cloned();
    json!({"slugs": slugs, "initials": names, "vowels": vowels, "longest": longest})
}

static LINE: LazyLock<Regex> = LazyLock::new(|| {
    let line = r#"^(\S+) \S+ \S+ \[([^\]]+)\] "([A-Z]+) ([^ "]+) HTTP/[0-9.]+" (\d{3}) (\d+|-)"#;
    Regex::new(line).expect("it is one")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"/\d+").expect("it is one"));

pub(super) fn regex(args: &Value) -> Value {
    let mut hits: Map<String, Value> = Map::new();
    let (mut sent, mut failures) = (0, Vec::new());
    for line in list(&args["lines"]).iter().map(text_of) {
        let Some(found) = LINE.captures(line) else {
            failures.push(line.chars().take(20).collect());
            continue;
        };
        let [host, _, method, path, status, size] = found.extract::<6>().1;
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let key = format!("{method} {}", NUMBER.replace_all(path, "/:id"));
        let count = hits.entry(key).or_insert(json!(0));
        *count = json!(count.as_u64().unwrap_or(0) + 1);
        sent += size.parse::<u64>().unwrap_or(0);
        if status.starts_with('5') {
            failures.push(host.to_owned());
        }
    }
    json!({"hits": hits, "bytes": sent, "failures": failures})
}
