//! A port, as policies see it.

use super::{NetworkId, PortId};

/// A port and the network it is on, as Neutron tells it. A port never changes its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Port {
    /// The port.
    pub id: PortId,
    /// The network it is on.
    pub network: NetworkId,
}

impl Port {
    /// A port on a network.
    #[must_use]
    pub const fn new(id: PortId, network: NetworkId) -> Self {
        Self { id, network }
    }
}
