//! Looking for tasks, tokens and notifications by what they are: Django's filters, as StackTask
//! has them.
//!
//! 1. A [`Filter`] is read from a JSON object, `{"<field>": {"<lookup>": <value>}}`. All pairs
//!    have to hold. What cannot be read is an error that names it.
//! 2. Fields of another table are named through it: `{"action__valid": {"exact": true}}`, or
//!    `{"action": {"valid__exact": true}}`. All that is said of one relation has to hold of one
//!    and the same row there. However many do, what is looked for comes once.
//! 3. A filter becomes one statement, of fixed pieces and bound values.
//!
//! | table | fields | relations |
//! |---|---|---|
//! | tasks | `uuid` (`pk`), `hash_key`, `ip_address`, `keystone_user`, `project_id`, `task_type`, `action_notes`, `task_notes`, `cancelled`, `approved`, `approved_by`, `completed`, `created_on`, `approved_on`, `completed_on` | `action`, `token`, `notification` |
//! | tokens | `token` (`pk`), `task` (`task_id`), `created_on`, `expires` | `task` |
//! | notifications | `uuid` (`pk`), `task` (`task_id`), `notes`, `error`, `acknowledged`, `created_on` | `task` |
//! | actions | `id` (`pk`), `action_name`, `action_data`, `cache`, `state`, `valid`, `need_token`, `auto_approve`, `order`, `created`, `task` (`task_id`) | `task` |
//!
//! | lookups | of |
//! |---|---|
//! | `exact`, `iexact`, `in`, `gt`, `gte`, `lt`, `lte`, `range`, `isnull` | all |
//! | `contains`, `startswith`, `endswith`, `regex`, and these with `i` before them | all, as text |
//! | `year`, `month`, `day`, `week_day`, `hour`, `minute`, `second` | times, in UTC |
//!
//! A `token` is the hash of one. JSON is looked through as text. Letters of one case are those of
//! the other by the database's rules: SQLite knows those of ASCII only.
//!
//! # Differences from Django
//!
//! * A value that is not fit for its field is an error, and so is a text where a list belongs.
//! * `contains`, `startswith` and `endswith` regard the case of letters on SQLite too.
//! * There is no `search`. Patterns have neither backreferences nor assertions.

mod column;
mod filter;
mod lookup;
mod time;

pub use filter::{Filter, InvalidFilter};

pub(in crate::workflow::store) use column::{Column, Kind, Relation, Table};
pub(in crate::workflow::store) use filter::Related;
pub(in crate::workflow::store) use lookup::{Operand, Part, Place, Test};

use super::{Page, StoreFuture};
use crate::workflow::{Event, Notification, Task, TaskId, Token};

/// Which of all that a filter finds, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slice {
    /// After which one, and how many.
    pub page: Page,
    /// How many are passed over.
    pub skip: u32,
}

impl Slice {
    /// This page.
    #[must_use]
    pub const fn of(page: Page) -> Self {
        Self { page, skip: 0 }
    }

    /// Passes over so many.
    #[must_use]
    pub const fn skip(mut self, count: u32) -> Self {
        self.skip = count;
        self
    }
}

/// Looks for what is in a store.
pub trait Search: Send + Sync + 'static {
    /// How many there are.
    fn count<'a>(&'a self, filter: &'a Filter) -> StoreFuture<'a, u64>;

    /// Tasks.
    fn find_tasks<'a>(&'a self, filter: &'a Filter, slice: &'a Slice)
    -> StoreFuture<'a, Vec<Task>>;

    /// Tokens.
    fn find_tokens<'a>(
        &'a self,
        filter: &'a Filter,
        slice: &'a Slice,
    ) -> StoreFuture<'a, Vec<Token>>;

    /// Notifications.
    fn find_notifications<'a>(
        &'a self,
        filter: &'a Filter,
        slice: &'a Slice,
    ) -> StoreFuture<'a, Vec<Notification>>;

    /// The task that was completed last.
    fn last_completed(&self) -> StoreFuture<'_, Option<Task>>;

    /// The events of these kinds in the audit trails of these tasks, those of a task in order.
    fn events_of<'a>(
        &'a self,
        tasks: &'a [TaskId],
        kinds: &'a [&'a str],
    ) -> StoreFuture<'a, Vec<Event>>;
}

#[cfg(test)]
mod tests;
