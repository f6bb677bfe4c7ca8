//! An instance of a version: it runs one invocation after another, and can wait.
//!
//! It lives on a stack of its own, where an invocation stands still while the daemon does something for it.
//! Holds: waiting costs no thread, only the pages of the stack that were touched; an invocation is always run to its end.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Time};

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use upshift_runtime::host::{End, Exchanged, Host, Request};
use upshift_runtime::{Call, HashSecret, NativeInstance, Variables, World};

use crate::version::{Outcome, Version, run_in};

/// The size of a stack; what is not touched takes address space alone.
const STACK: usize = 4 << 20;
/// So many stacks are kept for other instances.
const KEPT: usize = 64;

static STACKS: Mutex<Vec<DefaultStack>> = Mutex::new(Vec::new());

/// A compiled function with the objects of its module, on a stack of its own.
pub struct Instance {
    /// Always there, until it is dropped.
    coroutine: Option<Coroutine<Input, Output, ()>>,
    /// Whether an invocation is under way, and whether it is paused.
    busy: bool,
    paused: bool,
    /// The hash secret of the invocations that it can run; none before the first, or if it can run no more.
    good_for: Option<Option<HashSecret>>,
}

// SAFETY: `start` takes only what is `Send` onto the stack, and what runs there keeps no borrow of thread-local storage
// while it stands still: the runtime has none.
unsafe impl Send for Instance {}

/// One invocation, owned; see [`Call`].
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Job {
    pub args: Arc<[u8]>,
    pub deadline: Time,
    pub memory_bytes: usize,
    pub force: u32,
    pub hash_secret: HashSecret,
    pub is_utc: bool,
    pub environment: [Variables; 2],
    pub facts: Variables,
    pub world: JobWorld,
}

/// Where it draws from; see [`World`].
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum JobWorld {
    Live,
    Told,
    Replayed(Arc<[u8]>),
}

/// What the invocation waits for: [`Request`], owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Wanted {
    pub host: String,
    pub port: u16,
    pub trusted: Option<String>,
    pub bytes: Vec<u8>,
    pub bodiless: bool,
    pub connect_timeout: Option<Duration>,
    pub read_timeout: Option<Duration>,
    pub most: usize,
}

/// How far an invocation has come.
#[derive(Debug)]
pub enum Step {
    /// It waits for this.
    Wants(Wanted),
    /// It waits for so long; any answer ends that.
    Sleeps(Duration),
    /// It has run for as long as it was to.
    Paused,
    /// It has ended.
    Done(Outcome),
}

enum Input {
    /// Each of these says when it is to pause.
    Run(Box<Job>, Option<Time>),
    Answer(Exchanged, Option<Time>),
    GoOn(Option<Time>),
    End,
}

enum Output {
    Wants(Wanted),
    Sleeps(Duration),
    Paused,
    /// The outcome of an invocation, and which others it can run; see [`Instance::good_for`].
    Done(Outcome, bool),
}

/// Suspends the invocation that asks, and that which has run long enough.
struct Suspending<'y> {
    yielder: &'y Yielder<Input, Output>,
    until: Cell<Option<Time>>,
}

impl Host for Suspending<'_> {
    fn exchange(&self, request: &Request<'_>) -> Exchanged {
        let Request { host, port, trusted, bytes, bodiless, connect_timeout, read_timeout, most } = *request;
        let (host, trusted, bytes) = (host.to_owned(), trusted.map(ToOwned::to_owned), bytes.to_vec());
        let wanted = Wanted { host, port, trusted, bytes, bodiless, connect_timeout, read_timeout, most };
        match self.yielder.suspend(Output::Wants(wanted)) {
            Input::Answer(exchanged, until) => {
                self.until.set(until);
                exchanged
            }
            Input::Run(..) | Input::GoOn(_) | Input::End => cancelled(),
        }
    }

    fn sleep(&self, time: Duration) -> bool {
        match self.yielder.suspend(Output::Sleeps(time)) {
            Input::Answer(exchanged, until) => {
                self.until.set(until);
                exchanged.end != End::Cancelled
            }
            Input::Run(..) | Input::GoOn(_) | Input::End => false,
        }
    }

    fn pause(&self, now: Time) {
        if self.until.get().is_some_and(|until| now >= until) {
            match self.yielder.suspend(Output::Paused) {
                Input::GoOn(until) => self.until.set(until),
                Input::Run(..) | Input::Answer(..) | Input::End => self.until.set(None),
            }
        }
    }
}

/// The answer for an invocation that nobody waits for any more.
fn cancelled() -> Exchanged {
    Exchanged { attempts: Vec::new(), received: Vec::new(), end: End::Cancelled }
}

impl Job {
    fn run(&self, instance: &dyn NativeInstance) -> Outcome {
        let call = Call {
            args: &self.args,
            deadline: self.deadline,
            memory_bytes: self.memory_bytes,
            force: self.force,
            hash_secret: self.hash_secret,
            is_utc: self.is_utc,
            environment: self.environment.clone(),
            facts: Arc::clone(&self.facts),
            world: match &self.world {
                JobWorld::Live => World::Live,
                JobWorld::Told => World::Told,
                JobWorld::Replayed(journal) => World::Replayed(journal),
            },
        };
        run_in(instance, &call)
    }
}

/// What runs on the stack: one invocation after another, until there is none.
fn live(version: &Version, yielder: &Yielder<Input, Output>, first: Input) {
    let host = Suspending { yielder, until: Cell::new(None) };
    let begun = |input| match input {
        Input::Run(job, until) => {
            host.until.set(until);
            Some(job)
        }
        Input::Answer(..) | Input::GoOn(_) | Input::End => None,
    };
    let mut input = begun(first);
    version.with(&host, &mut |instance| {
        while let Some(job) = input.take() {
            let outcome = job.run(instance);
            let good = instance.is_good_for(job.hash_secret);
            input = begun(yielder.suspend(Output::Done(outcome, good)));
        }
    });
}

impl Instance {
    /// An instance that has run nothing.
    ///
    /// # Errors
    /// If there is no memory for a stack.
    pub fn new(version: Arc<Version>) -> io::Result<Self> {
        let kept = stacks().pop();
        let stack = kept.map_or_else(|| DefaultStack::new(STACK), Ok)?;
        let coroutine = Coroutine::with_stack(stack, move |yielder, first| live(&version, yielder, first));
        Ok(Self { coroutine: Some(coroutine), busy: false, paused: false, good_for: Some(None) })
    }

    /// Whether it can run an invocation under that hash secret.
    #[must_use]
    pub fn is_good_for(&self, hash_secret: HashSecret) -> bool {
        !self.busy && self.good_for.is_some_and(|known| known.is_none_or(|known| known == hash_secret))
    }

    /// Begins an invocation, and runs it until it ends or waits, or until a time at which it is to pause.
    ///
    /// # Panics
    /// If another one is under way, or [`Instance::is_good_for`] says that it cannot.
    pub fn run(&mut self, job: Job, until: Option<Time>) -> Step {
        assert!(self.is_good_for(job.hash_secret), "this instance is of no further use");
        self.good_for = Some(Some(job.hash_secret));
        self.step(Input::Run(Box::new(job), until))
    }

    /// Goes on with the answer to what the invocation waited for.
    ///
    /// # Panics
    /// If none is under way.
    pub fn resume(&mut self, answer: Exchanged, until: Option<Time>) -> Step {
        assert!(self.busy, "no invocation waits");
        self.step(Input::Answer(answer, until))
    }

    /// Goes on after a pause.
    ///
    /// # Panics
    /// If no invocation is under way.
    pub fn go_on(&mut self, until: Option<Time>) -> Step {
        assert!(self.busy, "no invocation waits");
        self.step(Input::GoOn(until))
    }

    fn step(&mut self, input: Input) -> Step {
        let coroutine = self.coroutine.as_mut().expect("it is there until it is dropped");
        let output = coroutine.resume(input);
        self.paused = matches!(output, CoroutineResult::Yield(Output::Paused));
        match output {
            CoroutineResult::Yield(Output::Wants(wanted)) => {
                self.busy = true;
                Step::Wants(wanted)
            }
            CoroutineResult::Yield(Output::Sleeps(time)) => {
                self.busy = true;
                Step::Sleeps(time)
            }
            CoroutineResult::Yield(Output::Paused) => {
                self.busy = true;
                Step::Paused
            }
            CoroutineResult::Yield(Output::Done(outcome, good)) => {
                self.busy = false;
                if !good {
                    self.good_for = None;
                }
                Step::Done(outcome)
            }
            CoroutineResult::Return(()) => unreachable!("it ends only when it is told to"),
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let Some(mut coroutine) = self.coroutine.take() else { return };
        // Nobody waits for it any more, but what is on its stack must be dropped.
        while coroutine.started() && !coroutine.done() {
            // One that is paused goes on to its deadline.
            let input = match (self.busy, self.paused) {
                (true, true) => Input::GoOn(None),
                (true, false) => Input::Answer(cancelled(), None),
                (false, _) => Input::End,
            };
            let output = coroutine.resume(input);
            self.paused = matches!(output, CoroutineResult::Yield(Output::Paused));
            if let CoroutineResult::Yield(Output::Done(..)) = output {
                self.busy = false;
            }
        }
        if coroutine.done() {
            let stack = coroutine.into_stack();
            let mut stacks = stacks();
            if stacks.len() < KEPT {
                stacks.push(stack);
            }
        }
    }
}

fn stacks() -> MutexGuard<'static, Vec<DefaultStack>> {
    STACKS.lock().unwrap_or_else(PoisonError::into_inner)
}
