//! JSON in and out against `json.loads` and `json.dumps`.

use upshift_runtime::json::scan::{JsonError, object_members};
use upshift_runtime::json::{self, dump};
use upshift_runtime::{BailKind, Cx, Result, Value, str_new};

use crate::oracle::{G, Lit, Random, Tally, encode, python, with_cx};

fn parse<'a>(cx: &'a Cx<'a>, text: &str, g: u32) -> Result<Value<'a>> {
    json::parse(cx, str_new(cx, text, g)?.text(), g)
}

const FIXED: &[&str] = &[
    "",
    " ",
    "{}",
    "[]",
    "{ }",
    "[ ]",
    "{\"a\":1}",
    "{\"a\":1,}",
    "[1,]",
    "[1,,2]",
    "[,1]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\" 1}",
    "{a:1}",
    "{1:2}",
    "[1 2]",
    "[1",
    "[",
    "{",
    "{\"a\":1",
    "{\"a\":[1,{\"b\":",
    "\"abc",
    "\"a\\",
    "\"\\q\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\u1234",
    "\"\\u0041\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\ude00\\ud83d\"",
    "\"\\ud83d\\u0041\"",
    "\"\\ud83dx\"",
    "\"\\ud83d\\n\"",
    "\"\\ud83d\\ud83d\\ude00\"",
    "\"\\ud83d\\u12\"",
    "\"\\ud83d\\uzzzz\"",
    "\"\n\"",
    "\"\t\"",
    "\"\x1f\"",
    "\"\x7f\"",
    "nul",
    "null",
    "true",
    "false",
    "True",
    "NaN",
    "Infinity",
    "-Infinity",
    "-Inf",
    "-",
    "-x",
    "+1",
    "01",
    "-01",
    "1.",
    "1.e5",
    ".5",
    "1e5",
    "1E+5",
    "1e-5",
    "1e",
    "1e+",
    "-0",
    "-0.0",
    "1e999",
    "-1e999",
    "1e-999",
    "0e5",
    "1.5e3",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "{\"a\":1,\"b\":2,\"a\":3}",
    "1 2",
    "1]",
    "{}{}",
    "\u{feff}{}",
    " {\"k\" : [ 1 , \"x\" ] }\n",
    "\u{a0}1",
    "{\"é\":\"日本😀\"}",
    "[\"é\", x]",
    "\n\n[1,\n x]",
    "{\"é\n\":1}",
    "{\"a\":\"b\"\n,é}",
    "{\"\\u0061\":1,\"a\":2}",
    "{\"\\ud800\":1}",
    "\"\\/\\b\\f\\n\\r\\t\\\\\\\"\"",
    "[1.0, 2.50, 1e16, 1e-7]",
    "'a'",
    "{'a':1}",
    "[1}",
    "{\"a\":1]",
    "{\"a\":{\"b\":{}},\"c\":[[],[{}]]}",
    "[\"\\u00e9\\u0000\"]",
    "nullx",
    "truefalse",
    "[tru]",
    "-NaN",
    "\u{b}1",
    "1\u{c}",
    "\"\\u 123\"",
    "\"\\u+123\"",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1,\"b\"",
    "{\"a\":1,\"b\":",
    "{,}",
    "[\"",
    "[\"\\",
    "\\",
    "\"\\ud83d\\ude0\"",
    "\"\\U0041\"",
    "\"\\u00410\"",
];

/// The fixed documents and random ones, from pieces of the grammar.
fn documents() -> Vec<String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"é\\n\"",
        "1",
        "-2.5",
        "1e3",
        "null",
        "true",
        " ",
        "\n",
        "\"",
        "\\",
        "{}",
        "[]",
        "\"\\ud83d",
        "\\ude00\"",
        "x",
        "0",
    ];
    let mut random = Random(4);
    let mut documents: Vec<String> = FIXED.iter().map(|&text| text.to_owned()).collect();
    for _ in 0..30_000 {
        let len = 1 + random.below(9);
        let text: String = (0..len).map(|_| pieces[random.below(pieces.len())]).collect();
        documents.push(if random.below(2) == 0 { text } else { format!("{{\"k\":{text}}}") });
    }
    documents
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

const LOADS: &str = r#"
import json
for l in lines:
    s = bytes.fromhex(l).decode()
    try: v = json.loads(s); e = None
    except json.JSONDecodeError as x: e = str(x)
    if e is None:
        print(enc(v))
        try: print(enc(json.dumps(v, ensure_ascii=False)))
        except Exception: print('!')
        print('members ' + str(len(v)) if type(v) is dict else 'other')
    else: print('!'); print('!'); print('error ' + e)
"#;

#[test]
fn documents_read_and_print_as_cpython() {
    let documents = documents();
    let answers = python(LOADS, &documents.iter().map(|text| hex(text)).collect::<Vec<_>>());
    let mut tally = Tally::default();
    for (text, expected) in documents.iter().zip(answers.chunks(3)) {
        with_cx(|cx| {
            let got = parse(cx, text, G);
            let value = got.as_ref().ok().copied();
            tally.check(|| format!("{text:?}"), got.map(encode), &expected[0]);
            if let Some(value) = value {
                let mut out = Vec::new();
                dump(value, &mut out).unwrap();
                assert_eq!(format!("s{}", hex(str::from_utf8(&out).unwrap())), expected[1], "{text:?}");
            }
        });
        match object_members(text.as_bytes()) {
            Ok(members) => {
                let names: std::collections::HashSet<_> =
                    members.iter().map(|member| member.key.clone().unwrap_or("surrogate".into())).collect();
                assert_eq!(format!("members {}", names.len()), expected[2], "{text:?}");
                for member in members {
                    let value = &text[member.value.clone()];
                    assert!(text.is_char_boundary(member.key_span.start) && value.trim() == value && !value.is_empty());
                }
            }
            Err(JsonError::NotObject) => assert_eq!("other", expected[2], "{text:?}"),
            Err(JsonError::Syntax { message }) => assert_eq!(format!("error {message}"), expected[2], "{text:?}"),
            Err(JsonError::NotUtf8) => panic!("{text:?} is UTF-8"),
        }
    }
    // Lone surrogates are among the pieces.
    tally.finish(5);
}

#[test]
fn members_keep_spans_and_order() {
    let text = " {\"a\" : [1, {\"x\": 2}] ,\"\\u0062\":\"é\", \"a\":{}, \"\\ud800\":-1.5e3 } ";
    let members = object_members(text.as_bytes()).unwrap();
    let seen: Vec<_> =
        members.iter().map(|m| (m.key.as_deref(), &text[m.key_span.clone()], &text[m.value.clone()])).collect();
    assert_eq!(
        seen,
        [
            (Some("a"), "\"a\"", "[1, {\"x\": 2}]"),
            (Some("b"), "\"\\u0062\"", "\"é\""),
            (Some("a"), "\"a\"", "{}"),
            (None, "\"\\ud800\"", "-1.5e3"),
        ]
    );
    assert_eq!(object_members(b"{\"a\": \"\xff\"}"), Err(JsonError::NotUtf8));
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(object_members(deep.as_bytes()).unwrap().len(), 1);
}

#[test]
fn values_print_as_cpython() {
    let lits = [
        Lit::Dict(vec![
            (Lit::Bool(true), Lit::Int(1)),
            (Lit::None, Lit::Float(f64::NAN)),
            (Lit::Float(1.5), Lit::Float(f64::INFINITY)),
            (Lit::Float(f64::INFINITY), Lit::Float(f64::NEG_INFINITY)),
            (Lit::Int(-3), Lit::Float(-0.0)),
            (Lit::str("é\"\\\n\r\t\x08\x0c\x01\x1f\x7f\u{2028}😀"), Lit::List(vec![])),
            (Lit::str("1"), Lit::Dict(vec![])),
        ]),
        Lit::Float(1e22),
        Lit::Float(1e-5),
        Lit::str(""),
        Lit::Range(0, 3, 1),
        Lit::List(vec![Lit::Range(0, 3, 1)]),
    ];
    let script = "import json\nfor l in lines: print(attempt(lambda v: json.dumps(v, ensure_ascii=False), eval(l)))";
    let answers = python(script, &lits.iter().map(Lit::python).collect::<Vec<_>>());
    for (lit, expected) in lits.iter().zip(&answers) {
        with_cx(|cx| {
            let mut out = Vec::new();
            let got = match dump(lit.value(cx), &mut out) {
                Ok(()) => format!("s{}", hex(str::from_utf8(&out).unwrap())),
                Err(kind) => {
                    assert_eq!(kind, BailKind::Exception);
                    "!".to_owned()
                }
            };
            assert_eq!(got, *expected, "{lit:?}");
        });
    }
}

#[test]
fn nesting_is_bounded() {
    with_cx(|cx| {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let value = parse(cx, &nested(200), G).unwrap();
        let mut out = Vec::new();
        dump(value, &mut out).unwrap();
        assert_eq!(out, nested(200).as_bytes());
        assert_eq!(parse(cx, &nested(201), G).unwrap_err().kind(), BailKind::Unsupported);
        let Value::List(list) = value else { panic!("a list") };
        upshift_runtime::method::list_append(cx, list, value, G).unwrap();
        assert_eq!(dump(value, &mut out), Err(BailKind::Unsupported));
    });
}
