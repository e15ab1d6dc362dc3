//! What has been looked up for a request.

use crate::{
    identity::ProjectId,
    nova::{Port, PortId, ServerId},
};

/// Facts from outside a request. One value serves all the policies that judge it, so nothing
/// is looked up twice.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Each port that was asked for, if it exists.
    ports: Vec<(PortId, Option<Port>)>,
    servers: Vec<(ServerId, Vec<Port>)>,
    /// Each server that was asked for, with its project if it exists.
    projects: Vec<(ServerId, Option<ProjectId>)>,
}

impl Facts {
    /// Nothing known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            ports: Vec::new(),
            servers: Vec::new(),
            projects: Vec::new(),
        }
    }

    /// Records the answer to a question about ports: of those `asked`, `found` exist.
    #[must_use]
    pub fn with_ports(mut self, asked: &[PortId], found: &[Port]) -> Self {
        self.ports.retain(|(id, _)| !asked.contains(id));
        self.ports.extend(asked.iter().map(|&id| {
            let port = found.iter().find(|port| port.id == id);
            (id, port.cloned())
        }));
        self
    }

    /// Records the ports that a server has.
    #[must_use]
    pub fn with_server_ports(mut self, server: ServerId, ports: Vec<Port>) -> Self {
        self.servers.retain(|(id, _)| *id != server);
        self.servers.push((server, ports));
        self
    }

    /// Records the project that a server belongs to: `None` if there is no such server.
    #[must_use]
    pub fn with_server_project(mut self, server: ServerId, project: Option<ProjectId>) -> Self {
        self.projects.retain(|(id, _)| *id != server);
        self.projects.push((server, project));
        self
    }

    /// A port: `None` if nobody asked, `Some(None)` if there is no such port.
    pub(super) fn port(&self, port: PortId) -> Option<Option<&Port>> {
        self.ports
            .iter()
            .find(|(id, _)| *id == port)
            .map(|(_, port)| port.as_ref())
    }

    /// The ports of a server, if somebody asked.
    pub(super) fn server_ports(&self, server: ServerId) -> Option<&[Port]> {
        self.servers
            .iter()
            .find(|(id, _)| *id == server)
            .map(|(_, ports)| ports.as_slice())
    }

    /// The project of a server: `None` if nobody asked, `Some(None)` if there is no such server.
    pub(super) fn server_project(&self, server: ServerId) -> Option<Option<&ProjectId>> {
        self.projects
            .iter()
            .find(|(id, _)| *id == server)
            .map(|(_, project)| project.as_ref())
    }
}
