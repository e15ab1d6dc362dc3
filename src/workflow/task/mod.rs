//! A task: what was asked for, how far it came, and which way it may go.

mod state;

use serde_json::{Map, Value};

pub use state::{Move, Position, Refused, TaskState};

use super::{Caller, Stages, TaskId, Timestamp, Who, context::Memory, stage::Gate};

/// A request made of actions.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The name of its type.
    pub task_type: String,
    /// Its stages, as its type declared them when it was asked for.
    pub stages: Stages,
    /// How far it came.
    pub position: Position,
    /// How many stages were begun, those included that had to be begun again.
    pub run: u32,
    /// Who asked for it, and from where.
    pub requester: Caller,
    /// The project that it was asked for in.
    pub project_id: Option<String>,
    /// What makes it equal to another: 64 hexadecimal digits of its type and inputs.
    pub hash_key: String,
    /// What its actions have told each other.
    pub shared: Map<String, Value>,
    /// When it was asked for.
    pub created_on: Timestamp,
    /// Who opened the gate of the stage that was last begun, and when.
    pub opened: Option<Signature>,
    /// Who approved it, and when. There is nothing here before the approved stage has run.
    pub approved: Option<Signature>,
    /// When its last stage was done.
    pub completed_on: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_on: Option<Timestamp>,
    /// Its actions in their order.
    pub actions: Vec<ActionRecord>,
    /// How many events its audit trail has, and the hash of its end.
    pub trail: Trail,
    /// Counts its changes: each is made to the task that it was thought of for, or not at all.
    pub revision: u64,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signature {
    /// Who.
    pub by: Caller,
    /// When.
    pub on: Timestamp,
}

/// The end of a task's audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trail {
    /// How many events there are.
    pub length: u64,
    /// The hash of its end, as 64 hexadecimal digits; empty before the first event.
    pub hash: String,
}

/// An action of a task.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ActionRecord {
    /// The name under which the action is registered.
    pub name: String,
    /// Its inputs.
    pub data: Map<String, Value>,
    /// The word that it last set for itself.
    pub state: String,
    /// Whether it found itself valid when it last ran.
    pub valid: bool,
    /// Which fields it asks the holder of a token for.
    pub token_fields: Vec<String>,
    /// How it votes on automatic approval.
    pub auto_approve: Option<bool>,
    /// What it remembers.
    pub cache: Map<String, Value>,
    /// The last run in which it did its part.
    pub done_run: u32,
}

impl Task {
    /// The state.
    #[must_use]
    pub const fn state(&self) -> TaskState {
        self.position.state
    }

    /// The name of the stage that runs, is waited for, or came last.
    #[must_use]
    pub fn stage(&self) -> &str {
        let stage = self.stages.at(self.position.stage);
        stage.map_or("", |stage| stage.name.as_str())
    }

    /// What opens that stage.
    #[must_use]
    pub fn gate(&self) -> Gate {
        self.stages.gate(self.position.stage).unwrap_or_default()
    }

    /// Whether an action asks for a token.
    #[must_use]
    pub fn needs_token(&self) -> bool {
        self.actions.iter().any(|it| !it.token_fields.is_empty())
    }

    /// Whether it waits for a token, or could be tried again with one.
    #[must_use]
    pub fn takes_token(&self) -> bool {
        self.next(Move::Token).is_ok()
    }

    /// The fields that a token's holder has to submit, in the order of the actions.
    #[must_use]
    pub fn required_fields(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = Vec::new();
        for field in self.actions.iter().flat_map(|it| &it.token_fields) {
            if !fields.contains(&field.as_str()) {
                fields.push(field);
            }
        }
        fields
    }

    /// Whether another task like this one may take its place, if this caller asks for it: not if
    /// a user has asked for this one and the caller is another, nor while it acts, nor when a
    /// person has approved it. Else a stranger who knows the inputs could undo what was granted.
    pub(super) fn gives_way_to(&self, caller: &Caller) -> bool {
        let user = |it: &Caller| it.keystone_user().map(|it| it.user_id.clone());
        let own = user(&self.requester).is_none_or(|it| user(caller) == Some(it));
        let acts = self.state() == TaskState::Running && self.position.stage > 0;
        // While it waits, what was opened is the stage before.
        let passed = self.gate().is_approval() && self.state() != TaskState::Waiting;
        let opened = self.opened.as_ref().filter(|_| passed);
        let mut signed = self.approved.iter().chain(opened);
        own && !acts && !signed.any(|it| it.by.who != Who::System)
    }

    /// The actions' common vote: against if one is, else for if one is.
    pub(super) fn vote(&self) -> Option<bool> {
        let votes = self.actions.iter().filter_map(|it| it.auto_approve);
        votes.reduce(|one, other| one && other)
    }
}

impl Signature {
    /// That this one did it then.
    #[must_use]
    pub const fn new(by: Caller, on: Timestamp) -> Self {
        Self { by, on }
    }
}

impl ActionRecord {
    /// An action that has not run yet.
    pub(super) fn new(name: impl Into<String>, data: Map<String, Value>) -> Self {
        Self {
            name: name.into(),
            data,
            state: "default".into(),
            ..Self::default()
        }
    }

    /// What the action is given to remember by.
    pub(super) fn memory(&self, shared: &Map<String, Value>) -> Memory {
        Memory {
            cache: self.cache.clone(),
            shared: shared.clone(),
            state: self.state.clone(),
            token_fields: self.token_fields.clone(),
            vote: self.auto_approve,
            notes: Vec::new(),
            letters: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
