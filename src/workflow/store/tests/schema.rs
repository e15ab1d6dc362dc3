//! What the databases themselves hold to.

use super::*;

#[tokio::test]
async fn events_are_neither_changed_nor_removed() {
    on_each(async |database, store| {
        let mut change = Change::to(task('1'));
        let event = Event {
            task: change.task.id.clone(),
            number: 1,
            on: at(1),
            kind: "submitted".into(),
            by: Caller::anonymous(),
            details: r#"{"b":1.0,"a":"\u0000"}"#.into(),
            hash: "a".repeat(64),
        };
        change.events.push(event.clone());
        committed(&*store, &change).await;
        for sql in ["UPDATE event SET kind = 'x'", "DELETE FROM event"] {
            let refused = database.execute(sql).await.unwrap_err();
            assert!(refused.contains("events are not"), "{refused}");
        }
        assert_eq!(store.events(&event.task).await.unwrap(), [event]);
    })
    .await;
}

#[tokio::test]
async fn states_and_their_times_belong_together() {
    on_each(async |database, store| {
        written(&*store, '1').await;
        for change in [
            "state = 'completed'",
            "state = 'cancelled'",
            "state = 'other'",
            "completed_on = 1",
            "cancelled_on = 1",
            "approved_on = 1",
            "opened_on = NULL, opened_by = NULL",
            "hash_key = 'short'",
        ] {
            let refused = database.execute(&format!("UPDATE task SET {change}")).await;
            assert!(refused.unwrap_err().to_lowercase().contains("constraint"));
        }
        for change in ["subject = 'x'", "dead_on = 1", "owner = 'x'"] {
            let refused = database.execute(&format!("UPDATE job SET {change}")).await;
            assert!(refused.unwrap_err().to_lowercase().contains("constraint"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_database_can_be_opened_by_many_at_once() {
    for database in Database::each().await {
        let database = Arc::new(database);
        let mut opened = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let database = Arc::clone(&database);
            opened.spawn(async move { drop(open(&database).await) });
        }
        opened.join_all().await;
    }
}

#[tokio::test]
async fn a_database_can_be_opened_again_and_by_several() {
    on_each(async |database, store| {
        let task = written(&*store, '1').await;
        let again = open(database).await;
        assert_eq!(again.task(&task.id).await.unwrap(), Some(task));
    })
    .await;
}
