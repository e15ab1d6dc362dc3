//! Asking for a task, and asking for it otherwise.

use serde_json::{Map, Value};

use super::{Draft, Engine, TRIES};
use crate::workflow::{
    Caller, Duplicates, EngineError, Move, Task, TaskId,
    store::{Change, Committed},
};

impl Engine {
    /// Asks for a task of this type. Its first stage is run by a worker.
    ///
    /// # Errors
    ///
    /// [`EngineError::UnknownType`]; [`EngineError::Fields`] with every field that is missing or
    /// wrong; [`EngineError::Duplicate`] if there is an open task like it, and the type blocks or
    /// the open one does not give way ([`Duplicates::Cancel`]).
    pub async fn submit(
        &self,
        task_type: &str,
        body: &Map<String, Value>,
        requester: &Caller,
    ) -> Result<Task, EngineError> {
        let registry = self.registry();
        let known = registry.find_type(task_type);
        let known = known.ok_or_else(|| EngineError::UnknownType(task_type.to_owned()))?;
        let actions = registry.read(known.actions.iter().map(String::as_str), body)?;
        let hash = known.hash(&actions);
        for _ in 0..TRIES {
            let kind = (task_type, &known.stages);
            let new = Draft::new(self, kind, (&hash, &actions), requester)?;
            let mut changes = Vec::new();
            if let Some(open) = self.store().open_task(&hash).await? {
                match known.duplicates {
                    Duplicates::Block => return Err(EngineError::Duplicate(open)),
                    Duplicates::Cancel => match self.replaced(&open, requester).await? {
                        Some(cancelled) => changes.push(cancelled),
                        None => continue,
                    },
                }
            }
            let new = new.into_change();
            let task = new.task.clone();
            // The old one is closed before the new one is open.
            changes.push(new);
            if self.commit(&changes).await? == Committed::Done {
                return Ok(task);
            }
        }
        Err(EngineError::Contended)
    }

    /// The end of a task that another takes the place of, unless it has ended meanwhile.
    async fn replaced(&self, id: &TaskId, by: &Caller) -> Result<Option<Change>, EngineError> {
        let Some(task) = self.store().task(id).await? else {
            return Ok(None);
        };
        if task.state().is_over() {
            return Ok(None);
        }
        if !task.gives_way_to(by) {
            return Err(EngineError::Duplicate(task.id));
        }
        let mut draft = self.draft(task);
        draft.cancel(by, Some("Cancelled: the same was asked for again."))?;
        Ok(Some(draft.into_change()))
    }

    /// Replaces all inputs of a task, and begins again with its first stage. With the same inputs
    /// it is validated again.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] if it has been approved, is over, or a stage is running;
    /// [`EngineError::Fields`]; [`EngineError::Effects`] if an action whose inputs would change
    /// has begun a step; [`EngineError::Duplicate`]; [`EngineError::NoTask`].
    pub async fn update(
        &self,
        id: &TaskId,
        body: &Map<String, Value>,
        by: &Caller,
    ) -> Result<Task, EngineError> {
        let task = self.store().task(id).await?.ok_or(EngineError::NoTask)?;
        task.next(Move::Update)?;
        let registry = self.registry();
        let names = task.actions.iter().map(|it| it.name.as_str());
        let known = registry.find_type(&task.task_type);
        let known = known.ok_or_else(|| EngineError::UnknownType(task.task_type.clone()))?;
        let actions = registry.read(names, body)?;
        let hash = known.hash(&actions);
        // Steps begin only in a stage, and no stage begins unless the task is changed.
        let steps = self.store().steps(id).await?;
        for (place, (old, new)) in task.actions.iter().zip(&actions).enumerate() {
            if old.data != new.data && steps.iter().any(|step| step.key.action == place) {
                return Err(EngineError::Effects(old.name.clone()));
            }
        }
        self.change(id, |draft| {
            draft.task().next(Move::Update)?;
            if draft.task().run != task.run {
                return Err(EngineError::Contended);
            }
            draft.replace_inputs(by, &actions, hash.clone());
            draft.restart(by)
        })
        .await
    }
}
