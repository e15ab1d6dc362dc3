//! A cloud with a guarded Neutron, and alice's requests to it.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode, request::Builder};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _};
use wafflehaus::{
    guard::GuardLayer,
    identity::{Identity, ProjectId, Role, UserId},
    neutron::PortGuardLayer,
    nova::NetworkId,
    openstack::{AuthMethod, Client, Named, NeutronLookup, NovaLookup, ServiceCredential},
    policy::{ByProject, Denial, DetachNetworkCheck, NetworkCountCheck, Policy},
    sim::{Api, Cloud, Endpoints, User},
};

pub(crate) const PROJECT: &str = "6f70656e";
/// The project whose servers are exempt.
pub(crate) const LAB: &str = "1ab0";
pub(crate) const REQUIRED: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const BANNED: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const FREE: &str = "33333333-3333-4333-8333-333333333333";
pub(crate) const MORE: &str = "44444444-4444-4444-8444-444444444444";
/// Alice's own.
pub(crate) const OWN: &str = "55555555-5555-4555-8555-555555555555";
pub(crate) const SERVER: &str = "5abcde01-c0de-4aaa-8bbb-fedcba987601";
pub(crate) const PORT: &str = "9abcde01-c0de-4aaa-8bbb-fedcba987601";

pub(crate) struct Guarded {
    pub(crate) cloud: Cloud,
    layer: PortGuardLayer<Vec<Box<dyn Policy>>>,
    endpoints: Endpoints,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// The code of the guard's refusal, or nothing.
    pub(crate) code: &'static str,
}

impl Guarded {
    /// Two networks at most, one banned; the required one and alice's own stay. Alice's server
    /// is on the required one.
    pub(crate) async fn start() -> Self {
        Self::with(|guard| guard).await
    }

    pub(crate) async fn with(
        set: impl FnOnce(GuardLayer<Vec<Box<dyn Policy>>>) -> GuardLayer<Vec<Box<dyn Policy>>>,
    ) -> Self {
        let cloud = Cloud::new();
        for network in [REQUIRED, BANNED, FREE, MORE] {
            cloud.add_network(network, "net").unwrap();
        }
        cloud.add_project_network(OWN, "own", PROJECT).unwrap();
        let users = [
            User::new("alice", PROJECT),
            User::new("root", "ad00").roles(["admin"]),
            User::new("gateway", "service").roles(["admin"]),
            User::new("nova", "5e00").roles(["service"]),
        ];
        for user in users {
            cloud.add_user(user).unwrap();
        }
        for name in ["alice", "root", "nova"] {
            cloud.add_token(name, name).unwrap();
        }
        cloud
            .add_server_as(SERVER, PROJECT, &[(REQUIRED, PORT)])
            .unwrap();
        let endpoints = cloud.listen().await.unwrap();
        let (neutron, nova) = lookups(&endpoints);
        let guard = GuardLayer::new(policies())
            .lookup(Arc::new(neutron.clone()))
            .project_lookup(Arc::new(nova));
        Self {
            cloud,
            layer: PortGuardLayer::new(set(guard)).devices(Arc::new(neutron)),
            endpoints,
        }
    }

    /// Alice asks.
    pub(crate) async fn ask(&self, line: &str, body: impl Into<Body>) -> Answer {
        self.send(head(line), body).await
    }

    /// Whoever is in the head asks, or else alice.
    pub(crate) async fn send(&self, head: Builder, body: impl Into<Body>) -> Answer {
        let Body(bytes) = body.into();
        let mut request = head.body(Full::new(bytes)).unwrap();
        if request.extensions().get::<Identity>().is_none() {
            request.extensions_mut().insert(alice());
        }
        let token = &http::HeaderName::from_static("x-auth-token");
        if !request.headers().contains_key(token) {
            request
                .headers_mut()
                .insert(token, "alice".parse().unwrap());
        }
        let neutron = self.layer.layer(self.cloud.service(Api::Neutron));
        let answer = neutron.oneshot(request).await.unwrap();
        let denial = answer.extensions().get::<Denial>();
        let code = denial.map_or("", |denial| denial.kind().code());
        let status = answer.status();
        let bytes = read(answer.into_body()).await;
        Answer {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            code,
        }
    }

    /// A port of alice's that no server has.
    pub(crate) fn port(&self, network: &str) -> String {
        self.cloud.add_port(network, PROJECT).unwrap()
    }

    /// The networks of alice's server.
    pub(crate) fn networks(&self) -> Vec<String> {
        self.cloud.server_networks(SERVER)
    }

    pub(crate) const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// How many requests reached Neutron from behind the guard: lookups only read.
    pub(crate) fn changes(&self) -> usize {
        let received = self.cloud.received(Api::Neutron);
        let changes = received.iter().filter(|it| it.method != "GET");
        changes.count()
    }
}

/// A body: JSON, or text as it is.
pub(crate) struct Body(Bytes);

impl From<Value> for Body {
    fn from(json: Value) -> Self {
        Self(json.to_string().into())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own bodies")]
pub(crate) async fn read<B>(body: B) -> Bytes
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    body.collect().await.unwrap().to_bytes()
}

pub(crate) fn head(line: &str) -> Builder {
    let (method, target) = line.split_once(' ').unwrap();
    Request::builder().method(method).uri(target)
}

pub(crate) fn alice() -> Identity {
    caller("alice", PROJECT, "member")
}

pub(crate) fn caller(name: &str, project: &str, role: &str) -> Identity {
    Identity::new(UserId::new(name).unwrap())
        .project(ProjectId::new(project).unwrap())
        .role(Role::new(role).unwrap())
}

/// The body of a create of a port for alice's server.
pub(crate) fn on_server(network: &str) -> Value {
    json!({ "port": { "network_id": network, "device_id": SERVER } })
}

fn policies() -> Vec<Box<dyn Policy>> {
    let network = |text: &str| text.parse::<NetworkId>().unwrap();
    let count = NetworkCountCheck::builder()
        .banned_nets([network(BANNED)])
        .networks_max(2)
        .interfaces_max(3)
        .build();
    let lab = [ProjectId::new(LAB).unwrap()];
    vec![
        Box::new(ByProject::except(count.unwrap(), lab.clone())),
        Box::new(ByProject::except(
            DetachNetworkCheck::new([network(REQUIRED), network(OWN)]),
            lab,
        )),
    ]
}

fn lookups(endpoints: &Endpoints) -> (NeutronLookup, NovaLookup) {
    let method = AuthMethod::Password {
        user: Named::in_domain("gateway", "Default"),
        password: "gateway".into(),
        project: Named::in_domain("service", "Default"),
    };
    let client = Client::builder().build().unwrap();
    let keystone = format!("{}/v3", endpoints.keystone()).parse().unwrap();
    let credential = ServiceCredential::new(client, keystone, method);
    let nova = format!("{}/v2.1", endpoints.nova()).parse().unwrap();
    (
        NeutronLookup::new(endpoints.neutron().parse().unwrap(), credential.clone()),
        NovaLookup::new(nova, credential),
    )
}
