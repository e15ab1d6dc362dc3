//! What was done with each key.

use std::fmt;

use serde::Serialize;

/// What became of a whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Report(pub(super) Vec<Entry>);

/// What became of a key. Its value is not repeated: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// What kind of thing was done.
    pub what: What,
    /// The key there; empty for something that there was no key for.
    pub from: String,
    /// The key here, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Why, or what it means now.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What was done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// An operator has to decide or do something.
    Decide,
    /// Its meaning is another one.
    Changed,
    /// It is left out.
    Dropped,
    /// Nobody knows this key, and it is left out.
    Unknown,
    /// It is in a file of its own, which only its owner can read.
    Secret,
    /// It has another name.
    Renamed,
    /// It is as it was.
    Kept,
}

impl Report {
    /// All entries, in the order in which the keys were read.
    #[must_use]
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.0.iter()
    }

    /// Those of this kind.
    pub fn of(&self, what: What) -> impl Iterator<Item = &Entry> {
        self.entries().filter(move |it| it.what == what)
    }
}

impl What {
    const ALL: [Self; 7] = [
        Self::Decide,
        Self::Changed,
        Self::Dropped,
        Self::Unknown,
        Self::Secret,
        Self::Renamed,
        Self::Kept,
    ];

    const fn title(self) -> &'static str {
        match self {
            Self::Decide => "For you to decide",
            Self::Changed => "With another meaning",
            Self::Dropped => "Left out",
            Self::Unknown => "Unknown, and left out",
            Self::Secret => "In files of their own",
            Self::Renamed => "Renamed",
            Self::Kept => "Kept",
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.from)?;
        if let Some(to) = &self.to {
            let arrow = if self.from.is_empty() { "" } else { " -> " };
            write!(f, "{arrow}{to}")?;
        }
        if self.why.is_empty() {
            return Ok(());
        }
        let colon = if self.from.is_empty() && self.to.is_none() {
            ""
        } else {
            ": "
        };
        write!(f, "{colon}{}", self.why)
    }
}

/// A paragraph for each kind, what has to be done first.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for what in What::ALL {
            let mut entries = self.of(what).peekable();
            if entries.peek().is_some() {
                writeln!(f, "{}", what.title())?;
            }
            for entry in entries {
                writeln!(f, "  {entry}")?;
            }
        }
        Ok(())
    }
}
