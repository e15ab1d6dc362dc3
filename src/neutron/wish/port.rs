//! What is looked into of a port.

use std::borrow::Cow;

use serde::de::{Error as _, IgnoredAny, MapAccess};

use super::{Wish, error, list::Listed, one::Named};
use crate::{
    neutron::Device,
    nova::{
        InvalidBody, InvalidId, NetworkId, PortId,
        strict::{Fields, optional_id},
    },
};

#[derive(Default)]
pub(super) struct PortFields {
    network: Option<NetworkId>,
    device: Option<Device>,
    /// Whether it is left without any address, or called one of Neutron's own.
    idle: bool,
}

impl Named for PortFields {
    const ONE: &'static str = "port";
    const MANY: &'static str = "ports";
}

impl Fields for PortFields {
    const NAME: &'static str = "port";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "network_id" => self.network = optional_id(map, key)?,
            "device_id" => {
                let text: Option<Cow<'de, str>> = map.next_value()?;
                let device = Device::try_from(text).map_err(|InvalidId| {
                    A::Error::custom("`device_id` may be taken for a server's in another spelling")
                })?;
                self.device = Some(device);
            }
            "device_owner" => {
                let owner: Option<Cow<'de, str>> = map.next_value()?;
                // Neutron deletes such ports together with their network.
                self.idle |= owner.is_some_and(|owner| owner.starts_with("network:"));
            }
            "fixed_ips" => {
                let addresses: Option<Listed<IgnoredAny>> = map.next_value()?;
                self.idle |= addresses.is_none_or(|Listed(addresses)| addresses.is_empty());
            }
            // Neutron reads what is inside in place of what is around it.
            "port" => return Err(A::Error::custom("`port` has a `port` in it")),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl PortFields {
    pub(super) fn create(self) -> Result<Option<Wish>, InvalidBody> {
        let Some(server) = self.device.and_then(Device::server) else {
            return Ok(None);
        };
        let network = self
            .network
            .ok_or_else(|| error("a port has no `network_id`"))?;
        Ok(Some(Wish::Create { network, server }))
    }

    pub(super) fn update(self, port: PortId) -> Vec<Wish> {
        let to = self.device.map(|to| Wish::Move { port, to });
        let idle = self.idle.then_some(Wish::Idle { port });
        to.into_iter().chain(idle).collect()
    }
}
