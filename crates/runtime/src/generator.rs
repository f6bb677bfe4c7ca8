//! Generators: a compiled body is an `async` block, and each `yield` a point at which it waits.
//!
//! Holds: the state machines live outside the arena, because they must be dropped; [`Generators::clear`] does.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::{
    Args, Bail, BailKind, Cx, Instance, Obj, Result, Type, Value, attr, call_method, exception, iter_next, iter_value,
    object_new,
};

type Body<'a> = Pin<Box<dyn Future<Output = Result<Value<'a>>> + 'a>>;

/// The suspended generators of one invocation.
#[derive(Default)]
pub(crate) struct Generators<'a>(RefCell<Vec<Option<Body<'a>>>>);

impl<'a> Generators<'a> {
    fn add(&self, body: Body<'a>) -> usize {
        let mut all = self.0.borrow_mut();
        all.push(Some(body));
        all.len() - 1
    }

    fn take(&self, id: usize) -> Option<Body<'a>> {
        self.0.borrow_mut().get_mut(id).and_then(Option::take)
    }

    fn put(&self, id: usize, body: Body<'a>) {
        if let Some(place) = self.0.borrow_mut().get_mut(id) {
            *place = Some(body);
        }
    }

    pub(crate) fn clear(&self) {
        let all = self.0.take();
        drop(all);
    }
}

/// How a generator and whoever resumes it talk to each other.
struct Channel<'a> {
    yielded: Cell<Option<Value<'a>>>,
    sent: Cell<Value<'a>>,
    thrown: Cell<Option<Instance<'a>>>,
}

/// The side of the body.
#[derive(Copy, Clone)]
pub struct Co<'a>(&'a Channel<'a>);

impl<'a> Co<'a> {
    /// `yield value`: waits until the generator is resumed; gives what was sent, or raises what was thrown.
    pub async fn give(self, cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<Value<'a>> {
        // The exception that the body is handling is its own.
        let handled = cx.handled();
        self.0.yielded.set(Some(value));
        let mut waited = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
        if handled.is_some() {
            cx.handle(handled);
        }
        match self.0.thrown.take() {
            Some(exception) => Err(cx.throw(exception, g)),
            None => Ok(self.0.sent.replace(Value::None)),
        }
    }

    /// `yield from source`: gives what the source returned.
    pub async fn give_all(self, cx: &'a Cx<'a>, source: Value<'a>, g: u32) -> Result<Value<'a>> {
        let items = iter_value(cx, source, g)?;
        let mut sent = Value::None;
        loop {
            cx.tick(g)?;
            let next = match sent {
                Value::None => next_or_value(cx, items, g)?,
                _ => match call_method(cx, items, cx.name("send", g)?, Args::of(&[sent]), g) {
                    Ok(item) => Step::Item(item),
                    Err(bail) => stopped(cx, bail, g)?,
                },
            };
            let item = match next {
                Step::Item(item) => item,
                Step::End(value) => return Ok(value),
            };
            sent = match self.give(cx, item, g).await {
                Ok(sent) => sent,
                // What is thrown in goes to the inner iterator, which only a generator can take here.
                Err(bail) => match (cx.catch(bail)?, items) {
                    (exception, Value::Object(object)) if object.get().kind() == Type::Generator => {
                        if exception::is_a(exception, Type::GeneratorExit) {
                            call_method(cx, items, cx.name("close", g)?, Args::of(&[]), g)?;
                            return Err(cx.rethrow(exception, g));
                        }
                        return Err(BailKind::Unsupported.at(g));
                    }
                    (exception, _) => return Err(cx.rethrow(exception, g)),
                },
            };
        }
    }
}

enum Step<'a> {
    Item(Value<'a>),
    End(Value<'a>),
}

fn next_or_value<'a>(cx: &'a Cx<'a>, items: Value<'a>, g: u32) -> Result<Step<'a>> {
    if let Value::Instance(_) = items {
        return match attr::call_special(cx, items, "__next__", &[], g) {
            Ok(Some(item)) => Ok(Step::Item(item)),
            Ok(None) => Err(BailKind::Exception.at(g)),
            Err(bail) => stopped(cx, bail, g),
        };
    }
    match items {
        Value::Object(object) if object.get().kind() == Type::Generator => {
            match object.get().method(cx, items, "__next__", Args::of(&[]), g) {
                Ok(item) => Ok(Step::Item(item)),
                Err(bail) => stopped(cx, bail, g),
            }
        }
        _ => Ok(match iter_next(cx, items, g)? {
            Some(item) => Step::Item(item),
            None => Step::End(Value::None),
        }),
    }
}

/// The end of an iterator that raised `StopIteration`.
fn stopped<'a>(cx: &'a Cx<'a>, bail: Bail, g: u32) -> Result<Step<'a>> {
    match cx.catch(bail) {
        Ok(raised) if exception::is_a(raised, Type::StopIteration) => {
            Ok(Step::End(exception::args_of(raised).first().copied().unwrap_or(Value::None)))
        }
        Ok(raised) => Err(cx.rethrow(raised, g)),
        Err(bail) => Err(bail),
    }
}

struct Generator<'a> {
    id: usize,
    name: &'static str,
    channel: &'a Channel<'a>,
    state: Cell<State>,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum State {
    Created,
    Suspended,
    Running,
    Ended,
}

/// A generator whose body is the future that `body` makes.
pub fn generator_new<'a, F>(
    cx: &'a Cx<'a>,
    name: &'static str,
    body: impl FnOnce(Co<'a>) -> F,
    g: u32,
) -> Result<Value<'a>>
where
    F: Future<Output = Result<Value<'a>>> + 'a,
{
    let channel = Channel { yielded: Cell::new(None), sent: Cell::new(Value::None), thrown: Cell::new(None) };
    let channel: &'a Channel<'a> = cx.alloc(channel, g)?;
    let id = cx.generators.add(Box::pin(body(Co(channel))));
    cx.reserve(id * 256, g)?;
    object_new(cx, Generator { id, name, channel, state: Cell::new(State::Created) }, g)
}

impl<'a> Generator<'a> {
    /// Runs the body to its next `yield` (`Ok(Ok)`) or to its end (`Ok(Err(result))`).
    fn resume(&self, cx: &'a Cx<'a>, g: u32) -> Result<core::result::Result<Value<'a>, Value<'a>>> {
        let Some(mut body) = cx.generators.take(self.id) else { return Err(BailKind::Exception.at(g)) };
        self.state.set(State::Running);
        cx.enter(g)?;
        let (depth, handled) = (cx.depth(), cx.handled());
        // A `StopIteration` of its own is none of a generator expression's that asks for its items.
        let polled = cx.outside_generators(|| body.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        cx.set_depth(depth);
        cx.handle(handled);
        cx.leave();
        match polled {
            Poll::Pending => {
                cx.generators.put(self.id, body);
                self.state.set(State::Suspended);
                match self.channel.yielded.take() {
                    Some(value) => Ok(Ok(value)),
                    None => Err(BailKind::Unsupported.at(g)),
                }
            }
            Poll::Ready(result) => {
                self.state.set(State::Ended);
                match result {
                    Ok(value) => Ok(Err(value)),
                    Err(bail) => Err(escaped(cx, bail, g)),
                }
            }
        }
    }

    fn start(&self, cx: &'a Cx<'a>, g: u32) -> Result<bool> {
        match self.state.get() {
            State::Ended => Ok(false),
            State::Running => Err(cx.raise(Type::ValueError, "generator already executing", g)),
            State::Created | State::Suspended => Ok(true),
        }
    }

    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        if !self.start(cx, g)? {
            return Err(exception::stop(cx, Value::None, g));
        }
        match self.resume(cx, g)? {
            Ok(item) => Ok(item),
            Err(result) => Err(exception::stop(cx, result, g)),
        }
    }

    fn throw(&self, cx: &'a Cx<'a>, exception: Instance<'a>, g: u32) -> Result<Value<'a>> {
        match self.state.get() {
            State::Created => {
                self.state.set(State::Ended);
                drop(cx.generators.take(self.id));
                Err(cx.throw(exception, g))
            }
            State::Ended => Err(cx.throw(exception, g)),
            State::Running => self.step(cx, g),
            State::Suspended => {
                self.channel.thrown.set(Some(exception));
                self.step(cx, g)
            }
        }
    }
}

/// `StopIteration` must not leave a generator (PEP 479).
fn escaped<'a>(cx: &'a Cx<'a>, bail: Bail, g: u32) -> Bail {
    match cx.catch(bail) {
        Ok(raised) if exception::is_a(raised, Type::StopIteration) => {
            let made = cx.raise(Type::RuntimeError, "generator raised StopIteration", g);
            let error = match cx.catch(made) {
                Ok(error) => error,
                Err(bail) => return bail,
            };
            if let Some(state) = error.error() {
                state.cause.set(Value::Instance(raised));
                state.context.set(Value::Instance(raised));
                state.suppress.set(true);
            }
            cx.rethrow(error, g)
        }
        Ok(raised) => cx.rethrow(raised, g),
        Err(bail) => bail,
    }
}

impl<'a> Obj<'a> for Generator<'a> {
    fn kind(&self) -> Type {
        Type::Generator
    }

    fn iter(&self, _cx: &'a Cx<'a>, this: Value<'a>, _g: u32) -> Result<Value<'a>> {
        Ok(this)
    }

    fn next(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        if !self.start(cx, g)? {
            return Ok(None);
        }
        Ok(self.resume(cx, g)?.ok())
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            "__name__" => crate::str_new(cx, self.name, g).map(|name| Some(Value::Str(name))),
            _ => Ok(None),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "send" | "throw" | "close" | "__next__" | "__iter__")
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("__iter__", []) => Ok(this),
            ("__next__", []) => self.step(cx, g),
            ("send", [value]) => {
                if self.state.get() == State::Created && !matches!(value, Value::None) {
                    let text = "can't send non-None value to a just-started generator";
                    return Err(cx.raise(Type::TypeError, text, g));
                }
                if self.state.get() != State::Running {
                    self.channel.sent.set(*value);
                }
                self.step(cx, g)
            }
            ("throw", [thrown]) => {
                let bail = exception::raise(cx, *thrown, None, g);
                match cx.catch(bail) {
                    Ok(exception) => self.throw(cx, exception, g),
                    Err(bail) => Err(bail),
                }
            }
            ("close", []) => match self.state.get() {
                State::Created | State::Ended => {
                    self.state.set(State::Ended);
                    drop(cx.generators.take(self.id));
                    Ok(Value::None)
                }
                _ => {
                    let bail = cx.raise_with(Type::GeneratorExit, &[], g);
                    let exit = cx.catch(bail)?;
                    self.channel.thrown.set(Some(exit));
                    match self.resume(cx, g) {
                        Ok(Err(_)) => Ok(Value::None),
                        Ok(Ok(_)) => Err(cx.raise(Type::RuntimeError, "generator ignored GeneratorExit", g)),
                        Err(bail) => match cx.catch(bail) {
                            Ok(raised)
                                if exception::is_a(raised, Type::GeneratorExit)
                                    || exception::is_a(raised, Type::StopIteration) =>
                            {
                                Ok(Value::None)
                            }
                            Ok(raised) => Err(cx.rethrow(raised, g)),
                            Err(bail) => Err(bail),
                        },
                    }
                }
            },
            _ => Err(BailKind::Exception.at(g)),
        }
    }
}
