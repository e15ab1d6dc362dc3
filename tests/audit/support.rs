//! A cloud with servers that keep to the rules and others that do not.

use std::path::{Path, PathBuf};

use wafflehaus::{
    openstack::{
        AuthMethod, Client, Inventory, Named, NeutronLookup, NovaLookup, ServiceCredential,
    },
    sim::{Cloud, Endpoints, User},
};

pub(crate) const PROJECT: &str = "6f70656e6f70656e6f70656e6f70656e";
pub(crate) const LAB: &str = "1ab01ab01ab01ab01ab01ab01ab01ab0";
pub(crate) const REQUIRED: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const BANNED: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const FREE: &str = "33333333-3333-4333-8333-333333333333";

/// Users: `alice`, an owner of servers, and `gateway`, the service user.
pub(crate) async fn cloud() -> (Cloud, Endpoints) {
    let cloud = Cloud::new();
    for network in [REQUIRED, BANNED, FREE] {
        cloud.add_network(network, "net").unwrap();
    }
    cloud.add_user(User::new("alice", PROJECT)).unwrap();
    cloud.add_token("alice", "alice").unwrap();
    cloud
        .add_user(User::new("gateway", "service").roles(["admin"]))
        .unwrap();
    let endpoints = cloud.listen().await.unwrap();
    (cloud, endpoints)
}

pub(crate) fn inventory(endpoints: &Endpoints) -> Inventory {
    let method = AuthMethod::Password {
        user: Named::in_domain("gateway", "Default"),
        password: "gateway".into(),
        project: Named::in_domain("service", "Default"),
    };
    let client = Client::builder().build().unwrap();
    let keystone = format!("{}/v3", endpoints.keystone()).parse().unwrap();
    let credential = ServiceCredential::new(client, keystone, method);
    let nova = format!("{}/v2.1", endpoints.nova()).parse().unwrap();
    Inventory::new(
        NeutronLookup::new(endpoints.neutron().parse().unwrap(), credential.clone()),
        NovaLookup::new(nova, credential),
    )
}

/// A configuration in a folder of its own, which goes with it.
pub(crate) struct File(PathBuf);

impl File {
    /// The globals of this cloud, and this after them.
    pub(crate) fn new(endpoints: &Endpoints, rest: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("wafflehaus-audit-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let (nova, neutron, keystone) =
            (endpoints.nova(), endpoints.neutron(), endpoints.keystone());
        let text = format!(
            r#"
            upstream = "{nova}"
            neutron_url = "{neutron}"
            auth_url = "{keystone}/v3"
            username = "gateway"
            password = "gateway"
            project_name = "service"
            {rest}
            "#
        );
        std::fs::write(folder.join("gateway.toml"), text).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.join("gateway.toml")
    }
}

impl AsRef<Path> for File {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// One pipeline: the required network, none that is banned, but not for the lab's servers.
pub(crate) fn one_pipeline() -> String {
    format!(
        r#"
        [pipeline.main]
        pipeline = ["keystone", "networks", "stay", "nova"]
        [filter.keystone]
        use = "keystone"
        [filter.networks]
        use = "request_networks"
        required_nets = ["{REQUIRED}"]
        banned_nets = ["{BANNED}"]
        exempt_projects = ["{LAB}"]
        [filter.stay]
        use = "detach_network_check"
        required_nets = ["{REQUIRED}"]
        [app.nova]
        use = "nova"
        "#
    )
}
