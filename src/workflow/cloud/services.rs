//! The services of one region that hold what projects have.

use super::Remote;
use crate::openstack::{Endpoint, ServiceCredential};

/// Nova, Neutron and Cinder, each if it is there.
#[derive(Clone, Debug)]
#[must_use]
pub struct Services {
    credential: ServiceCredential,
    pub(in crate::workflow) cinder: Option<Remote>,
    pub(in crate::workflow) neutron: Option<Remote>,
    pub(in crate::workflow) nova: Option<Remote>,
}

impl Services {
    /// None yet. They are asked as this service user, for whom they must not hide what other
    /// projects have.
    pub const fn new(credential: ServiceCredential) -> Self {
        Self {
            credential,
            cinder: None,
            neutron: None,
            nova: None,
        }
    }

    /// Adds this Cinder, by its endpoint with its version (and project, in older clouds).
    pub fn cinder(mut self, endpoint: Endpoint) -> Self {
        self.cinder = Some(Remote::new("cinder", endpoint, self.credential.clone()));
        self
    }

    /// Adds this Neutron, whose endpoint may end in `/v2.0` or not.
    pub fn neutron(mut self, endpoint: Endpoint) -> Self {
        let endpoint = endpoint.versioned("v2.0");
        self.neutron = Some(Remote::new("neutron", endpoint, self.credential.clone()));
        self
    }

    /// Adds this Nova, by its endpoint with its version (and project, in older clouds).
    pub fn nova(mut self, endpoint: Endpoint) -> Self {
        self.nova = Some(Remote::new("nova", endpoint, self.credential.clone()));
        self
    }
}
