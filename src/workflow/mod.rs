//! Tasks of actions.

mod cloud;
pub mod identity;
pub mod network;
pub mod quota;
pub mod resources;

pub use cloud::{CloudError, CloudFuture, Fault, Faults, Services};
