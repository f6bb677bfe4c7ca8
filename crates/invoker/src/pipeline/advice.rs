//! What to write instead of what keeps a function in Python, where there is a way.

/// A part of a reason, and the advice.
const ADVICE: &[(&str, &str)] = &[
    ("input is not", "take it from args: an invocation has no terminal"),
    ("open is not", "read the file when the module is loaded, or take its contents from args"),
    ("eval is not", "look the operation up in a dict of functions"),
    ("exec is not", "look the operation up in a dict of functions"),
    ("compile is not", "look the operation up in a dict of functions"),
    ("id is not", "compare with `is`, or number the objects yourself"),
    ("globals", "look the name up in a dict that the module holds"),
    ("vars", "keep the values in a dict, or read the attributes by name"),
    ("locals", "keep the values in a dict"),
    ("dir sees", "name the attributes in a tuple"),
    ("time.time is not", "take the time from args"),
    ("time.perf_counter", "leave the timing to the activation record's duration"),
    ("time.sleep", "leave it out: an invocation that waits costs a worker"),
    ("os.environ", "read it when the module is loaded"),
    ("os.urandom", "take a seed from args, and use random.Random(seed)"),
    ("secrets.", "take a seed from args, and use random.Random(seed)"),
    ("threading.", "leave the lock out: an invocation has one thread"),
    ("queue.Queue", "use collections.deque: an invocation has one thread"),
    ("decimal.", "use ints of the smallest unit, or fractions.Fraction"),
    ("async", "write a plain def: the daemon runs invocations side by side"),
    ("assigns the module-level name", "return the value, or keep it in an object that the function makes"),
    ("is bound more than once", "define it once"),
    ("a class statement with keywords", "set the attributes behind the class statement"),
    ("has a metaclass", "use a class decorator or __init_subclass__"),
    ("is used as a value", "wrap it in a lambda"),
    ("beside the action stands before the library's", "give the module another name"),
    ("its value is too large", "make it of ranges and comprehensions in a function, or take it from args"),
];

/// The advice for a reason.
pub fn instead(reason: &str) -> Option<&'static str> {
    ADVICE.iter().find(|(part, _)| reason.contains(part)).map(|(_, advice)| *advice)
}
