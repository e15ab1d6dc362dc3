//! Why an action does not go on.

use crate::workflow::{ActionError, CloudError, Outcome};

/// It is invalid, or something failed.
pub(super) enum Stop {
    Failed(ActionError),
    Invalid(Outcome),
}

impl From<ActionError> for Stop {
    fn from(error: ActionError) -> Self {
        Self::Failed(error)
    }
}

impl From<CloudError> for Stop {
    fn from(error: CloudError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<CloudError> for ActionError {
    fn from(error: CloudError) -> Self {
        if error.may_pass() {
            Self::retry(error)
        } else {
            Self::fatal(error)
        }
    }
}

pub(super) fn invalid(code: &'static str, message: impl Into<String>) -> Stop {
    Stop::Invalid(Outcome::invalid(code, message))
}

/// The outcome of a stage.
pub(super) fn settle(done: Result<(), Stop>) -> Result<Outcome, ActionError> {
    match done {
        Ok(()) => Ok(Outcome::Valid),
        Err(Stop::Invalid(outcome)) => Ok(outcome),
        Err(Stop::Failed(error)) => Err(error),
    }
}
