//! Finding where a match starts (`SRE(search)`).

use super::{Machine, op};
use crate::Result;

const PREFIX: u32 = 1;
const LITERAL: u32 = 2;
const CHARSET: u32 = 4;

impl Machine<'_, '_> {
    /// Finds the first match from `start` on; `start` and `ptr` then are its bounds.
    pub(crate) fn search(&mut self) -> Result<bool> {
        let (mut at, mut end) = (self.start, self.end);
        if at > end {
            return Ok(false);
        }
        let code = self.code;
        let word = |index: usize| code.get(index).copied().unwrap_or(0);
        let (mut pc, mut flags, mut prefix, mut skip, mut charset) = (0, 0, 0..0, 0, None);
        if word(0) == op::INFO {
            flags = word(2);
            let least = word(3) as usize;
            if least > 0 && end - at < least {
                return Ok(false);
            }
            if least > 1 {
                end = (end - (least - 1)).max(at);
            }
            if flags & PREFIX != 0 {
                prefix = 7..7 + word(5) as usize;
                skip = word(6) as usize;
            } else if flags & CHARSET != 0 {
                charset = Some(5);
            }
            pc = 1 + word(1) as usize;
        }
        if !prefix.is_empty() {
            let prefix = code.get(prefix).unwrap_or_default();
            return self.search_prefix(prefix, skip, flags & LITERAL != 0, pc);
        }
        if let Some(set) = charset {
            self.must_advance = false;
            loop {
                while at < self.end && !self.in_set(set, self.subject.at(at))? {
                    at += 1;
                }
                if at >= self.end {
                    return Ok(false);
                }
                (self.start, self.ptr) = (at, at);
                if self.matches(pc, false)? {
                    return Ok(true);
                }
                at += 1;
                self.forget_groups();
            }
        }
        (self.start, self.ptr) = (at, at);
        let mut found = self.matches(pc, true)?;
        self.must_advance = false;
        if !found && word(pc) == op::AT && matches!(word(pc + 1), 0 | 2) {
            (self.start, self.ptr) = (end, end);
            return Ok(false);
        }
        while !found && at < end {
            at += 1;
            self.forget_groups();
            (self.start, self.ptr) = (at, at);
            found = self.matches(pc, false)?;
        }
        Ok(found)
    }

    /// A pattern that starts with known characters.
    fn search_prefix(&mut self, prefix: &[u32], skip: usize, whole: bool, pc: usize) -> Result<bool> {
        self.must_advance = false;
        let mut at = self.start;
        while at + prefix.len() <= self.end {
            if (0..prefix.len()).any(|offset| self.subject.at(at + offset) != prefix[offset]) {
                at += 1;
                continue;
            }
            (self.start, self.ptr) = (at, at + skip);
            if whole {
                return Ok(true);
            }
            if self.matches(pc + 2 * skip, false)? {
                return Ok(true);
            }
            at += 1;
            self.forget_groups();
        }
        Ok(false)
    }
}
