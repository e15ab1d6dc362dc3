//! Tasks: requests made of actions, which go through stages and survive anything.
//!
//! A [`Task`] is asked for by its [type](TaskType), which says of which [`Action`]s it is made and
//! through which [`Stages`] they go: ordinarily `pre_approve`, `post_approve` behind somebody's
//! approval, and `submit` behind a [token](TokenSecret) that was mailed. The [`Engine`] does what
//! people ask for; [`Worker`]s, in the same process or in others, do the work that comes of it.
//! Both keep everything in a [`store`].
//!
//! # Tasks
//!
//! 1. A task is asked for with one flat body, of which each action takes the
//!    [fields](Field) that it declares. What is wrong is told together, and nothing is kept.
//! 2. Of tasks with the same type and inputs at most one is open. Who asks for another one is
//!    refused, or takes the open one's place, as the type [says](Duplicates). What a person has
//!    approved and what another user has asked for does not give way.
//! 3. A task moves as this table says and in no other way. Of several who would move it at the
//!    same time one does; the others are told why not.
//!
//! | from | move | if | to |
//! |---|---|---|---|
//! | running | advance | | the next stage |
//! | running | fail | | failed |
//! | running | invalidate | | invalid |
//! | running, waiting, invalid, failed | cancel | | cancelled |
//! | waiting, failed | approve | the gate is an approval | running |
//! | waiting, invalid, failed | token | the gate is a token that was asked for | running |
//! | waiting | timer | the gate is a timer | running |
//! | failed | retry | the gate is no such token | running |
//! | invalid | retry | no such token, and approved | running |
//! | invalid | retry | no such token, and not approved | running, at the first stage |
//! | waiting, invalid, failed | update | not approved | running, at the first stage |
//!
//! 4. A task whose next gate is shut is waiting, one without a next stage completed. Stages and
//!    gates are those that the type had when the task was asked for.
//!
//! # Stages
//!
//! 5. The actions of a stage run one after another. In the first stage, which only looks, each of
//!    them is asked; later an invalid one ends the stage.
//! 6. While an action is invalid nobody can approve. The inputs have to be changed, or validated
//!    again by a retry.
//! 7. Who opened the gate of an approval, and when, is noted as the approval when its stage has
//!    been done, and not before.
//! 8. The inputs of an action cannot be changed once it has begun a step.
//! 9. Each effect of an action is a [`step`](Context::step) of its journal: done once, whatever
//!    dies. No transaction is open while an action runs.
//! 10. An error that may pass has the stage run again after a pause, up to the type's attempts;
//!     any other ends it at once. Each is an event, and the last one a [`Notification`].
//!
//! # Tokens
//!
//! 11. A token is random, kept as a hash, good once and for as long as the type says, and one of a
//!     task at most. If its stage fails or is invalid, it is good again.
//! 12. Whatever is wrong with a token, the answer is the same.
//! 13. What is submitted with it is what the actions have asked for, checked as they declare it;
//!     it is kept sealed, and only until the stage has ended.
//!
//! # Work
//!
//! 14. Work is a job, written with the change that needs it and removed with the change that comes
//!     of it. It is claimed with a lease; whoever has lost the lease writes nothing.
//! 15. Mails, letters of actions and notifications are jobs too, so they are sent after the change that they tell of,
//!     and tried again if they cannot be. A task does not wait for them, and now and then one is
//!     sent twice. Each engine that tells operators of a notification does so by itself: one that
//!     cannot is tried again without the others.
//! 16. Who asks for something may wait for what comes of it ([`Engine::settled`]), or not.
//!
//! # The audit trail
//!
//! 17. All that happens to a task is an [`Event`]: who, from where, what, and what was changed.
//!     Notes are events. None is lost, however many write at once.
//! 18. Events are chained by a keyed hash: [`Engine::verify`] finds any that was changed, moved or
//!     removed, the last ones too.
//! 19. What ended long ago can be [removed](Engine::purge). Its audit trail stays.
//!
//! # Tasks from elsewhere
//!
//! 20. A task that another system began can be [taken over](Engine::adopt), once, with its id and
//!     the time it was asked for. Nothing runs and nobody is written to because of that: it stands
//!     where it stood, until a person does something with it.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`lease`](Pace::lease) | 30 s | for how long a job is claimed |
//! | [`attempt`](Pace::attempt) | 10 min | how long an attempt may take |
//! | [`first_pause`](Pace::first_pause) | 2 s | after a first failure; doubles with each |
//! | [`longest_pause`](Pace::longest_pause) | 10 min | the longest it becomes |
//! | [`look`](Pace::look) | 1 s | how often a worker without work looks for some |
//! | [`deliveries`](Pace::deliveries) | 12 | how often a message is tried |
//!
//! Those of a task's type are at [`TaskType`].
//!
//! # Differences from StackTask
//!
//! * The state is one word and not three flags; approval is what has been done, not a wish.
//! * An invalid action keeps all actions from going on, in each stage.
//! * A submit that failed can be tried again without doing anything twice. The token lives on.
//! * An update replaces the hash by which duplicates are found, and never finds the task itself.
//! * `confirm` has to be `true`, a password a text that is not empty.
//!
//! # Deployment caveat
//!
//! All processes on a database need the same [`Key`], the same actions and task types, and clocks
//! that agree to within a third of the lease: a lease that another clock ends too early lets two
//! processes act at once, each of which then looks for what the other did, or does not see it yet.
//! Whoever has the key and can write to the database can forge an audit trail. Who can put back an
//! old copy of a task with its events takes it back to that time: keep copies of trails elsewhere.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use serde_json::json;
//! use wafflehaus::workflow::{
//!     Action, ActionFuture, Caller, Context, Deliver, DeliverFuture, Engine, EngineError, Field,
//!     Key, Kind, Message, Outcome, Registry, Task, TaskState, TaskType, Worker,
//!     store::SqliteStore,
//! };
//!
//! /// Opens a mailing list.
//! struct MailingList { fields: [Field; 1] }
//!
//! impl Action for MailingList {
//!     fn name(&self) -> &str { "MailingList" }
//!
//!     fn fields(&self) -> &[Field] { &self.fields }
//!
//!     fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
//!         Box::pin(async move {
//!             let list: String = ctx.input("list")?;
//!             if stage == "pre_approve" && list == "root" {
//!                 return Ok(Outcome::invalid("reserved", "That name is reserved."));
//!             }
//!             if stage == "post_approve" {
//!                 let look = async { Ok(None) }; // Asks the list server for it.
//!                 let make = async { Ok(format!("{list}@lists.example")) }; // Has it made.
//!                 let address: String = ctx.step("make the list", look, make).await?;
//!                 ctx.note(format!("The list is {address}."));
//!             }
//!             Ok(Outcome::Valid)
//!         })
//!     }
//! }
//!
//! /// Sends nothing. The real thing sends mail.
//! struct Silence;
//!
//! impl Deliver for Silence {
//!     fn deliver<'a>(&'a self, _: &'a Task, _: Message<'a>) -> DeliverFuture<'a> {
//!         Box::pin(async { Ok(()) })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("wafflehaus-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let file = folder.join("tasks.db");
//! let list = MailingList { fields: [Field::new("list", Kind::Text { longest: 40 })] };
//! let registry = Registry::new()
//!     .action(list)?
//!     .task_type(TaskType::new("open_list", ["MailingList"]))?;
//! let store = Arc::new(SqliteStore::open(&file).await?);
//! let engine = Engine::new(store, registry, Key::random()?, Silence);
//! let worker = Worker::new(engine.clone()); // `worker.run(…)` in a task of its own, in service.
//!
//! let body = json!({"list": "waffles"});
//! let ann = Caller::anonymous();
//! let task = engine.submit("open_list", body.as_object().unwrap(), &ann).await?;
//! worker.run_due().await?;
//! engine.approve(&task.id, &Caller::system()).await?;
//! worker.run_due().await?;
//! assert_eq!(engine.task(&task.id).await?.state(), TaskState::Completed);
//!
//! let body = json!({"list": "root"});
//! let task = engine.submit("open_list", body.as_object().unwrap(), &ann).await?;
//! worker.run_due().await?;
//! let refused = engine.approve(&task.id, &Caller::system()).await;
//! assert!(matches!(refused, Err(EngineError::Refused(_))));
//! # std::fs::remove_dir_all(folder)?;
//! # Ok(())
//! # }
//! ```

mod action;
pub mod actions;
mod call;
mod caller;
mod clock;
mod cloud;
mod context;
mod delivery;
mod engine;
mod error;
mod event;
mod field;
mod id;
pub mod identity;
mod job;
pub mod network;
mod notification;
pub mod quota;
mod registry;
pub mod resources;
mod seal;
mod stage;
pub mod store;
mod task;
mod token;
mod trial;
mod worker;

pub use action::{Action, ActionError, ActionFuture, Outcome, Reason};
pub use caller::{Caller, KeystoneUser, Who};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use cloud::{CloudError, CloudFuture, Fault, Faults, Services};
pub use context::{Begun, Context, TokenData};
pub use delivery::{Deliver, DeliverFuture, ErrorClass, ErrorPolicy, Message};
pub use engine::{Adopted, Adoption, Engine, Pace, Reached};
pub use error::EngineError;
pub use event::{BrokenTrail, Event};
pub use field::{Field, FieldErrors, Kind, read as read_fields};
pub use id::{InvalidId, JobId, NotificationId, TaskId};
pub use job::{Job, JobKind, Lease, Letter, Mail};
pub use notification::Notification;
pub use registry::{Duplicates, InvalidRegistry, Registry, TaskType};
pub use seal::{InvalidKey, Key, NoRandomness};
pub use stage::{Gate, InvalidStages, Stage, Stages};
pub use task::{ActionRecord, Move, Position, Refused, Signature, Task, TaskState, Trail};
pub use token::{Token, TokenSecret};
pub use trial::Trial;
pub use worker::Worker;

#[cfg(feature = "workflow-service")]
pub(crate) use call::{SigningKey, refusal};
