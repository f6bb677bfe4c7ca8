//! An invocation that can wait: it runs on a stack of its own, and stands still there while the daemon does something for it.
//!
//! Holds: waiting costs no thread, only the pages of the stack that were touched; an invocation is always run to its end.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use upshift_runtime::host::{End, Exchanged, Host, Request};

/// The size of a stack; what is not touched takes address space alone.
const STACK: usize = 4 << 20;
/// So many stacks are kept for the next invocations.
const KEPT: usize = 64;

static STACKS: Mutex<Vec<DefaultStack>> = Mutex::new(Vec::new());

/// An invocation under way; `R` is what comes of it.
pub struct Running<R: 'static> {
    /// Always there, until it is dropped.
    coroutine: Option<Coroutine<Exchanged, Wanted, R>>,
}

// SAFETY: `start` takes only what is `Send` onto the stack, and what runs there keeps no borrow of thread-local storage
// while it stands still: the runtime takes its arena out of it and puts it back in functions that are not inlined.
unsafe impl<R: Send> Send for Running<R> {}

/// What the invocation waits for: [`Request`], owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Wanted {
    pub host: String,
    pub port: u16,
    pub bytes: Vec<u8>,
    pub bodiless: bool,
    pub connect_timeout: Option<Duration>,
    pub read_timeout: Option<Duration>,
    pub most: usize,
}

/// How far it has come.
#[derive(Debug)]
pub enum Step<R> {
    /// It waits for this.
    Wants(Wanted),
    /// It has ended.
    Done(R),
}

/// Suspends the invocation that asks.
struct Suspending<'y>(&'y Yielder<Exchanged, Wanted>);

impl Host for Suspending<'_> {
    fn exchange(&self, request: &Request<'_>) -> Exchanged {
        let Request { host, port, bytes, bodiless, connect_timeout, read_timeout, most } = *request;
        let (host, bytes) = (host.to_owned(), bytes.to_vec());
        self.0.suspend(Wanted { host, port, bytes, bodiless, connect_timeout, read_timeout, most })
    }
}

/// The answer to nothing: what the first step is resumed with.
fn nothing(end: End) -> Exchanged {
    Exchanged { attempts: Vec::new(), received: Vec::new(), end }
}

impl<R: 'static> Running<R> {
    /// An invocation that has not begun.
    ///
    /// # Errors
    /// If there is no memory for a stack.
    pub fn start(run: impl FnOnce(&dyn Host) -> R + Send + 'static) -> io::Result<Self> {
        let kept = stacks().pop();
        let stack = kept.map_or_else(|| DefaultStack::new(STACK), Ok)?;
        let coroutine = Coroutine::with_stack(stack, move |yielder, _first| run(&Suspending(yielder)));
        Ok(Self { coroutine: Some(coroutine) })
    }

    /// Runs it until it ends or waits; `answer` is what it waited for, and nothing at the beginning.
    ///
    /// # Panics
    /// If it has ended before.
    pub fn resume(&mut self, answer: Option<Exchanged>) -> Step<R> {
        let coroutine = self.coroutine.as_mut().expect("it is there until it is dropped");
        match coroutine.resume(answer.unwrap_or_else(|| nothing(End::Cancelled))) {
            CoroutineResult::Yield(wanted) => Step::Wants(wanted),
            CoroutineResult::Return(result) => Step::Done(result),
        }
    }
}

impl<R: 'static> Drop for Running<R> {
    fn drop(&mut self) {
        let Some(mut coroutine) = self.coroutine.take() else { return };
        // Nobody waits for it any more, but what is on its stack must be dropped.
        while coroutine.started() && !coroutine.done() {
            let _ = coroutine.resume(nothing(End::Cancelled));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn ask(host: &dyn Host, port: u16) -> Exchanged {
        let bytes = b"bytes";
        let (connect_timeout, read_timeout) = (None, None);
        host.exchange(&Request { host: "h", port, bytes, bodiless: false, connect_timeout, read_timeout, most: 9 })
    }

    #[test]
    fn it_waits_and_goes_on_on_another_thread() {
        let mut running = Running::start(|host| {
            let first = ask(host, 1).received;
            let second = ask(host, 2).received;
            [first, second].concat()
        })
        .unwrap();
        let mut answer = None;
        for port in [1, 2] {
            let Step::Wants(wanted) = running.resume(answer.take()) else { panic!("it has ended") };
            assert_eq!((wanted.port, wanted.bytes.as_slice()), (port, &b"bytes"[..]));
            answer = Some(Exchanged { received: vec![port as u8], ..nothing(End::Open) });
            running = std::thread::spawn(|| running).join().unwrap();
        }
        let step = std::thread::spawn(move || running.resume(answer)).join().unwrap();
        assert!(matches!(step, Step::Done(bytes) if bytes == [1, 2]));
    }

    #[test]
    fn what_is_dropped_runs_to_its_end() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        let mut running = Running::start(move |host| {
            while ask(host, 1).end != End::Cancelled {}
            told.lock().unwrap().push("ended");
        })
        .unwrap();
        assert!(matches!(running.resume(None), Step::Wants(_)));
        assert!(matches!(running.resume(Some(nothing(End::Open))), Step::Wants(_)));
        drop(running);
        assert_eq!(*seen.lock().unwrap(), ["ended"]);
        drop(Running::start(|_| panic!("it never began")).unwrap());
    }

    #[test]
    fn many_wait_at_once() {
        let mut all: Vec<Running<u16>> = Vec::new();
        for port in 0..2000 {
            let mut running = Running::start(move |host| port + u16::from(ask(host, port).received[0])).unwrap();
            assert!(matches!(running.resume(None), Step::Wants(_)));
            all.push(running);
        }
        for (port, running) in all.iter_mut().enumerate() {
            let answer = Exchanged { received: vec![1], ..nothing(End::Open) };
            assert!(matches!(running.resume(Some(answer)), Step::Done(sum) if usize::from(sum) == port + 1));
        }
    }
}
