//! The workflow's REST service.

mod access;
mod actions;
mod address;
mod app;
mod authentication;
mod caller;
mod docs;
mod edge;
mod error;
mod health;
mod limits;
mod list;
mod notes;
mod notifications;
mod openstack;
mod outcome;
mod payload;
mod service;
mod settings;
mod status;
mod tasks;
mod time;
mod tokens;
mod versions;
mod view;

pub use access::Access;
pub use address::{InvalidNetwork, Network};
pub use authentication::Authentication;
pub use limits::{Challenge, ChallengeFuture, Challenged};
pub use openstack::Quotas;
pub use service::{InvalidSettings, WorkflowService};
pub use settings::{Limit, Limits, Settings};
pub use view::TaskView;
