//! The networks of a project, in one region.
//!
//! [`NetworkStore`] is what actions ask. [`NeutronNetwork`] asks Neutron with the service
//! credential; [`InMemoryNetwork`] keeps everything itself, for tests and trials.
//!
//! # Rules
//!
//! 1. What is made carries its *origin*, the text by which its maker knows it again, as its
//!    description. Looking for what a crash left half-way goes by project, name and origin.
//! 2. A list is one of a project's own things: what others share with it is not there.
//! 3. [`NetworkStore::external_network`] takes an id or a name. A name that several external
//!    networks have finds none of them: it is a failure.
//! 4. [`NetworkStore::add_interface`] may be repeated: a router that is on the subnet already says
//!    by which port.

mod in_memory;
mod neutron;
mod types;

use std::fmt;

pub use in_memory::InMemoryNetwork;
pub use neutron::NeutronNetwork;
pub use types::{
    CreateNetwork, CreateRouter, CreateSubnet, Gateway, Interface, Network, Router, Subnet,
};

use super::CloudFuture;

/// Networks, subnets, routers and their interfaces.
pub trait NetworkStore: Send + Sync + 'static {
    /// The external network with this id or name.
    fn external_network<'a>(&'a self, id_or_name: &'a str) -> CloudFuture<'a, Option<Network>>;

    /// The networks of the project with this id.
    fn networks<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Network>>;

    /// The subnets of the project with this id.
    fn subnets<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Subnet>>;

    /// The routers of the project with this id.
    fn routers<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Router>>;

    /// The interfaces of the router with this id.
    fn interfaces<'a>(&'a self, router: &'a str) -> CloudFuture<'a, Vec<Interface>>;

    /// Makes a network.
    fn create_network<'a>(&'a self, network: &'a CreateNetwork) -> CloudFuture<'a, Network>;

    /// Makes a subnet.
    fn create_subnet<'a>(&'a self, subnet: &'a CreateSubnet) -> CloudFuture<'a, Subnet>;

    /// Makes a router.
    fn create_router<'a>(&'a self, router: &'a CreateRouter) -> CloudFuture<'a, Router>;

    /// Puts a router on a subnet, by their ids.
    fn add_interface<'a>(&'a self, router: &'a str, subnet: &'a str) -> CloudFuture<'a, Interface>;
}

impl fmt::Debug for dyn NetworkStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkStore")
    }
}
