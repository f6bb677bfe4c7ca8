//! What library modules have natively, by module and name.
//!
//! Each module is a table of functions; constants and classes are looked up by [`value`].

mod accurate;
mod binascii;
pub(crate) mod collections;
mod copy;
mod csv;
mod dataclasses;
pub(crate) mod datetime;
pub(crate) mod deque;
mod environ;
mod functools;
mod hashes;
mod http_client;
mod httpx;
mod itertools;
pub(crate) mod json;
mod locks;
pub(crate) mod logging;
mod matching;
mod math;
mod operator;
mod packing;
mod paths;
mod quoting;
pub(crate) mod random;
pub(crate) mod re;
mod requests;
mod secrets;
mod selections;
mod sequences;
pub(crate) mod streams;
mod string_io;
mod time;
mod unicodedata;
mod untold;
mod urlopen;
mod web;

pub use self::functools::cached;
pub(crate) use self::httpx::client_of_module;
pub use self::re::compiled as pattern;
pub(crate) use self::requests::session_of_module;

use crate::{Args, BailKind, Builtin, Cx, Result, Stream, Type, Value, builtin};

/// The tables of all modules.
const MODULES: &[(&str, &[Builtin])] = &[
    ("builtins", builtin::TABLE),
    ("binascii", binascii::TABLE),
    ("bisect", sequences::BISECT),
    ("copy", copy::TABLE),
    ("csv", csv::TABLE),
    ("dataclasses", dataclasses::TABLE),
    ("functools", functools::FUNCTOOLS),
    ("hashlib", hashes::HASHLIB),
    ("heapq", sequences::HEAPQ),
    ("hmac", hashes::HMAC),
    ("httpx", httpx::TABLE),
    ("io", string_io::TABLE),
    ("itertools", itertools::TABLE),
    ("itertools.chain", itertools::CHAIN),
    ("json", json::TABLE),
    ("logging", logging::TABLE),
    ("match", matching::TABLE),
    ("math", math::TABLE),
    ("operator", operator::OPERATOR),
    ("os", environ::TABLE),
    ("os.path", paths::TABLE),
    ("random", random::TABLE),
    ("re", re::TABLE),
    ("requests", requests::TABLE),
    ("secrets", secrets::TABLE),
    ("struct", packing::TABLE),
    ("threading", locks::TABLE),
    ("time", time::TABLE),
    ("unicodedata", unicodedata::TABLE),
    ("urllib.parse", quoting::TABLE),
    ("urllib.request", urlopen::TABLE),
    ("zlib", binascii::ZLIB),
];

/// The function of that name; used in constants of generated code, where a missing one does not compile.
#[must_use]
pub const fn function(module: &str, name: &str) -> &'static Builtin {
    match find(module, name) {
        Some(found) => found,
        None => panic!("the runtime has no such function"),
    }
}

pub(crate) const fn find(module: &str, name: &str) -> Option<&'static Builtin> {
    let mut at = 0;
    while at < MODULES.len() {
        if same(MODULES[at].0, module) {
            let table = MODULES[at].1;
            let mut number = 0;
            while number < table.len() {
                if same(table[number].name, name) {
                    return Some(&table[number]);
                }
                number += 1;
            }
        }
        at += 1;
    }
    None
}

const fn same(l: &str, r: &str) -> bool {
    let (l, r) = (l.as_bytes(), r.as_bytes());
    if l.len() != r.len() {
        return false;
    }
    let mut at = 0;
    while at < l.len() {
        if l[at] != r[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// What a function has under a name of its own (`chain.from_iterable`).
pub(crate) fn member(function: &Builtin, name: &str) -> Option<&'static Builtin> {
    let named = |module: &str| module.strip_prefix(function.module)?.strip_prefix('.').map(|own| own == function.name);
    let table = MODULES.iter().find(|(module, _)| named(module) == Some(true))?.1;
    table.iter().find(|known| known.name == name)
}

/// What a qualified name stands for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A function of [`function`].
    Function,
    /// A class.
    Class(Type),
    /// A constant.
    Constant,
}

/// What `math.sqrt`, `len`, `ValueError`, `collections.deque` stand for, if the runtime has it.
#[must_use]
pub fn kind(qualified: &str) -> Option<Kind> {
    let (module, name) = split(qualified);
    if find(module, name).is_some() {
        return Some(Kind::Function);
    }
    if let Some(ty) = Type::named(qualified) {
        return Some(Kind::Class(ty));
    }
    if matches!(qualified, "datetime.UTC" | "os.environ" | "sys.stdout" | "sys.stderr")
        || text(qualified).is_some()
        || re::flag(qualified).is_some()
    {
        return Some(Kind::Constant);
    }
    constant(qualified).map(|_| Kind::Constant)
}

/// Whether a module of that name has something native, so that its attributes are worth asking for.
#[must_use]
pub fn is_module(name: &str) -> bool {
    let known = MODULES
        .iter()
        .any(|(module, _)| *module == name || module.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
    known || Type::ALL.iter().any(|ty| ty.module() == name)
}

fn split(qualified: &str) -> (&str, &str) {
    qualified.rsplit_once('.').unwrap_or(("builtins", qualified))
}

/// The value of such a name.
pub fn value<'a>(cx: &'a Cx<'a>, qualified: &str, g: u32) -> Result<Value<'a>> {
    let (module, name) = split(qualified);
    if let Some(found) = find(module, name) {
        return Ok(Value::Builtin(found));
    }
    if let Some(ty) = Type::named(qualified) {
        return cx.class(ty, g).map(Value::Class);
    }
    if let Some(text) = text(qualified) {
        return crate::str_new(cx, text, g).map(Value::Str);
    }
    if let Some(flag) = re::flag(qualified) {
        return re::flag_new(cx, flag, g);
    }
    match qualified {
        "datetime.UTC" => return datetime::utc(cx, g),
        "os.environ" => return environ::environ(cx, g),
        "sys.stdout" => return streams::standard(cx, Stream::Stdout, g),
        "sys.stderr" => return streams::standard(cx, Stream::Stderr, g),
        _ => {}
    }
    constant(qualified).ok_or_else(|| BailKind::Unsupported.at(g))
}

/// Constants of library modules.
fn constant<'a>(qualified: &str) -> Option<Value<'a>> {
    Some(match qualified {
        "math.pi" => Value::float(std::f64::consts::PI),
        "math.e" => Value::float(std::f64::consts::E),
        "math.tau" => Value::float(std::f64::consts::TAU),
        "math.inf" => Value::float(f64::INFINITY),
        "math.nan" => Value::float(f64::NAN),
        "datetime.MINYEAR" => Value::Int(1),
        "datetime.MAXYEAR" => Value::Int(9999),
        "sys.maxsize" => Value::Int(i64::MAX),
        "NotImplemented" => Value::NotImplemented,
        "Ellipsis" => Value::Ellipsis,
        _ => {
            let (module, name) = split(qualified);
            let number = match module {
                "csv" => csv::constant(name),
                "logging" => logging::constant(name),
                _ => None,
            };
            return number.map(Value::Int);
        }
    })
}

/// Texts of library modules.
fn text(qualified: &str) -> Option<&'static str> {
    Some(match qualified {
        "os.sep" | "os.path.sep" => "/",
        "os.linesep" => "\n",
        "string.ascii_lowercase" => "abcdefghijklmnopqrstuvwxyz",
        "string.ascii_uppercase" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "string.ascii_letters" => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "string.digits" => "0123456789",
        "string.hexdigits" => "0123456789abcdefABCDEF",
        "string.octdigits" => "01234567",
        "string.punctuation" => "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "string.whitespace" => " \t\n\r\x0b\x0c",
        "string.printable" => {
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\x0b\x0c"
        }
        _ => return None,
    })
}

/// `type(*args)` of a library class.
pub(crate) fn construct<'a>(cx: &'a Cx<'a>, ty: Type, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match ty {
        Type::Partial => functools::partial(cx, args, g),
        Type::DefaultDict | Type::Counter | Type::OrderedDict | Type::Deque => collections::construct(cx, ty, args, g),
        Type::Date | Type::DateTime | Type::Time | Type::TimeDelta | Type::TimeZone => {
            datetime::construct(cx, ty, args, g)
        }
        Type::HttpConnection | Type::HttpsConnection => {
            http_client::connection(cx, ty == Type::HttpsConnection, args, g)
        }
        Type::HttpxClient => httpx::client(cx, args, g),
        Type::HttpxTimeout => httpx::timeout(cx, args, g),
        Type::HttpxUrl => httpx::url(cx, args, g),
        Type::UrllibRequest => urlopen::request(cx, args, g),
        Type::RequestsSession => requests::session(cx, args, g),
        Type::Bytes => crate::codec::bytes(cx, args, g),
        Type::ByteArray => crate::bytearray::construct(cx, args, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
