//! `NewProject`, `NewProjectWithUser`, `AddDefaultUsersToProject` and `AddAdminToProject`.

use serde_json::json;
use wafflehaus::workflow::{
    Action as _, Caller, Fault, KeystoneUser, Trial,
    actions::{AddDefaultUsersToProject, NewProject, NewProjectWithUser},
    identity::{CreateUser, IdentityStore as _},
};

use crate::{
    support::{run, submit},
    world::{ROLES, World},
};

const EVE: &str = "eve@new.example";

#[tokio::test]
async fn a_signup_makes_the_project_when_approved_and_the_user_when_proven() {
    let world = World::new();
    let action = NewProjectWithUser::new(world.people(), ROLES);
    let body = json!({ "project_name": "new", "email": EVE });
    let mut trial = Trial::new(&action, body).unwrap();
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!(trial.vote(), None, "it is for a person to approve");
    assert_eq!((world.projects(), world.users()), (2, 2));
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!((world.projects(), world.users()), (3, 2));
    let project = trial.shared_cache()["project_id"]
        .as_str()
        .unwrap()
        .to_owned();
    // Approving again makes nothing more.
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!(
        submit(&mut trial, json!({ "password": "pw" })).await,
        "valid"
    );
    assert_eq!((world.projects(), world.users()), (3, 3));
    let eve = world.user_id(EVE).await.unwrap();
    let mut roles = ROLES;
    roles.sort_unstable();
    assert_eq!(world.roles(&eve, &project).await, roles);
    assert!(world.identity.has_password(&eve, "pw").unwrap());
    assert_eq!(action.named("NewProject").name(), "NewProject");
}

#[tokio::test]
async fn a_signup_of_a_known_user_needs_no_token() {
    let world = World::new();
    let action = NewProjectWithUser::new(world.people(), ["project_admin"]);
    let body = json!({ "project_name": "new", "email": "ann@acme.example" });
    let mut trial = Trial::new(&action, body).unwrap();
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!((trial.state(), trial.token_fields()), ("existing", &[][..]));
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!(submit(&mut trial, json!({})).await, "valid");
    let project = trial.cache()["project_id"].as_str().unwrap();
    assert_eq!(world.roles(&world.ann, project).await, ["project_admin"]);
    assert!(
        world
            .identity
            .has_password(&world.ann, "old password")
            .unwrap()
    );
}

#[tokio::test]
async fn a_signup_that_cannot_be_says_why_before_and_at_approval() {
    let world = World::new();
    let lacking = NewProjectWithUser::new(world.people(), ["gone"]);
    let action = NewProjectWithUser::new(world.people(), ROLES);
    let odd = CreateUser::new("odd@x", "default", "pw".into()).email("other@x");
    world.identity.add_user(&odd).unwrap();
    let body = |name: &str, email: &str| json!({ "project_name": name, "email": email });
    for (action, body, code) in [
        (&action, body("ACME", EVE), "name_taken"),
        (&action, body("new", "odd@x"), "email_mismatch"),
        (&lacking, body("new", EVE), "role_missing"),
    ] {
        let mut trial = Trial::new(action, body).unwrap();
        assert_eq!(run(&mut trial, "pre_approve").await, code);
        assert_eq!(run(&mut trial, "post_approve").await, code);
    }
    assert_eq!(world.projects(), 2);
    let mut trial = Trial::new(&action, body("new", EVE)).unwrap();
    assert_eq!(run(&mut trial, "submit").await, "project_missing");
}

#[tokio::test]
async fn a_name_that_is_taken_meanwhile_is_left_to_who_has_it() {
    let world = World::new();
    let action = NewProjectWithUser::new(world.people(), ROLES);
    let body = json!({ "project_name": "new", "email": EVE });
    let mut one = Trial::new(&action, body.clone()).unwrap();
    let mut two = Trial::new(&action, body).unwrap();
    for trial in [&mut one, &mut two] {
        assert_eq!(run(trial, "pre_approve").await, "valid");
    }
    assert_eq!(run(&mut one, "post_approve").await, "valid");
    assert_eq!(run(&mut two, "post_approve").await, "name_taken");
    assert_eq!(submit(&mut one, json!({ "password": "pw" })).await, "valid");
    assert_eq!(world.projects(), 3);
}

#[tokio::test]
async fn a_project_that_was_lost_half_way_is_found() {
    for fault in [Fault::AfterEffect, Fault::BeforeEffect] {
        let world = World::new();
        let action = NewProjectWithUser::new(world.people(), ROLES);
        let body = json!({ "project_name": "new", "email": EVE });
        let mut trial = Trial::new(&action, body).unwrap();
        run(&mut trial, "pre_approve").await;
        world.identity.faults().inject("create_project", fault);
        assert_eq!(run(&mut trial, "post_approve").await, "retry");
        assert_eq!(run(&mut trial, "post_approve").await, "valid");
        assert_eq!(world.projects(), 3);
        // As if the process had died between the effect and its record.
        trial.forget_result("post_approve", "create project");
        assert_eq!(run(&mut trial, "post_approve").await, "valid");
        assert_eq!(world.projects(), 3);
    }
}

#[tokio::test]
async fn a_caller_gets_a_project_of_its_own() {
    let world = World::new();
    let action = NewProject::new(world.people(), ["project_admin"]);
    let body = json!({ "project_name": "sub", "parent_id": world.acme, "description": "ours" });
    let trial = Trial::new(&action, body.clone()).unwrap();
    let mut trial = trial.requester(world.boss());
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    let project = trial.shared_cache()["project_id"].as_str().unwrap();
    let made = world.identity.project(project).await.unwrap().unwrap();
    assert_eq!(made.parent_id.as_deref(), Some(&*world.acme));
    assert_eq!(world.roles(&world.boss, project).await, ["project_admin"]);

    let mut elsewhere = body.clone();
    world.identity.add_domain("away", "Away").unwrap();
    let away = CreateUser::new("away", "away", "pw".into());
    let mut stranger = KeystoneUser::default();
    stranger.user_id = world.identity.add_user(&away).unwrap();
    elsewhere["parent_id"] = world.other.clone().into();
    let mut nobody = body;
    nobody["parent_id"].take();
    nobody["project_name"] = "free".into();
    for (body, caller, code) in [
        (elsewhere, world.boss(), "name_taken"),
        (
            json!({ "project_name": "x", "parent_id": world.other }),
            world.boss(),
            "project_mismatch",
        ),
        (nobody.clone(), Caller::user(stranger), "domain_mismatch"),
        (nobody, Caller::anonymous(), "user_missing"),
    ] {
        let mut trial = Trial::new(&action, body).unwrap().requester(caller);
        assert_eq!(run(&mut trial, "pre_approve").await, code);
        assert_eq!(run(&mut trial, "post_approve").await, code);
    }
}

#[tokio::test]
async fn default_users_are_added_to_the_new_project_once() {
    let world = World::new();
    let admin = CreateUser::new("admin", "default", "pw".into());
    let admin = world.identity.add_user(&admin).unwrap();
    let action = AddDefaultUsersToProject::admin(world.people());
    assert_eq!(action.name(), "AddAdminToProject");
    let trial = Trial::new(&action, json!({})).unwrap();
    let mut trial = trial.shared("project_id", &*world.other);
    for stage in ["pre_approve", "post_approve", "submit", "post_approve"] {
        assert_eq!(run(&mut trial, stage).await, "valid");
    }
    assert_eq!(trial.state(), "completed");
    assert_eq!(world.roles(&admin, &world.other).await, ["admin"]);
    assert_eq!(world.identity.faults().calls("grant"), 1);
}

#[tokio::test]
async fn default_users_need_to_be_there_and_so_does_the_project() {
    let world = World::new();
    let people = world.people();
    let ann = "ann@acme.example";
    for (users, roles, pre, post) in [
        ([ann], ["member"], "valid", "project_missing"),
        (["nobody"], ["member"], "user_missing", "user_missing"),
        ([ann], ["gone"], "role_missing", "role_missing"),
    ] {
        let action = AddDefaultUsersToProject::new(people.clone(), users, roles);
        let mut trial = Trial::new(&action, json!({})).unwrap();
        assert_eq!(run(&mut trial, "pre_approve").await, pre);
        assert_eq!(run(&mut trial, "post_approve").await, post);
    }
}
