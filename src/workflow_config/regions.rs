//! The services of each region, and how networks are set up there.

use std::sync::Arc;

use super::whole::whole;
use crate::{
    nearest::none_such,
    openstack::{Endpoint, ServiceCredential},
    workflow::{
        Services,
        actions::{NetworkSettings, is_cidr},
        network::{NetworkStore, NeutronNetwork},
    },
    workflow_messages::Section,
};

/// A region.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) name: String,
    pub(super) services: Services,
    /// How a network is set up, if one can be.
    pub(super) network: Option<(NetworkSettings, Arc<dyn NetworkStore>)>,
}

/// All regions, the one first that is meant where none is named.
pub(super) fn read(top: &mut Section<'_>, credential: &ServiceCredential) -> Vec<Region> {
    let default: Option<String> = top.value("default_region");
    let mut regions: Vec<Region> = Vec::new();
    if let Some(section) = top.section("regions") {
        section.each(|name, section| regions.extend(Region::read(name, section, credential)));
    }
    let Some(default) = default else {
        if regions.iter().filter(|it| it.network.is_some()).count() > 1 {
            let message = "this is missing: networks can be set up in several regions";
            top.wrong::<()>("default_region", message);
        }
        return regions;
    };
    match regions.iter().position(|it| it.name == default) {
        Some(at) => regions.swap(0, at),
        None => {
            let names = regions.iter().map(|it| &*it.name);
            let message = none_such("region", &default, names);
            top.wrong::<()>("default_region", message);
        }
    }
    regions
}

impl Region {
    fn read(name: &str, mut section: Section<'_>, credential: &ServiceCredential) -> Option<Self> {
        let keys = ["nova", "neutron", "cinder"];
        let none = !keys.into_iter().any(|key| section.has(key));
        let [nova, neutron, cinder] = keys.map(|key| section.parsed::<Endpoint>(key));
        if section.has("network") && neutron.is_none() {
            section.wrong::<()>("neutron", "this is missing: networks are to be set up");
        }
        let settings = section.section("network").and_then(network);
        if none {
            section.refuse("a region has a `nova`, a `neutron` or a `cinder`");
            return None;
        }
        section.finish();
        let mut services = Services::new(credential.clone());
        if let Some(nova) = nova {
            services = services.nova(nova);
        }
        if let Some(cinder) = cinder {
            services = services.cinder(cinder);
        }
        if let Some(neutron) = neutron.clone() {
            services = services.neutron(neutron);
        }
        let network = settings.zip(neutron).map(|(settings, neutron)| {
            let store = NeutronNetwork::new(neutron, credential.clone());
            (settings, Arc::new(store) as Arc<dyn NetworkStore>)
        });
        Some(Self {
            name: name.to_owned(),
            services,
            network,
        })
    }
}

fn network(mut section: Section<'_>) -> Option<NetworkSettings> {
    let cidr: Option<String> = section.peek("subnet_cidr");
    if cidr.is_some_and(|it| !is_cidr(&it)) {
        let message = "expected an IPv4 network, such as `192.168.1.0/24`";
        section.wrong::<()>("subnet_cidr", message);
    }
    whole(section)
}
