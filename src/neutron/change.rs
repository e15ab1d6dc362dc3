//! What a request means for servers, in the words of policies.

use super::{
    Device, DeviceLookup, TrunkPorts,
    wish::{Trunk, Wish},
};
use crate::{
    guard::LookupError,
    nova::{
        AttachApi, InterfaceAttach, Operation, PortId, RequestBody, RequestedNetwork, ServerId,
        TrunkId,
    },
    policy::{Denial, DenialKind},
};

/// A change of one server's networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Attach {
        server: ServerId,
        network: RequestedNetwork,
    },
    Detach {
        server: ServerId,
        port: PortId,
    },
}

impl Change {
    pub(super) const fn server(self) -> ServerId {
        match self {
            Self::Attach { server, .. } | Self::Detach { server, .. } => server,
        }
    }

    /// The port that a server is to get, if it is there already.
    pub(super) const fn attached(self) -> Option<PortId> {
        match self {
            Self::Attach {
                network: RequestedNetwork::Port { port, .. },
                ..
            } => Some(port),
            Self::Attach { .. } | Self::Detach { .. } => None,
        }
    }

    /// What Nova would be asked for the same.
    pub(super) const fn operation(self) -> Operation {
        match self {
            Self::Attach { server, .. } => Operation::AttachInterface {
                server,
                api: AttachApi::OsInterface,
            },
            Self::Detach { server, port } => Operation::DetachInterface { server, port },
        }
    }

    /// The body of that.
    pub(super) const fn body(self) -> Option<RequestBody> {
        match self {
            Self::Attach { network, .. } => {
                Some(RequestBody::InterfaceAttach(InterfaceAttach { network }))
            }
            Self::Detach { .. } => None,
        }
    }
}

impl Wish {
    /// The changes of servers that would come of it.
    pub(super) async fn changes(&self, lookup: &dyn DeviceLookup) -> Result<Vec<Change>, Denial> {
        Ok(match *self {
            Self::Create { network, server } => vec![Change::Attach {
                server,
                network: RequestedNetwork::Network(network),
            }],
            Self::Move { port, to } => {
                let from = device(lookup, port).await?;
                if from == to {
                    return Ok(Vec::new());
                }
                let detach = from.server().map(|server| Change::Detach { server, port });
                let attach = to.server().map(|server| attach(server, port));
                detach.into_iter().chain(attach).collect()
            }
            Self::Idle { port } => {
                let server = device(lookup, port).await?.server();
                server
                    .map(|server| Change::Detach { server, port })
                    .into_iter()
                    .collect()
            }
            Self::Join {
                trunk,
                ref sub_ports,
            } => {
                let parent = match trunk {
                    Trunk::Made(trunk) => ports_of(lookup, trunk).await?.parent,
                    Trunk::Of(port) => port,
                };
                let Some(server) = device(lookup, parent).await?.server() else {
                    return Ok(Vec::new());
                };
                sub_ports.iter().map(|&port| attach(server, port)).collect()
            }
            Self::Leave {
                trunk,
                ref sub_ports,
            } => {
                let ports = ports_of(lookup, trunk).await?;
                let Some(server) = device(lookup, ports.parent).await?.server() else {
                    return Ok(Vec::new());
                };
                let leaving = sub_ports.as_ref().unwrap_or(&ports.sub_ports).iter();
                leaving
                    .map(|&port| Change::Detach { server, port })
                    .collect()
            }
        })
    }
}

const fn attach(server: ServerId, port: PortId) -> Change {
    Change::Attach {
        server,
        network: RequestedNetwork::Port { port, beside: None },
    }
}

async fn device(lookup: &dyn DeviceLookup, port: PortId) -> Result<Device, Denial> {
    let device = lookup.device(port).await.map_err(|error| failed(&error))?;
    device.ok_or_else(|| unknown(format!("port {port} could not be found")))
}

async fn ports_of(lookup: &dyn DeviceLookup, trunk: TrunkId) -> Result<TrunkPorts, Denial> {
    let ports = lookup.trunk(trunk).await.map_err(|error| failed(&error))?;
    ports.ok_or_else(|| unknown(format!("trunk {trunk} could not be found")))
}

/// Refused rather than passed on: a lookup may lag behind, and Neutron find it after all.
fn unknown(message: String) -> Denial {
    Denial::new(DenialKind::InterfaceUnknown, message)
}

/// The refusal of what cannot be judged. The log has the reason.
pub(super) fn failed(error: &LookupError) -> Denial {
    tracing::warn!(%error, "a fact could not be looked up, so the request is refused");
    let message = "what this request changes could not be looked up; try again later";
    Denial::new(DenialKind::LookupFailed, message)
}
