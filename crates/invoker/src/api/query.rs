//! Paths and query strings: percent decoding, booleans as OpenWhisk's server reads them.

use std::borrow::Cow;

use super::Refusal;

/// The parameters of a query string, in order.
pub(crate) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(key, true), decode(value, true))
                })
                .collect(),
        )
    }

    /// The first value of `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| &**value)
    }

    /// Every key with its value, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// A boolean: `true`, `yes`, `on`, `1` and their opposites, in any case; absent is `default`.
    pub(crate) fn flag(&self, key: &str, default: bool) -> Result<bool, Refusal> {
        let Some(value) = self.get(key) else { return Ok(default) };
        let is_one_of = |names: [&str; 4]| names.iter().any(|name| value.eq_ignore_ascii_case(name));
        if is_one_of(["true", "yes", "on", "1"]) {
            Ok(true)
        } else if is_one_of(["false", "no", "off", "0"]) {
            Ok(false)
        } else {
            Err(malformed(key, &format!("'{value}' is not a valid Boolean value")))
        }
    }
}

/// OpenWhisk's refusal of a query parameter.
pub(crate) fn malformed(key: &str, reason: &str) -> Refusal {
    Refusal::bad_request(format!("The query parameter '{key}' was malformed:\n{reason}"))
}

/// The segments of a path, decoded; a slash at the end leaves an empty last one.
pub(crate) fn segments(path: &str) -> Vec<Cow<'_, str>> {
    path.trim_start_matches('/').split('/').map(|segment| decode(segment, false)).collect()
}

fn decode(text: &str, plus_is_space: bool) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte == b'%' || plus_is_space && byte == b'+') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' if plus_is_space => bytes.push(b' '),
            b'%' => match after {
                [high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    bytes.push(hex(*high) << 4 | hex(*low));
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            other => bytes.push(*other),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding() {
        assert_eq!(segments("/a%20b/c+d/%2f/%zz/"), ["a b", "c+d", "/", "%zz", ""]);
        let query = Query::parse("a=1+2&b&c=%C3%A9&a=2");
        assert_eq!((query.get("a"), query.get("b"), query.get("c")), (Some("1 2"), Some(""), Some("é")));
        assert_eq!(query.get("d"), None);
    }

    #[test]
    fn flags() {
        let query = Query::parse("a=True&b=0&c=maybe");
        assert_eq!(query.flag("a", false), Ok(true));
        assert_eq!(query.flag("b", true), Ok(false));
        assert_eq!(query.flag("d", true), Ok(true));
        let refusal = query.flag("c", true).unwrap_err();
        assert_eq!(refusal.message, "The query parameter 'c' was malformed:\n'maybe' is not a valid Boolean value");
    }
}
