//! The audit trail in the database: no note is lost, and no change goes unseen.

use wafflehaus::workflow::BrokenTrail;

use crate::{
    database::Database,
    lab::{caller, on_each},
};

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
