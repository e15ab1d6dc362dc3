//! The configuration: from TOML to layers.

use std::{
    error::Error,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};
use tower::util::Either;
use wafflehaus::{
    guard::{GuardLayer, NoLookup, PortLookup},
    identity::Role,
    identity_headers::IdentityHeadersLayer,
    keystone::{KeystoneClient, KeystoneLayer},
    nova::{Mount, NetworkId},
    openstack::{
        AuthMethod, Client, Endpoint, Fallback, Named, NeutronLookup, NovaLookup, ServiceCredential,
    },
    policy::{DetachNetworkCheck, NetworkCountCheck, NetworkSet, Policy, RequestNetworks},
    proxy::Upstream,
    role_router::RoleRouterLayer,
};

/// One of the two ways to know the caller.
pub(crate) type WhoAsks = Either<KeystoneLayer, IdentityHeadersLayer>;

/// All routes have guards of one type, whatever their policies.
pub(crate) type Routes = RoleRouterLayer<GuardLayer<Vec<Box<dyn Policy>>>>;

/// What a configuration file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    #[serde(default, deserialize_with = "parsed")]
    pub(crate) upstream: Option<Upstream>,
    mount: Option<String>,
    #[serde(default)]
    pub(crate) trust_identity_headers: bool,
    pub(crate) openstack: Option<OpenStack>,
    route: Vec<Route>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenStack {
    pub(crate) keystone: String,
    pub(crate) neutron: String,
    pub(crate) nova: String,
    pub(crate) user: String,
    pub(crate) user_domain: String,
    pub(crate) project: String,
    pub(crate) project_domain: String,
    /// Read at once, so that a file that is not there is told at the start.
    #[serde(rename = "password_file", deserialize_with = "contents")]
    pub(crate) password: SecretString,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    name: String,
    roles: Vec<String>,
    request_networks: Option<Nets>,
    detach_network_check: Option<Nets>,
    network_count_check: Option<Count>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Nets {
    required_nets: Vec<String>,
    banned_nets: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Count {
    required_nets: Vec<String>,
    banned_nets: Vec<String>,
    optional_nets: Vec<String>,
    count_optional_nets: bool,
    networks_min: usize,
    networks_max: usize,
}

impl Default for Count {
    fn default() -> Self {
        Self {
            required_nets: Vec::new(),
            banned_nets: Vec::new(),
            optional_nets: Vec::new(),
            count_optional_nets: false,
            networks_min: 1,
            networks_max: 1,
        }
    }
}

impl Settings {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    pub(crate) fn demo() -> Result<Self, Box<dyn Error>> {
        Ok(toml::from_str(include_str!("demo.toml"))?)
    }

    /// A router with a guard on each route, and none on the default.
    pub(crate) fn routes(&self) -> Result<Routes, Box<dyn Error>> {
        let lookup = self.lookup()?;
        let mount = self.mount()?;
        let guard = |policies, name| {
            let layer = GuardLayer::new(policies).mount(mount.clone());
            layer.lookup(Arc::clone(&lookup)).route(name)
        };
        let mut routes = RoleRouterLayer::new(guard(Vec::new(), "default"));
        for route in &self.route {
            let roles: Vec<_> = route
                .roles
                .iter()
                .map(|name| Role::new(name))
                .collect::<Result<_, _>>()?;
            routes = routes.route(roles, guard(route.policies()?, &route.name));
        }
        Ok(routes)
    }

    pub(crate) fn mount(&self) -> Result<Mount, Box<dyn Error>> {
        Ok(self.mount.as_deref().map_or(Ok(Mount::root()), Mount::at)?)
    }

    /// The caller's token, validated; or headers, if the hop before is trusted with that.
    pub(crate) fn identity(&self) -> Result<WhoAsks, Box<dyn Error>> {
        if self.trust_identity_headers {
            tracing::warn!("identity headers are believed: only an authenticator may connect");
            let layer = IdentityHeadersLayer::new().mount(self.mount()?);
            return Ok(Either::Right(layer));
        }
        let openstack = self.openstack.as_ref().ok_or(
            "tokens are validated by the Keystone in [openstack], which is missing \
             (or say `trust_identity_headers = true`)",
        )?;
        let keystone: Endpoint = openstack.keystone.parse()?;
        let client = KeystoneClient::new(keystone.clone(), openstack.credential()?);
        Ok(Either::Left(KeystoneLayer::new(client, &keystone)?))
    }

    /// Neutron, and Nova's own list if Neutron fails.
    fn lookup(&self) -> Result<Arc<dyn PortLookup>, Box<dyn Error>> {
        let Some(openstack) = &self.openstack else {
            tracing::warn!("no [openstack]: judged requests that need a lookup are refused");
            return Ok(Arc::new(NoLookup::default()));
        };
        let credential = openstack.credential()?;
        Ok(Arc::new(Fallback::new(
            NeutronLookup::new(openstack.neutron.parse()?, credential.clone()),
            NovaLookup::new(openstack.nova.parse()?, credential),
        )))
    }
}

impl OpenStack {
    fn credential(&self) -> Result<ServiceCredential, Box<dyn Error>> {
        let method = AuthMethod::Password {
            user: Named::in_domain(&self.user, &self.user_domain),
            password: self.password.clone(),
            project: Named::in_domain(&self.project, &self.project_domain),
        };
        let client = Client::builder().build()?;
        Ok(ServiceCredential::new(
            client,
            self.keystone.parse()?,
            method,
        ))
    }
}

impl Route {
    fn policies(&self) -> Result<Vec<Box<dyn Policy>>, Box<dyn Error>> {
        let mut policies: Vec<Box<dyn Policy>> = Vec::new();
        if let Some(nets) = &self.request_networks {
            let (required, banned) = (networks(&nets.required_nets)?, networks(&nets.banned_nets)?);
            policies.push(Box::new(RequestNetworks::new(required, banned)?));
        }
        if let Some(nets) = &self.detach_network_check {
            if !nets.banned_nets.is_empty() {
                return Err("detach_network_check has no `banned_nets`".into());
            }
            policies.push(Box::new(DetachNetworkCheck::new(networks(
                &nets.required_nets,
            )?)));
        }
        if let Some(count) = &self.network_count_check {
            let check = NetworkCountCheck::builder()
                .required_nets(networks(&count.required_nets)?)
                .banned_nets(networks(&count.banned_nets)?)
                .optional_nets(networks(&count.optional_nets)?)
                .count_optional_nets(count.count_optional_nets)
                .networks_min(count.networks_min)
                .networks_max(count.networks_max);
            policies.push(Box::new(check.build()?));
        }
        Ok(policies)
    }
}

fn networks(texts: &[String]) -> Result<Vec<NetworkId>, Box<dyn Error>> {
    Ok(texts.join(" ").parse::<NetworkSet>()?.iter().collect())
}

fn parsed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Upstream>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

fn contents<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    let text = fs::read_to_string(&path);
    let text = text.map_err(|error| D::Error::custom(format!("{}: {error}", path.display())))?;
    Ok(text.trim_end_matches('\n').into())
}
