//! What is not copied, and why not.

use serde_json::json;
use wafflehaus::workflow_import::{Old, SourceError};

use crate::{
    database::Database,
    world::{ADJUTANT, World, copied, id, options, told},
};

/// What is told of a task after its rows were changed so.
async fn after(sql: &str, number: u32) -> String {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    old.execute(sql).await.unwrap();
    let engine = world.engine(&new).await;
    told(&copied(&old, &engine).await, number)
}

#[tokio::test]
async fn rule_6_what_would_lose_something_is_left() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let engine = world.engine(&new).await;
    let copied = copied(&old, &engine).await;
    for (number, line) in [
        (
            9,
            "left: input `inherited_roles` of `NewUserAction` has no place here",
        ),
        (
            10,
            "left: the account is disabled, and here that is not undone by a task",
        ),
        (
            19,
            "left: there is no task type here for `odoo_client_signup`",
        ),
    ] {
        let told = told(&copied, number);
        assert!(told.ends_with(line), "{told}");
        engine.task(&id(number)).await.unwrap_err();
    }
}

#[tokio::test]
async fn rule_6_each_reason_is_told() {
    for (number, sql, line) in [
        (
            1,
            "UPDATE actions_action SET action_name = 'OdooAction' WHERE id = 2",
            "left: there is no action here for `OdooAction`",
        ),
        (
            1,
            "UPDATE actions_action SET action_data = replace(action_data, '\"default\"', '\"d2\"')",
            "left: it is about domain `d2`, which is not the one that is configured",
        ),
        (
            15,
            "UPDATE actions_action SET action_data = '{\"user_id\": \"5a\", \"new_email\": \"a@b.example\"}' \
             WHERE action_name = 'UpdateUserEmailAction'",
            "left: input `user_id` of `UpdateUserEmailAction` has no place here",
        ),
        (
            1,
            "UPDATE tasks_task SET keystone_user = '{\"username\": \"ann\"}'",
            "left: who asked for it cannot be told: `keystone_user` has no `user_id`",
        ),
        (1, "DELETE FROM actions_action", "left: it has no actions"),
        (
            6,
            "UPDATE actions_action SET cache = '{\"token_fields\": [\"totp\"]}'",
            "left: `NewUserAction` asks the holder of its token for `totp`, which it does not here",
        ),
        (
            1,
            "UPDATE actions_action SET cache = '{' WHERE id = 1",
            "left: its column `cache` cannot be read",
        ),
    ] {
        let told = after(sql, number).await;
        assert!(told.ends_with(line), "{told}");
    }
}

#[tokio::test]
async fn rule_6_inputs_that_could_not_be_asked_for_here_are_told_by_their_field() {
    let told = after(
        "UPDATE actions_action SET action_data = replace(action_data, 'wally@example.org', 'wally')",
        1,
    )
    .await;
    assert!(told.contains("left: ") && told.contains("email"), "{told}");
}

#[tokio::test]
async fn rule_6_of_two_that_are_the_same_here_the_first_is_copied() {
    let told = after(
        "UPDATE actions_action SET action_data = \
         (SELECT action_data FROM actions_action WHERE id = 1) WHERE task_id LIKE '%12' AND \"order\" = 0; \
         UPDATE actions_action SET action_data = \
         (SELECT action_data FROM actions_action WHERE id = 2) WHERE task_id LIKE '%12' AND \"order\" = 1",
        18,
    )
    .await;
    let other = id(1);
    assert!(
        told.ends_with(&format!("left: the task is a duplicate of task `{other}`")),
        "{told}"
    );
}

#[tokio::test]
async fn rule_6_an_id_that_cannot_be_kept_is_told() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let sql = "PRAGMA foreign_keys = OFF; \
         UPDATE tasks_task SET uuid = 'ABC' WHERE uuid LIKE '%01'; \
         UPDATE actions_action SET task_id = 'ABC' WHERE task_id LIKE '%01'";
    old.execute(sql).await.unwrap();
    let copied = copied(&old, &world.engine(&new).await).await;
    let line = copied.tasks.iter().find(|it| it.task == "ABC").unwrap();
    assert!(
        line.to_string()
            .ends_with("left: its id is not 32 hexadecimal digits")
    );
}

#[tokio::test]
async fn rule_7_an_approval_that_stopped_half_way_is_left() {
    let told = after("SELECT 1", 5).await;
    let line = "left: its approval stopped half-way, after `NewProjectWithUserAction` had begun to \
         act: finish or cancel it there";
    assert!(told.ends_with(line), "{told}");
}

#[tokio::test]
async fn rule_7_one_of_which_nothing_has_come_is_copied_as_failed() {
    let told = after("UPDATE actions_action SET cache = '{\"token_fields\": [\"password\"]}' WHERE task_id LIKE '%05' AND \"order\" = 0", 5).await;
    assert!(
        told.ends_with("copied as create_project, failed post_approve"),
        "{told}"
    );
}

#[tokio::test]
async fn rule_7_a_token_that_is_gone_does_not_hide_that_all_is_done() {
    let told = after("DELETE FROM api_token", 3).await;
    assert!(
        told.contains("copied as create_project, waits for submit"),
        "{told}"
    );
}

#[tokio::test]
async fn what_is_no_database_of_theirs_is_refused() {
    let world = World::new();
    for database in Database::each().await {
        if let Database::Sqlite { file } = &database {
            drop(std::fs::File::create(file).unwrap());
        }
        let error = Old::read(&database.name()).await.unwrap_err();
        assert!(
            matches!(error, SourceError::NoTable("tasks_task")),
            "{error}"
        );
    }
    let database = Database::sqlite();
    world.fill(&database, ADJUTANT).await;
    database.execute("DROP TABLE api_token").await.unwrap();
    let error = Old::read(&database.name()).await.unwrap_err();
    assert!(
        error.to_string().contains("`api_token` is missing"),
        "{error}"
    );
    let error = Old::read("/no/such/file.db").await.unwrap_err();
    assert!(matches!(error, SourceError::Database(_)));
}

#[tokio::test]
async fn the_password_in_a_url_is_not_repeated() {
    for url in [
        "mysql://adjutant:hunter2@db.example/adjutant",
        "postgres://adjutant:hunter2@127.0.0.1:9/adjutant",
        "postgres://adjutant:hunter2@127.0.0.1:x/adjutant",
    ] {
        let error = Old::read(url).await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[tokio::test]
async fn without_the_domain_that_is_configured_there_nothing_is_copied_by_mistake() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let mut options = options();
    options.domain = "other".into();
    let engine = world.engine(&new).await;
    let old = Old::read(&old.name()).await.unwrap();
    let copied = wafflehaus::workflow_import::copy(&old, &engine, &options)
        .await
        .unwrap();
    assert!(told(&copied, 1).contains("left: it is about domain `default`"));
    assert_eq!(json!(copied)["tasks"][0]["outcome"], "left");
}
