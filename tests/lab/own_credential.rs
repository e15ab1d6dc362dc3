//! The gateway's own log-in to a Keystone behind TLS, by password and by application credential.

use std::{net::SocketAddr, time::Duration};

use serde_json::json;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use wafflehaus::openstack::{AuthMethod, Client, Endpoint, ServiceCredential};

use crate::{
    authority::TestAuthority,
    cloud::{full, line, send},
    judging::{Front, Judging, as_nova},
    support::{Lab, assert_refused, text, with_lab},
};

const SERVERS: &str = "GET /v2.1/servers";

/// TLS in front of a server that has none.
async fn encrypting(server: SocketAddr, authority: &TestAuthority) -> Endpoint {
    let acceptor = authority.acceptor(&["http/1.1"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Fails when the client does not trust the certificate.
                let Ok(mut inside) = acceptor.accept(stream).await else {
                    return;
                };
                let mut outside = TcpStream::connect(server).await.unwrap();
                // However it ends, it is the two ends that notice.
                copy_bidirectional(&mut inside, &mut outside)
                    .await
                    .unwrap_or_default();
            });
        }
    });
    format!("https://{address}/v3").parse().unwrap()
}

fn trusting(authority: &TestAuthority) -> Client {
    let client = Client::builder().certificate_authority(authority.pem());
    client.build().unwrap()
}

/// A service user of a test's own, by an application credential.
async fn as_application(lab: &Lab) -> AuthMethod {
    let person = lab.person("service").await;
    let project = format!("projects/{}", lab.user1.project);
    lab.grant(&person, "service", &project).await;
    let roles = json!({ "roles": [{ "name": "service" }] });
    let made = lab.make_credential(&person, roles).await;
    AuthMethod::ApplicationCredential {
        id: text(&made["id"]),
        secret: text(&made["secret"]).into(),
    }
}

#[tokio::test]
async fn either_way_to_log_in_validates_and_outlives_its_own_token() {
    with_lab(async |lab| {
        let authority = TestAuthority::new();
        for method in [as_nova(&lab.cloud), as_application(&lab).await] {
            let front = Front::before(lab.cloud.keystone).await;
            let keystone = encrypting(front.address, &authority).await;
            let credential = ServiceCredential::new(trusting(&authority), keystone.clone(), method);
            let gateway = Judging::with(&lab, keystone, credential, |layer| {
                layer.cache_for(Duration::ZERO).invalid_for(Duration::ZERO)
            })
            .await;
            let answer = gateway.with_token(SERVERS, &lab.user1.token).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let answer = gateway.with_token(SERVERS, "garbage").await;
            assert_refused(&answer, 401, "not valid");
            let challenge = answer.headers["www-authenticate"].to_str().unwrap();
            assert!(
                challenge.starts_with("Keystone uri=\"https://"),
                "{challenge}"
            );
            let [own] = &front.tokens()[..] else {
                panic!("one log-in serves all")
            };

            let revoke = line("DELETE /v3/auth/tokens")
                .header("x-auth-token", own)
                .header("x-subject-token", own);
            let answer = send(lab.cloud.keystone, revoke.body(full("")).unwrap()).await;
            assert_eq!(answer.status, 204, "{answer:?}");
            lab.until("the gateway has logged in again", async || {
                let answer = gateway.with_token(SERVERS, &lab.user1.token).await;
                assert_eq!(answer.status, 200, "{answer:?}");
                front.tokens().len() == 2
            })
            .await;
            let answer = gateway.with_token(SERVERS, "garbage").await;
            assert_refused(&answer, 401, "not valid");
        }
    })
    .await;
}

#[tokio::test]
async fn a_keystone_whose_certificate_is_not_trusted_is_told_nothing() {
    with_lab(async |lab| {
        let front = Front::before(lab.cloud.keystone).await;
        let keystone = encrypting(front.address, &TestAuthority::new()).await;
        let client = trusting(&TestAuthority::new());
        let credential = ServiceCredential::new(client, keystone.clone(), as_nova(&lab.cloud));
        let gateway = Judging::with(&lab, keystone, credential, |layer| layer).await;
        let answer = gateway.with_token(SERVERS, &lab.user1.token).await;
        assert_refused(&answer, 503, "could not be validated");
        assert!(front.tokens().is_empty() && gateway.forwarded().is_empty());
    })
    .await;
}
