//! Why a body is refused.

use std::fmt::Display;

/// A body that cannot be read with certainty. The text says why, and where if it is at one place:
/// lines and characters count from 1. It tells nothing of what the body holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidBody(Box<str>);

impl InvalidBody {
    /// For what a body says as a whole.
    pub(crate) fn new(message: impl Display) -> Self {
        Self(message.to_string().into())
    }

    /// For what comes behind `before`.
    pub(super) fn at(message: impl Display, before: &[u8]) -> Self {
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        let line = before.rsplit(|byte| *byte == b'\n').next();
        let column = String::from_utf8_lossy(line.unwrap_or_default())
            .chars()
            .count();
        Self::new(format_args!(
            "{message} at line {} column {}",
            lines + 1,
            column + 1
        ))
    }
}
