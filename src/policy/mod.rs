//! Deciding: pure functions of facts, with no runtime, no HTTP and no clock.
//!
//! A [`Policy`] is asked about an [`Inspection`]: what is asked of Nova, by whom, and the facts
//! gathered so far. It passes, refuses with a [`Denial`], or says which fact it [`Need`]s; then
//! whoever asks gets the fact and asks again. A [`guard`](crate::guard) does that for requests;
//! a test, or another service, does it by hand:
//!
//! ```
//! use wafflehaus::nova::{NetworkId, Operation, RequestBody};
//! use wafflehaus::policy::{DenialKind, Hold, Inspection, Policy, RequestNetworks};
//!
//! let backup: NetworkId = "11111111-1111-4111-8111-111111111111".parse()?;
//! let policy = RequestNetworks::new([backup], [])?;
//!
//! let create = Operation::CreateServer;
//! let request = Inspection::new(create);
//! assert!(matches!(policy.check(&request), Err(Hold::Need(_))));
//!
//! let body = RequestBody::read(create, br#"{"server": {"networks": "none"}}"#)?.unwrap();
//! let Err(Hold::Deny(denial)) = policy.check(&request.body(&body)) else { panic!() };
//! assert_eq!(denial.kind(), DenialKind::NetworkRequired);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Several policies are one: tuples, slices, vectors, options, boxes and arcs of policies are
//! policies, asked in order, and the first refusal is the answer.
//!
//! # For every policy here
//!
//! 1. It judges whoever asks, for whatever project; which callers are exempt is the role router's
//!    matter, and which projects' servers are is [`ByProject`]'s.
//! 2. Networks are compared by id; a port stands for the network it is on.
//! 3. What Nova would choose by itself is not predicted: a create without `networks`, with an
//!    empty list or with `"auto"` is refused as `networks_unnamed`, unless the policy was given
//!    the networks to assume for the first two.
//! 4. A message names the networks that offend, in ascending order, and no others.

mod by_project;
mod compose;
mod denial;
mod detach_network_check;
mod facts;
mod inspection;
mod interface;
mod network_count_check;
mod network_set;
mod request_networks;
mod requested;

use std::borrow::Cow;

pub use by_project::ByProject;
pub use denial::{Denial, DenialKind};
pub use detach_network_check::DetachNetworkCheck;
pub use facts::Facts;
pub use inspection::Inspection;
pub use interface::Interface;
pub use network_count_check::{NetworkCountCheck, NetworkCountCheckBuilder};
pub use network_set::{InvalidNetworks, NetworkSet};
pub use request_networks::RequestNetworks;

use crate::nova::{Operation, ServerId};

/// A rule about requests to Nova.
pub trait Policy: Send + Sync {
    /// The name under which decisions are logged and counted. One of few, and no secret.
    fn name(&self) -> Cow<'static, str>;

    /// Whether this policy judges such a request at all. What no policy of a guard concerns
    /// passes it untouched.
    fn concerns(&self, operation: &Operation) -> bool;

    /// Judges a request. Asked only about an operation it [`concerns`](Self::concerns).
    ///
    /// Must be a pure function of the inspection: it is called again after a missing fact was
    /// fetched.
    ///
    /// # Errors
    ///
    /// A [`Hold`]: the refusal, or the fact that is needed to tell.
    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold>;
}

/// Why a policy does not let a request pass, so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hold {
    /// It refuses.
    Deny(Denial),
    /// It cannot tell without this.
    Need(Need),
}

impl From<Denial> for Hold {
    fn from(denial: Denial) -> Self {
        Self::Deny(denial)
    }
}

/// A fact that is not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// What the body says.
    Body,
    /// The networks of all the ports that the request names.
    Ports,
    /// The ports that a server has.
    ServerPorts(ServerId),
    /// The project that a server belongs to.
    ServerProject(ServerId),
}

/// Settings that contradict each other, so that no request could pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPolicy {
    /// A network is required and banned.
    #[error("both required and banned: {networks}")]
    BannedAndRequired {
        /// The networks.
        networks: NetworkSet,
    },
    /// The assumed networks would themselves be refused.
    #[error("the networks assumed when none are named would be refused: {message}")]
    AssumedRefused {
        /// The refusal.
        message: String,
    },
    /// The minimum is above the maximum.
    #[error("`networks_min` {min} is above `networks_max` {max}")]
    MinimumAboveMaximum {
        /// The minimum.
        min: usize,
        /// The maximum.
        max: usize,
    },
    /// More networks are required than allowed.
    #[error("{required} counted networks are required but `networks_max` is {max}")]
    RequiredAboveMaximum {
        /// How many counted networks are required.
        required: usize,
        /// The maximum.
        max: usize,
    },
    /// A policy is for the servers of no project at all.
    #[error("no project is named whose servers are judged")]
    NoProjects,
    /// A server with enough networks would have too many interfaces.
    #[error("{least} networks are needed but at most {max} interfaces allowed")]
    InterfacesBelowNetworks {
        /// The least number of networks a server must have.
        least: usize,
        /// The most interfaces.
        max: usize,
    },
}
