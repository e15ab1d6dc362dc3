//! What is looked into of a port.

use super::{Wish, one::Resource};
use crate::{
    neutron::Device,
    nova::{InvalidBody, InvalidId, NetworkId, PortId, json::Reader},
};

#[derive(Default)]
pub(super) struct PortFields {
    network: Option<NetworkId>,
    device: Option<Device>,
    /// Whether it is left without any address, or called one of Neutron's own.
    idle: bool,
}

impl Resource for PortFields {
    const ONE: &'static str = "port";
    const MANY: &'static str = "ports";

    fn read(json: &mut Reader<'_>) -> Result<Self, InvalidBody> {
        let mut port = Self::default();
        json.object(Self::ONE, |key, json| port.field(key, json))?;
        Ok(port)
    }
}

impl PortFields {
    fn field(&mut self, key: &str, json: &mut Reader<'_>) -> Result<(), InvalidBody> {
        match key {
            "network_id" => self.network = json.optional_id(key)?,
            "device_id" => {
                let text = json.optional(|json| json.text(key))?;
                let device = Device::try_from(text).map_err(|InvalidId| {
                    json.error("`device_id` may be taken for a server's in another spelling")
                })?;
                self.device = Some(device);
            }
            "device_owner" => {
                let owner = json.optional(|json| json.text(key))?;
                // Neutron deletes such ports together with their network.
                self.idle |= owner.is_some_and(|owner| owner.starts_with("network:"));
            }
            "fixed_ips" => {
                let addresses = json.optional(|json| json.list(key, Reader::skip))?;
                self.idle |= addresses.is_none_or(|addresses| addresses.is_empty());
            }
            // Neutron reads what is inside in place of what is around it.
            "port" => return Err(json.error("`port` has a `port` in it")),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn create(self) -> Result<Option<Wish>, InvalidBody> {
        let Some(server) = self.device.and_then(Device::server) else {
            return Ok(None);
        };
        let network = self
            .network
            .ok_or_else(|| InvalidBody::new("a port has no `network_id`"))?;
        Ok(Some(Wish::Create { network, server }))
    }

    pub(super) fn update(self, port: PortId) -> Vec<Wish> {
        let to = self.device.map(|to| Wish::Move { port, to });
        let idle = self.idle.then_some(Wish::Idle { port });
        to.into_iter().chain(idle).collect()
    }
}
