//! One suite for both databases.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../../../../tests/common/database.rs"]
mod database;
mod jobs;
mod lists;
mod schema;
mod tasks;
mod tokens;

use std::{collections::BTreeSet, sync::Arc};

use database::Database;
use serde_json::{Map, json};

use super::*;
use crate::workflow::{
    ActionRecord, Caller, Gate, JobKind, KeystoneUser, Letter, Mail, Position, Signature, Stages,
    TaskState, Trail,
};

async fn on_each(test: impl AsyncFn(&Database, Arc<dyn Store>)) {
    for database in Database::each().await {
        let store = open(&database).await;
        test(&database, store).await;
    }
}

async fn open(database: &Database) -> Arc<dyn Store> {
    let name = database.name();
    match database {
        Database::Postgres { .. } => Arc::new(PostgresStore::connect(&name, 8).await.unwrap()),
        Database::Sqlite { .. } => Arc::new(SqliteStore::open(&name).await.unwrap()),
    }
}

const fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn signature(on: i64) -> Signature {
    Signature {
        by: Caller::user(KeystoneUser {
            user_id: "8f2c".into(),
            roles: vec!["admin".into()],
            ..KeystoneUser::default()
        }),
        on: at(on),
    }
}

fn task(hash: char) -> Task {
    let mut action = ActionRecord::new("NewProject", Map::new());
    action.data.insert("name".into(), json!("é \u{0} \"x\""));
    Task {
        id: TaskId::random(),
        task_type: "signup".into(),
        stages: Stages::ordinary(Gate::Vote),
        position: Position::START,
        run: 1,
        requester: Caller::anonymous().from_address([192, 0, 2, 1].into()),
        project_id: Some("6f70".into()),
        hash_key: hash.to_string().repeat(64),
        shared: Map::new(),
        created_on: at(1_000),
        opened: Some(signature(1_000)),
        approved: None,
        completed_on: None,
        cancelled_on: None,
        actions: vec![action, ActionRecord::new("NewUser", Map::new())],
        trail: Trail {
            length: 1,
            hash: "a".repeat(64),
        },
        revision: 0,
    }
}

fn job(task: &Task, due_on: i64) -> Job {
    Job::new(&task.id, JobKind::Stage, at(due_on))
}

/// Writes a task with a job that is due at 0, and says how it is now.
async fn written(store: &dyn Store, hash: char) -> Task {
    let mut change = Change::to(task(hash));
    change.jobs.push(job(&change.task, 0));
    committed(store, &change).await;
    change.task
}

async fn committed(store: &dyn Store, change: &Change) {
    let done = store.commit(std::slice::from_ref(change)).await.unwrap();
    assert_eq!(done, Committed::Done);
}

async fn claimed(store: &dyn Store, owner: &str, now: i64, until: i64) -> Option<(Job, Lease)> {
    let job = store.claim(owner, at(now), at(until)).await.unwrap()?;
    let lease = job.lease(owner);
    Some((job, lease))
}

fn by_job(change: &mut Change, lease: &Lease, then: Then) {
    change.by_job = Some(ByJob {
        lease: lease.clone(),
        then,
    });
}

fn token(task: &Task, hash: char, expires: i64) -> Token {
    Token {
        task: task.id.clone(),
        hash: hash.to_string().repeat(64),
        created_on: at(5),
        expires: at(expires),
        used_on: None,
    }
}
