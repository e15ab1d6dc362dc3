//! What the engine asks a store to write.

use crate::workflow::{
    Event, Job, Lease, Notification, NotificationId, Signature, Task, Timestamp, Token,
};

/// A change of one task with all that comes of it: all of it is written, or nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// The task as it is to be. Its revision is the one that it is to have.
    pub task: Task,
    /// The actions that are changed, by their places. A task that is new has all of its written.
    pub actions: Vec<usize>,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The job that the change is made for.
    pub by_job: Option<ByJob>,
    /// Whether the task's jobs are dropped that run a stage or mail a token.
    pub drop_jobs: bool,
    /// Jobs that come of the change.
    pub jobs: Vec<Job>,
    /// What becomes of the task's token.
    pub token: TokenChange,
    /// What operators are to know.
    pub notifications: Vec<Notification>,
    /// Notifications that somebody has taken note of.
    pub acknowledged: Option<(Vec<NotificationId>, Signature)>,
    /// Whether the task is removed then, with all that belongs to it but its events.
    pub remove: bool,
}

/// The job that a change is made for. If it has been claimed by somebody else meanwhile, nothing
/// is written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ByJob {
    /// The right to do so.
    pub lease: Lease,
    /// What becomes of the job.
    pub then: Then,
}

/// What becomes of a job.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Then {
    /// It is dead.
    Dead {
        /// Since when.
        on: Timestamp,
        /// Why.
        error: String,
    },
    /// It is done, and removed.
    Done,
    /// It is claimed until then.
    Kept(Timestamp),
    /// It is to be tried again.
    Retried {
        /// When.
        due_on: Timestamp,
        /// Why.
        error: String,
    },
}

/// What becomes of a task's token.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum TokenChange {
    /// Nothing.
    #[default]
    Kept,
    /// It is good again, if there is one.
    Released,
    /// It is removed, if there is one.
    Removed,
    /// This one replaces it.
    Replaced(Token),
    /// It is used; if it has been used meanwhile, nothing is written.
    Used(Timestamp),
}

/// Whether a change was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Committed {
    /// It was.
    Done,
    /// Not: there is an open task with the same hash.
    Duplicate,
    /// Not: the job is another worker's by now.
    LeaseLost,
    /// Not: the task has been changed meanwhile.
    Stale,
}

impl Change {
    /// A change to this task, whose revision it raises.
    pub(in crate::workflow) fn to(mut task: Task) -> Self {
        task.revision = task.revision.saturating_add(1);
        Self {
            task,
            actions: Vec::new(),
            events: Vec::new(),
            by_job: None,
            drop_jobs: false,
            jobs: Vec::new(),
            token: TokenChange::Kept,
            notifications: Vec::new(),
            acknowledged: None,
            remove: false,
        }
    }

    /// Whether the task is new.
    pub(super) const fn is_new(&self) -> bool {
        self.task.revision == 1
    }
}
