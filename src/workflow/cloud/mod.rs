//! What the stores of the cloud have in common.
//!
//! A store is a trait with two implementations: one over HTTP, which asks a service with the
//! service credential ([`Remote`]), and one in memory or in a file ([`Shelf`]).

mod error;
mod faults;
mod remote;
mod services;
mod shelf;
#[cfg(test)]
mod tests;

pub use error::{CloudError, CloudFuture};
pub use faults::{Fault, Faults};
pub(super) use remote::{Remote, encoded};
pub use services::Services;
pub(super) use shelf::{Shelf, on_a_shelf};
