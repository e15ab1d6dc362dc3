//! Ports, as Neutron tells them.

use std::fmt::Write as _;

use http::StatusCode;
use serde::Deserialize;
use tokio::time::Instant;

use super::{
    Endpoint, ServiceCredential,
    answer::{FixedIp, Object, Ports, addresses, parsed, read},
    device::SubPort,
    error::CallError,
    page::Links,
    service::Service,
};
use crate::{
    guard::{LookupFuture, PortLookup},
    nova::{NetworkId, Port, PortId, ServerId},
};

/// Asks Neutron which ports there are.
#[derive(Clone, Debug)]
pub struct NeutronLookup {
    pub(super) service: Service,
}

impl NeutronLookup {
    /// Asks this Neutron, whose endpoint may end in `/v2.0` or not, as this service user.
    #[must_use]
    pub fn new(neutron: Endpoint, credential: ServiceCredential) -> Self {
        let service = Service {
            name: "neutron",
            endpoint: neutron.versioned("v2.0"),
            credential,
        };
        Self { service }
    }

    async fn by_id(&self, ids: &[PortId], deadline: Instant) -> Result<Found, CallError> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut found = Found::default();
        for batch in ids.chunks(BATCH) {
            let mut filter = String::with_capacity(40 * batch.len());
            for id in batch {
                // Writing to a string cannot fail.
                write!(filter, "&id={id}").ok();
            }
            let asked = |port: PortId| batch.binary_search(&port).is_ok();
            self.pages(&filter, asked, deadline, &mut found).await?;
        }
        Ok(found)
    }

    async fn by_server(&self, server: ServerId, deadline: Instant) -> Result<Found, CallError> {
        let mut found = Found::default();
        let filter = format!("&device_id={server}");
        self.pages(&filter, |_| true, deadline, &mut found).await?;
        Ok(found)
    }

    /// The ports, with the networks of the sub-ports that their trunks have.
    async fn with_trunks(
        &self,
        found: Result<Found, CallError>,
        deadline: Instant,
    ) -> Result<Vec<Port>, CallError> {
        let found = found?;
        let mut ports = found.ports.into_vec();
        if found.sub_ports.is_empty() {
            return Ok(ports);
        }
        let ids: Vec<PortId> = found.sub_ports.iter().map(|&(_, id)| id).collect();
        let known = self.by_id(&ids, deadline).await?.ports.into_vec();
        for (parent, id) in found.sub_ports {
            let sub_port = known.iter().find(|port| port.id == id);
            let network = sub_port.ok_or(CallError::SubPort(id))?.network;
            for port in ports.iter_mut().filter(|port| port.id == parent) {
                if !port.trunk_networks.contains(&network) {
                    port.trunk_networks.push(network);
                }
            }
        }
        Ok(ports)
    }

    /// Reads a list to its end.
    async fn pages(
        &self,
        filter: &str,
        asked: impl Fn(PortId) -> bool,
        deadline: Instant,
        found: &mut Found,
    ) -> Result<(), CallError> {
        let list = format!("/ports?{FIELDS}{filter}");
        let mut url = list.clone();
        for _ in 0..PAGES {
            let answer = self.service.get(&url, deadline).await?;
            if answer.status != StatusCode::OK {
                return Err(CallError::Status(answer.status));
            }
            let page: Page = read(&answer.body)?;
            for Object(port) in &page.ports {
                if !asked(port.id) {
                    return Err(CallError::Unasked(port.id));
                }
                found.add(port)?;
            }
            let Some(marker) = page.ports_links.next::<PortId>()? else {
                return Ok(());
            };
            url = format!("{list}&marker={marker}");
        }
        Err(CallError::Pages { limit: PAGES })
    }
}

impl PortLookup for NeutronLookup {
    fn ports<'a>(&'a self, ids: &'a [PortId], _: Option<ServerId>) -> LookupFuture<'a> {
        Box::pin(async {
            let deadline = self.service.deadline();
            let found = self.by_id(ids, deadline).await;
            self.service.report(self.with_trunks(found, deadline).await)
        })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        Box::pin(async move {
            let deadline = self.service.deadline();
            let found = self.by_server(server, deadline).await;
            self.service.report(self.with_trunks(found, deadline).await)
        })
    }
}

#[derive(Deserialize)]
struct Page {
    ports: Vec<Object<PortFields>>,
    #[serde(default)]
    ports_links: Links,
}

#[derive(Deserialize)]
struct PortFields {
    #[serde(deserialize_with = "parsed")]
    id: PortId,
    #[serde(deserialize_with = "parsed")]
    network_id: NetworkId,
    #[serde(default)]
    fixed_ips: Vec<Object<FixedIp>>,
    /// There for the parent port of a trunk, if Neutron has trunks at all.
    trunk_details: Option<Object<Trunk>>,
}

#[derive(Deserialize)]
struct Trunk {
    sub_ports: Vec<Object<SubPort>>,
}

/// What the pages of a list say.
#[derive(Default)]
struct Found {
    ports: Ports,
    /// Each sub-port after the parent port of its trunk.
    sub_ports: Vec<(PortId, PortId)>,
}

impl Found {
    fn add(&mut self, port: &PortFields) -> Result<(), CallError> {
        if let Some(Object(trunk)) = &port.trunk_details {
            let sub_ports = trunk.sub_ports.iter().map(|Object(it)| it.port_id);
            self.sub_ports.extend(sub_ports.map(|id| (port.id, id)));
        }
        let addresses = addresses(&port.fixed_ips);
        self.ports
            .add(Port::new(port.id, port.network_id).with_addresses(addresses))
    }
}

/// What is asked of each port.
const FIELDS: &str = "fields=id&fields=network_id&fields=fixed_ips&fields=trunk_details";

/// Each id takes 40 bytes of a URL; with the longest endpoint it stays below 4 KiB.
const BATCH: usize = 90;

/// With Neutron's smallest sensible page size, more ports than a server or a request can have.
const PAGES: usize = 64;
