//! `UpdateQuota`.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use wafflehaus::workflow::{
    Fault, Timestamp, Trial,
    actions::{Excess, UpdateQuota},
    quota::{InMemoryQuota, Limits, QuotaStore, Service},
};

use crate::{
    support::{run, wrong},
    world::World,
};

fn limits(instances: i64, ports: i64) -> Limits {
    Limits::new()
        .limit(Service::Nova, "instances", instances)
        .limit(Service::Neutron, "port", ports)
}

/// A region where each project may have ten servers and a hundred ports.
fn region() -> Arc<InMemoryQuota> {
    let quota = Arc::new(InMemoryQuota::new());
    quota.set_defaults(&limits(10, 100)).unwrap();
    quota
}

fn action(world: &World, regions: [(&str, &Arc<InMemoryQuota>); 2]) -> UpdateQuota {
    let regions = regions.map(|(name, it)| (name, Arc::clone(it) as Arc<dyn QuotaStore>));
    UpdateQuota::new(world.people(), regions)
        .size("small", limits(5, 50))
        // A size may name what a region does not have.
        .size(
            "large",
            limits(20, 200).limit(Service::Cinder, "volumes", 7),
        )
}

async fn limit(quota: &InMemoryQuota, world: &World, resource: &str) -> i64 {
    let quotas = quota.quotas(&world.acme).await.unwrap();
    let mut quotas = quotas.into_iter();
    quotas.find(|it| it.resource == resource).unwrap().limit
}

#[tokio::test]
async fn a_size_is_set_in_all_regions_or_in_those_that_are_named() {
    let world = World::new();
    let (one, two) = (region(), region());
    let action = action(&world, [("one", &one), ("two", &two)]);
    for (body, first, second) in [
        (json!({ "size": "large", "regions": ["two"] }), 10, 20),
        (json!({ "size": "large" }), 20, 20),
        (
            json!({ "limits": { "nova": { "instances": -1 } }, "regions": ["one"] }),
            -1,
            20,
        ),
        (
            json!({ "limits": { "nova": { "instances": 0 } }, "regions": [] }),
            0,
            0,
        ),
    ] {
        let trial = Trial::new(&action, world.body(body)).unwrap();
        let mut trial = trial.requester(world.boss());
        assert_eq!(run(&mut trial, "pre_approve").await, "valid");
        assert_eq!(run(&mut trial, "post_approve").await, "valid");
        assert_eq!(trial.state(), "completed");
        assert_eq!(limit(&one, &world, "instances").await, first);
        assert_eq!(limit(&two, &world, "instances").await, second);
    }
}

#[tokio::test]
async fn more_is_for_a_person_to_approve_and_less_is_not() {
    let world = World::new();
    let (one, two) = (region(), region());
    let action = action(&world, [("one", &one), ("two", &two)]);
    for (body, vote) in [
        (json!({ "size": "small" }), true),
        (json!({ "size": "large" }), false),
        (json!({ "limits": { "nova": { "instances": 10 } } }), true),
        (
            json!({ "limits": { "nova": { "instances": 9 }, "neutron": { "port": 101 } } }),
            false,
        ),
        (json!({ "limits": { "neutron": { "port": -1 } } }), false),
    ] {
        let trial = Trial::new(&action, world.body(body.clone())).unwrap();
        let mut trial = trial.requester(world.boss());
        run(&mut trial, "pre_approve").await;
        assert_eq!(trial.vote(), Some(vote), "{body}");
    }
}

#[tokio::test]
async fn the_next_size_up_needs_nobody_but_only_now_and_then() {
    const MONTH: Duration = Duration::from_secs(30 * 86_400);
    let world = World::new();
    let (one, two) = (region(), region());
    let action = action(&world, [("one", &one), ("two", &two)])
        .size("medium", limits(10, 100))
        .next_size_up(["small", "medium", "large"], MONTH);
    let vote = async |body: Value, last: Option<Timestamp>| {
        let trial = Trial::new(&action, world.body(body)).unwrap();
        let now = Timestamp::default().after(2 * MONTH);
        let mut trial = trial.requester(world.boss()).now(now);
        if let Some(last) = last {
            trial = trial.last_completed(last);
        }
        assert_eq!(run(&mut trial, "pre_approve").await, "valid");
        trial.vote().unwrap()
    };
    let large = || json!({ "size": "large" });
    assert!(vote(large(), None).await);
    let last = Timestamp::default().after(MONTH);
    assert!(vote(large(), Some(last)).await);
    assert!(!vote(large(), Some(last.after(Duration::from_micros(1)))).await);
    // The same amounts are not the size.
    let amounts = json!({ "limits": { "nova": { "instances": 20 }, "neutron": { "port": 200 } } });
    assert!(!vote(amounts, None).await);
    // Two steps are too many, and so is one step in a region that is not at that size.
    one.set(&world.acme, &limits(5, 50)).await.unwrap();
    assert!(!vote(large(), None).await);
    assert!(!vote(json!({ "size": "large", "regions": ["one"] }), None).await);
    assert!(vote(json!({ "size": "large", "regions": ["two"] }), None).await);
    assert!(vote(json!({ "size": "medium", "regions": ["one"] }), None).await);
    one.set(&world.acme, &limits(10, 99)).await.unwrap();
    assert!(!vote(large(), None).await, "no size");
    let quotas = one.quotas(&world.acme).await.unwrap();
    assert_eq!(action.current_size(&quotas), None);
    let quotas = two.quotas(&world.acme).await.unwrap();
    assert_eq!(action.current_size(&quotas), Some("medium"));
    assert_eq!(action.current_size(&[]), None);
}

#[tokio::test]
async fn what_cannot_be_is_invalid_before_and_at_approval() {
    let world = World::new();
    let (one, two) = (region(), region());
    two.set_used(&world.acme, Service::Nova, "instances", 6)
        .unwrap();
    let action = action(&world, [("one", &one), ("two", &two)]);
    for (body, code) in [
        (
            json!({ "size": "small", "project_id": world.other }),
            "project_mismatch",
        ),
        (
            json!({ "size": "small", "regions": ["one", "six"] }),
            "region_unknown",
        ),
        (json!({ "size": "small" }), "usage_above_limit"),
        (
            json!({ "limits": { "nova": { "gigabytes": 1 } } }),
            "resource_unknown",
        ),
        (
            json!({ "limits": { "cinder": { "volumes": 1 } } }),
            "resource_unknown",
        ),
    ] {
        let trial = Trial::new(&action, world.body(body.clone())).unwrap();
        let mut trial = trial.requester(world.boss());
        assert_eq!(run(&mut trial, "pre_approve").await, code, "{body}");
        assert_eq!(run(&mut trial, "post_approve").await, code, "{body}");
    }
    assert_eq!(one.faults().calls("set") + two.faults().calls("set"), 0);
}

#[tokio::test]
async fn usage_above_the_limit_can_be_a_warning() {
    let world = World::new();
    let (one, two) = (region(), region());
    two.set_used(&world.acme, Service::Nova, "instances", 6)
        .unwrap();
    let action = action(&world, [("one", &one), ("two", &two)]).excess(Excess::Warn);
    let trial = Trial::new(&action, world.body(json!({ "size": "small" }))).unwrap();
    let mut trial = trial.requester(world.boss());
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    let note = "Usage in region two is above the new quota: nova instances 6 of 5.";
    assert_eq!(trial.notes(), [note]);
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!(limit(&two, &world, "instances").await, 5);
}

#[tokio::test]
async fn what_failed_half_way_goes_on() {
    for fault in [Fault::AfterEffect, Fault::BeforeEffect] {
        let world = World::new();
        let (one, two) = (region(), region());
        let action = action(&world, [("one", &one), ("two", &two)]);
        let trial = Trial::new(&action, world.body(json!({ "size": "large" }))).unwrap();
        let mut trial = trial.requester(world.boss());
        two.faults().inject("set", fault);
        assert_eq!(run(&mut trial, "post_approve").await, "retry");
        assert_eq!(run(&mut trial, "post_approve").await, "valid");
        assert_eq!(limit(&one, &world, "instances").await, 20);
        assert_eq!(limit(&two, &world, "instances").await, 20);
        assert_eq!(one.faults().calls("set"), 1);
    }
}

#[test]
fn a_body_names_a_size_or_amounts() {
    let world = World::new();
    let (one, two) = (region(), region());
    let action = action(&world, [("one", &one), ("two", &two)]);
    let amounts = |value: Value| json!({ "limits": value });
    for (body, field) in [
        (json!({}), "size"),
        (json!({ "size": "huge" }), "size"),
        (
            json!({ "size": "small", "limits": { "nova": { "cores": 1 } } }),
            "size",
        ),
        (amounts(json!({})), "limits"),
        (amounts(json!({ "nova": {} })), "limits"),
        (amounts(json!({ "nova": { "cores": -2 } })), "limits"),
        (amounts(json!({ "nova": { "cores": 1.5 } })), "limits"),
        (amounts(json!({ "swift": { "objects": 1 } })), "limits"),
        (amounts(json!([1])), "limits"),
    ] {
        assert_eq!(wrong(&action, &world.body(body.clone())), [field], "{body}");
    }
}
