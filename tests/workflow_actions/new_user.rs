//! `NewUser`.

use serde_json::{Value, json};
use wafflehaus::workflow::{
    Action as _, Fault, Trial,
    actions::{NewUser, Usernames},
    identity::{CreateUser, IdentityStore as _, Scope, UpdateUser, Via},
};

use crate::{
    support::{run, submit, wrong},
    world::{ROLES, World},
};

const EVE: &str = "eve@acme.example";

fn action(world: &World) -> NewUser {
    NewUser::new(world.people(), ROLES)
}

fn invite(email: &str, roles: &[&str]) -> Value {
    json!({ "email": email, "roles": roles })
}

fn trial<'a>(world: &World, action: &'a NewUser, body: Value) -> Trial<'a, NewUser> {
    let trial = Trial::new(action, world.body(body)).unwrap();
    trial.requester(world.boss())
}

#[tokio::test]
async fn a_stranger_gets_an_account_with_the_password_that_was_submitted() {
    let world = World::new();
    let action = action(&world);
    let mut trial = trial(&world, &action, invite(EVE, &["member", "project_mod"]));
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!((trial.state(), trial.vote()), ("default", Some(true)));
    assert_eq!(trial.token_fields(), ["password"]);
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!(world.user_id(EVE).await, None, "before the token");

    assert_eq!(
        submit(&mut trial, json!({ "password": "s3cret" })).await,
        "valid"
    );
    let eve = world.user_id(EVE).await.unwrap();
    assert!(world.identity.has_password(&eve, "s3cret").unwrap());
    assert_eq!(
        world.roles(&eve, &world.acme).await,
        ["member", "project_mod"]
    );
    let user = world.identity.user(&eve).await.unwrap().unwrap();
    assert_eq!(user.email.as_deref(), Some(EVE));
    assert!(!format!("{trial:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_user_without_the_roles_confirms_and_gets_what_is_missing() {
    let world = World::new();
    let action = action(&world);
    let roles = world.body(invite("ann@acme.example", &["_member_"]));
    // The other spelling is not among the choices.
    assert_eq!(wrong(&action, &roles), ["roles"]);
    let roles = invite("ANN@acme.example", &["member", "heat_stack_owner"]);
    let mut trial = trial(&world, &action, roles);
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!(
        (trial.state(), trial.token_fields()),
        ("existing", &["confirm".to_owned()][..])
    );
    assert!(
        trial
            .submit(json!({ "confirm": false }).as_object().unwrap())
            .is_err()
    );
    assert_eq!(
        submit(&mut trial, json!({ "confirm": true })).await,
        "valid"
    );
    assert_eq!(
        world.roles(&world.ann, &world.acme).await,
        ["heat_stack_owner", "member"]
    );
    assert_eq!(world.identity.faults().calls("grant"), 1);
    let told = "User ann@acme.example has been given roles heat_stack_owner.";
    assert_eq!(trial.notes().last().unwrap(), told);
}

#[tokio::test]
async fn a_user_with_all_the_roles_needs_nothing() {
    let world = World::new();
    let action = action(&world);
    let mut trial = trial(&world, &action, invite("ann@acme.example", &["member"]));
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!((trial.state(), trial.token_fields()), ("complete", &[][..]));
    assert_eq!(submit(&mut trial, json!({})).await, "valid");
    assert_eq!(world.identity.faults().calls("grant"), 0);
}

#[tokio::test]
async fn what_cannot_be_is_invalid_in_every_stage() {
    let world = World::new();
    let identity = &world.identity;
    let named = CreateUser::new("eve", "default", "pw".into()).email(EVE);
    identity.add_user(&named).unwrap();
    let locked = UpdateUser::new().enabled(false);
    identity.update_user(&world.ann, &locked).await.unwrap();
    let action = NewUser::new(
        world.people().usernames(Usernames::Own),
        ["member", "gone", "admin"],
    );
    let eve = json!({ "email": EVE, "username": "eve2", "roles": ["member"] });
    let with = |changes: Value| {
        let mut body = eve.clone();
        let fields = body.as_object_mut().unwrap();
        fields.extend(changes.as_object().unwrap().clone());
        body
    };
    let boss = world.boss();
    let gone = world.caller(&["no_such_role"]);
    let ann = "ann@acme.example";
    for (body, caller, code) in [
        (
            with(json!({ "project_id": world.other })),
            &boss,
            "project_mismatch",
        ),
        (
            eve.clone(),
            &wafflehaus::workflow::Caller::anonymous(),
            "project_mismatch",
        ),
        (eve.clone(), &gone, "caller_not_manager"),
        (
            with(json!({ "roles": ["admin"] })),
            &boss,
            "roles_not_manageable",
        ),
        (
            with(json!({ "roles": ["gone"] })),
            &boss,
            "roles_not_manageable",
        ),
        (
            with(json!({ "username": "eve", "email": "x@y" })),
            &boss,
            "email_mismatch",
        ),
        (
            with(json!({ "username": ann, "email": ann })),
            &boss,
            "user_disabled",
        ),
    ] {
        let trial = Trial::new(&action, world.body(body.clone())).unwrap();
        let mut trial = trial.requester(caller.clone());
        for stage in ["pre_approve", "post_approve", "submit"] {
            assert_eq!(run(&mut trial, stage).await, code, "{stage} {body}");
        }
        assert!(trial.token_fields().is_empty(), "{code}");
    }
    assert_eq!(
        identity.faults().calls("create_user") + identity.faults().calls("grant"),
        0
    );
}

#[test]
fn bodies_that_say_too_little_are_refused() {
    let world = World::new();
    let action = action(&world);
    assert_eq!(wrong(&action, &json!({})), ["email", "project_id", "roles"]);
    let invite = |email: &str, roles: &[&str]| world.body(invite(email, roles));
    assert_eq!(wrong(&action, &invite("nobody", &["member"])), ["email"]);
    assert_eq!(wrong(&action, &invite(EVE, &[])), ["roles"]);
    assert_eq!(wrong(&action, &invite(EVE, &["admin"])), ["roles"]);
    let data = action
        .validate(invite(EVE, &["member"]).as_object().unwrap())
        .unwrap();
    assert_eq!(action.email(&data).as_deref(), Some(EVE));
}

#[tokio::test]
async fn what_was_lost_half_way_is_found_and_not_made_twice() {
    let world = World::new();
    let action = action(&world);
    let faults = world.identity.faults();
    for fault in [Fault::AfterEffect, Fault::BeforeEffect] {
        for method in ["create_user", "grant", "project", "roles", "user_by_name"] {
            let email = format!("{method}-{fault:?}@acme.example").to_lowercase();
            let mut trial = trial(&world, &action, invite(&email, &["member", "project_mod"]));
            assert_eq!(run(&mut trial, "pre_approve").await, "valid");
            let users = world.users();
            faults.inject(method, fault);
            let password = json!({ "password": "first" });
            assert_eq!(submit(&mut trial, password).await, "retry", "{method}");
            assert_eq!(
                run(&mut trial, "submit").await,
                "valid",
                "{method} {fault:?}"
            );
            assert_eq!(world.users(), users + 1, "{method} {fault:?}");
            let id = world.user_id(&email).await.unwrap();
            assert_eq!(
                world.roles(&id, &world.acme).await,
                ["member", "project_mod"]
            );
            assert!(world.identity.has_password(&id, "first").unwrap());
        }
    }
}

#[tokio::test]
async fn a_second_token_sets_the_second_password() {
    let world = World::new();
    let action = action(&world);
    let mut trial = trial(&world, &action, invite(EVE, &["member"]));
    run(&mut trial, "pre_approve").await;
    world.identity.faults().inject("grant", Fault::BeforeEffect);
    assert_eq!(
        submit(&mut trial, json!({ "password": "first" })).await,
        "retry"
    );
    assert_eq!(
        submit(&mut trial, json!({ "password": "second" })).await,
        "valid"
    );
    let eve = world.user_id(EVE).await.unwrap();
    assert!(world.identity.has_password(&eve, "second").unwrap());
    assert_eq!(world.roles(&eve, &world.acme).await, ["member"]);
}

#[tokio::test]
async fn an_account_that_appears_meanwhile_is_not_taken_over() {
    let world = World::new();
    let action = action(&world);
    let mut trial = trial(&world, &action, invite(EVE, &["member"]));
    run(&mut trial, "pre_approve").await;
    let other = CreateUser::new(EVE, "default", "theirs".into()).email(EVE);
    let eve = world.identity.add_user(&other).unwrap();
    let password = json!({ "password": "mine" });
    assert_eq!(submit(&mut trial, password.clone()).await, "user_appeared");
    assert!(world.identity.has_password(&eve, "theirs").unwrap());
    assert!(world.roles(&eve, &world.acme).await.is_empty());
}

#[tokio::test]
async fn a_role_by_a_group_is_not_the_users_own() {
    let world = World::new();
    let action = action(&world);
    let scope = Scope::Project(world.acme.clone());
    let identity = &world.identity;
    identity
        .assign(&world.ann, "project_mod", scope, Via::Group)
        .unwrap();
    let mut trial = trial(
        &world,
        &action,
        invite("ann@acme.example", &["project_mod"]),
    );
    run(&mut trial, "pre_approve").await;
    assert_eq!(trial.state(), "existing");
}
