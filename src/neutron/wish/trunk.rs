//! What is looked into of a trunk and its sub-ports.

use super::{Trunk, Wish, one::Resource};
use crate::nova::{
    InvalidBody, PortId,
    json::{self, Reader},
};

#[derive(Default)]
pub(super) struct TrunkFields {
    port: Option<PortId>,
    sub_ports: Vec<PortId>,
}

impl Resource for TrunkFields {
    const ONE: &'static str = "trunk";
    const MANY: &'static str = "trunks";

    fn read(json: &mut Reader<'_>) -> Result<Self, InvalidBody> {
        let mut trunk = Self::default();
        json.object(Self::ONE, |key, json| {
            match key {
                "port_id" => trunk.port = json.optional_id(key)?,
                "sub_ports" => trunk.sub_ports = json.list(key, sub_port)?,
                "trunk" => return Err(json.error("`trunk` has a `trunk` in it")),
                _ => {}
            }
            Ok(())
        })?;
        Ok(trunk)
    }
}

impl TrunkFields {
    pub(super) fn create(self) -> Result<Option<Wish>, InvalidBody> {
        let Self { port, sub_ports } = self;
        if sub_ports.is_empty() {
            return Ok(None);
        }
        let port = port.ok_or_else(|| InvalidBody::new("a trunk has no `port_id`"))?;
        Ok(Some(Wish::Join {
            trunk: Trunk::Of(port),
            sub_ports,
        }))
    }
}

/// Reads the body of both changes of a trunk's sub-ports.
pub(super) fn sub_ports(body: &[u8]) -> Result<Vec<PortId>, InvalidBody> {
    json::read(body, |json| {
        let mut sub_ports = None;
        json.object("the body", |key, json| {
            if key != "sub_ports" {
                return Err(json.unknown_key("the body"));
            }
            sub_ports = Some(json.list(key, sub_port)?);
            Ok(())
        })?;
        sub_ports.ok_or_else(|| json.error("expected `sub_ports`"))
    })
}

fn sub_port(json: &mut Reader<'_>) -> Result<PortId, InvalidBody> {
    let mut port = None;
    json.object("sub_ports[]", |key, json| {
        if key == "port_id" {
            port = json.optional_id(key)?;
        }
        Ok(())
    })?;
    port.ok_or_else(|| json.error("a sub-port has no `port_id`"))
}
