//! What a project may have, in one region, and what it has of that.
//!
//! [`QuotaStore`] is what actions ask. [`OpenStackQuota`] asks Nova, Neutron and Cinder with the
//! service credential; [`InMemoryQuota`] keeps everything itself, for tests and trials.
//!
//! # Rules
//!
//! 1. A service that is not there has no quotas, and setting some of it is a failure.
//! 2. What is reserved counts as used.
//! 3. A limit is a number, or -1 for no limit. [`QuotaStore::set`] sets it whatever is used:
//!    whether that is right is for the caller to judge.

mod in_memory;
mod openstack;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

pub use in_memory::InMemoryQuota;
pub use openstack::OpenStackQuota;

use super::CloudFuture;

/// A service that has quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Service {
    /// Volumes.
    Cinder,
    /// Networks.
    Neutron,
    /// Servers.
    Nova,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cinder => "cinder",
            Self::Neutron => "neutron",
            Self::Nova => "nova",
        })
    }
}

/// Limits by service and resource: `{"nova": {"instances": 10}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Limits(BTreeMap<Service, BTreeMap<String, i64>>);

impl Limits {
    /// No limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a limit; -1 is for none.
    #[must_use]
    pub fn limit(mut self, service: Service, resource: impl Into<String>, limit: i64) -> Self {
        let of = self.0.entry(service).or_default();
        of.insert(resource.into(), limit);
        self
    }

    /// A limit, if it is among them.
    #[must_use]
    pub fn get(&self, service: Service, resource: &str) -> Option<i64> {
        self.0.get(&service)?.get(resource).copied()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeMap::is_empty)
    }

    /// The limits, by service.
    pub(in crate::workflow) fn by_service(
        &self,
    ) -> impl Iterator<Item = (Service, &BTreeMap<String, i64>)> {
        self.0.iter().map(|(service, limits)| (*service, limits))
    }

    /// Each limit.
    pub fn iter(&self) -> impl Iterator<Item = (Service, &str, i64)> {
        self.by_service().flat_map(|(service, limits)| {
            let each = limits.iter();
            each.map(move |(resource, limit)| (service, resource.as_str(), *limit))
        })
    }
}

/// What a project may have of something, and what it has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Quota {
    /// The service.
    pub service: Service,
    /// Of what: `instances`, for example.
    pub resource: String,
    /// How much it may have; -1 is for no limit.
    pub limit: i64,
    /// How much it has.
    pub used: i64,
}

impl Quota {
    /// A limit and what is used of it.
    pub fn new(service: Service, resource: impl Into<String>, limit: i64, used: i64) -> Self {
        Self {
            service,
            resource: resource.into(),
            limit,
            used,
        }
    }
}

/// Quotas of projects.
pub trait QuotaStore: Send + Sync + 'static {
    /// The quotas of the project with this id, of all services.
    fn quotas<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Quota>>;

    /// Sets these limits of the project with this id, and leaves the others.
    fn set<'a>(&'a self, project: &'a str, limits: &'a Limits) -> CloudFuture<'a, ()>;
}

impl fmt::Debug for dyn QuotaStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QuotaStore")
    }
}
