//! Names and namespaces to numbers, so that indexes hold and compare four bytes.
//!
//! A name is kept for as long as a segment has a record of it; its number may then be given to another.
//! That is safe for who looked a number up: the segments that it was looked up for are those of that moment.

use std::collections::HashMap;
use std::sync::Arc;

/// Which records are asked for: those that pass everything that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// The part of the name before its first `/`; names without one are in no namespace.
    pub namespace: Option<&'a str>,
    /// The whole name.
    pub name: Option<&'a str>,
    /// Starts from here, milliseconds of the epoch.
    pub since: Option<u64>,
    /// Starts up to here, inclusive.
    pub upto: Option<u64>,
}

/// A filter's names as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    Namespace(u32),
    Name(u32),
}

/// The names of all records.
#[derive(Debug, Default)]
pub(crate) struct Names {
    names: Interned,
    namespaces: Interned,
    /// By a name's number.
    namespace_of: Vec<Option<u32>>,
}

#[derive(Debug, Default)]
struct Interned {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Kept>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Kept {
    text: Arc<str>,
    uses: u32,
}

impl Names {
    /// The number of `name`, which is kept for one use more: that of a segment.
    pub(crate) fn hold(&mut self, name: &str) -> u32 {
        let number = self.number(name);
        self.hold_again(number);
        number
    }

    /// The number of `name`, for which [`Names::hold_again`] must follow if no segment holds it.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        let (number, new) = self.names.number(name);
        if new {
            let namespace = name.split_once('/').map(|(namespace, _)| {
                let namespace = self.namespaces.number(namespace).0;
                self.namespaces.texts[namespace as usize].uses += 1;
                namespace
            });
            self.namespace_of.resize(self.namespace_of.len().max(number as usize + 1), None);
            self.namespace_of[number as usize] = namespace;
        }
        number
    }

    /// Keeps a name for one use more.
    pub(crate) fn hold_again(&mut self, number: u32) {
        self.names.texts[number as usize].uses += 1;
    }

    /// Ends a use; the last one's end forgets the name.
    pub(crate) fn release(&mut self, number: u32) {
        if self.names.release(number)
            && let Some(namespace) = self.namespace_of[number as usize].take()
        {
            self.namespaces.release(namespace);
        }
    }

    pub(crate) fn namespace_of(&self, number: u32) -> Option<u32> {
        self.namespace_of[number as usize]
    }

    pub(crate) fn text(&self, number: u32) -> Arc<str> {
        Arc::clone(&self.names.texts[number as usize].text)
    }

    /// What `filter` asks for by name; None if no record can pass.
    pub(crate) fn which(&self, filter: &Filter<'_>) -> Option<Which> {
        match (filter.name, filter.namespace) {
            (None, None) => Some(Which::All),
            (None, Some(namespace)) => self.namespaces.numbers.get(namespace).map(|number| Which::Namespace(*number)),
            (Some(name), namespace) => {
                let number = *self.names.numbers.get(name)?;
                let within = namespace.is_none_or(|namespace| {
                    name.split_once('/').is_some_and(|(its_namespace, _)| its_namespace == namespace)
                });
                within.then_some(Which::Name(number))
            }
        }
    }
}

impl Interned {
    fn number(&mut self, text: &str) -> (u32, bool) {
        if let Some(number) = self.numbers.get(text) {
            return (*number, false);
        }
        let text: Arc<str> = text.into();
        let kept = Kept { text: Arc::clone(&text), uses: 0 };
        let number = match self.free.pop() {
            Some(number) => {
                self.texts[number as usize] = kept;
                number
            }
            None => {
                self.texts.push(kept);
                (self.texts.len() - 1) as u32
            }
        };
        self.numbers.insert(text, number);
        (number, true)
    }

    fn release(&mut self, number: u32) -> bool {
        let kept = &mut self.texts[number as usize];
        kept.uses -= 1;
        if kept.uses > 0 {
            return false;
        }
        self.numbers.remove(&kept.text);
        kept.text = "".into();
        self.free.push(number);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_become_numbers() {
        let mut names = Names::default();
        let [a, b, plain] = ["guest/a", "guest/b", "plain"].map(|name| names.hold(name));
        assert_eq!(names.hold("guest/a"), a);
        assert_eq!(names.namespace_of(a), names.namespace_of(b));
        assert_eq!(names.namespace_of(plain), None);
        let which = |namespace, name| names.which(&Filter { namespace, name, ..Filter::default() });
        assert_eq!(which(None, None), Some(Which::All));
        assert_eq!(which(None, Some("guest/b")), Some(Which::Name(b)));
        assert_eq!(which(Some("guest"), Some("guest/b")), Some(Which::Name(b)));
        assert_eq!(which(Some("guest"), None), names.namespace_of(a).map(Which::Namespace));
        for nothing in
            [(Some("gues"), None), (Some("plain"), None), (Some("other"), Some("guest/b")), (None, Some("c"))]
        {
            assert_eq!(which(nothing.0, nothing.1), None, "{nothing:?}");
        }
    }

    #[test]
    fn what_no_segment_holds_is_forgotten() {
        let mut names = Names::default();
        let (a, b) = (names.hold("x/a"), names.hold("x/b"));
        names.hold("x/a");
        names.release(a);
        names.release(b);
        let which = |names: &Names, namespace, name| names.which(&Filter { namespace, name, ..Filter::default() });
        assert_eq!(which(&names, None, Some("x/a")), Some(Which::Name(a)));
        assert_eq!(which(&names, None, Some("x/b")), None);
        assert!(which(&names, Some("x"), None).is_some());
        names.release(a);
        assert_eq!(which(&names, Some("x"), None), None);
        assert_eq!(names.names.numbers.len() + names.namespaces.numbers.len(), 0);
        let c = names.hold("y/c");
        assert!(c == a || c == b, "numbers are used again");
        assert_eq!(names.names.texts.len(), 2);
    }
}
