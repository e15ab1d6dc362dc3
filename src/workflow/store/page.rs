//! Pages of long lists: the newest first, and each after the last of the one before.

use std::{fmt, str::FromStr};

use crate::workflow::{TaskId, TaskState, Timestamp};

/// Where a page ends. It stays where it is when something is added or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cursor {
    /// When the last entry was made.
    pub on: Timestamp,
    /// Its id.
    pub id: String,
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is what an earlier page ended with")]
#[non_exhaustive]
pub struct InvalidCursor;

/// How much of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The end of the page before.
    pub after: Option<Cursor>,
    /// How many entries at most; 1000 at the very most.
    pub limit: u32,
}

/// Which tasks are wanted: those that are all of what is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskQuery {
    /// In this state.
    pub state: Option<TaskState>,
    /// Of this type.
    pub task_type: Option<String>,
    /// Asked for in this project.
    pub project_id: Option<String>,
    /// Which of them.
    pub page: Page,
}

/// Which notifications are wanted: those that are all of what is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotificationQuery {
    /// About this task.
    pub task: Option<TaskId>,
    /// That something went wrong, or not.
    pub error: Option<bool>,
    /// That somebody has taken note of, or nobody.
    pub acknowledged: Option<bool>,
    /// Which of them.
    pub page: Page,
}

impl Page {
    /// The first entries.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// How many entries, as the databases count.
    pub(super) fn rows(&self) -> i64 {
        i64::from(self.limit.min(LONGEST))
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::first(100)
    }
}

impl Cursor {
    /// After this entry.
    #[must_use]
    pub fn after(on: Timestamp, id: &str) -> Self {
        Self {
            on,
            id: id.to_owned(),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.on.as_micros(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (on, id) = text.split_once('-').ok_or(InvalidCursor)?;
        let on = on.parse().map_err(|_| InvalidCursor)?;
        let id: TaskId = id.parse().map_err(|_| InvalidCursor)?;
        Ok(Self::after(Timestamp::from_micros(on), id.as_str()))
    }
}

const LONGEST: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        let cursor = Cursor::after(Timestamp::from_micros(17), TaskId::random().as_str());
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "17", "17-x", "x-00000000000000000000000000000000"] {
            assert_eq!(bad.parse::<Cursor>(), Err(InvalidCursor));
        }
    }
}
