//! What is passed over.

use super::{
    Reader,
    open::{Bracket, Open},
};
use crate::nova::InvalidBody;

impl Reader<'_> {
    /// Passes over a value. Its grammar is held to all the same: what comes behind is found by it.
    ///
    /// There is no recursion, so no depth is too much for the stack.
    pub(crate) fn skip(&mut self) -> Result<(), InvalidBody> {
        let mut open = Open::none();
        loop {
            if let Some(bracket) = self.skip_one()? {
                open.push(bracket);
                self.skip_key_in(bracket)?;
                continue;
            }
            // A value has ended, and with it perhaps what it is in.
            loop {
                let Some(bracket) = open.last() else {
                    return Ok(());
                };
                if self.more(bracket.close())? {
                    self.skip_key_in(bracket)?;
                    break;
                }
                open.pop();
            }
        }
    }

    /// Passes over a value, or over the bracket in front of one, and tells which that was.
    fn skip_one(&mut self) -> Result<Option<Bracket>, InvalidBody> {
        match self.peek() {
            Some(b'"') => {
                self.takes_at_once(b'"');
                self.skip_text_to_end()?;
            }
            Some(b'{') => {
                self.takes_at_once(b'{');
                return Ok((!self.takes(b'}')).then_some(Bracket::Object));
            }
            Some(b'[') => {
                self.takes_at_once(b'[');
                return Ok((!self.takes(b']')).then_some(Bracket::List));
            }
            Some(b'-' | b'0'..=b'9') => self.skip_number()?,
            _ => {
                let words: [&[u8]; 3] = [b"null", b"true", b"false"];
                if !words.iter().any(|word| self.takes_word(word)) {
                    return Err(self.error("expected a value"));
                }
            }
        }
        Ok(None)
    }

    /// Passes over what comes before a value in this kind of bracket.
    fn skip_key_in(&mut self, bracket: Bracket) -> Result<(), InvalidBody> {
        if bracket == Bracket::Object {
            self.expect(b'"', "expected a key")?;
            self.skip_text_to_end()?;
            self.colon()?;
        }
        Ok(())
    }

    fn skip_number(&mut self) -> Result<(), InvalidBody> {
        self.takes_at_once(b'-');
        // No other digit follows a leading zero: what comes behind the number will miss it.
        if !self.takes_at_once(b'0') {
            self.skip_digits()?;
        }
        if self.takes_at_once(b'.') {
            self.skip_digits()?;
        }
        if self.takes_at_once(b'e') || self.takes_at_once(b'E') {
            let _sign = self.takes_at_once(b'+') || self.takes_at_once(b'-');
            self.skip_digits()?;
        }
        Ok(())
    }

    fn skip_digits(&mut self) -> Result<(), InvalidBody> {
        let [b'0'..=b'9', ..] = self.rest else {
            return Err(self.error("expected a digit"));
        };
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        Ok(())
    }
}
