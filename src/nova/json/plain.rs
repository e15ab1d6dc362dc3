//! Where the plain characters of a text end, eight bytes at a time.

/// So many words of eight bytes are looked at. Names and ids end within them; for longer texts
/// there are better ways.
const WORDS: usize = 5;

/// Where the first byte is that is not a plain character, if that is near: one that is not ASCII,
/// a control character, `"` or `\`.
pub(super) fn near_end(rest: &[u8]) -> Option<usize> {
    let (words, _) = rest.as_chunks();
    let words = words.iter().take(WORDS);
    words.zip((0..).step_by(8)).find_map(|(word, before)| {
        let marks = marks(u64::from_le_bytes(*word));
        (marks != 0).then(|| before + marks.trailing_zeros() as usize / 8)
    })
}

/// The high bit of each byte that is not plain. The lowest that is set is right: what is behind
/// it may have been borrowed from.
const fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    // Of a byte that is ASCII, each gets its high bit by falling below zero.
    let control = word.wrapping_sub(ONES * b' ' as u64);
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (word | control | quote | backslash) & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_is_not_plain_is_found_wherever_it_is() {
        for byte in 0..=u8::MAX {
            let is_plain = byte.is_ascii() && byte >= b' ' && byte != b'"' && byte != b'\\';
            for at in 0..48 {
                for other in [b' ', b'!', b'#', b'[', b']', b'a', 0x7f] {
                    let mut text = vec![other; 48];
                    text[at] = byte;
                    let expected = (!is_plain && at < 8 * WORDS).then_some(at);
                    assert_eq!(near_end(&text), expected, "{byte} at {at} after {other}");
                    // What is behind it makes no difference.
                    text[at + 1..].fill(b'"');
                    let next = if is_plain { at + 1 } else { at };
                    let expected = (next < 8 * WORDS).then_some(next);
                    assert_eq!(near_end(&text), expected, "{byte} at {at} before quotes");
                }
            }
        }
        assert_eq!(near_end(b"short\""), None);
        assert_eq!(near_end(b""), None);
    }
}
