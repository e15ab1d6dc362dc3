//! Who works on something for long keeps it, and who has lost it stops.

use std::{
    any::Any,
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions as _, Executor as _, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use wafflehaus::workflow::{Clock as _, Engine, Job, Pace, SystemClock, TaskId, TaskState, Worker};

use crate::{
    database::Database,
    lab::{Lab, on_each, open},
};

/// An engine whose leases are short, and a task that hangs in its second stage.
async fn hanging(lab: &Lab) -> (Engine, TaskId) {
    let mut pace = Pace::default();
    pace.lease = Duration::from_millis(600);
    let engine = lab.engine.clone().clock(SystemClock::default()).pace(pace);
    let task = lab.submit("chore", "post_approve=hang").await;
    let by = crate::lab::caller("bob");
    engine.approve(&task.id, &by).await.unwrap();
    (engine, task.id)
}

/// Looks until something is so.
async fn until(mut so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !so().await {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "it did not come to that"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn stage_job(engine: &Engine, id: &TaskId) -> Job {
    engine.jobs(id).await.unwrap().pop().unwrap()
}

/// Has all who would change jobs wait until what this returns is dropped.
async fn lock(database: &Database) -> Box<dyn Any> {
    match database {
        Database::Postgres { url } => {
            let options: PgConnectOptions = url.parse().unwrap();
            let mut connection = options.connect().await.unwrap();
            let lock = "BEGIN; LOCK TABLE job IN EXCLUSIVE MODE";
            connection.execute(lock).await.unwrap();
            Box::new(connection)
        }
        Database::Sqlite { file } => {
            let options = SqliteConnectOptions::new().filename(file);
            let mut connection = options.connect().await.unwrap();
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            Box::new(connection)
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_renewed_while_an_action_runs() {
    on_each(async |lab| {
        let (engine, id) = hanging(&lab).await;
        let worker = Worker::new(engine.clone());
        let working = tokio::spawn(async move { worker.run_due().await });
        until(async || lab.world.has("began")).await;
        let first = stage_job(&engine, &id).await;
        until(async || {
            let job = stage_job(&engine, &id).await;
            assert_eq!(job.attempt, 1);
            first.due_on.after(Duration::from_millis(600)) < job.due_on
        })
        .await;
        lab.world.make("go on");
        working.await.unwrap().unwrap();
        let task = lab.task(&id).await;
        assert_eq!((task.state(), task.stage()), (TaskState::Waiting, "submit"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_has_lost_its_lease_stops() {
    on_each(async |lab| {
        let (engine, id) = hanging(&lab).await;
        let worker = Worker::new(engine.clone());
        let working = tokio::spawn(async move { worker.run_due().await });
        until(async || lab.world.has("began")).await;
        let store = open(&lab.database.name()).await;
        let later = SystemClock::default()
            .now()
            .after(Duration::from_secs(3600));
        let stolen = store.claim("another", later, later).await.unwrap().unwrap();
        assert_eq!(stolen.task, id);
        // The action still hangs, but nobody waits for it.
        working.await.unwrap().unwrap();
        assert_eq!(lab.task(&id).await.state(), TaskState::Running);
        assert_eq!(lab.world.state(), ["began", "left"]);
        assert!(stage_job(&engine, &id).await.attempt == 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_cannot_ask_for_its_lease_stops_when_it_ends() {
    on_each(async |lab| {
        let (engine, _) = hanging(&lab).await;
        let worker = Worker::new(engine);
        let working = tokio::spawn(async move { worker.run_due().await });
        until(async || lab.world.has("began")).await;
        // Nobody gets at the jobs, and nobody is told so.
        let lock = lock(&lab.database).await;
        until(async || lab.world.has("left")).await;
        working.abort();
        drop(lock);
    })
    .await;
}
