//! What leaves the engine: mails to requesters, notifications to operators.

use std::{future::Future, pin::Pin};

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
    Notification(&'a Notification),
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
}

/// A message on its way. The errors are those of actions: one is worth another try, or it is not.
pub type DeliverFuture<'a> = Pin<Box<dyn Future<Output = Result<(), ActionError>> + Send + 'a>>;
