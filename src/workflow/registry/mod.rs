//! Actions and task types by their names.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Action, EngineError, FieldErrors, Kind, Stages, task::ActionRecord, token::hex};

/// A kind of task: StackTask's TaskView. It can be written in configuration:
///
/// ```
/// let text = r#"{"name": "signup", "actions": ["NewProject"], "duplicates": "cancel"}"#;
/// let task_type: wafflehaus::workflow::TaskType = serde_json::from_str(text)?;
/// assert_eq!(task_type.stages.at(1).unwrap().name, "post_approve");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// | key | default | meaning |
/// |---|---|---|
/// | `name` | required | what tasks of it are called |
/// | `actions` | required | the names of its actions, in their order |
/// | `stages` | the three ordinary ones | its stages and their gates |
/// | `duplicates` | `block` | what becomes of a task that is asked for while one like it is open |
/// | `token_seconds` | 86,400 | how long its tokens are good |
/// | `attempts` | 8 | how often a stage is tried before it has failed; at least 1 |
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TaskType {
    /// What tasks of it are called.
    pub name: String,
    /// The names of its actions, in their order.
    pub actions: Vec<String>,
    /// Its stages and their gates.
    #[serde(default)]
    pub stages: Stages,
    /// What becomes of a task that is asked for while one like it is open.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// How long its tokens are good.
    #[serde(default = "day")]
    pub token_seconds: u32,
    /// How often a stage is tried before it has failed.
    #[serde(default = "attempts")]
    pub attempts: u32,
}

/// What becomes of a task that is asked for while one with the same type and inputs is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Duplicates {
    /// It is refused.
    #[default]
    Block,
    /// It takes the place of the open one, which is cancelled: if that was asked for by nobody
    /// known or by the same user, no person has approved it, and none of its later stages is being
    /// run. Else it is refused.
    Cancel,
}

/// Actions and task types that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRegistry {
    /// A task type without attempts, or whose tokens are never good.
    #[error("task type `{0}` needs at least one attempt and one second for its tokens")]
    Limits(String),
    /// A task type without actions.
    #[error("task type `{0}` has no actions")]
    NoActions(String),
    /// An action with a secret among its inputs, which are kept in the clear.
    #[error("action `{action}` would keep its secret input `{field}` in the clear")]
    SecretInput {
        /// The action.
        action: String,
        /// The input.
        field: String,
    },
    /// A name that is taken.
    #[error("`{0}` is registered already")]
    Taken(String),
    /// A task type with an action that is not registered.
    #[error("task type `{task_type}` has an unknown action, `{action}`")]
    UnknownAction {
        /// The task type.
        task_type: String,
        /// What it calls the action.
        action: String,
    },
    /// A task type without a stage that the settings of one of its actions name.
    #[error(
        "task type `{task_type}` has no stage `{stage}`, which action `{action}` is set up for"
    )]
    UnknownStage {
        /// The task type.
        task_type: String,
        /// The action.
        action: String,
        /// What the action calls the stage.
        stage: String,
    },
}

/// What there is to do.
#[derive(Clone, Default)]
pub struct Registry {
    actions: BTreeMap<String, Arc<dyn Action>>,
    types: BTreeMap<String, TaskType>,
}

impl TaskType {
    /// A type with the ordinary stages.
    pub fn new<I: IntoIterator<Item: Into<String>>>(name: impl Into<String>, actions: I) -> Self {
        Self {
            name: name.into(),
            actions: actions.into_iter().map(Into::into).collect(),
            stages: Stages::default(),
            duplicates: Duplicates::default(),
            token_seconds: day(),
            attempts: attempts(),
        }
    }

    /// Sets the stages.
    #[must_use]
    pub fn stages(mut self, stages: Stages) -> Self {
        self.stages = stages;
        self
    }

    /// Sets what becomes of duplicates.
    #[must_use]
    pub const fn duplicates(mut self, duplicates: Duplicates) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// Sets how often a stage is tried.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets how many seconds a token is good.
    #[must_use]
    pub const fn token_seconds(mut self, seconds: u32) -> Self {
        self.token_seconds = seconds;
        self
    }

    pub(super) fn token_life(&self) -> Duration {
        Duration::from_secs(self.token_seconds.into())
    }

    /// What makes a task equal to another: the SHA-256 of this type's name, and of each action's
    /// name and inputs.
    pub(super) fn hash(&self, actions: &[ActionRecord]) -> String {
        let of: Vec<Value> = actions
            .iter()
            .map(|action| json!([action.name, action.data]))
            .collect();
        let mut all = json!([self.name, of]);
        // Some builds of `serde_json` keep the order in which members were sent.
        all.sort_all_objects();
        hex(digest(&SHA256, all.to_string().as_bytes()).as_ref())
    }
}

impl Registry {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an action.
    ///
    /// # Errors
    ///
    /// [`InvalidRegistry::Taken`] if there is one of that name; [`InvalidRegistry::SecretInput`] if
    /// it asks for a secret otherwise than by a token.
    pub fn action(mut self, action: impl Action) -> Result<Self, InvalidRegistry> {
        let name = action.name().to_owned();
        let mut fields = action.fields().iter();
        if let Some(field) = fields.find(|it| *it.kind() == Kind::Secret) {
            let (action, field) = (name, field.name().to_owned());
            return Err(InvalidRegistry::SecretInput { action, field });
        }
        if self
            .actions
            .insert(name.clone(), Arc::new(action))
            .is_some()
        {
            return Err(InvalidRegistry::Taken(name));
        }
        Ok(self)
    }

    /// Adds a type of which all actions are there.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn task_type(mut self, task_type: TaskType) -> Result<Self, InvalidRegistry> {
        let name = task_type.name.clone();
        if task_type.actions.is_empty() {
            return Err(InvalidRegistry::NoActions(name));
        }
        if task_type.attempts == 0 || task_type.token_seconds == 0 {
            return Err(InvalidRegistry::Limits(name));
        }
        let unknown = |it: &&String| !self.actions.contains_key(*it);
        if let Some(action) = task_type.actions.iter().find(unknown) {
            return Err(InvalidRegistry::UnknownAction {
                task_type: name,
                action: action.clone(),
            });
        }
        for (action, known) in task_type
            .actions
            .iter()
            .filter_map(|it| self.actions.get_key_value(it))
        {
            let there = |it: &&str| task_type.stages.iter().any(|stage| stage.name == **it);
            if let Some(stage) = known.stages().into_iter().find(|it| !there(it)) {
                return Err(InvalidRegistry::UnknownStage {
                    task_type: name,
                    action: action.clone(),
                    stage: stage.to_owned(),
                });
            }
        }
        if self.types.insert(name.clone(), task_type).is_some() {
            return Err(InvalidRegistry::Taken(name));
        }
        Ok(self)
    }

    /// The type of this name.
    #[must_use]
    pub fn find_type(&self, name: &str) -> Option<&TaskType> {
        self.types.get(name)
    }

    /// The action of this name.
    #[must_use]
    pub fn find_action(&self, name: &str) -> Option<&dyn Action> {
        self.actions.get(name).map(AsRef::as_ref)
    }

    /// All types.
    pub fn types(&self) -> impl Iterator<Item = &TaskType> {
        self.types.values()
    }

    /// The action that a task names.
    pub(super) fn named(&self, name: &str) -> Result<&dyn Action, EngineError> {
        let known = self.find_action(name);
        known.ok_or_else(|| EngineError::UnknownAction(name.to_owned()))
    }

    /// The named actions with what each takes of a request's body.
    pub(super) fn read<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        body: &Map<String, Value>,
    ) -> Result<Vec<ActionRecord>, EngineError> {
        let (mut records, mut errors) = (Vec::new(), FieldErrors::none());
        for name in names {
            match self.named(name)?.validate(body) {
                Ok(data) => records.push(ActionRecord::new(name, data)),
                Err(wrong) => errors.merge(wrong),
            }
        }
        Ok(errors.or(records)?)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("actions", &self.actions.keys())
            .field("types", &self.types)
            .finish()
    }
}

const fn day() -> u32 {
    86_400
}

const fn attempts() -> u32 {
    8
}

#[cfg(test)]
mod tests;
