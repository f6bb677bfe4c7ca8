//! Requests and the commands that they are.

use hyper::Request;

use super::*;
use crate::records::Filter;

fn ask_as(namespace: Option<&str>, method: &str, uri: &str) -> Result<Command, (u16, String)> {
    let (head, ()) = Request::builder().method(method).uri(uri).body(()).unwrap().into_parts();
    let who = Ok(namespace.map(|namespace| Identity { namespace: namespace.into() }));
    let asked = parse(&head, Bytes::from_static(b"{}"), who);
    asked.map(|asked| asked.command).map_err(|refusal| (refusal.status, refusal.message))
}

fn ask(method: &str, uri: &str) -> Result<Command, (u16, String)> {
    ask_as(Some("guest"), method, uri)
}

fn named(name: &str) -> QualifiedName {
    QualifiedName::new("guest", name)
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
fn a_namespace_is_its_owners() {
    let forbidden =
        |what: &str| Err((403, format!("The supplied authentication is not authorized to access '{what}'.")));
    assert_eq!(ask("GET", "/api/v1/namespaces/other/actions/x"), forbidden("other/x"));
    assert_eq!(ask("GET", "/api/v1/namespaces/other/actions"), forbidden("other"));
    assert_eq!(ask("PUT", "/api/v1/namespaces/other/packages/p"), forbidden("other/p"));
    assert_eq!(ask("PUT", "/api/v1/namespaces/other/actions/p/a"), forbidden("other/p/a"));
    assert_eq!(ask("POST", "/api/v1/namespaces/other/triggers/t"), forbidden("other/t"));
    assert_eq!(ask("GET", "/api/v1/namespaces/other/rules"), forbidden("other"));
    assert_eq!(ask("GET", "/api/v1/namespaces/other/activations"), forbidden("other"));
    // Whether others share it is seen when it is looked up.
    assert!(ask("POST", "/api/v1/namespaces/other/actions/p/a").is_ok());
    assert!(ask("GET", "/api/v1/namespaces/other/packages").is_ok());
    assert!(ask_as(Some("other"), "GET", "/api/v1/namespaces/_/actions/x").is_ok());
}

#[test]
fn strangers_ask_for_roots_and_web_actions_alone() {
    let message = "The resource requires authentication, which was not supplied with the request";
    let refused = Err((401, message.to_owned()));
    assert_eq!(ask_as(None, "GET", "/api/v1/namespaces/_/actions"), refused);
    assert_eq!(ask_as(None, "GET", "/dashboard"), refused);
    assert_eq!(ask_as(None, "GET", "/ping"), Ok(Command::Ping));
    assert!(matches!(ask_as(None, "GET", "/api/v1/web/guest/default/a"), Ok(Command::Web(_))));
    // That the client is on this machine is not the same as a key.
    let Ok(Command::Web(request)) = ask("OPTIONS", "/api/v1/web/guest/default/a") else { panic!("a web action") };
    assert_eq!(request.by, None);
}

#[test]
fn actions() {
    let at = |rest: &str| format!("/api/v1/namespaces/_/actions{rest}");
    let page = Page { limit: 30, skip: 0 };
    let list = |count: bool| List { namespace: "guest".into(), page, count };
    let all = |count: bool| Ok(Command::Action(ActionCommand::List { list: list(count), package: None }));
    assert_eq!(ask("GET", &at("")), all(false));
    assert_eq!(ask("GET", &at("?count=true")), all(true));
    let packaged = ActionCommand::List { list: list(false), package: Some("pkg".into()) };
    assert_eq!(ask("GET", &at("/pkg/")), Ok(Command::Action(packaged)));
    let get = ActionCommand::Get { name: named("a b"), code: false };
    assert_eq!(ask("GET", &at("/a%20b?code=false")), Ok(Command::Action(get)));
    let body = Bytes::from_static(b"{}");
    let put = ActionCommand::Put { name: named("a"), overwrite: true, body };
    assert_eq!(ask("PUT", &at("/a?overwrite=True")), Ok(Command::Action(put)));
    let packaged = QualifiedName::packaged("guest", "pkg", "a");
    assert_eq!(ask("DELETE", &at("/pkg/a")), Ok(Command::Action(ActionCommand::Delete(packaged))));
    assert_eq!(ask("GET", &at("/pkg/a/b")).unwrap_err().0, 404);
    assert_eq!(ask("GET", &at("/..")).unwrap_err().1, "The name of the entity contains illegal characters.");
}

#[test]
fn packages_triggers_and_rules() {
    let at = |rest: &str| format!("/api/v1/namespaces/_/{rest}");
    let delete = PackageCommand::Delete { name: named("p"), force: true };
    assert_eq!(ask("DELETE", &at("packages/p?force=true")), Ok(Command::Package(delete)));
    assert_eq!(ask("POST", &at("packages/p")).unwrap_err().0, 405);
    assert_eq!(ask("GET", &at("triggers/t")), Ok(Command::Trigger(TriggerCommand::Get(named("t")))));
    assert!(matches!(ask("POST", &at("triggers/t")), Ok(Command::Trigger(TriggerCommand::Fire { .. }))));
    assert!(matches!(ask("POST", &at("rules/r")), Ok(Command::Rule(RuleCommand::SetStatus { .. }))));
    assert_eq!(ask("PATCH", &at("rules/r")).unwrap_err().0, 405);
}

#[test]
fn invocations() {
    let ask_invoke = |query: &str| -> Result<_, (u16, String)> {
        let command = ask("POST", &format!("/api/v1/namespaces/_/actions/a{query}"))?;
        let Command::Action(ActionCommand::Invoke(invoke)) = command else { panic!("{command:?}") };
        Ok((invoke.wait.map(|wait| wait.as_millis()), invoke.result_only))
    };
    assert_eq!(ask_invoke(""), Ok((None, false)));
    assert_eq!(ask_invoke("?result=true"), Ok((None, true)));
    assert_eq!(ask_invoke("?blocking=true&result=true"), Ok((Some(60_000), true)));
    assert_eq!(ask_invoke("?blocking=true&timeout=5"), Ok((Some(5), false)));
    let too_long = ask_invoke("?blocking=true&timeout=60001").unwrap_err();
    assert!(too_long.1.ends_with("Timeout must be number of milliseconds up to 60000."));
}

#[test]
fn activations() {
    let at = |rest: &str| format!("/api/v1/namespaces/_/activations{rest}");
    let listed = ask("GET", &at("?name=a&since=5&upto=9&docs=true&limit=0"));
    let filter = Filter { name: Some("a".into()), since: Some(5), upto: Some(9) };
    let page = Page { limit: 200, skip: 0 };
    assert_eq!(listed, Ok(Command::Activation(ActivationCommand::List { filter, page, docs: true, count: false })));
    let both = ask("GET", &at("?docs=true&count=true")).unwrap_err();
    assert_eq!(both, (400, "The parameter 'docs' is not permitted with 'count'.".into()));
    let id = "0123456789abcdef0123456789abcdef";
    assert_eq!(
        ask("GET", &at(&format!("/{id}"))),
        Ok(Command::Activation(ActivationCommand::Get(id.parse().unwrap())))
    );
    assert_eq!(
        ask("GET", &at(&format!("/{id}/logs"))),
        Ok(Command::Activation(ActivationCommand::Logs(id.parse().unwrap())))
    );
    assert_eq!(
        ask("GET", &at(&format!("/{id}/result"))),
        Ok(Command::Activation(ActivationCommand::Result(id.parse().unwrap())))
    );
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
