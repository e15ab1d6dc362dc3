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

/// The networks that these are on, by which a server can have what is required of it. One may
/// come more than once.
pub(super) fn own_networks(
    interfaces: &[Interface<'_>],
) -> impl Iterator<Item = NetworkId> + Clone {
    interfaces.iter().map(|it| it.network)
}

/// All that a server reaches by these, trunks included: what may be banned or too much. One may
/// come more than once.
pub(super) fn reached_networks(
    interfaces: &[Interface<'_>],
) -> impl Iterator<Item = NetworkId> + Clone {
    let trunks = interfaces.iter().flat_map(|it| it.trunk_networks);
    own_networks(interfaces).chain(trunks.copied())
}

/// How many different networks these are, but for `uncounted` ones.
pub(super) fn count(
    networks: impl Iterator<Item = NetworkId> + Clone,
    uncounted: &NetworkSet,
) -> usize {
    if !are_few(&networks) {
        return networks.collect::<NetworkSet>().without(uncounted).len();
    }
    let before = |place| networks.clone().take(place);
    let is_first = |place, network| before(place).all(|other| other != network);
    let all = networks.clone().enumerate();
    all.filter(|&(place, network)| is_first(place, network) && !uncounted.contains(network))
        .count()
}

/// Whether to compare each with each is less work than to make a set of them.
pub(super) fn are_few(networks: &(impl Iterator<Item = NetworkId> + Clone)) -> bool {
    networks.clone().nth(FEW).is_none()
}

const FEW: usize = 12;
