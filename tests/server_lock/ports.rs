//! The turns of a guard in front of Neutron: rules 13 to 15 of `neutron`.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::time::advance;
use tower::Layer as _;
use wafflehaus::{
    guard::GuardLayer,
    neutron::PortGuardLayer,
    policy::{DetachNetworkCheck, Policy},
    server_lock::LocalLock,
    sim::Api,
};

use crate::{
    common::{SERVER, body, line},
    world::*,
};

/// A free port on the network of this digit.
fn port(world: &World, digit: u8) -> String {
    let id = format!("9abcde0{digit}-c0de-4aaa-8bbb-fedcba987601");
    world.cloud.add_port_as(&id, &net(digit), PROJECT).unwrap();
    id
}

fn before_neutron<P: Policy>(world: &World, guard: GuardLayer<P>) -> PortGuardLayer<P> {
    PortGuardLayer::new(guard).devices(Arc::new(world.clone()))
}

/// Guards before Nova and before Neutron that have one lock, for two networks at most.
fn guards(world: &World) -> (Guarded, Guarded) {
    let guard = world.layer(two_networks());
    let guard = guard.server_lock(Arc::new(LocalLock::default()));
    let ports = before_neutron(world, guard.clone()).layer(world.api(Api::Neutron));
    (world.behind(&guard), boxed(ports))
}

fn ask_neutron(asked: &str, json: &Value) -> Incoming {
    let request = line(asked).header("x-auth-token", "token");
    request.body(body(json.to_string())).unwrap()
}

fn give(port: &str, server: &str) -> Incoming {
    let device = json!({ "port": { "device_id": server } });
    ask_neutron(&format!("PUT /v2.0/ports/{port}"), &device)
}

#[tokio::test(start_paused = true)]
async fn rule_13_of_two_ports_for_one_place_one_passes() {
    let world = World::new();
    let (_, neutron) = guards(&world);
    let [one, two] = [1, 2].map(|digit| port(&world, digit));
    world.cloud.hold(Api::Neutron);
    let first = start(&neutron, give(&one, SERVER));
    world.cloud.until_in_flight(Api::Neutron, 1).await;
    let second = start(&neutron, give(&two, SERVER));
    all_wait().await;
    assert_eq!(world.cloud.in_flight(Api::Neutron), 1);
    world.cloud.release(Api::Neutron);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(second.await.unwrap().code, "too_many_networks");
    assert_eq!(world.networks(), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn rule_13_an_attach_before_nova_and_a_port_before_neutron_wait_for_each_other() {
    let world = World::new();
    let (nova, neutron) = guards(&world);
    let one = port(&world, 1);
    world.cloud.hold(Api::Nova);
    let first = start(&nova, attach(2));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let second = start(&neutron, give(&one, SERVER));
    all_wait().await;
    assert_eq!(world.cloud.received(Api::Neutron).len(), 0);
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(second.await.unwrap().code, "too_many_networks");
    assert_eq!(world.networks(), [0, 2]);
}

#[tokio::test(start_paused = true)]
async fn rule_13_a_port_that_moves_meanwhile_is_judged_where_it_is_then() {
    let world = World::new();
    let lock = Arc::new(LocalLock::default());
    let nova = world.behind(&world.layer(two_networks()).server_lock(lock.clone()));
    let stay = DetachNetworkCheck::new([net(1).parse().unwrap()]);
    let guard = before_neutron(&world, world.layer(stay).server_lock(lock));
    let neutron = boxed(guard.layer(world.api(Api::Neutron)));
    let one = port(&world, 1);
    world.cloud.hold(Api::Nova);
    let first = start(&nova, attach_to(OTHER_SERVER, 2));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    // It finds a port that is nobody's, and waits for its turn at the server that is to get it.
    let second = start(&neutron, give(&one, OTHER_SERVER));
    all_wait().await;
    let nobody = before_neutron(&world, GuardLayer::new(Vec::<Box<dyn Policy>>::new()));
    let past = boxed(nobody.layer(world.api(Api::Neutron)));
    assert_eq!(ask(&past, give(&one, SERVER)).await, DONE);
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(second.await.unwrap().code, "network_not_detachable");
    assert_eq!(world.networks(), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn rule_14_an_answer_in_doubt_counts_before_nova_too() {
    let world = World::new();
    let (nova, neutron) = guards(&world);
    let one = port(&world, 1);
    world.next([Mishap::DoneLater(Duration::from_secs(30))]);
    assert_eq!(ask(&neutron, give(&one, SERVER)).await, (500, ""));
    assert_eq!(world.networks(), [0]);
    assert_eq!(ask(&nova, attach(2)).await, TOO_MANY);
    advance(Duration::from_secs(31)).await;
    all_wait().await;
    assert_eq!(world.networks(), [0, 1]);
    assert_eq!(ask(&nova, attach(2)).await, TOO_MANY);
}

#[tokio::test(start_paused = true)]
async fn rule_14_each_port_of_one_request_is_in_doubt() {
    let world = World::new();
    let guard = world.layer(interfaces(4));
    let guard = guard.server_lock(Arc::new(LocalLock::default()));
    let ports = before_neutron(&world, guard.clone()).layer(world.api(Api::Neutron));
    let (nova, neutron) = (world.behind(&guard), boxed(ports));
    let one = json!({ "network_id": net(1), "device_id": SERVER });
    let two = json!({ "network_id": net(2), "device_id": SERVER });
    let three = json!({ "ports": [one, two, one] });
    world.next([Mishap::DoneLater(Duration::from_secs(30))]);
    let several = ask_neutron("POST /v2.0/ports", &three);
    assert_eq!(ask(&neutron, several).await, (500, ""));
    assert_eq!(ask(&nova, attach(3)).await.0, 403);
    advance(Duration::from_secs(61)).await;
    all_wait().await;
    assert_eq!(world.networks().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn rule_14_who_goes_away_keeps_the_turn() {
    let world = World::new();
    let (nova, neutron) = guards(&world);
    let one = port(&world, 1);
    world.cloud.hold(Api::Neutron);
    let first = start(&neutron, give(&one, SERVER));
    world.cloud.until_in_flight(Api::Neutron, 1).await;
    first.abort();
    let second = start(&nova, attach(2));
    all_wait().await;
    assert!(!second.is_finished());
    world.cloud.release(Api::Neutron);
    assert_eq!(second.await.unwrap().code, "too_many_networks");
    assert_eq!(world.networks(), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn rule_15_stacked_guards_take_one_turn() {
    let world = World::new();
    let lock = Arc::new(with_waiters(0));
    let inner = world.layer(interfaces(9)).server_lock(lock.clone());
    let outer = world.layer(two_networks()).server_lock(lock.clone());
    let audit = world.layer(two_networks()).server_lock(lock).audit(true);
    let neutron = before_neutron(&world, inner).layer(world.api(Api::Neutron));
    let neutron = before_neutron(&world, audit).layer(neutron);
    let neutron = boxed(before_neutron(&world, outer).layer(neutron));
    let [one, two] = [1, 2].map(|digit| port(&world, digit));
    assert_eq!(ask(&neutron, give(&one, SERVER)).await, DONE);
    assert_eq!(ask(&neutron, give(&two, SERVER)).await, TOO_MANY);
    // All turns are over.
    assert_eq!(ask(&neutron, give(&one, "")).await, DONE);
    assert_eq!(ask(&neutron, give(&two, SERVER)).await, DONE);
}

#[tokio::test(start_paused = true)]
async fn rule_15_what_a_guard_further_in_refuses_leaves_no_doubt() {
    let world = World::new();
    let lock = Arc::new(LocalLock::default());
    let outer = world.layer(two_networks()).server_lock(lock.clone());
    let inner = world.layer(interfaces(1)).server_lock(lock.clone());
    let refusing = before_neutron(&world, inner).layer(world.api(Api::Neutron));
    let refusing = boxed(before_neutron(&world, outer.clone()).layer(refusing));
    let one = port(&world, 1);
    assert_eq!(ask(&refusing, give(&one, SERVER)).await.0, 403);
    assert_eq!(ask(&world.behind(&outer), attach(2)).await, DONE);
}
