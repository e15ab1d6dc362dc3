//! A request, as a policy sees it.

use super::{Denial, DenialKind, Facts, Hold, Interface, Need};
use crate::{
    identity::{Identity, ProjectId},
    nova::{
        InterfaceAttach, Operation, Port, PortId, RequestBody, RequestedNetwork, RequestedNetworks,
        ServerAction, ServerCreate, ServerId,
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
            Some(_) | None => Err(Hold::Need(Need::Body)),
        }
    }

    /// The body of a server action.
    ///
    /// # Errors
    ///
    /// [`Need::Body`] while it has not been read.
    pub fn server_action(&self) -> Result<ServerAction, Hold> {
        match self.body {
            Some(RequestBody::ServerAction(action)) => Ok(*action),
            Some(_) | None => Err(Hold::Need(Need::Body)),
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
            Some(_) | None => Err(Hold::Need(Need::Body)),
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

    /// The interfaces that these ports are.
    ///
    /// # Errors
    ///
    /// [`Need::ServerPorts`] while they have not been looked up.
    pub fn interfaces(&self, server: ServerId) -> Result<Vec<Interface<'a>>, Hold> {
        Ok(self
            .server_ports(server)?
            .iter()
            .map(Interface::from)
            .collect())
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

    /// A port that the request names; `None` if there is no such port.
    ///
    /// # Errors
    ///
    /// [`Need::Ports`] while it has not been looked up.
    pub fn port(&self, port: PortId) -> Result<Option<&'a Port>, Hold> {
        self.facts
            .and_then(|facts| facts.port(port))
            .ok_or(Hold::Need(Need::Ports))
    }

    /// Refuses a caller that is no service of the cloud: one without the role `service`, of its
    /// own or of a validated service token beside its own.
    ///
    /// # Errors
    ///
    /// `service_only`.
    pub fn require_service(&self) -> Result<(), Denial> {
        let is_service = |identity: &Identity| {
            let mut roles = identity.role_names().iter();
            roles.any(|role| role.as_str().eq_ignore_ascii_case("service"))
        };
        let of_service = |caller: &Identity| {
            is_service(caller) || caller.calling_service().is_some_and(is_service)
        };
        if self.identity.is_some_and(of_service) {
            return Ok(());
        }
        let message = "only the services of the cloud may tell Nova of such events";
        Err(Denial::new(DenialKind::ServiceOnly, message))
    }

    /// What a requested network stands for.
    ///
    /// # Errors
    ///
    /// [`Need::Ports`] while the port has not been looked up; `port_unknown` if it does not
    /// exist; `malformed_body` if another network than its own is named beside it.
    pub fn resolve(&self, requested: RequestedNetwork) -> Result<Interface<'a>, Hold> {
        match requested {
            RequestedNetwork::Network(network) => Ok(Interface::from(network)),
            RequestedNetwork::Port { port, beside } => {
                let found = self.port(port)?.ok_or_else(|| {
                    let message = format!("port {port} could not be found");
                    Denial::new(DenialKind::PortUnknown, message)
                })?;
                match beside {
                    Some(beside) if beside != found.network => {
                        let message = format!("port {port} is not on the network beside it");
                        Err(Denial::new(DenialKind::MalformedBody, message).into())
                    }
                    Some(_) | None => Ok(Interface::from(found)),
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
            Some(RequestBody::ServerCreate(_) | RequestBody::ServerAction(_)) | None => &[],
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
