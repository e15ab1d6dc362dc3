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

impl Notification {
    /// One that nobody has taken note of.
    pub(super) fn new(task: &TaskId, error: bool, note: String, now: Timestamp) -> Self {
        Self {
            id: NotificationId::random(),
            task: task.clone(),
            error,
            notes: vec![note],
            created_on: now,
            acknowledged: None,
        }
    }
}
