//! A gateway by a file that changes, in front of a simulated cloud.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::ServiceExt as _;
use wafflehaus::{
    config::{Loader, Reloader},
    pipeline::Gateway,
    sim::{Cloud, Endpoints, User},
};

const PROJECT: &str = "6f70656e";

/// The two networks that plans differ in.
pub(crate) const NETWORKS: [&str; 2] = [
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
];

/// A pipeline in which a create has to ask for this network, and may for so many in all. The two
/// policies are in two guards, one before and one behind a role router.
pub(crate) fn plan(required: usize, most: usize) -> String {
    let required = NETWORKS[required];
    format!(
        "[pipeline:main]
pipeline = authtoken keystonecontext nets router

[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory

[filter:keystonecontext]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory

[filter:nets]
paste.filter_factory = wafflehaus.requestnetworks:RequestNetworks.factory
required_nets = {required}

[composite:router]
use = call:wafflehaus.rolerouter:rolerouter_factory
routes = managed
roles_managed = role1
route_managed = count nova
route_default = nova

[filter:count]
paste.filter_factory = wafflehaus.network_count_check:NetworkCountCheck.factory
networks_min = 0
networks_max = {most}

[app:nova]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
"
    )
}

/// A create that asks for this network.
pub(crate) fn create(network: usize) -> Request<Full<Bytes>> {
    let network = NETWORKS[network];
    let body = format!(
        r#"{{"server": {{"name": "web", "imageRef": "", "flavorRef": "1", "networks": [{{"uuid": "{network}"}}]}}}}"#
    );
    Request::post("/v2.1/servers")
        .header("host", "gateway")
        .header("x-auth-token", "token")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))
        .unwrap()
}

/// A folder of its own, with a configuration in it; removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wafflehaus-reload-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("api-paste.ini")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    pub(crate) fn remove(&self) {
        fs::remove_file(self.file()).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A cloud with alice, who has the role of the route.
pub(crate) async fn cloud() -> (Cloud, Endpoints) {
    let cloud = Cloud::new();
    for network in NETWORKS {
        cloud.add_network(network, "net").unwrap();
    }
    let alice = User::new("alice", PROJECT).roles(["member", "role1"]);
    cloud.add_user(alice).unwrap();
    cloud.add_token("token", "alice").unwrap();
    let service = User::new("gateway", "service").project_name("service");
    cloud
        .add_user(service.roles(["admin"]).password("secret"))
        .unwrap();
    let endpoints = cloud.listen().await.unwrap();
    (cloud, endpoints)
}

/// What a gateway has to be told of a cloud.
pub(crate) fn settings(endpoints: &Endpoints) -> [(&'static str, String); 6] {
    [
        ("upstream", endpoints.nova()),
        ("auth_url", format!("{}/v3", endpoints.keystone())),
        ("username", "gateway".to_owned()),
        ("password", "secret".to_owned()),
        ("project_name", "service".to_owned()),
        ("neutron_url", endpoints.neutron()),
    ]
}

/// A gateway by the file in a folder.
pub(crate) struct Running {
    pub(crate) cloud: Cloud,
    pub(crate) reloader: Reloader,
    pub(crate) gateway: Gateway,
    _endpoints: Endpoints,
}

impl Running {
    pub(crate) async fn start(folder: &Folder, plan: &str) -> Self {
        folder.write(plan);
        let (cloud, endpoints) = cloud().await;
        let loader = settings(&endpoints)
            .into_iter()
            .fold(Loader::new(), |loader, (key, value)| loader.set(key, value));
        let reloader = Reloader::start(loader, &folder.file()).unwrap();
        Self {
            cloud,
            gateway: reloader.gateway(),
            reloader,
            _endpoints: endpoints,
        }
    }

    /// Sends a request; status and body of the answer.
    pub(crate) fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> impl Future<Output = (u16, Bytes)> + Send + 'static {
        let gateway = self.gateway.clone();
        async move { send(gateway, request).await }
    }

    pub(crate) async fn answer(&self, request: Request<Full<Bytes>>) -> u16 {
        self.send(request).await.0
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own bodies")]
pub(crate) async fn send(gateway: Gateway, request: Request<Full<Bytes>>) -> (u16, Bytes) {
    use http_body_util::BodyExt as _;
    let Ok(response) = gateway.oneshot(request).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, body)
}
