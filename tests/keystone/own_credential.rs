//! The layer's own log-in, to a Keystone behind TLS with an authority of its own: both ways to log
//! in, renewed before they expire and when they are refused.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time};
use wafflehaus::{
    keystone::{KeystoneClient, KeystoneLayer},
    openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential},
};

use crate::{authority::TestAuthority, common::*, log::Log, secrets::clean};

const SECRET: &str = "correct-horse-battery";

const MINUTE: Duration = Duration::from_secs(60);

/// What a Keystone was asked, and which of its tokens it still takes.
#[derive(Default)]
struct Told {
    log_ins: Vec<Value>,
    /// The tokens it was asked with.
    used: Vec<String>,
    refused: Vec<String>,
}

type Shared = Arc<Mutex<Told>>;

/// A Keystone that knows any token, and gives tokens of its own for an hour.
async fn keystone(authority: &TestAuthority) -> (Endpoint, Shared) {
    let told = Shared::default();
    let acceptor = authority.acceptor(&["http/1.1"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let state = Arc::clone(&told);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, state) = (acceptor.clone(), Arc::clone(&state));
            tokio::spawn(async move {
                // Fails when the client does not trust the certificate.
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                let serving = http1::Builder::new();
                drop(
                    serving
                        .serve_connection(TokioIo::new(stream), service)
                        .await,
                );
            });
        }
    });
    (endpoint.parse().unwrap(), told)
}

async fn answer(
    state: Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        bytes.extend_from_slice(frame.data_ref().unwrap());
    }
    let mut told = state.lock().unwrap();
    let response = Response::builder();
    if head.method == "POST" {
        told.log_ins.push(serde_json::from_slice(&bytes).unwrap());
        let own = format!("own-{}", told.log_ins.len());
        let response = response.status(201).header("x-subject-token", own);
        return Ok(response.body(Full::from(good().to_string())).unwrap());
    }
    let own = head.headers["x-auth-token"].to_str().unwrap().to_owned();
    let status = if told.refused.contains(&own) {
        401
    } else {
        200
    };
    told.used.push(own);
    // In the middle of the life of what it tells about.
    let response = response
        .status(status)
        .header("date", "Fri, 31 Dec 1999 23:30:00 GMT");
    Ok(response.body(Full::from(good().to_string())).unwrap())
}

fn good() -> Value {
    let domain = json!({ "id": "default", "name": "Default" });
    json!({ "token": {
        "issued_at": "1999-12-31T23:00:00.000000Z",
        "expires_at": "2000-01-01T00:00:00.000000Z",
        "user": { "id": "u1", "name": "Ann", "domain": domain },
        "project": { "id": "p1", "name": "Web", "domain": domain },
        "roles": [{ "id": "r", "name": "member" }],
    } })
}

fn methods() -> [AuthMethod; 2] {
    [
        AuthMethod::Password {
            user: Named::Id("waffle".into()),
            password: SECRET.into(),
            project: Named::Id("0a0a".into()),
        },
        AuthMethod::ApplicationCredential {
            id: "ac1".into(),
            secret: SECRET.into(),
        },
    ]
}

/// A gateway that remembers no token and trusts this authority.
fn trusting(authority: &TestAuthority, keystone: &Endpoint, method: AuthMethod) -> Gateway {
    let client = Client::builder()
        .certificate_authority(authority.pem())
        .deadline(Duration::from_secs(600));
    let client = client.build().unwrap();
    let credential = ServiceCredential::new(client, keystone.clone(), method).any_role();
    let validator = KeystoneClient::new(keystone.clone(), credential);
    let layer = KeystoneLayer::new(validator, &URI.parse().unwrap()).unwrap();
    let layer = layer.cache_for(Duration::ZERO);
    Gateway::around(Fake::new(), layer.deadline(Duration::from_secs(600)))
}

/// Moves the clock, without letting it run away while sockets are waited for.
async fn pass(duration: Duration) {
    time::pause();
    time::advance(duration).await;
    time::resume();
}

#[tokio::test]
async fn rule_5_both_ways_to_log_in_serve_behind_a_private_authority() {
    let authority = TestAuthority::new();
    for (method, name) in methods()
        .into_iter()
        .zip(["password", "application_credential"])
    {
        let (keystone, told) = keystone(&authority).await;
        let gateway = trusting(&authority, &keystone, method);
        for _ in 0..3 {
            assert_eq!(gateway.get("ann").await, 200);
        }
        let told = told.lock().unwrap();
        let [log_in] = &told.log_ins[..] else {
            panic!("one log-in serves all")
        };
        assert_eq!(log_in["auth"]["identity"]["methods"], json!([name]));
        assert_eq!(told.used, ["own-1"; 3]);
    }
}

#[tokio::test]
async fn rule_5_another_authority_is_not_trusted_and_told_nothing() {
    let (keystone, told) = keystone(&TestAuthority::new()).await;
    for method in methods() {
        let gateway = trusting(&TestAuthority::new(), &keystone, method);
        assert_eq!(gateway.get("ann").await, 503);
        assert!(gateway.reached().is_empty());
    }
    let told = told.lock().unwrap();
    assert!(told.log_ins.is_empty() && told.used.is_empty());
}

#[tokio::test]
async fn rule_5_the_log_in_is_renewed_before_it_expires() {
    let authority = TestAuthority::new();
    for method in methods() {
        let (keystone, told) = keystone(&authority).await;
        let gateway = trusting(&authority, &keystone, method);
        assert_eq!(gateway.get("ann").await, 200);
        pass(47 * MINUTE).await;
        assert_eq!(gateway.get("ann").await, 200);
        assert_eq!(told.lock().unwrap().log_ins.len(), 1);
        pass(MINUTE).await;
        // The old one serves until the new one is there.
        while told.lock().unwrap().used.last().unwrap() != "own-2" {
            assert_eq!(gateway.get("ann").await, 200);
        }
        assert_eq!(told.lock().unwrap().used[2], "own-1");
        assert_eq!(told.lock().unwrap().log_ins.len(), 2);
    }
}

#[tokio::test]
async fn rule_5_a_refused_log_in_is_renewed_once() {
    let authority = TestAuthority::new();
    for method in methods() {
        let (keystone, told) = keystone(&authority).await;
        let gateway = trusting(&authority, &keystone, method);
        assert_eq!(gateway.get("ann").await, 200);
        told.lock().unwrap().refused.push("own-1".into());
        assert_eq!(gateway.get("ann").await, 200);
        assert_eq!(told.lock().unwrap().used, ["own-1", "own-1", "own-2"]);
        // Refused again: that is not the caller's fault.
        let refused = ["own-2", "own-3"].map(str::to_owned);
        told.lock().unwrap().refused.extend(refused);
        assert_eq!(gateway.get("ann").await, 503);
        assert_eq!(told.lock().unwrap().log_ins.len(), 3);
    }
}

#[tokio::test]
async fn rule_22_no_event_shows_what_the_layer_logs_in_with() {
    let authority = TestAuthority::new();
    for method in methods() {
        let log = Log::start();
        let (keystone, told) = keystone(&authority).await;
        let stranger = trusting(&TestAuthority::new(), &keystone, method.clone());
        assert_eq!(stranger.get("ann").await, 503);
        let gateway = trusting(&authority, &keystone, method);
        assert_eq!(gateway.get("ann").await, 200);
        told.lock().unwrap().refused.push("own-1".into());
        assert_eq!(gateway.get("ann").await, 200);
        let text = log.text();
        assert!(text.contains("not validated") && text.contains(r#""service":"keystone""#));
        clean(&text, &[SECRET, "own-1", "own-2"]);
    }
}
