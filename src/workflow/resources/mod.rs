//! Everything that a project has, in one region, and its removal.
//!
//! [`ResourceStore`] is what an action asks. [`OpenStackResources`] asks Nova, Neutron and Cinder
//! with the service credential; [`InMemoryResources`] keeps everything itself, for tests and
//! trials.
//!
//! # Rules
//!
//! 1. A list is complete or fails, and has nothing of any other project: an answer with somebody
//!    else's thing in it is a failure.
//! 2. [`Kind`]s are in the order in which things can be deleted: nothing is needed by what comes
//!    after it.
//! 3. [`ResourceStore::delete`] may be repeated: what is gone already is no failure. A thing that
//!    is still in use is a [conflict](super::CloudError::Conflict).
//! 4. The security group `default`, which Neutron does not delete, and ports that Neutron made for
//!    itself are not listed.

mod in_memory;
mod openstack;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use in_memory::InMemoryResources;
pub use openstack::OpenStackResources;

use super::CloudFuture;

/// What a thing of a project is, in the order of deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A server.
    Server,
    /// A volume's snapshot.
    Snapshot,
    /// A volume.
    Volume,
    /// A floating address.
    FloatingIp,
    /// A router's port on a subnet.
    RouterInterface,
    /// A router, with its way out.
    Router,
    /// A port of a server, or of nothing.
    Port,
    /// A subnet.
    Subnet,
    /// A network.
    Network,
    /// A security group.
    SecurityGroup,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FloatingIp => "floating address",
            Self::Network => "network",
            Self::Port => "port",
            Self::Router => "router",
            Self::RouterInterface => "router interface",
            Self::SecurityGroup => "security group",
            Self::Server => "server",
            Self::Snapshot => "snapshot",
            Self::Subnet => "subnet",
            Self::Volume => "volume",
        })
    }
}

/// A thing that a project has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// Its id. A router interface has the id of its port.
    pub id: String,
    /// Its name, which may be empty.
    pub name: String,
    /// The id of the router that an interface is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router: Option<String>,
}

impl Resource {
    /// A thing.
    pub fn new(kind: Kind, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
            name: name.into(),
            router: None,
        }
    }

    /// The interface of a router.
    pub fn interface(port: impl Into<String>, router: impl Into<String>) -> Self {
        let mut interface = Self::new(Kind::RouterInterface, port, "");
        interface.router = Some(router.into());
        interface
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)?;
        if self.name.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.name)
    }
}

/// What projects have.
pub trait ResourceStore: Send + Sync + 'static {
    /// All that the project with this id has, in the order of deletion.
    fn list<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Resource>>;

    /// Deletes a thing. It may still be there for a while.
    fn delete<'a>(&'a self, resource: &'a Resource) -> CloudFuture<'a, ()>;
}

impl fmt::Debug for dyn ResourceStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResourceStore")
    }
}
