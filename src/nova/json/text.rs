//! Texts.
//!
//! Outside of texts a document is ASCII. So it is UTF-8 if each of its texts is, and that is
//! looked at where the text is passed anyway.

use std::{borrow::Cow, iter, str};

use super::{Reader, plain};
use crate::nova::InvalidBody;

impl<'a> Reader<'a> {
    /// Reads a text.
    pub(crate) fn text(&mut self, name: &str) -> Result<Cow<'a, str>, InvalidBody> {
        self.expect(b'"', format_args!("expected a text for `{name}`"))?;
        self.text_to_end()
    }

    /// Reads a text whose first `"` is taken.
    pub(super) fn text_to_end(&mut self) -> Result<Cow<'a, str>, InvalidBody> {
        let (first, _) = self.stretch()?;
        let first = self.utf_8(first)?;
        if self.takes_at_once(b'"') {
            return Ok(Cow::Borrowed(first));
        }
        let mut text = first.to_owned();
        loop {
            text.push(self.character()?);
            let (more, _) = self.stretch()?;
            text.push_str(self.utf_8(more)?);
            if self.takes_at_once(b'"') {
                return Ok(Cow::Owned(text));
            }
        }
    }

    /// Passes over a text whose first `"` is taken.
    pub(super) fn skip_text_to_end(&mut self) -> Result<(), InvalidBody> {
        loop {
            let (stretch, is_ascii) = self.stretch()?;
            if !is_ascii {
                self.utf_8(stretch)?;
            }
            if self.takes_at_once(b'"') {
                return Ok(());
            }
            self.unit()?;
        }
    }

    /// Takes what comes before the next `"` or `\`: of a text, what needs no decoding. Tells
    /// whether it is ASCII; if not, it need not be UTF-8.
    fn stretch(&mut self) -> Result<(&'a [u8], bool), InvalidBody> {
        let end = plain::near_end(self.rest);
        if let Some((stretch, rest @ [b'"' | b'\\', ..])) =
            end.and_then(|end| self.rest.split_at_checked(end))
        {
            self.rest = rest;
            return Ok((stretch, true));
        }
        self.long_stretch()
    }

    /// The same, many bytes at a time: that is what loops without a way out are made into.
    #[inline(never)]
    fn long_stretch(&mut self) -> Result<(&'a [u8], bool), InvalidBody> {
        let end = memchr::memchr2(b'"', b'\\', self.rest);
        let Some((stretch, rest)) = end.and_then(|end| self.rest.split_at_checked(end)) else {
            return Err(self.error("a text has no end"));
        };
        let (least, most) = stretch.iter().fold((u8::MAX, 0), |(least, most), byte| {
            (least.min(*byte), most.max(*byte))
        });
        if least < b' ' {
            let before = stretch.iter().take_while(|byte| **byte >= b' ').count();
            let message = "a text has a control character in it";
            return Err(self.error_before(self.rest.len() - before, message));
        }
        self.rest = rest;
        Ok((stretch, most.is_ascii()))
    }

    /// A stretch that was just taken, as text.
    fn utf_8(&self, stretch: &'a [u8]) -> Result<&'a str, InvalidBody> {
        str::from_utf8(stretch).map_err(|error| {
            let rest = self.rest.len() + stretch.len() - error.valid_up_to();
            self.error_before(rest, "a text is not UTF-8")
        })
    }

    /// Takes a character that is written by escapes.
    fn character(&mut self) -> Result<char, InvalidBody> {
        let first = self.unit()?;
        let second = match first {
            // The first half of a pair.
            0xd800..=0xdbff => Some(self.unit()?),
            _ => None,
        };
        match char::decode_utf16(iter::once(first).chain(second)).next() {
            Some(Ok(character)) => Ok(character),
            _ => Err(self.error("a text has half a surrogate pair")),
        }
    }

    /// Takes an escape: a unit of UTF-16.
    fn unit(&mut self) -> Result<u16, InvalidBody> {
        let (unit, rest) = match self.rest {
            [b'\\', b'u', a, b, c, d, rest @ ..] => (hexadecimal([*a, *b, *c, *d]), rest),
            [b'\\', letter, rest @ ..] => (short(*letter), rest),
            rest => (None, rest),
        };
        let unit = unit.ok_or_else(|| self.error("expected an escape"))?;
        self.rest = rest;
        Ok(unit)
    }
}

fn hexadecimal(digits: [u8; 4]) -> Option<u16> {
    digits.into_iter().try_fold(0, |unit, digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

/// The escape of one letter. Of `u` without four digits behind it there is none.
fn short(letter: u8) -> Option<u16> {
    let byte = match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    };
    Some(byte.into())
}
