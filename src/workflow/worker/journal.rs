//! The journal of an action's steps, in the store.

use std::fmt;

use super::Work;
use crate::workflow::{
    ActionError, Begun, Task, TaskState, Timestamp,
    context::{Journal, JournalFuture},
    store::{Page, StepKey, StoreError, TaskQuery},
};

/// Writes for one action in one stage.
pub(super) struct StepJournal<'a> {
    pub(super) work: Work<'a>,
    pub(super) task: &'a Task,
    pub(super) action: usize,
}

impl StepJournal<'_> {
    fn key(&self, step: &str) -> StepKey {
        StepKey {
            task: self.task.id.clone(),
            action: self.action,
            stage: self.task.stage().to_owned(),
            step: step.to_owned(),
        }
    }
}

impl Journal for StepJournal<'_> {
    fn begin<'a>(&'a self, step: &'a str) -> JournalFuture<'a, Begun> {
        Box::pin(async move {
            let (engine, key) = (self.work.engine, self.key(step));
            let begun = engine
                .store()
                .begin_step(self.work.lease, &key, engine.now());
            begun.await.map_err(failed)?.ok_or_else(lost)
        })
    }

    fn finish<'a>(&'a self, step: &'a str, result: String) -> JournalFuture<'a, ()> {
        Box::pin(async move {
            let (engine, key) = (self.work.engine, self.key(step));
            let store = engine.store();
            let done = store.finish_step(self.work.lease, &key, &result, engine.now());
            done.await.map_err(failed)?.then_some(()).ok_or_else(lost)
        })
    }

    fn last_completed(&self) -> JournalFuture<'_, Option<Timestamp>> {
        let query = TaskQuery {
            state: Some(TaskState::Completed),
            task_type: Some(self.task.task_type.clone()),
            project_id: self.task.project_id.clone(),
            page: Page::first(1000),
        };
        Box::pin(async move {
            let tasks = self.work.engine.store().tasks(&query).await;
            let tasks = tasks.map_err(ActionError::retry)?;
            Ok(tasks.iter().filter_map(|it| it.completed_on).max())
        })
    }
}

impl fmt::Debug for StepJournal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepJournal")
            .field("action", &self.action)
            .field("stage", &self.task.stage())
            .finish_non_exhaustive()
    }
}

fn failed(error: StoreError) -> ActionError {
    ActionError::interrupted(error)
}

fn lost() -> ActionError {
    ActionError::interrupted("the lease was lost")
}
