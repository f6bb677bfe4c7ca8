//! Random programs of the native language, in every tier, with a bailout forced at every guard.
//!
//! Seeded, so that a failure comes again; `UPSHIFT_RANDOM=N` runs N programs instead of a few dozen.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::support::{check, root};

/// A small generator of its own: SplitMix64 (Steele, Lea and Flood 2014), so that seeds mean the same for ever.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).expect("it is below n")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Writes one program.
struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    /// How deep the statement at hand is nested in loops.
    loops: usize,
    /// Whether helpers may be called here.
    helpers: bool,
}

const INTS: &[&str] = &["i", "j", "n", "m"];
const VALUES: &[&str] = &["i", "j", "n", "m", "x", "y", "s", "t", "xs", "d", "b"];

impl Writer<'_> {
    fn int(&mut self, depth: usize) -> String {
        match self.random.below(if depth == 0 { 4 } else { 14 }) {
            0 | 1 => self.random.pick(INTS).to_owned(),
            2 => self.random.pick(&["0", "1", "2", "3", "7", "10", "255"]).to_owned(),
            3 => self.random.pick(&["9223372036854775807", "4611686018427387904", "1000003"]).to_owned(),
            4 => format!("len({})", self.random.pick(&["s", "t", "xs", "d"])),
            5 => format!("-{}", self.int(0)),
            6 => format!("abs({})", self.int(depth - 1)),
            7 => {
                let name = self.random.pick(&["min", "max"]);
                format!("{name}({}, {})", self.int(depth - 1), self.int(depth - 1))
            }
            8 if self.helpers => format!("helper({}, by={})", self.int(depth - 1), self.int(0)),
            9 if self.helpers => format!("nested({})", self.int(depth - 1)),
            10 => format!("({} if {} else {})", self.int(depth - 1), self.condition(depth - 1), self.int(depth - 1)),
            _ => {
                let op = self.random.pick(&["+", "-", "*", "//", "%", "+", "-", "&", "|", "^"]);
                format!("({} {op} {})", self.int(depth - 1), self.int(depth - 1))
            }
        }
    }

    fn float(&mut self, depth: usize) -> String {
        match self.random.below(if depth == 0 { 3 } else { 7 }) {
            0 => self.random.pick(&["x", "y"]).to_owned(),
            1 => self.random.pick(&["0.0", "0.5", "-1.5", "1e300", "1e-7", "3.0"]).to_owned(),
            2 => "float(i)".to_owned(),
            3 => format!("({} / {})", self.int(depth - 1), self.int(depth - 1)),
            _ => {
                let op = self.random.pick(&["+", "-", "*", "/", "//", "%"]);
                let right = if self.random.below(2) == 0 { self.int(depth - 1) } else { self.float(depth - 1) };
                format!("({} {op} {right})", self.float(depth - 1))
            }
        }
    }

    fn text(&mut self, depth: usize) -> String {
        match self.random.below(if depth == 0 { 2 } else { 7 }) {
            0 => self.random.pick(&["s", "t"]).to_owned(),
            1 => self.random.pick(&["''", "'ab'", "'é'", "\"it's\"", "'{}'", "'\\n\\\\'"]).to_owned(),
            2 => format!("({} + {})", self.text(depth - 1), self.text(depth - 1)),
            3 => format!("str({})", self.random.pick(VALUES)),
            4 => format!("f\"<{{{}}}|{{{}}}>\"", self.random.pick(VALUES), self.random.pick(VALUES)),
            5 => format!("({} * ({} % 4))", self.text(depth - 1), self.random.pick(INTS)),
            _ => format!("(s + 'z')[{}]", self.random.pick(&["0", "-1"])),
        }
    }

    fn any(&mut self, depth: usize) -> String {
        match self.random.below(8) {
            0 | 1 => self.int(depth),
            2 => self.float(depth),
            3 => self.text(depth),
            4 => self.condition(depth),
            5 => format!("[{}, {}]", self.int(0), self.random.pick(VALUES)),
            6 => format!("{{{}: {}}}", self.random.pick(&["1", "1.0", "True", "'k'", "None", "i"]), self.int(0)),
            _ => self.random.pick(&["None", "x", "d.get('k')", "d.get(i, -1)", "xs[-1]", "True"]).to_owned(),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        match self.random.below(if depth == 0 { 3 } else { 9 }) {
            0 => "b".to_owned(),
            1 => format!("{} {} {}", self.int(0), self.random.pick(&["<", "<=", "==", "!=", ">", ">="]), self.int(0)),
            2 => self.random.pick(&["i in xs", "'k' in d", "'a' in s", "xs", "s", "d"]).to_owned(),
            3 => format!("({} and {})", self.condition(depth - 1), self.condition(depth - 1)),
            4 => format!("({} or {})", self.condition(depth - 1), self.condition(depth - 1)),
            5 => format!("(not {})", self.condition(depth - 1)),
            6 => format!("({} < {} <= {})", self.int(0), self.int(depth - 1), self.int(0)),
            7 => format!("({} == {})", self.random.pick(VALUES), self.random.pick(VALUES)),
            _ => format!("({} {} {})", self.float(0), self.random.pick(&["<", ">=", "=="]), self.int(0)),
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.text, "{:1$}{text}", "", indent * 4);
    }

    fn block(&mut self, indent: usize, depth: usize) {
        for _ in 0..=self.random.below(3) {
            self.statement(indent, depth);
        }
    }

    fn statement(&mut self, indent: usize, depth: usize) {
        let choice = self.random.below(if depth == 0 { 9 } else { 15 });
        let text = match choice {
            0 => format!("{} = {}", self.random.pick(&["n", "m", "j"]), self.int(2)),
            1 => format!("{} = {}", self.random.pick(&["x", "y"]), self.float(2)),
            2 => format!("{} = {}", self.random.pick(&["s", "t"]), self.text(2)),
            3 => format!("xs.append({})", self.any(1)),
            4 => format!("d[{}] = {}", self.random.pick(&["'k'", "i", "s", "1.0", "True"]), self.any(1)),
            5 => format!("{} {}= {}", self.random.pick(&["n", "m"]), self.random.pick(&["+", "-", "*"]), self.int(1)),
            6 => format!("print({}, {})", self.random.pick(VALUES), self.any(1)),
            7 => format!("xs[{}] = {}", self.random.pick(&["0", "-1", "n % len(xs)"]), self.any(1)),
            8 => format!("b = {}", self.condition(2)),
            9 if self.loops > 0 => {
                let condition = self.condition(1);
                self.line(indent, &format!("if {condition}:"));
                let leave = self.random.pick(&["break", "continue", "break"]);
                return self.line(indent + 1, leave);
            }
            10 | 11 if self.loops < 2 => {
                let head = match self.random.below(4) {
                    0 => format!("for i in range({}):", self.random.pick(&["3", "len(s) % 5", "2, 9, 3", "4, 0, -1"])),
                    1 => "for c in s + 'q':".to_owned(),
                    2 => "for k in {'p': 1, 'q': n}:".to_owned(),
                    _ => "for v in [1, n, m]:".to_owned(),
                };
                self.line(indent, &head);
                self.loops += 1;
                self.block(indent + 1, depth - 1);
                self.loops -= 1;
                if self.random.below(4) == 0 {
                    self.line(indent, "else:");
                    self.block(indent + 1, depth - 1);
                }
                return;
            }
            _ => {
                let condition = self.condition(2);
                self.line(indent, &format!("if {condition}:"));
                self.block(indent + 1, depth - 1);
                if self.random.below(2) == 0 {
                    self.line(indent, "else:");
                    self.block(indent + 1, depth - 1);
                }
                return;
            }
        };
        self.line(indent, &text);
    }
}

fn program(random: &mut Random) -> String {
    let mut writer = Writer { random, text: String::new(), loops: 0, helpers: false };
    let (helper, nested) = (writer.int_of("i", "by"), writer.int_of("i", "shared"));
    writer.text.clear();
    let _ = write!(
        writer.text,
        "LIMIT = 12\n\n\ndef helper(i, by=2):\n    if i > LIMIT:\n        return by\n    return {helper}\n\n\n\
         def main(args):\n    i = args['i']\n    j = args.get('j', 3)\n    x = args['x']\n    y = 0.25\n    s = args['s']\n    \
         t = 'tt'\n    xs = args['xs']\n    d = args['d']\n    n = 1\n    m = i\n    b = False\n    shared = 5\n\n    \
         def nested(i):\n        {state}return {nested}\n\n",
        state = if writer.random.below(2) == 0 { "nonlocal shared\n        shared = shared + 1\n        " } else { "" },
    );
    writer.helpers = true;
    for _ in 0..5 {
        writer.statement(1, 2);
    }
    writer.line(
        1,
        "return {'n': n, 'm': m, 'j': j, 'x': x, 'y': y, 's': s, 't': t, 'xs': xs, 'd': d, 'b': b, 'shared': shared}",
    );
    writer.text.clone()
}

impl Writer<'_> {
    /// An expression of two int variables.
    fn int_of(&mut self, a: &str, b: &str) -> String {
        let op = self.random.pick(&["+", "-", "*", "//", "%"]);
        let constant = self.random.pick(&["1", "2", "9"]);
        format!("({a} {op} {b}) + {constant}")
    }
}

const CALLS: &[&str] = &[
    r#"{"i": 3, "x": 1.5, "s": "abc", "xs": [1, 2, 3], "d": {"k": 1}}"#,
    r#"{"i": 0, "j": -2, "x": 0.0, "s": "", "xs": [0], "d": {}}"#,
    r#"{"i": 13, "x": -2.5, "s": "é\n'", "xs": ["a", 1.5, null], "d": {"k": [1], "a": 2}}"#,
    r#"{"i": 9223372036854775807, "x": 1e16, "s": "zz", "xs": [true, 2], "d": {"k": null}}"#,
    r#"{"i": 4, "x": 3, "s": "a", "xs": [], "d": {"k": "v"}}"#,
];

#[test]
fn random_programs_are_the_same_in_every_tier() {
    let programs: u64 = std::env::var("UPSHIFT_RANDOM").ok().and_then(|n| n.parse().ok()).unwrap_or(32);
    let mut accelerated = 0;
    for seed in 0..programs {
        let source = program(&mut Random(seed));
        let report = check(&source, CALLS, true);
        assert!(report.mismatches.is_empty(), "seed {seed}: {:#?}\n{source}", report.mismatches);
        let reason = report.reason.unwrap_or_default();
        assert!(
            report.accelerated || reason.starts_with("every call bailed out"),
            "seed {seed} is of the native language, but: {reason}\n{source}"
        );
        accelerated += u64::from(report.accelerated);
    }
    assert!(accelerated * 2 > programs, "{accelerated} of {programs} were accelerated");
}

/// Programs of the whole language, which `scripts/random_programs.py` writes; `make soak` runs many.
#[test]
fn random_programs_of_the_whole_language() {
    let count: usize = std::env::var("UPSHIFT_RANDOM").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    let folder = tempfile::tempdir().unwrap();
    let written = Command::new("python3")
        .args(["-W", "ignore"])
        .arg(root().join("scripts/random_programs.py"))
        .arg("write")
        .arg(folder.path())
        .args(["--seed", "1000000", "--count", &count.to_string()])
        .status();
    assert!(written.expect("python3 is installed").success());
    let (mut native, mut calls_seen) = (0, 0);
    for number in 0..count {
        let path = folder.path().join(format!("p{}.py", 1_000_000 + number));
        let source = fs::read_to_string(&path).unwrap();
        let calls = fs::read_to_string(path.with_extension("calls.jsonl")).unwrap();
        let calls: Vec<serde_json::Value> = calls.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let args: Vec<String> = calls.iter().map(|call| call["args"].to_string()).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let report = check(&source, &args, false);
        assert!(report.mismatches.is_empty(), "{}: {:#?}\n{source}", path.display(), report.mismatches);
        let reason = report.reason.unwrap_or_default();
        assert!(!reason.contains("rustc"), "{reason}\n{source}");
        native += report.native_calls;
        calls_seen += args.len();
    }
    assert!(native * 10 > calls_seen * 8, "{native} of {calls_seen} calls were native");
}
