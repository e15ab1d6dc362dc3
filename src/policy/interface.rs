//! What a server reaches by one of its interfaces.

use super::NetworkSet;
use crate::nova::{NetworkId, Port};

/// An interface that a server has or would get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface<'a> {
    /// The network it is on.
    pub network: NetworkId,
    /// The networks of the sub-ports, if it is the parent port of a trunk.
    pub trunk_networks: &'a [NetworkId],
}

impl From<NetworkId> for Interface<'_> {
    fn from(network: NetworkId) -> Self {
        Self {
            network,
            trunk_networks: &[],
        }
    }
}

impl<'a> From<&'a Port> for Interface<'a> {
    fn from(port: &'a Port) -> Self {
        Self {
            network: port.network,
            trunk_networks: &port.trunk_networks,
        }
    }
}

/// The networks that these are on, by which a server can have what is required of it.
pub(super) fn own_networks(interfaces: &[Interface<'_>]) -> NetworkSet {
    interfaces.iter().map(|it| it.network).collect()
}

/// All that a server reaches by these, trunks included: what may be banned or too much.
pub(super) fn reached_networks(interfaces: &[Interface<'_>]) -> NetworkSet {
    let own = interfaces.iter().map(|it| it.network);
    let trunks = interfaces.iter().flat_map(|it| it.trunk_networks);
    own.chain(trunks.copied()).collect()
}
