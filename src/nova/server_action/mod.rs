//! The body of a server action.

mod names;

use std::net::IpAddr;

use super::{
    InvalidBody, NetworkId,
    json::{self, Reader},
};

/// What an action does to the networks of its server.
///
/// ```
/// use wafflehaus::nova::ServerAction;
///
/// let read = |json: &str| ServerAction::from_json(json.as_bytes()).ok();
/// assert_eq!(read(r#"{"unshelve": null}"#), Some(ServerAction::BindPorts));
/// assert_eq!(read(r#"{"lock": null}"#), Some(ServerAction::Other));
/// assert_eq!(read(r#"{"lock": null, "unshelve": null}"#), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerAction {
    /// `addFixedIp`: one more address on this network.
    AddFixedIp {
        /// The network.
        network: NetworkId,
    },
    /// An action after which the guest has whatever ports Neutron says are the server's, those
    /// included that Nova never attached: `unshelve`, `resize`, `rebuild`, `reboot` and others.
    BindPorts,
    /// Any other action that Nova has had.
    Other,
    /// `removeFixedIp`: this address goes.
    RemoveFixedIp {
        /// The address.
        address: IpAddr,
    },
}

impl ServerAction {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// [`InvalidBody`] by the rules of the [module](super), for a body that does not name
    /// exactly one action, for an action that no Nova has had, and for a network or an address
    /// that is not spelled canonically.
    pub fn from_json(bytes: &[u8]) -> Result<Self, InvalidBody> {
        json::read(bytes, |json| {
            let mut action = None;
            json.object("the body", |name, json| {
                if action.is_some() {
                    return Err(json.error("two actions are named"));
                }
                action = Some(match name {
                    "addFixedIp" => Self::AddFixedIp {
                        network: network(json)?,
                    },
                    "removeFixedIp" => Self::RemoveFixedIp {
                        address: address(json)?,
                    },
                    name => {
                        names::action(name).ok_or_else(|| json.error("there is no such action"))?
                    }
                });
                Ok(())
            })?;
            action.ok_or_else(|| json.error("no action is named"))
        })
    }
}

fn network(json: &mut Reader<'_>) -> Result<NetworkId, InvalidBody> {
    let mut network = None;
    json.object("addFixedIp", |key, json| {
        if key != "networkId" {
            return Err(json.unknown_key("addFixedIp"));
        }
        network = json.optional_id(key)?;
        Ok(())
    })?;
    network.ok_or_else(|| json.error("missing `networkId`"))
}

/// An address as Neutron spells it. Nova compares the text, so another spelling would be
/// judged for one port and tried on none.
fn address(json: &mut Reader<'_>) -> Result<IpAddr, InvalidBody> {
    let mut address = None;
    json.object("removeFixedIp", |key, json| {
        if key != "address" {
            return Err(json.unknown_key("removeFixedIp"));
        }
        let text = json.text(key)?;
        let canonical = |address: &IpAddr| address.to_string() == text;
        address = text.parse().ok().filter(canonical);
        if address.is_none() {
            return Err(json.error("`address` is not an address in its canonical spelling"));
        }
        Ok(())
    })?;
    address.ok_or_else(|| json.error("missing `address`"))
}

#[cfg(test)]
mod tests;
