//! One requested network, named directly or by a port on it.

use super::{InvalidBody, NetworkId, PortId, json::Reader};

/// A network a request names, or the port that stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestedNetwork {
    /// A network, on which Nova makes a port.
    Network(NetworkId),
    /// A port that exists; the network is the one it is on.
    Port {
        /// The port.
        port: PortId,
        /// The network that is named beside it. Nova ignores it; some clients always send it.
        beside: Option<NetworkId>,
    },
}

impl RequestedNetwork {
    /// Reads an entry of `networks` in a server create.
    pub(super) fn read(json: &mut Reader<'_>) -> Result<Self, InvalidBody> {
        let (mut uuid, mut port) = (None, None);
        json.object("networks[]", |key, json| {
            match key {
                "uuid" => uuid = json.optional_id(key)?,
                "port" => port = json.optional_id(key)?,
                _ => {}
            }
            Ok(())
        })?;
        match (uuid, port) {
            (beside, Some(port)) => Ok(Self::Port { port, beside }),
            (Some(network), None) => Ok(Self::Network(network)),
            (None, None) => Err(json.error("a requested network has neither `uuid` nor `port`")),
        }
    }
}
