//! `SendAdditionalEmail`.

use serde_json::json;
use wafflehaus::workflow::{
    Letter, Registry, TaskType, Trial,
    actions::{AdditionalEmail, SendAdditionalEmail},
    identity::{CreateUser, Scope, UpdateUser, Via},
};

use crate::{support::run, world::World};

fn settings(settings: serde_json::Value) -> AdditionalEmail {
    serde_json::from_value(settings).unwrap()
}

#[tokio::test]
async fn each_who_is_to_know_gets_one_letter_in_its_stage() {
    let world = World::new();
    let everybody = settings(json!({
        "template": "warning",
        "email_current_user": true,
        "email_roles": ["Project_Admin", "_member_"],
        "email_task_cache": true,
        "email_additional_addresses": ["ops@cloud.example", "boss@acme.example", "no address"],
    }));
    let nobody = settings(json!({ "template": "nothing" }));
    let action = SendAdditionalEmail::new(world.people())
        .stage("pre_approve", everybody)
        .stage("submit", nobody);
    // Whoever is locked out or has no address gets none.
    let add = |name: &str, email: Option<&str>| {
        let mut new = CreateUser::new(name, "default", "pw".into());
        new.email = email.map(str::to_owned);
        let id = world.identity.add_user(&new).unwrap();
        let scope = Scope::Project(world.acme.clone());
        let given = world.identity.assign(&id, "member", scope, Via::Group);
        given.unwrap();
        id
    };
    add("without", None);
    let locked = add("locked", Some("locked@acme.example"));
    let off = UpdateUser::new().enabled(false);
    wafflehaus::workflow::identity::IdentityStore::update_user(&*world.identity, &locked, &off)
        .await
        .unwrap();

    let trial = Trial::new(&action, json!({})).unwrap();
    let shared = json!(["eve@new.example", 7]);
    let mut trial = trial
        .requester(world.boss())
        .shared("additional_emails", shared);
    for stage in ["post_approve", "submit"] {
        assert_eq!(run(&mut trial, stage).await, "valid");
        assert!(trial.letters().is_empty());
    }
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    let to = [
        "ann@acme.example",
        "boss@acme.example",
        "eve@new.example",
        "ops@cloud.example",
    ];
    assert_eq!(trial.letters(), to.map(|it| Letter::new("warning", it)));
}

#[test]
fn a_stage_that_never_comes_is_refused() {
    let world = World::new();
    let letters = |stage: &str| {
        let warning = settings(json!({ "template": "warning" }));
        let action = SendAdditionalEmail::new(world.people()).named("Warning");
        let registry = Registry::new().action(action.stage(stage, warning));
        let task_type = TaskType::new("update_email", ["Warning"]);
        registry.unwrap().task_type(task_type)
    };
    letters("pre_approve").unwrap();
    let refused = letters("initial").unwrap_err();
    let told =
        "task type `update_email` has no stage `initial`, which action `Warning` is set up for";
    assert_eq!(refused.to_string(), told);
}

#[test]
fn settings_are_read_strictly() {
    let read = serde_json::from_value::<AdditionalEmail>;
    read(json!({})).unwrap_err();
    read(json!({ "template": "x", "email_role": ["admin"] })).unwrap_err();
}
