//! What CPython's Unicode database (version 14) says of characters.

use unicode_general_category::{GeneralCategory, get_general_category};

/// `str.isprintable` of one character: everything but separators other than the space, and what is not assigned.
pub(crate) fn is_printable(letter: char) -> bool {
    use GeneralCategory as C;
    letter == ' '
        || !matches!(
            get_general_category(letter),
            C::Control
                | C::Format
                | C::Surrogate
                | C::PrivateUse
                | C::Unassigned
                | C::LineSeparator
                | C::ParagraphSeparator
                | C::SpaceSeparator
        )
}
