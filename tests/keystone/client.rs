//! Rules 5 and 6: what is asked of Keystone, and which of its answers are answers.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use wafflehaus::{
    identity::{ProjectId, Role},
    keystone::{
        ExpiredTokens, KeystoneClient, KeystoneLayer, Token, ValidateError, ValidateToken as _,
    },
    openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential},
    sim::{Api, Cloud, Failure, User},
};

use crate::common::*;

pub(crate) fn endpoint(url: &str) -> Endpoint {
    url.parse().unwrap()
}

pub(crate) fn credential(keystone: &Endpoint, user: &str, password: &str) -> ServiceCredential {
    let client = Client::builder().deadline(Duration::from_secs(600));
    let method = AuthMethod::Password {
        user: Named::Id(user.into()),
        password: password.into(),
        project: Named::Id("0a0a".into()),
    };
    ServiceCredential::new(client.build().unwrap(), keystone.clone(), method).any_role()
}

fn cloud() -> Cloud {
    let cloud = Cloud::new();
    for (user, roles) in [("ann", ["member"]), ("waffle", ["service"])] {
        cloud
            .add_user(User::new(user, "0a0a").roles(roles))
            .unwrap();
    }
    cloud.add_token("ann-token", "ann").unwrap();
    cloud
}

fn client_of(keystone: &str) -> KeystoneClient {
    let keystone = endpoint(keystone);
    KeystoneClient::new(keystone.clone(), credential(&keystone, "waffle", "waffle"))
}

fn token() -> Token {
    Token::new("ann-token").unwrap()
}

#[tokio::test]
async fn rule_5_keystone_is_asked_as_it_wants_to_be() {
    let cloud = cloud();
    let endpoints = cloud.listen().await.unwrap();
    let client = client_of(&endpoints.keystone());
    for (expired, query) in [
        (ExpiredTokens::Refused, "nocatalog"),
        (ExpiredTokens::Accepted, "nocatalog&allow_expired=1"),
    ] {
        client.validate(&token(), expired).await.unwrap();
        let asked = cloud.received(Api::Keystone).pop().unwrap();
        assert_eq!(
            (asked.method.as_str(), &*asked.path),
            ("GET", "/v3/auth/tokens")
        );
        assert_eq!(asked.query, query);
        assert_eq!(asked.headers["x-subject-token"], "ann-token");
        assert_eq!(asked.headers["openstack-identity-access-rules"], "1");
        assert_ne!(asked.headers["x-auth-token"], "ann-token");
    }
    // One log-in served both.
    assert_eq!(cloud.received(Api::Keystone).len(), 3);
    let unknown = Token::new("zoe-token").unwrap();
    let outcome = client.validate(&unknown, ExpiredTokens::Refused).await;
    assert!(matches!(outcome, Err(ValidateError::Invalid(_))));
}

#[tokio::test]
async fn rule_5_a_refused_credential_logs_in_again_once() {
    let cloud = cloud();
    let endpoints = cloud.listen().await.unwrap();
    let client = client_of(&endpoints.keystone());
    client
        .validate(&token(), ExpiredTokens::Refused)
        .await
        .unwrap();
    let refused = Failure::Status(http::StatusCode::UNAUTHORIZED);
    cloud.fail_next(Api::Keystone, 1, refused);
    client
        .validate(&token(), ExpiredTokens::Refused)
        .await
        .unwrap();
    cloud.fail_always(Api::Keystone, refused);
    let outcome = client.validate(&token(), ExpiredTokens::Refused).await;
    // Its own 401 says nothing of the caller's token.
    assert!(matches!(outcome, Err(ValidateError::Unavailable(_))));
}

#[tokio::test]
async fn the_layer_works_with_keystone() {
    let cloud = cloud();
    let endpoints = cloud.listen().await.unwrap();
    let layer = KeystoneLayer::new(client_of(&endpoints.keystone()), &URI.parse().unwrap());
    let layer = layer.unwrap().fresh_for(Duration::ZERO);
    let gateway = Gateway::around(Fake::new(), layer);
    assert_eq!(gateway.get("ann-token").await, 200);
    let identity = gateway.last().identity.unwrap();
    assert_eq!(identity.user_id().as_str(), "ann");
    assert_eq!(
        identity.project_id(),
        Some(&ProjectId::new("0a0a").unwrap())
    );
    assert!(identity.has_role(&Role::new("Member").unwrap()));
    let details = identity.known_details();
    assert_eq!(details.user_name.as_deref(), Some("ann"));
    let domain = details.user_domain.as_ref().unwrap();
    assert_eq!(domain.name.as_deref(), Some("Default"));

    // Down, and revoked.
    cloud.fail_always(Api::Keystone, Failure::Cut);
    assert_eq!(gateway.get("ann-token").await, 200);
    assert_eq!(gateway.post("ann-token").await, 503);
    cloud.clear_failures(Api::Keystone);
    assert_eq!(gateway.post("ann-token").await, 200);
    cloud.advance(Duration::from_secs(7200));
    assert_eq!(gateway.post("ann-token").await, 401);
}

#[tokio::test]
async fn rule_6_an_expired_token_has_no_life_left() {
    let cloud = cloud();
    cloud
        .add_user(User::new("nova", "0a0a").roles(["service"]))
        .unwrap();
    let endpoints = cloud.listen().await.unwrap();
    let client = client_of(&endpoints.keystone());
    // Keystone's clock and the one of its `Date` agree, so the token has to be old by both.
    cloud.set_token_life(Duration::from_millis(1));
    let old = cloud.issue_token("ann").unwrap();
    cloud.set_token_life(Duration::from_secs(3600));
    cloud.advance(Duration::from_secs(1));
    let layer = KeystoneLayer::new(client, &URI.parse().unwrap()).unwrap();
    let gateway = Gateway::around(Fake::new(), layer);
    let service = cloud.issue_token("nova").unwrap();
    assert_eq!(gateway.get(&old).await, 401);
    let both = [("x-auth-token", &*old), ("x-service-token", &*service)];
    assert_eq!(gateway.ask("GET /", &both).await, 200);
    assert_eq!(gateway.get(&old).await, 401);
}

type Answer = Arc<dyn Fn(&Request<Incoming>) -> Response<Full<Bytes>> + Send + Sync>;

/// A Keystone that logs anybody in, and answers about tokens as a test says.
async fn keystone(
    answer: impl Fn(&Request<Incoming>) -> Response<Full<Bytes>> + Send + Sync + 'static,
) -> KeystoneClient {
    let answer: Answer = Arc::new(answer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let answer = Arc::clone(&answer);
            let service = service_fn(move |request: Request<Incoming>| {
                let response = match request.method().as_str() {
                    "POST" => Response::builder()
                        .status(201)
                        .header("x-subject-token", "own-token")
                        .body(Full::from(good().to_string()))
                        .unwrap(),
                    _ => answer(&request),
                };
                async { Ok::<_, Infallible>(response) }
            });
            // Without a `Date` of hyper's own.
            let mut http1 = hyper::server::conn::http1::Builder::new();
            http1.auto_date_header(false);
            tokio::spawn(http1.serve_connection(TokioIo::new(stream), service));
        }
    });
    client_of(&format!("http://{address}"))
}

/// What is said of a token that is good for an hour, decades ago.
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

const DATE: &str = "Fri, 31 Dec 1999 23:30:00 GMT";

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Full<Bytes>> {
    let response = headers.iter().fold(
        Response::builder().status(status),
        |response, (name, value)| response.header(*name, *value),
    );
    response.body(Full::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn rule_6_what_time_it_is_here_does_not_matter() {
    let client = keystone(|_| answer(200, &[("date", DATE)], &good().to_string())).await;
    let layer = KeystoneLayer::new(client, &URI.parse().unwrap()).unwrap();
    let gateway = Gateway::around(Fake::new(), layer.cache_for(Duration::from_secs(7200)));
    assert_eq!(gateway.get("ann-token").await, 200);
    // Half an hour is left by Keystone's clock. From here on nothing is sent.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(1790)).await;
    assert_eq!(gateway.get("ann-token").await, 200);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(gateway.get("ann-token").await, 401);
}

#[tokio::test]
async fn rule_6_without_a_date_the_clock_of_this_machine_counts() {
    for (year, status) in [("2000", 401), ("2999", 200)] {
        let body = good().to_string().replace("2000-01", &format!("{year}-01"));
        let client = keystone(move |_| answer(200, &[], &body)).await;
        let layer = KeystoneLayer::new(client, &URI.parse().unwrap()).unwrap();
        let gateway = Gateway::around(Fake::new(), layer);
        assert_eq!(gateway.get("ann-token").await, status, "{year}");
    }
}

#[tokio::test]
async fn rule_5_any_other_answer_is_none() {
    let current = Arc::new(Mutex::new((0, Vec::new(), String::new())));
    let client = keystone({
        let current = Arc::clone(&current);
        move |_| {
            let (status, headers, body) = &*current.lock().unwrap();
            answer(*status, headers, body)
        }
    })
    .await;
    let good = good().to_string();
    let not_found = json!({ "error": { "code": 404, "title": "Not Found", "message": "x" } });
    let not_found = not_found.to_string();
    let dated = ("date", DATE);
    for (status, headers, body, expected) in [
        (200, vec![dated], &*good, "good"),
        (
            200,
            vec![dated, ("x-subject-token", "ann-token")],
            &good,
            "good",
        ),
        (404, vec![], &not_found, "invalid"),
        // Long expired, by the clock of this machine.
        (200, vec![], &good, "good"),
        (200, vec![("date", "yesterday")], &good, "unavailable"),
        (200, vec![dated, dated], &good, "unavailable"),
        // About somebody else.
        (
            200,
            vec![dated, ("x-subject-token", "bob-token")],
            &good,
            "unavailable",
        ),
        // Not Keystone's word, or not a word.
        (404, vec![], "<html>Not Found</html>", "unavailable"),
        (404, vec![], "{}", "unavailable"),
        (200, vec![dated], "", "unavailable"),
        (200, vec![dated], "{\"token\": {}}", "unavailable"),
        (200, vec![dated], "[]", "unavailable"),
        (200, vec![dated], &format!("{good}x"), "unavailable"),
        (201, vec![dated], &good, "unavailable"),
        (204, vec![dated], "", "unavailable"),
        (300, vec![dated], &good, "unavailable"),
        (
            302,
            vec![dated, ("location", "http://127.0.0.1:1/")],
            "",
            "unavailable",
        ),
        (400, vec![], &not_found, "unavailable"),
        (401, vec![], &not_found, "unavailable"),
        (403, vec![], &not_found, "unavailable"),
        (410, vec![], &not_found, "unavailable"),
        (429, vec![], "", "unavailable"),
        (500, vec![dated], &good, "unavailable"),
        (503, vec![], "", "unavailable"),
    ] {
        *current.lock().unwrap() = (status, headers.clone(), body.to_owned());
        let outcome = client.validate(&token(), ExpiredTokens::Refused).await;
        let got = match &outcome {
            Ok(_) => "good",
            Err(ValidateError::Invalid(_)) => "invalid",
            Err(_) => "unavailable",
        };
        assert_eq!(got, expected, "{status} {headers:?} {body}: {outcome:?}");
    }
}
