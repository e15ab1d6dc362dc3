//! What a request of somebody whom nobody knows has the database do.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use wafflehaus::workflow::{
    Begun, Event, Job, Lease, Notification, NotificationId, Task, TaskId, Timestamp, Token, Trail,
    store::{
        ByJob, Change, Committed, Filter, NotificationQuery, Page, Search, Slice, StepKey,
        StepRecord, Store, StoreFuture, TaskQuery,
    },
};
use wafflehaus::workflow_service::WorkflowService;

use crate::{
    database::Database,
    support::{Lab, open},
};

tokio::task_local! {
    /// What the store is asked by this request, as opposed to the workers.
    static ASKED: RefCell<Vec<String>>;
}

fn note(what: String) {
    // Nobody listens to a worker.
    ASKED.try_with(|asked| asked.borrow_mut().push(what)).ok();
}

/// A change without what is another each time.
fn kinds(change: &Change) -> String {
    let events: Vec<&str> = change.events.iter().map(|it| it.kind.as_str()).collect();
    let jobs = change.jobs.iter();
    let jobs: Vec<_> = jobs.map(|it| (&it.kind, it.sealed.is_some())).collect();
    let (actions, dropped) = (&change.actions, change.drop_jobs);
    let (token, notes) = (&change.token, change.notifications.len());
    format!("{events:?} {jobs:?} {actions:?} {dropped} {token:?} {notes}")
}

/// A store that notes what it is asked.
struct Watched(Arc<dyn Store>);

macro_rules! watched {
    ($($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name<'a>(&'a self $(, $arg: $type)*) -> StoreFuture<'a, $answer> {
            note(stringify!($name).to_owned());
            self.0.$name($($arg),*)
        })*
    };
}

impl Search for Watched {
    watched! {
        count(filter: &'a Filter) -> u64;
        find_tasks(filter: &'a Filter, slice: &'a Slice) -> Vec<Task>;
        find_tokens(filter: &'a Filter, slice: &'a Slice) -> Vec<Token>;
        find_notifications(filter: &'a Filter, slice: &'a Slice) -> Vec<Notification>;
        last_completed() -> Option<Task>;
        events_of(tasks: &'a [TaskId], kinds: &'a [&'a str]) -> Vec<Event>;
    }
}

impl Store for Watched {
    fn commit<'a>(&'a self, changes: &'a [Change]) -> StoreFuture<'a, Committed> {
        let changed: Vec<_> = changes.iter().map(kinds).collect();
        note(format!("commit {changed:?}"));
        self.0.commit(changes)
    }

    watched! {
        claim(owner: &'a str, now: Timestamp, until: Timestamp) -> Option<Job>;
        begin_step(lease: &'a Lease, key: &'a StepKey, now: Timestamp) -> Option<Begun>;
        finish_step(lease: &'a Lease, key: &'a StepKey, result: &'a str, now: Timestamp) -> bool;
        settle(by: &'a ByJob, notification: Option<&'a Notification>) -> bool;
        task(id: &'a TaskId) -> Option<Task>;
        open_task(hash_key: &'a str) -> Option<TaskId>;
        tasks(query: &'a TaskQuery) -> Vec<Task>;
        over(before: Timestamp, limit: u32) -> Vec<Task>;
        trail(task: &'a TaskId) -> Option<Trail>;
        events(task: &'a TaskId) -> Vec<Event>;
        steps(task: &'a TaskId) -> Vec<StepRecord>;
        token(hash: &'a str) -> Option<Token>;
        tokens(page: &'a Page) -> Vec<Token>;
        remove_expired_tokens(now: Timestamp) -> u64;
        notification(id: &'a NotificationId) -> Option<Notification>;
        notifications(query: &'a NotificationQuery) -> Vec<Notification>;
        renew(lease: &'a Lease, until: Timestamp) -> bool;
        jobs(task: &'a TaskId) -> Vec<Job>;
    }

    fn work(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.work()
    }
}

/// What a request has the store do; afterwards the workers have done what comes of it.
async fn asked_by(lab: &Lab, line: &str, body: serde_json::Value) -> Vec<String> {
    let asked = ASKED.scope(RefCell::default(), async {
        let answer = lab.tell(line, "", body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        ASKED.with(RefCell::take)
    });
    let asked = asked.await;
    let newest = Slice::of(Page::first(1));
    let tasks = lab.engine.find_tasks(&Filter::tasks(), &newest).await;
    let task = &tasks.unwrap()[0].id;
    let settled = lab.engine.settled(task, Duration::from_secs(20)).await;
    assert_ne!(settled.unwrap().state().as_str(), "running");
    // Its mails change it, too, once they are sent; the next request would meet them.
    let sent = async {
        while !lab.engine.jobs(task).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), sent)
        .await
        .unwrap();
    asked
}

#[tokio::test]
async fn rule_8_the_database_does_the_same_whether_or_not_there_is_an_account() {
    let reset = |email: &str| {
        let body = json!({"email": email});
        ("POST /v1/openstack/users/password-reset", body)
    };
    let sign_up = |email: &str| {
        let body = json!({"project_name": format!("of {email}"), "email": email});
        ("POST /v1/openstack/sign-up", body)
    };
    for database in Database::each().await {
        let store = Arc::new(Watched(open(&database).await));
        let lab = Lab::with_store(database, store, WorkflowService::router).await;
        let (known, unknown) = ("ann@acme.example", "eve@acme.example");
        let (line, _) = reset(known);
        // The second and the third take the place of the one before.
        for round in 0..3 {
            let there = asked_by(&lab, line, reset(known).1).await;
            let not_there = asked_by(&lab, line, reset(unknown).1).await;
            assert_eq!(there, not_there, "{round}");
            assert!(there.iter().any(|it| it.starts_with("commit")), "{there:?}");
        }
        let (line, body) = sign_up(known);
        let there = asked_by(&lab, line, body).await;
        assert_eq!(there, asked_by(&lab, line, sign_up(unknown).1).await);
    }
}

#[tokio::test]
async fn rule_8_an_answer_that_tells_nothing_comes_after_a_pause() {
    let mut settings = crate::support::generous();
    settings["quiet_milliseconds"] = 300.into();
    let lab = Lab::set(settings).await;
    for email in ["ann@acme.example", "eve@acme.example"] {
        let began = Instant::now();
        let body = json!({"email": email});
        let line = "POST /v1/openstack/users/password-reset";
        assert_eq!(lab.tell(line, "", body).await.status, 202);
        assert!(began.elapsed() >= Duration::from_millis(300), "{email}");
    }
}
