//! What leaves the engine: mails to requesters, notifications to operators.

use std::{future::Future, pin::Pin};

use serde::Deserialize;

use super::{ActionError, Letter, Notification, Task, Timestamp, TokenSecret};

/// A message that is due.
#[derive(Debug)]
#[non_exhaustive]
pub enum Message<'a> {
    /// To the requester: the task is done.
    Completed,
    /// To the requester: the request came in.
    Initial,
    /// What an action wants sent.
    Letter(&'a Letter),
    /// To operators.
    Notification {
        /// What there is to know.
        notification: &'a Notification,
        /// Which of the [engines](Deliver::engines) is to tell it.
        engine: &'a str,
    },
    /// To the requester: how to go on.
    Token {
        /// The token.
        token: &'a TokenSecret,
        /// When it is no longer good.
        expires: Timestamp,
    },
}

/// Sends messages. A message is sent again if it is not known whether it was sent, so now and then
/// one arrives twice.
pub trait Deliver: Send + Sync + 'static {
    /// Sends a message about a task, or decides that it need not be sent.
    fn deliver<'a>(&'a self, task: &'a Task, message: Message<'a>) -> DeliverFuture<'a>;

    /// By which engines operators are told of an error, or of something else, with a task. Each
    /// is tried until it has told it, whatever becomes of the others. Without one nobody is told.
    fn engines(&self, task: &Task, error: bool) -> Vec<String> {
        let _ = (task, error);
        vec!["default".to_owned()]
    }

    /// What becomes of the notification of an error.
    fn error_policy(&self, task: &Task, class: ErrorClass) -> ErrorPolicy {
        let _ = (task, class);
        ErrorPolicy::default()
    }
}

/// What an error was an error of, by the names that StackTask and Adjutant give to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[non_exhaustive]
pub enum ErrorClass {
    /// A mail of the task could not be sent.
    #[serde(rename = "SMTPException")]
    SmtpException,
    /// A stage of the task has failed.
    TaskActionsFailed,
}

/// What becomes of the notification of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorPolicy {
    /// Whether nobody has to take note of it.
    pub acknowledge: bool,
    /// Whether operators are told.
    pub engines: bool,
}

impl ErrorPolicy {
    /// Operators are told, and one of them has to take note of it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            acknowledge: false,
            engines: true,
        }
    }

    /// Sets whether nobody has to take note of it.
    #[must_use]
    pub const fn acknowledge(mut self, acknowledge: bool) -> Self {
        self.acknowledge = acknowledge;
        self
    }

    /// Sets whether operators are told.
    #[must_use]
    pub const fn engines(mut self, engines: bool) -> Self {
        self.engines = engines;
        self
    }
}

impl Default for ErrorPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// A message on its way. The errors are those of actions: one is worth another try, or it is not.
pub type DeliverFuture<'a> = Pin<Box<dyn Future<Output = Result<(), ActionError>> + Send + 'a>>;
