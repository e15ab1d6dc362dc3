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

#[tokio::test]
async fn what_is_changed_past_the_engine_is_evident() {
    on_each(async |lab| {
        let tampered = match &lab.database {
            Database::Postgres { .. } => "ALTER TABLE event DISABLE TRIGGER event_is_kept",
            Database::Sqlite { .. } => "DROP TRIGGER event_is_kept",
        };
        let task = lab.submit("chore", "").await;
        assert_eq!(lab.engine.verify(&task.id).await.unwrap(), Ok(()));
        lab.database.execute(tampered).await.unwrap();
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
