//! Why there is no report.

use crate::{guard::LookupError, nova::ServerId};

/// Why an audit could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// Nova or Neutron did not tell all.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// None of the policies judges servers as they are.
    #[error("none of these policies judges servers as they are")]
    NothingToJudge,
    /// A policy needs more than there is of a server.
    #[error("`{policy}` cannot judge server {server} without a request")]
    Undecided {
        /// The policy.
        policy: String,
        /// The server.
        server: ServerId,
    },
}
