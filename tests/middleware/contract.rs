//! tower's contract: readiness is passed on, the ready service is the one that is called, and
//! errors come through.

use std::pin::pin;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::Service;
use tower_layer::Layer;
use tower_test::mock;
use wafflehaus::{
    body::InspectBody, guard::GuardLayer, identity::Role, identity_headers::IdentityHeadersLayer,
    policy::RequestNetworks, role_router::RoleRouterLayer,
};

use crate::common::*;

type Inner = Request<InspectBody<Full<Bytes>>>;
type Answer = Response<Full<Bytes>>;

fn guard() -> GuardLayer<RequestNetworks> {
    GuardLayer::new(RequestNetworks::new([network(REQUIRED)], []).unwrap())
}

#[tokio::test]
async fn a_guard_is_ready_when_its_service_is() {
    let (service, mut handle) = mock::pair::<Inner, Answer>();
    let mut guard = mock::Spawn::new(guard().layer(service));
    handle.allow(0);
    tokio_test::assert_pending!(guard.poll_ready::<Request<Full<Bytes>>>());
    handle.allow(1);
    tokio_test::assert_ready_ok!(guard.poll_ready::<Request<Full<Bytes>>>());
}

#[tokio::test]
async fn a_guard_calls_the_service_that_was_ready_even_after_reading() {
    for request in [
        create(&listing(&[REQUIRED])),
        line("GET /v2.1").body(body("")).unwrap(),
    ] {
        let (service, mut handle) = mock::pair::<Inner, Answer>();
        let mut guard = guard().layer(service);
        // Room for one call: if the clone were called it would never be ready.
        handle.allow(1);
        std::future::poll_fn(|cx| Service::<Request<Full<Bytes>>>::poll_ready(&mut guard, cx))
            .await
            .unwrap();
        let mut answer = tokio_test::task::spawn(guard.call(request));
        tokio_test::assert_pending!(answer.poll());
        let (_, responder) = handle.next_request().await.unwrap();
        responder.send_response(Response::new(body("ok")));
        assert_eq!(answer.await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_refusal_never_reaches_the_service() {
    let (service, mut handle) = mock::pair::<Inner, Answer>();
    let mut guard = guard().layer(service);
    handle.allow(1);
    std::future::poll_fn(|cx| Service::<Request<Full<Bytes>>>::poll_ready(&mut guard, cx))
        .await
        .unwrap();
    assert_eq!(guard.call(create("\"none\"")).await.unwrap().status(), 403);
    tokio_test::assert_pending!(tokio_test::task::spawn(handle.next_request()).poll());
}

#[tokio::test]
async fn errors_pass_through() {
    for request in [
        create(&listing(&[REQUIRED])),
        line("GET /v2.1").body(body("")).unwrap(),
    ] {
        let (service, mut handle) = mock::pair::<Inner, Answer>();
        let guarded = RoleRouterLayer::new(guard()).layer(service);
        let mut answer = tokio_test::task::spawn(tower::ServiceExt::oneshot(guarded, request));
        tokio_test::assert_pending!(answer.poll());
        let (_, responder) = handle.next_request().await.unwrap();
        responder.send_error("broken");
        assert_eq!(answer.await.unwrap_err().to_string(), "broken");
    }
}

#[tokio::test]
async fn one_slow_branch_does_not_stop_the_others() {
    let (slow, mut slow_handle) = mock::pair::<Request<Full<Bytes>>, Answer>();
    let (fast, mut fast_handle) = mock::pair::<Request<Full<Bytes>>, Answer>();
    slow_handle.allow(0);
    // Branches around different services, by a layer that gives each its own.
    let layer = |service: mock::Mock<Request<Full<Bytes>>, Answer>| {
        tower::layer::layer_fn(move |_: ()| service.clone())
    };
    let mut router = RoleRouterLayer::new(layer(fast))
        .route([Role::new("slow").unwrap()], layer(slow))
        .layer(());
    std::future::poll_fn(|cx| Service::<Request<Full<Bytes>>>::poll_ready(&mut router, cx))
        .await
        .unwrap();
    let mut waiting = Request::get("/").body(body("")).unwrap();
    waiting.extensions_mut().insert(caller(&["slow"]));
    let mut waiting = tokio_test::task::spawn(router.call(waiting));
    tokio_test::assert_pending!(waiting.poll());

    let mut answer = pin!(router.call(line("GET /").body(body("")).unwrap()));
    tokio::select! {
        biased;
        _ = &mut answer => panic!("nobody answered"),
        request = fast_handle.next_request() => {
            request.unwrap().1.send_response(Response::new(body("ok")));
        }
    }
    assert_eq!(answer.await.unwrap().status(), 200);
}

#[tokio::test]
async fn identity_headers_is_ready_when_its_service_is() {
    let (service, mut handle) = mock::pair::<Request<Full<Bytes>>, Answer>();
    let mut layer = mock::Spawn::new(IdentityHeadersLayer::new().layer(service));
    handle.allow(0);
    tokio_test::assert_pending!(layer.poll_ready::<Request<Full<Bytes>>>());
    handle.allow(1);
    tokio_test::assert_ready_ok!(layer.poll_ready::<Request<Full<Bytes>>>());
}
