//! The one reader of Neutron's bodies: what a request would change, before anything is looked up.

mod one;
mod port;
mod trunk;

use self::{
    one::One,
    port::PortFields,
    trunk::{TrunkFields, sub_ports},
};
use super::{Device, Request};
use crate::nova::{InvalidBody, NetworkId, PortId, ServerId, TrunkId};

/// One change that a request asks for, in Neutron's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// A new port on a network is a server's.
    Create {
        network: NetworkId,
        server: ServerId,
    },
    /// A port becomes a part of something else, or of nothing.
    Move { port: PortId, to: Device },
    /// A port stays where it is, but of no use there.
    Idle { port: PortId },
    /// Ports become sub-ports.
    Join {
        trunk: Trunk,
        sub_ports: Vec<PortId>,
    },
    /// These sub-ports, or all, stop being sub-ports.
    Leave {
        trunk: TrunkId,
        sub_ports: Option<Vec<PortId>>,
    },
}

/// A trunk that is there, or the port of which one is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trunk {
    Made(TrunkId),
    Of(PortId),
}

impl Request {
    /// Whether its body says what it changes.
    pub(super) const fn has_body(self) -> bool {
        match self {
            Self::AddSubports { .. }
            | Self::CreatePorts
            | Self::CreateTrunks
            | Self::RemoveSubports { .. }
            | Self::UpdatePort { .. } => true,
            Self::DeletePort { .. } | Self::DeleteTrunk { .. } | Self::Other => false,
        }
    }

    /// What it asks for. `body` is looked at only if the request [has one](Self::has_body).
    ///
    /// # Errors
    ///
    /// [`InvalidBody`] by the rules of the [module](super).
    pub(super) fn wishes(self, body: &[u8]) -> Result<Vec<Wish>, InvalidBody> {
        Ok(match self {
            Self::AddSubports { trunk } => vec![Wish::Join {
                trunk: Trunk::Made(trunk),
                sub_ports: sub_ports(body)?,
            }],
            Self::CreatePorts => {
                let ports = One::<PortFields>::read(body)?.or_many()?;
                let wishes = ports.into_iter().map(PortFields::create);
                wishes
                    .filter_map(Result::transpose)
                    .collect::<Result<_, _>>()?
            }
            Self::CreateTrunks => {
                let trunks = One::<TrunkFields>::read(body)?.or_many()?;
                let wishes = trunks.into_iter().map(TrunkFields::create);
                wishes
                    .filter_map(Result::transpose)
                    .collect::<Result<_, _>>()?
            }
            Self::DeletePort { port } => vec![Wish::Move {
                port,
                to: Device::Nobody,
            }],
            Self::DeleteTrunk { trunk } => vec![Wish::Leave {
                trunk,
                sub_ports: None,
            }],
            Self::Other => Vec::new(),
            Self::RemoveSubports { trunk } => vec![Wish::Leave {
                trunk,
                sub_ports: Some(sub_ports(body)?),
            }],
            Self::UpdatePort { port } => One::<PortFields>::read(body)?.alone()?.update(port),
        })
    }
}

#[cfg(test)]
mod tests;
