//! One requested network, named directly or by a port on it.

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess},
};

use super::{
    NetworkId, PortId,
    strict::{Fields, Object, optional_id},
};

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

impl<'de> Deserialize<'de> for RequestedNetwork {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Object(entry) = Object::<Entry>::deserialize(deserializer)?;
        match (entry.uuid, entry.port) {
            (beside, Some(port)) => Ok(Self::Port { port, beside }),
            (Some(network), None) => Ok(Self::Network(network)),
            (None, None) => Err(D::Error::custom(
                "a requested network has neither `uuid` nor `port`",
            )),
        }
    }
}

/// An entry of `networks` in a server create.
#[derive(Default)]
struct Entry {
    uuid: Option<NetworkId>,
    port: Option<PortId>,
}

impl Fields for Entry {
    const NAME: &'static str = "networks[]";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "uuid" => self.uuid = optional_id(map, key)?,
            "port" => self.port = optional_id(map, key)?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
