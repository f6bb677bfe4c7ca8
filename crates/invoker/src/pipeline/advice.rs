//! What to write instead of what keeps a function in Python, where there is a way.

/// By the name of what is not in the native language; one that ends with a dot stands for all of a module.
const NAMES: &[(&str, &str)] = &[
    ("input", "take it from args: an invocation has no terminal"),
    ("io.open", "read the file when the module is loaded, or take its contents from args"),
    ("eval", "look the operation up in a dict of functions"),
    ("exec", "look the operation up in a dict of functions"),
    ("compile", "look the operation up in a dict of functions"),
    ("id", "compare with `is`, or number the objects yourself"),
    ("globals", "look the name up in a dict that the module holds"),
    ("vars", "keep the values in a dict, or read the attributes by name"),
    ("locals", "keep the values in a dict"),
    ("dir", "name the attributes in a tuple"),
    ("time.time", "take the time from args"),
    ("time.perf_counter", "leave the timing to the activation record's duration"),
    ("time.sleep", "leave it out: an invocation that waits costs a worker"),
    ("os.environ", "read it when the module is loaded"),
    ("os.urandom", "take a seed from args, and use random.Random(seed)"),
    ("posix.urandom", "take a seed from args, and use random.Random(seed)"),
    ("secrets.", "take a seed from args, and use random.Random(seed)"),
    ("threading.", "leave the lock out: an invocation has one thread"),
    ("queue.", "use collections.deque: an invocation has one thread"),
    ("decimal.", "use ints of the smallest unit, or fractions.Fraction"),
];

/// By a part of other reasons.
const REASONS: &[(&str, &str)] = &[
    ("async ", "write a plain def: the daemon runs invocations side by side"),
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
    let name = ["is not in the native language yet", "sees the variables of the function"]
        .into_iter()
        .find_map(|end| reason.strip_suffix(end)?.trim_end().rsplit(' ').next());
    let named = |known: &str| name.is_some_and(|name| name == known || known.ends_with('.') && name.starts_with(known));
    let by_name = NAMES.iter().find(|(known, _)| named(known));
    by_name.or_else(|| REASONS.iter().find(|(part, _)| reason.contains(part))).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::instead;

    #[test]
    fn advice_is_for_the_very_name() {
        for known in ["id is not in the native language yet", "dir sees the variables of the function"] {
            assert!(instead(known).is_some(), "{known}");
        }
        for other in ["re.compile is not in the native language yet", "a.valid is not in the native language yet"] {
            assert_eq!(instead(other), None, "{other}");
        }
        assert!(instead("queue.Queue is not in the native language yet").unwrap().contains("deque"));
    }
}
