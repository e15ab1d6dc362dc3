//! Tasks of Adjutant, each rule by its number.

use std::fs;

use serde_json::json;
use wafflehaus::{
    workflow::{Caller, TaskState, store::NotificationQuery},
    workflow_import::copy,
};

use crate::{
    database::Database,
    world::{ADJUTANT, World, copied, id, options, read, told, work},
};

/// An old database and an engine on a new one, of each kind.
async fn each() -> Vec<(Database, Database)> {
    let old = Database::each().await;
    old.into_iter().zip(Database::each().await).collect()
}

#[tokio::test]
async fn rule_1_each_task_that_has_not_ended_is_copied_or_told() {
    for (old, new) in each().await {
        let world = World::new();
        world.fill(&old, ADJUTANT).await;
        let engine = world.engine(&new).await;
        let copied = copied(&old, &engine).await;
        let missing = "; its token is not copied, issue a new one";
        for (number, line) in [
            (
                1,
                "create_project_and_user: copied as create_project, waits for post_approve".into(),
            ),
            (
                2,
                "create_project_and_user: copied as create_project, invalid pre_approve".into(),
            ),
            (
                3,
                format!(
                    "create_project_and_user: copied as create_project, waits for submit{missing}"
                ),
            ),
            (
                6,
                format!("invite_user_to_project: copied as invite_user, waits for submit{missing}"),
            ),
            (
                7,
                format!("invite_user_to_project: copied as invite_user, waits for submit{missing}"),
            ),
            (
                8,
                "invite_user_to_project: copied as invite_user, invalid pre_approve".into(),
            ),
            (
                11,
                format!("reset_user_password: copied as reset_password, waits for submit{missing}"),
            ),
            (
                12,
                format!("reset_user_password: copied as reset_password, waits for submit{missing}"),
            ),
            (
                14,
                "edit_user_roles: copied as edit_roles, failed submit".into(),
            ),
            (
                15,
                format!("update_user_email: copied as update_email, waits for submit{missing}"),
            ),
            (
                16,
                "update_quota: copied as update_quota, waits for post_approve".into(),
            ),
            (
                18,
                "create_project: copied as create_project, waits for post_approve".into(),
            ),
        ] {
            assert_eq!(told(&copied, number), line);
        }
        assert_eq!(
            (copied.tasks.len(), copied.left(), copied.ended),
            (16, 4, 3)
        );
        let all = copied.to_string();
        assert!(
            all.ends_with("12 copied, 0 copied before, 4 left, 3 ended and not copied"),
            "{all}"
        );
    }
}

#[tokio::test]
async fn rule_1_a_task_keeps_what_it_was() {
    for (old, new) in each().await {
        let world = World::new();
        world.fill(&old, ADJUTANT).await;
        let engine = world.engine(&new).await;
        copied(&old, &engine).await;

        let task = engine.task(&id(3)).await.unwrap();
        assert_eq!(task.requester, Caller::anonymous());
        let approved = task.approved.clone().unwrap();
        assert_eq!(
            approved.by.keystone_user().unwrap().username.as_deref(),
            Some("admin")
        );
        assert!(task.created_on < approved.on);
        assert_eq!(
            task.created_on.as_micros() / 86_400_000_000,
            20_786,
            "2026-11-29"
        );
        let action = &task.actions[0];
        assert_eq!(action.name, "NewProjectWithUser");
        let inputs = json!({"project_name": "pancakes", "email": "pam@example.org"});
        assert_eq!(json!(action.data), inputs);
        assert_eq!(action.token_fields, ["password"]);
        assert_eq!(task.shared["project_id"], action.cache["project_id"]);
        assert_eq!(
            action.cache["user_id"],
            world.ids["84a9a7406b3f4c16a986bfa7d786bf10"]
        );
        let network = &task.actions[1];
        let inputs = json!({"setup_resources": true, "region": "RegionOne"});
        assert_eq!(
            (network.name.as_str(), json!(network.data)),
            ("DefaultProjectResources", inputs)
        );

        let invite = engine.task(&id(6)).await.unwrap();
        let user = invite.requester.keystone_user().unwrap();
        assert_eq!(user.roles, ["project_admin", "member"]);
        assert_eq!(
            invite.project_id.as_deref(),
            Some(&*world.ids["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"])
        );
        assert_eq!(invite.approved.unwrap().by, Caller::system());

        let events = engine.events(&id(6)).await.unwrap();
        let notes: Vec<_> = events
            .iter()
            .filter(|it| it.kind == "note")
            .map(|it| it.details())
            .collect();
        let said = "What NewUserAction found. - (2026-11-29 10:00:00.000001+00:00)";
        assert_eq!(notes[0], json!({"action": "NewUser", "text": said}));
        let said = "What the task is about. - (2026-11-29 10:00:00.000002+00:00)";
        assert_eq!(notes[1], json!({ "text": said }));

        let all = engine
            .notifications(&NotificationQuery::default())
            .await
            .unwrap();
        let mut all: Vec<_> = all
            .into_iter()
            .map(|it| (it.task, it.error, it.notes.concat()))
            .collect();
        all.sort();
        let notices = [
            (id(1), false, "it needs approval soon".to_owned()),
            (id(14), true, "a mail could not be sent".to_owned()),
        ];
        assert_eq!(all, notices);
    }
}

#[tokio::test]
async fn rule_2_the_other_database_is_only_read_and_its_tokens_are_not() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let (Database::Sqlite { file }, Database::Sqlite { file: target }) = (&old, &new) else {
        return;
    };
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let before = fs::read(file).unwrap();
    let engine = world.engine(&new).await;
    let copied = copied(&old, &engine).await;
    assert_eq!(before, fs::read(file).unwrap());
    let mut written = fs::read(target).unwrap();
    written.extend(fs::read(target.with_extension("db-wal")).unwrap_or_default());
    // All tokens there begin so.
    let token = b"70ce0000000000";
    assert!(before.windows(token.len()).any(|it| it == token));
    assert!(!written.windows(token.len()).any(|it| it == token));
    assert!(!copied.to_string().contains("70ce"));
}

#[tokio::test]
async fn rule_3_nothing_runs_and_nobody_is_written_to() {
    for (old, new) in each().await {
        let world = World::new();
        world.fill(&old, ADJUTANT).await;
        let engine = world.engine(&new).await;
        let before = world.identity.snapshot().unwrap();
        copied(&old, &engine).await;
        let tasks = engine.task(&id(1)).await.unwrap();
        work(&engine).await;
        assert_eq!(engine.task(&id(1)).await.unwrap(), tasks);
        assert_eq!(world.identity.snapshot().unwrap(), before);
        assert_eq!(world.outbox.sent(), []);
    }
}

#[tokio::test]
async fn rule_3_a_person_approves_and_it_goes_on_as_any_other() {
    for (old, new) in each().await {
        let world = World::new();
        world.fill(&old, ADJUTANT).await;
        let engine = world.engine(&new).await;
        copied(&old, &engine).await;
        engine.approve(&id(1), &Caller::system()).await.unwrap();
        work(&engine).await;
        assert_eq!(engine.task(&id(1)).await.unwrap().stage(), "submit");
        let token = world.outbox.token(&id(1));
        let body = json!({"password": "new password"});
        engine
            .submit_token(&token, body.as_object().unwrap(), &Caller::anonymous())
            .await
            .unwrap();
        work(&engine).await;
        let done = engine.task(&id(1)).await.unwrap();
        assert_eq!(done.state(), TaskState::Completed);
    }
}

#[tokio::test]
async fn rule_3_what_was_invalid_is_validated_again_when_somebody_says_so() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let engine = world.engine(&new).await;
    copied(&old, &engine).await;
    let events = engine.events(&id(8)).await.unwrap();
    let reason = events
        .iter()
        .find(|it| it.kind == "invalid")
        .unwrap()
        .details();
    assert_eq!(reason["code"], "imported_invalid");
    assert!(
        reason["text"]
            .as_str()
            .unwrap()
            .starts_with("What NewUserAction found.")
    );
    engine.approve(&id(8), &Caller::system()).await.unwrap_err();
    engine.retry(&id(8), &Caller::system()).await.unwrap();
    work(&engine).await;
    let events = engine.events(&id(8)).await.unwrap();
    let reason = events
        .iter()
        .rfind(|it| it.kind == "invalid")
        .unwrap()
        .details();
    assert_eq!(reason["code"], "project_mismatch");
}

#[tokio::test]
async fn rule_3_what_failed_is_tried_again_when_somebody_says_so() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let engine = world.engine(&new).await;
    copied(&old, &engine).await;
    engine.retry(&id(14), &Caller::system()).await.unwrap();
    work(&engine).await;
    let done = engine.task(&id(14)).await.unwrap();
    assert_eq!(done.state(), TaskState::Completed);
    let system = Caller::system();
    assert_eq!(
        done.approved.unwrap().by,
        system,
        "to try again is not to approve"
    );
}

#[tokio::test]
async fn rule_4_a_new_token_brings_a_signup_to_its_end() {
    for (old, new) in each().await {
        let world = World::new();
        world.fill(&old, ADJUTANT).await;
        let engine = world.engine(&new).await;
        let mut options = options();
        options.issue_tokens = true;
        let copied = copy(&read(&old).await, &engine, &options).await.unwrap();
        assert!(told(&copied, 3).ends_with("waits for submit; a new token is mailed"));
        assert!(!told(&copied, 1).contains("token"), "it is not approved");
        work(&engine).await;
        let mut to: Vec<_> = world.outbox.sent().into_iter().map(|(id, _)| id).collect();
        to.sort();
        assert_eq!(to, [id(3), id(6), id(7), id(11), id(12), id(15)]);

        let pam = &world.ids["84a9a7406b3f4c16a986bfa7d786bf10"];
        assert!(world.identity.has_password(pam, "old password").unwrap());
        let token = world.outbox.token(&id(3));
        let body = json!({"password": "new password"});
        engine
            .submit_token(&token, body.as_object().unwrap(), &Caller::anonymous())
            .await
            .unwrap();
        work(&engine).await;
        let done = engine.task(&id(3)).await.unwrap();
        assert_eq!(done.state(), TaskState::Completed);
        assert!(world.identity.has_password(pam, "new password").unwrap());
    }
}

#[tokio::test]
async fn rule_4_without_asking_no_token_is_issued_and_somebody_can_do_it_later() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let engine = world.engine(&new).await;
    copied(&old, &engine).await;
    assert_eq!(engine.tokens(&Default::default()).await.unwrap(), []);
    engine.reissue(&id(7), &Caller::system()).await.unwrap();
    work(&engine).await;
    let token = world.outbox.token(&id(7));
    let task = engine.token(&token).await.unwrap();
    assert_eq!(
        (task.id.clone(), task.required_fields()),
        (id(7), vec!["confirm"])
    );
}

#[tokio::test]
async fn rule_5_a_second_run_copies_nothing_twice() {
    for (old, new) in each().await {
        let world = World::new();
        world.fill(&old, ADJUTANT).await;
        let engine = world.engine(&new).await;
        let first = copied(&old, &engine).await;
        engine.cancel(&id(1), &Caller::system()).await.unwrap();
        let events = engine.events(&id(3)).await.unwrap();
        let mut options = options();
        options.issue_tokens = true;
        let second = copy(&read(&old).await, &engine, &options).await.unwrap();
        for number in [1, 2, 3, 6, 16, 18] {
            assert!(
                told(&second, number).ends_with(": copied before"),
                "{number}"
            );
        }
        assert_eq!(second.left(), first.left());
        assert_eq!(
            engine.events(&id(3)).await.unwrap(),
            events,
            "no token is issued either"
        );
        let all = second.to_string();
        assert!(all.contains("0 copied, 12 copied before, 4 left"), "{all}");
    }
}

#[tokio::test]
async fn rule_5_a_later_run_copies_what_could_not_be_before() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let engine = world.engine(&new).await;
    assert!(told(&copied(&old, &engine).await, 9).contains("left: "));
    let mended = "UPDATE actions_action SET action_data = replace(action_data, \
         '\"inherited_roles\": [\"member\"]', '\"inherited_roles\": []')";
    old.execute(mended).await.unwrap();
    assert!(told(&copied(&old, &engine).await, 9).contains("copied as invite_user"));
}

#[tokio::test]
async fn rule_8_the_audit_trail_says_where_a_task_comes_from_and_holds() {
    for (old, new) in each().await {
        let world = World::new();
        world.fill(&old, ADJUTANT).await;
        let engine = world.engine(&new).await;
        let copied = copied(&old, &engine).await;
        for line in &copied.tasks {
            let id = line.task.parse().unwrap();
            let Ok(task) = engine.task(&id).await else {
                continue;
            };
            assert_eq!(engine.verify(&id).await.unwrap(), Ok(()));
            let first = engine.events(&id).await.unwrap().remove(0);
            let details = first.details();
            assert_eq!(
                (first.kind.as_str(), &first.by),
                ("imported", &Caller::system())
            );
            assert_eq!(details["from"]["task"], line.task);
            assert_eq!(details["from"]["task_type"], line.task_type);
            assert_eq!(details["state"], task.state().as_str());
        }
    }
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_writes_nothing() {
    for (old, new) in each().await {
        let world = World::new();
        world.fill(&old, ADJUTANT).await;
        let engine = world.engine(&new).await;
        let mut options = options();
        options.dry_run = true;
        let dry = copy(&read(&old).await, &engine, &options).await.unwrap();
        engine.task(&id(1)).await.unwrap_err();
        let wet = copied(&old, &engine).await;
        let lines = |it: &wafflehaus::workflow_import::Copied| {
            it.tasks.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(lines(&dry), lines(&wet));
        assert!(
            dry.to_string()
                .contains("12 would be copied, 0 copied before, 4 left")
        );
        let json = json!(dry);
        assert_eq!(json["tasks"][0]["outcome"], "copied");
        assert_eq!(json["tasks"][2]["token"], "missing");
    }
}

#[tokio::test]
async fn only_the_account_that_adjutant_made_is_taken_for_that_of_the_task() {
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let lou = &world.ids["dddddddddddddddddddddddddddddddd"];
    let pam = &world.ids["84a9a7406b3f4c16a986bfa7d786bf10"];
    let sql = format!("UPDATE actions_action SET cache = replace(cache, '{pam}', '{lou}')");
    old.execute(&sql).await.unwrap();
    let engine = world.engine(&new).await;
    copied(&old, &engine).await;
    engine.reissue(&id(3), &Caller::system()).await.unwrap();
    work(&engine).await;
    let token = world.outbox.token(&id(3));
    let body = json!({"password": "new password"});
    engine
        .submit_token(&token, body.as_object().unwrap(), &Caller::anonymous())
        .await
        .unwrap();
    work(&engine).await;
    let events = engine.events(&id(3)).await.unwrap();
    let reason = events
        .iter()
        .rfind(|it| it.kind == "invalid")
        .unwrap()
        .details();
    assert_eq!(reason["code"], "user_appeared");
    for user in [lou, pam] {
        assert!(world.identity.has_password(user, "old password").unwrap());
    }
}

#[tokio::test]
async fn a_type_without_such_a_stage_takes_no_task_that_has_come_so_far() {
    use wafflehaus::workflow::{Gate, Registry, Stage, Stages, TaskType, actions::NewUser};
    let (old, new) = (Database::sqlite(), Database::sqlite());
    let world = World::new();
    world.fill(&old, ADJUTANT).await;
    let people = wafflehaus::workflow::actions::People::new(world.identity.clone());
    let stages = Stages::new(vec![Stage::new("only", Gate::Open)]).unwrap();
    let registry = Registry::new()
        .action(NewUser::new(people, ["member", "project_mod"]))
        .unwrap();
    let registry = registry
        .task_type(TaskType::new("invite_user", ["NewUser"]).stages(stages))
        .unwrap();
    let engine = world.engine_with(&new, registry).await;
    let copied = copied(&old, &engine).await;
    let line = "left: task type `invite_user` has no stage for a task that has come so far";
    assert!(told(&copied, 6).ends_with(line), "{}", told(&copied, 6));
}
