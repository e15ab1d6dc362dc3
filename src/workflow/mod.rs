//! Tasks: requests made of actions, which go through stages and survive anything.
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

mod action;
pub mod actions;
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
pub use delivery::{Deliver, DeliverFuture, Message};
pub use engine::{Engine, Pace};
pub use error::EngineError;
pub use event::{BrokenTrail, Event};
pub use field::{Field, FieldErrors, Kind, read as read_fields};
pub use id::{InvalidId, JobId, NotificationId, TaskId};
pub use job::{Job, JobKind, Lease, Mail};
pub use notification::Notification;
pub use registry::{Duplicates, InvalidRegistry, Registry, TaskType};
pub use seal::{InvalidKey, Key, NoRandomness};
pub use stage::{Gate, InvalidStages, Stage, Stages};
pub use task::{ActionRecord, Move, Position, Refused, Signature, Task, TaskState, Trail};
pub use token::{Token, TokenSecret};
pub use trial::Trial;
pub use worker::Worker;
