//! A gateway before the lab.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::Request;
use tokio::{net::TcpListener, sync::oneshot};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use wafflehaus::{
    body::InspectBody,
    guard::GuardLayer,
    identity::Role,
    identity_headers::IdentityHeadersLayer,
    nova::NetworkId,
    openstack::{
        AuthMethod, Client, Fallback, Named, NeutronLookup, NovaLookup, ServiceCredential,
    },
    policy::{DetachNetworkCheck, NetworkCountCheck, Policy, RequestNetworks},
    proxy::{Proxy, ServeOptions, serve},
    role_router::RoleRouterLayer,
};

use crate::cloud::{Answer, Caller, Cloud, send};

pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    /// The gateway stops when this is dropped.
    _stop: oneshot::Sender<()>,
}

impl Gateway {
    /// What is required of `role1` and administrators by [`guard`].
    pub(crate) async fn start(cloud: &Cloud, networks: &HashMap<String, String>) -> Self {
        Self::guarding(cloud, guard(cloud, networks)).await
    }

    /// With this guard for `role1` and administrators.
    pub(crate) async fn guarding(cloud: &Cloud, guard: GuardLayer<Vec<Box<dyn Policy>>>) -> Self {
        let router = RoleRouterLayer::new(GuardLayer::new(Vec::new())).route(
            ["admin", "role1"].map(|name| Role::new(name).unwrap()),
            guard,
        );
        let upstream = format!("http://{}", cloud.nova).parse().unwrap();
        let service = ServiceBuilder::new()
            .layer(IdentityHeadersLayer::new())
            .map_request_body(InspectBody::new)
            .layer(router)
            .service(Proxy::new(upstream).unwrap());

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        tokio::spawn(serve(listener, service, stopped, ServeOptions::new()));
        Self {
            address,
            _stop: stop,
        }
    }

    /// Sends a request with the headers of an authenticator.
    pub(crate) async fn ask<B>(&self, caller: &Caller, mut request: Request<B>) -> Answer
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync,
    {
        let headers = request.headers_mut();
        for (name, value) in [
            ("x-identity-status", "Confirmed"),
            ("x-user-id", &caller.user),
            ("x-project-id", &caller.project),
            ("x-roles", &caller.roles),
            ("x-auth-token", &caller.token),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        send(self.address, request).await
    }
}

/// The policies: on `net1`, which stays, not on `net2`, and on two at most.
pub(crate) fn guard(
    cloud: &Cloud,
    networks: &HashMap<String, String>,
) -> GuardLayer<Vec<Box<dyn Policy>>> {
    let network = |name: &str| networks[name].parse::<NetworkId>().unwrap();
    let policies: Vec<Box<dyn Policy>> = vec![
        Box::new(RequestNetworks::new([network("net1")], [network("net2")]).unwrap()),
        Box::new(DetachNetworkCheck::new([network("net1")])),
        Box::new(
            NetworkCountCheck::builder()
                .banned_nets([network("net2")])
                .networks_max(2)
                .build()
                .unwrap(),
        ),
    ];
    let (neutron, nova) = lookups(cloud);
    GuardLayer::new(policies).lookup(Arc::new(Fallback::new(neutron, nova)))
}

pub(crate) fn lookups(cloud: &Cloud) -> (NeutronLookup, NovaLookup) {
    let method = AuthMethod::Password {
        user: Named::in_domain("nova", "Default"),
        password: cloud.password.clone().into(),
        project: Named::in_domain("service", "Default"),
    };
    let endpoint = |address: SocketAddr, path: &str| format!("http://{address}{path}");
    let keystone = endpoint(cloud.keystone, "/v3").parse().unwrap();
    let credential = ServiceCredential::new(Client::builder().build().unwrap(), keystone, method);
    (
        NeutronLookup::new(
            endpoint(cloud.neutron, "").parse().unwrap(),
            credential.clone(),
        ),
        NovaLookup::new(endpoint(cloud.nova, "/v2.1").parse().unwrap(), credential),
    )
}
