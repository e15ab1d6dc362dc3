//! tower's contract: readiness is passed on, the ready service is the one that is called, and
//! errors come through.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Service, ServiceExt as _};
use tower_layer::Layer as _;
use tower_test::mock;

use crate::common::*;

type Inner = Request<Full<Bytes>>;
type Answer = Response<Full<Bytes>>;

fn of(token: &str) -> Inner {
    let request = request("GET /v2.1").header("x-auth-token", token);
    request.body(Full::default()).unwrap()
}

/// A fake and its layer, which remembers `ann` if `warm`.
async fn prepared(warm: bool) -> (Fake, wafflehaus::keystone::KeystoneLayer) {
    let gateway = gateway();
    if warm {
        assert_eq!(gateway.get("ann").await, 200);
    }
    gateway.into_parts()
}

#[tokio::test]
async fn it_is_ready_when_its_service_is() {
    let (service, mut handle) = mock::pair::<Inner, Answer>();
    let mut layer = mock::Spawn::new(layer(&Fake::new()).layer(service));
    handle.allow(0);
    tokio_test::assert_pending!(layer.poll_ready::<Inner>());
    handle.allow(1);
    tokio_test::assert_ready_ok!(layer.poll_ready::<Inner>());
}

#[tokio::test]
async fn it_calls_the_service_that_was_ready_remembered_or_not() {
    for warm in [true, false] {
        let (_, layer) = prepared(warm).await;
        let (service, mut handle) = mock::pair::<Inner, Answer>();
        let mut service = layer.layer(service);
        // Room for one call: if the clone were called it would never be ready.
        handle.allow(1);
        std::future::poll_fn(|cx| Service::<Inner>::poll_ready(&mut service, cx))
            .await
            .unwrap();
        let answer = tokio::spawn(service.call(of("ann")));
        let (_, responder) = handle.next_request().await.unwrap();
        responder.send_response(Response::new(Full::default()));
        assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_refusal_never_reaches_the_service() {
    let (fake, layer) = prepared(true).await;
    fake.teach("down", Word::Down);
    for token in ["wrong", "down", ""] {
        let (service, mut handle) = mock::pair::<Inner, Answer>();
        handle.allow(1);
        let answer = layer.layer(service).oneshot(of(token)).await.unwrap();
        assert!(answer.status().is_client_error() || answer.status() == 503);
        // The service is dropped with the answer, so this ends.
        assert!(handle.next_request().await.is_none());
    }
}

#[tokio::test]
async fn errors_pass_through() {
    for warm in [true, false] {
        let (_, layer) = prepared(warm).await;
        let (service, mut handle) = mock::pair::<Inner, Answer>();
        let answer = tokio::spawn(layer.layer(service).oneshot(of("ann")));
        let (_, responder) = handle.next_request().await.unwrap();
        responder.send_error("broken");
        let error = answer.await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), "broken");
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nobodys_answer_along() {
    let gateway = gateway();
    gateway.fake.hold(true);
    let first = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.get("ann").await }
    });
    settle().await;
    let second = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.get("ann").await }
    });
    settle().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gateway.fake.hold(false);
    assert_eq!(second.await.unwrap(), 200);
    assert_eq!(gateway.fake.calls(), 1);
    assert_eq!(gateway.reached().len(), 1);
}
