//! What every operation of one invocation shares: arena, fuel, deadline, depth, log, literals.

mod memory;
mod work;

use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use self::work::Work;
use crate::abi::Variables;
use crate::arena::Arena;
use crate::exchange::Exchanges;
use crate::generator::Generators;
use crate::host::Host;
use crate::journal::Journal;
use crate::json::Documents;
use crate::library::logging::Manager;
use crate::lookup::Lookups;
use crate::site::Sites;
use crate::sre::Spare;
use crate::state::{Log, Module, Variable};
use crate::string::{Str, StrObj};
use crate::{Bail, BailKind, Class, HashSecret, Instance, Result, Stream, Type, Value};

/// The bounds of one invocation.
///
/// Those of [`Limits::default`] are for making the context alone: no invocation would get far.
#[derive(Copy, Clone, Debug)]
pub struct Limits {
    /// When the invocation must bail out.
    pub deadline: Instant,
    /// The largest size of the arena, and of every text and log, in bytes.
    pub memory_bytes: usize,
    /// The guard that is made to fail; `u32::MAX` for none.
    pub force: u32,
    /// By which CPython would hash.
    pub hash_secret: HashSecret,
    /// Whether the zone of the machine is UTC.
    pub is_utc: bool,
}

impl Default for Limits {
    fn default() -> Self {
        let hash_secret = HashSecret::default();
        Self { deadline: Instant::now(), memory_bytes: 1 << 30, force: u32::MAX, hash_secret, is_utc: false }
    }
}

/// The context of one invocation after another; the first argument of what compiled code calls.
pub struct Cx<'a> {
    arena: &'a Arena,
    limits: Cell<Limits>,
    work: Work,
    literals: &'a [StrObj<'a>],
    /// One-character strings made so far, by ASCII code; empty before the first.
    letters: Cell<&'a [Cell<Option<Str<'a>>>]>,
    /// Built-in classes made so far, by [`Type`].
    classes: Cell<&'a [Cell<Option<Class<'a>>>]>,
    /// Names of special methods, and attributes of classes.
    lookups: Lookups<'a>,
    spare: Spare<'a>,
    documents: Documents<'a>,
    sites: Sites<'a>,
    /// The exception on its way to whoever catches it.
    raised: Cell<Option<Instance<'a>>>,
    /// The exception being handled.
    handled: Cell<Option<Instance<'a>>>,
    /// Suspended generators.
    pub(crate) generators: Generators<'a>,
    /// What the module's globals hold, by index; made when first read.
    globals: Cell<&'a [Cell<Option<Value<'a>>>]>,
    /// What the module's containers took of the arena, in bytes.
    kept: Cell<usize>,
    /// The variables of the module, by number; made when first used.
    variables_of_module: Cell<&'a [Variable<'a>]>,
    /// What the invocation has written of the module's.
    state: Log<'a>,
    /// Regular expressions that the program's traced invocations compiled.
    patterns: Cell<&'static [crate::sre::Pattern]>,
    /// Their objects, so that there is one of each.
    pattern_objects: Cell<&'a [Cell<Option<Value<'a>>>]>,
    /// The generator of the module `random`.
    random: Cell<Option<&'a crate::library::random::Random>>,
    /// `timezone.utc` of `datetime`, once it was read.
    utc: Cell<Option<Value<'a>>>,
    /// `os.environ`, once it was read.
    environ: Cell<Option<Value<'a>>>,
    /// How often locks are held.
    locks: Cell<u32>,
    /// `sys.stdout` and `sys.stderr`, once they were read.
    streams: [Cell<Option<Value<'a>>>; 2],
    /// What knows the loggers, once there are any.
    logging: Cell<Option<&'a Manager<'a>>>,
    /// The module that the instance is of.
    module: Cell<Option<Module>>,
    /// The environment that the invocation was given; of two of one name, the later counts.
    variables: RefCell<[Variables; 2]>,
    facts: RefCell<Variables>,
    /// What the invocation draws from the world.
    journal: Journal<'a>,
    /// What it exchanges with others, and who does that for it.
    exchanges: Exchanges,
    host: Cell<Option<&'a dyn Host>>,
    /// How many `try` and `with` blocks of generators are under way.
    open: Cell<u32>,
    /// A bit for every type of data that an instance of a subclass was made of, by [`data_bit`].
    inherited: Cell<u16>,
    /// Keys every hash, so that clients cannot choose colliding keys.
    pub(crate) seed: u64,
}

impl<'a> Cx<'a> {
    /// A context in `arena`, where its values live too; bails out when the literals alone pass the memory limit.
    pub fn new(arena: &'a Arena, literals: &'static [&'static str], limits: Limits) -> Result<&'a Self> {
        Self::with_seed(arena, literals, limits, seed())
    }

    /// As [`Cx::new`], with hashes that are keyed by `seed` and the same in every process: for measuring alone.
    pub fn with_seed(
        arena: &'a Arena,
        literals: &'static [&'static str],
        limits: Limits,
        seed: u64,
    ) -> Result<&'a Self> {
        let memory = || BailKind::Memory.at(u32::MAX);
        arena.bump.set_allocation_limit(Some(limits.memory_bytes));
        let literals = arena
            .bump
            .try_alloc_slice_fill_with(literals.len(), |index| StrObj::new(literals[index]))
            .map_err(|_| memory())?;
        let cx = Self {
            arena,
            limits: Cell::new(limits),
            work: Work::new(),
            literals,
            letters: Cell::new(&[]),
            classes: Cell::new(&[]),
            lookups: Lookups::default(),
            spare: Spare::default(),
            documents: Documents::default(),
            sites: Sites::default(),
            raised: Cell::new(None),
            handled: Cell::new(None),
            generators: Generators::default(),
            globals: Cell::new(&[]),
            kept: Cell::new(0),
            variables_of_module: Cell::new(&[]),
            state: Log::default(),
            patterns: Cell::new(&[]),
            pattern_objects: Cell::new(&[]),
            random: Cell::new(None),
            utc: Cell::new(None),
            environ: Cell::new(None),
            locks: Cell::new(0),
            streams: [const { Cell::new(None) }; 2],
            logging: Cell::new(None),
            module: Cell::new(None),
            variables: RefCell::default(),
            facts: RefCell::default(),
            journal: Journal::default(),
            exchanges: Exchanges::default(),
            host: Cell::new(None),
            open: Cell::new(0),
            inherited: Cell::new(0),
            seed,
        };
        arena.bump.try_alloc(cx).map(|cx| &*cx).map_err(|_| memory())
    }

    /// Begins an invocation.
    pub(crate) fn begin(&self, limits: Limits, variables: &[Variables; 2], facts: &Variables) {
        let bump = &self.arena.bump;
        bump.set_allocation_limit(Some(bump.allocated_bytes().saturating_add(limits.memory_bytes)));
        self.limits.set(limits);
        self.work.reset();
        self.open.set(0);
        self.raised.set(None);
        self.handled.set(None);
        self.random.set(None);
        self.variables.replace(variables.clone());
        self.facts.replace(Arc::clone(facts));
        self.arena.log.clear();
    }

    /// Ends an invocation: frees what the arena does not.
    pub(crate) fn end(&self) {
        self.generators.clear();
        self.journal.clear();
        self.exchanges.clear();
    }

    /// Frees what the arena does not; to be called once, when there are no more invocations.
    pub fn close(&self) {
        self.end();
        self.state.close();
        self.lookups.clear();
        self.spare.clear();
        self.documents.clear();
    }

    /// What the invocation has written of the module's.
    pub(crate) fn state(&'a self) -> &'a Log<'a> {
        &self.state
    }

    /// The objects of the module that have been made, by their index.
    pub(crate) fn made(&self, index: usize) -> Option<Value<'a>> {
        self.globals.get().get(index).and_then(Cell::get)
    }

    /// The variables of the module, by number; none before the first is used.
    pub(crate) fn variables_made(&self) -> &'a [Variable<'a>] {
        self.variables_of_module.get()
    }

    /// The variable of the module with that number, out of `count`.
    pub fn variable_of_module(&'a self, number: usize, count: usize, g: u32) -> Result<&'a Variable<'a>> {
        if self.variables_of_module.get().is_empty() {
            self.variables_of_module.set(self.alloc_slice(count, |_| Variable::new(), g)?);
        }
        Ok(&self.variables_of_module.get()[number])
    }

    /// What the invocation exchanges with others.
    pub(crate) fn exchanges(&self) -> &Exchanges {
        &self.exchanges
    }

    /// Who does that for it; nobody in a replay.
    pub(crate) fn host(&self) -> Option<&'a dyn Host> {
        self.host.get()
    }

    /// Says who that is.
    pub(crate) fn set_host(&self, host: &'a dyn Host) {
        self.host.set(Some(host));
    }

    /// What the invocation draws from the world.
    pub(crate) fn journal(&self) -> &Journal<'a> {
        &self.journal
    }

    /// `os.environ`, once it was read.
    pub(crate) fn environ(&self) -> &Cell<Option<Value<'a>>> {
        &self.environ
    }

    /// How often locks are held.
    pub(crate) fn locks(&self) -> &Cell<u32> {
        &self.locks
    }

    /// Where the object of a standard stream is kept.
    pub(crate) fn stream(&self, stream: Stream) -> &Cell<Option<Value<'a>>> {
        &self.streams[usize::from(stream == Stream::Stderr)]
    }

    /// What knows the loggers, once there are any.
    pub(crate) fn logging(&self) -> &Cell<Option<&'a Manager<'a>>> {
        &self.logging
    }

    /// The module that the instance is of.
    pub(crate) fn module(&self) -> Option<Module> {
        self.module.get()
    }

    /// Says which that is.
    pub(crate) fn set_module(&self, module: Module) {
        self.module.set(Some(module));
    }

    /// A variable of the environment that the invocation was given.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let variables = self.variables.borrow();
        let [every, own] = &*variables;
        let found = own.iter().rev().chain(every.iter().rev()).find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    }

    /// Whether one of its names is such.
    pub(crate) fn any_variable(&self, is_such: impl Fn(&str) -> bool) -> bool {
        self.variables.borrow().iter().any(|variables| variables.iter().any(|(name, _)| is_such(name)))
    }

    /// What is known of the machine and the packages that workers import.
    pub(crate) fn fact(&self, name: &str) -> Option<String> {
        self.facts.borrow().iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// How much was printed, drawn and written of the module's so far.
    pub(crate) fn effects(&self) -> (usize, usize, usize) {
        (self.arena.log.len(), self.journal.len() + self.exchanges.len(), self.state.writes())
    }

    /// Whether the zone of the machine is UTC.
    pub(crate) fn is_utc(&self) -> bool {
        self.limits.get().is_utc
    }

    /// By which CPython would hash.
    pub(crate) fn hash_secret(&self) -> HashSecret {
        self.limits.get().hash_secret
    }

    /// The class of a built-in type.
    #[inline]
    pub fn class(&'a self, ty: Type, g: u32) -> Result<Class<'a>> {
        match self.classes.get().get(ty as usize).and_then(Cell::get) {
            Some(class) => Ok(class),
            None => self.make_class(ty, g),
        }
    }

    #[cold]
    fn make_class(&'a self, ty: Type, g: u32) -> Result<Class<'a>> {
        if self.classes.get().is_empty() {
            self.classes.set(self.alloc_slice(Type::ALL.len(), |_| Cell::new(None), g)?);
        }
        let class = crate::class::builtin_class(self, ty, g)?;
        self.classes.get()[ty as usize].set(Some(class));
        Ok(class)
    }

    /// A generator enters a `try` or `with` block, which lasts as long as what this gives.
    pub fn opened(&self) -> Open<'_> {
        self.open.set(self.open.get() + 1);
        Open(&self.open)
    }

    /// Bails out if a generator stands within a `try` or `with`: CPython runs its clean-up when the last reference goes;
    /// or if a lock is held, which the module may have.
    pub(crate) fn check_closed(&self, g: u32) -> Result<()> {
        if self.open.get() > 0 || self.locks.get() > 0 { Err(BailKind::Unsupported.at(g)) } else { Ok(()) }
    }

    /// The generator of the module `random`: the world's, until this invocation seeds it.
    pub(crate) fn random(&'a self, g: u32) -> Result<&'a crate::library::random::Random> {
        if let Some(random) = self.random.get() {
            return Ok(random);
        }
        let random = self.alloc(crate::library::random::Random::new(true), g)?;
        self.random.set(Some(random));
        Ok(random)
    }

    /// Makes the program's regular expressions known.
    pub fn set_patterns(&self, patterns: &'static [crate::sre::Pattern]) {
        self.patterns.set(patterns);
    }

    /// The place of a regular expression's object.
    pub(crate) fn pattern_object(
        &'a self,
        pattern: &'static crate::sre::Pattern,
        g: u32,
    ) -> Result<Option<&'a Cell<Option<Value<'a>>>>> {
        let patterns = self.patterns.get();
        if self.pattern_objects.get().len() != patterns.len() {
            self.pattern_objects.set(self.alloc_slice(patterns.len(), |_| Cell::new(None), g)?);
        }
        let at = patterns.iter().position(|known| std::ptr::eq(known, pattern));
        Ok(at.map(|at| &self.pattern_objects.get()[at]))
    }

    /// The program's regular expressions.
    pub(crate) fn patterns(&self) -> &'static [crate::sre::Pattern] {
        self.patterns.get()
    }

    /// `timezone.utc`, once it was read.
    pub(crate) fn utc(&self) -> &Cell<Option<Value<'a>>> {
        &self.utc
    }

    /// The string of a special method's name.
    pub(crate) fn name(&'a self, name: &'static str, g: u32) -> Result<Str<'a>> {
        self.lookups.name(self, name, g)
    }

    /// A class has changed, or has just been filled.
    pub(crate) fn class_changed(&self) {
        self.lookups.forget();
        self.sites.forget();
    }

    /// The code has so many places that remember what they found.
    pub fn expect_sites(&self, count: u32) {
        self.sites.expect(count);
    }

    /// What places of the code have found so far.
    #[inline(always)]
    pub(crate) fn all_sites(&self) -> &Sites<'a> {
        &self.sites
    }

    /// What the JSON documents before had in common.
    pub(crate) fn documents(&self) -> &Documents<'a> {
        &self.documents
    }

    /// What searches with regular expressions leave for the next.
    pub(crate) fn spare(&self) -> &Spare<'a> {
        &self.spare
    }

    /// What lookups have found so far.
    pub(crate) fn lookups(&self) -> &Lookups<'a> {
        &self.lookups
    }

    /// Module-level object `index`, if it is made.
    #[inline(always)]
    pub fn known(&self, index: usize) -> Option<Value<'a>> {
        self.globals.get().get(index)?.get()
    }

    /// The place of module-level object `index` out of `count`.
    pub fn global(&'a self, index: usize, count: usize, g: u32) -> Result<&'a Cell<Option<Value<'a>>>> {
        if self.globals.get().is_empty() {
            self.globals.set(self.alloc_slice(count, |_| Cell::new(None), g)?);
        }
        Ok(&self.globals.get()[index])
    }

    /// The exception that `bail` carries, taken out of the context; a bailout goes on.
    pub fn catch(&self, bail: Bail) -> Result<Instance<'a>> {
        if bail.kind() != BailKind::Raised {
            return Err(bail);
        }
        self.raised.take().ok_or(bail)
    }

    /// Raises a caught exception again, unchanged.
    pub fn rethrow(&self, exception: Instance<'a>, g: u32) -> Bail {
        self.raised.set(Some(exception));
        BailKind::Raised.at(g)
    }

    pub(crate) fn set_raised(&self, exception: Instance<'a>) {
        self.raised.set(Some(exception));
    }

    /// The types of data that instances inherit from.
    pub(crate) fn inherited(&self) -> impl Iterator<Item = Type> {
        let bits = self.inherited.get();
        DATA.into_iter().filter(move |ty| bits & data_bit(*ty) != 0)
    }

    /// There is an instance of a class that inherits from that type.
    pub(crate) fn inherit(&self, ty: Type) {
        self.inherited.set(self.inherited.get() | data_bit(ty));
    }

    /// The exception being handled.
    pub fn handled(&self) -> Option<Instance<'a>> {
        self.handled.get()
    }

    /// Says which exception is being handled; gives the one before.
    pub fn handle(&self, exception: Option<Instance<'a>>) -> Option<Instance<'a>> {
        self.handled.replace(exception)
    }

    /// Bails out if the invocation asked for guard `g` to fail.
    #[inline]
    pub fn force(&self, g: u32) -> Result<()> {
        if self.limits.get().force == g && g != u32::MAX {
            return Err(BailKind::Forced.at(g));
        }
        Ok(())
    }

    /// The bailout of a branch that was never traced.
    #[cold]
    pub fn hole(&self, g: u32) -> Bail {
        BailKind::Branch.at(g)
    }

    /// A bailout of the given kind.
    #[cold]
    pub fn bail(&self, kind: BailKind, g: u32) -> Bail {
        kind.at(g)
    }

    /// The string at `index` of the export's literals.
    #[inline]
    #[must_use]
    pub fn literal(&self, index: u32) -> Str<'a> {
        Str(&self.literals[index as usize])
    }

    /// What was printed so far, on both streams.
    #[must_use]
    pub fn log(&self) -> String {
        let mut all = String::new();
        self.arena.log.each(|_, text| all.push_str(text));
        all
    }
}

/// A `try` or `with` block of a generator that is under way.
pub struct Open<'c>(&'c Cell<u32>);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// The process's random hash seed.
fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| RandomState::new().hash_one("seed"))
}

/// The types of data that classes inherit from, other than exceptions.
const DATA: [Type; 9] =
    [Type::Int, Type::Float, Type::Str, Type::Bytes, Type::List, Type::Tuple, Type::Dict, Type::Set, Type::FrozenSet];

/// The bit of a type of data; none of others.
fn data_bit(ty: Type) -> u16 {
    DATA.iter().position(|known| *known == ty).map_or(0, |at| 1 << at)
}
