//! `BlankSlate`.

use std::sync::Arc;

use serde_json::{Value, json};
use wafflehaus::workflow::{
    Fault, Trial,
    actions::BlankSlate,
    identity::{IdentityStore as _, UpdateUser},
    resources::{InMemoryResources, Kind, Resource, ResourceStore},
};

use crate::{
    support::{run, submit},
    world::World,
};

/// A project with one of everything, and another with a server.
fn region(world: &World) -> Arc<InMemoryResources> {
    let resources = InMemoryResources::new();
    for kind in [
        Kind::Network,
        Kind::Server,
        Kind::Subnet,
        Kind::Volume,
        Kind::SecurityGroup,
        Kind::Snapshot,
        Kind::Router,
        Kind::FloatingIp,
        Kind::Port,
    ] {
        let id = format!("{kind}-id");
        resources
            .add(&world.acme, Resource::new(kind, id, "it"))
            .unwrap();
    }
    let interface = Resource::interface("port-id-1", "router-id");
    resources.add(&world.acme, interface).unwrap();
    let theirs = Resource::new(Kind::Server, "theirs", "theirs");
    resources.add(&world.other, theirs).unwrap();
    Arc::new(resources)
}

fn action(world: &World, resources: &Arc<InMemoryResources>) -> BlankSlate {
    let store = Arc::clone(resources) as Arc<dyn ResourceStore>;
    BlankSlate::new(world.people(), [("one", store)])
}

fn body() -> Value {
    json!({ "email": "boss@acme.example" })
}

async fn left(resources: &InMemoryResources, project: &str) -> usize {
    resources.list(project).await.unwrap().len()
}

#[tokio::test]
async fn what_was_listed_is_deleted_in_order_when_confirmed() {
    let world = World::new();
    let resources = region(&world);
    let action = action(&world, &resources);
    let mut trial = Trial::new(&action, world.body(body()))
        .unwrap()
        .requester(world.boss());
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!(
        (trial.token_fields(), trial.vote()),
        (&["confirm".to_owned()][..], Some(true))
    );
    assert_eq!(trial.notes()[0], "To be deleted: 10 things.");
    assert_eq!(trial.notes()[1], "one: server server-id (it)");
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!(left(&resources, &world.acme).await, 10);
    for no in [
        json!({}),
        json!({ "confirm": false }),
        json!({ "confirm": "true" }),
    ] {
        assert!(trial.submit(no.as_object().unwrap()).is_err(), "{no}");
    }

    let late = Resource::new(Kind::SecurityGroup, "late", "late");
    resources.add(&world.acme, late).unwrap();
    assert_eq!(
        submit(&mut trial, json!({ "confirm": true })).await,
        "valid"
    );
    let told = "1 things have come meanwhile, and are left alone.";
    assert_eq!(trial.notes().last().unwrap(), told);
    assert_eq!(left(&resources, &world.acme).await, 1);
    assert_eq!(left(&resources, &world.other).await, 1);
}

#[tokio::test]
async fn an_empty_project_needs_no_confirmation() {
    let world = World::new();
    let action = action(&world, &Arc::new(InMemoryResources::new()));
    let mut trial = Trial::new(&action, world.body(body()))
        .unwrap()
        .requester(world.boss());
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!((trial.state(), trial.token_fields()), ("complete", &[][..]));
    assert_eq!(run(&mut trial, "submit").await, "valid");
}

#[tokio::test]
async fn only_the_caller_clears_only_its_project() {
    let world = World::new();
    let resources = region(&world);
    let action = action(&world, &resources);
    let elsewhere = json!({ "email": "boss@acme.example", "project_id": world.other });
    for (body, code) in [
        (elsewhere, "project_mismatch"),
        (json!({ "email": "ann@acme.example" }), "email_mismatch"),
    ] {
        let trial = Trial::new(&action, world.body(body)).unwrap();
        let mut trial = trial.requester(world.boss());
        for stage in ["pre_approve", "post_approve", "submit"] {
            assert_eq!(run(&mut trial, stage).await, code);
        }
    }
    // To have a role on a project is not to manage it.
    let mut ann = wafflehaus::workflow::KeystoneUser::default();
    ann.user_id.clone_from(&world.ann);
    ann.project_id = Some(world.acme.clone());
    ann.roles = vec!["member".into()];
    let trial = Trial::new(&action, world.body(json!({ "email": "ann@acme.example" })));
    let ann = wafflehaus::workflow::Caller::user(ann);
    let mut trial = trial.unwrap().requester(ann);
    assert_eq!(run(&mut trial, "pre_approve").await, "caller_not_manager");

    // Somebody who has left the project meanwhile, or is locked out, confirms nothing.
    let mut trial = Trial::new(&action, world.body(body()))
        .unwrap()
        .requester(world.boss());
    run(&mut trial, "pre_approve").await;
    world.revoke(&world.boss, "project_admin").await;
    assert_eq!(
        submit(&mut trial, json!({ "confirm": true })).await,
        "caller_not_manager"
    );
    let locked = UpdateUser::new().enabled(false);
    world
        .identity
        .update_user(&world.boss, &locked)
        .await
        .unwrap();
    assert_eq!(
        submit(&mut trial, json!({ "confirm": true })).await,
        "user_disabled"
    );
    assert_eq!(resources.faults().calls("delete"), 0);
}

#[tokio::test]
async fn it_goes_on_where_it_failed() {
    for fault in [Fault::AfterEffect, Fault::BeforeEffect] {
        for good in 0..10 {
            let world = World::new();
            let resources = region(&world);
            let action = action(&world, &resources);
            let trial = Trial::new(&action, world.body(body())).unwrap();
            let mut trial = trial.requester(world.boss());
            run(&mut trial, "pre_approve").await;
            resources.faults().inject_after("delete", good, fault);
            let confirmed = json!({ "confirm": true });
            assert_eq!(submit(&mut trial, confirmed).await, "retry");
            let gone = good + usize::from(fault == Fault::AfterEffect);
            assert_eq!(left(&resources, &world.acme).await, 10 - gone);
            assert_eq!(run(&mut trial, "submit").await, "valid");
            assert_eq!(left(&resources, &world.acme).await, 0);
            // A run of its own goes over all of it again.
            assert_eq!(resources.faults().calls("delete"), good + 1 + 10);
        }
    }
}

#[tokio::test]
async fn what_is_left_after_a_failure_is_deleted_anew_with_another_token() {
    let world = World::new();
    let resources = region(&world);
    let action = action(&world, &resources);
    let trial = Trial::new(&action, world.body(body())).unwrap();
    let mut trial = trial.requester(world.boss());
    run(&mut trial, "pre_approve").await;
    let confirmed = json!({ "confirm": true });
    assert_eq!(submit(&mut trial, confirmed.clone()).await, "valid");
    // It was accepted, and came to nothing.
    let server = Resource::new(Kind::Server, "server-id", "it");
    resources.add(&world.acme, server).unwrap();
    assert_eq!(submit(&mut trial, confirmed).await, "valid");
    assert_eq!(left(&resources, &world.acme).await, 0);
}

#[tokio::test]
async fn a_thing_in_use_is_waited_for() {
    let world = World::new();
    let resources = region(&world);
    let action = action(&world, &resources);
    let mut trial = Trial::new(&action, world.body(body()))
        .unwrap()
        .requester(world.boss());
    run(&mut trial, "pre_approve").await;
    // A server that was not listed holds on to the volumes.
    let late = Resource::new(Kind::Server, "late", "late");
    resources.add(&world.acme, late.clone()).unwrap();
    assert_eq!(
        submit(&mut trial, json!({ "confirm": true })).await,
        "retry"
    );
    assert_eq!(left(&resources, &world.acme).await, 10);
    resources.delete(&late).await.unwrap();
    assert_eq!(run(&mut trial, "submit").await, "valid");
    assert_eq!(left(&resources, &world.acme).await, 0);
}
