//! What nobody knows: rules 5 to 7 of `server_lock`, on a lock in this process.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use tokio::time::{advance, sleep};
use tower::ServiceExt as _;
use wafflehaus::{
    server_lock::{LocalLock, LockLimits},
    sim::{Api, Failure},
};

use crate::{common::SERVER, world::*};

const PORT_5: &str = "9abcde05-c0de-4aaa-8bbb-fedcba987601";

fn limited(world: &World, most: usize) -> Guarded {
    let layer = world.layer(interfaces(most));
    world.behind(&layer.server_lock(Arc::new(LocalLock::default())))
}

#[tokio::test(start_paused = true)]
async fn an_error_counts_as_an_attach_until_nova_must_be_done() {
    let world = World::new();
    let guard = world.guarded(LocalLock::default());
    let failure = Failure::Status(StatusCode::INTERNAL_SERVER_ERROR);
    world.cloud.fail_next(Api::Nova, 1, failure);
    assert_eq!(ask(&guard, attach(1)).await, (500, ""));
    assert_eq!(ask(&guard, attach(2)).await, TOO_MANY);
    advance(Duration::from_secs(59)).await;
    assert_eq!(ask(&guard, attach(2)).await, TOO_MANY);
    // On the network in doubt it would not be one more.
    assert_eq!(ask(&guard, attach(1)).await, DONE);
    assert_eq!(world.networks(), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_doubt_lapses() {
    let world = World::new();
    let guard = world.guarded(LocalLock::new(
        LockLimits::default().uncertain_for(Duration::from_secs(7)),
    ));
    let failure = Failure::Status(StatusCode::GATEWAY_TIMEOUT);
    world.cloud.fail_next(Api::Nova, 1, failure);
    assert_eq!(ask(&guard, attach(1)).await, (504, ""));
    advance(Duration::from_millis(6900)).await;
    assert_eq!(ask(&guard, attach(2)).await, TOO_MANY);
    advance(Duration::from_millis(100)).await;
    assert_eq!(ask(&guard, attach(2)).await, DONE);
    assert_eq!(world.networks(), [0, 2]);
}

#[tokio::test(start_paused = true)]
async fn what_comes_late_was_counted() {
    let world = World::new();
    let guard = world.guarded(LocalLock::default());
    world.next([Mishap::DoneLater(Duration::from_secs(30))]);
    assert_eq!(ask(&guard, attach(1)).await, (500, ""));
    assert_eq!(world.networks(), [0]);
    assert_eq!(ask(&guard, attach(2)).await, TOO_MANY);
    sleep(Duration::from_secs(31)).await;
    assert_eq!(world.networks(), [0, 1]);
    assert_eq!(ask(&guard, attach(2)).await, TOO_MANY);
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_shows_the_port_clears_the_doubt() {
    let world = World::new();
    let guard = limited(&world, 3);
    world.next([Mishap::DoneAs500]);
    assert_eq!(ask(&guard, attach(1)).await, (500, ""));
    // It is not counted twice.
    assert_eq!(ask(&guard, attach(2)).await, DONE);
    assert_eq!(ask(&guard, attach(3)).await, (403, "too_many_interfaces"));
    assert_eq!(world.networks(), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_and_a_panic_leave_doubts() {
    for mishap in [Mishap::DoneAndLost, Mishap::Panics] {
        let world = World::new();
        let guard = world.guarded(LocalLock::default());
        world.next([mishap]);
        drop(start(&guard, attach(1)).await);
        assert_eq!(ask(&guard, attach(2)).await, TOO_MANY, "{mishap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_nova_refused_leaves_none() {
    let world = World::new();
    let guard = world.guarded(LocalLock::default());
    let failure = Failure::Status(StatusCode::CONFLICT);
    world.cloud.fail_next(Api::Nova, 1, failure);
    assert_eq!(ask(&guard, attach(1)).await, (409, ""));
    assert_eq!(ask(&guard, attach(2)).await, DONE);
}

#[tokio::test(start_paused = true)]
async fn a_success_does_not_stand_for_the_doubt_before_it() {
    let world = World::new();
    let guard = limited(&world, 4);
    world.next([Mishap::DoneLater(Duration::from_secs(30))]);
    assert_eq!(ask(&guard, attach(1)).await, (500, ""));
    // One more port on network 1 is there now, but it is this one.
    assert_eq!(ask(&guard, attach(1)).await, DONE);
    assert_eq!(ask(&guard, attach(2)).await, DONE);
    assert_eq!(ask(&guard, attach(3)).await, (403, "too_many_interfaces"));
    sleep(Duration::from_secs(31)).await;
    assert_eq!(world.networks(), [0, 1, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn two_doubts_on_one_network_are_two() {
    let world = World::new();
    let guard = limited(&world, 4);
    let late = Mishap::DoneLater(Duration::from_secs(30));
    world.next([late, late]);
    for _ in 0..2 {
        assert_eq!(ask(&guard, attach(1)).await, (500, ""));
    }
    assert_eq!(ask(&guard, attach(2)).await, DONE);
    assert_eq!(ask(&guard, attach(2)).await, (403, "too_many_interfaces"));
    sleep(Duration::from_secs(31)).await;
    assert_eq!(world.networks(), [0, 2, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn only_the_port_itself_clears_a_doubt_about_it() {
    let world = World::new();
    world.cloud.add_port_as(PORT_5, &net(5), PROJECT).unwrap();
    let guard = limited(&world, 3);
    world.next([Mishap::DoneLater(Duration::from_secs(30))]);
    assert_eq!(ask(&guard, attach_port(PORT_5)).await, (500, ""));
    // Another port on its network, past the gateway.
    let past = world.cloud.service(Api::Nova);
    assert_eq!(past.oneshot(attach(5)).await.unwrap().status(), 200);
    assert_eq!(ask(&guard, attach(2)).await, (403, "too_many_interfaces"));
    sleep(Duration::from_secs(31)).await;
    assert_eq!(world.networks(), [0, 5, 5]);
    assert_eq!(world.cloud.port_device(PORT_5).unwrap(), SERVER);
}

#[tokio::test(start_paused = true)]
async fn a_doubt_is_about_one_server() {
    let world = World::new();
    let guard = world.guarded(LocalLock::default());
    world.next([Mishap::DoneAs500, Mishap::None]);
    assert_eq!(ask(&guard, attach(1)).await, (500, ""));
    assert_eq!(ask(&guard, attach_to(OTHER_SERVER, 1)).await, DONE);
    assert_eq!(ask(&guard, attach_to(OTHER_SERVER, 2)).await, DONE);
}
