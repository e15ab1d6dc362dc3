//! The whole gateway: in this process, and behind a socket.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot};
use tower::{
    Layer as _, ServiceExt as _,
    util::{BoxCloneService, MapResponseLayer},
};
use wafflehaus::{
    guard::{GuardLayer, LookupError, LookupFuture, PortLookup},
    identity::Role,
    identity_headers::IdentityHeadersLayer,
    nova::{NetworkId, Port, PortId, ServerId},
    openstack::{AuthMethod, Client, Named, NeutronLookup, ServiceCredential},
    policy::{DetachNetworkCheck, NetworkCountCheck, Policy, RequestNetworks},
    proxy::{ProxyBuilder, ServeOptions, serve},
    role_router::RoleRouterLayer,
    sim::{Api, Cloud, Endpoints},
};

use crate::{
    requests::{self, Shot, status},
    world::{ADMIN_TOKEN, ALICE, BANNED, MOST, PASSWORD, REQUIRED},
};

/// Nothing here waits this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);

type Routes = RoleRouterLayer<GuardLayer<Vec<Box<dyn Policy>>>>;

fn network(text: &str) -> NetworkId {
    text.parse().unwrap()
}

fn policies() -> Vec<Box<dyn Policy>> {
    let count = NetworkCountCheck::builder()
        .required_nets([network(REQUIRED)])
        .banned_nets([network(BANNED)])
        .networks_max(MOST);
    vec![
        Box::new(RequestNetworks::new([network(REQUIRED)], [network(BANNED)]).unwrap()),
        Box::new(DetachNetworkCheck::new([network(REQUIRED)])),
        Box::new(count.build().unwrap()),
    ]
}

/// Operators are not judged; whoever else comes is.
fn routes(lookup: &Arc<dyn PortLookup>) -> Routes {
    let guard = |policies| GuardLayer::new(policies).lookup(Arc::clone(lookup));
    let role = |name| [Role::new(name).unwrap()];
    RoleRouterLayer::new(guard(policies()))
        .route(role("operator"), guard(Vec::new()))
        .route(role("role1"), guard(policies()))
}

/// Asks the cloud's own Neutron, in this process.
pub(crate) struct InProcess(pub(crate) Cloud);

impl InProcess {
    async fn ask(&self, filters: &str) -> Vec<Port> {
        let request = Request::get(format!(
            "/v2.0/ports?fields=id&fields=network_id&fields=fixed_ips{filters}"
        ))
        .header("x-auth-token", ADMIN_TOKEN)
        .body(Full::new(Bytes::new()))
        .unwrap();
        let answer = self.0.service(Api::Neutron).oneshot(request).await.unwrap();
        let mut body = answer.into_body();
        let body = body.frame().await.unwrap().unwrap().into_data().unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let ports = body["ports"].as_array().unwrap().iter();
        ports
            .map(|port| {
                let text = |key: &str| port[key].as_str().unwrap().to_owned();
                let addresses = port["fixed_ips"].as_array().unwrap().iter();
                let addresses = addresses.map(|it| it["ip_address"].as_str().unwrap());
                Port::new(
                    text("id").parse().unwrap(),
                    text("network_id").parse().unwrap(),
                )
                .with_addresses(addresses.map(|address| address.parse().unwrap()))
            })
            .collect()
    }
}

impl PortLookup for InProcess {
    fn ports<'a>(&'a self, ids: &'a [PortId], _: Option<ServerId>) -> LookupFuture<'a> {
        let filters: String = ids.iter().map(|id| format!("&id={id}")).collect();
        Box::pin(async move { Ok::<_, LookupError>(self.ask(&filters).await) })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        let filter = format!("&device_id={server}");
        Box::pin(async move { Ok(self.ask(&filter).await) })
    }
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    /// What the cloud answered, if it was asked. Over a socket, only that it was: 0.
    pub(crate) cloud: Option<u16>,
}

/// The gateway in this process, from the identity headers to the cloud's own service.
pub(crate) struct Local {
    service: BoxCloneService<Request<Full<Bytes>>, StatusCode, Infallible>,
    answered: Arc<AtomicU16>,
}

impl Local {
    pub(crate) fn before(cloud: &Cloud) -> Self {
        let lookup: Arc<dyn PortLookup> = Arc::new(InProcess(cloud.clone()));
        Self::looking_up(cloud, &lookup)
    }

    pub(crate) fn looking_up(cloud: &Cloud, lookup: &Arc<dyn PortLookup>) -> Self {
        let answered = Arc::new(AtomicU16::new(0));
        let nova = MapResponseLayer::new({
            let answered = Arc::clone(&answered);
            move |response: Response<Full<Bytes>>| {
                answered.store(response.status().as_u16(), Ordering::Relaxed);
                response
            }
        })
        .layer(cloud.service(Api::Nova));
        let service = IdentityHeadersLayer::new().layer(routes(lookup).layer(nova));
        let service =
            MapResponseLayer::new(|response: Response<_>| response.status()).layer(service);
        Self {
            service: BoxCloneService::new(service),
            answered,
        }
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Outcome {
        self.answered.store(0, Ordering::Relaxed);
        let status = self.service.clone().oneshot(request).await.unwrap();
        let cloud = self.answered.load(Ordering::Relaxed);
        Outcome {
            status: status.as_u16(),
            cloud: (cloud != 0).then_some(cloud),
        }
    }
}

/// The gateway behind a socket, with a proxy to a cloud behind sockets and lookups over HTTP.
pub(crate) struct Remote {
    pub(crate) address: SocketAddr,
    cloud: Cloud,
    endpoints: Endpoints,
    /// The server stops when this is dropped.
    _stop: oneshot::Sender<()>,
}

/// Shared between gateways of one runtime: loading the system's certificates takes a while.
pub(crate) fn client() -> Client {
    Client::builder().deadline(PATIENCE).build().unwrap()
}

impl Remote {
    pub(crate) async fn before(cloud: &Cloud, client: &Client) -> Self {
        Self::forwarding(cloud, client, None).await
    }

    /// One that forwards to this address instead of the cloud's own Nova.
    pub(crate) async fn forwarding(
        cloud: &Cloud,
        client: &Client,
        nova: Option<SocketAddr>,
    ) -> Self {
        let endpoints = cloud.listen().await.unwrap();
        let nova = nova.map_or_else(|| endpoints.nova(), |address| format!("http://{address}"));
        let method = AuthMethod::Password {
            user: Named::in_domain("gateway", "Default"),
            password: PASSWORD.into(),
            project: Named::in_domain("service", "Default"),
        };
        let keystone = format!("{}/v3", endpoints.keystone()).parse().unwrap();
        let credential = ServiceCredential::new(client.clone(), keystone, method);
        let neutron = endpoints.neutron().parse().unwrap();
        let lookup: Arc<dyn PortLookup> = Arc::new(NeutronLookup::new(neutron, credential));
        let proxy = ProxyBuilder::new(nova.parse().unwrap()).build().unwrap();
        let service = IdentityHeadersLayer::new().layer(routes(&lookup).layer(proxy));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            // Told or forgotten, it is over.
            stopped.await.unwrap_or_default();
        };
        tokio::spawn(serve(listener, service, stopped, ServeOptions::new()));
        Self {
            address,
            cloud: cloud.clone(),
            endpoints,
            _stop: stop,
        }
    }

    /// Sends a request to the gateway.
    pub(crate) async fn send(&self, shot: &Shot) -> Outcome {
        self.cloud.forget_received(Api::Nova);
        let status = status(&ask(self.address, &shot.bytes(ALICE)).await);
        let reached = !self.cloud.received(Api::Nova).is_empty();
        Outcome {
            status,
            cloud: reached.then_some(0),
        }
    }

    /// Sends a request past the gateway.
    pub(crate) async fn send_past(&self, shot: &Shot) -> u16 {
        let nova = self.endpoints.nova();
        let nova: SocketAddr = nova.strip_prefix("http://").unwrap().parse().unwrap();
        status(&ask(nova, &shot.bytes(ALICE)).await)
    }
}

/// Writes bytes to a connection, and reads what comes back until it ends.
pub(crate) async fn ask(address: SocketAddr, bytes: &[u8]) -> String {
    let answer = requests::ask(PATIENCE, address, bytes).await;
    answer.expect("it takes too long")
}
