//! `hashlib` and `hmac` (`Modules/_hashopenssl.c`, `Lib/hmac.py`), by the digests of the RustCrypto crates.

use std::cell::RefCell;

use md5::Digest;

use crate::{Args, BailKind, Builtin, Cx, Obj, Result, Type, Value, bytes_new, object_new, str_new};

/// The functions of `hashlib`.
pub(super) const HASHLIB: &[Builtin] = &[
    Builtin { module: "hashlib", name: "md5", call: |cx, args, g| named(cx, "md5", args, g) },
    Builtin { module: "hashlib", name: "sha1", call: |cx, args, g| named(cx, "sha1", args, g) },
    Builtin { module: "hashlib", name: "sha224", call: |cx, args, g| named(cx, "sha224", args, g) },
    Builtin { module: "hashlib", name: "sha256", call: |cx, args, g| named(cx, "sha256", args, g) },
    Builtin { module: "hashlib", name: "sha384", call: |cx, args, g| named(cx, "sha384", args, g) },
    Builtin { module: "hashlib", name: "sha512", call: |cx, args, g| named(cx, "sha512", args, g) },
    Builtin { module: "hashlib", name: "new", call: |cx, args, g| new(cx, args, g) },
];

/// The functions of `hmac`.
pub(super) const HMAC: &[Builtin] = &[
    Builtin { module: "hmac", name: "new", call: |cx, args, g| hmac_new(cx, args, g) },
    Builtin { module: "hmac", name: "digest", call: |cx, args, g| hmac_digest(cx, args, g) },
    Builtin { module: "hmac", name: "compare_digest", call: |cx, args, g| compare_digest(cx, args, g) },
];

/// A digest on its way; nothing in it lives outside of the arena.
#[derive(Clone)]
enum State {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

macro_rules! each {
    ($state:expr, $digest:ident => $done:expr) => {
        match $state {
            State::Md5($digest) => $done,
            State::Sha1($digest) => $done,
            State::Sha224($digest) => $done,
            State::Sha256($digest) => $done,
            State::Sha384($digest) => $done,
            State::Sha512($digest) => $done,
        }
    };
}

impl State {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5(Digest::new()),
            "sha1" => Self::Sha1(Digest::new()),
            "sha224" => Self::Sha224(Digest::new()),
            "sha256" => Self::Sha256(Digest::new()),
            "sha384" => Self::Sha384(Digest::new()),
            "sha512" => Self::Sha512(Digest::new()),
            _ => return None,
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Md5(_) => "md5",
            Self::Sha1(_) => "sha1",
            Self::Sha224(_) => "sha224",
            Self::Sha256(_) => "sha256",
            Self::Sha384(_) => "sha384",
            Self::Sha512(_) => "sha512",
        }
    }

    /// Bytes that are taken in at once.
    fn block(&self) -> usize {
        if matches!(self, Self::Sha384(_) | Self::Sha512(_)) { 128 } else { 64 }
    }

    fn update<'a>(&mut self, cx: &'a Cx<'a>, bytes: &[u8], g: u32) -> Result<()> {
        cx.burn(bytes.len().saturating_mul(4), g)?;
        each!(self, digest => digest.update(bytes));
        Ok(())
    }

    fn digest(&self) -> Vec<u8> {
        each!(self, digest => digest.clone().finalize().to_vec())
    }
}

/// The bytes of a bytes-like object; a text is the error of one that was not encoded.
fn data<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Vec<u8>> {
    match v {
        Value::Bytes(bytes) => Ok(bytes.bytes().to_vec()),
        Value::Object(object) => object.get().as_bytes().ok_or_else(|| BailKind::Unsupported.at(g)),
        Value::Str(_) => Err(cx.raise(Type::TypeError, "Strings must be encoded before hashing", g)),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn named<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [first, _] = args.bind(["string", "usedforsecurity"], 0, 1, g)?;
    let mut state = State::named(name).ok_or_else(|| BailKind::Unsupported.at(g))?;
    if let Some(first) = first {
        state.update(cx, &data(cx, first, g)?, g)?;
    }
    object_new(cx, Hash { state: RefCell::new(state), outer: None }, g)
}

fn new<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [name, first] = args.bind(["name", "data"], 1, 2, g)?;
    match (name, first) {
        (Some(Value::Str(name)), Some(first)) => named(cx, name.text(), Args::of(&[first]), g),
        (Some(Value::Str(name)), None) => named(cx, name.text(), Args::of(&[]), g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// The digest that `hmac` is told: by name, or by its constructor.
fn digest_of(v: Option<Value<'_>>, g: u32) -> Result<State> {
    let name = match v {
        Some(Value::Str(name)) => name.text(),
        Some(Value::Builtin(function)) if function.module == "hashlib" => function.name,
        _ => return Err(BailKind::Unsupported.at(g)),
    };
    State::named(name).ok_or_else(|| BailKind::Unsupported.at(g))
}

/// The inner and the outer digest under a key (RFC 2104).
fn keyed<'a>(cx: &'a Cx<'a>, key: Value<'a>, digest: State, g: u32) -> Result<(State, State)> {
    let mut key = match key {
        Value::Bytes(key) => key.bytes().to_vec(),
        Value::Object(key) => key.get().as_bytes().ok_or_else(|| BailKind::Unsupported.at(g))?,
        _ => return Err(BailKind::Unsupported.at(g)),
    };
    if key.len() > digest.block() {
        let mut hashed = digest.clone();
        hashed.update(cx, &key, g)?;
        key = hashed.digest();
    }
    key.resize(digest.block(), 0);
    let (mut inner, mut outer) = (digest.clone(), digest);
    inner.update(cx, &key.iter().map(|byte| byte ^ 0x36).collect::<Vec<_>>(), g)?;
    outer.update(cx, &key.iter().map(|byte| byte ^ 0x5C).collect::<Vec<_>>(), g)?;
    Ok((inner, outer))
}

fn hmac_new<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [key, message, digest] = args.bind(["key", "msg", "digestmod"], 1, 3, g)?;
    let key = key.ok_or_else(|| BailKind::Exception.at(g))?;
    let (mut inner, outer) = keyed(cx, key, digest_of(digest, g)?, g)?;
    if let Some(message) = message.filter(|message| !matches!(message, Value::None)) {
        inner.update(cx, &data(cx, message, g)?, g)?;
    }
    object_new(cx, Hash { state: RefCell::new(inner), outer: Some(outer) }, g)
}

fn hmac_digest<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(key), Some(message), digest] = args.bind(["key", "msg", "digest"], 3, 3, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let (mut inner, mut outer) = keyed(cx, key, digest_of(digest, g)?, g)?;
    inner.update(cx, &data(cx, message, g)?, g)?;
    outer.update(cx, &inner.digest(), g)?;
    bytes_new(cx, &outer.digest(), g).map(Value::Bytes)
}

fn compare_digest<'a>(_cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [Value::Str(l), Value::Str(r)] if l.is_ascii() && r.is_ascii() => Ok(Value::bool(l.text() == r.text())),
        [Value::Bytes(l), Value::Bytes(r)] => Ok(Value::bool(l.bytes() == r.bytes())),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// What `hashlib`'s constructors and `hmac.new` give.
struct Hash {
    state: RefCell<State>,
    /// Of an HMAC: what the digest goes through.
    outer: Option<State>,
}

impl Hash {
    fn digest<'a>(&self, cx: &'a Cx<'a>, g: u32) -> Result<Vec<u8>> {
        let digest = self.state.borrow().digest();
        match &self.outer {
            None => Ok(digest),
            Some(outer) => {
                let mut outer = outer.clone();
                outer.update(cx, &digest, g)?;
                Ok(outer.digest())
            }
        }
    }
}

impl<'a> Obj<'a> for Hash {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        let state = self.state.borrow();
        Ok(match name {
            "name" if self.outer.is_some() => Some(Value::Str(str_new(cx, &format!("hmac-{}", state.name()), g)?)),
            "name" => Some(Value::Str(str_new(cx, state.name(), g)?)),
            "digest_size" => Some(Value::Int(state.digest().len() as i64)),
            "block_size" => Some(Value::Int(state.block() as i64)),
            _ => None,
        })
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "update" | "digest" | "hexdigest" | "copy")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("update", [more]) => {
                let more = data(cx, *more, g)?;
                self.state.borrow_mut().update(cx, &more, g)?;
                Ok(Value::None)
            }
            ("digest", []) => bytes_new(cx, &self.digest(cx, g)?, g).map(Value::Bytes),
            ("hexdigest", []) => {
                let text: String = self.digest(cx, g)?.iter().map(|byte| format!("{byte:02x}")).collect();
                str_new(cx, &text, g).map(Value::Str)
            }
            ("copy", []) => {
                let state = RefCell::new(self.state.borrow().clone());
                object_new(cx, Hash { state, outer: self.outer.clone() }, g)
            }
            _ => Err(BailKind::Exception.at(g)),
        }
    }
}
