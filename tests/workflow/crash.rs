//! Kills a process at every boundary of every step of a task, and has another one go on.
//!
//! A scenario is a task type and a world outside of the process, in which its actions have their
//! effects. A boundary is on either side of each write to the store, so one lies between each
//! intent and its effect, and one between each effect and its result.

use std::{env, future::Future, pin::Pin, sync::Arc};

use serde_json::{Map, Value};
use wafflehaus::workflow::{
    Begun, Caller, Engine, Event, Job, Lease, Notification, NotificationId, Registry, Task, TaskId,
    TaskState, Timestamp, Token, Trail, Worker,
    store::{
        ByJob, Change, Committed, Filter, NotificationQuery, Page, Search, Slice, StepKey,
        StepRecord, Store, StoreFuture, TaskQuery,
    },
};

use crate::{
    built_in,
    child::{Boundaries, Orders, Process},
    client,
    database::Database,
    lab::{Lab, caller},
    world::{World, body, password, registry},
};

/// A task that is taken through all its stages.
pub(crate) struct Scenario {
    /// How a process is told of it.
    pub(crate) name: &'static str,
    pub(crate) task_type: &'static str,
    /// The actions, on the world at this address.
    pub(crate) registry: fn(&str) -> Registry,
    pub(crate) body: fn() -> Map<String, Value>,
    /// What is submitted with the token.
    pub(crate) submitted: fn() -> Map<String, Value>,
    pub(crate) caller: fn() -> Caller,
    /// What there is in the world at this address.
    pub(crate) state: fn(&str) -> Vec<String>,
}

const CHORE: Scenario = Scenario {
    name: "chore",
    task_type: "chore",
    registry: |world| registry(&World::at(world), |it| it),
    body: || body("one", ""),
    submitted: || password("hunter2"),
    caller: || caller("ann"),
    state: |world| World::at(world).state(),
};

fn scenarios() -> impl Iterator<Item = &'static Scenario> {
    [&CHORE].into_iter().chain(built_in::SCENARIOS)
}

pub(crate) fn scenario(name: &str) -> &'static Scenario {
    scenarios().find(|it| it.name == name).unwrap()
}

/// Takes the scenario's task from wherever it is to its end.
pub(crate) async fn drive(engine: &Engine, scenario: &Scenario, world: &World) {
    let worker = Worker::new(engine.clone());
    let by = (scenario.caller)();
    loop {
        worker.run_due().await.unwrap();
        let task = engine.tasks(&TaskQuery::default()).await.unwrap().pop();
        let Some(task) = task else {
            let body = (scenario.body)();
            engine.submit(scenario.task_type, &body, &by).await.unwrap();
            continue;
        };
        match (task.state(), task.takes_token()) {
            (TaskState::Completed, _) => return,
            (TaskState::Waiting, false) => drop(engine.approve(&task.id, &by).await.unwrap()),
            (TaskState::Waiting, true) => match world.token(&task.id) {
                Some(token) => {
                    let done = engine
                        .submit_token(&token, &(scenario.submitted)(), &by)
                        .await;
                    done.unwrap();
                }
                None => panic!("the token was not mailed"),
            },
            (state, _) => panic!("{state} at {}", task.stage()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_at_any_boundary_leaves_nothing_undone_and_nothing_done_twice() {
    for scenario in scenarios() {
        let mut kinds = vec![Database::sqlite()];
        kinds.extend(Database::postgres().await);
        for kind in kinds {
            let (expected, boundaries) = crashed(scenario, &kind, 0).await;
            assert!(boundaries > 0 && expected.len() > 1);
            for stop_at in (1..=boundaries).step_by(stride(scenario)) {
                let (state, _) = crashed(scenario, &kind, stop_at).await;
                assert_eq!(state, expected, "{} {kind:?} {stop_at}", scenario.name);
            }
            let kind = match kind {
                Database::Postgres { .. } => "PostgreSQL",
                Database::Sqlite { .. } => "SQLite",
            };
            let killed = boundaries.div_ceil(stride(scenario));
            println!(
                "{} on {kind}: killed at {killed} of {boundaries} boundaries",
                scenario.name
            );
        }
    }
}

/// Every boundary takes two processes, and the built-in actions have over a thousand of them. With
/// `WAFFLEHAUS_CRASH=every` none is left out.
fn stride(scenario: &Scenario) -> usize {
    let every = env::var_os("WAFFLEHAUS_CRASH").is_some_and(|it| it == "every");
    if every || [CHORE.name, "client"].contains(&scenario.name) {
        1
    } else {
        13
    }
}

/// Runs the scenario on a new database of this kind, by two processes of which the first is killed
/// at a boundary, or by one. Says what became of the world, and at how many boundaries.
async fn crashed(scenario: &Scenario, kind: &Database, stop_at: usize) -> (Vec<String>, usize) {
    let database = match kind {
        Database::Postgres { .. } => Database::postgres().await.unwrap(),
        Database::Sqlite { .. } => Database::sqlite(),
    };
    let lab = Lab::new(database).await;
    client::announce(&lab.world.address());
    let orders = |stop_at, ahead| Orders::Drive {
        scenario: scenario.name.into(),
        database: lab.database.name(),
        world: lab.world.address(),
        stop_at,
        ahead,
    };
    if stop_at > 0 {
        let mut killed = Process::start(&orders(stop_at, 0));
        assert_eq!(killed.hear().as_deref(), Some("stopped"), "at {stop_at}");
        killed.kill();
    }
    let mut resumed = Process::start(&orders(0, 3600));
    let boundaries = resumed.hear().expect("the process failed").parse().unwrap();
    let task = lab
        .engine
        .tasks(&TaskQuery::default())
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(task.state(), TaskState::Completed);
    assert_eq!(lab.engine.verify(&task.id).await.unwrap(), Ok(()));
    assert_eq!(lab.engine.jobs(&task.id).await.unwrap(), [], "work is left");
    ((scenario.state)(&lab.world.address()), boundaries)
}

/// A store with boundaries around its writes.
pub(crate) fn stopping(store: Arc<dyn Store>, boundaries: Arc<Boundaries>) -> Arc<dyn Store> {
    Arc::new(Stopping { store, boundaries })
}

struct Stopping {
    store: Arc<dyn Store>,
    boundaries: Arc<Boundaries>,
}

macro_rules! passed_on {
    ($($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name<'a>(&'a self $(, $arg: $type)*) -> StoreFuture<'a, $answer> {
            self.store.$name($($arg),*)
        })*
    };
}

macro_rules! bounded {
    ($($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name<'a>(&'a self $(, $arg: $type)*) -> StoreFuture<'a, $answer> {
            Box::pin(self.boundaries.around(self.store.$name($($arg),*)))
        })*
    };
}

impl Search for Stopping {
    passed_on! {
        count(filter: &'a Filter) -> u64;
        find_tasks(filter: &'a Filter, slice: &'a Slice) -> Vec<Task>;
        find_tokens(filter: &'a Filter, slice: &'a Slice) -> Vec<Token>;
        find_notifications(filter: &'a Filter, slice: &'a Slice) -> Vec<Notification>;
        last_completed() -> Option<Task>;
        events_of(tasks: &'a [TaskId], kinds: &'a [&'a str]) -> Vec<Event>;
    }
}

impl Store for Stopping {
    bounded! {
        commit(changes: &'a [Change]) -> Committed;
        claim(owner: &'a str, now: Timestamp, until: Timestamp) -> Option<Job>;
        begin_step(lease: &'a Lease, key: &'a StepKey, now: Timestamp) -> Option<Begun>;
        finish_step(lease: &'a Lease, key: &'a StepKey, result: &'a str, now: Timestamp) -> bool;
        settle(by: &'a ByJob, notification: Option<&'a Notification>) -> bool;
    }

    passed_on! {
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
        self.store.work()
    }
}
