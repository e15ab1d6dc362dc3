//! Trouble on demand, the record, and the sockets.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use tower_service::Service;

use super::testing::{A, B, SERVER, cloud, head, nova};
use super::{Api, Failure};

const ATTACH: &str = "POST /v2.1/servers/13c2a413-1f58-44c5-bc87-2c6e6058d12d/os-interface";

fn wish() -> String {
    json!({"interfaceAttachment": {"net_id": B}}).to_string()
}

#[tokio::test]
async fn failures_come_in_order_and_do_no_work() {
    let cloud = cloud();
    cloud.fail_next(
        Api::Nova,
        2,
        Failure::Status(StatusCode::SERVICE_UNAVAILABLE),
    );
    cloud.fail_next(Api::Nova, 1, Failure::Status(StatusCode::CONFLICT));
    for status in [503, 503, 409] {
        let answer = nova(&cloud, ATTACH, &wish()).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.is_object());
    }
    assert_eq!(cloud.server_networks(SERVER), [A]);
    cloud.fail_always(Api::Nova, Failure::Status(StatusCode::BAD_GATEWAY));
    for _ in 0..3 {
        assert_eq!(nova(&cloud, ATTACH, &wish()).await.status, 502);
    }
    cloud.clear_failures(Api::Nova);
    assert_eq!(nova(&cloud, ATTACH, &wish()).await.status, 200);
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
}

#[tokio::test(start_paused = true)]
async fn a_cut_in_this_process_is_silence() {
    let cloud = cloud();
    cloud.fail_next(Api::Nova, 1, Failure::Cut);
    cloud.fail_next(Api::Nova, 1, Failure::CutAfterwards);
    for networks in [vec![A], vec![A, B]] {
        let body = wish();
        let asking = nova(&cloud, ATTACH, &body);
        assert!(
            tokio::time::timeout(Duration::from_secs(9), asking)
                .await
                .is_err()
        );
        assert_eq!(cloud.server_networks(SERVER), networks);
        assert_eq!(cloud.in_flight(Api::Nova), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_is_waited_for() {
    let cloud = cloud();
    cloud.delay(Api::Nova, Duration::from_secs(5));
    let before = tokio::time::Instant::now();
    assert_eq!(nova(&cloud, ATTACH, &wish()).await.status, 200);
    assert_eq!(before.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn a_request_that_arrived_is_acted_on_though_the_caller_has_gone() {
    let cloud = cloud();
    cloud.hold(Api::Nova);
    let asking = tokio::spawn({
        let cloud = cloud.clone();
        async move { nova(&cloud, ATTACH, &wish()).await }
    });
    cloud.until_in_flight(Api::Nova, 1).await;
    while cloud.received(Api::Nova).is_empty() {
        tokio::task::yield_now().await;
    }
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert_eq!(cloud.server_networks(SERVER), [A]);
    cloud.release(Api::Nova);
    cloud.until_in_flight(Api::Nova, 0).await;
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
}

#[tokio::test]
async fn the_record_has_requests_as_they_came() {
    let cloud = cloud();
    nova(&cloud, "POST //v2.1/%73ervers?x=%41", "no json").await;
    for _ in 0..1024 {
        nova(&cloud, "GET /", "").await;
    }
    assert_eq!(cloud.received(Api::Nova).len(), 1024);
    cloud.forget_received(Api::Nova);
    nova(&cloud, "POST //v2.1/%73ervers?x=%41", "no json").await;
    let received = cloud.received(Api::Nova);
    let [only] = received.as_slice() else {
        panic!("{received:?}");
    };
    assert_eq!(
        (only.path.as_str(), only.query.as_str()),
        ("//v2.1/%73ervers", "x=%41")
    );
    assert_eq!((&only.body[..], only.complete), (&b"no json"[..], true));
    assert_eq!(only.headers["x-auth-token"], "ann");
    assert!(cloud.received(Api::Neutron).is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_recorded_and_not_acted_on() {
    let cloud = cloud();
    let frames = [
        Ok(Frame::data(Bytes::from_static(b"{\"inter"))),
        Err(std::io::Error::other("gone")),
    ];
    let body = StreamBody::new(futures_util::stream::iter(frames));
    let request = head(ATTACH)
        .header("x-auth-token", "ann")
        .body(body)
        .unwrap();
    let asking = cloud.service(Api::Nova).call(request);
    drop(tokio::time::timeout(Duration::ZERO, asking).await);
    let received = cloud.received(Api::Nova);
    assert_eq!(&received[0].body[..], b"{\"inter");
    assert!(!received[0].complete);
}

#[tokio::test]
async fn the_sockets_serve_both_versions_of_http_until_dropped() {
    let cloud = cloud();
    let endpoints = cloud.listen().await.unwrap();
    for http2 in [false, true] {
        let client = Client::builder(TokioExecutor::new())
            .http2_only(http2)
            .build_http::<Full<Bytes>>();
        let request = Request::post(format!("{}/v2.1/servers?_method=GET", endpoints.nova()))
            .header("x-auth-token", "ann")
            .body(Full::default())
            .unwrap();
        let answer = client.request(request).await.unwrap();
        // The body of a POST is one argument too many for a list.
        assert_eq!(answer.status(), 500);
    }
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let show = |url: String| {
        Request::get(url)
            .header("x-auth-token", "ann")
            .header("x-subject-token", "ann")
            .body(Empty::new())
            .unwrap()
    };
    let asked = show(format!("{}/v3/auth/tokens", endpoints.keystone()));
    let mut answer = client.request(asked).await.unwrap();
    let body = answer.body_mut().frame().await.unwrap().unwrap();
    let token: serde_json::Value = serde_json::from_slice(body.data_ref().unwrap()).unwrap();
    let urls = token["token"]["catalog"][1]["endpoints"][0]["url"].as_str();
    assert_eq!(urls, Some(endpoints.neutron().as_str()));
    let gone = show(endpoints.neutron());
    drop(endpoints);
    while client.request(gone.clone()).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_cut_on_a_socket_ends_the_connection() {
    let cloud = cloud();
    let endpoints = cloud.listen().await.unwrap();
    for http2 in [false, true] {
        let client = Client::builder(TokioExecutor::new())
            .http2_only(http2)
            .build_http::<Full<Bytes>>();
        cloud.fail_next(Api::Nova, 1, Failure::CutAfterwards);
        let before = cloud.server_networks(SERVER).len();
        let (_, path) = ATTACH.split_once(' ').unwrap();
        let request = Request::post(format!("{}{path}", endpoints.nova()))
            .header("x-auth-token", "ann")
            .body(Full::new(Bytes::from(wish())))
            .unwrap();
        client.request(request).await.unwrap_err();
        assert_eq!(cloud.server_networks(SERVER).len(), before + 1);
    }
}

#[test]
fn a_cloud_does_not_print_its_secrets() {
    let printed = format!("{:?}", cloud());
    assert!(!printed.contains("ann"), "{printed}");
}
