//! What there is in Neutron, as far as actions need it.

use serde::{Deserialize, Serialize};

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Network {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of its project.
    pub project_id: String,
    /// By what its maker knows it again.
    #[serde(default, rename = "description")]
    pub origin: String,
}

impl Network {
    /// A network of a project.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        project_id: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            project_id: project_id.into(),
            origin: String::new(),
        }
    }
}

/// A network that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreateNetwork {
    /// Its name.
    pub name: String,
    /// The id of its project.
    pub project_id: String,
    /// By what its maker knows it again.
    #[serde(rename = "description")]
    pub origin: String,
}

impl CreateNetwork {
    /// A network of a project.
    pub fn new(
        name: impl Into<String>,
        project_id: impl Into<String>,
        origin: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            project_id: project_id.into(),
            origin: origin.into(),
        }
    }
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of its project.
    pub project_id: String,
    /// The id of its network.
    pub network_id: String,
    /// Its addresses.
    pub cidr: String,
    /// The servers of names that it tells of.
    #[serde(default)]
    pub dns_nameservers: Vec<String>,
    /// By what its maker knows it again.
    #[serde(default, rename = "description")]
    pub origin: String,
}

impl Subnet {
    /// A subnet as it is made, with the id that it gets.
    pub fn new(id: impl Into<String>, made: &CreateSubnet) -> Self {
        Self {
            id: id.into(),
            name: made.name.clone(),
            project_id: made.project_id.clone(),
            network_id: made.network_id.clone(),
            cidr: made.cidr.clone(),
            dns_nameservers: made.dns_nameservers.clone(),
            origin: made.origin.clone(),
        }
    }
}

/// A subnet of IPv4 addresses that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreateSubnet {
    /// Its name.
    pub name: String,
    /// The id of its project.
    pub project_id: String,
    /// The id of its network.
    pub network_id: String,
    /// Its addresses.
    pub cidr: String,
    /// The servers of names that it tells of.
    pub dns_nameservers: Vec<String>,
    /// By what its maker knows it again.
    #[serde(rename = "description")]
    pub origin: String,
}

impl CreateSubnet {
    /// A subnet with these addresses on a network.
    pub fn new(name: impl Into<String>, cidr: impl Into<String>, network: &Network) -> Self {
        Self {
            name: name.into(),
            project_id: network.project_id.clone(),
            network_id: network.id.clone(),
            cidr: cidr.into(),
            dns_nameservers: Vec::new(),
            origin: network.origin.clone(),
        }
    }

    /// Sets the servers of names that it tells of.
    #[must_use]
    pub fn dns_nameservers(mut self, servers: Vec<String>) -> Self {
        self.dns_nameservers = servers;
        self
    }
}

/// A router.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Router {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of its project.
    pub project_id: String,
    /// The way out.
    #[serde(default)]
    pub external_gateway_info: Option<Gateway>,
    /// By what its maker knows it again.
    #[serde(default, rename = "description")]
    pub origin: String,
}

impl Router {
    /// A router as it is made, with the id that it gets.
    pub fn new(id: impl Into<String>, made: &CreateRouter) -> Self {
        Self {
            id: id.into(),
            name: made.name.clone(),
            project_id: made.project_id.clone(),
            external_gateway_info: Some(made.external_gateway_info.clone()),
            origin: made.origin.clone(),
        }
    }
}

/// A router's way out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Gateway {
    /// The id of an external network.
    pub network_id: String,
}

/// A router that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreateRouter {
    /// Its name.
    pub name: String,
    /// The id of its project.
    pub project_id: String,
    /// The way out.
    pub external_gateway_info: Gateway,
    /// By what its maker knows it again.
    #[serde(rename = "description")]
    pub origin: String,
}

impl CreateRouter {
    /// A router of a project, with its way out through an external network.
    pub fn new(
        name: impl Into<String>,
        project_id: impl Into<String>,
        external: &Network,
        origin: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            project_id: project_id.into(),
            external_gateway_info: Gateway {
                network_id: external.id.clone(),
            },
            origin: origin.into(),
        }
    }
}

/// That a router is on a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Interface {
    /// The id of the router's port there.
    pub port_id: String,
    /// The subnet's id.
    pub subnet_id: String,
}

impl Interface {
    /// A router's port on a subnet.
    pub fn new(port_id: impl Into<String>, subnet_id: impl Into<String>) -> Self {
        Self {
            port_id: port_id.into(),
            subnet_id: subnet_id.into(),
        }
    }
}
