//! A server's ports and project, as Nova tells them.

use http::StatusCode;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny},
};

use super::{
    Endpoint, ServiceCredential,
    answer::{FixedIp, Object, Ports, addresses, parsed, read},
    error::CallError,
    service::Service,
};
use crate::{
    guard::{LookupFuture, PortLookup, ProjectLookup},
    identity::ProjectId,
    nova::{NetworkId, Port, PortId, ServerId},
};

/// Asks Nova whose a server is, and for its interfaces. It finds a port by its id only among
/// those, and does not know of trunks: the networks of sub-ports are missing in its answers.
#[derive(Clone, Debug)]
pub struct NovaLookup {
    pub(super) service: Service,
}

impl NovaLookup {
    /// Asks this Nova as this service user. The endpoint is the one in the catalogue, with its
    /// version (and project, in older clouds): `https://compute.example/v2.1`.
    #[must_use]
    pub const fn new(nova: Endpoint, credential: ServiceCredential) -> Self {
        let service = Service {
            name: "nova",
            endpoint: nova,
            credential,
        };
        Self { service }
    }

    /// These ports, if all of them are on this server. One that is not may be elsewhere.
    async fn by_id(
        &self,
        ids: &[PortId],
        server: Option<ServerId>,
    ) -> Result<Vec<Port>, CallError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut ports = self
            .by_server(server.ok_or(CallError::Unanswerable)?)
            .await?;
        ports.retain(|port| ids.contains(&port.id));
        let found = |id: &PortId| ports.iter().any(|port| port.id == *id);
        if ids.iter().all(found) {
            Ok(ports)
        } else {
            Err(CallError::Unanswerable)
        }
    }

    async fn by_server(&self, server: ServerId) -> Result<Vec<Port>, CallError> {
        let path = format!("/servers/{server}/os-interface");
        let Some(list) = self.known::<Interfaces>(&path).await? else {
            return Ok(Vec::new());
        };
        let mut ports = Ports::default();
        for Object(it) in list.attachments {
            let port = Port::new(it.port_id, it.net_id);
            ports.add(port.with_addresses(addresses(&it.fixed_ips)))?;
        }
        Ok(ports.into_vec())
    }

    async fn project(&self, server: ServerId) -> Result<Option<ProjectId>, CallError> {
        let path = format!("/servers/{server}");
        let Some(Shown {
            server: Object(shown),
        }) = self.known(&path).await?
        else {
            return Ok(None);
        };
        if shown.id != server {
            return Err(CallError::OtherServer(shown.id));
        }
        Ok(Some(shown.tenant_id))
    }

    /// What Nova tells of a server, if it knows it.
    async fn known<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, CallError> {
        let answer = self.service.get(path, self.service.deadline()).await?;
        match answer.status {
            StatusCode::OK => Ok(Some(read(&answer.body)?)),
            // Nova says so in a fault of its own. Any other 404 is a wrong endpoint's, and
            // taking that for "no such server" would make every server look empty.
            StatusCode::NOT_FOUND if read::<NotFound>(&answer.body).is_ok() => Ok(None),
            status => Err(CallError::Status(status)),
        }
    }
}

impl PortLookup for NovaLookup {
    fn ports<'a>(&'a self, ids: &'a [PortId], server: Option<ServerId>) -> LookupFuture<'a> {
        Box::pin(async move { self.service.report(self.by_id(ids, server).await) })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        Box::pin(async move { self.service.report(self.by_server(server).await) })
    }
}

impl ProjectLookup for NovaLookup {
    fn server_project(&self, server: ServerId) -> LookupFuture<'_, Option<ProjectId>> {
        Box::pin(async move { self.service.report(self.project(server).await) })
    }
}

#[derive(Deserialize)]
struct Shown {
    server: Object<Server>,
}

#[derive(Deserialize)]
struct Server {
    #[serde(deserialize_with = "parsed")]
    id: ServerId,
    #[serde(deserialize_with = "project")]
    tenant_id: ProjectId,
}

pub(super) fn project<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ProjectId, D::Error> {
    let id = Box::<str>::deserialize(deserializer)?;
    ProjectId::new(id).map_err(D::Error::custom)
}

#[derive(Deserialize)]
struct Interfaces {
    #[serde(rename = "interfaceAttachments")]
    attachments: Vec<Object<Interface>>,
}

#[derive(Deserialize)]
struct Interface {
    #[serde(deserialize_with = "parsed")]
    port_id: PortId,
    #[serde(deserialize_with = "parsed")]
    net_id: NetworkId,
    #[serde(default)]
    fixed_ips: Vec<Object<FixedIp>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NotFound {
    #[expect(dead_code, reason = "that it is there is what counts")]
    item_not_found: Object<IgnoredAny>,
}
