//! Matching at a place: the backtracking machine with a stack of its own.
//!
//! A frame is one call of CPython's `SRE(match)`; `Jump` says where its caller goes on.
//! Groups that a failed way has set are forgotten just as CPython forgets them.

use super::charset::{at, category, charset, is_any, lower_ascii, lower_unicode};
use super::{MAXREPEAT, Subject, op};
use crate::{BailKind, Cx, Result};

/// Where the caller of a frame goes on.
#[derive(Copy, Clone, Debug)]
enum Jump {
    None,
    Branch,
    RepeatOneLiteral,
    RepeatOne,
    MinRepeatOne,
    Repeat,
    MaxUntilMore,
    MaxUntilItem,
    MaxUntilTail,
    MinUntilMore,
    MinUntilTail,
    MinUntilItem,
    PossessiveMore,
    PossessiveItem,
    Atomic,
    Assert,
    AssertNot,
}

#[derive(Copy, Clone)]
struct Frame {
    /// Where it stands in the program, behind the operation.
    pc: usize,
    ptr: usize,
    toplevel: bool,
    jump: Jump,
    count: i64,
    repeat: Option<usize>,
    lastmark: i64,
    lastindex: i64,
    /// Whether marks were pushed by a `MIN_UNTIL` for its tail.
    pushed: bool,
}

/// A repeat of a group that is under way.
#[derive(Copy, Clone)]
struct Repeat {
    count: i64,
    pc: usize,
    previous: Option<usize>,
    last: Option<usize>,
}

/// What a frame does next.
enum Step {
    /// Matches from there on, as a frame of its own.
    Call(usize, bool, Jump),
    /// It has matched, or not.
    Return(bool),
}

/// One search's state.
pub(crate) struct Machine<'s, 'a> {
    cx: &'a Cx<'a>,
    g: u32,
    pub(super) code: &'static [u32],
    pub(super) subject: &'s Subject<'s>,
    /// Behind the last character that is looked at.
    pub(super) end: usize,
    /// Where the match starts.
    pub(crate) start: usize,
    /// Where the machine stands; where the match ends.
    pub(crate) ptr: usize,
    pub(crate) match_all: bool,
    pub(crate) must_advance: bool,
    marks: Vec<Option<usize>>,
    lastmark: i64,
    lastindex: i64,
    frames: Vec<Frame>,
    /// Marks that frames have pushed.
    saved: Vec<Option<usize>>,
    /// Places that repeats have pushed.
    lasts: Vec<Option<usize>>,
    repeats: Vec<Repeat>,
    repeat: Option<usize>,
}

impl<'s, 'a> Machine<'s, 'a> {
    /// A machine for the program, over `start..end` of the subject.
    pub(crate) fn new(
        cx: &'a Cx<'a>,
        pattern: &'static super::Pattern,
        subject: &'s Subject<'s>,
        start: usize,
        end: usize,
        g: u32,
    ) -> Self {
        Self {
            cx,
            g,
            code: pattern.code,
            subject,
            end,
            start,
            ptr: start,
            match_all: false,
            must_advance: false,
            marks: vec![None; pattern.groups as usize * 2],
            lastmark: -1,
            lastindex: -1,
            frames: Vec::new(),
            saved: Vec::new(),
            lasts: Vec::new(),
            repeats: Vec::new(),
            repeat: None,
        }
    }

    /// Behind the last character that is looked at.
    pub(crate) fn limit(&self) -> usize {
        self.end
    }

    /// Forgets groups and repeats.
    pub(crate) fn reset(&mut self) {
        self.forget_groups();
        self.repeats.clear();
        self.repeat = None;
        self.saved.clear();
        self.lasts.clear();
    }

    /// Forgets groups.
    pub(super) fn forget_groups(&mut self) {
        (self.lastmark, self.lastindex) = (-1, -1);
    }

    /// Start and end of a group, from 1, if it took part in the match.
    pub(crate) fn group(&self, group: usize) -> Option<(usize, usize)> {
        let at = (group - 1) * 2;
        if (at + 1) as i64 > self.lastmark {
            return None;
        }
        Some((self.marks[at]?, self.marks[at + 1]?))
    }

    /// The group that closed last, if any.
    pub(crate) fn last_index(&self) -> Option<usize> {
        usize::try_from(self.lastindex).ok()
    }

    fn unknown<T>(&self) -> Result<T> {
        Err(BailKind::Unsupported.at(self.g))
    }

    fn word(&self, at: usize) -> Result<u32> {
        self.code.get(at).copied().ok_or(BailKind::Unsupported.at(self.g))
    }

    fn letter(&self, at: usize) -> u32 {
        self.subject.at(at)
    }

    /// Whether the set of the program at `at` has the character.
    pub(super) fn in_set(&self, at: usize, letter: u32) -> Result<bool> {
        charset(&self.code[at.min(self.code.len())..], letter).ok_or(BailKind::Unsupported.at(self.g))
    }

    fn push_marks(&mut self, last: i64) {
        self.saved.extend_from_slice(&self.marks[..(last + 1).max(0) as usize]);
    }

    fn restore_marks(&mut self, last: i64) {
        let count = (last + 1).max(0) as usize;
        let from = self.saved.len() - count;
        self.marks[..count].copy_from_slice(&self.saved[from..]);
    }

    fn drop_marks(&mut self, last: i64) {
        let count = (last + 1).max(0) as usize;
        self.saved.truncate(self.saved.len() - count);
    }

    /// Matches the program from `pc` on at `ptr`.
    pub(crate) fn matches(&mut self, pc: usize, toplevel: bool) -> Result<bool> {
        let base = self.frames.len();
        self.call(pc, toplevel, Jump::None);
        let mut result = None;
        loop {
            let jump = self.frames[self.frames.len() - 1].jump;
            let step = match result.take() {
                None => self.enter(pc_of(&self.frames))?,
                Some((from, matched)) => self.resume(from, matched)?,
            };
            match step {
                Step::Call(pc, toplevel, jump) => self.call(pc, toplevel, jump),
                Step::Return(matched) => {
                    self.frames.pop();
                    if self.frames.len() == base {
                        return Ok(matched);
                    }
                    result = Some((jump, matched));
                }
            }
        }
    }

    fn call(&mut self, pc: usize, toplevel: bool, jump: Jump) {
        self.frames.push(Frame {
            pc,
            ptr: self.ptr,
            toplevel,
            jump,
            count: 0,
            repeat: None,
            lastmark: -1,
            lastindex: -1,
            pushed: false,
        });
    }

    fn frame(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn save(&mut self) {
        let (lastmark, lastindex) = (self.lastmark, self.lastindex);
        let frame = self.frame();
        (frame.lastmark, frame.lastindex) = (lastmark, lastindex);
    }

    fn restore(&mut self) {
        let frame = *self.frame();
        (self.lastmark, self.lastindex) = (frame.lastmark, frame.lastindex);
    }

    /// `MARK_PUSH` where a repeat is under way.
    fn push_if_repeating(&mut self) {
        if self.repeat.is_some() {
            let last = self.frame().lastmark;
            self.push_marks(last);
        }
    }

    /// After a way that did not match, when another will be tried.
    fn keep_if_repeating(&mut self) {
        if self.repeat.is_some() {
            let last = self.frame().lastmark;
            self.restore_marks(last);
        }
        self.restore();
    }

    fn discard_if_repeating(&mut self) {
        if self.repeat.is_some() {
            let last = self.frame().lastmark;
            self.drop_marks(last);
        }
    }

    /// Starts a frame.
    fn enter(&mut self, pc: usize) -> Result<Step> {
        let mut pc = pc;
        if self.word(pc)? == op::INFO {
            let least = self.word(pc + 3)? as usize;
            if least > 0 && self.end - self.ptr < least {
                return Ok(Step::Return(false));
            }
            pc += self.word(pc + 1)? as usize + 1;
        }
        self.run(pc, self.ptr)
    }

    /// Runs operations from `pc` on until the frame calls another or ends.
    fn run(&mut self, mut pc: usize, mut ptr: usize) -> Result<Step> {
        const FAILED: Result<Step> = Ok(Step::Return(false));
        loop {
            self.cx.tick(self.g)?;
            let operation = self.word(pc)?;
            pc += 1;
            let next = if ptr < self.end { Some(self.letter(ptr)) } else { None };
            match operation {
                op::MARK => {
                    self.mark(self.word(pc)? as usize, ptr);
                    pc += 1;
                }
                op::SUCCESS => {
                    let refused = self.match_all && ptr != self.end || self.must_advance && ptr == self.start;
                    if self.frame().toplevel && refused {
                        return FAILED;
                    }
                    self.ptr = ptr;
                    return Ok(Step::Return(true));
                }
                op::AT => {
                    let code = self.word(pc)?;
                    match at(code, ptr, self.end, |at| self.letter(at)) {
                        Some(true) => pc += 1,
                        Some(false) => return FAILED,
                        None => return self.unknown(),
                    }
                }
                op::JUMP | op::INFO => pc += self.word(pc)? as usize,
                op::LITERAL | op::NOT_LITERAL | op::ANY | op::ANY_ALL | op::CATEGORY | op::IN | op::LITERAL_IGNORE
                | op::NOT_LITERAL_IGNORE | op::IN_IGNORE | op::LITERAL_UNI_IGNORE | op::NOT_LITERAL_UNI_IGNORE
                | op::IN_UNI_IGNORE => {
                    let Some(letter) = next else { return FAILED };
                    if !self.one(pc - 1, letter)? {
                        return FAILED;
                    }
                    pc += match operation {
                        op::ANY | op::ANY_ALL => 0,
                        op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE => self.word(pc)? as usize,
                        _ => 1,
                    };
                    ptr += 1;
                }
                op::BRANCH => {
                    self.save();
                    self.push_if_repeating();
                    return self.branch(pc, ptr);
                }
                op::REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                    let least = self.word(pc + 1)? as usize;
                    if least > self.end - ptr {
                        return FAILED;
                    }
                    self.ptr = ptr;
                    let count = self.count(pc + 3, self.word(pc + 2)?)?;
                    ptr += count;
                    if count < least {
                        return FAILED;
                    }
                    let tail = pc + self.word(pc)? as usize;
                    let advanced = !(self.frame().toplevel && self.must_advance && ptr == self.start);
                    if self.word(tail)? == op::SUCCESS && ptr == self.end && advanced {
                        self.ptr = ptr;
                        return Ok(Step::Return(true));
                    }
                    if operation == op::POSSESSIVE_REPEAT_ONE {
                        pc = tail;
                        continue;
                    }
                    self.frame().count = count as i64;
                    self.save();
                    self.push_if_repeating();
                    return self.repeat_one(pc, ptr);
                }
                op::MIN_REPEAT_ONE => {
                    let least = self.word(pc + 1)?;
                    if least as usize > self.end - ptr {
                        return FAILED;
                    }
                    self.ptr = ptr;
                    let mut count = 0;
                    if least > 0 {
                        count = self.count(pc + 3, least)?;
                        if count < least as usize {
                            return FAILED;
                        }
                        ptr += count;
                    }
                    let tail = pc + self.word(pc)? as usize;
                    let refused = self.match_all && ptr != self.end || self.must_advance && ptr == self.start;
                    if self.word(tail)? == op::SUCCESS && !(self.frame().toplevel && refused) {
                        self.ptr = ptr;
                        return Ok(Step::Return(true));
                    }
                    self.frame().count = count as i64;
                    self.save();
                    self.push_if_repeating();
                    return self.min_repeat_one(pc, ptr);
                }
                op::REPEAT => {
                    self.repeats.push(Repeat { count: -1, pc, previous: self.repeat, last: None });
                    let own = self.repeats.len() - 1;
                    self.repeat = Some(own);
                    self.ptr = ptr;
                    let frame = self.frame();
                    (frame.repeat, frame.pc, frame.ptr) = (Some(own), pc, ptr);
                    let body = pc + self.word(pc)? as usize;
                    return Ok(self.go(body, Jump::Repeat));
                }
                op::MAX_UNTIL => return self.max_until(pc, ptr),
                op::MIN_UNTIL => return self.min_until(pc, ptr),
                op::POSSESSIVE_REPEAT => {
                    self.ptr = ptr;
                    let frame = self.frame();
                    (frame.pc, frame.ptr, frame.count) = (pc, ptr, 0);
                    match self.possessive()? {
                        Ok(step) => return Ok(step),
                        Err((tail, at)) => (pc, ptr) = (tail, at),
                    }
                }
                op::ATOMIC_GROUP => {
                    self.ptr = ptr;
                    let frame = self.frame();
                    (frame.pc, frame.ptr) = (pc, ptr);
                    return Ok(Step::Call(pc + 1, false, Jump::Atomic));
                }
                op::GROUPREF | op::GROUPREF_IGNORE | op::GROUPREF_UNI_IGNORE => {
                    let fold: fn(u32) -> u32 = match operation {
                        op::GROUPREF => |letter| letter,
                        op::GROUPREF_IGNORE => lower_ascii,
                        _ => lower_unicode,
                    };
                    let Some((from, to)) = self.referred(self.word(pc)? as usize) else { return FAILED };
                    for at in from..to {
                        if ptr >= self.end || fold(self.letter(ptr)) != fold(self.letter(at)) {
                            return FAILED;
                        }
                        ptr += 1;
                    }
                    pc += 1;
                }
                op::GROUPREF_EXISTS => match self.referred(self.word(pc)? as usize) {
                    Some(_) => pc += 2,
                    None => pc += self.word(pc + 1)? as usize,
                },
                op::ASSERT | op::ASSERT_NOT => {
                    let back = self.word(pc + 1)? as usize;
                    let frame = self.frame();
                    (frame.pc, frame.ptr) = (pc, ptr);
                    if operation == op::ASSERT {
                        if ptr < back {
                            return FAILED;
                        }
                        self.ptr = ptr - back;
                        return Ok(Step::Call(pc + 2, false, Jump::Assert));
                    }
                    if ptr >= back {
                        self.ptr = ptr - back;
                        self.save();
                        self.push_if_repeating();
                        return Ok(Step::Call(pc + 2, false, Jump::AssertNot));
                    }
                    pc += self.word(pc)? as usize;
                }
                op::FAILURE => return FAILED,
                _ => return self.unknown(),
            }
        }
    }

    /// Goes on in a frame of its own, as much at the top level as this one.
    fn go(&mut self, pc: usize, jump: Jump) -> Step {
        Step::Call(pc, self.frame().toplevel, jump)
    }

    fn mark(&mut self, mark: usize, ptr: usize) {
        if mark & 1 == 1 {
            self.lastindex = (mark / 2 + 1) as i64;
        }
        if mark as i64 > self.lastmark {
            // Marks in between were not met.
            for skipped in (self.lastmark + 1) as usize..mark {
                self.marks[skipped] = None;
            }
            self.lastmark = mark as i64;
        }
        self.marks[mark] = Some(ptr);
    }

    /// Start and end of the group, from 0, that a back reference means.
    fn referred(&self, group: usize) -> Option<(usize, usize)> {
        let at = group * 2;
        if at as i64 >= self.lastmark {
            return None;
        }
        let (from, to) = (self.marks[at]?, self.marks[at + 1]?);
        (from <= to).then_some((from, to))
    }

    /// Whether one character fits the operation at `pc`, which takes just one.
    fn one(&self, pc: usize, letter: u32) -> Result<bool> {
        let operand = self.code.get(pc + 1).copied().unwrap_or(0);
        Ok(match self.word(pc)? {
            op::LITERAL => letter == operand,
            op::NOT_LITERAL => letter != operand,
            op::ANY => is_any(letter),
            op::ANY_ALL => true,
            op::CATEGORY => match category(operand, letter) {
                Some(holds) => holds,
                None => return self.unknown(),
            },
            op::IN => self.in_set(pc + 2, letter)?,
            op::LITERAL_IGNORE => lower_ascii(letter) == operand,
            op::NOT_LITERAL_IGNORE => lower_ascii(letter) != operand,
            op::IN_IGNORE => self.in_set(pc + 2, lower_ascii(letter))?,
            op::LITERAL_UNI_IGNORE => lower_unicode(letter) == operand,
            op::NOT_LITERAL_UNI_IGNORE => lower_unicode(letter) != operand,
            op::IN_UNI_IGNORE => self.in_set(pc + 2, lower_unicode(letter))?,
            _ => return self.unknown(),
        })
    }

    /// How many times the item at `pc` matches from `ptr` on, at most `most` times.
    fn count(&mut self, pc: usize, most: u32) -> Result<usize> {
        let from = self.ptr;
        let mut end = self.end;
        if most != MAXREPEAT && (most as usize) < end - from {
            end = from + most as usize;
        }
        match self.word(pc)? {
            op::ANY_ALL => Ok(end - from),
            op::IN | op::ANY | op::LITERAL | op::NOT_LITERAL | op::LITERAL_IGNORE | op::NOT_LITERAL_IGNORE
            | op::LITERAL_UNI_IGNORE | op::NOT_LITERAL_UNI_IGNORE => {
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

    /// Tries the alternatives from `pc` on.
    fn branch(&mut self, mut pc: usize, ptr: usize) -> Result<Step> {
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

    /// Tries the tail behind as many items as are left, from the most on.
    fn repeat_one(&mut self, pc: usize, mut ptr: usize) -> Result<Step> {
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
    fn min_repeat_one(&mut self, pc: usize, ptr: usize) -> Result<Step> {
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

    fn bounds(&self, repeat: usize) -> Result<(i64, Option<i64>)> {
        let pc = self.repeats[repeat].pc;
        let most = self.word(pc + 2)?;
        Ok((i64::from(self.word(pc + 1)?), (most != MAXREPEAT).then_some(i64::from(most))))
    }

    fn max_until(&mut self, pc: usize, ptr: usize) -> Result<Step> {
        let Some(own) = self.repeat else { return self.unknown() };
        self.ptr = ptr;
        let count = self.repeats[own].count + 1;
        let frame = self.frame();
        (frame.pc, frame.ptr, frame.repeat, frame.count) = (pc, ptr, Some(own), count);
        let (least, most) = self.bounds(own)?;
        let item = self.repeats[own].pc + 3;
        if count < least {
            self.repeats[own].count = count;
            return Ok(self.go(item, Jump::MaxUntilMore));
        }
        if most.is_none_or(|most| count < most) && self.repeats[own].last != Some(ptr) {
            self.repeats[own].count = count;
            self.save();
            let last = self.frame().lastmark;
            self.push_marks(last);
            self.lasts.push(self.repeats[own].last);
            self.repeats[own].last = Some(ptr);
            return Ok(self.go(item, Jump::MaxUntilItem));
        }
        self.max_until_tail(own, pc)
    }

    fn max_until_tail(&mut self, own: usize, pc: usize) -> Result<Step> {
        self.repeat = self.repeats[own].previous;
        Ok(self.go(pc, Jump::MaxUntilTail))
    }

    fn min_until(&mut self, pc: usize, ptr: usize) -> Result<Step> {
        let Some(own) = self.repeat else { return self.unknown() };
        self.ptr = ptr;
        let count = self.repeats[own].count + 1;
        let frame = self.frame();
        (frame.pc, frame.ptr, frame.repeat, frame.count) = (pc, ptr, Some(own), count);
        let (least, _) = self.bounds(own)?;
        if count < least {
            self.repeats[own].count = count;
            let item = self.repeats[own].pc + 3;
            return Ok(self.go(item, Jump::MinUntilMore));
        }
        self.repeat = self.repeats[own].previous;
        self.save();
        self.push_if_repeating();
        let pushed = self.repeat.is_some();
        self.frame().pushed = pushed;
        Ok(self.go(pc, Jump::MinUntilTail))
    }

    /// Matches items without coming back to them; at the end, where the tail is and stands.
    fn possessive(&mut self) -> Result<core::result::Result<Step, (usize, usize)>> {
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

    /// Goes on in the frame on top, whose call for `jump` has ended.
    fn resume(&mut self, jump: Jump, matched: bool) -> Result<Step> {
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
                    self.repeat = self.repeats[own].previous;
                    self.repeats.truncate(own);
                }
                Ok(Step::Return(matched))
            }
            Jump::MaxUntilMore | Jump::MinUntilMore => {
                if !matched && let Some(own) = frame.repeat {
                    self.repeats[own].count = frame.count - 1;
                    self.ptr = ptr;
                }
                Ok(Step::Return(matched))
            }
            Jump::MaxUntilItem => {
                let Some(own) = frame.repeat else { return self.unknown() };
                self.repeats[own].last = self.lasts.pop().flatten();
                if matched {
                    self.drop_marks(frame.lastmark);
                    return Ok(Step::Return(true));
                }
                self.restore_marks(frame.lastmark);
                self.drop_marks(frame.lastmark);
                self.restore();
                self.repeats[own].count = frame.count - 1;
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
                if most.is_some_and(|most| frame.count >= most) || self.repeats[own].last == Some(ptr) {
                    return Ok(Step::Return(false));
                }
                self.repeats[own].count = frame.count;
                self.lasts.push(self.repeats[own].last);
                self.repeats[own].last = Some(ptr);
                let item = self.repeats[own].pc + 3;
                Ok(self.go(item, Jump::MinUntilItem))
            }
            Jump::MinUntilItem => {
                let Some(own) = frame.repeat else { return self.unknown() };
                self.repeats[own].last = self.lasts.pop().flatten();
                if !matched {
                    self.repeats[own].count = frame.count - 1;
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
                self.run(tail, self.ptr)
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

    /// The next round of a possessive repeat, if the last one has moved.
    fn possessive_again(&mut self) -> Result<core::result::Result<Step, (usize, usize)>> {
        let frame = *self.frame();
        let most = self.word(frame.pc + 2)?;
        if (most == MAXREPEAT || frame.count < i64::from(most)) && self.ptr != frame.ptr {
            return self.possessive();
        }
        Ok(Err((frame.pc + self.word(frame.pc)? as usize + 1, self.ptr)))
    }
}

fn pc_of(frames: &[Frame]) -> usize {
    frames[frames.len() - 1].pc
}
