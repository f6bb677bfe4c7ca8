//! Exceptions: raising, matching, and handing them on.
//!
//! A raised exception is a [`Bail`] of kind `Raised`, with the exception itself in the context until it is caught.
//! One that leaves `main` is a bailout, so that CPython prints the traceback.

use crate::{Args, Bail, BailKind, Class, Cx, Instance, Result, Type, Value, call, exception_new, str_new};

impl<'a> Cx<'a> {
    /// Raises a built-in exception with a message.
    #[cold]
    pub fn raise(&'a self, ty: Type, message: &str, g: u32) -> Bail {
        // What operates on the built-in part of an instance does not know the name of its class.
        let is_inherited = |word: &str| self.inherited().any(|ty| ty.name() == word);
        if ty == Type::TypeError && message.split(|letter: char| !letter.is_alphanumeric()).any(is_inherited) {
            return BailKind::Unsupported.at(g);
        }
        self.raise_exactly(ty, message, g)
    }

    /// The same where the message names no operand by the type of its built-in part.
    #[cold]
    pub(crate) fn raise_exactly(&'a self, ty: Type, message: &str, g: u32) -> Bail {
        match str_new(self, message, g) {
            Ok(text) => self.raise_with(ty, &[Value::Str(text)], g),
            Err(bail) => bail,
        }
    }

    /// Raises a built-in exception with these arguments.
    #[cold]
    pub fn raise_with(&'a self, ty: Type, args: &[Value<'a>], g: u32) -> Bail {
        let made = self.class(ty, g).and_then(|class| exception_new(self, class, args, g));
        match made {
            Ok(exception) => self.throw(exception, g),
            Err(bail) => bail,
        }
    }

    /// Raises `exception`, in the context of the one being handled.
    #[cold]
    pub fn throw(&'a self, exception: Instance<'a>, g: u32) -> Bail {
        if let (Some(state), Some(handled)) = (exception.error(), self.handled())
            && !handled.same(exception)
            && matches!(state.context.get(), Value::None)
        {
            state.context.set(Value::Instance(handled));
        }
        if self.is_in_generator() && is_a(exception, Type::StopIteration) {
            return BailKind::Unsupported.at(g);
        }
        self.set_raised(exception);
        BailKind::Raised.at(g)
    }
}

/// `raise exception from cause`
#[cold]
pub fn raise<'a>(cx: &'a Cx<'a>, exception: Value<'a>, cause: Option<Value<'a>>, g: u32) -> Bail {
    let made = match instantiate(cx, exception, g) {
        Ok(Some(made)) => made,
        Ok(None) => return cx.raise(Type::TypeError, "exceptions must derive from BaseException", g),
        Err(bail) => return bail,
    };
    if let (Some(cause), Some(state)) = (cause, made.error()) {
        let cause = match cause {
            Value::None => Value::None,
            _ => match instantiate(cx, cause, g) {
                Ok(Some(cause)) => Value::Instance(cause),
                Ok(None) => return cx.raise(Type::TypeError, "exception causes must derive from BaseException", g),
                Err(bail) => return bail,
            },
        };
        state.cause.set(cause);
        state.suppress.set(true);
    }
    cx.throw(made, g)
}

/// `raise` alone: the exception being handled again.
#[cold]
pub fn reraise<'a>(cx: &'a Cx<'a>, g: u32) -> Bail {
    match cx.handled() {
        Some(handled) if cx.is_in_generator() && is_a(handled, Type::StopIteration) => BailKind::Unsupported.at(g),
        Some(handled) => {
            cx.set_raised(handled);
            BailKind::Raised.at(g)
        }
        None => cx.raise(Type::RuntimeError, "No active exception to reraise", g),
    }
}

/// The exception that `raise v` raises: `v` itself, or a new one of the class `v`.
fn instantiate<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Option<Instance<'a>>> {
    match v {
        Value::Instance(instance) if instance.is_exception() => Ok(Some(instance)),
        Value::Class(class) if class.layout().is(Type::BaseException) => match call(cx, v, Args::of(&[]), g)? {
            Value::Instance(instance) if instance.is_exception() => Ok(Some(instance)),
            _ => Err(BailKind::Exception.at(g)),
        },
        _ => Ok(None),
    }
}

/// Whether an `except` clause of `class`, a class or a tuple of them, takes `exception`.
pub fn catches<'a>(cx: &'a Cx<'a>, exception: Instance<'a>, class: Value<'a>, g: u32) -> Result<bool> {
    let one = |class: Value<'a>| match class {
        Value::Class(class) if class.layout().is(Type::BaseException) => Ok(exception.class().is(class)),
        _ => {
            Err(cx.raise(Type::TypeError, "catching classes that do not inherit from BaseException is not allowed", g))
        }
    };
    match class {
        // All of them are looked at, whichever it is.
        Value::Tuple(classes) => {
            classes.items().iter().try_fold(false, |found, class| one(*class).map(|is| found | is))
        }
        _ => one(class),
    }
}

/// Whether `exception` is of a built-in class or inherits from it.
#[must_use]
pub fn is_a(exception: Instance<'_>, ty: Type) -> bool {
    exception.class().layout().is(ty)
}

/// The bailout in the place of a raised exception of that type, whose text or place is not known here.
#[cold]
pub(crate) fn untold<'a>(cx: &'a Cx<'a>, bail: Bail, ty: Type, g: u32) -> Bail {
    match cx.catch(bail) {
        Ok(raised) if is_a(raised, ty) => BailKind::Unsupported.at(g),
        Ok(raised) => cx.rethrow(raised, g),
        Err(bail) => bail,
    }
}

/// `StopIteration(value)`, raised.
#[cold]
pub(crate) fn stop<'a>(cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Bail {
    match value {
        Value::None => cx.raise_with(Type::StopIteration, &[], g),
        _ => cx.raise_with(Type::StopIteration, &[value], g),
    }
}

/// The arguments of an exception.
pub(crate) fn args_of<'a>(exception: Instance<'a>) -> &'a [Value<'a>] {
    match exception.payload() {
        Value::Tuple(args) => args.items(),
        _ => &[],
    }
}

/// Instances of exception classes, made without the program's own `__init__`.
pub(crate) fn make<'a>(cx: &'a Cx<'a>, class: Class<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    // Their constructors look at their arguments.
    let special = [Type::OSError, Type::SyntaxError, Type::UnicodeError, Type::ImportError, Type::JSONDecodeError];
    let layout = class.layout();
    let structured = args.pos.len() > 1 && special.iter().any(|ty| layout.is(*ty));
    // Those of HTTP libraries take named arguments and keep them.
    let structured = structured || matches!(layout.module(), "requests.exceptions" | "urllib.error" | "httpx");
    if structured || layout.is(Type::UnicodeDecodeError) || layout.is(Type::UnicodeEncodeError) {
        return Err(BailKind::Unsupported.at(g));
    }
    Ok(Value::Instance(exception_new(cx, class, args.pos, g)?))
}
