//! One judgement at a time for each server.
//!
//! Two attaches at the same moment would both be judged by what the server has without the
//! other, and a limit that only one of them fits would pass both. So a
//! [guard](crate::guard::GuardLayer) that is given a [`ServerLock`] takes its turn at a server
//! before it looks up what the server has, and keeps it until Nova has answered.
//!
//! 1. There is one turn at a time for a server; different servers do not wait for each other.
//! 2. Who waits is bounded: at most [`waiters`](LockLimits::waiters) for a server behind the one
//!    whose turn it is, in the order in which they came, and each for at most
//!    [`wait`](LockLimits::wait). Who is too many or waits too long gets [`LockError::Busy`].
//! 3. A turn that cannot be had for certain is [`LockError::Unavailable`].
//! 4. A turn ends when it is dropped, whatever becomes of the request.
//!
//! # What nobody knows
//!
//! Nova may attach a port although it answered with an error, or not at all: what it has told a
//! compute host is not taken back. So each turn leaves word for those after it.
//!
//! 5. Before a request goes on that puts a port on a server, it is written down how many ports
//!    the server may come to have on that network: those that it was judged by, and one more
//!    ([`Held::begin`]). And which port it is, if it is named.
//! 6. That is struck out when Nova has answered for certain ([`Held::settle`]): without an
//!    error of its own, and not with a success that leaves an older doubt on the same network
//!    open. A turn that ends otherwise, by a panic too, leaves it there, for
//!    [`uncertain_for`](LockLimits::uncertain_for).
//! 7. Whoever has the next turn takes it that the server has the ports that are named, and so
//!    many ports on that network, or as many as a fresh lookup shows if these are more. So a
//!    lookup that shows the port, or one more on its network, clears the doubt. Until then it
//!    counts for as long as Nova may still be at it.
//!
//! A number, because an attach by network has no port yet that could be named, and because two
//! doubts on one network must not be taken for one. A port that goes meanwhile counts until the
//! doubt lapses. A port that came past the gateway clears a doubt about an attach by network;
//! then the server is as if that port had come after all that was judged.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`uncertain_for`](LockLimits::uncertain_for) | 60 s, Nova's own limit for calls to a compute host | how long a doubt counts after the answer |
//! | [`wait`](LockLimits::wait) | 10 s | the longest wait for a turn |
//! | [`waiters`](LockLimits::waiters) | 4 | most that wait for one server |
//!
//! [`LocalLock`] is for one process, `PostgresLock` (feature `postgres-lock`) for several
//! gateways in front of one Nova. Several gateways with a [`LocalLock`] each do not see each
//! other.

#[cfg(feature = "lock")]
mod limits;
#[cfg(feature = "lock")]
mod local;
#[cfg(feature = "postgres-lock")]
mod postgres;
#[cfg(feature = "lock")]
mod queue;

use std::{fmt, future::Future, pin::Pin};

#[cfg(feature = "lock")]
pub use limits::LockLimits;
#[cfg(feature = "lock")]
pub use local::LocalLock;
#[cfg(feature = "postgres-lock")]
pub use postgres::{InvalidDatabase, PostgresLock};

use crate::nova::{NetworkId, Port, ServerId};

/// What a lock answers, later.
pub type LockFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, LockError>> + Send + 'a>>;

/// Gives out turns at servers.
pub trait ServerLock: Send + Sync + 'static {
    /// Waits for the turn at a server, which lasts until what is given is dropped.
    fn acquire(&self, server: ServerId) -> LockFuture<'_, Box<dyn Held>>;
}

/// A turn at a server.
pub trait Held: Send + Sync {
    /// What earlier turns have left open.
    fn uncertain(&self) -> &[Uncertain];

    /// Writes down what may become of the request that now goes on, once for each port that it
    /// adds. Unless it fails, the turn is still this one's.
    fn begin(&mut self, uncertain: Uncertain) -> LockFuture<'_, ()>;

    /// Strikes all of that out.
    fn settle(&mut self);
}

/// A doubt: a server may have, or still come to have, as many ports as this on a network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uncertain {
    /// The network.
    pub network: NetworkId,
    /// The most ports on it.
    pub ports: usize,
    /// The port that is one of them, if it was named.
    pub port: Option<Port>,
}

impl Uncertain {
    /// Up to so many ports on this network, with this one among them.
    #[must_use]
    pub const fn new(network: NetworkId, ports: usize, port: Option<Port>) -> Self {
        Self {
            network,
            ports,
            port,
        }
    }

    /// Whether it says all that an older doubt does, with which it was judged.
    #[cfg(feature = "lock")]
    fn replaces(&self, older: &Self) -> bool {
        let id = |port: &Option<Port>| port.as_ref().map(|port| port.id);
        self.network == older.network && id(&self.port) == id(&older.port)
    }
}

/// Why there is no turn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Too many wait for the server, or it took too long.
    #[error("other requests on this server are being judged")]
    Busy,
    /// The lock itself does not work. The cause has no secrets in its text.
    #[error("the lock is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Debug for dyn ServerLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerLock")
    }
}
