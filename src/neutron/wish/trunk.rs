//! What is looked into of a trunk and its sub-ports.

use serde::de::{Error as _, IgnoredAny, MapAccess};

use super::{Trunk, Wish, error, list::Listed, one::Named};
use crate::nova::{
    InvalidBody, PortId,
    strict::{Fields, Object, optional_id, unknown},
};

#[derive(Default)]
pub(super) struct TrunkFields {
    port: Option<PortId>,
    sub_ports: Option<Vec<PortId>>,
}

impl Named for TrunkFields {
    const ONE: &'static str = "trunk";
    const MANY: &'static str = "trunks";
}

impl Fields for TrunkFields {
    const NAME: &'static str = "trunk";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "port_id" => self.port = optional_id(map, key)?,
            "sub_ports" => self.sub_ports = Some(sub_ports(map)?),
            "trunk" => return Err(A::Error::custom("`trunk` has a `trunk` in it")),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl TrunkFields {
    pub(super) fn create(self) -> Result<Option<Wish>, InvalidBody> {
        let sub_ports = self.sub_ports.unwrap_or_default();
        if sub_ports.is_empty() {
            return Ok(None);
        }
        let port = self.port.ok_or_else(|| error("a trunk has no `port_id`"))?;
        Ok(Some(Wish::Join {
            trunk: Trunk::Of(port),
            sub_ports,
        }))
    }
}

/// The body of both changes of a trunk's sub-ports.
#[derive(Default)]
pub(super) struct SubPorts(Option<Vec<PortId>>);

impl Fields for SubPorts {
    const NAME: &'static str = "the body";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "sub_ports" => self.0 = Some(sub_ports(map)?),
            _ => return unknown(Self::NAME),
        }
        Ok(())
    }
}

impl SubPorts {
    pub(super) fn listed(self) -> Result<Vec<PortId>, InvalidBody> {
        self.0.ok_or_else(|| error("expected `sub_ports`"))
    }
}

fn sub_ports<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Vec<PortId>, A::Error> {
    let Listed(entries) = map.next_value::<Listed<Object<SubPort>>>()?;
    let ports = entries.into_iter().map(|Object(SubPort(port))| {
        port.ok_or_else(|| A::Error::custom("a sub-port has no `port_id`"))
    });
    ports.collect()
}

#[derive(Default)]
struct SubPort(Option<PortId>);

impl Fields for SubPort {
    const NAME: &'static str = "sub_ports[]";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "port_id" => self.0 = optional_id(map, key)?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
