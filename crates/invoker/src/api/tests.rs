//! Requests and the commands that they are.

use hyper::Request;

use super::*;
use crate::records::Filter;

fn ask(method: &str, uri: &str) -> Result<Command, (u16, String)> {
    let (head, ()) = Request::builder().method(method).uri(uri).body(()).unwrap().into_parts();
    parse(&head, Bytes::from_static(b"{}")).map_err(|refusal| (refusal.status, refusal.message))
}

#[test]
fn roots() {
    assert_eq!(ask("GET", "/ping"), Ok(Command::Ping));
    assert_eq!(ask("GET", "/"), Ok(Command::Info));
    assert_eq!(ask("GET", "/api/v1"), Ok(Command::Build));
    assert_eq!(ask("GET", "/api/v1/namespaces"), Ok(Command::Namespaces));
    assert_eq!(ask("GET", "/api/v1/namespaces/_/limits"), Ok(Command::NamespaceLimits));
    assert_eq!(ask("OPTIONS", "/anything"), Ok(Command::Preflight));
    assert_eq!(ask("GET", "/nothing"), Err((404, "The requested resource does not exist.".into())));
    assert_eq!(ask("POST", "/ping").unwrap_err().0, 405);
}

#[test]
fn namespaces_are_the_guests() {
    let refused = ask("GET", "/api/v1/namespaces/other/actions/x").unwrap_err();
    assert_eq!(refused, (403, "The supplied authentication is not authorized to access 'other/x'.".into()));
    assert!(ask("GET", "/api/v1/namespaces/guest/actions/x").is_ok());
}

#[test]
fn actions() {
    let at = |rest: &str| format!("/api/v1/namespaces/_/actions{rest}");
    let page = Page { limit: 30, skip: 0 };
    assert_eq!(ask("GET", &at("")), Ok(Command::ListActions { page, count: false }));
    assert_eq!(ask("GET", &at("?count=true")), Ok(Command::ListActions { page, count: true }));
    assert_eq!(ask("GET", &at("/a%20b?code=false")), Ok(Command::GetAction { name: "a b".into(), code: false }));
    let body = Bytes::from_static(b"{}");
    let put = Command::PutAction { name: "a".into(), overwrite: true, body: body.clone() };
    assert_eq!(ask("PUT", &at("/a?overwrite=True")), Ok(put));
    assert_eq!(ask("DELETE", &at("/a")), Ok(Command::DeleteAction { name: "a".into() }));
    assert_eq!(ask("GET", &at("/pkg/a")).unwrap_err().0, 404);
    assert_eq!(ask("GET", &at("/..")).unwrap_err().1, "The name of the entity contains illegal characters.");
}

#[test]
fn invocations() {
    let ask_invoke = |query: &str| match ask("POST", &format!("/api/v1/namespaces/_/actions/a{query}")) {
        Ok(Command::Invoke(invoke)) => Ok((invoke.wait.map(|wait| wait.as_millis()), invoke.result_only)),
        other => Err(other),
    };
    assert_eq!(ask_invoke(""), Ok((None, false)));
    assert_eq!(ask_invoke("?result=true"), Ok((None, true)));
    assert_eq!(ask_invoke("?blocking=true&result=true"), Ok((Some(60_000), true)));
    assert_eq!(ask_invoke("?blocking=true&timeout=5"), Ok((Some(5), false)));
    let too_long = ask_invoke("?blocking=true&timeout=60001").unwrap_err().unwrap_err();
    assert!(too_long.1.ends_with("Timeout must be number of milliseconds up to 60000."));
}

#[test]
fn activations() {
    let at = |rest: &str| format!("/api/v1/namespaces/_/activations{rest}");
    let listed = ask("GET", &at("?name=a&since=5&upto=9&docs=true&limit=0"));
    let filter = Filter { name: Some("a".into()), since: Some(5), upto: Some(9) };
    let page = Page { limit: 200, skip: 0 };
    assert_eq!(listed, Ok(Command::ListActivations { filter, page, docs: true, count: false }));
    let both = ask("GET", &at("?docs=true&count=true")).unwrap_err();
    assert_eq!(both, (400, "The parameter 'docs' is not permitted with 'count'.".into()));
    let id = "0123456789abcdef0123456789abcdef";
    assert_eq!(ask("GET", &at(&format!("/{id}"))), Ok(Command::GetActivation(id.parse().unwrap())));
    assert_eq!(ask("GET", &at(&format!("/{id}/logs"))), Ok(Command::GetActivationLogs(id.parse().unwrap())));
    assert_eq!(ask("GET", &at(&format!("/{id}/result"))), Ok(Command::GetActivationResult(id.parse().unwrap())));
    let short = ask("GET", &at("/abc")).unwrap_err();
    assert_eq!(short, (400, "Activation id length is 3 but must be 32.".into()));
}

#[test]
fn dashboards() {
    assert_eq!(ask("GET", "/dashboard"), Ok(Command::DashboardPage));
    assert_eq!(ask("GET", "/dashboard/events"), Ok(Command::DashboardEvents));
    assert_eq!(ask("GET", "/dashboard/actions/a.b.json"), Ok(Command::DashboardAction("a.b".into())));
    assert_eq!(ask("GET", "/dashboard/actions/a").unwrap_err().0, 404);
}
