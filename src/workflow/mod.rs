//! Tasks: requests made of actions, which go through stages and survive anything.

mod action;
mod caller;
mod clock;
mod context;
mod field;
mod id;
mod stage;
mod trial;

pub use action::{Action, ActionError, ActionFuture, Outcome, Reason};
pub use caller::{Caller, KeystoneUser, Who};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use context::{Begun, Context, TokenData};
pub use field::{Field, FieldErrors, Kind, read as read_fields};
pub use id::{InvalidId, JobId, NotificationId, TaskId};
pub use stage::{Gate, InvalidStages, Stage, Stages};
pub use trial::Trial;
