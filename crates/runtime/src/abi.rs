//! The boundary between the daemon and a compiled function.
//!
//! Both sides are Rust of the same compiler and the same runtime, which the loader checks through [`Export::build`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crate::arena::{self, Arena};
use crate::host::Host;
use crate::{Bail, BailKind, Cx, HashSecret, Limits, Result, Value, json};

/// Counts the incompatible changes of this boundary.
pub const ABI_VERSION: u32 = 6;

/// The guard of what happens outside the compiled code: parsing the arguments, printing the result.
const OUTSIDE: u32 = u32::MAX;

/// A compiled `main(args)`.
pub type Main = for<'a> fn(&'a Cx<'a>, Value<'a>) -> Result<Value<'a>>;

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
    /// Runs one invocation.
    pub run: fn(&Export, &Call<'_>, &mut dyn Reply) -> Status,
}

impl Export {
    /// An export of this runtime's version.
    #[must_use]
    pub const fn new(build: &'static str, main: Main, literals: &'static [&'static str], guards: u32) -> Self {
        Self { abi: ABI_VERSION, build, main, literals, guards, run }
    }
}

/// One invocation of a compiled function.
#[repr(C)]
pub struct Call<'c> {
    /// The JSON text of the args object.
    pub args: &'c [u8],
    /// When the invocation must bail out.
    pub deadline: Instant,
    /// The largest size of the arena, of the log and of the result, in bytes.
    pub memory_bytes: usize,
    /// The guard that is made to fail; `u32::MAX` for none.
    pub force: u32,
    /// By which CPython would hash.
    pub hash_secret: HashSecret,
    /// Whether the zone of the machine is UTC.
    pub is_utc: bool,
    /// The environment: that of every invocation, and what comes on top; of two of one name, the later counts.
    pub environment: [&'c [(String, String)]; 2],
    /// What is known of the machine and the packages that workers import; `warm` of `prelude.py` names them.
    pub facts: &'c [(String, String)],
    /// Where it draws from.
    pub world: World<'c>,
    /// What does for it what native code cannot do by itself.
    pub host: &'c dyn Host,
}

/// Where an invocation draws from, and who wants to know.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum World<'c> {
    /// From the world; a bailout gives the journal.
    Live,
    /// From the world; the end gives the journal too.
    Told,
    /// From the journal of an earlier run, and from nothing else.
    Replayed(&'c [u8]),
}

/// Where what an invocation leaves goes.
pub trait Reply {
    /// The result as JSON text, if it finished.
    fn result(&mut self, json: &[u8]);
    /// What was printed, if it finished.
    fn stdout(&mut self, text: &[u8]);
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
    Bailed(Bail),
}

/// Runs one invocation: parses the arguments, calls `main`, prints the result; a panic is a bailout.
fn run(export: &Export, call: &Call<'_>, reply: &mut dyn Reply) -> Status {
    let arena = arena::take(call.memory_bytes);
    let outcome = catch_unwind(AssertUnwindSafe(|| answer(export, call, &arena, reply)));
    let status = match outcome {
        Ok(Ok(result)) => {
            reply.result(&result);
            reply.stdout(arena.log.borrow().as_bytes());
            Status::Done
        }
        Ok(Err(bail)) => Status::Bailed(bail),
        Err(_) => Status::Bailed(BailKind::Panic.at(OUTSIDE)),
    };
    arena::give_back(arena);
    status
}

fn answer<'a>(export: &Export, call: &'a Call<'_>, arena: &'a Arena, reply: &mut dyn Reply) -> Result<Vec<u8>> {
    let Call { deadline, memory_bytes, force, hash_secret, is_utc, .. } = *call;
    let limits = Limits { deadline, memory_bytes, force, hash_secret, is_utc };
    let cx = Cx::new(arena, export.literals, limits)?;
    cx.set_variables(call.environment, call.facts);
    cx.set_host(call.host);
    let done = run_main(export, call, cx);
    if done.is_err() || call.world == World::Told {
        let journal = cx.journal().text(cx.exchanges()).map_err(|kind| kind.at(OUTSIDE))?;
        if !journal.is_empty() {
            reply.journal(&journal);
        }
    }
    cx.close();
    done
}

fn run_main<'a>(export: &Export, call: &Call<'_>, cx: &'a Cx<'a>) -> Result<Vec<u8>> {
    if let World::Replayed(journal) = call.world {
        let journal = str::from_utf8(journal).map_err(|_| BailKind::Unsupported.at(OUTSIDE))?;
        cx.journal().replay(cx, journal, OUTSIDE)?;
    }
    let args = str::from_utf8(call.args).map_err(|_| BailKind::Exception.at(OUTSIDE))?;
    let args = json::parse(cx, args, OUTSIDE)?;
    let result = (export.main)(cx, args)?;
    cx.check_closed(OUTSIDE)?;
    if !matches!(result, Value::Dict(_) | Value::List(_) | Value::Tuple(_)) {
        return Err(BailKind::Unsupported.at(OUTSIDE));
    }
    let mut text = Vec::new();
    json::dump_within(result, &mut text, call.memory_bytes).map_err(|kind| kind.at(OUTSIDE))?;
    Ok(text)
}
