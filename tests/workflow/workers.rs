//! Three worker processes on one PostgreSQL, killed and restarted at random while many tasks go
//! through create, approve and token.
//!
//! `WAFFLEHAUS_TASKS=10000 cargo test --test workflow workers -- --nocapture` is the full run.

use std::{
    collections::BTreeSet,
    env,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinSet};
use wafflehaus::workflow::{Caller, Engine, EngineError, Key, SystemClock, Task, TaskState};

use crate::{
    child::{Orders, Process},
    database::Database,
    lab::{KEY, caller, open},
    world::{World, body, password, registry},
};

/// Short, so that what a killed process held is soon free.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

const WORKERS: usize = 3;
/// How many tasks are under way at once.
const AT_ONCE: usize = 24;
/// After how many tasks, on average, a worker is killed.
const KILL_EVERY: usize = 15;
const DEADLINE: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_workers_that_are_killed_at_random_lose_nothing_and_do_nothing_twice() {
    let tasks: usize = match env::var("WAFFLEHAUS_TASKS") {
        Ok(number) => number.parse().unwrap(),
        Err(_) => 150,
    };
    let Some(database) = Database::postgres().await else {
        return;
    };
    let world = World::new();
    let engine = Engine::new(
        open(&database.name()).await,
        registry(&world, |it| it.attempts(u32::MAX)),
        Key::from_hex(KEY).unwrap(),
        world.clone(),
    )
    .clock(SystemClock::default());
    let orders = Orders::Work {
        database: database.name(),
        world: world.address(),
    };
    let began = Instant::now();
    let (done, mut progress) = mpsc::unbounded_channel();
    let next = Arc::new(AtomicUsize::new(0));
    let mut requesters = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (engine, world, next, done) =
            (engine.clone(), world.clone(), next.clone(), done.clone());
        requesters.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= tasks {
                    return;
                }
                let task = through(&engine, &world, number).await;
                if done.send(task).is_err() {
                    return;
                }
            }
        });
    }
    drop(done);

    let mut workers: Vec<_> = (0..WORKERS).map(|_| Process::start(&orders)).collect();
    let (mut completed, mut kills) = (Vec::new(), 0);
    let mut random = began.elapsed().subsec_nanos() as usize;
    while let Some(task) = progress.recv().await {
        completed.push(task);
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695);
        if (random >> 33).is_multiple_of(KILL_EVERY) {
            let victim = &mut workers[(random >> 40) % WORKERS];
            victim.kill();
            *victim = Process::start(&orders);
            kills += 1;
        }
    }
    requesters.join_all().await;

    let ids: BTreeSet<_> = completed.iter().map(|it| it.id.clone()).collect();
    let expected: BTreeSet<_> = (0..tasks)
        .flat_map(|n| {
            let name = format!("task{n}");
            let user = format!("user {name} with network {name}");
            let (network, router) = (format!("network {name}"), format!("router {name}"));
            [network, router, user, format!("role {name}")]
        })
        .collect();
    let effects: BTreeSet<_> = world.state().into_iter().collect();
    let twice = effects.iter().filter(|it| it.ends_with("TWICE")).count();
    let lost = expected.difference(&effects).count();
    let mut broken = 0;
    for task in &completed {
        broken += usize::from(engine.verify(&task.id).await.unwrap().is_err());
    }
    println!(
        "{tasks} tasks, {} completed in {:.1?}, {WORKERS} workers killed {kills} times; \
         effects: {} of {}, lost {lost}, twice {twice}; broken trails {broken}",
        ids.len(),
        began.elapsed(),
        effects.len(),
        expected.len(),
    );
    assert_eq!(ids.len(), tasks);
    assert_eq!(effects, expected);
    assert_eq!(broken, 0);
    assert!(kills > 0 || tasks < KILL_EVERY * 5);
    world.remove();
}

/// Takes one task through all its stages.
async fn through(engine: &Engine, world: &World, number: usize) -> Task {
    let name = format!("task{number}");
    let task = engine
        .submit("chore", &body(&name, ""), &caller("ann"))
        .await;
    let id = task.unwrap().id;
    let settled = async |expected| {
        let task = engine.settled(&id, DEADLINE).await.unwrap();
        assert_eq!(
            task.state(),
            expected,
            "{name} is stuck at {}",
            task.stage()
        );
        task
    };
    settled(TaskState::Waiting).await;
    engine.approve(&id, &caller("bob")).await.unwrap();
    settled(TaskState::Waiting).await;
    let began = Instant::now();
    loop {
        // The mail is sent by a worker too; and one that was killed may send it again.
        let mailed = world.token(&id);
        if let Some(token) = mailed {
            let (body, by) = (password("hunter2"), Caller::anonymous());
            match engine.submit_token(&token, &body, &by).await {
                Ok(_) => break,
                Err(EngineError::NoToken) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert!(began.elapsed() < DEADLINE, "{name} has no token");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    settled(TaskState::Completed).await
}
