//! `UpdateUserEmail`.

use serde_json::{Value, json};
use wafflehaus::workflow::{
    Action as _, Caller, Fault, KeystoneUser, Trial,
    actions::{UpdateUserEmail, Usernames},
    identity::{CreateUser, IdentityStore as _, UpdateUser, User},
};

use crate::{
    support::{run, submit, wrong},
    world::World,
};

const NEW: &str = "boss@new.example";

fn body() -> Value {
    json!({ "new_email": NEW })
}

fn confirmed() -> Value {
    json!({ "confirm": true })
}

async fn boss(world: &World) -> User {
    world.identity.user(&world.boss).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_new_address_is_proven_and_then_the_users() {
    for (usernames, name) in [
        (Usernames::Email, NEW),
        (Usernames::Own, "boss@acme.example"),
    ] {
        let world = World::new();
        let action = UpdateUserEmail::new(world.people().usernames(usernames));
        // Nothing in the body can name another user.
        let mut other = body();
        other["user_id"] = world.ann.clone().into();
        let trial = Trial::new(&action, other).unwrap();
        let mut trial = trial.requester(world.boss());
        assert_eq!(run(&mut trial, "pre_approve").await, "valid");
        assert_eq!(
            (trial.token_fields(), trial.vote()),
            (&["confirm".to_owned()][..], Some(true))
        );
        let inputs = body();
        let to = action.email(inputs.as_object().unwrap());
        assert_eq!(to.as_deref(), Some(NEW));
        assert_eq!(run(&mut trial, "post_approve").await, "valid");
        assert_eq!(boss(&world).await.name, "boss@acme.example");
        let no = json!({ "confirm": false });
        trial.submit(no.as_object().unwrap()).unwrap_err();
        assert_eq!(submit(&mut trial, confirmed()).await, "valid");
        let changed = boss(&world).await;
        assert_eq!(
            (changed.email.as_deref(), &*changed.name),
            (Some(NEW), name)
        );
        let ann = world.identity.user(&world.ann).await.unwrap().unwrap();
        assert_eq!(ann.email.as_deref(), Some("ann@acme.example"));
    }
}

#[tokio::test]
async fn what_is_so_already_needs_no_proof() {
    let world = World::new();
    let action = UpdateUserEmail::new(world.people());
    let same = json!({ "new_email": "boss@acme.example" });
    let mut trial = Trial::new(&action, same).unwrap().requester(world.boss());
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!((trial.state(), trial.token_fields()), ("complete", &[][..]));
    // What is not so any more by then is not changed without a proof.
    let change = UpdateUser::new().email("other@acme.example");
    let update = world.identity.update_user(&world.boss, &change);
    update.await.unwrap();
    assert_eq!(run(&mut trial, "submit").await, "valid");
    assert_eq!(
        boss(&world).await.email.as_deref(),
        Some("other@acme.example")
    );
}

#[tokio::test]
async fn what_cannot_be_is_invalid_in_every_stage() {
    let world = World::new();
    world.identity.add_domain("away", "Away").unwrap();
    let add = |name: &str, domain: &str| {
        let new = CreateUser::new(name, domain, "pw".into());
        let mut user = KeystoneUser::default();
        user.user_id = world.identity.add_user(&new).unwrap();
        user
    };
    let (away, locked) = (add("a", "away"), add("l", "default"));
    let off = UpdateUser::new().enabled(false);
    let locking = world.identity.update_user(&locked.user_id, &off);
    locking.await.unwrap();
    let action = UpdateUserEmail::new(world.people());
    for (caller, email, code) in [
        (world.boss(), "ANN@acme.example", "name_taken"),
        (Caller::anonymous(), NEW, "user_missing"),
        (Caller::user(away), NEW, "domain_mismatch"),
        (Caller::user(locked), NEW, "user_disabled"),
    ] {
        let trial = Trial::new(&action, json!({ "new_email": email })).unwrap();
        let mut trial = trial.requester(caller);
        for stage in ["pre_approve", "post_approve", "submit"] {
            assert_eq!(run(&mut trial, stage).await, code);
        }
        assert!(trial.token_fields().is_empty());
    }
    assert_eq!(wrong(&action, &json!({ "new_email": "x" })), ["new_email"]);
}

#[tokio::test]
async fn a_name_that_is_taken_meanwhile_stays_with_who_has_it() {
    let world = World::new();
    let action = UpdateUserEmail::new(world.people());
    let mut trial = Trial::new(&action, body()).unwrap().requester(world.boss());
    run(&mut trial, "pre_approve").await;
    let eve = CreateUser::new(NEW, "default", "pw".into());
    world.identity.add_user(&eve).unwrap();
    assert_eq!(submit(&mut trial, confirmed()).await, "name_taken");
    assert_eq!(world.identity.faults().calls("update_user"), 0);
}

#[tokio::test]
async fn a_lost_answer_changes_nothing() {
    for fault in [Fault::AfterEffect, Fault::BeforeEffect] {
        let world = World::new();
        let action = UpdateUserEmail::new(world.people());
        let mut trial = Trial::new(&action, body()).unwrap().requester(world.boss());
        run(&mut trial, "pre_approve").await;
        world.identity.faults().inject("update_user", fault);
        assert_eq!(submit(&mut trial, confirmed()).await, "retry");
        assert_eq!(run(&mut trial, "submit").await, "valid");
        assert_eq!(boss(&world).await.name, NEW);
    }
}
