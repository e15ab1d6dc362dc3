//! Taking over tasks that another system began.

use serde_json::{Map, Value, json};

use super::{Draft, Engine};
use crate::workflow::{
    ActionRecord, Caller, EngineError, Gate, Position, Signature, Task, TaskId, TaskState,
    Timestamp, Trail, store::Committed,
};

/// A task that another system began, and that has not ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Adoption {
    /// The id that it had there, which it keeps.
    pub id: TaskId,
    /// The name of its type.
    pub task_type: String,
    /// Who asked for it.
    pub requester: Caller,
    /// When it was asked for.
    pub created_on: Timestamp,
    /// How far it came.
    pub reached: Reached,
    /// Its actions in their order, with all that they remember.
    pub actions: Vec<ActionRecord>,
    /// What its actions have told each other.
    pub shared: Map<String, Value>,
    /// What was said about it, with the action that said it, if one did.
    pub notes: Vec<(Option<String>, String)>,
    /// What operators have not taken note of, and whether it is an error.
    pub notices: Vec<(bool, String)>,
    /// Where it comes from. It is kept in the audit trail.
    pub origin: Value,
}

/// How far a task came elsewhere.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reached {
    /// Nobody has approved it.
    Asked,
    /// This was approved, but what comes of an approval has not been done.
    Approved(Signature),
    /// This was approved, and what comes of an approval has been done.
    Done(Signature),
}

/// What became of an [`Adoption`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Adopted {
    /// It is a task here now; or, if nothing was to be written, it could be one.
    Now(Box<Task>),
    /// It had been one already.
    Before,
}

impl Adoption {
    /// A task that nobody has approved, without actions yet.
    #[must_use]
    pub fn new(
        id: TaskId,
        task_type: impl Into<String>,
        requester: Caller,
        created_on: Timestamp,
    ) -> Self {
        Self {
            id,
            task_type: task_type.into(),
            requester,
            created_on,
            reached: Reached::Asked,
            actions: Vec::new(),
            shared: Map::new(),
            notes: Vec::new(),
            notices: Vec::new(),
            origin: Value::Null,
        }
    }
}

impl Engine {
    /// Takes over a task, or, unless `write`, only says what would become of it.
    ///
    /// Nothing is run and nobody is written to: the task waits for a person's approval or for its
    /// token, which has to be [reissued](Self::reissue), or it is invalid or failed as it was and
    /// waits for somebody to mend it or try it again. Its trail begins with an event `imported`
    /// that says where it comes from. A task whose id there is already, also of one that was
    /// removed, is left alone.
    ///
    /// # Errors
    ///
    /// [`EngineError::UnknownType`], [`EngineError::UnknownAction`] and [`EngineError::Fields`] if
    /// it is not one that could have been asked for here; [`EngineError::Duplicate`] of an open
    /// task; [`EngineError::NoStage`] if its type has no such stage.
    pub async fn adopt(&self, from: &Adoption, write: bool) -> Result<Adopted, EngineError> {
        if self.store().trail(&from.id).await?.is_some() {
            return Ok(Adopted::Before);
        }
        let task = self.adopted(from)?;
        if let Some(open) = self.store().open_task(&task.hash_key).await? {
            return Err(EngineError::Duplicate(open));
        }
        if !write {
            return Ok(Adopted::Now(Box::new(task)));
        }
        let (mut draft, system) = (self.draft(task), Caller::system());
        let details = json!({
            "from": from.origin,
            "inputs": draft.inputs(),
            "state": draft.task().state().as_str(),
            "stage": draft.task().stage(),
        });
        draft.event("imported", &system, &details);
        tell(&mut draft, from);
        let change = draft.into_change();
        match self.commit(std::slice::from_ref(&change)).await? {
            Committed::Done => Ok(Adopted::Now(Box::new(change.task))),
            _ => match self.store().open_task(&change.task.hash_key).await? {
                Some(open) if open != from.id => Err(EngineError::Duplicate(open)),
                _ => Ok(Adopted::Before),
            },
        }
    }

    /// The task as it is to be.
    fn adopted(&self, from: &Adoption) -> Result<Task, EngineError> {
        let registry = self.registry();
        let known = registry.find_type(&from.task_type);
        let known = known.ok_or_else(|| EngineError::UnknownType(from.task_type.clone()))?;
        let mut actions = Vec::with_capacity(from.actions.len());
        for old in &from.actions {
            let mut new = old.clone();
            new.data = registry.named(&old.name)?.validate(&old.data)?;
            actions.push(new);
        }
        let mut task = Task {
            id: from.id.clone(),
            task_type: from.task_type.clone(),
            stages: known.stages.clone(),
            position: Position::START,
            run: 0,
            requester: from.requester.clone(),
            project_id: from.requester.project_id().map(str::to_owned),
            hash_key: known.hash(&actions),
            shared: from.shared.clone(),
            created_on: from.created_on,
            opened: None,
            approved: None,
            completed_on: None,
            cancelled_on: None,
            actions,
            trail: Trail::default(),
            revision: 0,
        };
        place(&mut task, &from.reached)?;
        Ok(task)
    }
}

/// Puts a task where it stands still, and says who has opened the gates before.
fn place(task: &mut Task, reached: &Reached) -> Result<(), EngineError> {
    let find = |gate: fn(Gate) -> bool| {
        let place = task.stages.iter().position(|it| gate(it.gate));
        place.ok_or_else(|| EngineError::NoStage(task.task_type.clone()))
    };
    let approval = find(Gate::is_approval)?;
    let valid = task.actions.iter().all(|it| it.valid);
    let stopped = if valid {
        TaskState::Failed
    } else {
        TaskState::Invalid
    };
    let asked = Signature {
        by: task.requester.clone(),
        on: task.created_on,
    };
    let (state, stage, opened) = match reached {
        Reached::Asked if valid => (TaskState::Waiting, approval, asked),
        Reached::Asked => (TaskState::Invalid, 0, asked),
        Reached::Approved(signature) => (stopped, approval, signature.clone()),
        Reached::Done(signature) => {
            let token = find(|gate| gate == Gate::Token)?;
            task.approved = Some(signature.clone());
            let waits = valid && task.needs_token();
            let state = if waits { TaskState::Waiting } else { stopped };
            (state, token, signature.clone())
        }
    };
    task.position = Position::at(state, stage);
    task.opened = Some(opened);
    // The runs that a task has by then which always went well.
    let begun = if state == TaskState::Waiting {
        stage
    } else {
        stage.saturating_add(1)
    };
    task.run = u32::try_from(begun).unwrap_or(u32::MAX);
    let done = if state == TaskState::Failed {
        0
    } else {
        task.run
    };
    for action in &mut task.actions {
        action.done_run = done;
    }
    Ok(())
}

/// Writes down what was said about a task elsewhere, and why its actions are invalid: it is the
/// last that each of them said.
fn tell(draft: &mut Draft<'_>, from: &Adoption) {
    let system = Caller::system();
    for (action, text) in &from.notes {
        let details = match action {
            Some(action) => json!({ "action": action, "text": text }),
            None => json!({ "text": text }),
        };
        draft.event("note", &system, &details);
    }
    for action in from.actions.iter().filter(|it| !it.valid) {
        let mut notes = from.notes.iter().rev();
        let last = notes.find(|(of, _)| of.as_ref() == Some(&action.name));
        let text = last.map_or("It was invalid when it was imported.", |(_, text)| text);
        let stage = draft.task().stage();
        let details = json!({
            "stage": stage, "action": action.name, "code": "imported_invalid", "text": text,
        });
        draft.event("invalid", &system, &details);
    }
    for (error, text) in &from.notices {
        draft.note_down(*error, text.clone());
    }
}
