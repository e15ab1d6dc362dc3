//! Copying tasks, one by one.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;

use super::{Here, Left, adoption, waits_for_token};
use crate::{
    workflow::{Adopted, Caller, Engine, EngineError, Task, TaskState},
    workflow_import::source::{Old, OldTask, Unreadable},
};

/// How tasks are copied.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CopyOptions {
    /// The id of the domain of users and projects.
    pub domain: String,
    /// Whether nothing is written, and only told what would become of each task.
    pub dry_run: bool,
    /// Whether each task that waits for a token is issued a new one, which is mailed.
    pub issue_tokens: bool,
}

/// What became of all tasks.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Copied {
    /// Of each that was open.
    pub tasks: Vec<Line>,
    /// How many had ended, and are not copied.
    pub ended: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// What became of a task.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Line {
    /// Its id, which is the same here.
    pub task: String,
    /// What it was called there.
    pub task_type: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
#[non_exhaustive]
pub enum Outcome {
    /// It is here now, or would be.
    Copied {
        /// What it is called here.
        becomes: String,
        /// `waiting`, `invalid` or `failed`.
        state: &'static str,
        /// The stage that it waits for, or that it stopped at.
        stage: String,
        /// What becomes of its token.
        token: TokenWord,
    },
    /// It is left where it is.
    Left {
        /// Why.
        reason: String,
    },
    /// It was copied before.
    There,
}

/// What becomes of a token. None is copied: here only their hashes are kept, and who could read
/// the other database knows them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenWord {
    /// A new one is mailed, or would be.
    Issued,
    /// The task waits for one that somebody has to have issued.
    Missing,
    /// The task does not wait for one.
    None,
}

impl Copied {
    /// How many tasks are left where they are.
    #[must_use]
    pub fn left(&self) -> usize {
        let left = |it: &&Line| matches!(it.outcome, Outcome::Left { .. });
        self.tasks.iter().filter(left).count()
    }
}

/// Copies all open tasks, each by itself. A second run finds what the first one copied.
///
/// # Errors
///
/// [`EngineError::Store`] if the database to copy into fails. Tasks that cannot be copied are no
/// error: they are among what is told.
pub async fn copy(
    old: &Old,
    engine: &Engine,
    options: &CopyOptions,
) -> Result<Copied, EngineError> {
    let (mut tasks, mut hashes) = (Vec::with_capacity(old.open.len()), BTreeSet::new());
    for task in &old.open {
        let (id, task_type) = match task {
            Ok(task) => (task.id.clone(), task.task_type.clone()),
            Err(unreadable) => (unreadable.task.clone(), String::new()),
        };
        let outcome = match one(task.as_ref(), engine, options, &mut hashes).await {
            Ok(outcome) => outcome,
            Err(Left::Engine(error @ EngineError::Store(_))) => return Err(error),
            Err(left) => Outcome::Left {
                reason: left.to_string(),
            },
        };
        tasks.push(Line {
            task: id,
            task_type,
            outcome,
        });
    }
    Ok(Copied {
        tasks,
        ended: old.ended,
        dry_run: options.dry_run,
    })
}

async fn one(
    old: Result<&OldTask, &Unreadable>,
    engine: &Engine,
    options: &CopyOptions,
    hashes: &mut BTreeSet<String>,
) -> Result<Outcome, Left> {
    let old = old.map_err(Clone::clone)?;
    let here = Here {
        registry: engine.registry(),
        domain: &options.domain,
    };
    let adoption = adoption(old, here)?;
    let mut task = match engine.adopt(&adoption, !options.dry_run).await? {
        Adopted::Now(task) => *task,
        Adopted::Before => return Ok(Outcome::There),
    };
    if options.dry_run && !hashes.insert(task.hash_key.clone()) {
        return Err(Left::Engine(EngineError::Duplicate(task.id)));
    }
    let waits = waits_for_token(&task);
    let token = match (waits, options.issue_tokens) {
        (false, _) => TokenWord::None,
        (true, false) => TokenWord::Missing,
        (true, true) => TokenWord::Issued,
    };
    if token == TokenWord::Issued && !options.dry_run {
        task = engine.reissue(&task.id, &Caller::system()).await?;
    }
    Ok(Outcome::of(&task, token))
}

impl Outcome {
    fn of(task: &Task, token: TokenWord) -> Self {
        Self::Copied {
            becomes: task.task_type.clone(),
            state: task.state().as_str(),
            stage: task.stage().to_owned(),
            token,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            task, task_type, ..
        } = self;
        write!(f, "{task} {task_type}: ")?;
        match &self.outcome {
            Outcome::Copied {
                becomes,
                state,
                stage,
                token,
            } => {
                let what = match *state == TaskState::Waiting.as_str() {
                    true => "waits for",
                    false => state,
                };
                write!(f, "copied as {becomes}, {what} {stage}")?;
                match token {
                    TokenWord::Issued => f.write_str("; a new token is mailed"),
                    TokenWord::Missing => f.write_str("; its token is not copied, issue a new one"),
                    TokenWord::None => Ok(()),
                }
            }
            Outcome::Left { reason } => write!(f, "left: {reason}"),
            Outcome::There => f.write_str("copied before"),
        }
    }
}

/// A line for each task, and one for all.
impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.tasks {
            writeln!(f, "{line}")?;
        }
        let there = self.tasks.iter().filter(|it| it.outcome == Outcome::There);
        let (there, left) = (there.count(), self.left());
        let copied = self.tasks.len().saturating_sub(there).saturating_sub(left);
        let done = if self.dry_run {
            "would be copied"
        } else {
            "copied"
        };
        write!(
            f,
            "{copied} {done}, {there} copied before, {left} left, {} ended and not copied",
            self.ended
        )
    }
}
