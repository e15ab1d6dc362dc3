//! The body of a server action.

mod names;

use std::{borrow::Cow, net::IpAddr};

use serde::de::{Error as _, IgnoredAny, MapAccess};

use super::{
    InvalidBody, NetworkId,
    strict::{Fields, Object, optional_id, read, unknown},
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
        let Body { action } = read(bytes)?;
        Ok(action.ok_or_else(|| serde_json::Error::custom("no action is named"))?)
    }
}

#[derive(Default)]
struct Body {
    action: Option<ServerAction>,
}

impl Fields for Body {
    const NAME: &'static str = "the body";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if self.action.is_some() {
            return Err(A::Error::custom("two actions are named"));
        }
        self.action = Some(match key {
            "addFixedIp" => {
                let Object(AddFixedIp(network)) = map.next_value()?;
                let network = network.ok_or_else(|| A::Error::missing_field("networkId"))?;
                ServerAction::AddFixedIp { network }
            }
            "removeFixedIp" => {
                let Object(RemoveFixedIp(address)) = map.next_value()?;
                let address = address.ok_or_else(|| A::Error::missing_field("address"))?;
                ServerAction::RemoveFixedIp { address }
            }
            name => {
                let action = names::action(name)
                    .ok_or_else(|| A::Error::custom("there is no such action"))?;
                map.next_value::<IgnoredAny>()?;
                action
            }
        });
        Ok(())
    }
}

#[derive(Default)]
struct AddFixedIp(Option<NetworkId>);

impl Fields for AddFixedIp {
    const NAME: &'static str = "addFixedIp";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "networkId" => self.0 = optional_id(map, key)?,
            _ => return unknown(Self::NAME),
        }
        Ok(())
    }
}

#[derive(Default)]
struct RemoveFixedIp(Option<IpAddr>);

impl Fields for RemoveFixedIp {
    const NAME: &'static str = "removeFixedIp";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "address" => self.0 = Some(address(map)?),
            _ => return unknown(Self::NAME),
        }
        Ok(())
    }
}

/// An address as Neutron spells it. Nova compares the text, so another spelling would be
/// judged for one port and tried on none.
fn address<'de, A: MapAccess<'de>>(map: &mut A) -> Result<IpAddr, A::Error> {
    let text: Cow<'de, str> = map.next_value()?;
    let address: Option<IpAddr> = text.parse().ok();
    address
        .filter(|address| address.to_string() == text)
        .ok_or_else(|| A::Error::custom("`address` is not an address in its canonical spelling"))
}

#[cfg(test)]
mod tests;
