//! How a frame goes on when the one that it called has ended.

use super::machine::{Jump, Machine, Step};
use super::op;
use crate::Result;

impl Machine<'_, '_> {
    /// Tries the alternatives from `pc` on.
    pub(super) fn branch(&mut self, mut pc: usize, ptr: usize) -> Result<Step> {
        let next = if ptr < self.end { Some(self.letter(ptr)) } else { None };
        loop {
            let skip = self.word(pc)? as usize;
            if skip == 0 {
                self.discard_if_repeating();
                return Ok(Step::Return(false));
            }
            let first = self.word(pc + 1)?;
            let cannot = match (first, next) {
                (op::LITERAL, next) => next != Some(self.word(pc + 2)?),
                (op::IN, None) => true,
                (op::IN, Some(letter)) => !self.in_set(pc + 3, letter)?,
                _ => false,
            };
            if cannot {
                pc += skip;
                continue;
            }
            self.ptr = ptr;
            let frame = self.frame();
            (frame.pc, frame.ptr) = (pc, ptr);
            return Ok(self.go(pc + 1, Jump::Branch));
        }
    }

    /// Goes on in the frame on top, whose call for `jump` has ended.
    pub(super) fn resume(&mut self, jump: Jump, matched: bool) -> Result<Step> {
        let frame = *self.frame();
        let (pc, ptr) = (frame.pc, frame.ptr);
        match jump {
            Jump::None => self.unknown(),
            Jump::Branch => {
                if matched {
                    self.discard_if_repeating();
                    return Ok(Step::Return(true));
                }
                self.keep_if_repeating();
                self.branch(pc + self.word(pc)? as usize, ptr)
            }
            Jump::RepeatOne | Jump::RepeatOneLiteral => {
                if matched {
                    self.discard_if_repeating();
                    return Ok(Step::Return(true));
                }
                self.keep_if_repeating();
                self.frame().count -= 1;
                self.repeat_one(pc, ptr.wrapping_sub(1))
            }
            Jump::MinRepeatOne => {
                if matched {
                    self.discard_if_repeating();
                    return Ok(Step::Return(true));
                }
                self.keep_if_repeating();
                self.ptr = ptr;
                if self.count(pc + 3, 1)? == 0 {
                    self.discard_if_repeating();
                    return Ok(Step::Return(false));
                }
                self.frame().count += 1;
                self.min_repeat_one(pc, ptr + 1)
            }
            Jump::Repeat => {
                if let Some(own) = frame.repeat {
                    self.repeat = self.stacks.repeats[own].previous;
                    self.stacks.repeats.truncate(own);
                }
                Ok(Step::Return(matched))
            }
            Jump::MaxUntilMore | Jump::MinUntilMore => {
                if !matched && let Some(own) = frame.repeat {
                    self.stacks.repeats[own].count = frame.count - 1;
                    self.ptr = ptr;
                }
                Ok(Step::Return(matched))
            }
            Jump::MaxUntilItem => {
                let Some(own) = frame.repeat else { return self.unknown() };
                self.stacks.repeats[own].last = self.stacks.lasts.pop().flatten();
                if matched {
                    self.drop_marks(frame.lastmark);
                    return Ok(Step::Return(true));
                }
                self.restore_marks(frame.lastmark);
                self.drop_marks(frame.lastmark);
                self.restore();
                self.stacks.repeats[own].count = frame.count - 1;
                self.ptr = ptr;
                self.max_until_tail(own, pc)
            }
            Jump::MaxUntilTail => {
                self.repeat = frame.repeat;
                if !matched {
                    self.ptr = ptr;
                }
                Ok(Step::Return(matched))
            }
            Jump::MinUntilTail => {
                let Some(own) = frame.repeat else { return self.unknown() };
                self.repeat = Some(own);
                if frame.pushed {
                    if !matched {
                        self.restore_marks(frame.lastmark);
                    }
                    self.drop_marks(frame.lastmark);
                }
                if matched {
                    return Ok(Step::Return(true));
                }
                self.restore();
                self.ptr = ptr;
                let (_, most) = self.bounds(own)?;
                if most.is_some_and(|most| frame.count >= most) || self.stacks.repeats[own].last == Some(ptr) {
                    return Ok(Step::Return(false));
                }
                self.stacks.repeats[own].count = frame.count;
                self.stacks.lasts.push(self.stacks.repeats[own].last);
                self.stacks.repeats[own].last = Some(ptr);
                let item = self.stacks.repeats[own].pc + 3;
                Ok(self.go(item, Jump::MinUntilItem))
            }
            Jump::MinUntilItem => {
                let Some(own) = frame.repeat else { return self.unknown() };
                self.stacks.repeats[own].last = self.stacks.lasts.pop().flatten();
                if !matched {
                    self.stacks.repeats[own].count = frame.count - 1;
                    self.ptr = ptr;
                }
                Ok(Step::Return(matched))
            }
            Jump::PossessiveMore => {
                if !matched {
                    self.ptr = ptr;
                    return Ok(Step::Return(false));
                }
                self.frame().count += 1;
                match self.possessive()? {
                    Ok(step) => Ok(step),
                    Err((tail, at)) => self.run(tail, at),
                }
            }
            Jump::PossessiveItem => {
                if matched {
                    self.drop_marks(frame.lastmark);
                    self.frame().count += 1;
                    return match self.possessive_again()? {
                        Ok(step) => Ok(step),
                        Err((tail, at)) => self.run(tail, at),
                    };
                }
                self.restore_marks(frame.lastmark);
                self.drop_marks(frame.lastmark);
                self.restore();
                let tail = pc + self.word(pc)? as usize + 1;
                self.run(tail, ptr)
            }
            Jump::Atomic => {
                if !matched {
                    self.ptr = ptr;
                    return Ok(Step::Return(false));
                }
                let tail = pc + self.word(pc)? as usize;
                self.run(tail, self.ptr)
            }
            Jump::Assert => match matched {
                true => self.run(pc + self.word(pc)? as usize, ptr),
                false => Ok(Step::Return(false)),
            },
            Jump::AssertNot => {
                if matched {
                    self.discard_if_repeating();
                    return Ok(Step::Return(false));
                }
                if self.repeat.is_some() {
                    self.restore_marks(frame.lastmark);
                    self.drop_marks(frame.lastmark);
                }
                self.restore();
                self.run(pc + self.word(pc)? as usize, ptr)
            }
        }
    }
}
