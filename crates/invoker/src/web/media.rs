//! Media types, as far as it matters whether a body of one is text, JSON or neither.

/// The type without its parameters, in lower case; nothing for what is no type.
pub(super) fn essence(content_type: &str) -> Option<String> {
    let text = content_type.split(';').next()?.trim().to_ascii_lowercase();
    let (main, sub) = text.split_once('/')?;
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    (token(main) && token(sub)).then_some(text)
}

/// `application/json`, and what is written in it.
pub(super) fn is_json(essence: &str) -> bool {
    essence == "application/json" || essence.ends_with("+json")
}

/// Whether bodies of the type are bytes, which arguments and results have as base64.
pub(super) fn is_binary(essence: &str) -> bool {
    let (main, sub) = essence.split_once('/').unwrap_or((essence, ""));
    match main {
        "text" => false,
        "application" => {
            let text = ["json", "xml", "javascript", "ecmascript", "x-www-form-urlencoded", "graphql", "x-ndjson"];
            !(text.contains(&sub) || sub.ends_with("+json") || sub.ends_with("+xml"))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        assert_eq!(essence("Text/HTML; charset=utf-8").as_deref(), Some("text/html"));
        assert!(essence("html").is_none() && essence("a b/c").is_none() && essence("").is_none());
        assert!(is_json("application/json") && is_json("application/vnd.x+json") && !is_json("text/json5"));
        for text in ["text/plain", "application/xml", "application/atom+xml", "application/json"] {
            assert!(!is_binary(text), "{text}");
        }
        for binary in ["image/png", "application/octet-stream", "application/zip", "multipart/form-data"] {
            assert!(is_binary(binary), "{binary}");
        }
    }
}
