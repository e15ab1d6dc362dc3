//! A project's things, as Nova, Neutron and Cinder know them.

use http::Method;
use serde_json::{Map, Value, json};

use super::{Kind, Resource, ResourceStore};
use crate::workflow::{
    CloudError, CloudFuture, Services,
    cloud::{Remote, encoded},
};

/// Asks the services of a region.
#[derive(Clone, Debug)]
pub struct OpenStackResources {
    services: Services,
}

impl OpenStackResources {
    /// Asks these services. What the others have is not seen.
    #[must_use]
    pub const fn new(services: Services) -> Self {
        Self { services }
    }

    async fn all(&self, project: &str) -> Result<Vec<Resource>, CloudError> {
        let mut resources = Vec::new();
        for place in PLACES {
            if let Some(remote) = self.remote(place.kind) {
                place.read(remote, project, &mut resources).await?;
            }
        }
        resources.sort();
        Ok(resources)
    }

    async fn delete_one(&self, resource: &Resource) -> Result<(), CloudError> {
        let missing = CloudError::Missing {
            service: "resources",
        };
        let remote = self.remote(resource.kind).ok_or(missing)?;
        let outcome = match (resource.kind, &resource.router) {
            (Kind::RouterInterface, Some(router)) => {
                let path = format!("/routers/{}/remove_router_interface", encoded(router));
                let body = json!({ "port_id": resource.id });
                remote.change(Method::PUT, &path, Some(&body)).await
            }
            (kind, _) => {
                let path = format!("/{}/{}", folder(kind), encoded(&resource.id));
                remote.change(Method::DELETE, &path, None).await
            }
        };
        match outcome {
            Ok(_) | Err(CloudError::Missing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    const fn remote(&self, kind: Kind) -> Option<&Remote> {
        match kind {
            Kind::Server => self.services.nova.as_ref(),
            Kind::Snapshot | Kind::Volume => self.services.cinder.as_ref(),
            Kind::FloatingIp
            | Kind::Network
            | Kind::Port
            | Kind::Router
            | Kind::RouterInterface
            | Kind::SecurityGroup
            | Kind::Subnet => self.services.neutron.as_ref(),
        }
    }
}

impl ResourceStore for OpenStackResources {
    fn list<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Resource>> {
        Box::pin(self.all(project))
    }

    fn delete<'a>(&'a self, resource: &'a Resource) -> CloudFuture<'a, ()> {
        Box::pin(self.delete_one(resource))
    }
}

/// Where things are listed, below which key, and which field says whose they are.
struct Place {
    kind: Kind,
    list: &'static str,
    key: &'static str,
    owner: &'static str,
}

impl Place {
    async fn read(
        &self,
        remote: &Remote,
        project: &str,
        resources: &mut Vec<Resource>,
    ) -> Result<(), CloudError> {
        let joint = if self.list.contains('?') { '&' } else { '?' };
        let path = format!("{}{joint}project_id={}", self.list, encoded(project));
        let found: Vec<Map<String, Value>> = remote.list(&path, self.key).await?;
        for fields in found {
            let text = |key: &str| fields.get(key).and_then(Value::as_str);
            // A service that ignored the filter would have everybody's things deleted.
            let (Some(id), Some(owner)) = (text("id"), text(self.owner)) else {
                return Err(CloudError::not_asked(remote.name()));
            };
            if owner != project {
                return Err(CloudError::not_asked(remote.name()));
            }
            let name = text("name").or(text("floating_ip_address"));
            let name = name.unwrap_or_default();
            match (self.kind, text("device_owner"), text("device_id")) {
                (Kind::SecurityGroup, ..) if name == "default" => {}
                (Kind::Port, Some(device), Some(router)) if device.starts_with("network:") => {
                    if device.contains("router_interface") {
                        resources.push(Resource::interface(id, router));
                    }
                }
                (kind, ..) => resources.push(Resource::new(kind, id, name)),
            }
        }
        Ok(())
    }
}

/// Router interfaces are among the ports.
const PLACES: [Place; 9] = [
    Place {
        kind: Kind::Server,
        list: "/servers/detail?all_tenants=1",
        key: "servers",
        owner: "tenant_id",
    },
    Place {
        kind: Kind::Snapshot,
        list: "/snapshots/detail?all_tenants=1",
        key: "snapshots",
        owner: "os-extended-snapshot-attributes:project_id",
    },
    Place {
        kind: Kind::Volume,
        list: "/volumes/detail?all_tenants=1",
        key: "volumes",
        owner: "os-vol-tenant-attr:tenant_id",
    },
    neutron(Kind::FloatingIp, "/floatingips", "floatingips"),
    neutron(Kind::Router, "/routers", "routers"),
    neutron(Kind::Port, "/ports", "ports"),
    neutron(Kind::Subnet, "/subnets", "subnets"),
    neutron(Kind::Network, "/networks", "networks"),
    neutron(Kind::SecurityGroup, "/security-groups", "security_groups"),
];

const fn neutron(kind: Kind, list: &'static str, key: &'static str) -> Place {
    Place {
        kind,
        list,
        key,
        owner: "project_id",
    }
}

/// Below which a thing is, by its id.
const fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::FloatingIp => "floatingips",
        Kind::Network => "networks",
        Kind::Port | Kind::RouterInterface => "ports",
        Kind::Router => "routers",
        Kind::SecurityGroup => "security-groups",
        Kind::Server => "servers",
        Kind::Snapshot => "snapshots",
        Kind::Subnet => "subnets",
        Kind::Volume => "volumes",
    }
}
