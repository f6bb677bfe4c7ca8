//! JSON with a line a member, its numbers and strings as they were written.

/// `json`, which must be JSON, indented by two spaces.
pub(super) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                while rest.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                out.push(c);
                match rest.next_if(|c| matches!(c, '}' | ']')) {
                    Some(close) => out.push(close),
                    None => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_lines_and_keep_their_text() {
        let json = r#"{"a": [1, 1e999,  {}], "b\"{,": {"c": [ ]}}"#;
        let expected = "{\n  \"a\": [\n    1,\n    1e999,\n    {}\n  ],\n  \"b\\\"{,\": {\n    \"c\": []\n  }\n}";
        assert_eq!(pretty(json), expected);
    }
}
