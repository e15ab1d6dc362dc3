//! Neutron, as the guard asks it.

use wafflehaus::{
    guard::{LookupFuture, PortLookup},
    nova::{Port, PortId, ServerId},
};

use crate::oracle::cloud::{self, Cloud};

/// A cloud whose ports can be asked for.
#[derive(Debug)]
pub(super) struct Neutron(pub(super) Cloud);

impl Neutron {
    fn found(&self, which: impl Fn(&cloud::Port) -> bool) -> Vec<Port> {
        let found = self.0.ports.iter().filter(|port| which(port)).map(|port| {
            let network = |id: &String| id.parse().expect("an id");
            Port::new(port.id.parse().expect("an id"), network(&port.network))
                .with_addresses(
                    port.addresses
                        .iter()
                        .map(|text| text.parse().expect("an address")),
                )
                .with_trunk_networks(port.trunk.iter().map(network))
        });
        found.collect()
    }
}

impl PortLookup for Neutron {
    fn ports<'a>(&'a self, ids: &'a [PortId], _: Option<ServerId>) -> LookupFuture<'a> {
        let found = self.found(|port| ids.iter().any(|id| id.to_string() == port.id));
        Box::pin(async { Ok(found) })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        let server = Some(server.to_string());
        let found = self.found(|port| port.server == server);
        Box::pin(async { Ok(found) })
    }
}
