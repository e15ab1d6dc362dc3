//! Why a store did not answer. No error holds anything of a row or a statement's values.

use std::fmt;

/// A failure of the database, or of what is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something in the database is not what the store has written.
    #[error("the column `{0}` of the database is unreadable")]
    Corrupt(&'static str),
    /// The database could not be opened or migrated.
    #[error("the database cannot be used: {0}")]
    Unusable(String),
    /// The database cannot match a pattern, which another could.
    #[error("the database cannot match the pattern")]
    Pattern,
    /// The database did not do what it was asked to.
    #[error("the database failed: {0}")]
    Failed(String),
}

impl StoreError {
    pub(super) fn unusable(error: impl fmt::Display) -> Self {
        Self::Unusable(error.to_string())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(match error {
            sqlx::Error::Database(error) if error.code().as_deref() == Some(BAD_PATTERN) => {
                return Self::Pattern;
            }
            // The details of PostgreSQL's errors would quote rows; its message does not.
            sqlx::Error::Database(error) => error.message().to_owned(),
            other => other.to_string(),
        })
    }
}

/// PostgreSQL's `invalid_regular_expression`.
const BAD_PATTERN: &str = "2201B";
