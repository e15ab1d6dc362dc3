//! Work that is due, and who has taken it on.
//!
//! 1. A job is written in the same transaction as the change that needs it, and removed in the
//!    same transaction as the change that comes of it.
//! 2. To claim a job is to make it due again at the end of a lease. Whoever works on it renews the
//!    lease; if nobody does, because the process died, the job is claimed again.
//! 3. Each claim counts as an attempt. What a worker writes is written only if the job still has
//!    its name and that number.
//! 4. When its attempts are used up a job is dead: it stays, without its secret, and is not
//!    claimed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{JobId, NotificationId, TaskId, Timestamp};

/// Something to be done for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The task.
    pub task: TaskId,
    /// What is to be done.
    pub kind: JobKind,
    /// A secret that it needs, sealed.
    pub sealed: Option<Vec<u8>>,
    /// When it may be claimed.
    pub due_on: Timestamp,
    /// How many times it was claimed.
    pub attempt: u32,
    /// Whether its attempts are used up.
    pub dead: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobKind {
    /// To send a letter that an action wants sent.
    Letter(Letter),
    /// To send one of the task's mails.
    Mail(Mail),
    /// To tell operators something.
    Notification(NotificationId),
    /// To run the stage that the task is at.
    Stage,
}

/// A mail to one address, beside those of the task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Letter {
    /// The name of its template.
    pub template: String,
    /// The address.
    pub to: String,
}

impl Letter {
    /// A letter to this address.
    pub fn new(template: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            template: template.into(),
            to: to.into(),
        }
    }
}

/// The mails of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mail {
    /// That it is done.
    Completed,
    /// That the request came in.
    Initial,
    /// The token.
    Token,
}

/// The right to write for a job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Who has claimed it.
    pub owner: String,
    /// Which of its claims that was.
    pub attempt: u32,
}

impl Job {
    pub(super) fn new(task: &TaskId, kind: JobKind, due_on: Timestamp) -> Self {
        Self {
            id: JobId::random(),
            task: task.clone(),
            kind,
            sealed: None,
            due_on,
            attempt: 0,
            dead: false,
        }
    }

    /// The right of whoever has just claimed it.
    pub(super) fn lease(&self, owner: &str) -> Lease {
        Lease {
            job: self.id.clone(),
            owner: owner.to_owned(),
            attempt: self.attempt,
        }
    }
}

impl Mail {
    /// The name under which it is kept, and of its template.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Initial => "initial",
            Self::Token => "token",
        }
    }
}

/// How long to wait before the next attempt: twice as long each time, less up to a half of it, so
/// that what failed together does not come back together. `random` is from 0 to 1.
pub(super) fn back_off(first: Duration, longest: Duration, attempt: u32, random: f64) -> Duration {
    let doubled = 1_u32.checked_shl(attempt.saturating_sub(1));
    let whole = first
        .saturating_mul(doubled.unwrap_or(u32::MAX))
        .min(longest);
    whole.mul_f64(1.0 - random.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pause = |attempt, random| {
            let (first, longest) = (Duration::from_secs(2), Duration::from_secs(60));
            back_off(first, longest, attempt, random).as_secs_f64()
        };
        assert_eq!([1, 2, 3, 4].map(|it| pause(it, 0.0)), [2.0, 4.0, 8.0, 16.0]);
        assert_eq!([6, 40, u32::MAX].map(|it| pause(it, 0.0)), [60.0; 3]);
        assert_eq!([pause(1, 1.0), pause(1, 0.5)], [1.0, 1.5]);
    }
}
