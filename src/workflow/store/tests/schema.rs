//! What the databases themselves hold to.

use sqlx::{
    ConnectOptions as _, Connection as _, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::SqliteConnectOptions,
};

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

#[tokio::test]
async fn what_an_earlier_version_wrote_is_still_there() {
    let database = Database::sqlite();
    let file = database.name();
    let options = SqliteConnectOptions::new().filename(&file);
    let options = options.create_if_missing(true).foreign_keys(true);
    let mut connection = options.connect().await.unwrap();
    let first = include_str!("../../../../migrations/sqlite/0001_tasks.sql");
    let kind = MigrationType::Simple;
    let first = Migration::new(1, "wafflehaus".into(), kind, first.into_sql_str(), false);
    let earlier = Migrator::with_migrations(vec![first]);
    earlier
        .run_direct(None, &mut connection, false)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let (id, hash) = (TaskId::random(), "a".repeat(64));
    for sql in [
        format!(
            "INSERT INTO task (id, task_type, state, stage, run, stages, requester, hash_key, \
             shared, created_on, cancelled_on, events, chain, revision) VALUES ('{id}', 'it', \
             'cancelled', 0, 1, '[]', '{{}}', '{hash}', '{{}}', 1, 2, 1, '{hash}', 1)"
        ),
        format!(
            "INSERT INTO event VALUES ('{id}', 1, 1, 'submitted', '{{\"who\":\"system\"}}', \
             '{{}}', '{hash}')"
        ),
    ] {
        assert_eq!(database.execute(&sql).await, Ok(1));
    }
    let store = open(&database).await;
    let events = store.events(&id).await.unwrap();
    assert_eq!((events.len(), &*events[0].kind), (1, "submitted"));
    for sql in ["UPDATE event SET kind = 'x'", "DELETE FROM event"] {
        let refused = database.execute(sql).await.unwrap_err();
        assert!(refused.contains("events are not"), "{refused}");
    }
}
