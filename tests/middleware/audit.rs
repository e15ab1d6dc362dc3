//! An auditing guard lets pass what it would refuse, as it came.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tower::{Layer, ServiceExt};
use wafflehaus::{body::InspectBody, guard::GuardLayer, policy::RequestNetworks};

use crate::common::*;

fn auditing() -> GuardLayer<RequestNetworks> {
    GuardLayer::new(RequestNetworks::new([network(REQUIRED)], []).unwrap()).audit(true)
}

#[tokio::test]
async fn every_kind_of_refusal_is_passed_on_unchanged() {
    let nova = Nova::default();
    let service = auditing().lookup(Arc::new(Known {
        fails: true,
        ..Known::default()
    }));
    let service = service.layer(nova.service());
    let requests = [
        (
            "POST /v2.1/%73ervers",
            r#"{"server": {"networks": "none"}}"#,
        ),
        ("POST /servers", "unclear"),
        ("POST /v2.1/servers", "not json"),
        (
            "POST /v2.1/servers",
            r#"{"server": {"networks": [{"port": "9abcde01-c0de-4aaa-8bbb-fedcba987601"}]}}"#,
        ),
    ];
    for (target, text) in requests {
        let request = line(target)
            .header("content-type", "text/plain")
            .body(body(text))
            .unwrap();
        assert_eq!(send(&service, request).await.status, 202, "{target}");
        let seen = nova.only();
        assert_eq!(seen.uri, target.strip_prefix("POST ").unwrap());
        assert_eq!(seen.headers["content-type"], "text/plain");
        assert_eq!(seen.body, text);
    }
}

#[tokio::test]
async fn a_request_that_passes_is_left_alone_too() {
    let nova = Nova::default();
    let request = line("POST /v2.1//servers")
        .body(create_body(&listing(&[REQUIRED])))
        .unwrap();
    assert_eq!(
        send(&auditing().layer(nova.service()), request)
            .await
            .status,
        202
    );
    assert_eq!(nova.only().uri, "/v2.1//servers");
}

#[tokio::test]
async fn a_body_over_the_limit_goes_on_whole() {
    let frames =
        ["{\"ser", "ver\": ", "{}}"].map(|text| Ok::<_, &str>(Frame::data(Bytes::from(text))));
    let service = auditing().body_limit(8).layer(tower::service_fn(
        async |request: http::Request<InspectBody<_>>| {
            let body = BodyExt::boxed_unsync(request.into_body());
            Ok::<_, std::convert::Infallible>(http::Response::new(body))
        },
    ));
    let request = line("POST /v2.1/servers")
        .body(StreamBody::new(stream::iter(frames)))
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(read(response.into_body()).await, "{\"server\": {}}");
}

#[tokio::test]
async fn a_body_that_broke_off_is_refused_even_so() {
    let frames = [Ok(Frame::data(Bytes::from("{"))), Err("gone")];
    let nova = tower::service_fn(async |request: http::Request<InspectBody<_>>| {
        let body = BodyExt::boxed_unsync(request.into_body());
        Ok::<_, std::convert::Infallible>(http::Response::new(body))
    });
    let request = line("POST /v2.1/servers")
        .body(StreamBody::new(stream::iter(frames)))
        .unwrap();
    let response = auditing().layer(nova).oneshot(request).await.unwrap();
    assert_eq!(response.status(), 400);
}
