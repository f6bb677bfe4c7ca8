//! CPython as the oracle: values that both sides build, one text for each, and batches of answers.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use upshift_runtime::{
    Arena, Bail, BailKind, Cx, Limits, Range, Value, dict_new, int_literal, list_new, range_value, str_new,
};

/// The guard that the tests bail out at.
pub(crate) const G: u32 = 7;

const PRELUDE: &str = r#"
import sys, struct
sys.setrecursionlimit(5000)
sys.stdout.reconfigure(encoding='utf-8', newline='\n')
def F(bits): return struct.unpack('<d', struct.pack('<Q', bits))[0]
def enc(v):
    if v is None: return 'N'
    t = type(v)
    if t is bool: return 'T' if v else 'F'
    if t is int: return 'i%d' % v
    if t is float: return 'fnan' if v != v else 'f%016x' % struct.unpack('<Q', struct.pack('<d', v))[0]
    if t is str: return 's' + v.encode('utf-8', 'surrogatepass').hex()
    if t is list: return '[' + ','.join(map(enc, v)) + ']'
    if t is dict: return '{' + ','.join(enc(k) + ':' + enc(x) for k, x in v.items()) + '}'
    if t is range: return 'r(%d,%d,%d)' % (v.start, v.stop, v.step)
    return '?'
def attempt(f, *args):
    try: return enc(f(*args))
    except Exception: return '!'
lines = sys.stdin.buffer.read().decode('utf-8').split('\n')[:-1]
"#;

/// A value in a form that both sides can build.
#[derive(Clone, Debug)]
pub(crate) enum Lit {
    None,
    Bool(bool),
    Int(i64),
    /// One of any size, by its decimal digits.
    Whole(String),
    Float(f64),
    Str(String),
    List(Vec<Lit>),
    Dict(Vec<(Lit, Lit)>),
    Range(i64, i64, i64),
}

impl Lit {
    pub(crate) fn str(text: &str) -> Lit {
        Lit::Str(text.to_owned())
    }

    /// The expression that makes it in Python.
    pub(crate) fn python(&self) -> String {
        match self {
            Lit::None => "None".into(),
            Lit::Bool(value) => if *value { "True" } else { "False" }.into(),
            Lit::Int(value) => format!("({value})"),
            Lit::Whole(digits) => format!("({digits})"),
            Lit::Float(value) => format!("F({})", value.to_bits()),
            Lit::Str(text) => {
                let letters: String = text.chars().map(|letter| format!("\\U{:08x}", u32::from(letter))).collect();
                format!("\"{letters}\"")
            }
            Lit::List(items) => format!("[{}]", items.iter().map(Lit::python).collect::<Vec<_>>().join(",")),
            Lit::Dict(items) => {
                let items: Vec<_> = items.iter().map(|(k, v)| format!("{}:{}", k.python(), v.python())).collect();
                format!("{{{}}}", items.join(","))
            }
            Lit::Range(start, stop, step) => format!("range({start},{stop},{step})"),
        }
    }

    pub(crate) fn value<'a>(&self, cx: &'a Cx<'a>) -> Value<'a> {
        match self {
            Lit::None => Value::None,
            Lit::Bool(value) => Value::bool(*value),
            Lit::Int(value) => Value::Int(*value),
            Lit::Whole(digits) => int_literal(cx, digits, G).unwrap(),
            Lit::Float(value) => Value::float(*value),
            Lit::Str(text) => Value::Str(str_new(cx, text, G).unwrap()),
            Lit::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.value(cx)).collect();
                Value::List(list_new(cx, &items, G).unwrap())
            }
            Lit::Dict(items) => {
                let items: Vec<_> = items.iter().map(|(k, v)| (k.value(cx), v.value(cx))).collect();
                Value::Dict(dict_new(cx, &items, G).unwrap())
            }
            Lit::Range(start, stop, step) => range_value(cx, Range::new(*start, *stop, *step, G).unwrap(), G).unwrap(),
        }
    }
}

/// The text that `enc` gives on the other side.
pub(crate) fn encode(v: Value<'_>) -> String {
    match v {
        Value::None => "N".into(),
        Value::Bool(value) => if value.get() { "T" } else { "F" }.into(),
        Value::Int(value) => format!("i{value}"),
        Value::Float(value) if value.get().is_nan() => "fnan".into(),
        Value::Float(value) => format!("f{:016x}", value.get().to_bits()),
        Value::Str(text) => format!("s{}", text.text().bytes().map(|byte| format!("{byte:02x}")).collect::<String>()),
        Value::List(list) => {
            let items: Vec<_> = (0..list.len()).map(|index| encode(list.at(index).unwrap())).collect();
            format!("[{}]", items.join(","))
        }
        Value::Dict(dict) => {
            let entries = dict.entries();
            let items: Vec<_> = entries.map(|(k, v)| format!("{}:{}", encode(k), encode(v))).collect();
            format!("{{{}}}", items.join(","))
        }
        Value::Range(_) => {
            let range = v.as_range(G).unwrap();
            format!("r({},{},{})", range.start, range.stop, range.step)
        }
        // CPython does not print longer ones, which `attempt` shows as an exception.
        Value::Big(big) if big.bits() > 14_000 => "!".into(),
        Value::Big(big) => format!("i{}", big.number()),
        other => panic!("{other:?} is none of the values that these tests make"),
    }
}

/// Runs `script` in one CPython process with `lines` as its list of input lines; its output lines.
pub(crate) fn python(script: &str, lines: &[String]) -> Vec<String> {
    let mut child = Command::new("python3")
        .args(["-c", &format!("{PRELUDE}{script}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut stdin = child.stdin.take().unwrap();
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the oracle's script failed");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Runs `test` with a context of ample limits.
pub(crate) fn with_cx<T>(test: impl for<'a> FnOnce(&'a Cx<'a>) -> T) -> T {
    let limits = Limits {
        deadline: Instant::now() + Duration::from_secs(600),
        memory_bytes: 1 << 30,
        force: u32::MAX,
        hash_secret: upshift_runtime::HashSecret::default(),
        is_utc: true,
    };
    let arena = Arena::new();
    let cx = Cx::new(&arena, &["hello", "", "é"], limits).unwrap();
    test(cx)
}

/// Counts what the runtime answered where CPython had an answer.
#[derive(Default)]
pub(crate) struct Tally {
    answered: usize,
    bailed: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Compares an answer with CPython's: `!` an exception, `?` one that was not computed.
    pub(crate) fn check(&mut self, what: impl Fn() -> String, got: Result<String, Bail>, expected: &str) {
        match got {
            Ok(got) => {
                self.answered += 1;
                if got != expected && expected != "?" {
                    let shown: String = got.chars().take(200).collect();
                    self.wrong.push(format!("{}: got {shown}, CPython {expected}", what()));
                }
            }
            Err(bail) => {
                assert_eq!(bail.bailout().guard, G);
                if matches!(bail.kind(), BailKind::Exception | BailKind::Raised) && !matches!(expected, "!" | "?") {
                    self.wrong.push(format!("{}: got an exception, CPython {expected}", what()));
                }
                self.bailed += usize::from(!matches!(expected, "!" | "?"));
            }
        }
    }

    /// Fails at any wrong answer, or when more than `percent` of the answers were bailouts.
    pub(crate) fn finish(self, percent: usize) {
        assert!(self.wrong.is_empty(), "{} wrong, such as:\n{}", self.wrong.len(), {
            self.wrong[..self.wrong.len().min(20)].join("\n")
        });
        assert!(self.answered > 0);
        let bailed = self.bailed * 100 / (self.answered + self.bailed);
        assert!(bailed <= percent, "{bailed}% bailed out ({} of {})", self.bailed, self.answered + self.bailed);
    }
}

/// A seeded random sequence (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// An int of random size.
    pub(crate) fn int(&mut self) -> i64 {
        let shift = self.below(64);
        (self.next() as i64) >> shift
    }

    /// A float of any bit pattern, or near an int.
    pub(crate) fn float(&mut self) -> f64 {
        match self.below(4) {
            0 => f64::from_bits(self.next()),
            1 => self.int() as f64,
            2 => self.int() as f64 / 8.0,
            _ => (self.next() % 100_000) as f64 / 1000.0,
        }
    }

    pub(crate) fn text(&mut self, alphabet: &[char], most: usize) -> String {
        let len = self.below(most + 1);
        (0..len).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}
