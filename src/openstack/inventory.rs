//! All servers of a cloud and all their ports, for an audit.

use std::collections::{BTreeMap, HashMap};

use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    NeutronLookup, NovaLookup,
    answer::{FixedIp, Object, addresses, parsed, read},
    device::SubPort,
    error::CallError,
    nova::project,
    page::Links,
    service::Service,
};
use crate::{
    guard::{LookupError, PortLookup as _, ProjectLookup as _},
    identity::ProjectId,
    neutron::Device,
    nova::{NetworkId, Port, PortId, ServerId},
};

/// Lists what there is, page by page, as a service user.
#[derive(Clone, Debug)]
pub struct Inventory {
    neutron: NeutronLookup,
    nova: NovaLookup,
}

/// A server, as Nova lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedServer {
    /// Its id.
    pub id: ServerId,
    /// What its owner calls it; empty if Nova cannot tell.
    pub name: String,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// Nova's word for how it is: `ACTIVE`, `BUILD` and so on.
    pub status: String,
}

impl Inventory {
    /// Asks these two.
    #[must_use]
    pub const fn new(neutron: NeutronLookup, nova: NovaLookup) -> Self {
        Self { neutron, nova }
    }

    /// All servers of all projects. `seen` is told how many there are so far.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if any page cannot be had.
    pub async fn servers(&self, seen: impl Fn(usize)) -> Result<Vec<ListedServer>, LookupError> {
        let service = &self.nova.service;
        let mut servers: BTreeMap<ServerId, ListedServer> = BTreeMap::new();
        let list = format!("/servers/detail?all_tenants=1&limit={PAGE}");
        // The first that lists servers whose cell does not answer.
        let mut headers = HeaderMap::new();
        headers.insert(VERSION, HeaderValue::from_static("compute 2.69"));
        let outcome = pages(service, &list, headers, |page: ServerPage| {
            let listed = page.servers.into_iter().map(|Object(it)| it.listed());
            servers.extend(listed.map(|server| (server.id, server)));
            seen(servers.len());
            page.servers_links.next::<ServerId>()
        });
        service.report(outcome.await)?;
        Ok(servers.into_values().collect())
    }

    /// The ports of all devices that may be servers, whoever owns them. `seen` is told how many
    /// ports there are so far.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if any page cannot be had, or a trunk has a sub-port that there is not.
    pub async fn ports(
        &self,
        seen: impl Fn(usize),
    ) -> Result<HashMap<ServerId, Vec<Port>>, LookupError> {
        let service = &self.neutron.service;
        let mut ports: BTreeMap<PortId, ListedPort> = BTreeMap::new();
        let list = format!("/ports?{FIELDS}&limit={PAGE}");
        let outcome = pages(service, &list, HeaderMap::new(), |page: PortPage| {
            let listed = page.ports.into_iter().map(|Object(port)| port);
            ports.extend(listed.map(|port| (port.id, port)));
            seen(ports.len());
            page.ports_links.next::<PortId>()
        });
        let outcome = outcome.await.and_then(|()| by_server(&ports));
        service.report(outcome)
    }

    /// Whose a server is, and what ports it has at this moment; nothing if it is gone.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if either cannot be had.
    pub async fn server(
        &self,
        id: ServerId,
    ) -> Result<Option<(ProjectId, Vec<Port>)>, LookupError> {
        let Some(project) = self.nova.server_project(id).await? else {
            return Ok(None);
        };
        let ports = self.neutron.server_ports(id).await?;
        Ok(Some((project, ports)))
    }
}

/// Reads a list to its end. Each page has a deadline of its own.
async fn pages<T: DeserializeOwned, M: std::fmt::Display>(
    service: &Service,
    list: &str,
    headers: HeaderMap,
    mut read_page: impl FnMut(T) -> Result<Option<M>, CallError>,
) -> Result<(), CallError> {
    let mut url = list.to_owned();
    for _ in 0..PAGES {
        let deadline = service.deadline();
        let answer = service.get_with(&url, headers.clone(), deadline).await?;
        if answer.status != StatusCode::OK {
            return Err(CallError::Status(answer.status));
        }
        let Some(marker) = read_page(read(&answer.body)?)? else {
            return Ok(());
        };
        url = format!("{list}&marker={marker}");
    }
    Err(CallError::Pages { limit: PAGES })
}

/// The ports by their devices, with the networks of the trunks' sub-ports.
fn by_server(
    ports: &BTreeMap<PortId, ListedPort>,
) -> Result<HashMap<ServerId, Vec<Port>>, CallError> {
    let mut servers: HashMap<ServerId, Vec<Port>> = HashMap::new();
    for listed in ports.values() {
        let Some(server) = Device::recorded(&listed.device_id).server() else {
            continue;
        };
        let trunk = listed
            .trunk_details
            .iter()
            .flat_map(|Object(it)| &it.sub_ports);
        let networks = trunk.map(|Object(SubPort { port_id })| {
            let sub_port = ports.get(port_id).ok_or(CallError::SubPort(*port_id))?;
            Ok::<_, CallError>(sub_port.network_id)
        });
        let networks: Vec<NetworkId> = networks.collect::<Result<_, _>>()?;
        let port = Port::new(listed.id, listed.network_id)
            .with_addresses(addresses(&listed.fixed_ips))
            .with_trunk_networks(networks);
        servers.entry(server).or_default().push(port);
    }
    Ok(servers)
}

#[derive(Deserialize)]
struct ServerPage {
    servers: Vec<Object<Server>>,
    #[serde(default)]
    servers_links: Links,
}

#[derive(Deserialize)]
struct Server {
    #[serde(deserialize_with = "parsed")]
    id: ServerId,
    #[serde(default)]
    name: String,
    #[serde(deserialize_with = "project")]
    tenant_id: ProjectId,
    status: String,
}

impl Server {
    fn listed(self) -> ListedServer {
        ListedServer {
            id: self.id,
            name: self.name,
            project: self.tenant_id,
            status: self.status,
        }
    }
}

#[derive(Deserialize)]
struct PortPage {
    ports: Vec<Object<ListedPort>>,
    #[serde(default)]
    ports_links: Links,
}

#[derive(Deserialize)]
struct ListedPort {
    #[serde(deserialize_with = "parsed")]
    id: PortId,
    #[serde(deserialize_with = "parsed")]
    network_id: NetworkId,
    device_id: String,
    #[serde(default)]
    fixed_ips: Vec<Object<FixedIp>>,
    trunk_details: Option<Object<TrunkDetails>>,
}

#[derive(Deserialize)]
struct TrunkDetails {
    sub_ports: Vec<Object<SubPort>>,
}

/// What is asked of each port.
const FIELDS: &str = "fields=id&fields=network_id&fields=device_id&fields=fixed_ips\
                      &fields=trunk_details";

/// How many are asked for at a time: a page of the longest entries stays below the limit of an
/// answer.
const PAGE: usize = 250;

/// More than any cloud has.
const PAGES: usize = 40_000;

const VERSION: &str = "openstack-api-version";
