//! Why the engine did not do what it was asked to.

use super::{FieldErrors, NoRandomness, Refused, TaskId, store::StoreError};

/// Why the engine did not do what it was asked to. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Its inputs may have been changed since somebody saw it.
    #[error("the task has changed since it was looked at")]
    Changed,
    /// The task was changed by others each time; it is worth another try.
    #[error("the task is being changed by others")]
    Contended,
    /// A task of this type with these inputs is open.
    #[error("the task is a duplicate of task `{0}`")]
    Duplicate(TaskId),
    /// Inputs that would change belong to an action that has already begun to do something.
    #[error("action `{0}` has begun to act on its inputs")]
    Effects(String),
    /// Fields are missing or wrong.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// A task from elsewhere is at a stage that its type does not have here.
    #[error("task type `{0}` has no stage for a task that has come so far")]
    NoStage(String),
    /// There is no such task.
    #[error("there is no such task")]
    NoTask,
    /// There is no such token, or it has been used, or it has expired.
    #[error("the token does not exist or has expired")]
    NoToken,
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// It cannot happen to the task now.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A task has an action of this name, and none is registered.
    #[error("there is no action `{0}`")]
    UnknownAction(String),
    /// No task type of this name is registered.
    #[error("there is no task type `{0}`")]
    UnknownType(String),
}
