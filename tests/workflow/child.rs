//! Processes that work on a database and are killed. Each is this test binary again, told by its
//! environment what to do.

use std::{
    env,
    future::{Future, pending},
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use wafflehaus::workflow::{Clock, Engine, Key, Pace, SystemClock, Timestamp, Worker};

use crate::{crash, lab, workers};

/// What a process is to do.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Orders {
    /// Take the task of a scenario to its end, and stop for ever at this boundary of a step.
    Drive {
        scenario: String,
        database: String,
        world: String,
        stop_at: usize,
        /// How many seconds this process is ahead, so that it need not wait for leases to end.
        ahead: u64,
    },
    /// Work until the end.
    Work { database: String, world: String },
}

/// A process that was started.
pub(crate) struct Process {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(orders: &Orders) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "child::a_process_of_other_tests", "--nocapture"])
            .env(ORDERS, serde_json::to_string(orders).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// What it says next, but for what the test harness says.
    pub(crate) fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // The harness does not end the line before the test's own output.
            if let Some((_, said)) = line.split_once(SAYS) {
                return Some(said.trim().to_owned());
            }
        }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{SAYS}{what}").unwrap();
    out.flush().unwrap();
}

/// This machine's clock, put forward.
struct Ahead(Duration);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock::default().now().after(self.0)
    }
}

/// Counts the boundaries that a process comes to, and stops at one.
#[derive(Debug)]
pub(crate) struct Boundaries {
    passed: AtomicUsize,
    stop_at: usize,
}

impl Boundaries {
    pub(crate) async fn pass(&self) {
        let number = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.stop_at {
            say("stopped");
            pending::<()>().await;
        }
    }

    /// A write of the store, with a boundary on either side of it.
    pub(crate) async fn around<T>(&self, write: impl Future<Output = T>) -> T {
        self.pass().await;
        let written = write.await;
        self.pass().await;
        written
    }
}

/// Does what the environment says. Without orders there is nothing to do, as when all tests
/// are run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_of_other_tests() {
    let Ok(orders) = env::var(ORDERS) else { return };
    let key = Key::from_hex(lab::KEY).unwrap();
    match serde_json::from_str(&orders).unwrap() {
        Orders::Drive {
            scenario,
            database,
            world,
            stop_at,
            ahead,
        } => {
            let boundaries = Arc::new(Boundaries {
                passed: AtomicUsize::new(0),
                stop_at,
            });
            let scenario = crash::scenario(&scenario);
            let store = crash::stopping(lab::open(&database).await, Arc::clone(&boundaries));
            let registry = (scenario.registry)(&world);
            let deliver = crate::world::World::at(&world);
            let engine =
                Engine::new(store, registry, key, deliver).clock(Ahead(Duration::from_secs(ahead)));
            crash::drive(&engine, scenario, &crate::world::World::at(&world)).await;
            say(&boundaries.passed.load(Ordering::SeqCst).to_string());
        }
        Orders::Work { database, world } => {
            let world = crate::world::World::at(&world);
            let mut pace = Pace::default();
            pace.lease = workers::LEASE;
            pace.deliveries = u32::MAX;
            let registry = crate::world::registry(&world, |it| it.attempts(u32::MAX));
            let store = lab::open(&database).await;
            let engine = Engine::new(store, registry, key, world).pace(pace);
            say("ready");
            // The parent never lets it end in good order.
            Worker::new(engine).run(4, pending()).await;
        }
    }
}

const ORDERS: &str = "WAFFLEHAUS_TEST_ORDERS";
const SAYS: &str = "process says: ";
