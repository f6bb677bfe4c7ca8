//! `random` (`Lib/random.py`, `Modules/_randommodule.c`): the same Mersenne Twister, and the same draws after `seed`.
//!
//! Until this invocation seeds it, the module's own generator draws from the world, by the journal; other generators without a seed bail out.

use std::cell::{Cell, RefCell};
use std::f64::consts::TAU;

use md5::Digest;
use num_bigint::{BigInt, Sign};

use crate::big::int_value;
use crate::op::{self, BinaryOp};
use crate::{Args, BailKind, Builtin, Cx, List, Obj, Result, Type, Value, list_new, object_new};

macro_rules! table {
    ($($name:literal)+) => {
        /// The functions of `random`, which are methods of one generator.
        pub(super) const TABLE: &[Builtin] = &[
            Builtin { module: "random", name: "Random", call: |cx, args, g| random(cx, args, g) },
            $(Builtin { module: "random", name: $name, call: |cx, args, g| cx.random(g)?.call(cx, $name, args, g) },)+
        ];
        const METHODS: &[&str] = &[$($name),+];
    };
}

table! {
    "choice" "choices" "expovariate" "gauss" "getrandbits" "normalvariate" "randbytes" "randint" "random" "randrange"
    "sample" "seed" "shuffle" "triangular" "uniform"
}

const WORDS: usize = 624;

/// A generator; everything in it lives in the arena.
pub(crate) struct Random {
    words: RefCell<[u32; WORDS]>,
    next: Cell<usize>,
    is_seeded: Cell<bool>,
    gauss_next: Cell<Option<f64>>,
    /// Whether it is the module's own.
    of_module: bool,
}

/// `random.Random(seed)`
fn random<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let made = Random::new(false);
    if !args.pos.is_empty() || !args.kw.is_empty() {
        made.call(cx, "seed", args, g)?;
    }
    object_new(cx, made, g)
}

impl Random {
    pub(crate) fn new(of_module: bool) -> Self {
        Self {
            words: RefCell::new([0; WORDS]),
            next: Cell::new(WORDS),
            is_seeded: Cell::new(false),
            gauss_next: Cell::new(None),
            of_module,
        }
    }

    /// Whether the world draws for it.
    fn is_drawn(&self) -> bool {
        self.of_module && !self.is_seeded.get()
    }

    /// `init_by_array`
    fn init(&self, key: &[u32]) {
        let mut words = self.words.borrow_mut();
        words[0] = 19_650_218;
        for at in 1..WORDS {
            words[at] = 1_812_433_253u32.wrapping_mul(words[at - 1] ^ words[at - 1] >> 30).wrapping_add(at as u32);
        }
        let (mut at, mut place) = (1, 0);
        for _ in 0..WORDS.max(key.len()) {
            let before = words[at - 1];
            words[at] = (words[at] ^ (before ^ before >> 30).wrapping_mul(1_664_525))
                .wrapping_add(key[place])
                .wrapping_add(place as u32);
            at += 1;
            place = (place + 1) % key.len();
            if at == WORDS {
                words[0] = words[WORDS - 1];
                at = 1;
            }
        }
        for _ in 1..WORDS {
            let before = words[at - 1];
            words[at] = (words[at] ^ (before ^ before >> 30).wrapping_mul(1_566_083_941)).wrapping_sub(at as u32);
            at += 1;
            if at == WORDS {
                words[0] = words[WORDS - 1];
                at = 1;
            }
        }
        words[0] = 0x8000_0000;
        self.next.set(WORDS);
        self.is_seeded.set(true);
        self.gauss_next.set(None);
    }

    /// `genrand_uint32`
    fn word(&self, g: u32) -> Result<u32> {
        if !self.is_seeded.get() {
            return Err(BailKind::Unsupported.at(g));
        }
        let mut words = self.words.borrow_mut();
        if self.next.get() >= WORDS {
            for at in 0..WORDS {
                let joined = words[at] & 0x8000_0000 | words[(at + 1) % WORDS] & 0x7FFF_FFFF;
                let odd = if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
                words[at] = words[(at + 397) % WORDS] ^ joined >> 1 ^ odd;
            }
            self.next.set(0);
        }
        let mut word = words[self.next.get()];
        self.next.set(self.next.get() + 1);
        word ^= word >> 11;
        word ^= word << 7 & 0x9D2C_5680;
        word ^= word << 15 & 0xEFC6_0000;
        Ok(word ^ word >> 18)
    }

    /// `random()`
    fn float<'a>(&self, cx: &'a Cx<'a>, g: u32) -> Result<f64> {
        if self.is_drawn() {
            return cx.journal().float(g);
        }
        let (high, low) = (self.word(g)? >> 5, self.word(g)? >> 6);
        Ok((f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0)
    }

    /// `getrandbits(bits)`
    fn bits<'a>(&self, cx: &'a Cx<'a>, bits: u64, g: u32) -> Result<BigInt> {
        if self.is_drawn() {
            return cx.journal().bits(cx, bits, g);
        }
        let count = usize::try_from(bits.div_ceil(32)).unwrap_or(usize::MAX);
        cx.reserve(count.saturating_mul(4), g)?;
        let mut digits = Vec::with_capacity(count);
        let mut left = bits;
        while left > 0 {
            cx.tick(g)?;
            let word = self.word(g)?;
            digits.push(if left < 32 { word >> (32 - left) } else { word });
            left = left.saturating_sub(32);
        }
        Ok(BigInt::from_slice(Sign::Plus, &digits))
    }

    /// `_randbelow(limit)` of a positive limit.
    fn below<'a>(&self, cx: &'a Cx<'a>, limit: &BigInt, g: u32) -> Result<BigInt> {
        loop {
            cx.tick(g)?;
            let drawn = self.bits(cx, limit.bits(), g)?;
            if drawn < *limit {
                return Ok(drawn);
            }
        }
    }

    fn index<'a>(&self, cx: &'a Cx<'a>, limit: usize, g: u32) -> Result<usize> {
        let drawn = self.below(cx, &BigInt::from(limit), g)?;
        usize::try_from(&drawn).map_err(|_| BailKind::Exception.at(g))
    }

    fn seed<'a>(&self, cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<()> {
        let number = match v {
            Value::Int(_) | Value::Bool(_) | Value::Big(_) => integer(v, g)?,
            Value::Float(_) => {
                let hash = crate::python_hash::python_hash(cx, v, g)?;
                if !hash.is_known() {
                    return Err(BailKind::Unsupported.at(g));
                }
                BigInt::from(hash.value as u64)
            }
            Value::Str(_) | Value::Bytes(_) => {
                let mut bytes = match v {
                    Value::Str(text) => text.text().as_bytes().to_vec(),
                    Value::Bytes(bytes) => bytes.bytes().to_vec(),
                    _ => Vec::new(),
                };
                let digest = sha2::Sha512::digest(&bytes);
                bytes.extend_from_slice(&digest);
                BigInt::from_bytes_be(Sign::Plus, &bytes)
            }
            _ => return Err(BailKind::Unsupported.at(g)),
        };
        let mut key = number.magnitude().to_u32_digits();
        if key.is_empty() {
            key.push(0);
        }
        self.init(&key);
        Ok(())
    }

    /// `self.name(*args)`
    fn call<'a>(&self, cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match name {
            "seed" => {
                let [seed, version] = args.bind(["a", "version"], 0, 2, g)?;
                match (seed, version) {
                    (Some(seed), None | Some(Value::Int(2))) => self.seed(cx, seed, g).map(|()| Value::None),
                    _ => Err(BailKind::Unsupported.at(g)),
                }
            }
            "random" => match args.positional(g)? {
                [] => self.float(cx, g).map(Value::float),
                _ => Err(BailKind::Exception.at(g)),
            },
            "getrandbits" => match args.positional(g)? {
                [Value::Int(bits)] if *bits >= 0 => int_value(cx, &self.bits(cx, bits.unsigned_abs(), g)?, g),
                [Value::Int(_)] => Err(cx.raise(Type::ValueError, "number of bits must be non-negative", g)),
                _ => Err(BailKind::Unsupported.at(g)),
            },
            "randbytes" => match args.positional(g)? {
                [Value::Int(count)] if *count >= 0 => {
                    let mut bytes = self.bits(cx, count.unsigned_abs() * 8, g)?.magnitude().to_bytes_le();
                    bytes.resize(usize::try_from(*count).unwrap_or(0), 0);
                    crate::bytes_new(cx, &bytes, g).map(Value::Bytes)
                }
                _ => Err(BailKind::Unsupported.at(g)),
            },
            "randrange" => {
                let [start, stop, step] = args.bind(["start", "stop", "step"], 1, 3, g)?;
                self.range(cx, start.ok_or_else(|| BailKind::Exception.at(g))?, stop, step, g)
            }
            "randint" => {
                let [Some(low), Some(high)] = args.bind(["a", "b"], 2, 2, g)? else {
                    return Err(BailKind::Exception.at(g));
                };
                let stop = int_value(cx, &(integer(high, g)? + 1), g)?;
                self.range(cx, low, Some(stop), None, g)
            }
            "choice" => {
                let [seq] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
                match len(cx, *seq, g)? {
                    0 => Err(cx.raise(Type::IndexError, "Cannot choose from an empty sequence", g)),
                    len => item(cx, *seq, self.index(cx, len, g)?, g),
                }
            }
            "shuffle" => {
                let [seq] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
                let Value::List(list) = seq else { return Err(BailKind::Unsupported.at(g)) };
                self.shuffle(cx, *list, g).map(|()| Value::None)
            }
            "sample" => {
                let [Some(population), Some(k), None] = args.bind(["population", "k", "counts"], 2, 2, g)? else {
                    return Err(BailKind::Unsupported.at(g));
                };
                self.sample(cx, population, k, g)
            }
            "choices" => self.choices(cx, args, g),
            _ => self.distribution(cx, name, args, g),
        }
    }

    fn range<'a>(
        &self,
        cx: &'a Cx<'a>,
        start: Value<'a>,
        stop: Option<Value<'a>>,
        step: Option<Value<'a>>,
        g: u32,
    ) -> Result<Value<'a>> {
        let start = integer(start, g)?;
        let Some(stop) = stop.filter(|stop| !matches!(stop, Value::None)) else {
            if step.is_some() {
                return Err(BailKind::Unsupported.at(g));
            }
            if start.sign() != Sign::Plus {
                return Err(cx.raise(Type::ValueError, "empty range for randrange()", g));
            }
            return int_value(cx, &self.below(cx, &start, g)?, g);
        };
        let stop = integer(stop, g)?;
        let width = &stop - &start;
        let step = step.map_or(Ok(BigInt::from(1)), |step| integer(step, g))?;
        if step == BigInt::from(1) {
            if width.sign() != Sign::Plus {
                let text = format!("empty range for randrange() ({start}, {stop}, {width})");
                return Err(cx.raise(Type::ValueError, &text, g));
            }
            return int_value(cx, &(start + self.below(cx, &width, g)?), g);
        }
        let count = match step.sign() {
            Sign::Plus => num_integer::Integer::div_floor(&(width + &step - 1), &step),
            Sign::Minus => num_integer::Integer::div_floor(&(width + &step + 1), &step),
            Sign::NoSign => return Err(cx.raise(Type::ValueError, "zero step for randrange()", g)),
        };
        if count.sign() != Sign::Plus {
            return Err(cx.raise(Type::ValueError, "empty range for randrange()", g));
        }
        int_value(cx, &(start + step * self.below(cx, &count, g)?), g)
    }

    fn shuffle<'a>(&self, cx: &'a Cx<'a>, list: List<'a>, g: u32) -> Result<()> {
        for at in (1..list.len()).rev() {
            let other = self.index(cx, at + 1, g)?;
            let (left, right) = (list.at(at), list.at(other));
            let (Some(left), Some(right)) = (left, right) else { return Err(BailKind::Exception.at(g)) };
            op::set_index(cx, Value::List(list), Value::Int(at as i64), right, g)?;
            op::set_index(cx, Value::List(list), Value::Int(other as i64), left, g)?;
        }
        Ok(())
    }

    fn sample<'a>(&self, cx: &'a Cx<'a>, population: Value<'a>, k: Value<'a>, g: u32) -> Result<Value<'a>> {
        let Value::Int(k) = k else { return Err(BailKind::Unsupported.at(g)) };
        let count = match population {
            Value::List(_) | Value::Tuple(_) | Value::Str(_) | Value::Range(_) => len(cx, population, g)?,
            _ => return Err(BailKind::Unsupported.at(g)),
        };
        let k = usize::try_from(k).ok().filter(|k| *k <= count);
        let Some(k) = k else {
            return Err(cx.raise(Type::ValueError, "Sample larger than population or is negative", g));
        };
        let mut small = 21.0;
        if k > 5 {
            small += 4f64.powf((((k * 3) as f64).ln() / 4f64.ln()).ceil());
        }
        let result = list_new(cx, &[], g)?;
        if count as f64 <= small {
            let mut pool: Vec<usize> = (0..count).collect();
            for drawn in 0..k {
                let place = self.index(cx, count - drawn, g)?;
                result.push(cx, item(cx, population, pool[place], g)?, g)?;
                pool[place] = pool[count - drawn - 1];
            }
        } else {
            let mut selected = std::collections::HashSet::new();
            for _ in 0..k {
                let mut place = self.index(cx, count, g)?;
                while !selected.insert(place) {
                    place = self.index(cx, count, g)?;
                }
                result.push(cx, item(cx, population, place, g)?, g)?;
            }
        }
        Ok(Value::List(result))
    }

    fn choices<'a>(&self, cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let [population, weights, cumulative, k] = args.bind(["population", "weights", "cum_weights", "k"], 1, 2, g)?;
        let population = population.ok_or_else(|| BailKind::Exception.at(g))?;
        let count = len(cx, population, g)?;
        let k = match k {
            None => 1,
            Some(Value::Int(k)) => usize::try_from(k).unwrap_or(0),
            Some(_) => return Err(BailKind::Unsupported.at(g)),
        };
        let given = |v: Option<Value<'a>>| v.filter(|v| !matches!(v, Value::None));
        let result = list_new(cx, &[], g)?;
        let sums = match (given(weights), given(cumulative)) {
            (None, None) => {
                if count == 0 {
                    return Err(BailKind::Exception.at(g));
                }
                for _ in 0..k {
                    cx.tick(g)?;
                    let place = (self.float(cx, g)? * count as f64).floor() as usize;
                    result.push(cx, item(cx, population, place, g)?, g)?;
                }
                return Ok(Value::List(result));
            }
            (Some(weights), None) => {
                let mut sums: Vec<Value<'a>> = Vec::new();
                for weight in crate::builtin::collect(cx, weights, g)? {
                    let sum = sums.last().map_or(Ok(weight), |last| op::add(cx, *last, weight, g))?;
                    sums.push(sum);
                }
                sums
            }
            (None, Some(sums)) => crate::builtin::collect(cx, sums, g)?,
            (Some(_), Some(_)) => {
                return Err(cx.raise(Type::TypeError, "Cannot specify both weights and cumulative weights", g));
            }
        };
        if sums.len() != count {
            return Err(cx.raise(Type::ValueError, "The number of weights does not match the population", g));
        }
        let Some(last) = sums.last() else { return Err(BailKind::Exception.at(g)) };
        let Value::Float(total) = op::add(cx, *last, Value::float(0.0), g)? else {
            return Err(BailKind::Unsupported.at(g));
        };
        let total = total.get();
        if total <= 0.0 {
            return Err(cx.raise(Type::ValueError, "Total of weights must be greater than zero", g));
        }
        if !total.is_finite() {
            return Err(cx.raise(Type::ValueError, "Total of weights must be finite", g));
        }
        for _ in 0..k {
            let wanted = Value::float(self.float(cx, g)? * total);
            let (mut low, mut high) = (0, count - 1);
            while low < high {
                cx.tick(g)?;
                let middle = (low + high) / 2;
                if op::lt(cx, wanted, sums[middle], g)? { high = middle } else { low = middle + 1 }
            }
            result.push(cx, item(cx, population, low, g)?, g)?;
        }
        Ok(Value::List(result))
    }

    fn distribution<'a>(&self, cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let binary = |operator, l, r| op::binary(cx, operator, l, r, g);
        match name {
            "uniform" => {
                let [Some(low), Some(high)] = args.bind(["a", "b"], 2, 2, g)? else {
                    return Err(BailKind::Exception.at(g));
                };
                let width = binary(BinaryOp::Sub, high, low)?;
                binary(BinaryOp::Add, low, binary(BinaryOp::Mul, width, Value::float(self.float(cx, g)?))?)
            }
            "expovariate" => {
                let [Some(rate)] = args.bind(["lambd"], 1, 1, g)? else { return Err(BailKind::Exception.at(g)) };
                let drawn = -(1.0 - self.float(cx, g)?).ln();
                binary(BinaryOp::Div, Value::float(drawn), rate)
            }
            "gauss" | "normalvariate" => {
                let [mu, sigma] = args.bind(["mu", "sigma"], 0, 2, g)?;
                let drawn = if name == "gauss" { self.gauss(cx, g)? } else { self.normal(cx, g)? };
                let spread = binary(BinaryOp::Mul, Value::float(drawn), sigma.unwrap_or(Value::float(1.0)))?;
                binary(BinaryOp::Add, mu.unwrap_or(Value::float(0.0)), spread)
            }
            "triangular" => {
                let [low, high, mode] = args.bind(["low", "high", "mode"], 0, 3, g)?;
                let float = |v: Option<Value<'a>>, default: f64| match v {
                    None => Ok(default),
                    Some(Value::Float(v)) => Ok(v.get()),
                    Some(_) => Err(BailKind::Unsupported.at(g)),
                };
                let (mut low, mut high) = (float(low, 0.0)?, float(high, 1.0)?);
                let drawn = self.float(cx, g)?;
                let (mut u, mut c) = match mode {
                    None | Some(Value::None) => (drawn, 0.5),
                    Some(_) if high == low => return Err(BailKind::Unsupported.at(g)),
                    mode => (drawn, (float(mode, 0.5)? - low) / (high - low)),
                };
                if u > c {
                    (u, c) = (1.0 - u, 1.0 - c);
                    (low, high) = (high, low);
                }
                Ok(Value::float(low + (high - low) * (u * c).sqrt()))
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn gauss<'a>(&self, cx: &'a Cx<'a>, g: u32) -> Result<f64> {
        // An earlier invocation may have left its second half.
        if self.is_drawn() {
            return Err(BailKind::Unsupported.at(g));
        }
        if let Some(next) = self.gauss_next.take() {
            return Ok(next);
        }
        let angle = self.float(cx, g)? * TAU;
        let radius = (-2.0 * (1.0 - self.float(cx, g)?).ln()).sqrt();
        self.gauss_next.set(Some(angle.sin() * radius));
        Ok(angle.cos() * radius)
    }

    fn normal<'a>(&self, cx: &'a Cx<'a>, g: u32) -> Result<f64> {
        let magic = 4.0 * (-0.5f64).exp() / 2.0f64.sqrt();
        loop {
            cx.tick(g)?;
            let u1 = self.float(cx, g)?;
            let u2 = 1.0 - self.float(cx, g)?;
            let z = magic * (u1 - 0.5) / u2;
            if z * z / 4.0 <= -u2.ln() {
                return Ok(z);
            }
        }
    }
}

/// An int; other values are CPython's business.
fn integer(v: Value<'_>, g: u32) -> Result<BigInt> {
    match v {
        Value::Int(value) => Ok(BigInt::from(value)),
        Value::Bool(value) => Ok(BigInt::from(i64::from(value.get()))),
        Value::Big(value) => Ok(value.number()),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

pub(super) fn len<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<usize> {
    let function = super::function("builtins", "len");
    match (function.call)(cx, Args::of(&[v]), g)? {
        Value::Int(len) => usize::try_from(len).map_err(|_| BailKind::Exception.at(g)),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

pub(super) fn item<'a>(cx: &'a Cx<'a>, seq: Value<'a>, at: usize, g: u32) -> Result<Value<'a>> {
    op::index(cx, seq, Value::Int(at as i64), g)
}

impl<'a> Obj<'a> for Random {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn has_method(&self, name: &str) -> bool {
        METHODS.contains(&name)
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        self.call(cx, name, args, g)
    }
}
