//! The engine: everything that people do with tasks.

mod adopt;
mod draft;
mod purge;
mod read;
mod search;
mod submit;
mod token;
mod waiting;

use std::{fmt, sync::Arc, time::Duration};

use serde_json::json;

pub use adopt::{Adopted, Adoption, Reached};
pub(super) use draft::Draft;
use waiting::Waiting;

use super::{
    Caller, Clock, Deliver, EngineError, Key, Move, NotificationId, Registry, Task, TaskId,
    TaskState, Timestamp,
    clock::SystemClock,
    store::{Change, Committed, Store},
};

/// Does what people ask for with tasks, and leaves the work to [`Worker`](super::Worker)s. Clones
/// are the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    registry: Registry,
    key: Key,
    deliver: Arc<dyn Deliver>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    waiting: Waiting,
}

/// How patient the engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// For how long a worker claims a job; it renews the lease at every third of it. Default 30 s.
    pub lease: Duration,
    /// How long an attempt at a stage or a message may take. Default 10 min.
    pub attempt: Duration,
    /// The pause after a first failure, which doubles with each. Default 2 s.
    pub first_pause: Duration,
    /// The longest pause. Default 10 min.
    pub longest_pause: Duration,
    /// How often a worker without work looks for some. Default 1 s.
    pub look: Duration,
    /// How often a message is tried. Default 12.
    pub deliveries: u32,
}

impl Engine {
    /// An engine on a store.
    pub fn new(store: Arc<dyn Store>, registry: Registry, key: Key, deliver: impl Deliver) -> Self {
        Self(Arc::new(Inner {
            store,
            registry,
            key,
            deliver: Arc::new(deliver),
            clock: Arc::new(SystemClock),
            pace: Pace::default(),
            waiting: Waiting::default(),
        }))
    }

    /// The same engine with another clock.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        self.with(|it| it.clock = Arc::new(clock))
    }

    /// The same engine, more or less patient.
    #[must_use]
    pub fn pace(self, pace: Pace) -> Self {
        self.with(|it| it.pace = pace)
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner {
            store: Arc::clone(&self.0.store),
            registry: self.0.registry.clone(),
            key: self.0.key.clone(),
            deliver: Arc::clone(&self.0.deliver),
            clock: Arc::clone(&self.0.clock),
            pace: self.0.pace,
            waiting: self.0.waiting.clone(),
        };
        change(&mut inner);
        Self(Arc::new(inner))
    }

    /// Approves a task.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] if it does not wait for approval; [`EngineError::NoTask`].
    pub async fn approve(&self, id: &TaskId, by: &Caller) -> Result<Task, EngineError> {
        self.approve_as(id, None, by).await
    }

    /// Approves a task as somebody has seen it: its inputs may have been changed since then.
    ///
    /// # Errors
    ///
    /// [`EngineError::Changed`] if another [`run`](Task::run) of it has begun than the one that was
    /// seen; else those of [`approve`](Self::approve).
    pub async fn approve_run(
        &self,
        id: &TaskId,
        run: u32,
        by: &Caller,
    ) -> Result<Task, EngineError> {
        self.approve_as(id, Some(run), by).await
    }

    async fn approve_as(
        &self,
        id: &TaskId,
        seen: Option<u32>,
        by: &Caller,
    ) -> Result<Task, EngineError> {
        self.change(id, |draft| {
            let to = draft.task().next(Move::Approve)?;
            if seen.is_some_and(|run| run != draft.task().run) {
                return Err(EngineError::Changed);
            }
            draft.event("approval", by, &json!({ "stage": draft.task().stage() }));
            draft.go(to, by)
        })
        .await
    }

    /// Gives a task up. A stage under way stops at its next step; what it has done stays done.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] if it is over; [`EngineError::NoTask`].
    pub async fn cancel(&self, id: &TaskId, by: &Caller) -> Result<Task, EngineError> {
        self.change(id, |draft| draft.cancel(by, None)).await
    }

    /// Tries again what has failed, or validates again what was invalid.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] if nothing has, or if only the token's holder can;
    /// [`EngineError::NoTask`].
    pub async fn retry(&self, id: &TaskId, by: &Caller) -> Result<Task, EngineError> {
        self.change(id, |draft| {
            let to = draft.task().next(Move::Retry)?;
            draft.event("retry", by, &json!({ "stage": draft.task().stage() }));
            draft.retry(to, by)
        })
        .await
    }

    /// Leaves a note with a task, whatever its state.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoTask`].
    pub async fn note(&self, id: &TaskId, text: &str, by: &Caller) -> Result<Task, EngineError> {
        self.change(id, |draft| {
            draft.event("note", by, &json!({ "text": text }));
            Ok(())
        })
        .await
    }

    /// Takes note of notifications. Those that are not there, and those that somebody has taken
    /// note of, are passed over. Says how many are left.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn acknowledge(
        &self,
        ids: &[NotificationId],
        by: &Caller,
    ) -> Result<usize, EngineError> {
        let mut count = 0;
        for id in ids {
            let Some(found) = self.0.store.notification(id).await? else {
                continue;
            };
            if found.acknowledged.is_some() {
                continue;
            }
            self.change(&found.task, |draft| {
                draft.event("acknowledged", by, &json!({ "notification": id }));
                draft.acknowledge(id.clone(), by);
                Ok(())
            })
            .await?;
            count += 1;
        }
        Ok(count)
    }

    /// Changes a task. `draft` may be called again with the task as it is by then, if somebody
    /// else has changed it.
    pub(super) async fn change(
        &self,
        id: &TaskId,
        draft: impl Fn(&mut Draft<'_>) -> Result<(), EngineError> + Send,
    ) -> Result<Task, EngineError> {
        self.change_from(self.task(id).await?, draft).await
    }

    /// The same with a task as it was read some time ago. If it is another by now, it is read again.
    pub(super) async fn change_from(
        &self,
        mut task: Task,
        draft: impl Fn(&mut Draft<'_>) -> Result<(), EngineError> + Send,
    ) -> Result<Task, EngineError> {
        let id = task.id.clone();
        for _ in 0..TRIES {
            let mut made = self.draft(task);
            draft(&mut made)?;
            let change = made.into_change();
            match self.commit(std::slice::from_ref(&change)).await? {
                Committed::Done => return Ok(change.task),
                Committed::Duplicate => {
                    if let Some(other) = self.0.store.open_task(&change.task.hash_key).await? {
                        return Err(EngineError::Duplicate(other));
                    }
                }
                Committed::LeaseLost => return Err(EngineError::Contended),
                Committed::Stale => {}
            }
            task = self.task(&id).await?;
        }
        Err(EngineError::Contended)
    }

    async fn commit(&self, changes: &[Change]) -> Result<Committed, EngineError> {
        let committed = self.0.store.commit(changes).await?;
        if committed == Committed::Done {
            let tasks = changes.iter().map(|it| &it.task);
            for task in tasks.filter(|it| it.state() != TaskState::Running) {
                self.0.waiting.tell(&task.id);
            }
        }
        Ok(committed)
    }

    fn draft(&self, task: Task) -> Draft<'_> {
        Draft::of(self, task)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    pub(super) fn deliver(&self) -> &dyn Deliver {
        &*self.0.deliver
    }

    pub(super) fn key(&self) -> &Key {
        &self.0.key
    }

    /// What there is to do.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// Says that this process has workers.
    pub(super) fn begin_work(&self) {
        self.0.waiting.begin_work();
    }

    pub(super) fn pace_of_work(&self) -> Pace {
        self.0.pace
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            attempt: Duration::from_secs(600),
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(600),
            look: Duration::from_secs(1),
            deliveries: 12,
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("registry", &self.0.registry)
            .field("pace", &self.0.pace)
            .finish_non_exhaustive()
    }
}

/// How often a change is tried anew because others changed the task.
const TRIES: u32 = 50;
