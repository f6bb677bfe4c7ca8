//! Repeats: how many items are taken, and what is tried behind them.

use super::machine::{Jump, Machine, Step};
use super::spare::Fits;
use super::{MAXREPEAT, Subject, op};
use crate::Result;

impl<'a> Machine<'_, 'a> {
    /// How many times the item at `pc` matches from `ptr` on, at most `most` times.
    pub(super) fn count(&mut self, pc: usize, most: u32) -> Result<usize> {
        let from = self.ptr;
        let mut end = self.end;
        if most != MAXREPEAT && (most as usize) < end - from {
            end = from + most as usize;
        }
        match self.word(pc)? {
            op::ANY_ALL => Ok(end - from),
            op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::CATEGORY if let Subject::Bytes(bytes) = self.subject => {
                let fits = self.fits(pc)?;
                let mut at = from;
                while at < end {
                    let place = fits.of(bytes[at]);
                    let known = match place.get() {
                        Some(known) => known,
                        None => {
                            let found = self.one(pc, u32::from(bytes[at]))?;
                            place.set(Some(found));
                            found
                        }
                    };
                    if !known {
                        break;
                    }
                    at += 1;
                }
                self.cx.burn((at - from) * 4, self.g)?;
                Ok(at - from)
            }
            op::IN
            | op::ANY
            | op::LITERAL
            | op::NOT_LITERAL
            | op::LITERAL_IGNORE
            | op::NOT_LITERAL_IGNORE
            | op::LITERAL_UNI_IGNORE
            | op::NOT_LITERAL_UNI_IGNORE => {
                let mut at = from;
                while at < end && self.one(pc, self.letter(at))? {
                    at += 1;
                }
                self.cx.burn((at - from) * 8, self.g)?;
                Ok(at - from)
            }
            _ => {
                // Any other pattern of one character.
                while self.ptr < end {
                    if !self.matches(pc, false)? {
                        break;
                    }
                }
                Ok(self.ptr - from)
            }
        }
    }

    /// Whether a repeat of one character has nothing else to try once it took as many as fit, which saves a frame: there must
    /// be just so many, or the tail begins with a character that does not fit, or it cannot fail.
    pub(super) fn is_settled(&self, pc: usize, tail: usize) -> Result<bool> {
        // What the marks were is pushed only while a group repeats.
        if self.repeat.is_some() {
            return Ok(false);
        }
        if self.word(pc + 1)? == self.word(pc + 2)? {
            return Ok(true);
        }
        let mut next = tail;
        loop {
            match self.word(next)? {
                op::MARK => next += 2,
                op::JUMP => next += self.word(next + 1)? as usize + 1,
                op::SUCCESS => return Ok(!self.match_all && !self.must_advance),
                op::LITERAL => {
                    let item = matches!(self.word(pc + 3)?, op::IN | op::NOT_LITERAL | op::LITERAL | op::CATEGORY);
                    return Ok(item && !self.one(pc + 3, self.word(next + 1)?)?);
                }
                _ => return Ok(false),
            }
        }
    }

    /// Which of the first characters fit the operation at `pc`.
    fn fits(&self, pc: usize) -> Result<&'a Fits> {
        let address = std::ptr::from_ref(&self.code[pc]).addr();
        self.cx.spare().fits(address, || self.cx.alloc(Fits::new(), self.g))
    }

    /// Tries the tail behind as many items as are left, from the most on.
    pub(super) fn repeat_one(&mut self, pc: usize, mut ptr: usize) -> Result<Step> {
        let least = i64::from(self.word(pc + 1)?);
        let tail = pc + self.word(pc)? as usize;
        let literal = if self.word(tail)? == op::LITERAL { Some(self.word(tail + 1)?) } else { None };
        let mut count = self.frame().count;
        if let Some(letter) = literal {
            // The rest cannot match where its first character is not.
            while count >= least && (ptr >= self.end || self.letter(ptr) != letter) {
                // Below the least count there may be no character left.
                ptr = ptr.wrapping_sub(1);
                count -= 1;
            }
        }
        if count < least {
            self.discard_if_repeating();
            return Ok(Step::Return(false));
        }
        self.ptr = ptr;
        let frame = self.frame();
        (frame.pc, frame.ptr, frame.count) = (pc, ptr, count);
        Ok(self.go(tail, if literal.is_some() { Jump::RepeatOneLiteral } else { Jump::RepeatOne }))
    }

    /// Tries the tail behind as few items as there may be.
    pub(super) fn min_repeat_one(&mut self, pc: usize, ptr: usize) -> Result<Step> {
        let most = self.word(pc + 2)?;
        if most != MAXREPEAT && self.frame().count > i64::from(most) {
            self.discard_if_repeating();
            return Ok(Step::Return(false));
        }
        let tail = pc + self.word(pc)? as usize;
        self.ptr = ptr;
        let frame = self.frame();
        (frame.pc, frame.ptr) = (pc, ptr);
        Ok(self.go(tail, Jump::MinRepeatOne))
    }

    pub(super) fn bounds(&self, repeat: usize) -> Result<(i64, Option<i64>)> {
        let pc = self.stacks.repeats[repeat].pc;
        let most = self.word(pc + 2)?;
        Ok((i64::from(self.word(pc + 1)?), (most != MAXREPEAT).then_some(i64::from(most))))
    }

    pub(super) fn max_until(&mut self, pc: usize, ptr: usize) -> Result<Step> {
        let Some(own) = self.repeat else { return self.unknown() };
        self.ptr = ptr;
        let count = self.stacks.repeats[own].count + 1;
        let frame = self.frame();
        (frame.pc, frame.ptr, frame.repeat, frame.count) = (pc, ptr, Some(own), count);
        let (least, most) = self.bounds(own)?;
        let item = self.stacks.repeats[own].pc + 3;
        if count < least {
            self.stacks.repeats[own].count = count;
            return Ok(self.go(item, Jump::MaxUntilMore));
        }
        if most.is_none_or(|most| count < most) && self.stacks.repeats[own].last != Some(ptr) {
            self.stacks.repeats[own].count = count;
            self.save();
            let last = self.frame().lastmark;
            self.push_marks(last);
            self.stacks.lasts.push(self.stacks.repeats[own].last);
            self.stacks.repeats[own].last = Some(ptr);
            return Ok(self.go(item, Jump::MaxUntilItem));
        }
        self.max_until_tail(own, pc)
    }

    pub(super) fn max_until_tail(&mut self, own: usize, pc: usize) -> Result<Step> {
        self.repeat = self.stacks.repeats[own].previous;
        Ok(self.go(pc, Jump::MaxUntilTail))
    }

    pub(super) fn min_until(&mut self, pc: usize, ptr: usize) -> Result<Step> {
        let Some(own) = self.repeat else { return self.unknown() };
        self.ptr = ptr;
        let count = self.stacks.repeats[own].count + 1;
        let frame = self.frame();
        (frame.pc, frame.ptr, frame.repeat, frame.count) = (pc, ptr, Some(own), count);
        let (least, _) = self.bounds(own)?;
        if count < least {
            self.stacks.repeats[own].count = count;
            let item = self.stacks.repeats[own].pc + 3;
            return Ok(self.go(item, Jump::MinUntilMore));
        }
        self.repeat = self.stacks.repeats[own].previous;
        self.save();
        self.push_if_repeating();
        let pushed = self.repeat.is_some();
        self.frame().pushed = pushed;
        Ok(self.go(pc, Jump::MinUntilTail))
    }

    /// Matches items without coming back to them; at the end, where the tail is and stands.
    pub(super) fn possessive(&mut self) -> Result<core::result::Result<Step, (usize, usize)>> {
        let frame = *self.frame();
        let (least, most) = (i64::from(self.word(frame.pc + 1)?), self.word(frame.pc + 2)?);
        if frame.count < least {
            return Ok(Ok(Step::Call(frame.pc + 3, false, Jump::PossessiveMore)));
        }
        if most == MAXREPEAT || frame.count < i64::from(most) {
            self.save();
            let last = self.frame().lastmark;
            self.push_marks(last);
            let ptr = self.ptr;
            self.frame().ptr = ptr;
            return Ok(Ok(Step::Call(frame.pc + 3, false, Jump::PossessiveItem)));
        }
        Ok(Err((frame.pc + self.word(frame.pc)? as usize + 1, self.ptr)))
    }

    /// The next round of a possessive repeat, if the last one has moved.
    pub(super) fn possessive_again(&mut self) -> Result<core::result::Result<Step, (usize, usize)>> {
        let frame = *self.frame();
        let most = self.word(frame.pc + 2)?;
        if (most == MAXREPEAT || frame.count < i64::from(most)) && self.ptr != frame.ptr {
            return self.possessive();
        }
        Ok(Err((frame.pc + self.word(frame.pc)? as usize + 1, self.ptr)))
    }
}
