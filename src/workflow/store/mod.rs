//! Where tasks are kept.
//!
//! 1. A [`Change`] is written as a whole or not at all, and only to the task that it was thought
//!    of for: the revision before it has to be the one in the store.
//! 2. A change that a job made is written only while the job is its worker's.
//! 3. Of tasks with the same hash at most one is open, whoever else writes at the same time.
//! 4. What is written is on the disk when the call returns.
//!
//! [`SqliteStore`] keeps one file, for one process or several on the same machine.
//! [`PostgresStore`] serves several machines. Both are made from the same body of code; what
//! differs is in a module `dialect` of each.

mod change;
mod error;
mod page;
#[cfg(feature = "postgres")]
mod postgres;
mod search;
mod sqlite;

use std::{future::Future, pin::Pin};

pub use change::{ByJob, Change, Committed, Then, TokenChange};
pub use error::StoreError;
pub use page::{Cursor, InvalidCursor, NotificationQuery, Page, TaskQuery};
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
pub use search::{Filter, InvalidFilter, Search, Slice};
pub use sqlite::SqliteStore;

use super::{
    Begun, Event, Job, Lease, Notification, NotificationId, Task, TaskId, Timestamp, Token, Trail,
};

/// What a store answers, later.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A step of an action, in a stage of a task.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct StepKey {
    /// The task.
    pub task: TaskId,
    /// The action's place in it.
    pub action: usize,
    /// The stage's name.
    pub stage: String,
    /// The step's own name.
    pub step: String,
}

/// What is known of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepRecord {
    /// Which step.
    pub key: StepKey,
    /// When it was first begun.
    pub begun_on: Timestamp,
    /// When it was done, and its result as JSON.
    pub done: Option<(Timestamp, String)>,
}

/// At which versions a database's tables were, and are now. 0 is an empty database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migrated {
    /// Before it was opened.
    pub from: usize,
    /// Since then.
    pub to: usize,
}

/// Keeps tasks and all that belongs to them.
pub trait Store: Search {
    /// Writes changes, all of them or none.
    fn commit<'a>(&'a self, changes: &'a [Change]) -> StoreFuture<'a, Committed>;

    /// A task.
    fn task<'a>(&'a self, id: &'a TaskId) -> StoreFuture<'a, Option<Task>>;

    /// The open task with this hash.
    fn open_task<'a>(&'a self, hash_key: &'a str) -> StoreFuture<'a, Option<TaskId>>;

    /// A page of tasks.
    fn tasks<'a>(&'a self, query: &'a TaskQuery) -> StoreFuture<'a, Vec<Task>>;

    /// So many tasks at most that ended before then, the first first, without those for which
    /// there is work, or an error that nobody has taken note of.
    fn over(&self, before: Timestamp, limit: u32) -> StoreFuture<'_, Vec<Task>>;

    /// The end of a task's audit trail, also if the task was removed.
    fn trail<'a>(&'a self, task: &'a TaskId) -> StoreFuture<'a, Option<Trail>>;

    /// The audit trail of a task, also if the task was removed.
    fn events<'a>(&'a self, task: &'a TaskId) -> StoreFuture<'a, Vec<Event>>;

    /// The steps of a task that were begun.
    fn steps<'a>(&'a self, task: &'a TaskId) -> StoreFuture<'a, Vec<StepRecord>>;

    /// The token with this hash.
    fn token<'a>(&'a self, hash: &'a str) -> StoreFuture<'a, Option<Token>>;

    /// A page of tokens.
    fn tokens<'a>(&'a self, page: &'a Page) -> StoreFuture<'a, Vec<Token>>;

    /// Removes the tokens that have expired, but for those whose stage is under way, and says how
    /// many they were.
    fn remove_expired_tokens(&self, now: Timestamp) -> StoreFuture<'_, u64>;

    /// A notification.
    fn notification<'a>(&'a self, id: &'a NotificationId) -> StoreFuture<'a, Option<Notification>>;

    /// A page of notifications.
    fn notifications<'a>(
        &'a self,
        query: &'a NotificationQuery,
    ) -> StoreFuture<'a, Vec<Notification>>;

    /// Claims the job that has been due longest, until `until`, as its next attempt.
    fn claim<'a>(
        &'a self,
        owner: &'a str,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreFuture<'a, Option<Job>>;

    /// Renews a lease, if it is still held.
    fn renew<'a>(&'a self, lease: &'a Lease, until: Timestamp) -> StoreFuture<'a, bool>;

    /// Writes what becomes of a job whose task cannot be changed, with what operators are to find
    /// of it, if the lease is still held.
    fn settle<'a>(
        &'a self,
        by: &'a ByJob,
        notification: Option<&'a Notification>,
    ) -> StoreFuture<'a, bool>;

    /// The jobs of a task, dead ones too, without their secrets.
    fn jobs<'a>(&'a self, task: &'a TaskId) -> StoreFuture<'a, Vec<Job>>;

    /// Writes that a step is begun, if the lease is still held, and says what was known of it.
    fn begin_step<'a>(
        &'a self,
        lease: &'a Lease,
        key: &'a StepKey,
        now: Timestamp,
    ) -> StoreFuture<'a, Option<Begun>>;

    /// Writes that a step is done, if the lease is still held.
    fn finish_step<'a>(
        &'a self,
        lease: &'a Lease,
        key: &'a StepKey,
        result: &'a str,
        now: Timestamp,
    ) -> StoreFuture<'a, bool>;

    /// Waits until there may be new work. It may also wait for ever, so whoever calls it has
    /// to look from time to time all the same.
    fn work(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

#[cfg(all(test, feature = "postgres"))]
mod tests;
