//! Text of values, format specs, and what `int()` and `float()` read.

use upshift_runtime::{Part, Value, builtin, format, str_new};

use crate::oracle::{G, Lit, Random, Tally, encode, python, with_cx};

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn float_repr_as_cpython() {
    let mut random = Random(2);
    let mut floats: Vec<f64> = (0..120_000).map(|_| random.float()).collect();
    floats.extend((0..2047).map(|exponent| f64::from_bits(exponent << 52)));
    floats.extend((0..2047).map(|exponent| f64::from_bits((exponent << 52) + 1)));
    floats.extend((1..2047).map(|exponent| f64::from_bits((exponent << 52) - 1)));
    floats.extend((-330..310).map(|exponent| format!("1e{exponent}").parse::<f64>().unwrap()));
    floats.extend([0.0, -0.0, 1e16, 1e15, 123456789012345680.0, 9999999999999998.0, 1e-4, 1e-5, 5e-324, f64::MAX]);
    let lines: Vec<_> = floats.iter().map(|float| float.to_bits().to_string()).collect();
    let answers = python("for l in lines: print(enc(repr(F(int(l)))))", &lines);
    let mut tally = Tally::default();
    for (chunk, answers) in floats.chunks(10_000).zip(answers.chunks(10_000)) {
        with_cx(|cx| {
            for (float, expected) in chunk.iter().zip(answers) {
                let got = builtin::str(cx, Value::float(*float), G).map(|text| encode(Value::Str(text)));
                tally.check(|| format!("{float:?}"), got, expected);
            }
        });
    }
    tally.finish(0);
}

#[test]
fn structures_print_as_cpython() {
    let strings = ["", "it's", "\"q\"", "both ' and \"", "\\", "\n\r\t\0\x7f\x1b~", "plain", "é"];
    let mut lits: Vec<_> = strings.map(Lit::str).into_iter().collect();
    lits.extend([
        Lit::None,
        Lit::Bool(true),
        Lit::Int(i64::MIN),
        Lit::Float(-0.0),
        Lit::Range(1, 2, 1),
        Lit::Range(5, 1, -2),
    ]);
    lits.push(Lit::List(lits[..7].to_vec()));
    lits.push(Lit::Dict(
        lits[..14].iter().filter(|lit| !matches!(lit, Lit::Range(..))).map(|lit| (lit.clone(), lit.clone())).collect(),
    ));
    lits.push(Lit::List(vec![
        Lit::Dict(vec![]),
        Lit::List(vec![]),
        Lit::Dict(vec![(Lit::str("a'"), Lit::List(vec![Lit::Int(1)]))]),
    ]));
    let answers = python(
        "for l in lines:\n    v = eval(l)\n    print(enc(repr(v)))\n    print(enc(str(v)))\n    print(enc(f'<{v}|{v!r}>'))",
        &lits.iter().map(Lit::python).collect::<Vec<_>>(),
    );
    let mut tally = Tally::default();
    with_cx(|cx| {
        for (lit, expected) in lits.iter().zip(answers.chunks(3)) {
            let v = lit.value(cx);
            let parts = [Part::Text("<"), Part::Value(v), Part::Text("|"), Part::Repr(v), Part::Text(">")];
            let got = [builtin::repr(cx, v, G), builtin::str(cx, v, G), format(cx, &parts, G)];
            for (got, expected) in got.into_iter().zip(expected) {
                tally.check(|| format!("{lit:?}"), got.map(|text| encode(Value::Str(text))), expected);
            }
        }
    });
    tally.finish(15);
}

#[test]
fn specs_as_cpython() {
    let specs = [
        ".2f", ".0f", ".1f", "f", "F", "5", "05", "<8", ">8", "^8", "*^9", "=8", "+", " ", "+.3f", "08.3f", "-08.2f",
        "d", "5d", "05d", "<05", "+d", "=+6d", "0<6", "%", ".1%", "x", ",", "e", "g", ".3", "s", "10s", "^10s", ".2s",
        ">6.1s", "é>6", "010.4f", "0", "00", ".30f", ".2d", "q", "5.", "a<", "{", "<<5", "+05", " 6.1f", "=6s", "06s",
        "1001", "_d", "#x", "n", "z.1f", "c", "b", "\n>4", ".f", "+s", "٣",
    ];
    let floats = [
        0.0,
        -0.0,
        0.5,
        1.5,
        2.5,
        0.125,
        0.25,
        0.35,
        2.675,
        1e15,
        1e16,
        1e22,
        1e300,
        -1.005,
        1.0 / 3.0,
        5e-324,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        99.995,
        1e-7,
        0.00005,
        -0.4,
    ];
    let mut lits: Vec<_> = floats.map(Lit::Float).into_iter().collect();
    lits.extend([0, 7, -7, 123, i64::MIN, i64::MAX, (1 << 53) + 1].map(Lit::Int));
    lits.extend([Lit::Bool(true), Lit::None, Lit::str(""), Lit::str("héllo"), Lit::str("ab"), Lit::List(vec![])]);
    let mut random = Random(9);
    lits.extend((0..200).map(|_| Lit::Float(random.float())));
    let lines: Vec<_> = specs
        .iter()
        .flat_map(|spec| lits.iter().map(|lit| format!("({},{})", lit.python(), Lit::str(spec).python())))
        .collect();
    let answers = python("for l in lines: print(attempt(format, *eval(l)))", &lines);
    let mut tally = Tally::default();
    with_cx(|cx| {
        let cases = specs.iter().flat_map(|spec| lits.iter().map(move |lit| (spec, lit)));
        for ((spec, lit), expected) in cases.zip(&answers) {
            let got = format(cx, &[Part::Spec(lit.value(cx), str_new(cx, spec, G).unwrap())], G)
                .map(|text| encode(Value::Str(text)));
            tally.check(|| format!("{lit:?}:{spec} {}", hex(spec)), got, expected);
        }
    });
    tally.finish(35);
}

#[test]
fn fixed_notation_as_cpython() {
    let mut random = Random(11);
    let cases: Vec<(f64, usize)> = (0..60_000).map(|_| (random.float(), random.below(9))).collect();
    let ties = (0..4000).map(|n| (n as f64 / 64.0, n % 7));
    let cases: Vec<_> = cases.into_iter().chain(ties).collect();
    let lines: Vec<_> = cases.iter().map(|(float, digits)| format!("{} {digits}", float.to_bits())).collect();
    let answers = python("for l in lines:\n    b, n = l.split()\n    print(enc(f'{F(int(b)):.{n}f}'))", &lines);
    let mut tally = Tally::default();
    with_cx(|cx| {
        for ((float, digits), expected) in cases.iter().zip(&answers) {
            let spec = format!(".{digits}f");
            let got = format(cx, &[Part::Spec(Value::float(*float), str_new(cx, &spec, G).unwrap())], G)
                .map(|text| encode(Value::Str(text)));
            tally.check(|| format!("{float:?}:{spec}"), got, expected);
        }
    });
    tally.finish(0);
}

#[test]
fn numbers_read_as_cpython() {
    let fixed = [
        "",
        " ",
        "1",
        "+1",
        "-1",
        "--1",
        "+ 1",
        " 12 ",
        "\t1\n",
        "\x0b1\x0c",
        "\x1c1",
        "1_000",
        "_1",
        "1_",
        "1__0",
        "0_0",
        "007",
        "0x10",
        "1.",
        ".5",
        ".",
        "1.5",
        "1e5",
        "1e",
        "e5",
        "1e+5",
        "1e-5",
        "1_0.0_1",
        "1_.0",
        "1._0",
        "1e1_0",
        "1e_1",
        "inf",
        "-inf",
        "Infinity",
        "+INFINITY",
        "nan",
        "-NaN",
        "in_f",
        "infinit",
        "1e400",
        "-1e400",
        "1e-400",
        "4.9e-324",
        "2e-324",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "1e99999999999999999999",
        "0e99999999999999999999",
        "1e-99999999999999999999",
        "1\0",
        "\x001",
        "1 2",
        "1,5",
        "٣",
        "1\u{a0}",
        "True",
        "None",
        "0b1",
        "1j",
        "1d5",
        "1f",
        "0.1e1.",
        "9007199254740993",
        "9007199254740992.5",
        "2.2250738585072011e-308",
        "1_000.5e-1_0",
        "+.5e1",
        "-.e1",
        "00",
        "-0",
        "-0.0",
        "+",
        "-",
        "_",
        "1.7976931348623159e308",
        "1.7976931348623157e308",
        "nan(1)",
        "infinity ",
        "0_",
        "0__0",
    ];
    let mut random = Random(3);
    let alphabet: Vec<char> = "0123456789._eE+- \nnaif".chars().collect();
    let digits: Vec<char> = "0123456789".chars().collect();
    let mut texts: Vec<String> = fixed.map(str::to_owned).into_iter().collect();
    texts.extend([600, 641, 4300, 5000].map(|zeros| format!("{}1", "0".repeat(zeros))));
    texts.extend((0..20_000).map(|_| random.text(&alphabet, 6)));
    for _ in 0..20_000 {
        let (whole, fraction) = (random.text(&digits, 20), random.text(&digits, 25));
        texts.push(format!("{whole}.{fraction}e{}", random.below(680) as i64 - 340));
    }
    let lines: Vec<_> = texts.iter().map(|text| hex(text)).collect();
    let script =
        "for l in lines:\n    s = bytes.fromhex(l).decode()\n    print(attempt(int, s))\n    print(attempt(float, s))";
    let answers = python(script, &lines);
    let mut tally = Tally::default();
    with_cx(|cx| {
        for (text, expected) in texts.iter().zip(answers.chunks(2)) {
            let v = Value::Str(str_new(cx, text, G).unwrap());
            tally.check(|| format!("int({text:?})"), builtin::int(cx, v, G).map(encode), &expected[0]);
            let float = builtin::float(cx, v, G).map(|float| encode(Value::float(float)));
            tally.check(|| format!("float({text:?})"), float, &expected[1]);
        }
    });
    tally.finish(1);
}
