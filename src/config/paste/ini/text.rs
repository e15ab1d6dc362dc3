//! A value that knows where each part of it stands.

use std::fmt;

use crate::config::Place;

/// A text put together from pieces of lines, each with its place.
///
/// What it says is not in its `Debug`: it may be a secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    value: String,
    /// From which byte on the text stands at which place. Ascending, each byte once.
    marks: Vec<(usize, Place)>,
}

impl Text {
    /// What it says. Lines are parted by `\n`.
    pub(super) fn as_str(&self) -> &str {
        &self.value
    }

    /// Its words, each with the place it begins at. No place for what no file says.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, Option<&Place>)> {
        let start = self.value.as_ptr().addr();
        self.value
            .split(is_space)
            .filter(|word| !word.is_empty())
            .map(move |word| (word, self.place_at(word.as_ptr().addr() - start)))
    }

    /// Where the byte at this offset stands.
    pub(super) fn place_at(&self, offset: usize) -> Option<&Place> {
        let after = self.marks.partition_point(|(from, _)| *from <= offset);
        self.marks
            .get(after.checked_sub(1)?)
            .map(|(_, place)| place)
    }

    /// What is added from here on stands at this place.
    pub(super) fn mark(&mut self, place: &Place) {
        let end = self.value.len();
        if self.marks.last().is_some_and(|(from, _)| *from == end) {
            self.marks.pop();
        }
        self.marks.push((end, place.clone()));
    }

    pub(super) fn push(&mut self, text: &str) {
        self.value.push_str(text);
    }

    /// Adds a part of another text, `part` of its bytes from `offset` on.
    pub(super) fn push_part(&mut self, from: &Self, offset: usize, part: &str) {
        if let Some(place) = from.place_at(offset) {
            self.mark(place);
        }
        let after = from.marks.partition_point(|(mark, _)| *mark <= offset);
        let end = offset + part.len();
        let within = from.marks.iter().skip(after);
        let base = self.value.len();
        for (mark, place) in within.take_while(|(mark, _)| *mark < end) {
            self.marks.push((base + mark - offset, place.clone()));
        }
        self.value.push_str(part);
    }

    /// Adds a line.
    pub(super) fn push_line(&mut self, line: &str, place: &Place) {
        self.value.push('\n');
        self.mark(place);
        self.value.push_str(line);
    }

    /// Takes off white space at the end.
    pub(super) fn trim_end(&mut self) {
        self.value
            .truncate(self.value.trim_end_matches(is_space).len());
        let end = self.value.len();
        self.marks.retain(|(from, _)| *from < end.max(1));
    }
}

impl From<String> for Text {
    /// A text that no file says.
    fn from(value: String) -> Self {
        Self {
            value,
            marks: Vec::new(),
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").finish_non_exhaustive()
    }
}

/// White space as Python's `str.isspace` has it.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}
