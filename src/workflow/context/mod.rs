//! What an action has at hand while one of its stages runs.

use std::{
    collections::BTreeSet,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{ActionError, Caller, Letter, TaskId, Timestamp};

/// The task, the action's inputs and memory, and the journal of its steps.
///
/// What an action changes here is kept when its stage has ended well, together with that end.
/// After an error or a crash the stage begins anew with what was kept before, and with its
/// finished steps.
#[derive(Debug)]
pub struct Context<'a> {
    pub(super) about: About<'a>,
    pub(super) memory: Memory,
    pub(super) journal: &'a dyn Journal,
    /// The steps of this attempt: the same name twice would be taken for the same effect.
    pub(super) named: Mutex<BTreeSet<String>>,
}

/// What does not change while a stage runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub(super) task: &'a TaskId,
    pub(super) task_type: &'a str,
    pub(super) stage: &'a str,
    pub(super) run: u32,
    pub(super) now: Timestamp,
    /// Whether all actions before this one are valid.
    pub(super) valid: bool,
    pub(super) requester: &'a Caller,
    pub(super) data: &'a Map<String, Value>,
    pub(super) token: &'a TokenData,
}

/// What an action changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub(super) cache: Map<String, Value>,
    pub(super) shared: Map<String, Value>,
    pub(super) state: String,
    pub(super) token_fields: Vec<String>,
    pub(super) vote: Option<bool>,
    pub(super) notes: Vec<String>,
    pub(super) letters: Vec<Letter>,
}

/// What the holder of a token submitted. It is not printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TokenData(pub(super) Map<String, Value>);

/// What is known of a step before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Begun {
    /// An attempt before this one began it, and nobody knows how far it came.
    Before,
    /// It is done, with this result in JSON.
    Done(String),
    /// It has never been begun.
    First,
}

/// Keeps which steps were begun and done, for a stage of an action.
pub(super) trait Journal: fmt::Debug + Send + Sync {
    fn begin<'a>(&'a self, step: &'a str) -> JournalFuture<'a, Begun>;
    fn finish<'a>(&'a self, step: &'a str, result: String) -> JournalFuture<'a, ()>;
    fn last_completed(&self) -> JournalFuture<'_, Option<Timestamp>>;
}

pub(super) type JournalFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, ActionError>> + Send + 'a>>;

impl Context<'_> {
    /// The task's id.
    #[must_use]
    pub const fn task_id(&self) -> &TaskId {
        self.about.task
    }

    /// The task's type.
    #[must_use]
    pub const fn task_type(&self) -> &str {
        self.about.task_type
    }

    /// The stage that runs.
    #[must_use]
    pub const fn stage(&self) -> &str {
        self.about.stage
    }

    /// How many stages of the task were begun, this one included. Attempts of one run have the
    /// same number; a stage that is run again, with another token or another approval, has a
    /// higher one. A step whose effect depends on what was submitted has it in its name.
    #[must_use]
    pub const fn run_number(&self) -> u32 {
        self.about.run
    }

    /// When this attempt began.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.about.now
    }

    /// Whether all actions before this one found themselves valid in this stage. Only in the
    /// first stage an action is asked after an invalid one.
    #[must_use]
    pub const fn valid_so_far(&self) -> bool {
        self.about.valid
    }

    /// When a task of this type that was asked for in the same project was completed last, as far
    /// as the last 1000 of them tell.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn last_completed(&self) -> Result<Option<Timestamp>, ActionError> {
        self.journal.last_completed().await
    }

    /// Who asked for the task.
    #[must_use]
    pub const fn requester(&self) -> &Caller {
        self.about.requester
    }

    /// The action's inputs, as [`validate`](super::Action::validate) left them.
    #[must_use]
    pub const fn inputs(&self) -> &Map<String, Value> {
        self.about.data
    }

    /// One of the inputs. `Option` is for one that need not be there.
    ///
    /// # Errors
    ///
    /// A fatal one if it is not there or of another type.
    pub fn input<T: DeserializeOwned>(&self, field: &str) -> Result<T, ActionError> {
        let value = self.about.data.get(field).cloned().unwrap_or_default();
        serde_json::from_value(value)
            .map_err(|_| ActionError::fatal(format_args!("input `{field}` is not what it was")))
    }

    /// What the token's holder submitted for one of the fields that were [asked](Self::ask) for.
    #[must_use]
    pub fn submitted(&self, field: &str) -> Option<&Value> {
        self.about.token.0.get(field)
    }

    /// What this action remembers from stage to stage.
    #[must_use]
    pub const fn cache(&self) -> &Map<String, Value> {
        &self.memory.cache
    }

    /// Remembers something for later stages of this action.
    pub fn remember(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.memory.cache.insert(key.into(), value.into());
    }

    /// What the task's actions have told each other.
    #[must_use]
    pub const fn shared(&self) -> &Map<String, Value> {
        &self.memory.shared
    }

    /// Tells something to the actions after this one, in this stage and in later ones.
    pub fn share(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.memory.shared.insert(key.into(), value.into());
    }

    /// The word that the action last set for itself; `default` at first.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.memory.state
    }

    /// Sets a word for later stages to go by.
    pub fn set_state(&mut self, state: impl Into<String>) {
        self.memory.state = state.into();
    }

    /// Asks the holder of a token for these of the action's
    /// [`token_fields`](super::Action::token_fields), and for no others. None means that
    /// this action needs no token.
    pub fn ask<I: IntoIterator<Item: Into<String>>>(&mut self, fields: I) {
        self.memory.token_fields = fields.into_iter().map(Into::into).collect();
    }

    /// Votes for approval by the engine, or for that of a person.
    pub fn vote(&mut self, auto_approve: bool) {
        self.memory.vote = Some(auto_approve);
    }

    /// Leaves a note with the task.
    pub fn note(&mut self, text: impl Into<String>) {
        self.memory.notes.push(text.into());
    }

    /// Has a letter sent, when the stage of this action has ended well.
    pub fn send(&mut self, letter: Letter) {
        self.memory.letters.push(letter);
    }

    /// Has an effect once, whatever happens meanwhile.
    ///
    /// 1. A step that is done is not done again: its result is what it was.
    /// 2. The intent is written before `act` begins, the result after it. `act` is not begun if
    ///    the intent cannot be written.
    /// 3. If an earlier attempt wrote the intent but no result, `look` runs first. What it finds is
    ///    the result, and `act` does not run. `look` must tell what `act` made from what was there
    ///    before, by an id or a mark of the task.
    /// 4. A first attempt does not look: what is there then is somebody else's, and to take it
    ///    over would be a way into it.
    ///
    /// The result is kept in the clear: it must hold no secret.
    ///
    /// # Errors
    ///
    /// Those of `look` and `act`; a fatal one for a name that has come before in this stage, is
    /// empty, has control characters or more than 512 bytes. Pass errors on: a stage that goes on after one may have its later steps done without its
    /// earlier ones.
    pub async fn step<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        look: impl Future<Output = Result<Option<T>, ActionError>> + Send,
        act: impl Future<Output = Result<T, ActionError>> + Send,
    ) -> Result<T, ActionError> {
        if !(1..=LONGEST_NAME).contains(&name.len()) || name.contains(char::is_control) {
            return Err(ActionError::fatal("a step has a name that cannot be kept"));
        }
        let fresh = {
            let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
            named.insert(name.to_owned())
        };
        if !fresh {
            let twice = format_args!("two steps are named `{name}`");
            return Err(ActionError::fatal(twice));
        }
        let found = match self.journal.begin(name).await? {
            Begun::Done(result) => {
                return serde_json::from_str(&result).map_err(|_| {
                    ActionError::fatal(format_args!("the result of step `{name}` is unreadable"))
                });
            }
            Begun::Before => look.await?,
            Begun::First => None,
        };
        let result = match found {
            Some(found) => found,
            None => act.await?,
        };
        let text = serde_json::to_string(&result).map_err(|_| {
            ActionError::fatal(format_args!("the result of step `{name}` is no JSON"))
        })?;
        self.journal.finish(name, text).await?;
        Ok(result)
    }
}

impl fmt::Debug for TokenData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<_> = self.0.keys().collect();
        f.debug_tuple("TokenData").field(&fields).finish()
    }
}

/// What fits the index of either database.
const LONGEST_NAME: usize = 512;

#[cfg(test)]
mod tests;
