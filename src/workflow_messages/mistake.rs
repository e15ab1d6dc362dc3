//! What is wrong in the settings and the templates.

use std::fmt;

/// One thing that is wrong. The message never has the value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Mistake {
    /// The key, as the path to it: `task_settings.signup.emails.token.reply`.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

/// Everything that is wrong, by key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct InvalidMessages(Vec<Mistake>);

impl Mistake {
    pub(crate) fn new(key: impl Into<String>, message: impl fmt::Display) -> Self {
        Self {
            key: key.into(),
            message: message.to_string(),
        }
    }
}

/// `key: message`
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

impl InvalidMessages {
    /// Each mistake once: what several task types share is wrong in one place only.
    pub(super) fn of(mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort();
        mistakes.dedup();
        Self(mistakes)
    }

    /// The mistakes, sorted by key.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.0
    }
}
