//! Networks in memory, or in a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    CreateNetwork, CreateRouter, CreateSubnet, Interface, Network, NetworkStore, Router, Subnet,
};
use crate::workflow::{
    CloudError, CloudFuture,
    cloud::{Shelf, on_a_shelf},
};

/// Networks that only this store knows. Ids are numbers in order, so that equal histories give
/// equal states.
#[derive(Debug)]
pub struct InMemoryNetwork {
    shelf: Shelf<State>,
}

#[derive(Clone, Default, Deserialize, Serialize)]
struct State {
    external: Vec<Network>,
    /// By router.
    interfaces: BTreeMap<String, Vec<Interface>>,
    last_id: u64,
    networks: Vec<Network>,
    routers: Vec<Router>,
    subnets: Vec<Subnet>,
}

on_a_shelf!(InMemoryNetwork);

impl InMemoryNetwork {
    /// Adds an external network, and says its id.
    ///
    /// # Errors
    ///
    /// The file cannot be changed.
    pub fn add_external(&self, name: &str) -> Result<String, CloudError> {
        self.shelf.edit(|state| {
            let id = state.new_id();
            state.external.push(Network::new(id.clone(), name, ""));
            Ok(id)
        })
    }
}

impl Default for InMemoryNetwork {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    fn new_id(&mut self) -> String {
        self.last_id += 1;
        format!("{:08x}-0000-4000-8000-000000000000", self.last_id)
    }

    fn external_network(&self, id_or_name: &str) -> Result<Option<Network>, CloudError> {
        let by_id = self.external.iter().find(|it| it.id == id_or_name);
        if let Some(network) = by_id {
            return Ok(Some(network.clone()));
        }
        let mut named = self.external.iter().filter(|it| it.name == id_or_name);
        match (named.next(), named.next()) {
            (_, Some(_)) => Err(CloudError::Conflict { service: "network" }),
            (only, None) => Ok(only.cloned()),
        }
    }

    fn create_network(&mut self, new: &CreateNetwork) -> Network {
        let mut network = Network::new(self.new_id(), &*new.name, &*new.project_id);
        network.origin.clone_from(&new.origin);
        self.networks.push(network.clone());
        network
    }

    fn create_subnet(&mut self, new: &CreateSubnet) -> Result<Subnet, CloudError> {
        known(self.networks.iter().any(|it| it.id == new.network_id))?;
        let subnet = Subnet::new(self.new_id(), new);
        self.subnets.push(subnet.clone());
        Ok(subnet)
    }

    fn create_router(&mut self, new: &CreateRouter) -> Result<Router, CloudError> {
        let external = &new.external_gateway_info.network_id;
        known(self.external.iter().any(|it| it.id == *external))?;
        let router = Router::new(self.new_id(), new);
        self.routers.push(router.clone());
        Ok(router)
    }

    fn add_interface(&mut self, router: &str, subnet: &str) -> Result<Interface, CloudError> {
        known(self.routers.iter().any(|it| it.id == router))?;
        known(self.subnets.iter().any(|it| it.id == subnet))?;
        let mut there = self.interfaces.get(router).into_iter().flatten();
        if let Some(there) = there.find(|it| it.subnet_id == subnet) {
            return Ok(there.clone());
        }
        let interface = Interface::new(self.new_id(), subnet);
        let interfaces = self.interfaces.entry(router.to_owned()).or_default();
        interfaces.push(interface.clone());
        Ok(interface)
    }
}

impl NetworkStore for InMemoryNetwork {
    fn external_network<'a>(&'a self, id_or_name: &'a str) -> CloudFuture<'a, Option<Network>> {
        Box::pin(self.shelf.change("external_network", move |state| {
            state.external_network(id_or_name)
        }))
    }

    fn networks<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Network>> {
        Box::pin(self.shelf.look("networks", move |state| {
            let all = state.networks.iter();
            all.filter(|it| it.project_id == project).cloned().collect()
        }))
    }

    fn subnets<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Subnet>> {
        Box::pin(self.shelf.look("subnets", move |state| {
            let all = state.subnets.iter();
            all.filter(|it| it.project_id == project).cloned().collect()
        }))
    }

    fn routers<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Router>> {
        Box::pin(self.shelf.look("routers", move |state| {
            let all = state.routers.iter();
            all.filter(|it| it.project_id == project).cloned().collect()
        }))
    }

    fn interfaces<'a>(&'a self, router: &'a str) -> CloudFuture<'a, Vec<Interface>> {
        Box::pin(self.shelf.look("interfaces", move |state| {
            state.interfaces.get(router).cloned().unwrap_or_default()
        }))
    }

    fn create_network<'a>(&'a self, network: &'a CreateNetwork) -> CloudFuture<'a, Network> {
        Box::pin(
            self.shelf
                .change("create_network", |state| Ok(state.create_network(network))),
        )
    }

    fn create_subnet<'a>(&'a self, subnet: &'a CreateSubnet) -> CloudFuture<'a, Subnet> {
        Box::pin(
            self.shelf
                .change("create_subnet", |state| state.create_subnet(subnet)),
        )
    }

    fn create_router<'a>(&'a self, router: &'a CreateRouter) -> CloudFuture<'a, Router> {
        Box::pin(
            self.shelf
                .change("create_router", |state| state.create_router(router)),
        )
    }

    fn add_interface<'a>(&'a self, router: &'a str, subnet: &'a str) -> CloudFuture<'a, Interface> {
        Box::pin(self.shelf.change("add_interface", move |state| {
            state.add_interface(router, subnet)
        }))
    }
}

fn known(is_known: bool) -> Result<(), CloudError> {
    let missing = CloudError::Missing { service: "network" };
    is_known.then_some(()).ok_or(missing)
}
