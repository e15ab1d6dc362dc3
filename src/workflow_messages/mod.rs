//! What tasks tell people: mails to requesters, notifications to operators.
//!
//! [`Messages`] is the [`Deliver`](crate::workflow::Deliver) of a service. When to send, and
//! whether to try again, is the engine's business; this module knows what to say, to whom, and how.
//!
//! # Mails
//!
//! 1. A mail has one recipient, a text, and a part in HTML if the settings name a template for it.
//!    `From` and `Reply-To` are the setting `reply`, the envelope's sender is `from`, in which
//!    `%(task_uuid)s` stands for the task. `X-Wafflehaus-Task-UUID` is the task, `Auto-Submitted`
//!    says that no person wrote it, and `Message-ID` is the same whenever the mail is sent again.
//! 2. A token is in the mail to the address that it proves, and nowhere else.
//! 3. What users have written is escaped in HTML, and as it is in text. It is never a template.
//! 4. A mail goes to the one address that the task's actions offer. If they offer several, nothing
//!    is sent and operators are told; the same if it is not plain, which is without anything that
//!    would have to be quoted. Without an address only a mail with a token is missed.
//! 5. A mail that is switched off is not sent. `to` sends one elsewhere, but no token.
//! 6. A letter goes to whom its action says, and says what the settings have under its name.
//!
//! # Templates
//!
//! 7. A template is a file of the folder `templates`, or else built in. A mail without a setting has
//!    its task type's own (`signup_token.txt`), or else the common one (`token.txt`).
//! 8. All are read once, and each that a task type can come to need is rendered at the start, for a
//!    task with everything and for one with no more than it must have. A name that is not there is
//!    an error, and so is a template that does not end.
//! 9. [`Messages::preview`] gives the mail of a sample.
//!
//! # Settings
//!
//! 10. The settings of a task type are laid over the defaults key by key, whether the operator has
//!     named the type or not.
//! 11. Everything that is wrong is told at once, by its key, or by the file and line of a template.
//! 12. A secret is given in one way: itself, in a file, or in an environment variable. It is not
//!     printed, and neither are the settings.
//!
//! # Operators
//!
//! 13. An engine is a mail to an address, a ticket in Request Tracker, or a signed call. Each is
//!     tried by itself until it has told a notification. What is no error then needs nobody to
//!     take note of it.
//! 14. A class of errors can be taken note of by itself, and told nobody.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | `smtp` | | the mail server; needed for mails |
//! | `token_url` | | to which a token is added; needed for mails with tokens |
//! | `task_url` | none | to which a task's id is added, for operators |
//! | `templates` | none | the folder of the operator's templates |
//! | `default_task_settings` | StackTask's | `reply`, `from`, `emails`, `letters`, `notifications`, `errors` |
//! | `task_settings` | none | the same by task type |
//!
//! Each key of them, and each name that a template sees, is in `docs/MAIL.md`.
//!
//! # Differences from StackTask
//!
//! * Notifications are sent: the documented nesting (`standard` or `error`, then the engine) is the
//!   one that is read, and what was told is acknowledged.
//! * Defaults hold for all task types, texts are not escaped, no recipient is no crash.
//! * Templates are Jinja's and not Django's: `actions | items` for `actions.items`.
//! * Request Tracker is spoken to by version 2.0 of its interface.
//!
//! # Deployment caveat
//!
//! Of `starttls` the first words are in the clear, and somebody in between can add to them: `tls`
//! is the better choice where the server has it. Between a mail that was taken and the note of it a
//! process can die, so now and then a mail comes twice.
//!
//! # Example
//!
//! ```
//! use serde_json::json;
//! use wafflehaus::{
//!     workflow::{Mail, Registry, TaskType, actions::{NewProject, People}, identity::InMemoryIdentity},
//!     workflow_messages::{MessageSettings, Messages},
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let people = People::new(std::sync::Arc::new(InMemoryIdentity::default()));
//! let registry = Registry::new()
//!     .action(NewProject::new(people, ["member"]))?
//!     .task_type(TaskType::new("new_project", ["NewProject"]))?;
//! let settings: MessageSettings = serde_json::from_value(json!({
//!     "smtp": { "host": "mail.example" },
//!     "token_url": "https://dashboard.example/token/",
//!     "default_task_settings": { "reply": "no-reply@cloud.example" },
//! }))?;
//! let messages = Messages::new(&settings, &registry)?;
//! assert_eq!(messages.preview("new_project", Mail::Token)?.subject, "Your Token");
//!
//! let wrong = serde_json::from_value(json!({ "smtp": { "host": "mail.example" } }))?;
//! let wrong = Messages::new(&wrong, &registry).unwrap_err();
//! assert_eq!(wrong.mistakes()[0].key, "default_task_settings.emails.completed.reply");
//! # Ok(())
//! # }
//! ```

mod engines;
mod lint;
mod mail;
mod messages;
mod mistake;
mod preview;
mod sample;
mod settings;
mod smtp;
mod templates;
mod view;

pub use messages::Messages;
pub use mistake::{InvalidMessages, Mistake};
pub use preview::{NoPreview, Preview};
pub use settings::MessageSettings;
#[cfg(feature = "config")]
pub(crate) use settings::Section;
