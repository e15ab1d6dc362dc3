//! What ports and trunks are a part of, as Neutron tells it.

use http::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    NeutronLookup,
    answer::{Object, parsed, read},
    error::CallError,
};
use crate::{
    guard::LookupFuture,
    neutron::{Device, DeviceLookup, TrunkPorts},
    nova::{PortId, TrunkId},
};

impl NeutronLookup {
    async fn port_device(&self, id: PortId) -> Result<Option<Device>, CallError> {
        let list = format!("/ports?fields=id&fields=device_id&id={id}");
        let Ports { ports } = self.list(&list).await?;
        let Some(Object(port)) = only(ports)? else {
            return Ok(None);
        };
        if port.id != id {
            return Err(CallError::Unasked(port.id));
        }
        Ok(Some(Device::recorded(&port.device_id)))
    }

    async fn ports_of_trunk(&self, id: TrunkId) -> Result<Option<TrunkPorts>, CallError> {
        let list = format!("/trunks?fields=id&fields=port_id&fields=sub_ports&id={id}");
        let Trunks { trunks } = self.list(&list).await?;
        let Some(Object(trunk)) = only(trunks)? else {
            return Ok(None);
        };
        if trunk.id != id {
            return Err(CallError::OtherTrunk(trunk.id));
        }
        let sub_ports = trunk.sub_ports.into_iter();
        let sub_ports = sub_ports.map(|Object(it)| it.port_id).collect();
        Ok(Some(TrunkPorts::new(trunk.port_id, sub_ports)))
    }

    /// A list that has no second page: what is asked for has one id.
    async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        let answer = self.service.get(path, self.service.deadline()).await?;
        match answer.status {
            StatusCode::OK => read(&answer.body),
            status => Err(CallError::Status(status)),
        }
    }
}

impl DeviceLookup for NeutronLookup {
    fn device(&self, port: PortId) -> LookupFuture<'_, Option<Device>> {
        Box::pin(async move { self.service.report(self.port_device(port).await) })
    }

    fn trunk(&self, trunk: TrunkId) -> LookupFuture<'_, Option<TrunkPorts>> {
        Box::pin(async move { self.service.report(self.ports_of_trunk(trunk).await) })
    }
}

/// The one entry of a list, if there is any.
fn only<T>(list: Vec<T>) -> Result<Option<T>, CallError> {
    let mut list = list.into_iter();
    match (list.next(), list.next()) {
        (first, None) => Ok(first),
        (_, Some(_)) => Err(CallError::Several),
    }
}

#[derive(Deserialize)]
struct Ports {
    ports: Vec<Object<Port>>,
}

#[derive(Deserialize)]
struct Port {
    #[serde(deserialize_with = "parsed")]
    id: PortId,
    device_id: String,
}

#[derive(Deserialize)]
struct Trunks {
    trunks: Vec<Object<Trunk>>,
}

#[derive(Deserialize)]
struct Trunk {
    #[serde(deserialize_with = "parsed")]
    id: TrunkId,
    #[serde(deserialize_with = "parsed")]
    port_id: PortId,
    sub_ports: Vec<Object<SubPort>>,
}

#[derive(Deserialize)]
pub(super) struct SubPort {
    #[serde(deserialize_with = "parsed")]
    pub(super) port_id: PortId,
}
