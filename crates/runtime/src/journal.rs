//! What an invocation draws from the world: clocks and random numbers, in the order of each source.
//!
//! Live, every draw is kept, so that CPython's rerun after a bailout sees the same world.
//! Replayed, every draw is answered from what an earlier run drew, and there is no world: a source that has no more of it is `Unsupported`.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::big::int_value;
use crate::exchange::{self, Exchanges};
use crate::{BailKind, Cx, Result, Value, json};

/// So many draws are kept, as in CPython (`child/world/draws.rs` of the crate `worker`); a longer journal is given up as a whole.
const MOST: usize = 1 << 17;
/// Random bytes that are asked for at once.
const POOL: usize = 256;

/// Where a draw comes from; a run's draws of one source are in order, those of two are not.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nanoseconds since 1970.
    Time,
    /// Nanoseconds of a clock that never goes back.
    Monotonic,
    /// `random()` of the module `random`'s own generator.
    Random,
    /// `getrandbits(k)` of it: k, and the number.
    Bits,
    /// `os.urandom(n)` in hexadecimal.
    Entropy,
    /// `time.sleep(seconds)`, done: a rerun does not sleep again.
    Sleep,
}

impl Source {
    const ALL: [Self; 6] = [Self::Time, Self::Monotonic, Self::Random, Self::Bits, Self::Entropy, Self::Sleep];

    /// Its name in the journal's JSON; the prelude of the crate `worker` has the same.
    fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Monotonic => "monotonic",
            Self::Random => "random",
            Self::Bits => "getrandbits",
            Self::Entropy => "urandom",
            Self::Sleep => "sleep",
        }
    }
}

/// What one invocation has drawn, and what it is answered from.
#[derive(Default)]
pub(crate) struct Journal<'a> {
    /// What an earlier run drew; none for the world itself.
    given: Cell<Option<&'a [(Source, Value<'a>)]>>,
    /// By source: how many of `given` were looked at.
    next: [Cell<usize>; 6],
    drawn: RefCell<Vec<(Source, Value<'a>)>>,
    /// How many draws there were, kept or not.
    count: Cell<usize>,
    pool: RefCell<Vec<u8>>,
}

impl<'a> Journal<'a> {
    /// Begins anew, and frees what the arena does not.
    pub(crate) fn clear(&self) {
        self.drawn.take();
        self.pool.take();
        self.given.set(None);
        self.count.set(0);
        self.next.iter().for_each(|next| next.set(0));
    }

    /// Has every draw answered from the journal of an earlier run.
    pub(crate) fn replay(&self, cx: &'a Cx<'a>, text: &str, g: u32) -> Result<()> {
        let unsupported = || BailKind::Unsupported.at(g);
        let Value::List(entries) = json::parse(cx, cx.alloc_text(text, g)?, g)? else { return Err(unsupported()) };
        let (mut given, mut exchanges) = (Vec::new(), Vec::new());
        for entry in entries.to_vec() {
            let Value::List(entry) = entry else { return Err(unsupported()) };
            let (Some(Value::Str(name)), Some(value)) = (entry.at(0), entry.at(1)) else { return Err(unsupported()) };
            if name.text() == exchange::SOURCE {
                exchanges.push(exchange::read(value).ok_or_else(unsupported)?);
                continue;
            }
            let source = Source::ALL.into_iter().find(|source| source.name() == name.text()).ok_or_else(unsupported)?;
            given.push((source, value));
        }
        self.given.set(Some(cx.alloc_slice(given.len(), |at| given[at], g)?));
        cx.exchanges().replay(exchanges);
        Ok(())
    }

    /// The JSON of what was drawn and exchanged, `[source, value]` pairs; nothing if nothing was.
    /// Draws that are too many to keep are left out: a rerun that sees another world is as good, as long as nobody
    /// has seen this one. Exchanges are always there.
    pub(crate) fn text(&self, exchanges: &Exchanges) -> Vec<u8> {
        let drawn = if self.count.get() > MOST { RefCell::default() } else { self.drawn.clone() };
        if drawn.borrow().is_empty() && exchanges.len() == 0 {
            return Vec::new();
        }
        let mut out = vec![b'['];
        for (source, value) in drawn.borrow().iter() {
            let mut text = Vec::new();
            // What is drawn are numbers and bytes as texts, for all of which there is JSON.
            if json::dump(*value, &mut text).is_ok() {
                out.extend_from_slice(if out.len() > 1 { b", [\"" } else { b"[\"" });
                out.extend_from_slice(source.name().as_bytes());
                out.extend_from_slice(b"\", ");
                out.extend_from_slice(&text);
                out.push(b']');
            }
        }
        exchanges.write(&mut out);
        out.push(b']');
        out
    }

    /// How many draws there were.
    pub(crate) fn len(&self) -> usize {
        self.count.get()
    }

    fn draw(&self, source: Source, live: impl FnOnce() -> Result<Value<'a>>, g: u32) -> Result<Value<'a>> {
        let value = match self.given.get() {
            None => live()?,
            Some(given) => {
                let next = &self.next[source as usize];
                let found = given.iter().skip(next.get()).position(|(known, _)| *known == source);
                let at = next.get() + found.ok_or_else(|| BailKind::Unsupported.at(g))?;
                next.set(at + 1);
                given[at].1
            }
        };
        self.count.set(self.count.get() + 1);
        if self.count.get() <= MOST {
            self.drawn.borrow_mut().push((source, value));
        }
        Ok(value)
    }

    /// The nanoseconds that a clock shows.
    pub(crate) fn clock(&self, source: Source, g: u32) -> Result<i64> {
        let id = if source == Source::Time { ClockId::Realtime } else { ClockId::Monotonic };
        let live = || {
            let now = clock_gettime(id);
            let nanos = now.tv_sec.checked_mul(1_000_000_000).and_then(|nanos| nanos.checked_add(now.tv_nsec));
            nanos.map(Value::Int).ok_or_else(|| BailKind::Overflow.at(g))
        };
        match self.draw(source, live, g)? {
            Value::Int(nanos) => Ok(nanos),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    /// `time.sleep(seconds)`
    pub(crate) fn sleep(&self, cx: &Cx<'a>, seconds: f64, g: u32) -> Result<()> {
        let live = || match cx.host() {
            Some(host) if host.sleep(Duration::from_secs_f64(seconds)) => Ok(Value::float(seconds)),
            Some(_) => Err(BailKind::Deadline.at(g)),
            None => Err(BailKind::Unsupported.at(g)),
        };
        self.draw(Source::Sleep, live, g).map(drop)
    }

    /// `random.random()`
    pub(crate) fn float(&self, g: u32) -> Result<f64> {
        let live = || {
            let (high, low) = (self.word(g)? >> 5, self.word(g)? >> 6);
            Ok(Value::float((f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0))
        };
        match self.draw(Source::Random, live, g)? {
            Value::Float(drawn) => Ok(drawn.get()),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    /// `random.getrandbits(bits)`
    pub(crate) fn bits(&self, cx: &'a Cx<'a>, bits: u64, g: u32) -> Result<num_bigint::BigInt> {
        let unsupported = || BailKind::Unsupported.at(g);
        let live = || {
            let mut digits = Vec::new();
            let mut left = bits;
            while left > 0 {
                cx.tick(g)?;
                let word = self.word(g)?;
                digits.push(if left < 32 { word >> (32 - left) } else { word });
                left = left.saturating_sub(32);
            }
            let number = num_bigint::BigInt::from_slice(num_bigint::Sign::Plus, &digits);
            let pair = [Value::Int(i64::try_from(bits).map_err(|_| unsupported())?), int_value(cx, &number, g)?];
            crate::list_new(cx, &pair, g).map(Value::List)
        };
        let Value::List(pair) = self.draw(Source::Bits, live, g)? else { return Err(unsupported()) };
        match (pair.at(0), pair.at(1).and_then(crate::arith::integer)) {
            (Some(Value::Int(asked)), Some(number)) if u64::try_from(asked) == Ok(bits) => Ok(number),
            _ => Err(unsupported()),
        }
    }

    /// `os.urandom(count)`
    pub(crate) fn entropy(&self, cx: &'a Cx<'a>, count: usize, g: u32) -> Result<Vec<u8>> {
        let unsupported = || BailKind::Unsupported.at(g);
        let live = || {
            cx.reserve(count.saturating_mul(3), g)?;
            let mut text = String::with_capacity(count * 2);
            for _ in 0..count {
                let byte = self.byte(g)?;
                text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
            }
            crate::str_new(cx, &text, g).map(Value::Str)
        };
        let Value::Str(text) = self.draw(Source::Entropy, live, g)? else { return Err(unsupported()) };
        let digits = text.text().as_bytes();
        if digits.len() != count * 2 {
            return Err(unsupported());
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8).ok_or_else(unsupported);
        digits.chunks_exact(2).map(|pair| Ok(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
    }

    fn word(&self, g: u32) -> Result<u32> {
        Ok(u32::from_le_bytes([self.byte(g)?, self.byte(g)?, self.byte(g)?, self.byte(g)?]))
    }

    /// A byte that nobody can foresee.
    fn byte(&self, g: u32) -> Result<u8> {
        let mut pool = self.pool.borrow_mut();
        if pool.is_empty() {
            let mut fresh = [0; POOL];
            let filled = rustix::rand::getrandom(&mut fresh, rustix::rand::GetRandomFlags::empty());
            let filled = filled.map_err(|_| BailKind::Unsupported.at(g))?;
            pool.extend_from_slice(&fresh[..filled]);
        }
        pool.pop().ok_or_else(|| BailKind::Unsupported.at(g))
    }
}
