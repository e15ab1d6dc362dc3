//! What there is to see.

use std::{pin::pin, time::Duration};

use tokio::time::Instant;

use super::Engine;
use crate::workflow::{
    BrokenTrail, EngineError, Event, Job, Notification, NotificationId, Task, TaskId, TaskState,
    Token, event,
    store::{NotificationQuery, Page, StepRecord, TaskQuery},
};

impl Engine {
    /// A task.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoTask`].
    pub async fn task(&self, id: &TaskId) -> Result<Task, EngineError> {
        self.store().task(id).await?.ok_or(EngineError::NoTask)
    }

    /// A task when no stage of it runs any more, or as it is when `within` has passed.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoTask`].
    pub async fn settled(&self, id: &TaskId, within: Duration) -> Result<Task, EngineError> {
        let deadline = Instant::now().checked_add(within);
        // Workers of this process tell of what they have done; others cannot, so it has to look, too.
        let mut pause = match self.0.waiting.is_worked_for() {
            true => SHORT,
            false => SHORTEST,
        };
        let place = self.0.waiting.at(id);
        loop {
            let mut told = pin!(place.told().notified());
            // From now on, so that nothing between the look and the wait is missed.
            told.as_mut().enable();
            let task = self.task(id).await?;
            let left = deadline.map(|it| it.saturating_duration_since(Instant::now()));
            let late = left.is_some_and(|left| left.is_zero());
            if task.state() != TaskState::Running || late {
                return Ok(task);
            }
            let look = tokio::time::sleep(left.map_or(pause, |left| pause.min(left)));
            tokio::select! {
                () = told => {}
                () = look => {}
            }
            pause = pause.saturating_mul(2).min(LONGEST);
        }
    }

    /// A page of tasks, the newest first.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn tasks(&self, query: &TaskQuery) -> Result<Vec<Task>, EngineError> {
        Ok(self.store().tasks(query).await?)
    }

    /// A page of tokens, the newest first. None of them can be used to submit.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn tokens(&self, page: &Page) -> Result<Vec<Token>, EngineError> {
        Ok(self.store().tokens(page).await?)
    }

    /// A notification, if there is one.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn notification(
        &self,
        id: &NotificationId,
    ) -> Result<Option<Notification>, EngineError> {
        Ok(self.store().notification(id).await?)
    }

    /// A page of notifications, the newest first.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn notifications(
        &self,
        query: &NotificationQuery,
    ) -> Result<Vec<Notification>, EngineError> {
        Ok(self.store().notifications(query).await?)
    }

    /// The audit trail of a task, also if it was [removed](Self::purge); its notes are the events
    /// of kind `note`.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn events(&self, id: &TaskId) -> Result<Vec<Event>, EngineError> {
        Ok(self.store().events(id).await?)
    }

    /// Whether the audit trail of a task is as it was written, also if the task was
    /// [removed](Self::purge).
    ///
    /// # Errors
    ///
    /// [`EngineError::NoTask`].
    pub async fn verify(&self, id: &TaskId) -> Result<Result<(), BrokenTrail>, EngineError> {
        let end = async || self.store().trail(id).await?.ok_or(EngineError::NoTask);
        let mut trail = end().await?;
        loop {
            let events = self.store().events(id).await?;
            let after = end().await?;
            if after == trail {
                return Ok(event::verify(self.key(), &trail, &events));
            }
            trail = after;
        }
    }

    /// The steps of a task that were begun.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn steps(&self, id: &TaskId) -> Result<Vec<StepRecord>, EngineError> {
        Ok(self.store().steps(id).await?)
    }

    /// What is still to be done for a task, and what could not be.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn jobs(&self, id: &TaskId) -> Result<Vec<Job>, EngineError> {
        Ok(self.store().jobs(id).await?)
    }
}

const SHORTEST: Duration = Duration::from_millis(10);
const SHORT: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_millis(200);
