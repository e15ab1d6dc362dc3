//! What once went wrong, or stopped somebody it should not have.

use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use tower::{Layer as _, ServiceExt as _};
use wafflehaus::{
    guard::GuardLayer,
    identity::{Identity, ProjectId, UserId},
    policy::{Denial, RequestNetworks},
    sim::Api,
};

use crate::{
    gateway::{Remote, ask, client},
    requests::{Shot, table::Sight},
    world::*,
};

const LISTED: &str = r#""name": "web", "flavorRef": "1", "networks""#;

fn create(networks: &str) -> String {
    format!(r#"{{"server": {{{LISTED}: {networks}}}}}"#)
}

#[tokio::test]
async fn a_network_beside_its_own_port_is_what_terraform_and_heat_send() {
    let beside = |network, port| create(&format!(r#"[{{"uuid": "{network}", "port": "{port}"}}]"#));
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    for (network, port) in [(REQUIRED, ON_BANNED), (BANNED, ON_REQUIRED)] {
        let outcome = gateway
            .send(&Shot::json("POST /v2.1/servers", beside(network, port)))
            .await;
        assert_eq!(outcome.status, 400);
        assert!(made(&cloud).is_empty());
    }
    let shot = Shot::json("POST /v2.1/servers", beside(REQUIRED, ON_REQUIRED));
    assert_eq!(gateway.send(&shot).await.status, 202);
    assert_eq!(made(&cloud), [[REQUIRED]]);
}

#[tokio::test]
async fn versions_are_told_without_a_token() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    for (target, status) in [
        ("/", 200),
        ("/v2.1/", 200),
        ("/v2.1", 200),
        ("/v2.1/servers", 401),
    ] {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: nova.example\r\nAccept: application/json\r\n\
             Connection: close\r\n\r\n"
        );
        let answer = ask(gateway.address, request.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{target}: {answer}"
        );
    }
}

#[tokio::test]
async fn two_tokens_are_not_forwarded() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    let shot = Shot::bare("GET /v2.1/servers").header("X-Auth-Token: root-token");
    assert_eq!(gateway.send(&shot).await.status, 401);
    assert!(cloud.received(Api::Nova).is_empty());
}

#[tokio::test]
async fn a_body_that_nova_never_reads_is_not_forwarded() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
        gateway
            .send(&Shot::json(
                format!("{method} /v2.1/servers"),
                "POST / HTTP/1.1",
            ))
            .await;
        let received = cloud.received(Api::Nova);
        assert!(!received.is_empty(), "{method}");
        assert!(received.iter().all(|it| it.body.is_empty()), "{method}");
    }
}

#[tokio::test]
async fn the_vendors_admin_interface_is_not_reached() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    let body =
        format!(r#"{{"virtual_interface": {{"action": "create", "network_id": "{BANNED}"}}}}"#);
    let line = format!("PUT /v2.1/servers/{SMALL}/admin-virtual-interfaces/{ON_BANNED}");
    assert!(gateway.send(&Shot::json(line, body)).await.cloud.is_none());
}

/// A create whose length is not announced, by a known caller.
fn streamed(
    body: String,
) -> Request<
    StreamBody<impl futures_util::Stream<Item = Result<Frame<Bytes>, std::convert::Infallible>>>,
> {
    let frames = futures_util::stream::iter([Ok(Frame::data(Bytes::from(body)))]);
    known().body(StreamBody::new(frames)).unwrap()
}

fn known() -> http::request::Builder {
    let caller = Identity::new(UserId::new("alice").unwrap());
    let caller = caller.project(ProjectId::new(PROJECT).unwrap());
    Request::post("/v2.1/servers")
        .header("x-auth-token", TOKEN)
        .extension(caller)
}

fn required() -> GuardLayer<RequestNetworks> {
    GuardLayer::new(RequestNetworks::new([REQUIRED.parse().unwrap()], []).unwrap())
}

#[tokio::test]
async fn an_audit_with_a_small_limit_changes_nothing_for_the_guard_inside() {
    let cloud = cloud(Sight::All);
    let inner = || required().layer(cloud.service(Api::Nova));
    let service = || required().audit(true).body_limit(16).layer(inner());
    let passed = create(&format!(r#"[{{"uuid": "{REQUIRED}"}}]"#));
    assert_eq!(
        service().oneshot(streamed(passed)).await.unwrap().status(),
        202
    );
    let refused = create(&format!(r#"[{{"uuid": "{BANNED}"}}]"#));
    assert_eq!(
        service().oneshot(streamed(refused)).await.unwrap().status(),
        403
    );
}

#[tokio::test]
async fn two_audits_refuse_nothing() {
    let cloud = cloud(Sight::All);
    let inner = required().audit(true).layer(cloud.service(Api::Nova));
    let service = required().audit(true).body_limit(16).layer(inner);
    let answer = service.oneshot(streamed(create("\"x\""))).await.unwrap();
    assert!(answer.extensions().get::<Denial>().is_none());
    assert_eq!(cloud.received(Api::Nova)[0].body, create("\"x\""));
}

#[tokio::test]
async fn the_length_is_written_as_digits() {
    let body = create(&format!(r#"[{{"uuid": "{REQUIRED}"}}]"#));
    let cloud = cloud(Sight::All);
    let service = required().layer(cloud.service(Api::Nova));
    let request = known().header("content-length", format!("+{}", body.len()));
    service
        .oneshot(request.body(Full::new(Bytes::from(body.clone()))).unwrap())
        .await
        .unwrap();
    assert_eq!(
        cloud.received(Api::Nova)[0].headers["content-length"],
        body.len().to_string()
    );
}
