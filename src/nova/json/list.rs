//! Lists that are looked into.

use super::Reader;
use crate::nova::InvalidBody;

/// More entries than any list has that is looked into: each may cost a look-up.
const MOST_ENTRIES: usize = 256;

impl Reader<'_> {
    /// Reads a list, each entry by `entry`.
    pub(crate) fn list<T>(
        &mut self,
        name: &str,
        mut entry: impl FnMut(&mut Self) -> Result<T, InvalidBody>,
    ) -> Result<Vec<T>, InvalidBody> {
        self.expect(b'[', format_args!("expected a list for `{name}`"))?;
        let mut entries = Vec::new();
        if self.takes(b']') {
            return Ok(entries);
        }
        loop {
            if entries.len() == MOST_ENTRIES {
                return Err(self.error(format_args!("`{name}` has too many entries")));
            }
            entries.push(entry(self)?);
            if !self.more(b']')? {
                return Ok(entries);
            }
        }
    }
}
