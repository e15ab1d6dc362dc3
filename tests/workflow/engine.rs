//! What the engine promises, rule by rule, on both databases.

use std::time::Duration;

use wafflehaus::workflow::{
    Caller, EngineError, Refused, Task, TaskId, TaskState, TokenSecret,
    store::{NotificationQuery, Page, TaskQuery},
};

use crate::{
    lab::{Lab, caller, on_each},
    world::{body, password},
};

const HOUR: Duration = Duration::from_secs(3600);

fn refused<T: std::fmt::Debug>(done: Result<T, EngineError>) -> Refused {
    match done {
        Err(EngineError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_task_goes_through_its_three_stages() {
    on_each(async |lab| {
        let task = lab.submit("chore", "").await;
        assert_eq!(
            (task.state(), task.stage()),
            (TaskState::Waiting, "post_approve")
        );
        assert!(task.actions.iter().all(|it| it.valid));
        assert_eq!(task.required_fields(), ["password"]);
        assert_eq!(task.project_id.as_deref(), Some("6f70"));
        assert!(lab.world.state().is_empty());

        lab.approve(&task.id).await.unwrap();
        let task = lab.task(&task.id).await;
        assert_eq!((task.state(), task.stage()), (TaskState::Waiting, "submit"));
        assert_eq!(task.approved.as_ref().unwrap().by, caller("bob"));
        assert_eq!(lab.world.state(), ["network one", "router one"]);

        let info = lab.engine.token(&lab.world.token(&task.id).unwrap()).await;
        assert_eq!(info.unwrap().id, task.id);
        lab.submit_token(&task.id).await.unwrap();
        let task = lab.task(&task.id).await;
        assert_eq!(task.state(), TaskState::Completed);
        assert_eq!(task.completed_on, Some(task.opened.as_ref().unwrap().on));
        let made = [
            "network one",
            "role one",
            "router one",
            "user one with network one",
        ];
        assert_eq!(lab.world.state(), made);
        let mut sent = lab.world.sent(&task.id);
        sent.sort();
        let needs = "notification 'chore' task needs approval.";
        assert_eq!(sent, ["completed", "initial", needs, "token"]);
        assert!(lab.engine.jobs(&task.id).await.unwrap().is_empty());
        assert_eq!(lab.engine.verify(&task.id).await.unwrap(), Ok(()));
    })
    .await;
}

#[tokio::test]
async fn without_fields_asked_for_there_is_no_token() {
    on_each(async |lab| {
        let task = lab.submit("build", "").await;
        assert_eq!(
            refused(lab.engine.reissue(&task.id, &caller("bob")).await),
            Refused::NotWaited
        );
        lab.approve(&task.id).await.unwrap();
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Completed);
        assert_eq!(refused(lab.approve(&task.id).await), Refused::Completed);
        assert!(
            lab.engine
                .tokens(&Page::default())
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn further_stages_wait_for_votes_and_timers() {
    on_each(async |lab| {
        let task = lab.ask("quick", "vote", "").await.unwrap();
        lab.work().await;
        let waits = (TaskState::Waiting, "cool_down".to_owned());
        assert_eq!(lab.state(&task.id).await, waits);
        let approved = lab.task(&task.id).await.approved.unwrap();
        assert_eq!(approved.by, Caller::system());
        lab.pass(Duration::from_secs(59)).await;
        assert_eq!(lab.state(&task.id).await, waits);
        assert_eq!(refused(lab.approve(&task.id).await), Refused::Approved);
        lab.pass(Duration::from_secs(1)).await;
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Completed);

        let task = lab.submit("quick", "").await;
        assert_eq!(
            (task.state(), task.stage()),
            (TaskState::Waiting, "post_approve")
        );
    })
    .await;
}

#[tokio::test]
async fn an_invalid_action_is_not_approved_until_it_is_mended() {
    on_each(async |lab| {
        let task = lab.submit("chore", "pre_approve=invalid").await;
        assert_eq!(
            (task.state(), task.stage()),
            (TaskState::Invalid, "pre_approve")
        );
        // The others are asked all the same.
        assert_eq!(
            task.actions.iter().map(|it| it.valid).collect::<Vec<_>>(),
            [false, true]
        );
        let notes = lab.notes(&task.id).await;
        assert_eq!(notes, ["Build in pre_approve.", "It is not good."]);
        let reason = lab.events(&task.id, "invalid").await[0].details();
        assert_eq!(reason["code"], "not_good");

        assert_eq!(
            refused(lab.approve(&task.id).await),
            Refused::ActionsInvalid
        );
        assert!(lab.world.state().is_empty());
        let again = lab.engine.retry(&task.id, &caller("bob")).await.unwrap();
        assert_eq!(again.state(), TaskState::Running);
        lab.work().await;
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Invalid);

        let mended = lab
            .engine
            .update(&task.id, &body("two", ""), &caller("bob"))
            .await;
        mended.unwrap();
        lab.work().await;
        lab.approve(&task.id).await.unwrap();
        assert_eq!(lab.world.state(), ["network two", "router two"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_invalid_later_stops_there_and_is_not_approved() {
    on_each(async |lab| {
        let task = lab.submit("chore", "post_approve=invalid").await;
        lab.approve(&task.id).await.unwrap();
        let task = lab.task(&task.id).await;
        assert_eq!(
            (task.state(), task.stage()),
            (TaskState::Invalid, "post_approve")
        );
        assert_eq!(task.approved, None);
        assert_eq!(
            refused(lab.approve(&task.id).await),
            Refused::ActionsInvalid
        );

        let task = lab.submit("chore", "submit=invalid").await;
        lab.approve(&task.id).await.unwrap();
        lab.submit_token(&task.id).await.unwrap();
        assert_eq!(
            lab.state(&task.id).await,
            (TaskState::Invalid, "submit".into())
        );
        // The person's part comes after, and the token is good again.
        assert_eq!(lab.world.state(), ["network one", "router one"]);
        lab.engine
            .token(&lab.world.token(&task.id).unwrap())
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_may_pass_is_tried_again_after_a_pause() {
    on_each(async |lab| {
        let task = lab.submit("chore", "post_approve=retry").await;
        lab.approve(&task.id).await.unwrap();
        assert_eq!(
            lab.state(&task.id).await,
            (TaskState::Running, "post_approve".into())
        );
        assert_eq!(lab.work().await, 0, "it is not due yet");
        assert_eq!(refused(lab.approve(&task.id).await), Refused::Running);
        lab.pass(Duration::from_secs(2)).await;
        assert_eq!(
            lab.state(&task.id).await,
            (TaskState::Waiting, "submit".into())
        );
        let failed = lab.events(&task.id, "attempt_failed").await;
        let details = failed[0].details();
        assert_eq!(
            (failed.len(), details["error"].as_str()),
            (1, Some("not now"))
        );
        assert_eq!(
            (details["attempt"].as_u64(), &details["action"]),
            (Some(1), &"Build".into())
        );
    })
    .await;
}

#[tokio::test]
async fn attempts_are_used_up_and_an_operator_can_try_again() {
    on_each(async |lab| {
        for (mode, error, attempts) in [
            ("post_approve=down", "down", 3),
            ("post_approve=panic", "it panicked", 3),
            ("post_approve=fatal", "broken", 1),
        ] {
            let task = lab.submit("chore", mode).await;
            lab.approve(&task.id).await.unwrap();
            for _ in 1..attempts {
                assert_eq!(lab.task(&task.id).await.state(), TaskState::Running);
                lab.pass(HOUR).await;
            }
            let task = lab.task(&task.id).await;
            assert_eq!(
                (task.state(), task.stage()),
                (TaskState::Failed, "post_approve")
            );
            assert_eq!(task.approved, None, "its stage has not run");
            let failed = lab.events(&task.id, "attempt_failed").await;
            assert_eq!(failed.len(), attempts);
            assert!(failed.iter().all(|it| it.details()["error"] == error));
            let told = format!("notification Error: '{error}' while running stage 'post_approve'.");
            assert!(lab.world.sent(&task.id).contains(&told));
            let open = NotificationQuery::default();
            let found = lab.engine.notifications(&open).await.unwrap();
            assert!(found.iter().any(|it| it.error && it.task == task.id));
            assert!(lab.engine.jobs(&task.id).await.unwrap()[0].dead);

            let again = lab.engine.retry(&task.id, &caller("eve")).await.unwrap();
            assert_eq!(again.state(), TaskState::Running);
            assert_eq!(
                again.opened.unwrap().by,
                caller("bob"),
                "the approver stays"
            );
            lab.work().await;
            lab.engine.cancel(&task.id, &caller("bob")).await.unwrap();
            assert_eq!(lab.work().await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_process_that_does_not_come_back_uses_up_attempts_too() {
    on_each(async |lab| {
        let task = lab.ask("chore", "one", "").await.unwrap();
        let store = crate::lab::open(&lab.database.name()).await;
        let now = || wafflehaus::workflow::Clock::now(&*lab.clock);
        for _ in 0..3 {
            // Claims both the stage and the mail, and dies.
            while store
                .claim("gone", now(), now().after(HOUR))
                .await
                .unwrap()
                .is_some()
            {}
            lab.clock.advance(HOUR);
        }
        lab.work().await;
        assert_eq!(
            lab.state(&task.id).await,
            (TaskState::Failed, "pre_approve".into())
        );
        let failed = lab.events(&task.id, "attempt_failed").await;
        let errors: Vec<_> = failed
            .iter()
            .map(|it| it.details()["error"].clone())
            .collect();
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors.contains(&"the process that ran it did not come back".into()));
        let query = NotificationQuery::default();
        assert_eq!(lab.engine.notifications(&query).await.unwrap().len(), 2);
        assert_eq!(
            lab.engine.jobs(&task.id).await.unwrap().len(),
            2,
            "both dead"
        );
    })
    .await;
}

#[tokio::test]
async fn a_task_that_cannot_be_read_keeps_nobody_from_work_and_goes_on_when_it_can() {
    on_each(async |lab| {
        let broken = lab.ask("chore", "one", "").await.unwrap();
        let requester = "UPDATE task SET requester = ";
        assert_eq!(
            lab.database.execute(&format!("{requester}'?'")).await,
            Ok(1)
        );
        let good = lab.ask("chore", "two", "").await.unwrap();
        lab.work().await;
        assert_eq!(lab.task(&good.id).await.state(), TaskState::Waiting);
        for _ in 0..4 {
            lab.pass(HOUR).await;
        }
        let query = NotificationQuery::default();
        let mut found = lab.engine.notifications(&query).await.unwrap();
        found.retain(|it| it.error);
        // One of its stage, and one of its mail.
        assert_eq!(found.len(), 2, "{found:?}");
        for it in found {
            assert_eq!(it.task, broken.id);
            let note = "Error: 'the column `requester` of the database is unreadable' while \
                 working on the task.";
            assert_eq!(it.notes, [note]);
        }
        let whole = serde_json::to_string(&broken.requester).unwrap();
        let mend = format!("{requester}'{whole}' WHERE requester = '?'");
        assert_eq!(lab.database.execute(&mend).await, Ok(1));
        lab.pass(HOUR).await;
        // Its attempts are used up, and it can be tried again like any other.
        assert_eq!(lab.task(&broken.id).await.state(), TaskState::Failed);
        lab.engine.retry(&broken.id, &caller("ops")).await.unwrap();
        lab.work().await;
        assert_eq!(lab.task(&broken.id).await.state(), TaskState::Waiting);
        assert_eq!(lab.engine.verify(&broken.id).await.unwrap(), Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_failed_submit_gives_its_token_back_and_does_nothing_twice() {
    on_each(async |lab| {
        let task = lab.waiting_for_token("").await;
        let token = lab.world.token(&task.id).unwrap();
        lab.use_token(&token, "wrong").await.unwrap();
        lab.work().await;
        assert_eq!(
            lab.state(&task.id).await,
            (TaskState::Failed, "submit".into())
        );
        assert_eq!(
            refused(lab.engine.retry(&task.id, &caller("bob")).await),
            Refused::TokenNeeded
        );
        lab.submit_token(&task.id).await.unwrap();
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Completed);
        assert_eq!(lab.world.state().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn the_answer_is_the_same_whatever_is_wrong_with_a_token() {
    on_each(async |lab| {
        let no_token = async |token: &TokenSecret| {
            let answers = [
                lab.use_token(token, "hunter2").await,
                lab.engine.token(token).await,
            ];
            for answer in answers {
                let error = answer.unwrap_err();
                assert!(matches!(error, EngineError::NoToken), "{error:?}");
            }
        };
        no_token(&TokenSecret::new("0".repeat(32))).await;
        no_token(&TokenSecret::new("")).await;

        let task = lab.waiting_for_token("").await;
        let first = lab.world.token(&task.id).unwrap();
        lab.engine.reissue(&task.id, &caller("bob")).await.unwrap();
        no_token(&first).await;
        lab.work().await;
        let second = lab.world.token(&task.id).unwrap();
        assert_ne!(first.expose(), second.expose());
        lab.submit_token(&task.id).await.unwrap();
        no_token(&second).await;

        let task = lab.waiting_for_token("").await;
        lab.clock.advance(24 * HOUR);
        no_token(&lab.world.token(&task.id).unwrap()).await;
        assert_eq!(lab.engine.remove_expired_tokens().await.unwrap(), 1);
        lab.engine.reissue(&task.id, &caller("bob")).await.unwrap();
        lab.work().await;
        let token = lab.world.token(&task.id).unwrap();
        lab.engine.cancel(&task.id, &caller("bob")).await.unwrap();
        no_token(&token).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_submitted_with_a_token_is_validated_and_kept_sealed() {
    on_each(async |lab| {
        let task = lab.waiting_for_token("").await;
        let token = lab.world.token(&task.id).unwrap();
        for wrong in [password(""), serde_json::Map::new()] {
            let done = lab
                .engine
                .submit_token(&token, &wrong, &Caller::anonymous())
                .await;
            assert!(matches!(done, Err(EngineError::Fields(_))), "{done:?}");
        }
        lab.use_token(&token, "hunter2").await.unwrap();
        // It waits for a worker now, in the database.
        let dump = dump(&lab).await;
        assert!(dump.contains(task.id.as_str()));
        assert!(!dump.contains("hunter2"), "a password in the clear");
        assert!(!dump.contains(token.expose()), "a token in the clear");
        lab.work().await;
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Completed);
    })
    .await;
}

#[tokio::test]
async fn what_is_logged_has_no_token_and_nothing_that_was_submitted() {
    let log = crate::log::Log::start();
    on_each(async |lab| {
        let task = lab.waiting_for_token("submit=fatal").await;
        let token = lab.world.token(&task.id).unwrap();
        lab.use_token(&token, "correct horse").await.unwrap();
        lab.work().await;
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Failed);
        let failed = log.events("wafflehaus::workflow::worker");
        let about = |it: &serde_json::Value| it["fields"]["task"] == task.id.as_str();
        assert!(failed.iter().any(about), "it is told at all");
        for secret in [token.expose(), "correct horse"] {
            assert!(!log.text().contains(secret), "{secret}");
        }
    })
    .await;
}

/// The whole database as text.
async fn dump(lab: &Lab) -> String {
    let task = lab.engine.tasks(&TaskQuery::default()).await.unwrap();
    let jobs = lab.engine.jobs(&task[0].id).await.unwrap();
    let tokens = lab.engine.tokens(&Page::default()).await.unwrap();
    let events = lab.engine.events(&task[0].id).await.unwrap();
    let known = format!("{task:?} {jobs:?} {tokens:?} {events:?}");
    let raw = match &lab.database {
        crate::database::Database::Sqlite { file } => {
            let wal = file.with_extension("db-wal");
            [
                std::fs::read(file).unwrap(),
                std::fs::read(wal).unwrap_or_default(),
            ]
            .concat()
        }
        crate::database::Database::Postgres { .. } => Vec::new(),
    };
    known + &String::from_utf8_lossy(&raw)
}

#[tokio::test]
async fn equal_tasks_are_blocked_or_take_each_others_place() {
    on_each(async |lab| {
        let submit = async |kind: &str, body: &serde_json::Map<String, serde_json::Value>| {
            lab.engine.submit(kind, body, &caller("ann")).await
        };
        let first = submit("chore", &body("one", "")).await.unwrap();
        match submit("chore", &body(" one ", "")).await {
            Err(EngineError::Duplicate(open)) => assert_eq!(open, first.id),
            other => panic!("{other:?}"),
        }
        submit("chore", &body("one", "x")).await.unwrap();
        submit("build", &body("one", "")).await.unwrap();
        lab.engine.cancel(&first.id, &caller("ann")).await.unwrap();
        submit("chore", &body("one", "")).await.unwrap();

        let old = submit("quick", &body("one", "")).await.unwrap();
        let new = submit("quick", &body("one", "")).await.unwrap();
        assert_eq!(lab.task(&old.id).await.state(), TaskState::Cancelled);
        assert_eq!(lab.task(&new.id).await.state(), TaskState::Running);
        let notes = lab.notes(&old.id).await;
        assert_eq!(notes, ["Cancelled: the same was asked for again."]);
    })
    .await;
}

#[tokio::test]
async fn what_was_granted_and_what_another_asked_for_does_not_give_way() {
    on_each(async |lab| {
        let quick = async |by: &Caller| {
            let body = body("one", "");
            let task = lab.engine.submit("quick", &body, by).await;
            lab.work().await;
            task
        };
        let stays = |done: Result<Task, EngineError>, id: &TaskId| match done {
            Err(EngineError::Duplicate(open)) => assert_eq!(open, *id),
            other => panic!("{other:?}"),
        };
        let ann = caller("ann");
        let task = quick(&ann).await.unwrap();
        stays(quick(&caller("eve")).await, &task.id);
        stays(quick(&Caller::anonymous()).await, &task.id);
        let task = quick(&ann).await.unwrap();
        let approved = lab.engine.approve(&task.id, &caller("bob")).await.unwrap();
        assert_eq!(approved.approved, None, "not yet");
        stays(quick(&ann).await, &task.id);
        assert_eq!(lab.task(&task.id).await.stage(), "cool_down");
        stays(quick(&ann).await, &task.id);
        lab.engine.cancel(&task.id, &ann).await.unwrap();

        // Nobody in particular makes way for everybody.
        quick(&Caller::anonymous()).await.unwrap();
        quick(&ann).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn inputs_are_changed_until_they_have_had_effects() {
    on_each(async |lab| {
        let update = async |id, name: &str, mode: &str| {
            let body = body(name, mode);
            let done = lab.engine.update(id, &body, &caller("bob")).await;
            lab.work().await;
            done
        };
        let task = lab.submit("chore", "").await;
        // The same again is no duplicate of itself: it is validated again.
        update(&task.id, "one", "").await.unwrap();
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Waiting);
        update(&task.id, "two", "post_approve=late").await.unwrap();
        let changed = lab.task(&task.id).await;
        assert_ne!(changed.hash_key, task.hash_key);
        let event = lab.events(&task.id, "updated").await.pop().unwrap();
        assert_eq!(event.details()["before"]["Build"]["name"], "one");
        assert_eq!(event.details()["after"]["Build"]["name"], "two");
        assert_eq!(event.by, caller("bob"));

        let other = lab.submit("chore", "").await;
        match update(&other.id, "two", "post_approve=late").await {
            Err(EngineError::Duplicate(open)) => assert_eq!(open, task.id),
            other => panic!("{other:?}"),
        }

        lab.approve(&task.id).await.unwrap();
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Failed);
        match update(&task.id, "three", "").await {
            Err(EngineError::Effects(action)) => assert_eq!(action, "Build"),
            other => panic!("{other:?}"),
        }
        lab.approve(&other.id).await.unwrap();
        assert_eq!(
            refused(update(&other.id, "three", "").await),
            Refused::Approved
        );
        let done = lab
            .engine
            .update(&other.id, &body("", ""), &caller("bob"))
            .await;
        assert_eq!(refused(done), Refused::Approved);
    })
    .await;
}

#[tokio::test]
async fn mails_are_tried_again_and_then_operators_find_out() {
    on_each(async |lab| {
        lab.world.make("no mail");
        let task = lab.submit("build", "").await;
        lab.pass(HOUR).await;
        lab.pass(HOUR).await;
        let query = NotificationQuery::default();
        let notes: Vec<_> = lab.engine.notifications(&query).await.unwrap();
        let failed = notes.iter().filter(|it| it.error);
        let mut failed: Vec<_> = failed.map(|it| it.notes.concat()).collect();
        failed.sort();
        let mail = "Error: 'the mail server is down' while sending the 'initial' mail.";
        assert_eq!(failed[1], mail);
        assert!(failed[0].contains("while sending notification"));
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Waiting);
        // The notification of the failed mail is tried as often, and then there is an end.
        for _ in 0..5 {
            lab.pass(HOUR).await;
        }
        assert!(
            lab.engine
                .jobs(&task.id)
                .await
                .unwrap()
                .iter()
                .all(|it| it.dead)
        );
    })
    .await;
}

#[tokio::test]
async fn letters_of_actions_are_sent_when_their_part_is_done() {
    on_each(async |lab| {
        let letters = async |id| {
            let mut sent = lab.world.sent(id);
            sent.retain(|it| it.starts_with("letter"));
            sent.sort();
            sent
        };
        let task = lab.submit("build", "post_approve=letters").await;
        assert!(letters(&task.id).await.is_empty());
        lab.world.make("no mail");
        lab.approve(&task.id).await.unwrap();
        // The task does not wait for them.
        assert_eq!(lab.task(&task.id).await.state(), TaskState::Completed);
        assert!(letters(&task.id).await.is_empty());
        lab.world.unmake("no mail");
        lab.pass(HOUR).await;
        let both = ["letter told to ann@x", "letter told to bob@x"];
        assert_eq!(letters(&task.id).await, both);
        assert!(lab.engine.jobs(&task.id).await.unwrap().is_empty());
        let told = lab.events(&task.id, "delivered").await;
        let told = told.iter().filter(|it| !it.details()["letter"].is_null());
        assert_eq!(told.count(), 2);
    })
    .await;
}

#[tokio::test]
async fn notifications_are_acknowledged_by_somebody() {
    on_each(async |lab| {
        let task = lab.submit("chore", "pre_approve=fatal").await;
        let query = NotificationQuery::default();
        let found = lab
            .engine
            .notifications(&query)
            .await
            .unwrap()
            .pop()
            .unwrap();
        assert!(found.error && found.acknowledged.is_none());
        let ids = [
            found.id.clone(),
            wafflehaus::workflow::NotificationId::random(),
        ];
        let bob = caller("bob");
        assert_eq!(lab.engine.acknowledge(&ids, &bob).await.unwrap(), 1);
        assert_eq!(lab.engine.acknowledge(&ids, &bob).await.unwrap(), 0);
        let found = lab.engine.notification(&found.id).await.unwrap().unwrap();
        assert_eq!(found.acknowledged.unwrap().by, bob);
        assert_eq!(lab.events(&task.id, "acknowledged").await[0].by, bob);
        // What nothing is wrong with is acknowledged when it has been delivered.
        lab.submit("build", "").await;
        let mut open = NotificationQuery::default();
        open.acknowledged = Some(false);
        assert!(lab.engine.notifications(&open).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn who_wants_to_can_wait_for_the_outcome() {
    on_each(async |lab| {
        let task = lab.ask("chore", "one", "").await.unwrap();
        let now = lab.engine.settled(&task.id, Duration::ZERO).await.unwrap();
        assert_eq!(now.state(), TaskState::Running);
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let worker = lab.worker.clone();
        let working = tokio::spawn(async move {
            worker.run(2, async { ended.await.unwrap() }).await;
        });
        let settled = lab.engine.settled(&task.id, HOUR).await.unwrap();
        assert_eq!(settled.state(), TaskState::Waiting);
        end.send(()).unwrap();
        working.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    on_each(async |lab| {
        let nothing = TaskId::random();
        let unknown = lab.approve(&nothing).await;
        assert!(matches!(unknown, Err(EngineError::NoTask)));
        let kind = lab
            .engine
            .submit("other", &body("one", ""), &caller("ann"))
            .await;
        assert!(matches!(kind, Err(EngineError::UnknownType(_))));
        match lab
            .engine
            .submit("chore", &body("", ""), &caller("ann"))
            .await
        {
            Err(EngineError::Fields(fields)) => {
                assert_eq!(fields.iter().next().unwrap().0, "name");
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
}
