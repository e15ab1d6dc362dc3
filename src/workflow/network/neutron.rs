//! Networks, as Neutron knows them.

use http::Method;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    CreateNetwork, CreateRouter, CreateSubnet, Interface, Network, NetworkStore, Router, Subnet,
};
use crate::{
    openstack::{Endpoint, ServiceCredential},
    workflow::{
        CloudError, CloudFuture,
        cloud::{Remote, encoded},
    },
};

/// Asks Neutron, version 2.0.
#[derive(Clone, Debug)]
pub struct NeutronNetwork {
    neutron: Remote,
}

impl NeutronNetwork {
    /// Asks this Neutron, whose endpoint may end in `/v2.0` or not, as this service user, who must
    /// be one for whom Neutron makes things in other projects.
    #[must_use]
    pub fn new(neutron: Endpoint, credential: ServiceCredential) -> Self {
        let neutron = Remote::new("neutron", neutron.versioned("v2.0"), credential);
        Self { neutron }
    }

    async fn of<T>(&self, list: &str, project: &str) -> Result<Vec<T>, CloudError>
    where
        T: DeserializeOwned,
    {
        let path = format!("/{list}?project_id={}", encoded(project));
        self.neutron.list(&path, list).await
    }

    async fn create<T>(&self, kind: &str, new: &impl Serialize) -> Result<T, CloudError>
    where
        T: DeserializeOwned,
    {
        let body = json!({ kind: new });
        let path = format!("/{kind}s");
        self.neutron.write(Method::POST, &path, &body, kind).await
    }

    async fn external(&self, id_or_name: &str) -> Result<Option<Network>, CloudError> {
        for key in ["id", "name"] {
            let asked = encoded(id_or_name);
            let path = format!("/networks?router%3Aexternal=true&{key}={asked}");
            let mut found: Vec<Network> = self.neutron.list(&path, "networks").await?;
            let only = found.pop();
            if !found.is_empty() {
                let service = self.neutron.name();
                return Err(CloudError::Conflict { service });
            }
            if only.is_some() {
                return Ok(only);
            }
        }
        Ok(None)
    }

    async fn interfaces_of(&self, router: &str) -> Result<Vec<Interface>, CloudError> {
        let path = format!("/ports?device_id={}", encoded(router));
        let ports: Vec<Port> = self.neutron.list(&path, "ports").await?;
        // The port of the way out has another owner.
        let ports = ports.into_iter().filter(|it| {
            matches!(
                &*it.device_owner,
                "network:router_interface"
                    | "network:router_interface_distributed"
                    | "network:ha_router_replicated_interface"
            )
        });
        let addresses = ports.flat_map(|Port { id, fixed_ips, .. }| {
            let interface = move |it: Address| Interface::new(id.clone(), it.subnet_id);
            fixed_ips.into_iter().map(interface)
        });
        Ok(addresses.collect())
    }

    async fn interface_on(&self, router: &str, subnet: &str) -> Result<Interface, CloudError> {
        let path = format!("/routers/{}/add_router_interface", encoded(router));
        let body = json!({ "subnet_id": subnet });
        let refusal = match self.neutron.change(Method::PUT, &path, Some(&body)).await {
            Ok(_) => CloudError::unavailable(self.neutron.name(), "the interface is not there"),
            Err(error @ (CloudError::Conflict { .. } | CloudError::Refused { .. })) => error,
            Err(error) => return Err(error),
        };
        // Neutron has an error of its own for a router that is on the subnet already.
        let interfaces = self.interfaces_of(router).await?;
        let made = interfaces.into_iter().find(|it| it.subnet_id == subnet);
        made.ok_or(refusal)
    }
}

impl NetworkStore for NeutronNetwork {
    fn external_network<'a>(&'a self, id_or_name: &'a str) -> CloudFuture<'a, Option<Network>> {
        Box::pin(self.external(id_or_name))
    }

    fn networks<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Network>> {
        Box::pin(self.of("networks", project))
    }

    fn subnets<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Subnet>> {
        Box::pin(self.of("subnets", project))
    }

    fn routers<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Router>> {
        Box::pin(self.of("routers", project))
    }

    fn interfaces<'a>(&'a self, router: &'a str) -> CloudFuture<'a, Vec<Interface>> {
        Box::pin(self.interfaces_of(router))
    }

    fn create_network<'a>(&'a self, network: &'a CreateNetwork) -> CloudFuture<'a, Network> {
        Box::pin(self.create("network", network))
    }

    fn create_subnet<'a>(&'a self, subnet: &'a CreateSubnet) -> CloudFuture<'a, Subnet> {
        #[derive(Serialize)]
        struct Versioned<'a> {
            #[serde(flatten)]
            subnet: &'a CreateSubnet,
            ip_version: u8,
        }
        let ip_version = 4;
        Box::pin(async move {
            self.create("subnet", &Versioned { subnet, ip_version })
                .await
        })
    }

    fn create_router<'a>(&'a self, router: &'a CreateRouter) -> CloudFuture<'a, Router> {
        Box::pin(self.create("router", router))
    }

    fn add_interface<'a>(&'a self, router: &'a str, subnet: &'a str) -> CloudFuture<'a, Interface> {
        Box::pin(self.interface_on(router, subnet))
    }
}

#[derive(Deserialize)]
struct Port {
    id: String,
    device_owner: String,
    fixed_ips: Vec<Address>,
}

#[derive(Deserialize)]
struct Address {
    subnet_id: String,
}
