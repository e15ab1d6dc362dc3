//! A request, as a policy sees it.

use super::{Denial, DenialKind, Facts, Hold, Need};
use crate::{
    identity::{Identity, ProjectId},
    nova::{
        InterfaceAttach, NetworkId, Operation, Port, PortId, RequestBody, RequestedNetwork,
        RequestedNetworks, ServerCreate, ServerId,
    },
};

/// What is asked, by whom, and what is known so far.
#[derive(Clone, Copy, Debug)]
pub struct Inspection<'a> {
    operation: Operation,
    identity: Option<&'a Identity>,
    body: Option<&'a RequestBody>,
    facts: Option<&'a Facts>,
}

impl<'a> Inspection<'a> {
    /// A request for this operation, of which nothing else is known.
    #[must_use]
    pub const fn new(operation: Operation) -> Self {
        Self {
            operation,
            identity: None,
            body: None,
            facts: None,
        }
    }

    /// Adds who asks.
    #[must_use]
    pub const fn identity(mut self, identity: &'a Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Adds what the body says.
    #[must_use]
    pub const fn body(mut self, body: &'a RequestBody) -> Self {
        self.body = Some(body);
        self
    }

    /// Adds what has been looked up.
    #[must_use]
    pub const fn facts(mut self, facts: &'a Facts) -> Self {
        self.facts = Some(facts);
        self
    }

    /// What is asked of Nova.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// Who asks. A guard always knows; a test may leave it out.
    #[must_use]
    pub const fn caller(&self) -> Option<&'a Identity> {
        self.identity
    }

    /// The body of a server create.
    ///
    /// # Errors
    ///
    /// [`Need::Body`] while it has not been read.
    pub fn server_create(&self) -> Result<&'a ServerCreate, Hold> {
        match self.body {
            Some(RequestBody::ServerCreate(create)) => Ok(create),
            Some(RequestBody::InterfaceAttach(_)) | None => Err(Hold::Need(Need::Body)),
        }
    }

    /// The body of an attach.
    ///
    /// # Errors
    ///
    /// [`Need::Body`] while it has not been read.
    pub fn interface_attach(&self) -> Result<&'a InterfaceAttach, Hold> {
        match self.body {
            Some(RequestBody::InterfaceAttach(attach)) => Ok(attach),
            Some(RequestBody::ServerCreate(_)) | None => Err(Hold::Need(Need::Body)),
        }
    }

    /// The ports that a server has now.
    ///
    /// # Errors
    ///
    /// [`Need::ServerPorts`] while they have not been looked up.
    pub fn server_ports(&self, server: ServerId) -> Result<&'a [Port], Hold> {
        self.facts
            .and_then(|facts| facts.server_ports(server))
            .ok_or(Hold::Need(Need::ServerPorts(server)))
    }

    /// The project that the server belongs to, or will belong to once it is made; `None` if there
    /// is no such server, or nobody is known to ask for a new one.
    ///
    /// # Errors
    ///
    /// [`Need::ServerProject`] while it has not been looked up.
    pub fn server_project(&self) -> Result<Option<&'a ProjectId>, Hold> {
        let Some(server) = self.operation.server() else {
            return Ok(self.identity.and_then(Identity::project_id));
        };
        self.facts
            .and_then(|facts| facts.server_project(server))
            .ok_or(Hold::Need(Need::ServerProject(server)))
    }

    /// The network of a port that the request names; `None` if there is no such port.
    ///
    /// # Errors
    ///
    /// [`Need::Ports`] while it has not been looked up.
    pub fn port_network(&self, port: PortId) -> Result<Option<NetworkId>, Hold> {
        self.facts
            .and_then(|facts| facts.port_network(port))
            .ok_or(Hold::Need(Need::Ports))
    }

    /// The network that a requested network stands for.
    ///
    /// # Errors
    ///
    /// [`Need::Ports`] while the port has not been looked up; `port_unknown` if it does not
    /// exist; `malformed_body` if another network than its own is named beside it.
    pub fn resolve(&self, requested: RequestedNetwork) -> Result<NetworkId, Hold> {
        match requested {
            RequestedNetwork::Network(network) => Ok(network),
            RequestedNetwork::Port { port, beside } => {
                let network = self.port_network(port)?.ok_or_else(|| {
                    let message = format!("port {port} could not be found");
                    Denial::new(DenialKind::PortUnknown, message)
                })?;
                match beside {
                    Some(beside) if beside != network => {
                        let message = format!("port {port} is not on the network beside it");
                        Err(Denial::new(DenialKind::MalformedBody, message).into())
                    }
                    Some(_) | None => Ok(network),
                }
            }
        }
    }

    /// The ports that the request names, in the path or the body: those of [`Need::Ports`].
    #[must_use]
    pub fn named_ports(&self) -> Vec<PortId> {
        let named = match self.body {
            Some(RequestBody::InterfaceAttach(attach)) => std::slice::from_ref(&attach.network),
            Some(RequestBody::ServerCreate(ServerCreate {
                networks: RequestedNetworks::Listed(networks),
            })) => networks,
            Some(RequestBody::ServerCreate(_)) | None => &[],
        };
        let mut ports: Vec<_> = named
            .iter()
            .filter_map(|requested| match requested {
                RequestedNetwork::Network(_) => None,
                RequestedNetwork::Port { port, .. } => Some(*port),
            })
            .collect();
        if let Operation::DetachInterface { port, .. } = self.operation {
            ports.push(port);
        }
        ports.sort_unstable();
        ports.dedup();
        ports
    }
}
