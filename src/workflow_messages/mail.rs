//! One mail to one address.
//!
//! What comes from users is the address and what templates show of a task. The address is plain or
//! refused; a text is only ever the encoded body of a part. So no text of a user can add a header
//! or a recipient.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, UNIX_EPOCH},
};

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use crate::workflow::{ActionError, Timestamp};

/// Where a mail comes from.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) from: Return,
    pub(super) reply: Reply,
}

/// The envelope's sender, in which `%(task_uuid)s` stands for the task.
#[derive(Clone, Debug)]
pub(super) struct Return(String);

/// The visible sender, to whom answers go too.
#[derive(Clone, Debug)]
pub(super) struct Reply(Mailbox);

/// A mail's address without anything that would have to be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plain(Address);

/// A text that is no plain address.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this is not a plain mail address")]
pub(super) struct NotPlain;

/// A mail before it has its form.
pub(super) struct Composed<'a> {
    /// What it is, the same whenever it is sent again.
    pub(super) id: String,
    pub(super) task: &'a str,
    pub(super) sender: &'a Sender,
    pub(super) to: Plain,
    pub(super) subject: &'a str,
    pub(super) text: String,
    pub(super) html: Option<String>,
    pub(super) on: Timestamp,
}

impl Return {
    /// The address to which comes back what cannot be delivered.
    pub(super) fn of(&self, task: &str) -> Result<Plain, NotPlain> {
        self.0.replace("%(task_uuid)s", task).parse()
    }
}

impl Reply {
    pub(super) fn address(&self) -> &str {
        self.0.email.as_ref()
    }

    /// The same address for the envelope.
    pub(super) fn as_return(&self) -> Return {
        Return(self.address().to_owned())
    }
}

impl Plain {
    pub(super) fn as_str(&self) -> &str {
        self.0.as_ref()
    }
}

impl Composed<'_> {
    pub(super) fn message(self) -> Result<Message, ActionError> {
        let unusable = |_| ActionError::fatal("the mail's sender is not a plain address");
        let from = self.sender.from.of(self.task).map_err(unusable)?;
        let envelope = Envelope::new(Some(from.0), vec![self.to.0.clone()]);
        let envelope = envelope.map_err(ActionError::fatal)?;
        let reply = &self.sender.reply.0;
        let since = u64::try_from(self.on.as_micros()).unwrap_or_default();
        let header = |name, value: &str| HeaderValue::new(name, value.to_owned());
        let message = Message::builder()
            .from(reply.clone())
            .reply_to(reply.clone())
            .to(Mailbox::new(None, self.to.0))
            .subject(self.subject)
            .date(UNIX_EPOCH + Duration::from_micros(since))
            .message_id(Some(format!("<{}@{}>", self.id, reply.email.domain())))
            .raw_header(header(TASK, self.task))
            .raw_header(header(AUTOMATIC, "auto-generated"))
            .envelope(envelope);
        let text = part(ContentType::TEXT_PLAIN, self.text);
        let message = match self.html {
            None => message.singlepart(text),
            Some(html) => {
                let both = MultiPart::alternative().singlepart(text);
                message.multipart(both.singlepart(part(ContentType::TEXT_HTML, html)))
            }
        };
        message.map_err(ActionError::fatal)
    }
}

/// Always quoted-printable: then a line of the text can be as long as it likes, and the text has no
/// line's end that a mail server could take for the mail's.
fn part(kind: ContentType, text: String) -> SinglePart {
    SinglePart::builder()
        .header(kind)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text)
}

impl FromStr for Plain {
    type Err = NotPlain;

    fn from_str(text: &str) -> Result<Self, NotPlain> {
        let odd = |it: char| it.is_whitespace() || it.is_control() || SPECIAL.contains(it);
        if text.len() > LONGEST || text.contains(odd) {
            return Err(NotPlain);
        }
        text.parse().map(Self).map_err(|_| NotPlain)
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Return {
    type Err = NotPlain;

    fn from_str(text: &str) -> Result<Self, NotPlain> {
        let this = Self(text.to_owned());
        this.of(super::sample::ID).map(|_| this)
    }
}

impl FromStr for Reply {
    type Err = NotPlain;

    fn from_str(text: &str) -> Result<Self, NotPlain> {
        // The library panics over a name with a line's end in it.
        if text.contains(char::is_control) {
            return Err(NotPlain);
        }
        let mailbox: Mailbox = text.parse().map_err(|_| NotPlain)?;
        let _: Plain = AsRef::<str>::as_ref(&mailbox.email).parse()?;
        Ok(Self(mailbox))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

const TASK: HeaderName = HeaderName::new_from_ascii_str("X-Wafflehaus-Task-UUID");
const AUTOMATIC: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// What an address needs quotes for.
const SPECIAL: &str = "\"(),:;<>[\\]";
/// SMTP's longest path, without its brackets.
const LONGEST: usize = 254;

#[cfg(test)]
mod tests;
