//! Sets up a network with a way out.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};

use serde_json::Value;

use super::{
    People,
    people::origin,
    stop::{Stop, invalid, settle},
};
use crate::workflow::{
    Action, ActionFuture, Context, Field, Kind,
    network::{
        CreateNetwork, CreateRouter, CreateSubnet, Interface, Network, NetworkStore, Router, Subnet,
    },
};

/// How a network is set up in a region.
///
/// | Setting | Default | Means |
/// |---|---|---|
/// | `public_network` | | the external network that the router leads to, by id or name |
/// | `network_name`, `subnet_name`, `router_name` | `default_network`, `default_subnet`, `default_router` | the names of what is made |
/// | `subnet_cidr` | `192.168.1.0/24` | the addresses of the subnet |
/// | `dns_nameservers` | none | the servers of names that the subnet tells of |
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NetworkSettings {
    /// The external network that the router leads to, by id or name.
    pub public_network: String,
    /// The network's name.
    #[serde(default = "network_name")]
    pub network_name: String,
    /// The subnet's name.
    #[serde(default = "subnet_name")]
    pub subnet_name: String,
    /// The router's name.
    #[serde(default = "router_name")]
    pub router_name: String,
    /// The addresses of the subnet.
    #[serde(default = "subnet_cidr")]
    pub subnet_cidr: String,
    /// The servers of names that the subnet tells of.
    #[serde(default)]
    pub dns_nameservers: Vec<String>,
}

impl NetworkSettings {
    /// The defaults, with a way out through this network.
    pub fn new(public_network: impl Into<String>) -> Self {
        Self {
            public_network: public_network.into(),
            network_name: network_name(),
            subnet_name: subnet_name(),
            router_name: router_name(),
            subnet_cidr: subnet_cidr(),
            dns_nameservers: Vec::new(),
        }
    }
}

/// The regions in which networks can be set up. Clones are the same.
#[derive(Clone, Debug)]
#[must_use]
pub struct Regions {
    default: String,
    all: BTreeMap<String, (NetworkSettings, Arc<dyn NetworkStore>)>,
}

impl Regions {
    /// One region, which is also the one that is meant if none is named.
    pub fn new(
        name: impl Into<String>,
        settings: NetworkSettings,
        store: Arc<dyn NetworkStore>,
    ) -> Self {
        let default = name.into();
        let all = BTreeMap::from([(default.clone(), (settings, store))]);
        Self { default, all }
    }

    /// Adds a region.
    pub fn region(
        mut self,
        name: impl Into<String>,
        settings: NetworkSettings,
        store: Arc<dyn NetworkStore>,
    ) -> Self {
        self.all.insert(name.into(), (settings, store));
        self
    }

    async fn check(&self, ctx: &Context<'_>) -> Result<Site<'_>, Stop> {
        let name: Option<String> = ctx.input("region")?;
        let name = name.as_ref().unwrap_or(&self.default);
        let Some((name, (settings, store))) = self.all.get_key_value(name) else {
            return Err(invalid("region_unknown", "Region does not exist."));
        };
        if !is_cidr(&settings.subnet_cidr) {
            return Err(invalid(
                "cidr_invalid",
                "The region's subnet has no valid CIDR.",
            ));
        }
        let external = store.external_network(&settings.public_network).await?;
        let missing = || {
            let note = "The region's public network does not exist.";
            invalid("public_network_missing", note)
        };
        Ok(Site {
            external: external.ok_or_else(missing)?,
            name,
            settings,
            store: &**store,
        })
    }
}

/// A region in which a network is to be set up.
struct Site<'a> {
    external: Network,
    name: &'a str,
    settings: &'a NetworkSettings,
    store: &'a dyn NetworkStore,
}

impl Site<'_> {
    /// Makes network, subnet, router and interface.
    async fn set_up(&self, ctx: &mut Context<'_>, project: &str) -> Result<(), Stop> {
        let origin = &origin(ctx);
        let network = self.network(ctx, project, origin).await?;
        let subnet = self.subnet(ctx, &network).await?;
        let router = self.router(ctx, project, origin).await?;
        let interface = self.interface(ctx, &router, &subnet).await?;
        for (kind, id) in [
            ("network", network.id),
            ("subnet", subnet.id),
            ("router", router.id),
            ("port", interface.port_id),
        ] {
            ctx.remember(format!("{kind}_id_{}", self.name), id);
        }
        ctx.set_state("completed");
        let (name, region) = (&self.settings.network_name, self.name);
        let note = format!("Network {name} with its subnet and router is set up in {region}.");
        ctx.note(note);
        Ok(())
    }

    async fn network(
        &self,
        ctx: &Context<'_>,
        project: &str,
        origin: &str,
    ) -> Result<Network, Stop> {
        let new = CreateNetwork::new(&*self.settings.network_name, project, origin);
        let look = async {
            let all = self.store.networks(project).await?.into_iter();
            let mut own = all.filter(|it| it.name == new.name && it.origin == *origin);
            Ok(own.next())
        };
        let act = async { Ok(self.store.create_network(&new).await?) };
        Ok(ctx.step("create network", look, act).await?)
    }

    async fn subnet(&self, ctx: &Context<'_>, network: &Network) -> Result<Subnet, Stop> {
        let settings = self.settings;
        let new = CreateSubnet::new(&*settings.subnet_name, &*settings.subnet_cidr, network)
            .dns_nameservers(settings.dns_nameservers.clone());
        let look = async {
            let all = self.store.subnets(&network.project_id).await?.into_iter();
            let mut own = all.filter(|it| it.network_id == network.id && it.origin == new.origin);
            Ok(own.next())
        };
        let act = async { Ok(self.store.create_subnet(&new).await?) };
        Ok(ctx.step("create subnet", look, act).await?)
    }

    async fn router(&self, ctx: &Context<'_>, project: &str, origin: &str) -> Result<Router, Stop> {
        let new = CreateRouter::new(&*self.settings.router_name, project, &self.external, origin);
        let look = async {
            let all = self.store.routers(project).await?.into_iter();
            let mut own = all.filter(|it| it.name == new.name && it.origin == *origin);
            Ok(own.next())
        };
        let act = async { Ok(self.store.create_router(&new).await?) };
        Ok(ctx.step("create router", look, act).await?)
    }

    async fn interface(
        &self,
        ctx: &Context<'_>,
        router: &Router,
        subnet: &Subnet,
    ) -> Result<Interface, Stop> {
        let look = async {
            let all = self.store.interfaces(&router.id).await?.into_iter();
            let mut own = all.filter(|it| it.subnet_id == subnet.id);
            Ok(own.next())
        };
        let act = async { Ok(self.store.add_interface(&router.id, &subnet.id).await?) };
        Ok(ctx.step("add interface", look, act).await?)
    }
}

/// Sets up a network in the caller's project.
///
/// In `pre_approve` and `post_approve`: the project is the caller's, the region is known and has
/// its public network. `post_approve` makes a network, a subnet, a router to the public network
/// and its interface on the subnet, keeps their ids (`network_id_<region>` and so on), and sets
/// the state to `completed`. With `setup_network` false nothing is made.
#[derive(Debug)]
pub struct NewDefaultNetwork {
    people: People,
    regions: Regions,
    fields: [Field; 3],
}

impl NewDefaultNetwork {
    /// Networks in these regions.
    #[must_use]
    pub fn new(people: People, regions: Regions) -> Self {
        Self {
            people,
            regions,
            fields: [
                Field::new("setup_network", Kind::Boolean).default(true),
                Field::new("project_id", Kind::Text { longest: 64 }),
                region(),
            ],
        }
    }

    async fn act(&self, stage: &str, ctx: &mut Context<'_>) -> Result<(), Stop> {
        if !matches!(stage, "pre_approve" | "post_approve") {
            return Ok(());
        }
        let project = self.people.own_project(ctx, "project_id").await?.project;
        let site = self.regions.check(ctx).await?;
        if stage == "post_approve" && ctx.input("setup_network")? {
            site.set_up(ctx, &project.id).await?;
        }
        Ok(())
    }
}

impl Action for NewDefaultNetwork {
    fn name(&self) -> &str {
        "NewDefaultNetwork"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move { settle(self.act(stage, ctx).await) })
    }
}

/// Sets up a network in the project that the task has made before, as [`NewDefaultNetwork`] does
/// in the caller's. With `setup_resources` false, as it is by default, nothing is made.
#[derive(Debug)]
pub struct DefaultProjectResources {
    people: People,
    regions: Regions,
    fields: [Field; 2],
}

impl DefaultProjectResources {
    /// Networks in these regions.
    #[must_use]
    pub fn new(people: People, regions: Regions) -> Self {
        Self {
            people,
            regions,
            fields: [
                Field::new("setup_resources", Kind::Boolean).default(false),
                region(),
            ],
        }
    }

    async fn act(&self, stage: &str, ctx: &mut Context<'_>) -> Result<(), Stop> {
        if !matches!(stage, "pre_approve" | "post_approve") {
            return Ok(());
        }
        let site = self.regions.check(ctx).await?;
        if stage == "post_approve" {
            let project = self.people.new_project(ctx).await?;
            if ctx.input("setup_resources")? {
                site.set_up(ctx, &project.id).await?;
            }
        }
        Ok(())
    }
}

impl Action for DefaultProjectResources {
    fn name(&self) -> &str {
        "DefaultProjectResources"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move { settle(self.act(stage, ctx).await) })
    }
}

fn region() -> Field {
    Field::new("region", Kind::Text { longest: 255 }).default(Value::Null)
}

/// An IPv4 address, which is the first of its range, and the length of its prefix.
pub(crate) fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let (Ok(address), Ok(length)) = (address.parse::<Ipv4Addr>(), length.parse::<u32>()) else {
        return false;
    };
    let hosts = u32::MAX.checked_shr(length).unwrap_or_default();
    (1..=30).contains(&length) && address.to_bits() & hosts == 0
}

fn network_name() -> String {
    "default_network".into()
}

fn subnet_name() -> String {
    "default_subnet".into()
}

fn router_name() -> String {
    "default_router".into()
}

fn subnet_cidr() -> String {
    "192.168.1.0/24".into()
}
