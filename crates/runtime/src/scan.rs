//! Looking through text eight bytes at a time.

const ONES: u64 = u64::MAX / 0xFF;
const HIGH: u64 = ONES * 0x80;

/// The high bit of every byte of `word` that is below `limit`, which is 128 at most, and of every one above 127; behind the
/// first one there may be others that are neither.
#[inline]
fn outside(word: u64, limit: u8) -> u64 {
    (word.wrapping_sub(ONES * u64::from(limit)) | word) & HIGH
}

/// The first offset from `at` of a byte that is below `limit`, which is 128 at most, or above 127; or the end.
#[inline]
pub(crate) fn skip_within(text: &[u8], mut at: usize, limit: u8) -> usize {
    while let Some(word) = text.get(at..).and_then(|rest| rest.first_chunk()).copied().map(u64::from_le_bytes) {
        let found = outside(word, limit);
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while text.get(at).is_some_and(|byte| (limit..128).contains(byte)) {
        at += 1;
    }
    at
}

/// Up to sixteen bytes to look for.
pub(crate) struct Few([u64; 2]);

impl Few {
    /// These, if they are no more than sixteen, and any.
    #[inline]
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > 16 {
            return None;
        }
        let mut all = [*bytes.first()?; 16];
        all[..bytes.len()].copy_from_slice(bytes);
        let (words, _) = all.as_chunks();
        Some(Self([u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]))
    }

    /// Whether that is one of them.
    #[inline]
    pub(crate) fn contains(&self, byte: u8) -> bool {
        let has = |word: u64| {
            let rest = word ^ (ONES * u64::from(byte));
            rest.wrapping_sub(ONES) & !rest & HIGH
        };
        has(self.0[0]) | has(self.0[1]) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_offset_is_found() {
        for limit in [0x20, 0x21, 0x80] {
            for byte in 0..=255 {
                for at in 0..20 {
                    let mut text = [b'~'; 20];
                    text[at] = byte;
                    let found = text.iter().position(|byte| *byte < limit || *byte > 127).unwrap_or(20);
                    assert_eq!(skip_within(&text, 0, limit), found, "{byte} at {at} below {limit}");
                    assert_eq!(
                        skip_within(&text, 3, limit),
                        if found < 3 { skip_within(&text[3..], 0, limit) + 3 } else { found }
                    );
                }
            }
        }
        assert_eq!(skip_within(b"", 0, 0x21), 0);
        assert_eq!(skip_within(b"abc", 9, 0x21), 9);
    }

    #[test]
    fn few_are_these_and_no_others() {
        assert!(Few::new(b"").is_none());
        assert!(Few::new(&[0; 17]).is_none());
        for these in [&b"a"[..], b".,;:!?'\"()", b"\0\x01\x7f\x80\xff", b"0123456789abcdef"] {
            let few = Few::new(these).expect("there are few");
            for byte in 0..=255 {
                assert_eq!(few.contains(byte), these.contains(&byte), "{byte} in {these:?}");
            }
        }
    }
}
