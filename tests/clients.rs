//! The HTTP libraries that are native: what they send and what they make of answers, in every way that they have.

use serde_json::json;

use crate::effects::same_in_bad_weather;
use crate::effects::server::Server;
use crate::support::{Daemon, check, check_live};

const WAYS: &str = r#"
import requests

session = requests.Session()
session.headers.update({"X-Key": "k"})


def main(args):
    base = f"http://127.0.0.1:{args['port']}"
    there = session.post(base + "/redirect", json={"a": 1})
    zipped = session.get(base + "/gzip")
    out = [there.json()["path"], there.json()["body"], there.url, [answer.status_code for answer in there.history], there.history[0].is_redirect]
    out += [zipped.json(), zipped.headers["content-encoding"], len(zipped.content), zipped.encoding]
    not_followed = requests.get(base + "/redirect", allow_redirects=False)
    return {"out": out, "to": not_followed.headers["Location"], "ok": bool(not_followed), "repr": repr(not_followed)}
"#;

#[test]
fn redirects_compression_and_sessions_of_the_module_are_native() {
    let server = Server::start();
    let args = json!({"port": server.port}).to_string();
    let report = check_live(WAYS, &[&args, &args]);
    assert_eq!(report.native_calls, 2, "{:?} {:?}", report.reason, report.bailouts);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches.first());
    let requests = server.requests();
    let runs = report.live + 2;
    for (line, each) in [("POST /redirect", 1), ("POST /there", 1), ("GET /gzip", 1), ("GET /redirect", 1)] {
        assert_eq!(requests.iter().filter(|known| *known == line).count(), runs * each, "{line}");
    }
}

const STANDARD: &str = r#"
import json
import urllib.request
from urllib.parse import urlencode
from urllib.request import Request, urlopen


def main(args):
    base = f"http://127.0.0.1:{args['port']}"
    out = []
    with urllib.request.urlopen(f"{base}/a?b={args['n']}", timeout=3) as answer:
        out += [answer.status, answer.reason, json.load(answer)["path"], answer.headers["content-type"], answer.geturl()]
    request = Request(base + "/post", data=urlencode({"q": args["n"]}).encode(), headers={"X-API-key": "k"})
    request.add_header("authorization", "Bearer t")
    answer = urlopen(request)
    out += [json.loads(answer.read().decode("utf-8"))["body"], answer.getcode(), answer.read() == b""]
    put = urllib.request.Request(f"{base}/put", data=json.dumps({"a": 1}).encode(), method="PUT")
    out.append(len(dict(urllib.request.urlopen(put).headers.items())))
    out.append(json.load(urlopen(Request(base + "/post", method="POST")))["body"])
    return {"out": out}
"#;

#[test]
fn urllib_asks_natively() {
    let server = Server::start();
    let calls = [3, 40].map(|n| json!({"port": server.port, "n": n}).to_string());
    let report = check_live(STANDARD, &[&calls[0], &calls[1]]);
    assert_eq!(report.native_calls, 2, "{:?} {:?}", report.reason, report.bailouts);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches.first());
    let requests = server.requests();
    let runs = report.live / 2 + 1;
    for (line, each) in [("GET /a?b=3", 1), ("GET /a?b=40", 1), ("POST /post", 4), ("PUT /put", 2)] {
        assert_eq!(requests.iter().filter(|known| *known == line).count(), runs * each, "{line}");
    }
}

/// What the differential harness found: statuses beyond 599, a body where none should be, a parameter without a value.
const ODD: &str = r#"
import requests
import urllib.request


def main(args):
    base = f"http://127.0.0.1:{args['port']}"
    strange = requests.get(base + "/status/999")
    out = [strange.ok, bool(strange), strange.status_code]
    if args["odd"]:
        answer = requests.get(base + "/odd")
        out += [answer.status_code, answer.text, answer.encoding]
        answer = urllib.request.urlopen(base + "/odd")
        out += [answer.headers.get_content_charset(), answer.read().decode()]
    return {"out": out}
"#;

#[test]
fn odd_answers_are_read_as_in_python() {
    let server = Server::start();
    let calls = [true, false].map(|odd| json!({"port": server.port, "odd": odd}).to_string());
    let report = check_live(ODD, &[&calls[0], &calls[1]]);
    assert_eq!(report.native_calls, 1, "{:?} {:?}", report.reason, report.bailouts);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches.first());
}

const HTTPX: &str = r#"
import httpx

client = httpx.Client(headers={"X-App": "shop"}, auth=("user", "p\u00e4ss"), params={"key": 7}, timeout=httpx.Timeout(5, connect=2))
count = 0


def main(args):
    global count
    count += 1
    base = f"http://127.0.0.1:{args['port']}"
    first = client.get(base + "/a b", params={"q": ["x y", "\u00e9&"], "n": args["n"], "yes": True, "none": None})
    out = [first.json()["path"], str(first.url), first.headers["Content-Type"], first.encoding, first.is_success, len(first.headers)]
    form = client.post(base + "/form?gone=1", params={}, data={"a": "1 2", "b": [True, 2.5]}, headers={"accept": "text/plain"})
    raw = client.put(base + "/raw", content=b"\x00raw", headers={"Content-Type": "application/octet-stream"}, timeout=None)
    out += [form.text[:16], form.json()["body"], raw.reason_phrase, client.head(base + "/head").content == b"", client.patch(base + "/none").json()["body"]]
    there = client.post(base + "/redirect", json={"a": [1, None, "\u00e9"]}, follow_redirects=True)
    out += [there.json()["body"], [(one.status_code, one.has_redirect_location) for one in there.history], repr(there)]
    stays = client.get(base + "/redirect", auth=None)
    out += [stays.is_redirect, stays.headers["location"], stays.url == httpx.URL(base + "/redirect?key=7")]
    out += [client.get(base + "/gzip").json(), sorted(name for name in there.headers if name != "date")]
    return {"out": out, "count": count}
"#;

#[test]
fn httpx_asks_natively() {
    let server = Server::start();
    let calls = [3, 40].map(|n| json!({"port": server.port, "n": n}).to_string());
    let report = check_live(HTTPX, &[&calls[0], &calls[1]]);
    assert_eq!(report.native_calls, 2, "{:?} {:?}", report.reason, report.bailouts);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches.first());
    let requests = server.requests();
    let runs = report.live + 2;
    for (line, each) in [
        ("POST /form?key=7", 1),
        ("PUT /raw?key=7", 1),
        ("PATCH /none?key=7", 1),
        ("POST /redirect?key=7", 1),
        ("POST /there", 1),
        ("GET /gzip?key=7", 1),
    ] {
        assert_eq!(requests.iter().filter(|known| *known == line).count(), runs * each, "{line}: {requests:?}");
    }
}

/// A client of the invocation's own, which costs CPython a context of TLS each time.
const OWN: &str = r#"
import httpx


def main(args):
    with httpx.Client(base_url=f"http://127.0.0.1:{args['port']}/api", headers={"User-Agent": "me"}) as own:
        own.headers["X-Late"] = "1"
        own.headers.update({"accept": "*/*;q=1"})
        out = [own.get("/users").json()["path"], own.delete("users/7").url.host, own.request("options", "").status_code]
    return {"out": out, "closed": own.is_closed, "once": httpx.get(f"http://127.0.0.1:{args['port']}/once").text[:16]}
"#;

#[test]
fn a_client_of_httpx_for_an_invocation_is_native() {
    let server = Server::start();
    let args = json!({"port": server.port}).to_string();
    let report = check_live(OWN, &[&args]);
    assert_eq!(report.native_calls, 1, "{:?} {:?}", report.reason, report.bailouts);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches.first());
    let requests = server.requests();
    for line in ["GET /api/users", "DELETE /api/users/7", "OPTIONS /api/", "GET /once"] {
        assert_eq!(requests.iter().filter(|known| *known == line).count(), report.live + 1, "{line}: {requests:?}");
    }
}

const HTTPX_WEATHER: &str = r#"
import httpx


def main(args):
    try:
        answer = httpx.post(f"http://127.0.0.1:{args['port']}{args['path']}", json={"n": 1}, timeout=0.4, follow_redirects=True)
        return {"ok": True, "path": answer.raise_for_status().json()["path"]}
    except httpx.HTTPStatusError as error:
        return {"ok": False, "status": error.response.status_code, "error": str(error)}
    except httpx.HTTPError as error:
        return {"ok": False, "error": type(error).__name__, "text": str(error)}
    except ValueError as error:
        return {"ok": False, "error": type(error).__name__}
"#;

#[test]
fn httpx_in_bad_weather_is_as_in_python() {
    same_in_bad_weather(HTTPX_WEATHER, 21);
}

/// Native code tells no logger what it asks.
#[test]
fn a_client_that_logs_stays_in_python() {
    let server = Server::start();
    let args = json!({"port": server.port}).to_string();
    for (library, level, reason) in [("httpx", "INFO", Some("httpx logs what it does")), ("requests", "INFO", None)] {
        let source = format!(
            "import logging\nimport {library}\n\nlogging.basicConfig(level=logging.{level})\n\n\ndef main(args):\n    \
             return {{\"status\": {library}.get(f\"http://127.0.0.1:{{args['port']}}/\").status_code}}\n"
        );
        let report = check_live(&source, &[&args, &args]);
        let said = report.reason.as_deref().unwrap_or_default();
        assert_eq!(report.native_calls == 2, reason.is_none(), "{said}");
        assert!(said.contains(reason.unwrap_or_default()), "{said}");
    }
}

const CONNECTION: &str = r#"
import http.client
import json
from http.client import HTTPConnection


def main(args):
    connection = http.client.HTTPConnection("127.0.0.1", args["port"], timeout=5)
    connection.request("GET", "/a?b=1", headers={"X-A": "1", "accept": "text/plain"})
    answer = connection.getresponse()
    out = [answer.status, answer.reason, answer.getheader("content-type"), answer.getheader("none", 7), answer.getheaders()[0]]
    out += [answer.msg["Content-Type"], json.loads(answer.read())["path"], answer.read()== b""]
    connection.request("POST", "/post", body=json.dumps({"n": args["n"]}), headers={"Content-Type": "application/json"})
    out.append(json.load(connection.getresponse())["body"])
    connection.request("PUT", "/put")
    connection.getresponse().read()
    connection.close()
    other = HTTPConnection(f"127.0.0.1:{args['port']}")
    other.request("HEAD", "")
    return {"out": out, "head": other.getresponse().status, "port": other.port == args["port"]}
"#;

#[test]
fn http_client_asks_natively() {
    let server = Server::start();
    let calls = [3, 40].map(|n| json!({"port": server.port, "n": n}).to_string());
    let report = check_live(CONNECTION, &[&calls[0], &calls[1]]);
    assert_eq!(report.native_calls, 2, "{:?} {:?}", report.reason, report.bailouts);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches.first());
    let requests = server.requests();
    for line in ["GET /a?b=1", "POST /post", "PUT /put", "HEAD /"] {
        assert_eq!(requests.iter().filter(|known| *known == line).count(), report.live + 2, "{line}");
    }
}

/// Services that fail, in every library; texts with addresses of objects in them are nobody's business here.
const FAILURES: &str = r#"
import json
import urllib.error
import urllib.request
from http.client import HTTPConnection

import httpx
import requests

client = httpx.Client()


def fails(how, base):
    try:
        return how(base)
    except (requests.Timeout, urllib.error.HTTPError) as error:
        return [type(error).__name__, getattr(error, "code", None)]
    except requests.RequestException as error:
        return [type(error).__name__, error.response is None, error.__context__ is None, error.__cause__ is None]
    except urllib.error.URLError as error:
        return [type(error).__name__, error.__context__ is None, error.reason is error.args[0]]
    except (httpx.HTTPError, TimeoutError) as error:
        return [type(error).__name__, str(error), repr(error), error.__cause__ is None, error.__suppress_context__]


def refused(base):
    try:
        urllib.request.urlopen(base + "/status/418")
    except urllib.error.HTTPError as error:
        return [str(error), repr(error), error.code, error.reason, error.read() == b"", error.headers["content-length"], error.url == base + "/status/418"]


def no_json(base):
    try:
        requests.get(base + "/status/200").json()
    except requests.exceptions.JSONDecodeError as error:
        return [str(error), error.args, isinstance(error, json.JSONDecodeError)]


def waits(base):
    connection = HTTPConnection(base[7:], timeout=0.1)
    connection.request("GET", "/hang")
    return connection.getresponse().status


def main(args):
    up, down = f"http://127.0.0.1:{args['port']}", f"http://127.0.0.1:{args['closed']}"
    out = [fails(lambda base: requests.get(base).status_code, down), fails(lambda base: requests.get(base).status_code, down)]
    out += [fails(lambda base: client.get(base).status_code, down), fails(lambda base: urllib.request.urlopen(base).status, down)]
    out += [fails(lambda base: requests.post(base + "/nothing").status_code, up), fails(lambda base: client.post(base + "/nothing").status_code, up)]
    if args["waits"]:
        out += [fails(lambda base: requests.get(base + "/hang", timeout=0.1).status_code, up), fails(waits, up)]
        out += [fails(lambda base: client.get(base + "/hang", timeout=0.1).status_code, up)]
        out += [fails(lambda base: urllib.request.urlopen(base + "/hang", timeout=0.1).status, up)]
    return {"out": out, "refused": refused(up), "json": no_json(up)}
"#;

#[test]
fn services_that_fail_do_so_natively() {
    let server = Server::start();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let calls = [true, false].map(|waits| json!({"port": server.port, "closed": closed, "waits": waits}).to_string());
    let report = check(FAILURES, &[&calls[0], &calls[1]], true);
    assert_eq!(report.native_calls, 2, "{:?} {:?}", report.reason, report.bailouts);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches.first());
    // And in the world, where one that is down for long is no reason to leave native code.
    let daemon = Daemon::start(&[("failures", FAILURES)]);
    daemon.invoke_until("failures", &calls[1], "native");
    let expected = daemon.invoke_until("failures", &calls[0], "native").body;
    for _ in 0..5 {
        let answer = daemon.invoke("failures", &calls[0]);
        assert_eq!((answer.tier.as_deref(), &answer.body), (Some("native"), &expected));
    }
}

/// A `HTTPError` is an answer too; what native code does not know of that is not missing.
const ANSWERS: &str = r#"
import urllib.error
import urllib.request
from http.client import HTTPConnection


def main(args):
    out = []
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{args['port']}/status/404")
    except urllib.error.HTTPError as error:
        if args["how"] == "lines":
            out = [error.readline() == b"", list(error)]
        elif args["how"] == "with":
            with error as answer:
                out.append(answer.code)
        else:
            out.append(error.code)
    if args["how"] == "none":
        HTTPConnection("127.0.0.1", args["port"]).request("GET", "/", headers=None)
    return {"out": out}
"#;

#[test]
fn what_an_error_has_as_an_answer_is_not_missing() {
    let server = Server::start();
    let calls = ["lines", "with", "plain", "none"].map(|how| json!({"port": server.port, "how": how}).to_string());
    let report = check(ANSWERS, &calls.each_ref().map(String::as_str), true);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches.first());
    assert_eq!(report.native_calls, 1, "{:?} {:?}", report.reason, report.bailouts);
}
