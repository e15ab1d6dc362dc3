//! A cloud that answers as a test says, and remembers what it was asked.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use wafflehaus::{
    nova::{NetworkId, Port, PortId, ServerId},
    openstack::{
        AuthMethod, Client, Domain, Endpoint, Named, NeutronLookup, NovaLookup, ServiceCredential,
    },
};

pub(crate) const PASSWORD: &str = "correct-horse-battery";
/// The start of every token; the rest is a number.
pub(crate) const TOKEN: &str = "gAAAA-token-";

/// One request, as the cloud saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// `keystone`, `neutron` or `nova`.
    pub(crate) service: String,
    /// Below the service's endpoint, with the query.
    pub(crate) target: String,
    pub(crate) token: Option<String>,
    pub(crate) body: Bytes,
    pub(crate) version: Version,
}

pub(crate) enum Reply {
    Json(u16, Value),
    Raw(Response<Full<Bytes>>),
    /// The connection stays open and silent.
    Never,
    /// What a Keystone does that has nothing against us.
    Usual,
}

impl Reply {
    pub(crate) fn text(status: u16, text: &str) -> Self {
        let mut response = Response::new(Full::new(Bytes::copy_from_slice(text.as_bytes())));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Self::Raw(response)
    }
}

pub(crate) struct Cloud {
    address: SocketAddr,
    scheme: &'static str,
    state: Arc<State>,
}

struct State {
    answer: Box<dyn Fn(&Seen) -> Reply + Send + Sync>,
    seen: Mutex<Vec<Seen>>,
    tokens: Mutex<u32>,
}

impl Cloud {
    /// A cloud over plain HTTP.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let (cloud, listener) = Self::bind("http", answer).await;
        let state = Arc::clone(&cloud.state);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&state)));
            }
        });
        cloud
    }

    /// A cloud behind TLS.
    pub(crate) async fn start_tls(
        acceptor: tokio_rustls::TlsAcceptor,
        answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (cloud, listener) = Self::bind("https", answer).await;
        let state = Arc::clone(&cloud.state);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                if let Ok(stream) = acceptor.accept(stream).await {
                    tokio::spawn(serve(stream, Arc::clone(&state)));
                }
            }
        });
        cloud
    }

    async fn bind(
        scheme: &'static str,
        answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> (Self, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cloud = Self {
            address: listener.local_addr().unwrap(),
            scheme,
            state: Arc::new(State {
                answer: Box::new(answer),
                seen: Mutex::default(),
                tokens: Mutex::default(),
            }),
        };
        (cloud, listener)
    }

    pub(crate) fn endpoint(&self, service: &str) -> Endpoint {
        let Self {
            scheme, address, ..
        } = self;
        format!("{scheme}://{address}/{service}").parse().unwrap()
    }

    pub(crate) fn credential(&self, client: Client) -> ServiceCredential {
        ServiceCredential::new(client, self.endpoint("keystone"), password())
    }

    pub(crate) fn neutron(&self) -> NeutronLookup {
        NeutronLookup::new(self.endpoint("neutron"), self.credential(client()))
    }

    pub(crate) fn nova(&self) -> NovaLookup {
        NovaLookup::new(self.endpoint("nova"), self.credential(client()))
    }

    /// The requests to one service so far.
    pub(crate) fn seen(&self, service: &str) -> Vec<Seen> {
        let seen = self.state.seen.lock().unwrap();
        let of_service = seen.iter().filter(|seen| seen.service == service);
        of_service.cloned().collect()
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, state: Arc<State>) {
    let service = service_fn(|request| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(respond(&state, request).await) }
    });
    auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}

async fn respond(state: &State, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        bytes.extend_from_slice(frame.data_ref().unwrap());
    }
    let target = parts.uri.path_and_query().unwrap().as_str();
    let (service, target) = target[1..].split_once('/').unwrap();
    let token = parts.headers.get("x-auth-token");
    let seen = Seen {
        method: parts.method,
        service: service.to_owned(),
        target: format!("/{target}"),
        token: token.map(|token| token.to_str().unwrap().to_owned()),
        body: bytes.into(),
        version: parts.version,
    };
    state.seen.lock().unwrap().push(seen.clone());
    match (state.answer)(&seen) {
        Reply::Json(status, body) => json_response(status, &body),
        Reply::Raw(response) => response,
        Reply::Never => std::future::pending().await,
        Reply::Usual => {
            assert_eq!(seen.service, "keystone");
            let mut tokens = state.tokens.lock().unwrap();
            *tokens += 1;
            token_response(*tokens, &issued())
        }
    }
}

/// What Keystone says of a token: good for an hour, decades ago.
pub(crate) fn issued() -> Value {
    json!({ "token": {
        "methods": ["password"],
        "issued_at": "1999-12-31T23:00:00.000000Z",
        "expires_at": "2000-01-01T00:00:00.000000Z",
        "roles": [{ "id": "1", "name": "reader" }, { "id": "2", "name": "admin" }],
    } })
}

pub(crate) fn token_response(number: u32, body: &Value) -> Response<Full<Bytes>> {
    let mut response = json_response(201, body);
    let token = format!("{TOKEN}{number}").parse().unwrap();
    response.headers_mut().insert("x-subject-token", token);
    response
}

fn json_response(status: u16, body: &Value) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))
        .unwrap()
}

pub(crate) fn client() -> Client {
    // Far longer than any test: a deadline is never what ends one by accident.
    let client = Client::builder().deadline(Duration::from_secs(600));
    client.build().unwrap()
}

pub(crate) fn password() -> AuthMethod {
    AuthMethod::Password {
        user: Named::in_domain("waffle", "Default"),
        password: PASSWORD.into(),
        project: Named::Name {
            name: "service".into(),
            domain: Domain::Id("default".into()),
        },
    }
}

pub(crate) const SERVER: ServerId = ServerId::from_u128(0x5e);

/// The port with this number, on a network with the same last digits.
pub(crate) fn port(number: u16) -> Port {
    let number = u128::from(number);
    Port::new(PortId::from_u128(number), NetworkId::from_u128(number % 16))
        .with_addresses(["192.0.2.3".parse().unwrap()])
}

/// A port as Neutron shows it.
pub(crate) fn neutron_port(port: &Port) -> Value {
    json!({
        "id": port.id.to_string(),
        "network_id": port.network.to_string(),
        "fixed_ips": [{ "ip_address": "192.0.2.3", "subnet_id": "x" }],
    })
}

/// A port as Nova shows it.
pub(crate) fn nova_port(port: &Port) -> Value {
    json!({
        "port_id": port.id.to_string(),
        "net_id": port.network.to_string(),
        "mac_addr": "fa:16:3e:00:00:01",
        "port_state": "ACTIVE",
        "fixed_ips": [{ "ip_address": "192.0.2.3", "subnet_id": "x" }],
    })
}

/// Neutron's whole answer.
pub(crate) fn neutron_list(ports: impl IntoIterator<Item = u16>) -> Value {
    let ports: Vec<Value> = ports
        .into_iter()
        .map(|it| neutron_port(&port(it)))
        .collect();
    json!({ "ports": ports })
}
