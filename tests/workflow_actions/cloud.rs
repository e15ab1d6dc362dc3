//! Services on 127.0.0.1 that answer as a test says, and remember what they were asked.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wafflehaus::openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential};

/// One request, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method and target: `GET /v3/users?name=ann`.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

type Answer = Box<dyn Fn(&Seen) -> (u16, Value) + Send + Sync>;

pub(crate) struct Cloud {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Cloud {
    /// Answers everything but requests for tokens, which it grants.
    pub(crate) async fn start(
        answer: impl Fn(&Seen) -> (u16, Value) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let answer: Arc<Answer> = Arc::new(Box::new(answer));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                let service = service_fn(move |request| {
                    let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                    async move { Ok::<_, Infallible>(respond(&log, &answer, request).await) }
                });
                let connection = http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, seen }
    }

    /// One of these answers for each request in turn, and the last one for all after it.
    pub(crate) async fn of(answers: impl Into<Vec<(u16, Value)>>) -> Self {
        let answers = Mutex::new(answers.into());
        Self::start(move |_| {
            let mut answers = answers.lock().unwrap();
            if answers.len() > 1 {
                answers.remove(0)
            } else {
                answers[0].clone()
            }
        })
        .await
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        format!("http://{}", self.address).parse().unwrap()
    }

    pub(crate) fn credential(&self) -> ServiceCredential {
        let admin = AuthMethod::Password {
            user: Named::in_domain("waffle", "Default"),
            password: "pw".into(),
            project: Named::in_domain("service", "Default"),
        };
        ServiceCredential::new(client(), self.endpoint(), admin)
    }

    /// The requests so far, but those for tokens.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Their lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|it| it.line).collect()
    }
}

pub(crate) fn client() -> Client {
    Client::builder().build().unwrap()
}

async fn respond(
    log: &Mutex<Vec<Seen>>,
    answer: &Answer,
    request: Request<Incoming>,
) -> Response<Full<bytes::Bytes>> {
    let (parts, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        bytes.extend_from_slice(frame.data_ref().unwrap());
    }
    let seen = Seen {
        line: format!("{} {}", parts.method, parts.uri),
        headers: parts.headers,
        body: String::from_utf8(bytes).unwrap(),
    };
    let (status, json) = if seen.line.contains("/auth/tokens") {
        (201, token())
    } else {
        log.lock().unwrap().push(seen.clone());
        answer(&seen)
    };
    Response::builder()
        .status(status)
        .header("x-subject-token", "a-token")
        .body(Full::from(json.to_string()))
        .unwrap()
}

/// Good for an hour, decades ago.
fn token() -> Value {
    json!({ "token": {
        "issued_at": "1999-12-31T23:00:00.000000Z",
        "expires_at": "2000-01-01T00:00:00.000000Z",
        "roles": [{ "id": "1", "name": "admin" }],
    } })
}
