//! What attributes an instance has, and in which order, shared by all that got the same ones in the same order
//! (maps: Chambers, Ungar, Lee, "An Efficient Implementation of SELF", 1989; CPython's inline values are their kin).
//!
//! Holds: an instance has a shape or a dict, never both; the values of a shape's names are the instance's first fields.

use std::cell::Cell;

use crate::string::same_text;
use crate::{Class, Cx, Result, Str};

/// So many shapes follow one at most.
const MOST_CHILDREN: usize = 32;

/// A list of names: those of `parent`, and one more.
pub(crate) struct Shape<'a> {
    pub(crate) cx: &'a Cx<'a>,
    parent: Option<(&'a Shape<'a>, Str<'a>)>,
    /// How many names there are.
    len: usize,
    /// The shapes that are this one and a name more: the one made last, which leads to the others.
    child: Cell<Option<&'a Shape<'a>>>,
    sibling: Option<&'a Shape<'a>>,
}

impl<'a> Shape<'a> {
    /// Without names.
    pub(crate) fn root(cx: &'a Cx<'a>) -> Self {
        Self { cx, parent: None, len: 0, child: Cell::new(None), sibling: None }
    }

    /// Its address, which tells it from others.
    #[inline(always)]
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The place of a name.
    pub(crate) fn position(&'a self, name: Str<'a>) -> Option<usize> {
        let mut shape = self;
        while let Some((parent, known)) = shape.parent {
            if std::ptr::eq(known.0, name.0) || same_text(known.text(), name.text()) {
                return Some(parent.len);
            }
            shape = parent;
        }
        None
    }

    /// Whether it is `other` and one name more.
    pub(crate) fn is_one_more(&self, other: &Shape<'a>) -> bool {
        self.parent.is_some_and(|(parent, _)| std::ptr::eq(parent, other))
    }

    /// The names in their order.
    pub(crate) fn names(&'a self) -> Vec<Str<'a>> {
        let mut names = Vec::with_capacity(self.len);
        let mut shape = self;
        while let Some((parent, name)) = shape.parent {
            names.push(name);
            shape = parent;
        }
        names.reverse();
        names
    }

    /// This one with one more name, which it has not; none if so many follow it that a dict is the better place.
    pub(crate) fn with(&'a self, name: Str<'a>, g: u32) -> Result<Option<&'a Shape<'a>>> {
        let (mut next, mut count) = (self.child.get(), 0);
        while let Some(child) = next {
            match child.parent {
                Some((_, known)) if std::ptr::eq(known.0, name.0) || same_text(known.text(), name.text()) => {
                    return Ok(Some(child));
                }
                _ => (next, count) = (child.sibling, count + 1),
            }
        }
        if count >= MOST_CHILDREN {
            return Ok(None);
        }
        let child = Shape {
            cx: self.cx,
            parent: Some((self, name)),
            len: self.len + 1,
            child: Cell::new(None),
            sibling: self.child.get(),
        };
        let child: &'a Shape<'a> = self.cx.alloc(child, g)?;
        self.child.set(Some(child));
        Ok(Some(child))
    }
}

impl<'a> Class<'a> {
    /// What its instances begin with.
    pub(crate) fn shape(self, cx: &'a Cx<'a>, g: u32) -> Result<&'a Shape<'a>> {
        if let Some(shape) = self.0.shape.get() {
            return Ok(shape);
        }
        let shape: &'a Shape<'a> = cx.alloc(Shape::root(cx), g)?;
        self.0.shape.set(Some(shape));
        Ok(shape)
    }
}
