//! Runs the stages of one action without an engine, for the tests of whoever writes actions.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value};

use super::{
    Action, ActionError, Begun, Caller, Context, FieldErrors, Letter, Outcome, TaskId, Timestamp,
    TokenData,
    context::{About, Journal, JournalFuture, Memory},
    field,
};

/// An action with its inputs, and all that it remembers from stage to stage.
#[derive(Debug)]
pub struct Trial<'a, A: ?Sized> {
    action: &'a A,
    task: TaskId,
    requester: Caller,
    data: Map<String, Value>,
    token: TokenData,
    memory: Memory,
    run: u32,
    now: Timestamp,
    steps: Steps,
}

#[derive(Debug, Default)]
struct Steps {
    /// What each step left: nothing if it was only begun.
    known: Mutex<BTreeMap<String, Option<String>>>,
    stage: String,
    last_completed: Option<Timestamp>,
}

impl<'a, A: Action + ?Sized> Trial<'a, A> {
    /// An action that was asked for with this body, by nobody in particular.
    ///
    /// # Errors
    ///
    /// The fields that the action does not take.
    pub fn new(action: &'a A, body: Value) -> Result<Self, FieldErrors> {
        let body = match body {
            Value::Object(body) => body,
            _ => Map::new(),
        };
        Ok(Self {
            action,
            task: TaskId::random(),
            requester: Caller::anonymous(),
            data: action.validate(&body)?,
            token: TokenData::default(),
            memory: Memory {
                state: "default".into(),
                ..Memory::default()
            },
            run: 0,
            now: Timestamp::default(),
            steps: Steps::default(),
        })
    }

    /// Sets who asks.
    #[must_use]
    pub fn requester(mut self, requester: Caller) -> Self {
        self.requester = requester;
        self
    }

    /// Sets when it runs: in 1970, if it is not set.
    #[must_use]
    pub const fn now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Sets when a task of its type was completed last in the project.
    #[must_use]
    pub const fn last_completed(mut self, on: Timestamp) -> Self {
        self.steps.last_completed = Some(on);
        self
    }

    /// Sets what an action before this one has shared.
    #[must_use]
    pub fn shared(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.memory.shared.insert(key.into(), value.into());
        self
    }

    /// Submits values for the fields that the action has asked for.
    ///
    /// # Errors
    ///
    /// The fields that are missing or wrong.
    pub fn submit(&mut self, body: &Map<String, Value>) -> Result<(), FieldErrors> {
        let asked = |it: &&field::Field| self.memory.token_fields.iter().any(|f| f == it.name());
        let fields = self.action.token_fields().iter().filter(asked);
        self.token = TokenData(field::read(fields, body)?);
        Ok(())
    }

    /// Runs a stage, or runs it again. As in the engine, what the action remembers is kept only if
    /// it ends without an error; the steps are kept in any case.
    ///
    /// # Errors
    ///
    /// The action's own.
    pub async fn run(&mut self, stage: &str) -> Result<Outcome, ActionError> {
        self.run += 1;
        stage.clone_into(&mut self.steps.stage);
        let mut ctx = Context {
            about: About {
                task: &self.task,
                task_type: "trial",
                stage,
                run: self.run,
                now: self.now,
                valid: true,
                requester: &self.requester,
                data: &self.data,
                token: &self.token,
            },
            memory: self.memory.clone(),
            journal: &self.steps,
            named: Mutex::default(),
        };
        let outcome = self.action.run(stage, &mut ctx).await?;
        self.memory = ctx.memory;
        if let Outcome::Invalid(reason) = &outcome {
            self.memory.notes.push(reason.message.clone());
        }
        Ok(outcome)
    }

    /// Forgets that a step was done, but not that it was begun: as if the process had died before
    /// it could write the result.
    pub fn forget_result(&mut self, stage: &str, step: &str) {
        if let Some(result) = self.steps.known().get_mut(&format!("{stage}/{step}")) {
            *result = None;
        }
    }

    /// The task's id.
    #[must_use]
    pub const fn task_id(&self) -> &TaskId {
        &self.task
    }

    /// The steps that were begun, as `stage/step`, and whether they are done.
    #[must_use]
    pub fn steps(&self) -> Vec<(String, bool)> {
        let known = self.steps.known();
        let told = known.iter().map(|(step, it)| (step.clone(), it.is_some()));
        told.collect()
    }

    /// The notes so far.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.memory.notes
    }

    /// The letters that are to be sent.
    #[must_use]
    pub fn letters(&self) -> &[Letter] {
        &self.memory.letters
    }

    /// What the action remembers.
    #[must_use]
    pub const fn cache(&self) -> &Map<String, Value> {
        &self.memory.cache
    }

    /// What it has told other actions, and they it.
    #[must_use]
    pub const fn shared_cache(&self) -> &Map<String, Value> {
        &self.memory.shared
    }

    /// The word that it has set for itself.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.memory.state
    }

    /// The fields it asks the holder of a token for.
    #[must_use]
    pub fn token_fields(&self) -> &[String] {
        &self.memory.token_fields
    }

    /// How it votes on automatic approval.
    #[must_use]
    pub const fn vote(&self) -> Option<bool> {
        self.memory.vote
    }
}

impl Steps {
    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Option<String>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, step: &str) -> String {
        format!("{}/{step}", self.stage)
    }
}

impl Journal for Steps {
    fn begin<'a>(&'a self, step: &'a str) -> JournalFuture<'a, Begun> {
        let mut known = self.known();
        let begun = match known.get(&self.key(step)) {
            None => Begun::First,
            Some(None) => Begun::Before,
            Some(Some(result)) => Begun::Done(result.clone()),
        };
        known.entry(self.key(step)).or_default();
        Box::pin(async move { Ok(begun) })
    }

    fn finish<'a>(&'a self, step: &'a str, result: String) -> JournalFuture<'a, ()> {
        self.known().insert(self.key(step), Some(result));
        Box::pin(async { Ok(()) })
    }

    fn last_completed(&self) -> JournalFuture<'_, Option<Timestamp>> {
        Box::pin(async { Ok(self.last_completed) })
    }
}
