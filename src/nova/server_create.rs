//! The body of a server create, as far as policies care.

use super::{
    InvalidBody, RequestedNetwork,
    json::{self, Reader},
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
        json::read(bytes, |json| {
            let mut server = None;
            json.object("the body", |key, json| {
                if key == "server" {
                    server = Some(Self::read(json)?);
                }
                Ok(())
            })?;
            server.ok_or_else(|| json.error("missing `server`"))
        })
    }

    fn read(json: &mut Reader<'_>) -> Result<Self, InvalidBody> {
        let mut networks = RequestedNetworks::Absent;
        json.object("server", |key, json| {
            if key == "networks" {
                networks = RequestedNetworks::read(json)?;
            }
            Ok(())
        })?;
        Ok(Self { networks })
    }
}

impl RequestedNetworks {
    fn read(json: &mut Reader<'_>) -> Result<Self, InvalidBody> {
        match json.peek() {
            Some(b'"') => match &*json.text("networks")? {
                "auto" => return Ok(Self::Auto),
                "none" => return Ok(Self::None),
                _ => {}
            },
            Some(b'[') => {
                let networks = json.list("networks", RequestedNetwork::read)?;
                return Ok(if networks.is_empty() {
                    Self::Absent
                } else {
                    Self::Listed(networks)
                });
            }
            _ => {}
        }
        Err(json.error("expected a list, \"auto\" or \"none\" for `networks`"))
    }
}

#[cfg(test)]
mod tests;
