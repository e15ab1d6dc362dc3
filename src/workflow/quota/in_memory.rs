//! Quotas in memory, or in a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Limits, Quota, QuotaStore, Service};
use crate::workflow::{
    CloudError, CloudFuture,
    cloud::{Shelf, on_a_shelf},
};

/// Quotas that only this store knows.
#[derive(Debug)]
pub struct InMemoryQuota {
    shelf: Shelf<State>,
}

#[derive(Clone, Default, Deserialize, Serialize)]
struct State {
    /// What a project starts with.
    defaults: Vec<Quota>,
    projects: BTreeMap<String, Vec<Quota>>,
}

on_a_shelf!(InMemoryQuota);

impl InMemoryQuota {
    /// Has every project start with these limits, and nothing used.
    ///
    /// # Errors
    ///
    /// The file cannot be changed.
    pub fn set_defaults(&self, limits: &Limits) -> Result<(), CloudError> {
        self.shelf.edit(|state| {
            let quotas = limits.iter();
            let unused = |(service, resource, limit)| Quota::new(service, resource, limit, 0);
            state.defaults = quotas.map(unused).collect();
            Ok(())
        })
    }

    /// Sets how much a project has of something.
    ///
    /// # Errors
    ///
    /// There is no such quota, or the file cannot be changed.
    pub fn set_used(
        &self,
        project: &str,
        service: Service,
        resource: &str,
        used: i64,
    ) -> Result<(), CloudError> {
        self.shelf.edit(|state| {
            state.quota(project, service, resource)?.used = used;
            Ok(())
        })
    }
}

impl Default for InMemoryQuota {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    fn of(&mut self, project: &str) -> &mut Vec<Quota> {
        let entry = self.projects.entry(project.to_owned());
        entry.or_insert_with(|| self.defaults.clone())
    }

    fn quota(
        &mut self,
        project: &str,
        service: Service,
        resource: &str,
    ) -> Result<&mut Quota, CloudError> {
        let mut quotas = self.of(project).iter_mut();
        let found = quotas.find(|it| it.service == service && it.resource == resource);
        found.ok_or(CloudError::Missing { service: "quota" })
    }
}

impl QuotaStore for InMemoryQuota {
    fn quotas<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Quota>> {
        Box::pin(self.shelf.look("quotas", move |state| {
            let own = state.projects.get(project);
            own.unwrap_or(&state.defaults).clone()
        }))
    }

    fn set<'a>(&'a self, project: &'a str, limits: &'a Limits) -> CloudFuture<'a, ()> {
        Box::pin(self.shelf.change("set", move |state| {
            for (service, resource, limit) in limits.iter() {
                state.quota(project, service, resource)?.limit = limit;
            }
            Ok(())
        }))
    }
}
