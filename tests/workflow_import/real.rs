//! Against what the real Adjutant wrote, where there is such a database.

use std::env;

use wafflehaus::workflow_import::Old;

/// `WAFFLEHAUS_ADJUTANT_DATABASES` names databases of a real Adjutant, with a comma between them. The page
/// `docs/MIGRATING_WORKFLOW.md` says how one is made.
#[tokio::test]
async fn what_the_real_adjutant_wrote_is_read() {
    let Ok(databases) = env::var("WAFFLEHAUS_ADJUTANT_DATABASES") else {
        eprintln!("SKIPPED with the real Adjutant: there is no WAFFLEHAUS_ADJUTANT_DATABASES");
        return;
    };
    for database in databases.split(',') {
        let old = Old::read(database).await.unwrap();
        assert!(!old.open.is_empty());
        for task in old.open {
            let task = task.unwrap();
            assert!(!task.actions.is_empty(), "{task:?}");
            assert_eq!(task.id.len(), 32);
            assert_eq!(task.approved, task.approved_on.is_some());
        }
    }
}
