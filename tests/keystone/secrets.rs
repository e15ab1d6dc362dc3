//! Rule 22: no token anywhere it could be read.

use std::{convert::Infallible, fmt::Debug, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    client::legacy::Client as HyperClient,
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tower::Layer as _;
use wafflehaus::{
    keystone::{KeystoneClient, KeystoneLayer, Token, ValidateError},
    sim::{Api, Cloud, Failure, User},
};

use crate::{
    client::{credential, endpoint},
    common::URI,
    log::Log,
};

const PASSWORD: &str = "correct-horse-battery";
const GOOD: &str = "gAAAA-the-good-token";
const BAD: &str = "gAAAA-the-bad-token";
const SERVICE: &str = "gAAAA-the-service-token";
const FORGED: &str = "gAAAA-a-forged-storage-token";

#[track_caller]
pub(crate) fn clean(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "`{secret}` is in: {text}");
        let bytes = format!("{:?}", secret.as_bytes());
        let bytes = bytes.trim_matches(['[', ']']);
        assert!(!text.contains(bytes), "`{secret}` as bytes is in: {text}");
    }
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

/// A gateway on a port of its own.
async fn serve(layer: KeystoneLayer) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let nova = tower::service_fn(async |request: Request<Incoming>| {
        tracing::info!(headers = ?request.headers(), extensions = ?request.extensions(), "behind");
        tracing::info!(identity = ?request.extensions().get::<wafflehaus::identity::Identity>());
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let service = layer.layer(nova);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                let service =
                    service_fn(move |request| tower::ServiceExt::oneshot(service.clone(), request));
                let serving = auto::Builder::new(TokioExecutor::new());
                let served = serving.serve_connection(TokioIo::new(stream), service);
                drop(served.await);
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn rule_22_no_event_shows_a_secret() {
    let log = Log::start();
    let cloud = Cloud::new();
    for (user, roles) in [("ann", "member"), ("nova", "service")] {
        let user = User::new(user, "0a0a").roles([roles]).password(PASSWORD);
        cloud.add_user(user).unwrap();
    }
    cloud.add_token(GOOD, "ann").unwrap();
    cloud.add_token(SERVICE, "nova").unwrap();
    let endpoints = cloud.listen().await.unwrap();
    let keystone = endpoint(&endpoints.keystone());
    let credential = credential(&keystone, "nova", PASSWORD);
    let layer = KeystoneLayer::new(
        KeystoneClient::new(keystone, credential),
        &URI.parse().unwrap(),
    );
    let layer = layer
        .unwrap()
        .set_identity_headers(true)
        .circuit(2, Duration::ZERO)
        .invalid_for(Duration::ZERO)
        .fresh_for(Duration::ZERO);
    let gateway = serve(layer.clone()).await;

    for http2 in [false, true] {
        let client = HyperClient::builder(TokioExecutor::new())
            .http2_only(http2)
            .build_http::<Empty<Bytes>>();
        let send = async |headers: &[(&str, &str)]| {
            let request = headers.iter().fold(
                Request::post(format!("{gateway}/v2.1/servers")),
                |request, (name, value)| {
                    // As a careful client would, for its own log is in the same file.
                    let mut value = http::HeaderValue::from_str(value).unwrap();
                    value.set_sensitive(true);
                    request.header(*name, value)
                },
            );
            let request = request.body(Empty::new()).unwrap();
            client.request(request).await.unwrap().status().as_u16()
        };
        let good = ("x-auth-token", GOOD);
        assert_eq!(send(&[good]).await, 200);
        assert_eq!(send(&[good, ("x-storage-token", FORGED)]).await, 200);
        assert_eq!(send(&[good, ("x_auth_token", FORGED)]).await, 200);
        assert_eq!(send(&[good, ("x-service-token", SERVICE)]).await, 200);
        assert_eq!(send(&[good, ("x-service-token", BAD)]).await, 401);
        assert_eq!(send(&[good, good]).await, 401);
        assert_eq!(send(&[("x-auth-token", BAD)]).await, 401);
        for failure in [
            Failure::Cut,
            Failure::Status(http::StatusCode::BAD_GATEWAY),
            Failure::Status(http::StatusCode::FORBIDDEN),
        ] {
            cloud.fail_always(Api::Keystone, failure);
            assert_eq!(send(&[good]).await, 503);
            cloud.clear_failures(Api::Keystone);
        }
    }

    // The token of the service user itself, too.
    let asked = cloud.received(Api::Keystone);
    let own: Vec<String> = asked
        .iter()
        .filter_map(|asked| {
            Some(
                asked
                    .headers
                    .get("x-auth-token")?
                    .to_str()
                    .unwrap()
                    .to_owned(),
            )
        })
        .collect();
    assert!(!own.is_empty());
    let mut secrets = vec![PASSWORD, GOOD, BAD, SERVICE, FORGED];
    secrets.extend(own.iter().map(String::as_str));
    let text = log.text();
    // That it was listened to closely.
    let heard_in = text.replace("\\\"", "\"");
    for heard in [
        r#""level":"TRACE""#,
        r#""target":"hyper"#,
        r#""target":"h2::"#,
        r#""message":"call""#,
        r#""target":"wafflehaus::openstack::client""#,
        r#""message":"refused""#,
        r#""message":"not validated""#,
        r#"x-auth-token": Sensitive"#,
        r#"user: UserId("ann")"#,
    ] {
        assert!(heard_in.contains(heard), "{heard}");
    }
    clean(&text, &secrets);
    clean(&shown(&layer), &secrets);
    clean(&shown(&layer.layer(())), &secrets);
}

#[test]
fn rule_22_no_type_shows_a_secret() {
    let token = Token::new(GOOD).unwrap();
    let long = format!("{GOOD} {GOOD}");
    let error = Token::new(&long).unwrap_err();
    let invalid = ValidateError::invalid("unknown");
    for text in [
        shown(&token),
        shown(&token.to_header()),
        format!("{error} {}", shown(&error)),
        format!("{invalid} {}", shown(&invalid)),
    ] {
        clean(&text, &[GOOD]);
    }
}
