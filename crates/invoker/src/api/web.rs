//! `/api/v1/web/NAMESPACE/{PACKAGE|default}/NAME[.EXTENSION][/PATH]`, with any method (`WebActions.scala`).

use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};
use upshift_deploy::{Identity, QualifiedName, validate_name};

use super::Refusal;

/// A request to a web action, not yet read any further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebRequest {
    pub(crate) name: QualifiedName,
    pub(crate) extension: Extension,
    /// What follows the name, with its first slash; empty if nothing does.
    pub(crate) path: String,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    /// The query string, as it came.
    pub(crate) query: String,
    pub(crate) body: Bytes,
    /// Whose key it shows, if it shows any.
    pub(crate) by: Option<Identity>,
}

/// What the client wants a result to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// A response with a status, headers and a body of its own; what a name without an extension means.
    Http,
    Json,
    Html,
    Svg,
    Text,
}

impl Extension {
    const ALL: [(&'static str, Self); 5] = [
        (".http", Self::Http),
        (".json", Self::Json),
        (".html", Self::Html),
        (".svg", Self::Svg),
        (".text", Self::Text),
    ];

    /// A name, and the extension that it ends with.
    fn split(name: &str) -> (&str, Self) {
        let found = Self::ALL.into_iter().find_map(|(end, extension)| Some((name.strip_suffix(end)?, extension)));
        found.unwrap_or((name, Self::Http))
    }
}

/// The request of a path below `/api/v1/web`.
pub(super) fn parse(head: &Parts, rest: &[&str], body: Bytes, by: Option<Identity>) -> Result<WebRequest, Refusal> {
    let [namespace, package, name, path @ ..] = rest else { return Err(Refusal::not_found()) };
    let allowed =
        [Method::GET, Method::DELETE, Method::POST, Method::PUT, Method::HEAD, Method::OPTIONS, Method::PATCH];
    if !allowed.contains(&head.method) {
        return Err(Refusal::method("GET, DELETE, POST, PUT, HEAD, OPTIONS, PATCH"));
    }
    let (name, extension) = Extension::split(name);
    for part in [namespace, package, name] {
        validate_name(part).map_err(|_| Refusal::not_found())?;
    }
    let name = match *package {
        "default" => QualifiedName::new(namespace, name),
        package => QualifiedName::packaged(namespace, package, name),
    };
    Ok(WebRequest {
        name,
        extension,
        path: path.iter().map(|segment| format!("/{segment}")).collect(),
        method: head.method.clone(),
        headers: head.headers.clone(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body,
        by,
    })
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn ask(method: &str, rest: &[&str]) -> Result<WebRequest, u16> {
        let (head, ()) = Request::builder().method(method).uri("/?a=1").body(()).unwrap().into_parts();
        parse(&head, rest, Bytes::new(), None).map_err(|refusal| refusal.status)
    }

    #[test]
    fn names_extensions_and_paths() {
        let found = ask("PATCH", &["guest", "default", "hello.json", "a", ""]).unwrap();
        assert_eq!((found.name.to_string(), found.extension), ("hello".into(), Extension::Json));
        assert_eq!((found.path.as_str(), found.query.as_str()), ("/a/", "a=1"));
        let found = ask("GET", &["acme", "pkg", "hello.txt"]).unwrap();
        assert_eq!((found.name.to_string(), found.extension), ("/acme/pkg/hello.txt".into(), Extension::Http));
        assert_eq!((ask("GET", &["guest", "default"]), ask("TRACE", &["guest", "default", "a"])), (Err(404), Err(405)));
        assert_eq!(ask("GET", &["guest", "default", ".json"]), Err(404));
    }
}
