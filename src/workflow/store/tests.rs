//! One suite for both databases.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../../../tests/common/database.rs"]
mod database;

use std::{collections::BTreeSet, sync::Arc};

use database::Database;
use serde_json::{Map, json};

use super::*;
use crate::workflow::{
    ActionRecord, Caller, Gate, JobKind, KeystoneUser, Mail, Position, Signature, Stages,
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

#[tokio::test]
async fn a_task_comes_back_as_it_was_written() {
    on_each(async |_, store| {
        let new = written(&*store, '1').await;
        assert_eq!(store.task(&new.id).await.unwrap(), Some(new.clone()));
        assert_eq!(store.task(&TaskId::random()).await.unwrap(), None);

        let mut change = Change::to(new);
        change.task.position = Position::at(TaskState::Completed, 2);
        change.task.run = 7;
        change.task.hash_key = "2".repeat(64);
        change.task.shared.insert("project_id".into(), json!(0.1));
        change.task.opened = Some(signature(2_000));
        change.task.approved = Some(signature(3_000));
        change.task.completed_on = Some(at(4_000));
        change.task.trail.length = 9;
        let action = &mut change.task.actions[1];
        action.state = "existing".into();
        action.valid = true;
        action.auto_approve = Some(false);
        action.token_fields = vec!["confirm".into()];
        action.cache.insert("id".into(), json!([1, null]));
        action.done_run = 7;
        change.actions = vec![1];
        committed(&*store, &change).await;
        let changed = store.task(&change.task.id).await.unwrap();
        assert_eq!(changed, Some(change.task));
    })
    .await;
}

#[tokio::test]
async fn rule_1_a_change_of_a_task_that_has_changed_writes_nothing() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let mut change = Change::to(task.clone());
        committed(&*store, &change).await;
        change.jobs.push(job(&task, 5));
        change.token = TokenChange::Replaced(token(&task, 'b', 10));
        let again = store.commit(&[change]).await.unwrap();
        assert_eq!(again, Committed::Stale);
        assert_eq!(store.jobs(&task.id).await.unwrap().len(), 1);
        assert!(store.tokens(&Page::default()).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn rule_1_of_several_changes_all_are_written_or_none() {
    on_each(async |_, store| {
        let old = written(&*store, '1').await;
        let mut close = Change::to(old.clone());
        close.task.position.state = TaskState::Cancelled;
        close.task.cancelled_on = Some(at(2_000));
        let same = Change::to(task('1'));
        let stale = Change::to(old.clone());
        let all = [close.clone(), same.clone(), stale];
        assert_eq!(store.commit(&all).await.unwrap(), Committed::Stale);
        assert_eq!(store.task(&old.id).await.unwrap(), Some(old));
        assert_eq!(store.task(&same.task.id).await.unwrap(), None);
        // The first closes the task that the second would be a duplicate of.
        assert_eq!(
            store.commit(&[close, same.clone()]).await.unwrap(),
            Committed::Done
        );
        let open = store.open_task(&same.task.hash_key).await.unwrap();
        assert_eq!(open, Some(same.task.id));
    })
    .await;
}

#[tokio::test]
async fn rule_2_a_change_without_the_lease_writes_nothing() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let (_, old) = claimed(&*store, "one", 0, 10).await.unwrap();
        let (job, lease) = claimed(&*store, "two", 10, 20).await.unwrap();
        assert_eq!(job.attempt, 2);
        for then in [Then::Done, Then::Kept(at(99))] {
            let mut change = Change::to(task.clone());
            by_job(&mut change, &old, then);
            assert_eq!(store.commit(&[change]).await.unwrap(), Committed::LeaseLost);
        }
        assert!(!store.renew(&old, at(99)).await.unwrap());
        assert_eq!(store.task(&task.id).await.unwrap(), Some(task.clone()));
        let mut change = Change::to(task.clone());
        by_job(&mut change, &lease, Then::Done);
        committed(&*store, &change).await;
        assert!(store.jobs(&task.id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn rule_3_of_equal_tasks_one_is_open() {
    on_each(async |_, store| {
        let first = written(&*store, '1').await;
        let other = Change::to(task('1'));
        let refused = store.commit(std::slice::from_ref(&other)).await.unwrap();
        assert_eq!(refused, Committed::Duplicate);
        written(&*store, '2').await;
        let mut change = Change::to(first.clone());
        change.task.hash_key = "2".repeat(64);
        let refused = store.commit(&[change]).await.unwrap();
        assert_eq!(refused, Committed::Duplicate);
        let open = store.open_task(&first.hash_key).await.unwrap();
        assert_eq!(open, Some(first.id));
        assert_eq!(store.open_task(&"3".repeat(64)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_due_longest_is_claimed_and_nobody_else_gets_it() {
    on_each(async |_, store| {
        let mut due: Vec<_> = Vec::new();
        for (hash, on) in [('1', 30), ('2', 10), ('3', 20), ('4', 99)] {
            let mut change = Change::to(task(hash));
            change.jobs.push(job(&change.task, on));
            committed(&*store, &change).await;
            due.push(change.task.id);
        }
        for expected in [1, 2, 0] {
            let (job, _) = claimed(&*store, "one", 50, 200).await.unwrap();
            assert_eq!((job.task, job.attempt), (due[expected].clone(), 1));
        }
        assert!(claimed(&*store, "two", 98, 200).await.is_none());
        assert_eq!(
            claimed(&*store, "two", 99, 200).await.unwrap().0.task,
            due[3]
        );
        // A lease that was renewed does not end where it would have.
        let (_, lease) = claimed(&*store, "two", 200, 300).await.unwrap();
        assert!(store.renew(&lease, at(400)).await.unwrap());
        for _ in 0..3 {
            let (job, _) = claimed(&*store, "three", 300, 500).await.unwrap();
            assert_ne!(job.id, lease.job);
        }
        assert!(claimed(&*store, "three", 399, 500).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn each_job_is_claimed_once_whoever_claims() {
    on_each(async |_, store| {
        for hash in "0123456789abcdef".chars() {
            written(&*store, hash).await;
        }
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..8 {
            let store = Arc::clone(&store);
            workers.spawn(async move {
                let mut jobs = Vec::new();
                while let Some((job, _)) = claimed(&*store, &worker.to_string(), 1, 10).await {
                    jobs.push(job.id);
                }
                jobs
            });
        }
        let jobs: Vec<_> = workers.join_all().await.concat();
        assert_eq!(jobs.len(), 16);
        assert_eq!(jobs.into_iter().collect::<BTreeSet<_>>().len(), 16);
    })
    .await;
}

#[tokio::test]
async fn a_job_is_tried_again_or_is_dead() {
    on_each(async |database, store| {
        let task = task('1');
        let mut change = Change::to(task);
        let mut secret = job(&change.task, 0);
        secret.sealed = Some(vec![1, 2, 3]);
        change.jobs.push(secret);
        committed(&*store, &change).await;

        let (job, lease) = claimed(&*store, "one", 0, 10).await.unwrap();
        assert_eq!(job.sealed, Some(vec![1, 2, 3]));
        let mut change = Change::to(change.task);
        let (due_on, error) = (at(50), "not now".to_owned());
        by_job(&mut change, &lease, Then::Retried { due_on, error });
        committed(&*store, &change).await;
        assert!(claimed(&*store, "two", 49, 60).await.is_none());

        let (job, lease) = claimed(&*store, "two", 50, 60).await.unwrap();
        assert_eq!((job.attempt, job.sealed), (2, Some(vec![1, 2, 3])));
        let mut change = Change::to(change.task);
        let (on, error) = (at(55), "never".to_owned());
        by_job(&mut change, &lease, Then::Dead { on, error });
        committed(&*store, &change).await;
        assert!(claimed(&*store, "three", 1_000, 2_000).await.is_none());
        assert!(store.jobs(&change.task.id).await.unwrap()[0].dead);
        let gone = "DELETE FROM job WHERE sealed IS NULL AND last_error = 'never'";
        assert_eq!(database.execute(gone).await, Ok(1));
    })
    .await;
}

#[tokio::test]
async fn dropped_jobs_are_those_of_the_stage_and_of_the_token() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let mut change = Change::to(task.clone());
        for mail in [Mail::Token, Mail::Initial] {
            change
                .jobs
                .push(Job::new(&task.id, JobKind::Mail(mail), at(0)));
        }
        committed(&*store, &change).await;
        let mut change = Change::to(change.task);
        change.drop_jobs = true;
        change.jobs.push(job(&task, 7));
        committed(&*store, &change).await;
        let left = store.jobs(&task.id).await.unwrap();
        let kinds: Vec<_> = left.into_iter().map(|job| job.kind).collect();
        assert_eq!(kinds, [JobKind::Mail(Mail::Initial), JobKind::Stage]);
    })
    .await;
}

#[tokio::test]
async fn steps_are_begun_and_done_by_whoever_has_the_lease() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let (_, old) = claimed(&*store, "one", 0, 10).await.unwrap();
        let key = StepKey {
            task: task.id.clone(),
            action: 1,
            stage: "submit".into(),
            step: "create user".into(),
        };
        let begin = async |lease| store.begin_step(lease, &key, at(3)).await.unwrap();
        assert_eq!(begin(&old).await, Some(Begun::First));
        assert_eq!(begin(&old).await, Some(Begun::Before));
        let (_, lease) = claimed(&*store, "two", 10, 20).await.unwrap();
        assert_eq!(begin(&old).await, None);
        let finish = async |lease| store.finish_step(lease, &key, "[1]", at(4)).await.unwrap();
        assert!(!finish(&old).await);
        assert_eq!(begin(&lease).await, Some(Begun::Before));
        assert!(finish(&lease).await);
        assert_eq!(begin(&lease).await, Some(Begun::Done("[1]".into())));
        let steps = store.steps(&task.id).await.unwrap();
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].key, key);
        assert_eq!(steps[0].begun_on, at(3));
        assert_eq!(steps[0].done, Some((at(4), "[1]".into())));
    })
    .await;
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

#[tokio::test]
async fn a_task_has_one_token_which_is_used_once() {
    on_each(async |_, store| {
        let mut task = written(&*store, '1').await;
        let mut put = async |change: TokenChange| {
            let mut it = Change::to(task.clone());
            it.token = change;
            let done = store.commit(std::slice::from_ref(&it)).await.unwrap();
            if done == Committed::Done {
                task = it.task;
            }
            (done, store.tokens(&Page::default()).await.unwrap().pop())
        };
        let (one, two) = (
            token(&self::task('1'), 'a', 10),
            token(&self::task('1'), 'b', 10),
        );
        put(TokenChange::Replaced(one)).await;
        let (_, kept) = put(TokenChange::Replaced(two)).await;
        let kept = kept.unwrap();
        assert_eq!(kept.hash, "b".repeat(64));
        assert_eq!(store.token(&"a".repeat(64)).await.unwrap(), None);
        assert_eq!(store.token(&kept.hash).await.unwrap(), Some(kept.clone()));

        let (_, used) = put(TokenChange::Used(at(6))).await;
        assert_eq!(used.unwrap().used_on, Some(at(6)));
        assert_eq!(put(TokenChange::Used(at(7))).await.0, Committed::Stale);
        // Of a token that is used nobody knows yet whether it is still needed.
        assert_eq!(store.remove_expired_tokens(at(10)).await.unwrap(), 0);
        let (_, released) = put(TokenChange::Released).await;
        assert_eq!(released, Some(kept));
        assert_eq!(store.remove_expired_tokens(at(9)).await.unwrap(), 0);
        assert_eq!(store.remove_expired_tokens(at(10)).await.unwrap(), 1);
        put(TokenChange::Replaced(token(&self::task('1'), 'c', 10))).await;
        assert_eq!(put(TokenChange::Removed).await, (Committed::Done, None));
    })
    .await;
}

#[tokio::test]
async fn notifications_are_listed_and_acknowledged_once() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let mut change = Change::to(task.clone());
        for (error, on) in [(false, 1), (true, 2), (true, 3)] {
            change.notifications.push(Notification {
                id: NotificationId::random(),
                task: task.id.clone(),
                error,
                notes: vec![format!("é {on}")],
                created_on: at(on),
                acknowledged: None,
            });
        }
        committed(&*store, &change).await;
        let made = change.notifications.clone();
        for on in [8, 9] {
            change = Change::to(change.task);
            change.acknowledged = Some((vec![made[1].id.clone()], signature(on)));
            committed(&*store, &change).await;
        }
        let mut second = made[1].clone();
        second.acknowledged = Some(signature(8));
        let found = store.notification(&second.id).await.unwrap();
        assert_eq!(found, Some(second.clone()));

        let list = async |change: fn(&mut NotificationQuery)| {
            let mut query = NotificationQuery::default();
            change(&mut query);
            store.notifications(&query).await.unwrap()
        };
        assert_eq!(
            list(|_| ()).await,
            [&made[2], &second, &made[0]].map(Clone::clone)
        );
        assert_eq!(list(|it| it.error = Some(false)).await, [made[0].clone()]);
        assert_eq!(list(|it| it.acknowledged = Some(true)).await, [second]);
        assert_eq!(list(|it| it.acknowledged = Some(false)).await.len(), 2);
        assert!(list(|it| it.task = Some(TaskId::random())).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_whatever_is_added() {
    on_each(async |_, store| {
        let mut all = Vec::new();
        for (on, hash) in [5, 5, 5, 7, 3].into_iter().zip('1'..) {
            let mut change = Change::to(task(hash));
            change.task.created_on = at(on);
            change.task.task_type = if on == 5 { "invite" } else { "signup" }.into();
            committed(&*store, &change).await;
            all.push((on, change.task.id));
        }
        all.sort();
        all.reverse();
        let (mut seen, mut query) = (Vec::new(), TaskQuery::default());
        query.page.limit = 2;
        for hash in 'a'.. {
            let page = store.tasks(&query).await.unwrap();
            let Some(last) = page.last() else { break };
            query.page.after = Some(Cursor::after(last.created_on, last.id.as_str()));
            seen.extend(
                page.iter()
                    .map(|it| (it.created_on.as_micros(), it.id.clone())),
            );
            assert!(page.iter().all(|it| it.actions.len() == 2));
            // Newer than all, so it belongs before the first page.
            let mut change = Change::to(task(hash));
            change.task.created_on = at(1_000);
            committed(&*store, &change).await;
        }
        assert_eq!(seen, all);

        let count = async |change: fn(&mut TaskQuery)| {
            let mut query = TaskQuery::default();
            change(&mut query);
            store.tasks(&query).await.unwrap().len()
        };
        assert_eq!(count(|it| it.task_type = Some("invite".into())).await, 3);
        assert_eq!(count(|it| it.project_id = Some("other".into())).await, 0);
        assert_eq!(count(|it| it.state = Some(TaskState::Failed)).await, 0);
        let three = |it: &mut TaskQuery| {
            it.state = Some(TaskState::Running);
            it.task_type = Some("invite".into());
            it.project_id = Some("6f70".into());
        };
        assert_eq!(count(three).await, 3);
    })
    .await;
}

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
