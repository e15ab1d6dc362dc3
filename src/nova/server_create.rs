//! The body of a server create, as far as policies care.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor},
};

use super::{
    InvalidBody, RequestedNetwork,
    strict::{Fields, Object, read, sequence},
};

/// The networks a server create asks for.
///
/// ```
/// use wafflehaus::nova::{RequestedNetworks, ServerCreate};
///
/// let create = ServerCreate::from_json(br#"{"server": {"networks": "none"}}"#)?;
/// assert_eq!(create.networks, RequestedNetworks::None);
///
/// let twice = br#"{"server": {"networks": "none", "netw\u006frks": "auto"}}"#;
/// assert!(ServerCreate::from_json(twice).is_err());
/// # Ok::<(), wafflehaus::nova::InvalidBody>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerCreate {
    /// The `networks` of each server that is created.
    pub networks: RequestedNetworks,
}

/// `networks` in all the forms that Nova takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestedNetworks {
    /// No `networks` at all, or an empty list, which Nova takes for the same: it attaches the
    /// one network the project can see, at the time it builds the server.
    #[default]
    Absent,
    /// `"auto"`: like [`Absent`](Self::Absent), but Nova makes a network if there is none.
    Auto,
    /// These, in this order. Not empty.
    Listed(Vec<RequestedNetwork>),
    /// `"none"`: a server without interfaces.
    None,
}

impl ServerCreate {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// [`InvalidBody`] by the rules of the [module](super).
    pub fn from_json(bytes: &[u8]) -> Result<Self, InvalidBody> {
        let Body { server } = read(bytes)?;
        let server = server.ok_or_else(|| serde_json::Error::custom("missing `server`"))?;
        Ok(Self {
            networks: server.networks,
        })
    }
}

#[derive(Default)]
struct Body {
    server: Option<Server>,
}

impl Fields for Body {
    const NAME: &'static str = "the body";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "server" => self.server = Some(map.next_value::<Object<Server>>()?.0),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Default)]
struct Server {
    networks: RequestedNetworks,
}

impl Fields for Server {
    const NAME: &'static str = "server";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "networks" => self.networks = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for RequestedNetworks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Networks;

        impl<'de> Visitor<'de> for Networks {
            type Value = RequestedNetworks;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of networks, \"auto\" or \"none\" for `networks`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                match text {
                    "auto" => Ok(RequestedNetworks::Auto),
                    "none" => Ok(RequestedNetworks::None),
                    _ => Err(E::invalid_value(Unexpected::Other("another text"), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                let networks = sequence(items)?;
                Ok(if networks.is_empty() {
                    RequestedNetworks::Absent
                } else {
                    RequestedNetworks::Listed(networks)
                })
            }
        }

        deserializer.deserialize_any(Networks)
    }
}

#[cfg(test)]
mod tests;
