//! The audit trail in the database: no note is lost, and no change goes unseen.

use std::time::Duration;

use wafflehaus::workflow::{
    BrokenTrail, Clock as _, EngineError, TaskState,
    store::{NotificationQuery, TaskQuery},
};

use crate::{
    database::Database,
    lab::{caller, on_each},
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn notes_of_many_at_once_are_all_there() {
    on_each(async |lab| {
        let task = lab.submit("chore", "").await;
        let mut notes = tokio::task::JoinSet::new();
        for number in 0..20 {
            let (engine, id) = (lab.engine.clone(), task.id.clone());
            notes.spawn(async move {
                let text = format!("note {number}");
                engine.note(&id, &text, &caller("bob")).await.unwrap();
            });
        }
        notes.join_all().await;
        let notes = lab.notes(&task.id).await;
        for number in 0..20 {
            assert!(notes.contains(&format!("note {number}")));
        }
        assert_eq!(lab.engine.verify(&task.id).await.unwrap(), Ok(()));
    })
    .await;
}

#[tokio::test]
async fn what_ended_long_ago_is_removed_and_its_trail_stays() {
    on_each(async |lab| {
        let (ops, now) = (caller("ops"), || lab.clock.now());
        let old = lab.submit("chore", "").await;
        lab.engine.cancel(&old.id, &ops).await.unwrap();
        let failed = lab.submit("chore", "pre_approve=fatal").await;
        lab.engine.cancel(&failed.id, &ops).await.unwrap();
        lab.pass(HOUR).await;
        let before = now();
        // Neither what ends at that very time nor what is open.
        let late = lab.submit("build", "").await;
        lab.approve(&late.id).await.unwrap();
        let open = lab.submit("chore", "").await;
        lab.pass(HOUR).await;

        assert_eq!(lab.engine.purge(before, &ops).await.unwrap(), 1);
        assert_eq!(lab.engine.purge(before, &ops).await.unwrap(), 0);
        let gone = lab.engine.task(&old.id).await;
        assert!(matches!(gone, Err(EngineError::NoTask)), "{gone:?}");
        assert!(lab.engine.steps(&old.id).await.unwrap().is_empty());
        assert!(lab.engine.jobs(&old.id).await.unwrap().is_empty());
        let mut of = NotificationQuery::default();
        of.task = Some(old.id.clone());
        assert!(lab.engine.notifications(&of).await.unwrap().is_empty());
        assert_eq!(lab.engine.verify(&old.id).await.unwrap(), Ok(()));
        let events = lab.engine.events(&old.id).await.unwrap();
        let last = events.last().unwrap();
        assert_eq!((&*last.kind, &last.by), ("purged", &ops));
        let note = lab.engine.note(&old.id, "late", &ops).await;
        assert!(matches!(note, Err(EngineError::NoTask)), "{note:?}");

        // An error stays until somebody has taken note of it.
        of.task = Some(failed.id.clone());
        of.error = Some(true);
        let error = lab.engine.notifications(&of).await.unwrap().pop().unwrap();
        lab.engine.acknowledge(&[error.id], &ops).await.unwrap();
        assert_eq!(lab.engine.purge(before, &ops).await.unwrap(), 1);
        assert_eq!(lab.engine.purge(now(), &ops).await.unwrap(), 1);
        assert_eq!(lab.task(&open.id).await.state(), TaskState::Waiting);

        // Its end is as evident as that of a task.
        unlock(&lab.database).await;
        let cut = "DELETE FROM event WHERE kind = 'purged'";
        assert_eq!(lab.database.execute(cut).await, Ok(3));
        let cut = "UPDATE purged SET events = events - 1";
        assert_eq!(lab.database.execute(cut).await, Ok(3));
        let verdict = lab.engine.verify(&old.id).await.unwrap();
        assert_eq!(verdict, Err(BrokenTrail::End));
    })
    .await;
}

#[tokio::test]
async fn many_are_removed_and_by_several_at_once() {
    on_each(async |lab| {
        for name in 0..130 {
            let task = lab.ask("build", &name.to_string(), "").await.unwrap();
            lab.engine.cancel(&task.id, &caller("ann")).await.unwrap();
        }
        lab.pass(HOUR).await;
        let (ops, now) = (caller("ops"), lab.clock.now());
        let all = tokio::join!(lab.engine.purge(now, &ops), lab.engine.purge(now, &ops));
        assert_eq!(all.0.unwrap() + all.1.unwrap(), 130);
        assert!(
            lab.engine
                .tasks(&TaskQuery::default())
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

/// Lets events be changed and removed.
async fn unlock(database: &Database) {
    let unlock = match database {
        Database::Postgres { .. } => &["ALTER TABLE event DISABLE TRIGGER event_is_kept"][..],
        Database::Sqlite { .. } => &["DROP TRIGGER event_is_kept", "DROP TRIGGER event_stays"],
    };
    for statement in unlock {
        database.execute(statement).await.unwrap();
    }
}

#[tokio::test]
async fn an_end_that_is_cut_off_is_evident_whatever_the_task_is_made_to_say() {
    on_each(async |lab| {
        let task = lab.submit("chore", "").await;
        unlock(&lab.database).await;
        let length = task.trail.length;
        let cut = format!("DELETE FROM event WHERE number = {length}");
        assert_eq!(lab.database.execute(&cut).await, Ok(1));
        let told = format!(
            "UPDATE task SET events = {0}, chain = (SELECT hash FROM event WHERE number = {0})",
            length - 1
        );
        assert_eq!(lab.database.execute(&told).await, Ok(1));
        let verdict = lab.engine.verify(&task.id).await.unwrap();
        assert_eq!(verdict, Err(BrokenTrail::End));
    })
    .await;
}

#[tokio::test]
async fn what_is_changed_past_the_engine_is_evident() {
    on_each(async |lab| {
        let task = lab.submit("chore", "").await;
        assert_eq!(lab.engine.verify(&task.id).await.unwrap(), Ok(()));
        unlock(&lab.database).await;
        let change = "UPDATE event SET caller = '\"anonymous\"' WHERE number = 1";
        lab.database.execute(change).await.unwrap_or_default();
        let change = "UPDATE event SET details = '{}' WHERE number = 2";
        assert_eq!(lab.database.execute(change).await, Ok(1));
        let verdict = lab.engine.verify(&task.id).await;
        assert!(
            matches!(verdict, Ok(Err(BrokenTrail::At(_))) | Err(_)),
            "{verdict:?}"
        );
    })
    .await;
}
