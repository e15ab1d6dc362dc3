//! A change of a task while it is thought of, with all that comes of it.

use serde_json::{Map, Value, json};

use super::Engine;
use crate::workflow::{
    Caller, ErrorClass, ErrorPolicy, Event, Job, JobKind, Letter, Mail, Move, Notification,
    NotificationId, Position, Signature, Stages, Task, TaskId, TaskState, Timestamp, Token,
    TokenData, TokenSecret, Trail,
    error::EngineError,
    stage::Gate,
    store::{ByJob, Change, TokenChange},
    task::ActionRecord,
};

/// A change that is not written yet.
pub(in crate::workflow) struct Draft<'a> {
    engine: &'a Engine,
    change: Change,
    now: Timestamp,
}

impl<'a> Draft<'a> {
    pub(super) fn of(engine: &'a Engine, task: Task) -> Self {
        Self {
            engine,
            change: Change::to(task),
            now: engine.now(),
        }
    }

    /// A task that nobody has heard of yet.
    pub(super) fn new(
        engine: &'a Engine,
        (task_type, stages): (&str, &Stages),
        (hash_key, actions): (&str, &[ActionRecord]),
        requester: &Caller,
    ) -> Result<Self, EngineError> {
        let task = Task {
            id: TaskId::random(),
            task_type: task_type.to_owned(),
            stages: stages.clone(),
            position: Position::START,
            run: 0,
            requester: requester.clone(),
            project_id: requester.project_id().map(str::to_owned),
            hash_key: hash_key.to_owned(),
            shared: Map::new(),
            created_on: engine.now(),
            opened: None,
            approved: None,
            completed_on: None,
            cancelled_on: None,
            actions: actions.to_vec(),
            trail: Trail::default(),
            revision: 0,
        };
        let mut draft = Self::of(engine, task);
        let inputs = draft.inputs();
        draft.event("submitted", requester, &json!({ "inputs": inputs }));
        draft.mail(Mail::Initial);
        draft.go(Position::START, requester)?;
        Ok(draft)
    }

    pub(in crate::workflow) const fn task(&self) -> &Task {
        &self.change.task
    }

    pub(in crate::workflow) fn into_change(self) -> Change {
        self.change
    }

    /// What the task's actions were asked for.
    pub(super) fn inputs(&self) -> Value {
        let actions = self.change.task.actions.iter();
        Value::Object(
            actions
                .map(|it| (it.name.clone(), json!(it.data)))
                .collect(),
        )
    }

    pub(in crate::workflow) fn event(&mut self, kind: &str, by: &Caller, details: &Value) {
        let task = &mut self.change.task;
        let signed = (by.clone(), self.now);
        let at = (&task.id, &task.trail);
        let event = Event::next(self.engine.key(), at, signed, kind, details);
        task.trail = event.end(self.engine.key());
        self.change.events.push(event);
    }

    /// Tells operators something: of an error of this class, or of no error.
    pub(in crate::workflow) fn notify(&mut self, error: Option<ErrorClass>, note: String) {
        let id = self.note_down(error.is_some(), note);
        let (deliver, task) = (self.engine.deliver(), &self.change.task);
        let policy = error.map_or_else(ErrorPolicy::new, |class| deliver.error_policy(task, class));
        let tell = policy.engines && !deliver.engines(task, error.is_some()).is_empty();
        if policy.acknowledge {
            self.acknowledge(id.clone(), &Caller::system());
        }
        if tell {
            self.job(JobKind::Notification(id), self.now);
        }
    }

    /// Leaves something for operators to find, without telling them.
    pub(in crate::workflow) fn note_down(&mut self, error: bool, note: String) -> NotificationId {
        let notification = Notification::new(&self.change.task.id, error, note, self.now);
        let id = notification.id.clone();
        self.change.notifications.push(notification);
        id
    }

    pub(in crate::workflow) fn acknowledge(&mut self, id: NotificationId, by: &Caller) {
        let signature = self.signature(by);
        self.change.acknowledged = Some((vec![id], signature));
    }

    /// Says for which job the change is made, and what becomes of it.
    pub(in crate::workflow) fn by_job(&mut self, by: ByJob) {
        self.change.by_job = Some(by);
    }

    /// The record of an action, to be changed.
    pub(in crate::workflow) fn action(&mut self, place: usize) -> Option<&mut ActionRecord> {
        if !self.change.actions.contains(&place) {
            self.change.actions.push(place);
        }
        self.change.task.actions.get_mut(place)
    }

    pub(in crate::workflow) fn share(&mut self, shared: Map<String, Value>) {
        self.change.task.shared = shared;
    }

    /// Takes the task to where it comes to.
    pub(in crate::workflow) fn go(&mut self, to: Position, by: &Caller) -> Result<(), EngineError> {
        self.go_with(to, by, &TokenData::default())
    }

    /// The same, with what was submitted with a token.
    pub(super) fn go_with(
        &mut self,
        to: Position,
        by: &Caller,
        submitted: &TokenData,
    ) -> Result<(), EngineError> {
        self.place(to);
        let now = self.now;
        match to.state {
            TaskState::Running => {
                self.open(by);
                self.job(JobKind::Stage, now);
                if !submitted.0.is_empty() {
                    self.seal_last(Value::Object(submitted.0.clone()).to_string())?;
                }
            }
            TaskState::Waiting => match self.change.task.gate() {
                Gate::Token => self.issue_token()?,
                gate => match gate.timer() {
                    Some(timer) => self.job(JobKind::Stage, now.after(timer)),
                    None => {
                        let note = format!("'{}' task needs approval.", self.task().task_type);
                        self.notify(None, note);
                    }
                },
            },
            TaskState::Failed | TaskState::Invalid => {
                if self.change.task.gate() == Gate::Token {
                    self.change.token = TokenChange::Released;
                }
            }
            TaskState::Completed => {
                self.change.task.completed_on = Some(now);
                self.mail(Mail::Completed);
            }
            TaskState::Cancelled => self.change.task.cancelled_on = Some(now),
        }
        Ok(())
    }

    /// Opens the gate of a timer, for a job that is there already.
    pub(in crate::workflow) fn open_timer(&mut self, to: Position) {
        self.place(to);
        self.open(&Caller::system());
    }

    /// Takes the task to the next stage, whose job is a new one.
    pub(in crate::workflow) fn advance(&mut self) -> Result<(), EngineError> {
        let to = self.change.task.next(Move::Advance)?;
        let system = Caller::system();
        if self.change.task.gate().is_approval() {
            // Not before: what nobody has done yet nobody has approved.
            self.change.task.approved = self.change.task.opened.clone();
        }
        self.event(
            "stage_done",
            &system,
            &json!({ "stage": self.task().stage() }),
        );
        self.go(to, &system)?;
        if to.state == TaskState::Completed {
            self.event("completed", &system, &json!({}));
        }
        Ok(())
    }

    /// Begins again where the task failed, or from the beginning. Who has opened the gate remains
    /// the one who has: to try again is not to approve.
    pub(super) fn retry(&mut self, to: Position, by: &Caller) -> Result<(), EngineError> {
        let opened = self.change.task.opened.clone();
        if to == Position::START {
            return self.restart(by);
        }
        self.go(to, by)?;
        self.change.task.opened = opened;
        Ok(())
    }

    /// Begins from the beginning, with nothing remembered but the steps that were done.
    pub(super) fn restart(&mut self, by: &Caller) -> Result<(), EngineError> {
        for place in 0..self.change.task.actions.len() {
            if let Some(action) = self.action(place) {
                *action = ActionRecord::new(&*action.name, action.data.clone());
            }
        }
        self.change.task.shared = Map::new();
        self.go(Position::START, by)
    }

    /// Gives other inputs to the actions, and says what they were.
    pub(super) fn replace_inputs(&mut self, by: &Caller, actions: &[ActionRecord], hash: String) {
        let before = self.inputs();
        self.change.task.hash_key = hash;
        for (place, new) in actions.iter().enumerate() {
            if let Some(action) = self.action(place) {
                action.data = new.data.clone();
            }
        }
        let after = self.inputs();
        self.event("updated", by, &json!({ "before": before, "after": after }));
    }

    pub(super) fn cancel(&mut self, by: &Caller, note: Option<&str>) -> Result<(), EngineError> {
        let to = self.change.task.next(Move::Cancel)?;
        self.event("cancelled", by, &json!({ "stage": self.task().stage() }));
        if let Some(text) = note {
            self.event("note", by, &json!({ "text": text }));
        }
        self.go(to, by)
    }

    /// Replaces the token by a new one, which is mailed.
    pub(super) fn issue_token(&mut self) -> Result<(), EngineError> {
        let task_type = &self.change.task.task_type;
        let known = self.engine.registry().find_type(task_type);
        let life = known.ok_or_else(|| EngineError::UnknownType(task_type.clone()))?;
        let token = TokenSecret::random()?;
        self.change.token = TokenChange::Replaced(Token {
            task: self.change.task.id.clone(),
            hash: token.hash(),
            created_on: self.now,
            expires: self.now.after(life.token_life()),
            used_on: None,
        });
        self.mail(Mail::Token);
        self.seal_last(token.expose().to_owned())
    }

    /// Marks the token as used.
    pub(super) fn use_token(&mut self) {
        self.change.token = TokenChange::Used(self.now);
    }

    /// Has the task removed.
    pub(super) const fn remove(&mut self) {
        self.change.remove = true;
    }

    /// Drops the mail of a token that is about to be replaced.
    pub(super) const fn drop_jobs(&mut self) {
        self.change.drop_jobs = true;
    }

    fn place(&mut self, to: Position) {
        let from = self.change.task.position;
        self.change.task.position = to;
        if to.state.is_over() || from.stage != to.stage {
            // A token is for the gate that it was issued at.
            self.change.token = TokenChange::Removed;
        }
        if to == Position::START || to.state == TaskState::Cancelled {
            self.change.drop_jobs = true;
        }
    }

    fn open(&mut self, by: &Caller) {
        self.change.task.run = self.change.task.run.saturating_add(1);
        self.change.task.opened = Some(self.signature(by));
    }

    fn signature(&self, by: &Caller) -> Signature {
        Signature {
            by: by.clone(),
            on: self.now,
        }
    }

    fn mail(&mut self, mail: Mail) {
        self.job(JobKind::Mail(mail), self.now);
    }

    /// Has a letter sent.
    pub(in crate::workflow) fn letter(&mut self, letter: Letter) {
        self.job(JobKind::Letter(letter), self.now);
    }

    fn job(&mut self, kind: JobKind, due_on: Timestamp) {
        let job = Job::new(&self.change.task.id, kind, due_on);
        self.change.jobs.push(job);
    }

    /// Gives the newest job a secret.
    fn seal_last(&mut self, secret: String) -> Result<(), EngineError> {
        if let Some(job) = self.change.jobs.last_mut() {
            let sealed = self
                .engine
                .key()
                .seal(job.id.as_str(), secret.into_bytes())?;
            job.sealed = Some(sealed);
        }
        Ok(())
    }
}
