//! Matching at a place: the backtracking machine with a stack of its own.
//!
//! A frame is one call of CPython's `SRE(match)`; `Jump` says where its caller goes on.
//! Groups that a failed way has set are forgotten just as CPython forgets them.

use super::charset::{at, category, charset, is_any, lower_ascii, lower_unicode};
use super::spare::Stacks;
use super::{Subject, op};
use crate::{BailKind, Cx, Result};

/// Where the caller of a frame goes on.
#[derive(Copy, Clone, Debug)]
pub(super) enum Jump {
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
pub(super) struct Frame {
    /// Where it stands in the program, behind the operation.
    pub(super) pc: usize,
    pub(super) ptr: usize,
    pub(super) toplevel: bool,
    pub(super) jump: Jump,
    pub(super) count: i64,
    pub(super) repeat: Option<usize>,
    pub(super) lastmark: i64,
    pub(super) lastindex: i64,
    /// Whether marks were pushed by a `MIN_UNTIL` for its tail.
    pub(super) pushed: bool,
    /// The last mark and index to go back to if it fails, once it went on behind a repeat without a frame for the tail.
    pub(super) committed: Option<(i64, i64)>,
}

/// A repeat of a group that is under way.
#[derive(Copy, Clone)]
pub(super) struct Repeat {
    pub(super) count: i64,
    pub(super) pc: usize,
    pub(super) previous: Option<usize>,
    pub(super) last: Option<usize>,
}

/// What a frame does next.
pub(super) enum Step {
    /// Matches from there on, as a frame of its own.
    Call(usize, bool, Jump),
    /// It has matched, or not.
    Return(bool),
}

/// One search's state.
pub(crate) struct Machine<'s, 'a> {
    pub(super) cx: &'a Cx<'a>,
    pub(super) g: u32,
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
    pub(super) lastmark: i64,
    pub(super) lastindex: i64,
    pub(super) stacks: Stacks,
    pub(super) repeat: Option<usize>,
}

impl Drop for Machine<'_, '_> {
    fn drop(&mut self) {
        self.cx.spare().give_back(std::mem::take(&mut self.stacks));
    }
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
        let mut stacks = cx.spare().take();
        stacks.marks.clear();
        stacks.marks.resize(pattern.groups as usize * 2, None);
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
            lastmark: -1,
            lastindex: -1,
            stacks,
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
        self.stacks.repeats.clear();
        self.repeat = None;
        self.stacks.saved.clear();
        self.stacks.lasts.clear();
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
        Some((self.stacks.marks[at]?, self.stacks.marks[at + 1]?))
    }

    /// Bails out at a group that ends before it starts, which CPython calls a bug of its own.
    pub(crate) fn check_groups(&self) -> Result<()> {
        let wrong = (1..=self.stacks.marks.len() / 2).filter_map(|group| self.group(group)).any(|(from, to)| from > to);
        if wrong { Err(BailKind::Exception.at(self.g)) } else { Ok(()) }
    }

    /// The group that closed last, if any.
    pub(crate) fn last_index(&self) -> Option<usize> {
        usize::try_from(self.lastindex).ok()
    }

    pub(super) fn unknown<T>(&self) -> Result<T> {
        Err(BailKind::Unsupported.at(self.g))
    }

    pub(super) fn word(&self, at: usize) -> Result<u32> {
        self.code.get(at).copied().ok_or_else(|| BailKind::Unsupported.at(self.g))
    }

    pub(super) fn letter(&self, at: usize) -> u32 {
        self.subject.at(at)
    }

    /// Whether the set of the program at `at` has the character.
    pub(super) fn in_set(&self, at: usize, letter: u32) -> Result<bool> {
        charset(&self.code[at.min(self.code.len())..], letter).ok_or_else(|| BailKind::Unsupported.at(self.g))
    }

    pub(super) fn push_marks(&mut self, last: i64) {
        self.stacks.saved.extend_from_slice(&self.stacks.marks[..(last + 1).max(0) as usize]);
    }

    pub(super) fn restore_marks(&mut self, last: i64) {
        let count = (last + 1).max(0) as usize;
        let from = self.stacks.saved.len() - count;
        self.stacks.marks[..count].copy_from_slice(&self.stacks.saved[from..]);
    }

    pub(super) fn drop_marks(&mut self, last: i64) {
        let count = (last + 1).max(0) as usize;
        self.stacks.saved.truncate(self.stacks.saved.len() - count);
    }

    /// Matches the program from `pc` on at `ptr`.
    pub(crate) fn matches(&mut self, pc: usize, toplevel: bool) -> Result<bool> {
        let base = self.stacks.frames.len();
        self.call(pc, toplevel, Jump::None);
        let mut result = None;
        loop {
            let jump = self.stacks.frames[self.stacks.frames.len() - 1].jump;
            let step = match result.take() {
                None => self.enter(pc_of(&self.stacks.frames))?,
                Some((from, matched)) => self.resume(from, matched)?,
            };
            match step {
                Step::Call(pc, toplevel, jump) => self.call(pc, toplevel, jump),
                Step::Return(matched) => {
                    let ended = self.stacks.frames.pop();
                    if let (false, Some(before)) = (matched, ended.and_then(|frame| frame.committed)) {
                        (self.lastmark, self.lastindex) = before;
                    }
                    if self.stacks.frames.len() == base {
                        return Ok(matched);
                    }
                    result = Some((jump, matched));
                }
            }
        }
    }

    pub(super) fn call(&mut self, pc: usize, toplevel: bool, jump: Jump) {
        self.stacks.frames.push(Frame {
            pc,
            ptr: self.ptr,
            toplevel,
            jump,
            count: 0,
            repeat: None,
            lastmark: -1,
            lastindex: -1,
            pushed: false,
            committed: None,
        });
    }

    pub(super) fn frame(&mut self) -> &mut Frame {
        let last = self.stacks.frames.len() - 1;
        &mut self.stacks.frames[last]
    }

    pub(super) fn save(&mut self) {
        let (lastmark, lastindex) = (self.lastmark, self.lastindex);
        let frame = self.frame();
        (frame.lastmark, frame.lastindex) = (lastmark, lastindex);
    }

    pub(super) fn restore(&mut self) {
        let frame = *self.frame();
        (self.lastmark, self.lastindex) = (frame.lastmark, frame.lastindex);
    }

    /// `MARK_PUSH` where a repeat is under way.
    pub(super) fn push_if_repeating(&mut self) {
        if self.repeat.is_some() {
            let last = self.frame().lastmark;
            self.push_marks(last);
        }
    }

    /// After a way that did not match, when another will be tried.
    pub(super) fn keep_if_repeating(&mut self) {
        if self.repeat.is_some() {
            let last = self.frame().lastmark;
            self.restore_marks(last);
        }
        self.restore();
    }

    pub(super) fn discard_if_repeating(&mut self) {
        if self.repeat.is_some() {
            let last = self.frame().lastmark;
            self.drop_marks(last);
        }
    }

    /// Starts a frame.
    pub(super) fn enter(&mut self, pc: usize) -> Result<Step> {
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
    pub(super) fn run(&mut self, mut pc: usize, mut ptr: usize) -> Result<Step> {
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
                op::LITERAL
                | op::NOT_LITERAL
                | op::ANY
                | op::ANY_ALL
                | op::CATEGORY
                | op::IN
                | op::LITERAL_IGNORE
                | op::NOT_LITERAL_IGNORE
                | op::IN_IGNORE
                | op::LITERAL_UNI_IGNORE
                | op::NOT_LITERAL_UNI_IGNORE
                | op::IN_UNI_IGNORE => {
                    let Some(letter) = next else { return FAILED };
                    let fits = match operation {
                        op::LITERAL => letter == self.word(pc)?,
                        _ => self.one(pc - 1, letter)?,
                    };
                    if !fits {
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
                    if self.is_settled(pc, tail)? {
                        let before = (self.lastmark, self.lastindex);
                        self.frame().committed.get_or_insert(before);
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
                    self.stacks.repeats.push(Repeat { count: -1, pc, previous: self.repeat, last: None });
                    let own = self.stacks.repeats.len() - 1;
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
    pub(super) fn go(&mut self, pc: usize, jump: Jump) -> Step {
        Step::Call(pc, self.frame().toplevel, jump)
    }

    pub(super) fn mark(&mut self, mark: usize, ptr: usize) {
        if mark & 1 == 1 {
            self.lastindex = (mark / 2 + 1) as i64;
        }
        if mark as i64 > self.lastmark {
            // Marks in between were not met.
            for skipped in (self.lastmark + 1) as usize..mark {
                self.stacks.marks[skipped] = None;
            }
            self.lastmark = mark as i64;
        }
        self.stacks.marks[mark] = Some(ptr);
    }

    /// Start and end of the group, from 0, that a back reference means.
    pub(super) fn referred(&self, group: usize) -> Option<(usize, usize)> {
        let at = group * 2;
        if at as i64 >= self.lastmark {
            return None;
        }
        let (from, to) = (self.stacks.marks[at]?, self.stacks.marks[at + 1]?);
        (from <= to).then_some((from, to))
    }

    /// Whether one character fits the operation at `pc`, which takes just one.
    pub(super) fn one(&self, pc: usize, letter: u32) -> Result<bool> {
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
}

fn pc_of(frames: &[Frame]) -> usize {
    frames[frames.len() - 1].pc
}
