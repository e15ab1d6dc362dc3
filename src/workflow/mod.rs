//! Tasks of actions.

mod cloud;
pub mod identity;

pub use cloud::{CloudError, CloudFuture, Fault, Faults};
