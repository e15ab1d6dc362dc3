//! `EditUserRoles`.

use serde_json::{Value, json};
use wafflehaus::workflow::{
    Fault, Trial,
    actions::EditUserRoles,
    identity::{CreateUser, Scope, Via},
};

use crate::{
    support::{run, wrong},
    world::{ROLES, World},
};

fn action(world: &World) -> EditUserRoles {
    EditUserRoles::new(world.people(), ROLES)
}

fn edit(world: &World, user: &str, roles: &[&str], remove: bool) -> Value {
    world.body(json!({ "user_id": user, "roles": roles, "remove": remove }))
}

async fn all_stages(trial: &mut Trial<'_, EditUserRoles>) -> [String; 3] {
    [
        run(trial, "pre_approve").await,
        run(trial, "post_approve").await,
        run(trial, "submit").await,
    ]
}

#[tokio::test]
async fn roles_are_given_and_taken_and_the_notes_say_which() {
    let world = World::new();
    let action = action(&world);
    for (roles, remove, held, note) in [
        (
            &["member", "project_mod"][..],
            false,
            &["member", "project_mod"][..],
            "User ann@acme.example has been given roles project_mod.",
        ),
        (
            &["member", "heat_stack_owner"][..],
            true,
            &["project_mod"][..],
            "User ann@acme.example has had roles member removed.",
        ),
    ] {
        let trial = Trial::new(&action, edit(&world, &world.ann, roles, remove)).unwrap();
        let mut trial = trial.requester(world.boss());
        assert_eq!(all_stages(&mut trial).await, ["valid"; 3]);
        assert_eq!(trial.vote(), Some(true));
        assert_eq!(world.roles(&world.ann, &world.acme).await, held);
        assert_eq!(trial.notes().last().unwrap(), note);
    }
}

#[tokio::test]
async fn with_nothing_to_change_it_is_complete() {
    let world = World::new();
    let action = action(&world);
    for (roles, remove, note) in [
        (["member"], false, "User already has roles."),
        (["project_mod"], true, "User doesn't have roles to remove."),
    ] {
        let trial = Trial::new(&action, edit(&world, &world.ann, &roles, remove)).unwrap();
        let mut trial = trial.requester(world.boss());
        assert_eq!(all_stages(&mut trial).await, ["valid"; 3]);
        assert_eq!(
            (trial.state(), trial.notes()),
            ("complete", &[note.to_owned()][..])
        );
    }
    let faults = world.identity.faults();
    assert_eq!(faults.calls("grant") + faults.calls("revoke"), 0);
}

#[tokio::test]
async fn what_the_caller_may_not_is_invalid_in_every_stage() {
    let world = World::new();
    let action = action(&world);
    let moderator = world.moderator();
    let new = CreateUser::new("grouped", "default", "pw".into());
    let grouped = world.identity.add_user(&new).unwrap();
    let scope = Scope::Project(world.acme.clone());
    let identity = &world.identity;
    identity
        .assign(&grouped, "project_admin", scope, Via::Group)
        .unwrap();
    let mut elsewhere = edit(&world, &world.ann, &["member"], true);
    elsewhere["project_id"] = world.other.clone().into();
    for (body, code) in [
        (elsewhere, "project_mismatch"),
        (
            edit(&world, &world.ann, &["project_admin"], false),
            "roles_not_manageable",
        ),
        (edit(&world, "nobody", &["member"], false), "user_missing"),
        // Moderators do not strip administrators, however these came to their role.
        (
            edit(&world, &world.boss, &["member"], true),
            "user_not_manageable",
        ),
        (
            edit(&world, &grouped, &["member"], false),
            "user_not_manageable",
        ),
    ] {
        let trial = Trial::new(&action, body.clone()).unwrap();
        let mut trial = trial.requester(moderator.clone());
        assert_eq!(all_stages(&mut trial).await, [code; 3], "{body}");
    }
    let faults = world.identity.faults();
    assert_eq!(faults.calls("grant") + faults.calls("revoke"), 0);
}

#[tokio::test]
async fn who_no_longer_manages_the_project_edits_nobody() {
    let world = World::new();
    let action = action(&world);
    let body = edit(&world, &world.ann, &["project_mod"], false);
    // Roles that a token never had do not count either, nor those that only a token had.
    for (told, code) in [
        (&["member"][..], "caller_not_manager"),
        (&["project_mod"], "caller_not_manager"),
        (&["member", "project_admin"], "valid"),
    ] {
        let trial = Trial::new(&action, body.clone()).unwrap();
        let mut trial = trial.requester(world.caller(told));
        assert_eq!(run(&mut trial, "pre_approve").await, code, "{told:?}");
    }
    let trial = Trial::new(&action, body).unwrap();
    let mut trial = trial.requester(world.boss());
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    world.revoke(&world.boss, "project_admin").await;
    for stage in ["post_approve", "submit"] {
        assert_eq!(run(&mut trial, stage).await, "caller_not_manager");
    }
    assert_eq!(world.identity.faults().calls("grant"), 0);
}

#[tokio::test]
async fn a_role_that_another_implies_is_no_reason_to_refuse() {
    let world = World::new();
    let action = action(&world);
    world.identity.add_role("reader").unwrap();
    let scope = Scope::Project(world.acme.clone());
    let identity = &world.identity;
    identity
        .assign(&world.ann, "reader", scope, Via::Implied)
        .unwrap();
    let trial = Trial::new(&action, edit(&world, &world.ann, &["project_mod"], false)).unwrap();
    let mut trial = trial.requester(world.boss());
    assert_eq!(all_stages(&mut trial).await, ["valid"; 3]);
}

#[tokio::test]
async fn what_failed_half_way_goes_on_and_tells_all_of_it() {
    for (method, remove) in [("grant", false), ("revoke", true)] {
        for fault in [Fault::AfterEffect, Fault::BeforeEffect] {
            let world = World::new();
            let action = action(&world);
            if remove {
                let scope = Scope::Project(world.acme.clone());
                let identity = &world.identity;
                identity
                    .assign(&world.ann, "project_mod", scope, Via::Direct)
                    .unwrap();
            }
            let roles = if remove {
                ["member", "project_mod"]
            } else {
                ["heat_stack_owner", "project_mod"]
            };
            let trial = Trial::new(&action, edit(&world, &world.ann, &roles, remove)).unwrap();
            let mut trial = trial.requester(world.boss());
            run(&mut trial, "pre_approve").await;
            world.identity.faults().inject(method, fault);
            assert_eq!(run(&mut trial, "submit").await, "retry");
            assert_eq!(run(&mut trial, "submit").await, "valid");
            let note = trial.notes().last().unwrap();
            assert!(roles.iter().all(|role| note.contains(role)), "{note}");
            let held = world.roles(&world.ann, &world.acme).await;
            let expected = if remove { 0 } else { 3 };
            assert_eq!(held.len(), expected, "{held:?}");
        }
    }
}

#[test]
fn bodies_that_say_too_little_are_refused() {
    let world = World::new();
    let action = action(&world);
    assert_eq!(
        wrong(&action, &json!({})),
        ["project_id", "roles", "user_id"]
    );
    assert_eq!(wrong(&action, &edit(&world, "u", &[], false)), ["roles"]);
    let mut odd = edit(&world, "u", &["member"], false);
    odd["remove"] = "yes".into();
    assert_eq!(wrong(&action, &odd), ["remove"]);
}
