//! Tasks of StackTask.

use serde_json::json;
use wafflehaus::workflow::{Caller, TaskState};

use crate::{
    database::Database,
    world::{STACKTASK, World, copied, id, told, work},
};

#[tokio::test]
async fn the_older_tables_are_read_too() {
    let targets = Database::each().await;
    for (old, new) in Database::each().await.into_iter().zip(targets) {
        let world = World::new();
        world.fill(&old, STACKTASK).await;
        let engine = world.engine(&new).await;
        let copied = copied(&old, &engine).await;
        let missing = "; its token is not copied, issue a new one";
        for (number, line) in [
            (
                1,
                "create_project: copied as create_project, waits for post_approve".to_owned(),
            ),
            (
                2,
                format!("create_project: copied as create_project, waits for submit{missing}"),
            ),
            (
                4,
                "edit_roles: copied as edit_roles, failed submit".to_owned(),
            ),
            (
                5,
                format!("force_password: copied as reset_password, waits for submit{missing}"),
            ),
        ] {
            assert_eq!(told(&copied, number), line);
        }
        let invite = told(&copied, 3);
        assert!(
            invite.contains("left: ") && invite.contains("roles"),
            "{invite}"
        );
        assert_eq!((copied.tasks.len(), copied.ended), (5, 1));

        let signup = engine.task(&id(1)).await.unwrap();
        assert_eq!(signup.requester.address, Some([192, 0, 2, 7].into()));
        let names: Vec<_> = signup.actions.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "NewProjectWithUser",
                "AddAdminToProject",
                "DefaultProjectResources"
            ]
        );
        let approved = engine.task(&id(2)).await.unwrap().approved.unwrap();
        assert_eq!(
            approved.by,
            Caller::anonymous(),
            "StackTask did not keep who it was"
        );
        let half = 1_458_644_400_500_000;
        assert_eq!(
            engine.task(&id(2)).await.unwrap().created_on.as_micros(),
            half
        );
    }
}

#[tokio::test]
async fn a_signup_of_stacktask_makes_its_user_when_the_token_comes() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, STACKTASK).await;
    let engine = world.engine(&new).await;
    copied(&old, &engine).await;
    engine.reissue(&id(2), &Caller::system()).await.unwrap();
    work(&engine).await;
    let token = world.outbox.token(&id(2));
    let body = json!({"password": "new password"});
    engine
        .submit_token(&token, body.as_object().unwrap(), &Caller::anonymous())
        .await
        .unwrap();
    work(&engine).await;
    assert_eq!(
        engine.task(&id(2)).await.unwrap().state(),
        TaskState::Completed
    );
    let state = world.identity.snapshot().unwrap();
    let users = state["users"].as_array().unwrap();
    assert!(users.iter().any(|it| it["name"] == "pia@example.org"));
}
