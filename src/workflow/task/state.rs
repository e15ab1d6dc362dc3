//! The state table.

use std::fmt;

use super::{Gate, Task};

/// What a task does at its stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskState {
    /// It was given up. Nothing changes it any more.
    Cancelled,
    /// Its last stage is done. Nothing changes it any more.
    Completed,
    /// An action of the stage ended with an error.
    Failed,
    /// An action of the stage found that it cannot do what it was asked to.
    Invalid,
    /// Its actions are run, or are about to be.
    Running,
    /// The gate of the stage is shut.
    Waiting,
}

/// How far a task came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Position {
    /// What it does there.
    pub state: TaskState,
    /// The stage, counted from 0.
    pub stage: usize,
}

/// What happens to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Move {
    /// The stage's actions are done, and valid.
    Advance,
    /// Somebody approves.
    Approve,
    /// Somebody gives it up.
    Cancel,
    /// An action of the stage ended with an error.
    Fail,
    /// An action of the stage is invalid.
    Invalidate,
    /// Somebody wants the stage tried again.
    Retry,
    /// The timer has run out.
    Timer,
    /// Somebody submits the token.
    Token,
    /// Somebody changes the inputs.
    Update,
}

/// Why something cannot happen to a task now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Its inputs have to be changed first, or it has to be tried again.
    #[error("an action is invalid")]
    ActionsInvalid,
    /// It was approved.
    #[error("the task has been approved")]
    Approved,
    /// It was given up.
    #[error("the task has been cancelled")]
    Cancelled,
    /// It is done.
    #[error("the task has been completed")]
    Completed,
    /// Nothing has failed that could be tried again.
    #[error("nothing has failed")]
    NothingFailed,
    /// The stage is not, or no longer, under way.
    #[error("no stage is running")]
    NotRunning,
    /// It does not wait for that.
    #[error("the task does not wait for that")]
    NotWaited,
    /// Its stage is under way.
    #[error("a stage is running")]
    Running,
    /// It goes on with a token only.
    #[error("the task waits for its token")]
    TokenNeeded,
}

impl Position {
    /// Where a task begins.
    pub(in crate::workflow) const START: Self = Self::at(TaskState::Running, 0);

    /// At a stage.
    #[must_use]
    pub const fn at(state: TaskState, stage: usize) -> Self {
        Self { state, stage }
    }
}

impl TaskState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Cancelled,
        Self::Completed,
        Self::Failed,
        Self::Invalid,
        Self::Running,
        Self::Waiting,
    ];

    /// The name under which it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
            Self::Running => "running",
            Self::Waiting => "waiting",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Completed)
    }

    pub(in crate::workflow) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Task {
    /// Where the task comes to by this.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it cannot happen now.
    pub fn next(&self, what: Move) -> Result<Position, Refused> {
        let Position { state, stage } = self.position;
        let (gate, by_token) = (
            self.gate(),
            self.gate() == Gate::Token && self.needs_token(),
        );
        let to = |state| Ok(Position::at(state, stage));
        match (state, what) {
            (TaskState::Cancelled, _) => Err(Refused::Cancelled),
            (TaskState::Completed, _) => Err(Refused::Completed),
            (_, Move::Cancel) => to(TaskState::Cancelled),

            (TaskState::Running, Move::Advance) => Ok(self.enter(stage.saturating_add(1))),
            (TaskState::Running, Move::Fail) => to(TaskState::Failed),
            (TaskState::Running, Move::Invalidate) => to(TaskState::Invalid),
            (TaskState::Running, _) => Err(Refused::Running),
            (_, Move::Advance | Move::Fail | Move::Invalidate) => Err(Refused::NotRunning),

            (_, Move::Update) if self.approved.is_some() => Err(Refused::Approved),
            (_, Move::Update) => Ok(Position::START),

            // An invalid action has to be mended or validated again before anybody approves.
            (TaskState::Invalid, Move::Approve) => Err(Refused::ActionsInvalid),
            (_, Move::Approve) if gate.is_approval() => to(TaskState::Running),
            (_, Move::Approve) if self.approved.is_some() => Err(Refused::Approved),
            (_, Move::Approve) => Err(Refused::NotWaited),

            (_, Move::Token) if by_token => to(TaskState::Running),
            (_, Move::Token) => Err(Refused::NotWaited),

            (TaskState::Waiting, Move::Timer) if gate.timer().is_some() => to(TaskState::Running),
            (_, Move::Timer) => Err(Refused::NotWaited),

            (TaskState::Waiting, Move::Retry) => Err(Refused::NothingFailed),
            // What was submitted is not kept, so only its holder can try again.
            (_, Move::Retry) if by_token => Err(Refused::TokenNeeded),
            // Before approval, what was invalid is validated from the beginning.
            (TaskState::Invalid, Move::Retry) if self.approved.is_none() => Ok(Position::START),
            (_, Move::Retry) => to(TaskState::Running),
        }
    }

    /// Where the task is when all stages before this one are done.
    fn enter(&self, stage: usize) -> Position {
        let state = match self.stages.gate(stage) {
            None => return Position::at(TaskState::Completed, self.position.stage),
            Some(Gate::AutoApproval | Gate::Open) => TaskState::Running,
            Some(Gate::Approval | Gate::Timer { .. }) => TaskState::Waiting,
            Some(Gate::Token) if self.needs_token() => TaskState::Waiting,
            Some(Gate::Token) => TaskState::Running,
            Some(Gate::Vote) if self.vote() == Some(true) => TaskState::Running,
            Some(Gate::Vote) => TaskState::Waiting,
        };
        Position::at(state, stage)
    }
}
