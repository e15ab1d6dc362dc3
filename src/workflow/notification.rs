//! What operators are told.

use super::{NotificationId, Signature, TaskId, Timestamp};

/// Something about a task that an operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// The task that it is about.
    pub task: TaskId,
    /// Whether something went wrong.
    pub error: bool,
    /// What there is to know.
    pub notes: Vec<String>,
    /// When it was made.
    pub created_on: Timestamp,
    /// Who has taken note of it, and when.
    pub acknowledged: Option<Signature>,
}
