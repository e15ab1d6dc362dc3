//! Facts that a Neutron request leaves out.

use std::fmt;

use super::Device;
use crate::{
    guard::{LookupError, LookupFuture, NoLookup},
    nova::{PortId, TrunkId},
};

/// Tells what ports and trunks are a part of now. Asked only about those that a request changes.
///
/// As a [`PortLookup`](crate::guard::PortLookup), it asks with a credential of its own, and
/// answers with what it knows to be so, or fails.
pub trait DeviceLookup: Send + Sync + 'static {
    /// What a port is a part of; `None` for a port that is not known.
    fn device(&self, port: PortId) -> LookupFuture<'_, Option<Device>>;

    /// The ports of a trunk; `None` for a trunk that is not known.
    fn trunk(&self, trunk: TrunkId) -> LookupFuture<'_, Option<TrunkPorts>>;
}

/// The ports of a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrunkPorts {
    /// The port that carries the others.
    pub parent: PortId,
    /// The ports that are carried.
    pub sub_ports: Vec<PortId>,
}

impl TrunkPorts {
    /// A trunk with these ports.
    #[must_use]
    pub const fn new(parent: PortId, sub_ports: Vec<PortId>) -> Self {
        Self { parent, sub_ports }
    }
}

impl DeviceLookup for NoLookup {
    fn device(&self, _: PortId) -> LookupFuture<'_, Option<Device>> {
        Box::pin(async { Err(LookupError::new("device", NONE)) })
    }

    fn trunk(&self, _: TrunkId) -> LookupFuture<'_, Option<TrunkPorts>> {
        Box::pin(async { Err(LookupError::new("device", NONE)) })
    }
}

impl fmt::Debug for dyn DeviceLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceLookup")
    }
}

const NONE: &str = "no lookup is configured";
