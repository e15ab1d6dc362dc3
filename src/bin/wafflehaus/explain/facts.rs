//! Facts from a file, instead of from Neutron and Nova.

use std::{collections::HashMap, error::Error, fs, path::Path, sync::Arc};

use serde::Deserialize;
use wafflehaus::{
    guard::{LookupError, LookupFuture, PortLookup, ProjectLookup},
    identity::ProjectId,
    neutron::{Device, DeviceLookup, TrunkPorts},
    nova::{NetworkId, Port, PortId, ServerId, TrunkId},
};

/// What is known. What is not named is not known, which is not the same as not there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    ports: HashMap<PortId, NetworkId>,
    servers: HashMap<ServerId, (Option<ProjectId>, Vec<Port>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    ports: HashMap<String, String>,
    #[serde(default)]
    servers: HashMap<String, Server>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    project: Option<String>,
    #[serde(default)]
    ports: HashMap<String, String>,
}

impl Facts {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let in_file = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| in_file(&error))?;
        let file: File = serde_json::from_str(&text).map_err(|error| in_file(&error))?;
        Self::new(file).map_err(|error| in_file(&error).into())
    }

    fn new(file: File) -> Result<Self, Box<dyn Error>> {
        let mut known = Known::default();
        for (port, network) in file.ports {
            known.ports.insert(port.parse()?, network.parse()?);
        }
        for (id, server) in file.servers {
            let mut ports = Vec::new();
            for (port, network) in server.ports {
                let port = Port::new(port.parse()?, network.parse()?);
                known.ports.insert(port.id, port.network);
                ports.push(port);
            }
            let project = server.project.map(ProjectId::new).transpose()?;
            known.servers.insert(id.parse()?, (project, ports));
        }
        Ok(Self(Arc::new(known)))
    }
}

impl PortLookup for Facts {
    fn ports<'a>(&'a self, ids: &'a [PortId], _: Option<ServerId>) -> LookupFuture<'a> {
        let ports = ids.iter().map(|id| {
            let network = self.0.ports.get(id);
            network
                .map(|network| Port::new(*id, *network))
                .ok_or_else(|| LookupError::new("port", format!("port {id} is not in the facts")))
        });
        let ports = ports.collect();
        Box::pin(async { ports })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        let known = self.0.servers.get(&server);
        let ports = known.map(|(_, ports)| ports.clone());
        let ports = ports.ok_or_else(|| unknown(server));
        Box::pin(async { ports })
    }
}

impl ProjectLookup for Facts {
    fn server_project(&self, server: ServerId) -> LookupFuture<'_, Option<ProjectId>> {
        let known = self.0.servers.get(&server);
        let project = known.and_then(|(project, _)| project.clone());
        let project = project.map(Some).ok_or_else(|| unknown(server));
        Box::pin(async { project })
    }
}

/// A port that no server has is nobody's. Of trunks nothing is known.
impl DeviceLookup for Facts {
    fn device(&self, port: PortId) -> LookupFuture<'_, Option<Device>> {
        let mut servers = self.0.servers.iter();
        let server = servers.find(|(_, (_, ports))| ports.iter().any(|it| it.id == port));
        let known = match server {
            Some((server, _)) => Ok(Some(Device::Server(*server))),
            None if self.0.ports.contains_key(&port) => Ok(Some(Device::Nobody)),
            None => Err(LookupError::new(
                "port",
                format!("port {port} is not in the facts"),
            )),
        };
        Box::pin(async { known })
    }

    fn trunk(&self, trunk: TrunkId) -> LookupFuture<'_, Option<TrunkPorts>> {
        let unknown = LookupError::new("trunk", format!("trunk {trunk} is not in the facts"));
        Box::pin(async { Err(unknown) })
    }
}

fn unknown(server: ServerId) -> LookupError {
    LookupError::new("server", format!("server {server} is not in the facts"))
}
