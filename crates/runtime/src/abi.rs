//! The boundary between the daemon and a compiled function.
//!
//! Both sides are Rust of the same compiler and the same runtime, which the loader checks through [`Export::build`].
//! An [`Instance`] is a function with the objects of its module, which are made when they are first read and then stay;
//! it runs one invocation at a time. What an invocation leaves in the arena is freed with the instance.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::arena::{self, Arena};
use crate::host::Host;
use crate::state::{self, Module};
use crate::{BailKind, Bailout, Cx, HashSecret, Limits, Result, Stream, Value, json};

/// Counts the incompatible changes of this boundary.
pub const ABI_VERSION: u32 = 9;

/// The guard of what happens outside the compiled code: parsing the arguments, printing the result.
const OUTSIDE: u32 = u32::MAX;
/// An instance whose arena has grown by so much since it began is not worth keeping: at most, and among very many.
const LARGEST: [usize; 2] = [256 << 10, 8 << 10];
/// The same where its module keeps state, which would have to be moved to the next one.
const LARGEST_STATEFUL: [usize; 2] = [4 << 20, 128 << 10];
/// Most answers are no longer.
const SMALL: usize = 256;
/// What the arenas of all instances grow by in between, more or less.
const SHARED: usize = 32 << 20;

/// How many instances there are.
static INSTANCES: AtomicUsize = AtomicUsize::new(0);

/// A compiled `main(args)`.
pub type Main = for<'a> fn(&'a Cx<'a>, Value<'a>) -> Result<Value<'a>>;

/// Makes an instance for a body.
type With = fn(&Export, &dyn Host, &[u8], &mut dyn FnMut(&dyn Instance));

/// What a compiled dylib exports.
#[repr(C)]
pub struct Export {
    /// [`ABI_VERSION`] of the runtime it was compiled with.
    pub abi: u32,
    /// Names the compiler and the runtime.
    pub build: &'static str,
    /// The compiled function.
    pub main: Main,
    /// The texts that [`Cx::literal`] gives.
    pub literals: &'static [&'static str],
    /// How many guards there are.
    pub guards: u32,
    /// How many places remember what they found.
    pub sites: u32,
    /// What it keeps of its module.
    pub module: Module,
    /// Makes an instance; see [`Export::with`].
    with: With,
}

impl Export {
    /// An export of this runtime's version.
    #[must_use]
    pub const fn new(
        build: &'static str,
        main: Main,
        literals: &'static [&'static str],
        [guards, sites]: [u32; 2],
        module: Module,
    ) -> Self {
        Self { abi: ABI_VERSION, build, main, literals, guards, sites, module, with }
    }

    /// Makes an instance for `body`, whose module has the state that the document says, or the first if that is empty;
    /// `host` does for it what native code cannot do by itself.
    pub fn with(&self, host: &dyn Host, state: &[u8], body: &mut dyn FnMut(&dyn Instance)) {
        (self.with)(self, host, state, body);
    }
}

/// By how much an arena may grow at the moment, within these bounds.
fn share([most, least]: [usize; 2]) -> usize {
    (SHARED / INSTANCES.load(Ordering::Relaxed).max(1)).clamp(least, most)
}

/// A compiled function with the objects of its module.
pub trait Instance {
    /// Runs one invocation: parses the arguments, calls `main`, prints the result; a panic is a bailout.
    fn run(&self, call: &Call, reply: &mut dyn Reply) -> Status;

    /// Whether it can run another one like `call`, and that is worth it.
    ///
    /// A bailout leaves objects half made, and another hash secret other orders.
    fn is_good_for(&self, hash_secret: HashSecret) -> bool;

    /// The module's state as a document, empty if it is the first; `state.py` of the crate `tracer` describes it.
    ///
    /// After a bailout it is that from before the invocation, which is the end of the instance. None if there is no memory.
    fn state(&self) -> Option<Vec<u8>>;
}

/// One invocation of a compiled function.
#[derive(Clone, Debug)]
pub struct Call {
    /// The JSON text of the args object.
    pub args: Arc<[u8]>,
    /// When the invocation must bail out.
    pub deadline: Instant,
    /// By how much it may make the arena grow, and how large the log and the result may be, in bytes.
    pub memory_bytes: usize,
    /// The guard that is made to fail; `u32::MAX` for none.
    pub force: u32,
    /// By which CPython would hash.
    pub hash_secret: HashSecret,
    /// Whether the zone of the machine is UTC.
    pub is_utc: bool,
    /// The environment: that of every invocation, and what comes on top; of two of one name, the later counts.
    pub environment: [Variables; 2],
    /// What is known of the machine and the packages that workers import; `warm` of `prelude/warm.py` names them.
    pub facts: Variables,
    /// Where it draws from.
    pub world: World,
}

/// Names and values.
pub type Variables = Arc<[(String, String)]>;

/// Where an invocation draws from, and who wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum World {
    /// From the world; a bailout gives the journal.
    Live,
    /// From the world; the end gives the journal too.
    Told,
    /// From the journal of an earlier run, and from nothing else.
    Replayed(Arc<[u8]>),
}

/// Where what an invocation leaves goes.
pub trait Reply {
    /// The result as JSON text, if it finished.
    fn result(&mut self, json: &[u8]);
    /// What was printed, piece by piece, if it finished.
    fn printed(&mut self, stream: Stream, text: &str);
    /// What it drew from the world, if there is anything to tell: after a bailout, or where it is asked for.
    fn journal(&mut self, json: &[u8]);
}

/// How an invocation ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Status {
    /// The reply has the answer.
    Done,
    /// CPython must run the invocation.
    Bailed(Bailout),
}

/// Makes an instance in an arena of its own.
fn with(export: &Export, host: &dyn Host, state: &[u8], body: &mut dyn FnMut(&dyn Instance)) {
    INSTANCES.fetch_add(1, Ordering::Relaxed);
    let arena = arena::take();
    {
        let limits = Limits::default();
        let cx = Cx::new(&arena, export.literals, limits).ok();
        if let Some(cx) = cx {
            cx.set_host(host);
            cx.set_module(export.module);
            cx.expect_sites(export.sites);
        }
        let made =
            Made { export, arena: &arena, cx, began: Cell::new(usize::MAX), given: state, history: History::default() };
        body(&made);
        if let Some(cx) = cx {
            cx.close();
        }
    }
    arena::give_back(arena, 16 * share(LARGEST));
    INSTANCES.fetch_sub(1, Ordering::Relaxed);
}

/// An instance in its arena.
struct Made<'a> {
    export: &'a Export,
    arena: &'a Arena,
    /// None if there was no memory for the literals.
    cx: Option<&'a Cx<'a>>,
    /// The size of the arena when the first invocation had taken up the state; `usize::MAX` before that.
    began: Cell<usize>,
    /// The state to begin with, which the first invocation takes up.
    given: &'a [u8],
    history: History,
}

/// What its invocations were.
#[derive(Default)]
struct History {
    /// The first invocation's, by which sets and dicts of the module are hashed: others do not come here.
    hash_secret: Cell<Option<HashSecret>>,
    bailed: Cell<bool>,
}

impl<'a> Instance for Made<'a> {
    fn run(&self, call: &Call, reply: &mut dyn Reply) -> Status {
        let Some(cx) = self.cx else { return Status::Bailed(Bailout { kind: BailKind::Memory, guard: OUTSIDE }) };
        self.history.hash_secret.set(Some(call.hash_secret));
        let Call { deadline, memory_bytes, force, hash_secret, is_utc, .. } = *call;
        cx.begin(Limits { deadline, memory_bytes, force, hash_secret, is_utc }, &call.environment, &call.facts);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.prepare(cx)?;
            answer(self.export, call, cx)
        }));
        let panicked = |_| Err(Bailout { kind: BailKind::Panic, guard: OUTSIDE });
        let outcome = outcome.map_or_else(panicked, |outcome| outcome.map_err(|bail| bail.bailout()));
        // However it ended: what was exchanged is not to be exchanged again.
        if outcome.is_err() || call.world == World::Told {
            let journal = cx.journal().text(cx.exchanges());
            if !journal.is_empty() {
                reply.journal(&journal);
            }
        }
        cx.end();
        if outcome.is_ok() {
            cx.state().commit();
        } else {
            cx.state().undo();
        }
        self.history.bailed.set(outcome.is_err());
        match outcome {
            Ok(result) => {
                reply.result(&result);
                self.arena.log.each(|stream, text| reply.printed(stream, text));
                Status::Done
            }
            Err(bailout) => Status::Bailed(bailout),
        }
    }

    fn is_good_for(&self, hash_secret: HashSecret) -> bool {
        let same = self.history.hash_secret.get().is_none_or(|known| known == hash_secret);
        same && !self.history.bailed.get() && self.has_room()
    }

    fn state(&self) -> Option<Vec<u8>> {
        let (Some(cx), true) = (self.cx, self.is_prepared()) else { return Some(self.given.to_vec()) };
        let mut out = Vec::new();
        let written = catch_unwind(AssertUnwindSafe(|| state::dump(cx, &self.export.module, &mut out)));
        matches!(written, Ok(Ok(()))).then_some(out)
    }
}

impl<'a> Made<'a> {
    /// Takes up the state that it was given, once.
    fn prepare(&self, cx: &'a Cx<'a>) -> Result<()> {
        if self.is_prepared() {
            return Ok(());
        }
        let document = str::from_utf8(self.given).map_err(|_| BailKind::State.at(OUTSIDE))?;
        state::load(cx, self.export.module, document)?;
        self.began.set(self.arena.used());
        Ok(())
    }

    fn is_prepared(&self) -> bool {
        self.began.get() != usize::MAX
    }

    /// What is worth keeping may grow as large as it was, at least: making it anew takes as long.
    fn has_room(&self) -> bool {
        let worth = self.began.get().saturating_add(self.cx.map_or(0, Cx::kept));
        let largest = share(if self.export.module.is_stateful() { LARGEST_STATEFUL } else { LARGEST });
        self.arena.used().saturating_sub(worth) < largest.max(worth)
    }
}

fn answer<'a>(export: &Export, call: &Call, cx: &'a Cx<'a>) -> Result<Vec<u8>> {
    if let World::Replayed(journal) = &call.world {
        let journal = str::from_utf8(journal).map_err(|_| BailKind::Unsupported.at(OUTSIDE))?;
        cx.journal().replay(cx, journal, OUTSIDE)?;
    }
    let args = str::from_utf8(&call.args).map_err(|_| BailKind::Exception.at(OUTSIDE))?;
    let args = json::parse(cx, cx.alloc_text(args, OUTSIDE)?, OUTSIDE)?;
    let result = (export.main)(cx, args)?;
    cx.check_closed(OUTSIDE)?;
    if !matches!(result, Value::Dict(_) | Value::List(_) | Value::Tuple(_)) {
        return Err(BailKind::Unsupported.at(OUTSIDE));
    }
    let mut text = Vec::with_capacity(SMALL);
    json::dump_within(result, &mut text, call.memory_bytes).map_err(|kind| kind.at(OUTSIDE))?;
    Ok(text)
}
