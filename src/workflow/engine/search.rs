//! Looking for tasks, tokens and notifications.

use super::Engine;
use crate::workflow::{
    EngineError, Event, Notification, Task, TaskId, Timestamp, Token,
    store::{Filter, Slice},
};

impl Engine {
    /// What time it is by the engine's clock.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.now()
    }

    /// How many a filter finds.
    ///
    /// # Errors
    ///
    /// Those of the store; so for all that look.
    pub async fn count(&self, filter: &Filter) -> Result<u64, EngineError> {
        Ok(self.store().count(filter).await?)
    }

    /// The tasks that a filter finds, the newest first.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub async fn find_tasks(
        &self,
        filter: &Filter,
        slice: &Slice,
    ) -> Result<Vec<Task>, EngineError> {
        Ok(self.store().find_tasks(filter, slice).await?)
    }

    /// The tokens that a filter finds, the newest first.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub async fn find_tokens(
        &self,
        filter: &Filter,
        slice: &Slice,
    ) -> Result<Vec<Token>, EngineError> {
        Ok(self.store().find_tokens(filter, slice).await?)
    }

    /// The notifications that a filter finds, the newest first.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub async fn find_notifications(
        &self,
        filter: &Filter,
        slice: &Slice,
    ) -> Result<Vec<Notification>, EngineError> {
        Ok(self.store().find_notifications(filter, slice).await?)
    }

    /// The task that was completed last.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub async fn last_completed(&self) -> Result<Option<Task>, EngineError> {
        Ok(self.store().last_completed().await?)
    }

    /// The events of these kinds in the audit trails of these tasks, those of a task in order.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub async fn events_of(
        &self,
        tasks: &[TaskId],
        kinds: &[&str],
    ) -> Result<Vec<Event>, EngineError> {
        Ok(self.store().events_of(tasks, kinds).await?)
    }
}
