use hyper::Request;

use super::knative;
use super::request::{init, run};
use super::streams::{Output, SENTINEL};
use super::{Platform, Surroundings};

fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
    Surroundings::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).unwrap()
}

#[test]
fn inits_are_read_as_the_proxy_reads_them() {
    let read =
        init(br#"{"value": {"code": "c", "main": "m", "binary": false, "env": {"A": "x", "B": 1}, "extra": []}}"#);
    let read = read.unwrap();
    assert_eq!((read.code.as_deref(), read.main.as_deref(), read.binary), (Some("c"), Some("m"), Some(false)));
    assert_eq!(read.env.unwrap()["B"].get(), "1");
    for empty in [&b"{}"[..], br#"{"value": {}}"#, br#"{"value": {"code": null, "main": null, "env": null}}"#] {
        assert!(init(empty).unwrap().code.is_none());
    }
    for broken in [&b""[..], b"{", b"[]", br#"{"value": 5}"#, br#"{"value": {"code": 5}}"#] {
        assert!(init(broken).unwrap_err().starts_with("Error unmarshaling request: "), "{broken:?}");
    }
}

#[test]
fn runs_keep_the_arguments_bytes() {
    let read =
        run(br#"{"value": {"a" : 1e999, "a": [ ]}, "api_key": "k", "deadline": 12, "activation_id": null}"#).unwrap();
    assert_eq!(&*read.args, br#"{"a" : 1e999, "a": [ ]}"#);
    let variables: Vec<_> = read.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(variables, [("__OW_API_KEY", "k"), ("__OW_DEADLINE", "12")]);
    assert_eq!(&*run(b"{}").unwrap().args, b"{}");
    assert_eq!(&*run(br#"{"value": ["a", "b"]}"#).unwrap().args, br#"["a", "b"]"#);
    for broken in [&b""[..], b"{", b"[1]", b"\"value\""] {
        assert!(run(broken).is_err(), "{broken:?}");
    }
}

#[test]
fn output_is_what_was_printed_and_its_end() {
    let lines = ["stdout: a: b", "stderr: e", "stdout: "].map(|line| format!("2026-11-21T01:02:03.500000000Z {line}"));
    let output = Output::of(&lines).say("more\n").end();
    assert_eq!(output.stdout, format!("a: b\n\n{SENTINEL}"));
    assert_eq!(output.stderr, format!("e\nmore\n{SENTINEL}"));
}

fn asked(body: &str, surroundings: &Surroundings) -> knative::Asked {
    let head = Request::post("/?a=b").header("X-One", "1").body(()).unwrap().into_parts().0;
    knative::read(&head, body.as_bytes(), surroundings).unwrap()
}

#[test]
fn knative_asks_for_one_or_both() {
    let plain = surroundings(&[("__OW_RUNTIME_PLATFORM", "knative"), ("__OW_NAMESPACE", "ns")]);
    assert_eq!(plain.platform, Platform::Knative);
    let only = asked(r#"{"init": {"code": "c"}}"#, &plain);
    assert!(only.init.is_some() && only.run.is_none());
    let both = asked(
        r#"{"init": {"code": "c", "name": "n"}, "activation": {"namespace": "x"}, "value": {"n": 1.50}}"#,
        &plain,
    );
    let run = both.run.unwrap();
    assert_eq!(
        str::from_utf8(&run.args).unwrap(),
        r#"{"n": 1.50,"__ow_user":"ns","__ow_method":"POST","__ow_headers":{"x-one":"1"},"__ow_path":""}"#
    );
    let variables: Vec<_> = run.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(variables, [("__OW_NAMESPACE", "x"), ("__OW_ACTION_NAME", "n")]);
    // Without an activation nothing is told of the request.
    assert_eq!(&*asked(r#"{"value": {"n": 1}}"#, &plain).run.unwrap().args, br#"{"n": 1}"#);
    assert_eq!(&*asked("", &plain).run.unwrap().args, b"{}");
    assert_eq!(&*asked(r#"{"activation": {}, "value": [1]}"#, &plain).run.unwrap().args, b"[1]");

    let code = [("__OW_RUNTIME_PLATFORM", "knative"), ("__OW_ACTION_CODE", "c"), ("__OW_ACTION_RAW", "true")];
    let raw = asked(r#"{"activation": {}, "value": "text"}"#, &surroundings(&code)).run.unwrap();
    assert!(str::from_utf8(&raw.args).unwrap().starts_with(r#"{"__ow_body":"text","__ow_query":"a=b","__ow_user":"""#));
}

fn replied(result: &str) -> (u16, Option<String>, Vec<u8>) {
    use crate::reply::ReplyBody;
    let said = super::Said { status: 200, body: result.to_owned().into(), tier: None };
    let reply = knative::reply(said);
    let kind = reply.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let status = reply.status().as_u16();
    let ReplyBody::Whole(body) = reply.into_body() else { panic!("a body") };
    (status, kind, body.unwrap_or_default().to_vec())
}

#[test]
fn results_describe_responses_on_knative() {
    let json = |status, body: &str| (status, Some("application/json".to_owned()), body.as_bytes().to_vec());
    assert_eq!(replied(r#"{"a": 1.50}"#), json(200, r#"{"a": 1.50}"#));
    assert_eq!(replied("[1, 2]"), json(200, "[1, 2]"));
    assert_eq!(replied(r#"{"statusCode": 201, "a": 1, "b": 2}"#), json(201, r#"{"a": 1, "b": 2}"#));
    assert_eq!(replied(r#"{"body": {"a": 1.50}, "b": 2}"#), json(200, r#"{"a": 1.50}"#));
    let html = (200, Some("text/html".to_owned()), b"<p>".to_vec());
    assert_eq!(replied(r#"{"body": "<p>"}"#), html);
    assert_eq!(replied(r#"{"body": ""}"#), (204, None, Vec::new()));
    let image = r#"{"headers": {"Content-Type": "image/png", "content-length": 9}, "body": "AAEC"}"#;
    assert_eq!(replied(image), (200, Some("image/png".to_owned()), vec![0, 1, 2]));
    for malformed in [r#"{"statusCode": 7}"#, r#"{"headers": 1}"#, r#"{"headers": {"a b": "c"}, "body": ""}"#] {
        assert_eq!(replied(malformed).0, 502, "{malformed}");
    }
}
