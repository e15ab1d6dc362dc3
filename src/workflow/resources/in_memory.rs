//! A project's things in memory, or in a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Resource, ResourceStore};
use crate::workflow::{
    CloudError, CloudFuture,
    cloud::{Shelf, on_a_shelf},
};

/// Things that only this store knows. A thing whose kind comes later in the order of deletion is
/// in use as long as an earlier one of its project is there.
#[derive(Debug)]
pub struct InMemoryResources {
    shelf: Shelf<State>,
}

#[derive(Clone, Default, Deserialize, Serialize)]
struct State {
    projects: BTreeMap<String, Vec<Resource>>,
}

on_a_shelf!(InMemoryResources);

impl InMemoryResources {
    /// Gives a project a thing.
    ///
    /// # Errors
    ///
    /// There is a thing with this id, or the file cannot be changed.
    pub fn add(&self, project: &str, resource: Resource) -> Result<(), CloudError> {
        self.shelf.edit(|state| {
            let mut all = state.projects.values().flatten();
            if all.any(|it| it.id == resource.id) {
                return Err(IN_USE);
            }
            let of = state.projects.entry(project.to_owned()).or_default();
            of.push(resource);
            of.sort();
            Ok(())
        })
    }
}

impl Default for InMemoryResources {
    fn default() -> Self {
        Self::new()
    }
}

impl ResourceStore for InMemoryResources {
    fn list<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Resource>> {
        Box::pin(self.shelf.look("list", move |state| {
            state.projects.get(project).cloned().unwrap_or_default()
        }))
    }

    fn delete<'a>(&'a self, resource: &'a Resource) -> CloudFuture<'a, ()> {
        Box::pin(self.shelf.change("delete", move |state| {
            for of in state.projects.values_mut() {
                if !of.contains(resource) {
                    continue;
                }
                if of.iter().any(|it| it.kind < resource.kind) {
                    return Err(IN_USE);
                }
                of.retain(|it| it != resource);
            }
            Ok(())
        }))
    }
}

const IN_USE: CloudError = CloudError::Conflict {
    service: "resources",
};
