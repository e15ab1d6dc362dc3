//! A port, as policies see it.

use std::net::IpAddr;

use super::{NetworkId, PortId};

/// A port, as Neutron tells it. A port never changes its network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Port {
    /// The port.
    pub id: PortId,
    /// The network it is on.
    pub network: NetworkId,
    /// Its fixed addresses.
    pub addresses: Vec<IpAddr>,
    /// The networks of the sub-ports, if it is the parent of a trunk: whoever has this port
    /// reaches them by VLAN tags.
    pub trunk_networks: Vec<NetworkId>,
}

impl Port {
    /// A port on a network, with no address and no trunk.
    #[must_use]
    pub const fn new(id: PortId, network: NetworkId) -> Self {
        Self {
            id,
            network,
            addresses: Vec::new(),
            trunk_networks: Vec::new(),
        }
    }

    /// Gives it these addresses.
    #[must_use]
    pub fn with_addresses(mut self, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.addresses = addresses.into_iter().collect();
        self
    }

    /// Gives it sub-ports on these networks.
    #[must_use]
    pub fn with_trunk_networks(mut self, networks: impl IntoIterator<Item = NetworkId>) -> Self {
        self.trunk_networks = networks.into_iter().collect();
        self
    }
}
