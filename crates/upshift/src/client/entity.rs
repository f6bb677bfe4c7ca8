//! What users write on the command line: names of actions, `key=value`, durations, data.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde_json::value::RawValue;

use super::json::Json;

/// An action as users name it: `NAME`, `PACKAGE/NAME` or `/NAMESPACE/[PACKAGE/]NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    /// `_` is the caller's own.
    namespace: String,
    package: Option<String>,
    name: String,
}

impl Entity {
    /// # Errors
    /// If a part is no name; the text says which.
    pub(crate) fn new(package: Option<&str>, name: &str) -> Result<Self, String> {
        for part in package.iter().chain([&name]) {
            upshift_deploy::validate_name(part).map_err(|_| {
                format!("'{part}' cannot be a name; letters, digits, and _ @ . & - or spaces after the first can")
            })?;
        }
        Ok(Self { namespace: "_".to_owned(), package: package.map(ToOwned::to_owned), name: name.to_owned() })
    }

    /// Where the API has it, below `/api/v1`.
    pub(crate) fn path(&self) -> String {
        let package = self.package.iter().map(|package| format!("{}/", encoded(package))).collect::<String>();
        format!("/namespaces/{}/actions/{package}{}", encoded(&self.namespace), encoded(&self.name))
    }
}

impl FromStr for Entity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let (namespace, package, name) = match parts[..] {
            [name] => ("_", None, name),
            [package, name] if !package.is_empty() => ("_", Some(package), name),
            ["", namespace, name] if !namespace.is_empty() => (namespace, None, name),
            ["", namespace, package, name] if !namespace.is_empty() => (namespace, Some(package), name),
            _ => return Err(format!("'{text}' names no action; write NAME, PACKAGE/NAME or /NAMESPACE/PACKAGE/NAME")),
        };
        Ok(Self { namespace: namespace.to_owned(), ..Self::new(package, name)? })
    }
}

/// The name without the namespace.
impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(package) = &self.package {
            write!(f, "{package}/")?;
        }
        f.write_str(&self.name)
    }
}

/// `text` as one segment of a path, or one value of a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// `key=value`, the value as JSON text: its own if it is JSON, else that of a string.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) value: Box<RawValue>,
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').unwrap_or_default();
        if key.is_empty() {
            return Err("write KEY=VALUE".to_owned());
        }
        let json = RawValue::from_string(value.trim().to_owned());
        let json = json.or_else(|_| serde_json::value::to_raw_value(value));
        Ok(Self { key: key.to_owned(), value: json.map_err(|error| error.to_string())? })
    }
}

/// Where the arguments of an invocation come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    /// A JSON object.
    Text(String),
    File(PathBuf),
    Stdin,
}

impl FromStr for Data {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix('@') {
            _ if text == "-" => Ok(Self::Stdin),
            Some(path) if !path.is_empty() => Ok(Self::File(path.into())),
            _ if is_object(text) => Ok(Self::Text(text.to_owned())),
            _ => Err("write a JSON object, @FILE for that of a file, or - for standard input".to_owned()),
        }
    }
}

pub(crate) fn is_object(text: &str) -> bool {
    Json::read(text).is_some_and(Json::is_object)
}

/// The arguments: the object `data` with `parameters` behind its own members, so that they win.
pub(crate) fn arguments(data: &str, parameters: &[Pair]) -> String {
    let data = data.trim();
    let inside = data.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    let mut members: Vec<String> = Vec::with_capacity(parameters.len() + 1);
    if !inside.trim().is_empty() {
        members.push(inside.to_owned());
    }
    members.extend(parameters.iter().map(|pair| format!("{}:{}", serde_json::json!(pair.key), pair.value.get())));
    format!("{{{}}}", members.join(","))
}

/// A duration such as `90s`, `5m`, `2h30m`, `1d` or `500ms`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number with its unit, such as 90s, 5m, 2h30m or 1d".to_owned();
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let milliseconds = match &rest[..unit] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        rest = &rest[unit..];
        let part = number.checked_mul(milliseconds).map(Duration::from_millis);
        total = part.and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_paths() {
        let path = |text: &str| text.parse::<Entity>().map(|entity| (entity.path(), entity.to_string()));
        let expect = |path: &str, name: &str| Ok((path.to_owned(), name.to_owned()));
        assert_eq!(path("hello"), expect("/namespaces/_/actions/hello", "hello"));
        assert_eq!(path("pkg/a b"), expect("/namespaces/_/actions/pkg/a%20b", "pkg/a b"));
        assert_eq!(path("/guest/a"), expect("/namespaces/guest/actions/a", "a"));
        assert_eq!(path("/guest/p/a"), expect("/namespaces/guest/actions/p/a", "p/a"));
        for bad in ["", "/", "a/", "/a", "/a/", "a/b/c", "//a", "..", "a$", "p/../a"] {
            assert!(path(bad).is_err(), "{bad}");
        }
        assert!(path("a$").unwrap_err().starts_with("'a$' cannot be a name"));
    }

    #[test]
    fn values_are_json_where_they_can_be() {
        let value = |text: &str| text.parse::<Pair>().map(|pair| format!("{} {}", pair.key, pair.value.get()));
        for (text, expected) in [
            ("a=1", "a 1"),
            ("a=12345678901234567890123", "a 12345678901234567890123"),
            ("a=1e999", "a 1e999"),
            ("a=true", "a true"),
            ("a= [1, 2] ", "a [1, 2]"),
            ("a=\"1\"", "a \"1\""),
            ("a=x=y", "a \"x=y\""),
            ("a=", "a \"\""),
            ("a= b ", "a \" b \""),
            ("a=NaN", "a \"NaN\""),
        ] {
            assert_eq!(value(text).unwrap(), expected);
        }
        assert!(value("a").is_err() && value("=1").is_err() && value("").is_err());
    }

    #[test]
    fn data_is_an_object() {
        assert_eq!("-".parse(), Ok(Data::Stdin));
        assert_eq!("@a.json".parse(), Ok(Data::File("a.json".into())));
        assert_eq!(" {\"a\": NaN} ".parse(), Ok(Data::Text(" {\"a\": NaN} ".to_owned())));
        for bad in ["", "@", "1", "[1]", "{", "a"] {
            assert!(bad.parse::<Data>().is_err(), "{bad}");
        }
    }

    #[test]
    fn parameters_stand_behind_the_data() {
        let pairs: Vec<Pair> = ["b=2", "c=x"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(arguments("{}", &[]), "{}");
        assert_eq!(arguments(" { \"a\": 1e999 } ", &[]), "{ \"a\": 1e999 }");
        assert_eq!(arguments("{ }", &pairs), r#"{"b":2,"c":"x"}"#);
        assert_eq!(arguments(r#"{"b": 1}"#, &pairs), r#"{"b": 1,"b":2,"c":"x"}"#);
    }

    #[test]
    fn durations_have_units() {
        for (text, milliseconds) in [("90s", 90_000), ("2h30m", 9_000_000), ("1d", 86_400_000), ("5ms", 5)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for bad in ["", "5", "s", "5x", "-5s", "1 h", "99999999999999999999s", "9999999999999999d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
