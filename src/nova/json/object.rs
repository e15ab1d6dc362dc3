//! Objects that are looked into.

use std::borrow::Cow;

use super::Reader;
use crate::nova::InvalidBody;

/// More keys than any object of Nova's has. It bounds the search for duplicates.
const MOST_KEYS: usize = 256;

impl<'a> Reader<'a> {
    /// Reads an object. `field` gets each decoded key, and takes the value or leaves it to be
    /// passed over.
    pub(crate) fn object(
        &mut self,
        name: &str,
        mut field: impl FnMut(&str, &mut Self) -> Result<(), InvalidBody>,
    ) -> Result<(), InvalidBody> {
        self.expect(b'{', format_args!("expected an object for `{name}`"))?;
        if self.takes(b'}') {
            return Ok(());
        }
        let mut seen = Seen::default();
        loop {
            let key = self.key()?;
            if seen.has(&key) {
                return Err(self.error(format_args!("`{name}` has a key twice")));
            }
            if seen.count() == MOST_KEYS {
                return Err(self.error(format_args!("`{name}` has too many keys")));
            }
            self.colon()?;
            self.peek();
            let value = self.rest.len();
            field(&key, self)?;
            if self.rest.len() == value {
                self.skip()?;
            }
            if !self.more(b'}')? {
                return Ok(());
            }
            seen.push(key);
        }
    }

    fn key(&mut self) -> Result<Cow<'a, str>, InvalidBody> {
        self.expect(b'"', "expected a key")?;
        self.text_to_end()
    }

    /// What comes between a key and its value.
    pub(super) fn colon(&mut self) -> Result<(), InvalidBody> {
        self.expect(b':', "expected `:`")
    }
}

/// The keys of an object so far. The first of them are in place: nearly all objects have no more.
#[derive(Default)]
struct Seen<'a> {
    first: [&'a str; 8],
    placed: usize,
    others: Vec<Cow<'a, str>>,
}

impl<'a> Seen<'a> {
    fn count(&self) -> usize {
        self.placed + self.others.len()
    }

    fn has(&self, key: &str) -> bool {
        let mut first = self.first.iter().take(self.placed);
        first.any(|seen| *seen == key) || self.others.iter().any(|seen| *seen == key)
    }

    fn push(&mut self, key: Cow<'a, str>) {
        match (key, self.first.get_mut(self.placed)) {
            (Cow::Borrowed(key), Some(place)) => {
                *place = key;
                self.placed += 1;
            }
            (key, _) => self.others.push(key),
        }
    }
}
