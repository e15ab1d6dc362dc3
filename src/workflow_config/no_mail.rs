//! Where no messages are configured.

use crate::workflow::{ActionError, Deliver, DeliverFuture, Message, Task};

/// Operators are told that a mail was not sent.
pub(super) struct NoMail;

impl Deliver for NoMail {
    fn deliver<'a>(&'a self, _: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        Box::pin(async move {
            match message {
                // It is in the list already.
                Message::Notification { .. } => Ok(()),
                _ => Err(ActionError::fatal("no way to send mails is configured")),
            }
        })
    }
}
