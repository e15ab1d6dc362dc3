//! The lab itself, asked past the gateway.

use std::{collections::HashMap, fs, net::SocketAddr, path::Path};

use bytes::Bytes;
use http::{HeaderMap, Request, Uri, request::Builder};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Where the services are, and the password that everybody has.
#[derive(Clone, Debug)]
pub(crate) struct Cloud {
    pub(crate) keystone: SocketAddr,
    pub(crate) neutron: SocketAddr,
    pub(crate) nova: SocketAddr,
    pub(crate) password: String,
}

/// Who a token is for, as an authenticator learns it from Keystone.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) token: String,
    pub(crate) user: String,
    pub(crate) project: String,
    pub(crate) roles: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Cloud {
    pub(crate) async fn find(openrc: &Path) -> Self {
        let openrc = fs::read_to_string(openrc).unwrap();
        let variable = |name: &str| {
            let line = format!("export {name}=");
            let value = openrc.lines().find_map(|it| it.strip_prefix(&line));
            value.unwrap_or_else(|| panic!("no {name} in the openrc"))
        };
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut cloud = Self {
            keystone: service(variable("OS_AUTH_URL")),
            neutron: unknown,
            nova: unknown,
            password: variable("OS_PASSWORD").to_owned(),
        };
        let (token, _) = cloud.token("admin", "admin").await;
        let endpoint = |kind: &str| {
            let services = token["catalog"].as_array().unwrap();
            let found = services.iter().find(|it| it["type"] == kind).unwrap();
            let mut endpoints = found["endpoints"].as_array().unwrap().iter();
            let internal = endpoints.find(|it| it["interface"] == "internal").unwrap();
            service(internal["url"].as_str().unwrap())
        };
        (cloud.neutron, cloud.nova) = (endpoint("network"), endpoint("compute"));
        if let Ok(front) = std::env::var("WAFFLEHAUS_LAB_NOVA") {
            cloud.nova = service(&format!("http://{front}"));
        }
        cloud
    }

    pub(crate) async fn caller(&self, user: &str, project: &str) -> Caller {
        let (body, token) = self.token(user, project).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let roles = body["roles"].as_array().unwrap().iter();
        let roles: Vec<_> = roles.map(|role| text(&role["name"])).collect();
        Caller {
            token,
            user: text(&body["user"]["id"]),
            project: text(&body["project"]["id"]),
            roles: roles.join(","),
        }
    }

    async fn token(&self, user: &str, project: &str) -> (Value, String) {
        let scope = json!({ "project": { "name": project, "domain": { "name": "Default" } } });
        self.authenticate(self.password_of(user), Some(scope)).await
    }

    /// How a user says who it is.
    pub(crate) fn password_of(&self, user: &str) -> Value {
        let user = json!({
            "name": user, "domain": { "name": "Default" }, "password": self.password,
        });
        json!({ "methods": ["password"], "password": { "user": user } })
    }

    /// A token, and what Keystone tells of it when it gives it away.
    pub(crate) async fn authenticate(
        &self,
        identity: Value,
        scope: Option<Value>,
    ) -> (Value, String) {
        let mut auth = json!({ "identity": identity });
        if let Some(scope) = scope {
            auth["scope"] = scope;
        }
        let body = json!({ "auth": auth }).to_string();
        let request = line("POST /v3/auth/tokens").header("content-type", "application/json");
        let answer = send(self.keystone, request.body(full(body)).unwrap()).await;
        assert_eq!(answer.status, 201, "{}", answer.message());
        let token = answer.headers["x-subject-token"].to_str().unwrap();
        (answer.json()["token"].clone(), token.to_owned())
    }

    /// Asks Keystone, which must agree.
    pub(crate) async fn identity(&self, token: &str, asked: &str, body: &Value) -> Value {
        let request = line(asked).header("x-auth-token", token);
        let request = request.header("content-type", "application/json");
        let body = match body {
            Value::Null => full(""),
            body => full(body.to_string()),
        };
        let answer = send(self.keystone, request.body(body).unwrap()).await;
        assert!(answer.status < 300, "{asked}: {answer:?}");
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// The ids of the networks, by name.
    pub(crate) async fn networks(&self, caller: &Caller) -> HashMap<String, String> {
        let answer = self.neutron(caller, "GET /v2.0/networks", "").await;
        let networks = answer["networks"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        networks
            .map(|it| (text(&it["name"]), text(&it["id"])))
            .collect()
    }

    /// Asks Neutron, which must agree.
    pub(crate) async fn neutron(&self, caller: &Caller, asked: &str, body: &str) -> Value {
        let request = line(asked).header("x-auth-token", &caller.token);
        let request = request.header("content-type", "application/json");
        let request = request.body(full(body.to_owned())).unwrap();
        let answer = send(self.neutron, request).await;
        assert!(answer.status < 300, "{asked}: {answer:?}");
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The message of a fault; empty if it is none.
    pub(crate) fn message(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let fault = body.as_object().and_then(|body| body.values().next());
        let message = fault.and_then(|fault| fault["message"].as_str());
        message.unwrap_or_default().to_owned()
    }
}

/// A request line without its version: `POST /v2.1/servers`.
pub(crate) fn line(line: &str) -> Builder {
    let (method, target) = line.split_once(' ').unwrap();
    Request::builder().method(method).uri(target)
}

pub(crate) fn full(text: impl Into<Bytes>) -> Full<Bytes> {
    Full::new(text.into())
}

/// Sends a request as it is, on a connection of its own; only a missing `Host` is added.
pub(crate) async fn send<B>(address: SocketAddr, mut request: Request<B>) -> Answer
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::error::Error + Send + Sync,
{
    let host = address.to_string().parse().unwrap();
    request.headers_mut().entry("host").or_insert(host);
    let connection = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, driver) = hyper::client::conn::http1::handshake(connection)
        .await
        .unwrap();
    tokio::spawn(driver);
    let (head, mut body) = sender.send_request(request).await.unwrap().into_parts();
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        read.extend_from_slice(frame.unwrap().data_ref().unwrap());
    }
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: read.into(),
    }
}

/// The address in a URL, which must be on this machine.
fn service(url: &str) -> SocketAddr {
    let url: Uri = url.parse().unwrap();
    let address: SocketAddr = url.authority().unwrap().as_str().parse().unwrap();
    assert!(address.ip().is_loopback(), "{address} is not on loopback");
    address
}
