//! Users that a test makes in Keystone, the ways in which they get tokens, and a gateway that asks
//! Keystone who they are.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use wafflehaus::{
    body::InspectBody,
    guard::GuardLayer,
    identity::{Identity, Role},
    keystone::{KeystoneClient, KeystoneLayer},
    openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential},
    policy::{Policy, RequestNetworks},
    proxy::{Proxy, ServeOptions, serve},
    role_router::RoleRouterLayer,
};

use crate::{
    cloud::{Answer, Cloud, full, line, send},
    support::{Lab, text},
};

/// A user that a test has made, with `member` and `role1` in `project1`.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A token, and what Keystone told of it when it gave it away.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) token: String,
    pub(crate) told: Value,
}

impl Lab {
    pub(crate) async fn person(&self, called: &str) -> Person {
        let name = format!("{}-{called}", self.mark);
        let body = json!({ "user": {
            "name": name, "domain_id": "default", "password": self.cloud.password,
        } });
        let made = self.keystone("POST /v3/users", &body).await;
        let person = Person {
            id: text(&made["user"]["id"]),
            name,
        };
        let project = self.user1.project.clone();
        for role in ["member", "role1"] {
            let place = format!("projects/{project}");
            self.grant(&person, role, &place).await;
        }
        person
    }

    /// Gives a role in `projects/…` or `domains/…`, or on the `system`.
    pub(crate) async fn grant(&self, person: &Person, role: &str, place: &str) {
        self.assign("PUT", person, role, place).await;
    }

    pub(crate) async fn withdraw(&self, person: &Person, role: &str, place: &str) {
        self.assign("DELETE", person, role, place).await;
    }

    async fn assign(&self, method: &str, person: &Person, role: &str, place: &str) {
        let list = format!("GET /v3/roles?name={role}");
        let role = text(&self.keystone(&list, &Value::Null).await["roles"][0]["id"]);
        let asked = format!("{method} /v3/{place}/users/{}/roles/{role}", person.id);
        self.keystone(&asked, &Value::Null).await;
    }

    /// Asks Keystone as an administrator.
    pub(crate) async fn keystone(&self, asked: &str, body: &Value) -> Value {
        self.cloud.identity(&self.admin.token, asked, body).await
    }

    /// A token by password.
    pub(crate) async fn token_of(&self, person: &Person, scope: Option<Value>) -> Known {
        let identity = self.cloud.password_of(&person.name);
        self.authenticate(identity, scope).await
    }

    pub(crate) async fn authenticate(&self, identity: Value, scope: Option<Value>) -> Known {
        let (told, token) = self.cloud.authenticate(identity, scope).await;
        Known { token, told }
    }

    /// A token of the service user `nova`.
    pub(crate) async fn service_token(&self) -> Known {
        let scope = json!({ "project": { "name": "service", "domain": { "name": "Default" } } });
        let identity = self.cloud.password_of("nova");
        self.authenticate(identity, Some(scope)).await
    }

    pub(crate) fn project1(&self) -> Option<Value> {
        Some(json!({ "project": { "id": self.user1.project } }))
    }

    /// A token of an application credential that has this besides a name.
    pub(crate) async fn credential(&self, person: &Person, extra: Value) -> Known {
        let mut body = json!({ "application_credential": { "name": self.mark } });
        let fields = body["application_credential"].as_object_mut().unwrap();
        fields.extend(extra.as_object().unwrap().clone());
        let asked = format!("POST /v3/users/{}/application_credentials", person.id);
        let own = self.token_of(person, self.project1()).await;
        let made = self.cloud.identity(&own.token, &asked, &body).await;
        let made = &made["application_credential"];
        let identity = json!({
            "methods": ["application_credential"],
            "application_credential": { "id": made["id"], "secret": made["secret"] },
        });
        self.authenticate(identity, None).await
    }

    /// Deletes the users of this test, and with them their credentials and trusts.
    pub(crate) async fn forget_users(&self) {
        let list = format!("GET /v3/users?name__startswith={}", self.mark);
        let users = self.keystone(&list, &Value::Null).await;
        for user in users["users"].as_array().unwrap() {
            let delete = format!("DELETE /v3/users/{}", text(&user["id"]));
            self.keystone(&delete, &Value::Null).await;
        }
    }
}

/// What passed by a place in the gateway.
type Seen<T> = Arc<Mutex<Vec<T>>>;

/// A gateway that asks Keystone who the caller is.
pub(crate) struct Judging {
    address: SocketAddr,
    identities: Seen<Identity>,
    forwarded: Seen<HeaderMap>,
    /// The servers stop when these are dropped.
    front: Option<oneshot::Sender<()>>,
    _stop: oneshot::Sender<()>,
}

impl Judging {
    pub(crate) async fn start(lab: &Lab, change: fn(KeystoneLayer) -> KeystoneLayer) -> Self {
        // The HTTP server of the lab's Keystone sends no `Date`; one in front of it does.
        let (front, stop) = with_date(lab.cloud.keystone).await;
        let mut gateway = Self::asking(lab, front, change).await;
        gateway.front = Some(stop);
        gateway
    }

    /// One that asks the Keystone at this address.
    pub(crate) async fn asking(
        lab: &Lab,
        keystone: SocketAddr,
        change: fn(KeystoneLayer) -> KeystoneLayer,
    ) -> Self {
        let net1 = lab.network("net1").parse().unwrap();
        let net2 = lab.network("net2").parse().unwrap();
        let policy = RequestNetworks::new([net1], [net2]).unwrap();
        let policies: Vec<Box<dyn Policy>> = vec![Box::new(policy)];
        let guard = GuardLayer::new(policies);
        let router =
            RoleRouterLayer::new(guard.clone()).route([Role::new("role1").unwrap()], guard);

        let endpoint: Endpoint = format!("http://{keystone}/v3").parse().unwrap();
        let validator = KeystoneClient::new(endpoint.clone(), credential(&lab.cloud, &endpoint));
        let layer = change(KeystoneLayer::new(validator, &endpoint).unwrap());

        let identities = Seen::<Identity>::default();
        let forwarded = Seen::<HeaderMap>::default();
        let (judged, gone_on) = (Arc::clone(&identities), Arc::clone(&forwarded));
        let upstream = format!("http://{}", lab.cloud.nova).parse().unwrap();
        let service = ServiceBuilder::new()
            .layer(layer)
            .map_request(move |request: Request<_>| {
                let identity = request.extensions().get::<Identity>().unwrap();
                judged.lock().unwrap().push(identity.clone());
                request
            })
            .map_request_body(InspectBody::new)
            .layer(router)
            .map_request(move |request: Request<_>| {
                gone_on.lock().unwrap().push(request.headers().clone());
                request
            })
            .service(Proxy::new(upstream).unwrap());

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        tokio::spawn(serve(listener, service, stopped, ServeOptions::new()));
        Self {
            address,
            identities,
            forwarded,
            front: None,
            _stop: stop,
        }
    }

    /// Sends a request without a body, with these headers.
    pub(crate) async fn ask(&self, asked: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers.iter().fold(line(asked), |request, (name, value)| {
            request.header(*name, *value)
        });
        send(self.address, request.body(full("")).unwrap()).await
    }

    pub(crate) async fn with_token(&self, asked: &str, token: &str) -> Answer {
        self.ask(asked, &[("x-auth-token", token)]).await
    }

    /// Sends a request with a body.
    pub(crate) async fn send(
        &self,
        token: &str,
        mut request: Request<http_body_util::Full<Bytes>>,
    ) -> Answer {
        let headers = request.headers_mut();
        headers.insert("x-auth-token", token.parse().unwrap());
        send(self.address, request).await
    }

    /// Lets Keystone be out of reach from now on.
    pub(crate) fn cut_off(&mut self) {
        self.front = None;
    }

    /// Whom the last request was found to be from.
    pub(crate) fn identity(&self) -> Identity {
        self.identities.lock().unwrap().last().unwrap().clone()
    }

    /// The headers of all that went on to Nova.
    pub(crate) fn forwarded(&self) -> Vec<HeaderMap> {
        self.forwarded.lock().unwrap().clone()
    }
}

fn credential(cloud: &Cloud, keystone: &Endpoint) -> ServiceCredential {
    let method = AuthMethod::Password {
        user: Named::in_domain("nova", "Default"),
        password: cloud.password.clone().into(),
        project: Named::in_domain("service", "Default"),
    };
    ServiceCredential::new(Client::builder().build().unwrap(), keystone.clone(), method).any_role()
}

/// What Apache or nginx do in front of a server that sends no `Date`.
async fn with_date(server: SocketAddr) -> (SocketAddr, oneshot::Sender<()>) {
    let upstream = format!("http://{server}").parse().unwrap();
    let service = ServiceBuilder::new()
        .map_request_body(InspectBody::new)
        .service(Proxy::new(upstream).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.unwrap_or(()) };
    tokio::spawn(serve(listener, service, stopped, ServeOptions::new()));
    (address, stop)
}
