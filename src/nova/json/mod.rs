//! The one reader of JSON in judged requests.
//!
//! It has what this crate needs of JSON and no more: a cursor that goes over a document once,
//! takes the values that mean something, and passes over the others.
//!
//! 1. A document is one value by the grammar of RFC 8259 and UTF-8, with nothing but white space
//!    around it. This holds for what is passed over, too.
//! 2. Where an object is wanted only an object will do: Python and derived structs take more.
//! 3. The keys of an object that is looked into are compared decoded, and a key that comes twice
//!    is an error whether or not anything reads it: Python keeps the last of them. There may be
//!    256 keys, which bounds that search, and a list that is looked into may have 256 entries.
//! 4. A text that is read has no lone surrogate. One that is passed over may: `\u` and four
//!    digits are enough there.
//! 5. What is passed over may be nested to any depth, a bit for each level; keys may come twice
//!    there, and numbers may have any size. What is read is as deep as its types.
//! 6. An error says what is wrong and where. It tells nothing of what the document holds, which
//!    may be a password.
//!
//! Keys and texts without escapes are not copied.

mod list;
mod object;
mod open;
mod plain;
mod skip;
mod text;

use std::{fmt::Display, str::FromStr};

use super::{InvalidBody, InvalidId};

/// Reads a document by `value`.
pub(crate) fn read<'a, T>(
    document: &'a [u8],
    value: impl FnOnce(&mut Reader<'a>) -> Result<T, InvalidBody>,
) -> Result<T, InvalidBody> {
    let mut reader = Reader {
        document,
        rest: document,
    };
    let read = value(&mut reader)?;
    match reader.peek() {
        None => Ok(read),
        Some(_) => Err(reader.error("expected the end of the body")),
    }
}

/// A place in a document.
pub(crate) struct Reader<'a> {
    document: &'a [u8],
    /// What is still to be read.
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The next byte that is not white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Takes this byte if it is what comes after white space.
    fn takes(&mut self, byte: u8) -> bool {
        self.peek() == Some(byte) && self.takes_at_once(byte)
    }

    /// Takes this byte if it is the very next.
    fn takes_at_once(&mut self, byte: u8) -> bool {
        match self.rest {
            [next, rest @ ..] if *next == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes this byte, which has to come after white space.
    fn expect(&mut self, byte: u8, or: impl Display) -> Result<(), InvalidBody> {
        if self.takes(byte) {
            Ok(())
        } else {
            Err(self.error(or))
        }
    }

    /// Takes what comes behind a member or an entry: a comma, or the bracket that closes. Tells
    /// whether it was a comma.
    fn more(&mut self, close: u8) -> Result<bool, InvalidBody> {
        match self.peek() {
            Some(next) if next == b',' || next == close => {
                self.takes_at_once(next);
                Ok(next == b',')
            }
            _ => {
                let close = char::from(close);
                Err(self.error(format_args!("expected `,` or `{close}`")))
            }
        }
    }

    /// Takes this word if it is what comes after white space.
    fn takes_word(&mut self, word: &[u8]) -> bool {
        self.peek();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Reads null, or something.
    pub(crate) fn optional<T>(
        &mut self,
        value: impl FnOnce(&mut Self) -> Result<T, InvalidBody>,
    ) -> Result<Option<T>, InvalidBody> {
        if self.takes_word(b"null") {
            Ok(None)
        } else {
            value(self).map(Some)
        }
    }

    /// Reads a canonical id, or null.
    pub(crate) fn optional_id<T>(&mut self, name: &str) -> Result<Option<T>, InvalidBody>
    where
        T: FromStr<Err = InvalidId>,
    {
        self.optional(|json| {
            let id = json.text(name)?.parse();
            id.map_err(|error| json.error(format_args!("`{name}` is {error}")))
        })
    }

    /// That a body cannot be read, for what is here or just before.
    pub(crate) fn error(&self, message: impl Display) -> InvalidBody {
        self.error_before(self.rest.len(), message)
    }

    /// That a body cannot be read, for what is so many bytes from its end.
    #[cold]
    fn error_before(&self, rest: usize, message: impl Display) -> InvalidBody {
        let before = self.document.len() - rest;
        InvalidBody::at(message, self.document.get(..before).unwrap_or_default())
    }

    /// Refuses a key that is not looked into, where Nova might drop it or not.
    #[cold]
    pub(crate) fn unknown_key(&self, of: &str) -> InvalidBody {
        self.error(format_args!("`{of}` has an unknown key"))
    }
}

#[cfg(test)]
mod tests;
