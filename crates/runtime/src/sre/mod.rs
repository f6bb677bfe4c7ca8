//! Regular expressions: CPython compiles a pattern when it is traced, and this engine runs that very program
//! (`Modules/_sre/sre_lib.h`, `Lib/re/_constants.py`).
//!
//! [`machine`] matches at a place, with [`repeat`] and [`resume`]; [`search`] finds the place, [`charset`] tests characters,
//! [`spare`] keeps what the next search can use;
//! what Python sees of it is in `library::re`.

mod charset;
mod machine;
mod repeat;
mod resume;
mod search;
mod spare;

pub(crate) use self::machine::Machine;
pub(crate) use self::spare::Spare;

/// A pattern that a traced invocation compiled.
pub struct Pattern {
    /// Its source; bytes patterns as Latin-1.
    pub source: &'static str,
    /// Whether it is for bytes.
    pub bytes: bool,
    /// The flags it was asked for with.
    pub given: u32,
    /// The flags that it has.
    pub flags: u32,
    /// How many groups it has.
    pub groups: u32,
    /// Names of groups.
    pub names: &'static [(&'static str, u32)],
    /// The program.
    pub code: &'static [u32],
}

/// The operations of a program (`OPCODES` of `Lib/re/_constants.py` in CPython 3.11).
#[allow(missing_docs)]
pub(crate) mod op {
    pub(crate) const FAILURE: u32 = 0;
    pub(crate) const SUCCESS: u32 = 1;
    pub(crate) const ANY: u32 = 2;
    pub(crate) const ANY_ALL: u32 = 3;
    pub(crate) const ASSERT: u32 = 4;
    pub(crate) const ASSERT_NOT: u32 = 5;
    pub(crate) const AT: u32 = 6;
    pub(crate) const BRANCH: u32 = 7;
    pub(crate) const CATEGORY: u32 = 8;
    pub(crate) const CHARSET: u32 = 9;
    pub(crate) const BIGCHARSET: u32 = 10;
    pub(crate) const GROUPREF: u32 = 11;
    pub(crate) const GROUPREF_EXISTS: u32 = 12;
    pub(crate) const IN: u32 = 13;
    pub(crate) const INFO: u32 = 14;
    pub(crate) const JUMP: u32 = 15;
    pub(crate) const LITERAL: u32 = 16;
    pub(crate) const MARK: u32 = 17;
    pub(crate) const MAX_UNTIL: u32 = 18;
    pub(crate) const MIN_UNTIL: u32 = 19;
    pub(crate) const NOT_LITERAL: u32 = 20;
    pub(crate) const NEGATE: u32 = 21;
    pub(crate) const RANGE: u32 = 22;
    pub(crate) const REPEAT: u32 = 23;
    pub(crate) const REPEAT_ONE: u32 = 24;
    pub(crate) const MIN_REPEAT_ONE: u32 = 26;
    pub(crate) const ATOMIC_GROUP: u32 = 27;
    pub(crate) const POSSESSIVE_REPEAT: u32 = 28;
    pub(crate) const POSSESSIVE_REPEAT_ONE: u32 = 29;
    pub(crate) const GROUPREF_IGNORE: u32 = 30;
    pub(crate) const IN_IGNORE: u32 = 31;
    pub(crate) const LITERAL_IGNORE: u32 = 32;
    pub(crate) const NOT_LITERAL_IGNORE: u32 = 33;
    pub(crate) const GROUPREF_UNI_IGNORE: u32 = 38;
    pub(crate) const IN_UNI_IGNORE: u32 = 39;
    pub(crate) const LITERAL_UNI_IGNORE: u32 = 40;
    pub(crate) const NOT_LITERAL_UNI_IGNORE: u32 = 41;
    pub(crate) const RANGE_UNI_IGNORE: u32 = 42;
}

/// No upper bound of a repeat.
pub(crate) const MAXREPEAT: u32 = u32::MAX;

/// What is searched: characters by index.
pub(crate) enum Subject<'s> {
    /// ASCII text, or bytes.
    Bytes(&'s [u8]),
    /// Any text.
    Wide(Vec<u32>),
}

impl<'s> Subject<'s> {
    /// A text to search.
    pub(crate) fn text(text: &'s str) -> Self {
        match text.is_ascii() {
            true => Subject::Bytes(text.as_bytes()),
            false => Subject::Wide(text.chars().map(u32::from).collect()),
        }
    }

    /// The character at an index that is in range.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> u32 {
        match self {
            Subject::Bytes(bytes) => u32::from(bytes[index]),
            Subject::Wide(letters) => letters[index],
        }
    }

    /// How many characters there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Subject::Bytes(bytes) => bytes.len(),
            Subject::Wide(letters) => letters.len(),
        }
    }
}
