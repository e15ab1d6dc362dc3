//! A gateway that runs, and raw requests to it.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use wafflehaus::{
    body::InspectBody,
    guard::GuardLayer,
    identity::ProjectId,
    identity::Role,
    identity_headers::IdentityHeadersLayer,
    nova::NetworkId,
    openstack::{
        AuthMethod, Client, Fallback, Named, NeutronLookup, NovaLookup, ServiceCredential,
    },
    policy::{ByProject, DetachNetworkCheck, NetworkCountCheck, Policy, RequestNetworks},
    proxy::{Drain, Proxy, ServeOptions, serve},
    role_router::RoleRouterLayer,
    sim::{Api, Cloud, Endpoints, Received, User},
};

pub(crate) const PROJECT: &str = "6f70656e";
/// The project whose servers are exempt.
pub(crate) const LAB: &str = "1ab0";
pub(crate) const REQUIRED: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const BANNED: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const FREE: &str = "33333333-3333-4333-8333-333333333333";
pub(crate) const MORE: &str = "44444444-4444-4444-8444-444444444444";
pub(crate) const SERVER: &str = "5abcde01-c0de-4aaa-8bbb-fedcba987601";
pub(crate) const PORT: &str = "9abcde01-c0de-4aaa-8bbb-fedcba987601";

pub(crate) struct Gateway {
    pub(crate) cloud: Cloud,
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Drain>,
    _endpoints: Endpoints,
}

impl Gateway {
    /// Policies for `role1`: one required network, one banned, two networks at most, and the
    /// required one stays. For `admin` the same, but not on the servers of [`LAB`].
    pub(crate) async fn start() -> Self {
        let cloud = Cloud::new();
        for network in [REQUIRED, BANNED, FREE, MORE] {
            cloud.add_network(network, "net").unwrap();
        }
        cloud
            .add_user(User::new("alice", PROJECT).roles(["member", "role1"]))
            .unwrap();
        cloud.add_token("token", "alice").unwrap();
        cloud
            .add_user(User::new("root", "ad00").roles(["admin"]))
            .unwrap();
        cloud.add_token("root-token", "root").unwrap();
        let service = User::new("gateway", "service")
            .project_name("service")
            .roles(["admin"]);
        cloud.add_user(service.password("secret")).unwrap();
        cloud
            .add_server_as(SERVER, PROJECT, &[(REQUIRED, PORT)])
            .unwrap();
        let endpoints = cloud.listen().await.unwrap();

        let (neutron, nova) = lookups(&endpoints);
        let lookup = Arc::new(Fallback::new(neutron, nova.clone()));
        let guard = |policies| GuardLayer::new(policies).lookup(lookup.clone());
        let lab = ProjectId::new(LAB).unwrap();
        let but_for_lab = Box::new(ByProject::except(policies(), [lab])) as Box<dyn Policy>;
        let admins = guard(vec![but_for_lab]).project_lookup(Arc::new(nova));
        let router = RoleRouterLayer::new(guard(Vec::new()))
            .route([Role::new("role1").unwrap()], guard(policies()))
            .route([Role::new("admin").unwrap()], admins);
        let service = ServiceBuilder::new()
            .layer(IdentityHeadersLayer::new())
            .map_request_body(InspectBody::new)
            .layer(router)
            .service(Proxy::new(endpoints.nova().parse().unwrap()).unwrap());

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        let served = tokio::spawn(serve(listener, service, stopped, ServeOptions::new()));
        Self {
            cloud,
            address,
            stop,
            served,
            _endpoints: endpoints,
        }
    }

    pub(crate) async fn stop(self) -> Drain {
        self.stop.send(()).unwrap();
        self.served.await.unwrap()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends one request on a connection of its own, and reads until the gateway closes it.
    pub(crate) async fn send(&self, request: &str) -> String {
        let mut connection = self.connect().await;
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// The one request that reached Nova.
    pub(crate) fn only(&self) -> Received {
        let mut received = self.cloud.received(Api::Nova);
        assert_eq!(received.len(), 1, "{received:?}");
        received.pop().unwrap()
    }
}

fn policies() -> Vec<Box<dyn Policy>> {
    let network = |text: &str| text.parse::<NetworkId>().unwrap();
    vec![
        Box::new(RequestNetworks::new([network(REQUIRED)], [network(BANNED)]).unwrap()),
        Box::new(DetachNetworkCheck::new([network(REQUIRED)])),
        Box::new(
            NetworkCountCheck::builder()
                .banned_nets([network(BANNED)])
                .networks_max(2)
                .build()
                .unwrap(),
        ),
    ]
}

fn lookups(endpoints: &Endpoints) -> (NeutronLookup, NovaLookup) {
    let method = AuthMethod::Password {
        user: Named::in_domain("gateway", "Default"),
        password: "secret".into(),
        project: Named::in_domain("service", "Default"),
    };
    let client = Client::builder().build().unwrap();
    let keystone = format!("{}/v3", endpoints.keystone()).parse().unwrap();
    let credential = ServiceCredential::new(client, keystone, method);
    (
        NeutronLookup::new(endpoints.neutron().parse().unwrap(), credential.clone()),
        NovaLookup::new(
            format!("{}/v2.1", endpoints.nova()).parse().unwrap(),
            credential,
        ),
    )
}

/// The head of a request by alice, whose connection ends with it.
pub(crate) fn head(line: &str) -> String {
    format!(
        "{line} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nX-User-Id: alice\r\n\
         X-Project-Id: {PROJECT}\r\nX-Roles: member,role1\r\nX-Auth-Token: token\r\n"
    )
}

pub(crate) fn json(networks: &[&str]) -> String {
    let entries: Vec<_> = networks
        .iter()
        .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
        .collect();
    let networks = entries.join(", ");
    format!(
        r#"{{"server": {{"name": "web", "imageRef": "", "flavorRef": "1", "networks": [{networks}]}}}}"#
    )
}

/// A whole request with a body and its length.
pub(crate) fn with_body(line: &str, body: &str) -> String {
    let length = body.len();
    let head = head(line);
    format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

pub(crate) fn attach(network: &str) -> String {
    let line = format!("POST /v2.1/servers/{SERVER}/os-interface");
    with_body(
        &line,
        &format!(r#"{{"interfaceAttachment": {{"net_id": "{network}"}}}}"#),
    )
}

pub(crate) fn detach(port: &str) -> String {
    format!(
        "{}\r\n",
        head(&format!(
            "DELETE /v2.1/servers/{SERVER}/os-interface/{port}"
        ))
    )
}
