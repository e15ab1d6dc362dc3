//! A Keystone that says what a test says, and a Nova that remembers what reached it.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, request::Builder};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tokio::sync::watch;
use tower::{Layer as _, ServiceExt as _};
use wafflehaus::{
    body::ResponseBody,
    identity::{Anonymous, Identity, ProjectId, Role, UserId},
    keystone::{
        AccessRule, ExpiredTokens, KeystoneLayer, Token, ValidateError, ValidateFuture,
        ValidateToken, Validated,
    },
    policy::Denial,
};

pub(crate) const URI: &str = "https://cloud.example/identity/v3";
pub(crate) const LIFE: Duration = Duration::from_secs(3600);

/// What is said of a token.
#[derive(Clone)]
pub(crate) enum Word {
    Good(Box<Validated>),
    /// Good only for whoever accepts expired tokens.
    Expired(Box<Validated>),
    Down,
    Never,
    Panic,
}

/// Knows the tokens it was taught; others are invalid.
#[derive(Clone)]
pub(crate) struct Fake(Arc<State>);

struct State {
    words: Mutex<HashMap<String, Word>>,
    calls: Mutex<Vec<(String, ExpiredTokens)>>,
    held: watch::Sender<bool>,
    down: AtomicBool,
}

impl Fake {
    /// Knows `ann` (member), `root` (admin) and `nova` (service).
    pub(crate) fn new() -> Self {
        let fake = Self(Arc::new(State {
            words: Mutex::default(),
            calls: Mutex::default(),
            held: watch::Sender::new(false),
            down: AtomicBool::new(false),
        }));
        fake.good("ann", caller("ann", &["member"]));
        fake.good("root", caller("root", &["admin"]));
        fake.good("nova", caller("nova", &["Service"]));
        fake
    }

    pub(crate) fn teach(&self, token: &str, word: Word) {
        self.0.words.lock().unwrap().insert(token.to_owned(), word);
    }

    pub(crate) fn good(&self, token: &str, identity: Identity) {
        let word = Validated::new(identity, LIFE);
        self.teach(token, Word::Good(Box::new(word)));
    }

    pub(crate) fn ruled(&self, token: &str, rules: &[(&str, &str, &str)]) {
        let rules = rules
            .iter()
            .map(|(service, method, path)| AccessRule::new(*service, *method, path));
        let roles = ["member", "service"];
        let word = Validated::new(caller(token, &roles), LIFE).access_rules(rules);
        self.teach(token, Word::Good(Box::new(word)));
    }

    pub(crate) fn revoke(&self, token: &str) {
        self.0.words.lock().unwrap().remove(token);
    }

    pub(crate) fn calls(&self) -> usize {
        self.0.calls.lock().unwrap().len()
    }

    pub(crate) fn asked(&self) -> Vec<(String, ExpiredTokens)> {
        self.0.calls.lock().unwrap().clone()
    }

    /// Fails on every token, or no longer.
    pub(crate) fn down(&self, down: bool) {
        self.0.down.store(down, Ordering::Relaxed);
    }

    /// Keeps questions waiting, or lets them go.
    pub(crate) fn hold(&self, held: bool) {
        self.0.held.send_replace(held);
    }
}

impl ValidateToken for Fake {
    fn validate<'a>(&'a self, token: &'a Token, expired: ExpiredTokens) -> ValidateFuture<'a> {
        Box::pin(async move {
            let call = (token.expose().to_owned(), expired);
            self.0.calls.lock().unwrap().push(call);
            let mut held = self.0.held.subscribe();
            held.wait_for(|held| !held).await.unwrap();
            if self.0.down.load(Ordering::Relaxed) {
                return Err(ValidateError::unavailable("it is down"));
            }
            let word = self.0.words.lock().unwrap().get(token.expose()).cloned();
            match word {
                None => Err(ValidateError::invalid("unknown")),
                Some(Word::Good(validated)) => Ok(*validated),
                Some(Word::Expired(validated)) if expired == ExpiredTokens::Accepted => {
                    Ok(*validated)
                }
                Some(Word::Expired(_)) => Err(ValidateError::invalid("expired")),
                Some(Word::Down) => Err(ValidateError::unavailable("it is down")),
                Some(Word::Never) => std::future::pending().await,
                Some(Word::Panic) => panic!("a validator with a defect"),
            }
        })
    }
}

pub(crate) fn caller(user: &str, roles: &[&str]) -> Identity {
    Identity::new(UserId::new(user).unwrap())
        .project(ProjectId::new("6f70656e").unwrap())
        .roles(roles.iter().map(|name| Role::new(name).unwrap()))
}

/// What reached the service behind.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    pub(crate) headers: HeaderMap,
    pub(crate) identity: Option<Identity>,
    pub(crate) anonymous: bool,
}

/// A layer with a fake behind it and a service that remembers inside.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(crate) fake: Fake,
    layer: KeystoneLayer,
    reached: Arc<Mutex<Vec<Reached>>>,
    status: Arc<Mutex<StatusCode>>,
}

pub(crate) fn layer(fake: &Fake) -> KeystoneLayer {
    KeystoneLayer::new(fake.clone(), &URI.parse().unwrap()).unwrap()
}

pub(crate) fn gateway() -> Gateway {
    Gateway::with(|layer| layer)
}

impl Gateway {
    pub(crate) fn with(change: impl FnOnce(KeystoneLayer) -> KeystoneLayer) -> Self {
        let fake = Fake::new();
        let layer = change(layer(&fake));
        Self::around(fake, layer)
    }

    pub(crate) fn around(fake: Fake, layer: KeystoneLayer) -> Self {
        Self {
            fake,
            layer,
            reached: Arc::default(),
            status: Arc::new(Mutex::new(StatusCode::OK)),
        }
    }

    pub(crate) fn into_parts(self) -> (Fake, KeystoneLayer) {
        (self.fake, self.layer)
    }

    /// What the service behind answers from now on.
    pub(crate) fn answers(&self, status: u16) {
        *self.status.lock().unwrap() = StatusCode::from_u16(status).unwrap();
    }

    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Response<ResponseBody<Full<Bytes>>> {
        let this = self.clone();
        let inner = tower::service_fn(move |request: Request<Full<Bytes>>| {
            let reached = Reached {
                headers: request.headers().clone(),
                identity: request.extensions().get().cloned(),
                anonymous: request.extensions().get::<Anonymous>().is_some(),
            };
            this.reached.lock().unwrap().push(reached);
            let mut response = Response::new(Full::default());
            *response.status_mut() = *this.status.lock().unwrap();
            async { Ok::<_, Infallible>(response) }
        });
        self.layer.layer(inner).oneshot(request).await.unwrap()
    }

    /// The status of a request with these headers.
    pub(crate) async fn ask(&self, line: &str, headers: &[(&str, &str)]) -> u16 {
        let headers = headers.iter();
        let request = headers.fold(request(line), |request, (name, value)| {
            request.header(*name, *value)
        });
        let request = request.body(Full::default()).unwrap();
        self.send(request).await.status().as_u16()
    }

    pub(crate) async fn get(&self, token: &str) -> u16 {
        self.ask("GET /v2.1/servers", &[("x-auth-token", token)])
            .await
    }

    pub(crate) async fn post(&self, token: &str) -> u16 {
        self.ask("POST /v2.1/servers", &[("x-auth-token", token)])
            .await
    }

    pub(crate) fn reached(&self) -> Vec<Reached> {
        self.reached.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Reached {
        self.reached.lock().unwrap().last().unwrap().clone()
    }
}

pub(crate) fn request(line: &str) -> Builder {
    let (method, target) = line.split_once(' ').unwrap();
    Request::builder().method(method).uri(target)
}

pub(crate) async fn told(
    response: Response<ResponseBody<Full<Bytes>>>,
) -> (HeaderMap, Value, &'static str) {
    let code = response
        .extensions()
        .get::<Denial>()
        .map_or("", |denial| denial.kind().code());
    let (parts, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        bytes.extend_from_slice(frame.unwrap().data_ref().unwrap());
    }
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    (parts.headers, body, code)
}

/// Lets everything that is ready run. Time does not pass.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
