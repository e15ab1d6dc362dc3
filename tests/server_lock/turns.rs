//! Who waits for whom: rules 1 to 4 of `server_lock`, on a lock in this process.

use std::time::Duration;

use tokio::time::Instant;
use tower::{Service as _, ServiceExt as _};
use wafflehaus::{server_lock::LocalLock, sim::Api};

use crate::{
    common::{SERVER, body, detach, line},
    world::*,
};

#[tokio::test(start_paused = true)]
async fn without_a_lock_two_attaches_pass_a_limit_that_one_of_them_fits() {
    let world = World::new();
    let guard = world.behind(&world.layer(two_networks()));
    world.cloud.hold(Api::Nova);
    let both = [1, 2].map(|digit| start(&guard, attach(digit)));
    world.cloud.until_in_flight(Api::Nova, 2).await;
    world.cloud.release(Api::Nova);
    for attached in both {
        assert_eq!(attached.await.unwrap().status, 200);
    }
    assert_eq!(world.networks().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn rule_1_of_two_attaches_for_one_place_one_passes() {
    let world = World::new();
    let guard = world.guarded(LocalLock::default());
    world.cloud.hold(Api::Nova);
    let first = start(&guard, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let second = start(&guard, attach(2));
    all_wait().await;
    assert!(!second.is_finished());
    assert_eq!(world.cloud.in_flight(Api::Nova), 1);
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(second.await.unwrap().code, "too_many_networks");
    assert_eq!(world.networks(), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn rule_1_another_server_waits_for_nobody() {
    let world = World::new();
    let guard = world.guarded(with_waiters(0));
    world.cloud.hold(Api::Nova);
    let first = start(&guard, attach(1));
    let other = start(&guard, attach_to(OTHER_SERVER, 1));
    world.cloud.until_in_flight(Api::Nova, 2).await;
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(other.await.unwrap().status, 200);
}

#[tokio::test(start_paused = true)]
async fn rule_2_one_waiter_too_many_is_refused_at_once() {
    let world = World::new();
    let guard = world.guarded(with_waiters(1));
    world.cloud.hold(Api::Nova);
    let first = start(&guard, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let second = start(&guard, attach(1));
    all_wait().await;
    let before = Instant::now();
    let mut ready = guard.clone();
    let refused = ready.ready().await.unwrap().call(attach(1)).await.unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(refused.status(), 409);
    assert_eq!(refused.headers()["retry-after"], "1");
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(second.await.unwrap().status, 200);
    assert_eq!(world.reached(), 2);
}

#[tokio::test(start_paused = true)]
async fn rule_2_who_waits_too_long_is_refused_and_the_next_one_is_not() {
    let world = World::new();
    let guard = world.guarded(LocalLock::default());
    world.cloud.hold(Api::Nova);
    let first = start(&guard, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let before = Instant::now();
    assert_eq!(ask(&guard, attach(2)).await, BUSY);
    assert_eq!(before.elapsed().as_secs(), 10);
    let third = start(&guard, attach(1));
    all_wait().await;
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(third.await.unwrap().status, 200);
    assert_eq!(world.reached(), 2);
}

#[tokio::test(start_paused = true)]
async fn rule_2_turns_come_in_the_order_of_asking() {
    let world = World::new();
    let layer = world.layer(interfaces(5));
    let lock = LocalLock::default();
    let guard = world.behind(&layer.server_lock(std::sync::Arc::new(lock)));
    world.cloud.hold(Api::Nova);
    let mut asked = Vec::new();
    for digit in [4, 2, 3, 1] {
        asked.push(start(&guard, attach(digit)));
        all_wait().await;
    }
    world.cloud.release(Api::Nova);
    for attached in asked {
        assert_eq!(attached.await.unwrap().status, 200);
    }
    assert_eq!(world.networks(), [0, 4, 2, 3, 1]);
}

#[tokio::test(start_paused = true)]
async fn rule_4_a_turn_ends_with_a_refusal_an_error_and_a_panic() {
    let world = World::new();
    let guard = world.guarded(with_waiters(0));
    world.next([Mishap::Panics, Mishap::DoneAndLost]);
    let panicked = start(&guard, attach(1)).await.unwrap_err();
    let panic = panicked.into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"as it was told to"));
    let failed = guard.clone().oneshot(attach(1)).await.unwrap_err();
    assert_eq!(failed.to_string(), "the connection is lost");
    assert_eq!(ask(&guard, attach(2)).await, TOO_MANY);
    // Nobody stands in the way, or this would be refused as one too many.
    assert_eq!(ask(&guard, attach(1)).await, DONE);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_its_turn_to_nova() {
    let world = World::new();
    let guard = world.guarded(LocalLock::default());
    world.cloud.hold(Api::Nova);
    let gone = start(&guard, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    let next = start(&guard, attach(2));
    all_wait().await;
    assert_eq!(world.cloud.in_flight(Api::Nova), 1);
    world.cloud.release(Api::Nova);
    assert_eq!(next.await.unwrap().code, "too_many_networks");
    assert_eq!(world.networks(), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_while_it_waits_is_still_judged_in_its_turn() {
    let world = World::new();
    let guard = world.guarded(LocalLock::default());
    world.cloud.hold(Api::Nova);
    let first = start(&guard, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let gone = start(&guard, attach(2));
    all_wait().await;
    gone.abort();
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    all_wait().await;
    assert_eq!(world.networks(), [0, 1]);
    assert_eq!(world.reached(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_judged_by_the_server_waits_for_nobody() {
    let world = World::new();
    let guard = world.guarded(with_waiters(0));
    world.cloud.hold(Api::Nova);
    let first = start(&guard, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let console = line(&format!("POST /v2.1/servers/{SERVER}/action"))
        .header("x-auth-token", "token")
        .body(body(r#"{"os-getConsoleOutput": {}}"#))
        .unwrap();
    let others = [console, detach("9abcde00-c0de-4aaa-8bbb-fedcba987601")];
    let others = others.map(|request| start(&guard, request));
    world.cloud.until_in_flight(Api::Nova, 3).await;
    world.cloud.release(Api::Nova);
    for other in others {
        assert_eq!(other.await.unwrap().code, "");
    }
    assert_eq!(first.await.unwrap().status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_slow_caller_has_no_turn_yet() {
    use futures_util::stream;
    use http_body_util::StreamBody;
    use tower::Layer as _;

    let world = World::new();
    let lock = std::sync::Arc::new(with_waiters(0));
    let layer = world.layer(two_networks()).server_lock(lock);
    let guard = world.behind(&layer.clone());
    let (head, _) = attach(1).into_parts();
    let never = StreamBody::new(stream::pending::<
        Result<http_body::Frame<bytes::Bytes>, BoxError>,
    >());
    let nova =
        tower::service_fn(async |_| -> Result<http::Response<String>, BoxError> { panic!() });
    let slow = layer
        .layer(nova)
        .oneshot(http::Request::from_parts(head, never));
    tokio::select! {
        _ = slow => panic!("its body never came"),
        () = all_wait() => {}
    }
    assert_eq!(ask(&guard, attach(1)).await, DONE);
}
