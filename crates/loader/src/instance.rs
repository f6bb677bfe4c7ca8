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
use upshift_runtime::{Call, HashSecret};

use crate::version::{Outcome, Version, run_in};

/// The size of a stack; what is not touched takes address space alone.
const STACK: usize = 4 << 20;
/// So many stacks are kept for other instances.
const KEPT: usize = 256;

static STACKS: Mutex<Vec<DefaultStack>> = Mutex::new(Vec::new());

/// A compiled function with the objects of its module, on a stack of its own.
pub struct Instance {
    /// Always there, until it is dropped.
    coroutine: Option<Coroutine<Input, Output, ()>>,
    /// The document that its module began with.
    given: Arc<[u8]>,
    state: State,
}

/// What an instance can do next.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum State {
    /// Run its first invocation.
    New,
    /// Run another one under this hash secret.
    Idle(HashSecret),
    /// Take the answer to what its invocation waits for.
    Waiting(HashSecret),
    /// Go on with its invocation.
    Paused(HashSecret),
    /// Nothing.
    Spent,
}

// SAFETY: `start` takes only what is `Send` onto the stack, and what runs there keeps no borrow of thread-local storage
// while it stands still: the runtime has one such place (`bail.rs`), which is used within calls that never stand still.
unsafe impl Send for Instance {}

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
    Run(Box<Call>, Option<Time>),
    Answer(Exchanged, Option<Time>),
    GoOn(Option<Time>),
    TellState,
    End,
}

enum Output {
    Wants(Wanted),
    Sleeps(Duration),
    Paused,
    /// The outcome of an invocation, and whether it can run another one like it.
    Done(Outcome, bool),
    /// The module's state, if there was memory to write it.
    State(Option<Vec<u8>>),
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
            Input::Run(..) | Input::GoOn(_) | Input::TellState | Input::End => cancelled(),
        }
    }

    fn sleep(&self, time: Duration) -> bool {
        match self.yielder.suspend(Output::Sleeps(time)) {
            Input::Answer(exchanged, until) => {
                self.until.set(until);
                exchanged.end != End::Cancelled
            }
            Input::Run(..) | Input::GoOn(_) | Input::TellState | Input::End => false,
        }
    }

    fn pause(&self, now: Time) {
        if self.until.get().is_some_and(|until| now >= until) {
            match self.yielder.suspend(Output::Paused) {
                Input::GoOn(until) => self.until.set(until),
                Input::Run(..) | Input::Answer(..) | Input::TellState | Input::End => self.until.set(None),
            }
        }
    }
}

/// The answer for an invocation that nobody waits for any more.
fn cancelled() -> Exchanged {
    Exchanged::nothing(End::Cancelled)
}

/// What runs on the stack: one invocation after another, until there is none.
fn live(version: &Version, state: &[u8], yielder: &Yielder<Input, Output>, first: Input) {
    let host = Suspending { yielder, until: Cell::new(None) };
    let mut next = Some(first);
    version.with(&host, state, &mut |instance| {
        while let Some(input) = next.take() {
            let output = match input {
                Input::Run(call, until) => {
                    host.until.set(until);
                    let outcome = run_in(instance, &call);
                    Output::Done(outcome, instance.is_good_for(call.hash_secret))
                }
                Input::TellState => Output::State(instance.state()),
                Input::Answer(..) | Input::GoOn(_) | Input::End => break,
            };
            next = Some(yielder.suspend(output));
        }
    });
}

impl Instance {
    /// An instance that has run nothing, and whose module has the state that the document says; the first if it is empty.
    ///
    /// # Errors
    /// If there is no memory for a stack.
    pub fn new(version: Arc<Version>, state: Arc<[u8]>) -> io::Result<Self> {
        let kept = stacks().pop();
        let stack = kept.map_or_else(|| DefaultStack::new(STACK), Ok)?;
        let given = Arc::clone(&state);
        let coroutine = Coroutine::with_stack(stack, move |yielder, first| live(&version, &state, yielder, first));
        Ok(Self { coroutine: Some(coroutine), given, state: State::New })
    }

    /// Whether it can run an invocation under that hash secret.
    #[must_use]
    pub fn is_good_for(&self, hash_secret: HashSecret) -> bool {
        match self.state {
            State::New => true,
            State::Idle(known) => known == hash_secret,
            State::Waiting(_) | State::Paused(_) | State::Spent => false,
        }
    }

    /// Begins an invocation, and runs it until it ends or waits, or until a time at which it is to pause.
    ///
    /// # Panics
    /// If another one is under way, or [`Instance::is_good_for`] says that it cannot.
    pub fn run(&mut self, call: Call, until: Option<Time>) -> Step {
        let hash_secret = call.hash_secret;
        assert!(self.is_good_for(hash_secret), "this instance is of no further use");
        self.step(hash_secret, Input::Run(Box::new(call), until))
    }

    /// Goes on with the answer to what the invocation waited for.
    ///
    /// # Panics
    /// If none waits.
    pub fn resume(&mut self, answer: Exchanged, until: Option<Time>) -> Step {
        let State::Waiting(hash_secret) = self.state else { panic!("no invocation waits") };
        self.step(hash_secret, Input::Answer(answer, until))
    }

    /// Goes on after a pause.
    ///
    /// # Panics
    /// If no invocation is paused.
    pub fn go_on(&mut self, until: Option<Time>) -> Step {
        let State::Paused(hash_secret) = self.state else { panic!("no invocation is paused") };
        self.step(hash_secret, Input::GoOn(until))
    }

    /// Its module's state, as a document; after a bailout that from before the invocation.
    ///
    /// None if an invocation is under way, or there is no memory to write it.
    #[must_use]
    pub fn into_state(mut self) -> Option<Arc<[u8]>> {
        match self.state {
            State::New => Some(Arc::clone(&self.given)),
            State::Waiting(_) | State::Paused(_) => None,
            State::Idle(_) | State::Spent => match self.coroutine.as_mut()?.resume(Input::TellState) {
                CoroutineResult::Yield(Output::State(state)) => state.map(Into::into),
                _ => unreachable!("it was asked for its state"),
            },
        }
    }

    fn step(&mut self, hash_secret: HashSecret, input: Input) -> Step {
        let coroutine = self.coroutine.as_mut().expect("it is there until it is dropped");
        let CoroutineResult::Yield(output) = coroutine.resume(input) else {
            unreachable!("it ends only when it is told to")
        };
        let (state, step) = match output {
            Output::Wants(wanted) => (State::Waiting(hash_secret), Step::Wants(wanted)),
            Output::Sleeps(time) => (State::Waiting(hash_secret), Step::Sleeps(time)),
            Output::Paused => (State::Paused(hash_secret), Step::Paused),
            Output::Done(outcome, true) => (State::Idle(hash_secret), Step::Done(outcome)),
            Output::Done(outcome, false) => (State::Spent, Step::Done(outcome)),
            Output::State(_) => unreachable!("only `into_state` asks for it"),
        };
        self.state = state;
        step
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // Nobody waits for its invocation any more, but what is on its stack must be dropped; one that is paused goes on
        // to its deadline.
        loop {
            let _ = match self.state {
                State::Waiting(_) => self.resume(cancelled(), None),
                State::Paused(_) => self.go_on(None),
                State::New | State::Idle(_) | State::Spent => break,
            };
        }
        let Some(mut coroutine) = self.coroutine.take() else { return };
        if coroutine.started() {
            coroutine.resume(Input::End);
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
