//! `ResetUserPassword`.

use serde_json::{Value, json};
use wafflehaus::workflow::{
    Fault, Trial,
    actions::{ResetUserPassword, Usernames},
    identity::{CreateUser, IdentityStore as _, Scope, UpdateUser, Via},
};

use crate::{
    support::{run, submit, wrong},
    world::World,
};

const ANN: &str = "ann@acme.example";

#[tokio::test]
async fn the_holder_of_the_token_sets_the_password() {
    let world = World::new();
    let action = ResetUserPassword::new(world.people());
    let body = json!({ "email": "Ann@Acme.example", "domain_name": "default" });
    let mut trial = Trial::new(&action, body).unwrap();
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!(trial.token_fields(), ["password"]);
    assert_eq!(trial.vote(), Some(true));
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert!(
        world
            .identity
            .has_password(&world.ann, "old password")
            .unwrap()
    );
    for bad in [
        json!({}),
        json!({ "password": "" }),
        json!({ "password": {} }),
    ] {
        assert!(trial.submit(bad.as_object().unwrap()).is_err(), "{bad}");
    }
    assert_eq!(
        submit(&mut trial, json!({ "password": "new" })).await,
        "valid"
    );
    assert!(world.identity.has_password(&world.ann, "new").unwrap());
    assert_eq!(
        trial.notes().last().unwrap(),
        "User ann@acme.example has changed password."
    );
}

#[tokio::test]
async fn a_lost_answer_is_followed_by_the_same_password() {
    for fault in [Fault::AfterEffect, Fault::BeforeEffect] {
        let world = World::new();
        let action = ResetUserPassword::new(world.people());
        let mut trial = Trial::new(&action, json!({ "email": ANN })).unwrap();
        run(&mut trial, "pre_approve").await;
        world.identity.faults().inject("update_user", fault);
        let password = json!({ "password": "new" });
        assert_eq!(submit(&mut trial, password.clone()).await, "retry");
        assert_eq!(submit(&mut trial, password).await, "valid");
        assert!(world.identity.has_password(&world.ann, "new").unwrap());
    }
}

#[tokio::test]
async fn who_cannot_be_reset_is_told_apart_by_a_code_in_every_stage() {
    let world = World::new();
    let identity = &world.identity;
    let add = |name: &str, email: &str| {
        let new = CreateUser::new(name, "default", "pw".into()).email(email);
        identity.add_user(&new).unwrap()
    };
    let locked = add("locked", "l@x");
    let off = UpdateUser::new().enabled(false);
    identity.update_user(&locked, &off).await.unwrap();
    add("plain", "p@x");
    add("kelvin", "k@x");
    for (name, scope, via) in [
        (
            "on-project",
            Scope::Project(world.other.clone()),
            Via::Direct,
        ),
        ("on-domain", Scope::Domain("default".into()), Via::Group),
        ("on-system", Scope::System, Via::Direct),
        ("implied", Scope::Project(world.other.clone()), Via::Implied),
    ] {
        let id = add(name, "a@x");
        identity.assign(&id, "ADMIN", scope, via).unwrap();
    }
    let action = ResetUserPassword::new(world.people().usernames(Usernames::Own));
    let body = |name: &str, email: &str| json!({ "username": name, "email": email });
    let mut elsewhere = body("plain", "p@x");
    elsewhere["domain_name"] = Value::from("Nowhere");
    for (body, code) in [
        (elsewhere, "domain_missing"),
        (body("nobody", "n@x"), "user_missing"),
        (body("locked", "l@x"), "user_disabled"),
        (body("plain", "q@x"), "email_mismatch"),
        // The Kelvin sign is a k in lower case, and another mailbox.
        (body("kelvin", "\u{212a}@x"), "email_mismatch"),
        (body("on-project", "a@x"), "role_blacklisted"),
        (body("on-domain", "a@x"), "role_blacklisted"),
        (body("on-system", "a@x"), "role_blacklisted"),
        (body("implied", "a@x"), "role_blacklisted"),
    ] {
        let mut trial = Trial::new(&action, body.clone()).unwrap();
        for stage in ["pre_approve", "post_approve", "submit"] {
            assert_eq!(run(&mut trial, stage).await, code, "{stage} {body}");
        }
        assert!(trial.token_fields().is_empty());
    }
    assert_eq!(wrong(&action, &json!({ "email": "p@x" })), ["username"]);
}

#[tokio::test]
async fn the_blacklist_is_a_setting() {
    let world = World::new();
    let action = ResetUserPassword::new(world.people()).blacklisted_roles(["member"]);
    let mut trial = Trial::new(&action, json!({ "email": ANN })).unwrap();
    assert_eq!(run(&mut trial, "pre_approve").await, "role_blacklisted");
}
