//! What all actions share.

use super::{identity::Identity, quota::QuotaSettings, regions::Region};
use crate::{
    openstack::Client,
    workflow::{Services, actions::People},
};

/// The people and the regions that actions deal with.
#[derive(Clone, Debug)]
pub(super) struct Cloud {
    pub(super) people: People,
    pub(super) identity: Identity,
    pub(super) regions: Vec<Region>,
    pub(super) quota: QuotaSettings,
    /// For services that are none of OpenStack's.
    pub(super) client: Client,
}

impl Cloud {
    /// Something of each region's services, by its name.
    pub(super) fn each<T>(&self, of: impl Fn(Services) -> T) -> Vec<(String, T)> {
        let regions = self.regions.iter();
        let each = regions.map(|it| (it.name.clone(), of(it.services.clone())));
        each.collect()
    }
}
