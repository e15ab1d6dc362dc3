//! Tasks: requests made of actions, which go through stages and survive anything.

mod action;
pub mod actions;
mod caller;
mod clock;
mod cloud;
mod context;
mod field;
mod id;
pub mod identity;
pub mod network;
pub mod quota;
pub mod resources;
mod stage;
mod trial;

pub use action::{Action, ActionError, ActionFuture, Outcome, Reason};
pub use caller::{Caller, KeystoneUser, Who};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use cloud::{CloudError, CloudFuture, Fault, Faults, Services};
pub use context::{Begun, Context, TokenData};
pub use field::{Field, FieldErrors, Kind, read as read_fields};
pub use id::{InvalidId, JobId, NotificationId, TaskId};
pub use stage::{Gate, InvalidStages, Stage, Stages};
pub use trial::Trial;
