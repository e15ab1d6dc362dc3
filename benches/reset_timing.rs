//! Whether the time of an answer tells if there is an account.
//!
//! ```text
//! cargo bench --bench reset_timing
//! ```
//!
//! asks the service for password resets over a socket, while workers do what comes of it: of
//! addresses that have an account and of as many that have none, in random order, each once and
//! then each again (which takes the place of what was asked for first). `WAFFLEHAUS_BENCH_RESETS`
//! is how many of each, else 2,000. It is measured as the service comes, and without the
//! pause that hides how long the work takes.
//!
//! Addresses of each kind are in two halves, and halves of one kind are compared as well: what they
//! seem to differ by is noise. The p-values are those of permutations: how often accounts that are
//! shuffled among the same times differ at least as much. That supposes nothing of the times.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench"
)]

#[path = "../tests/common/database.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod database;

use std::{
    collections::BTreeMap,
    env,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use database::Database;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use wafflehaus::{
    identity_headers::IdentityHeadersLayer,
    workflow::{
        Deliver, DeliverFuture, Duplicates, Engine, Gate, Key, Message, Registry, Stages, Task,
        TaskType, Worker,
        actions::{People, ResetUserPassword},
        identity::{CreateUser, InMemoryIdentity},
        store::SqliteStore,
    },
    workflow_service::{Authentication, Settings, WorkflowService},
};

/// A kind of address, and which half of it.
type Group = (bool, bool);

struct NoMail;

impl Deliver for NoMail {
    fn deliver<'a>(&'a self, _: &'a Task, _: Message<'a>) -> DeliverFuture<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// Random enough for an order.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % limit as u64) as usize
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}

/// Addresses of equal length.
fn address(group: Group, number: usize) -> String {
    let kind = if group.0 { 'a' } else { 'b' };
    let half = if group.1 { 'a' } else { 'b' };
    format!("{kind}{half}{number:06}@cloud.example")
}

async fn serve(count: usize, quiet_milliseconds: Option<u32>) -> (SocketAddr, Database) {
    let identity = InMemoryIdentity::new();
    identity.add_domain("default", "Default").unwrap();
    for number in 0..count {
        let email = address((true, number % 2 == 0), number);
        let user = CreateUser::new(&*email, "default", "old".into()).email(&*email);
        identity.add_user(&user).unwrap();
    }
    let identity = Arc::new(identity);
    let people = People::new(identity.clone());
    let reset = TaskType::new("reset_password", ["ResetUserPassword"])
        .stages(Stages::ordinary(Gate::Vote))
        .duplicates(Duplicates::Cancel);
    let registry = Registry::new()
        .action(ResetUserPassword::new(people))
        .and_then(|it| it.task_type(reset));
    let database = Database::sqlite();
    let store = SqliteStore::open(database.name()).await.unwrap();
    let key = Key::random().unwrap();
    let engine = Engine::new(Arc::new(store), registry.unwrap(), key, NoMail);
    let worker = Worker::new(engine.clone());
    tokio::spawn(async move { worker.run(4, std::future::pending()).await });
    let much = json!({"requests": 1_000_000, "seconds": 1});
    let limits = json!({"address": much, "mail": much, "overall": much});
    let settings: Settings = serde_json::from_value(json!({ "limits": limits })).unwrap();
    let mut settings = settings;
    if let Some(milliseconds) = quiet_milliseconds {
        settings.quiet_milliseconds = milliseconds;
    }
    let behind = Authentication::trusted_headers(IdentityHeadersLayer::new());
    let service = WorkflowService::new(engine, identity, behind).settings(settings);
    let app = service.unwrap().router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (address, database)
}

/// How long the answer takes, in microseconds.
async fn ask(stream: &mut TcpStream, email: &str) -> f64 {
    let body = json!({ "email": email }).to_string();
    let request = format!(
        "POST /v1/openstack/users/password-reset HTTP/1.1\r\nhost: x\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut answer = Vec::new();
    let began = Instant::now();
    stream.write_all(request.as_bytes()).await.unwrap();
    while !answer.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
    }
    let time = began.elapsed();
    assert!(answer.starts_with(b"HTTP/1.1 202 "));
    time.as_secs_f64() * 1e6
}

/// The times by group, once and again, over so many connections at a time.
async fn measure(
    count: usize,
    quiet: Option<u32>,
    connections: usize,
) -> [BTreeMap<Group, Vec<f64>>; 2] {
    let (service, _database) = serve(count, quiet).await;
    let mut random = Random(20_261_129);
    let mut all: Vec<(Group, usize)> = Vec::new();
    for number in 0..count {
        for is_there in [true, false] {
            all.push(((is_there, number % 2 == 0), number));
        }
    }
    let mut rounds = [BTreeMap::new(), BTreeMap::new()];
    for round in &mut rounds {
        random.shuffle(&mut all);
        let share = all.len().div_ceil(connections);
        let asking: Vec<_> = all
            .chunks(share)
            .map(|share| tokio::spawn(ask_all(service, share.to_vec())))
            .collect();
        for asking in asking {
            for (group, time) in asking.await.unwrap() {
                round.entry(group).or_insert_with(Vec::new).push(time);
            }
        }
        // What has been asked for again first has been done.
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    rounds
}

async fn ask_all(service: SocketAddr, share: Vec<(Group, usize)>) -> Vec<(Group, f64)> {
    let mut stream = TcpStream::connect(service).await.unwrap();
    stream.set_nodelay(true).unwrap();
    // What is slow only once.
    ask(&mut stream, &address((false, false), 999_999)).await;
    let mut times = Vec::new();
    for (group, number) in share {
        times.push((group, ask(&mut stream, &address(group, number)).await));
    }
    times
}

/// By how much one sample differs from another.
struct Difference {
    /// How often one of the first takes longer than one of the second; 0.5 is no difference.
    longer: f64,
    /// The largest distance of the shares below a time.
    distance: f64,
    median: f64,
    ninth: f64,
}

impl Difference {
    /// Of the times, in their order, which of them belong to the first sample.
    fn of(times: &[f64], first: &[bool]) -> Self {
        let count = first.iter().filter(|it| **it).count() as f64;
        let other = times.len() as f64 - count;
        let (mut below, mut seen) = ([0.0; 2], [0.0; 2]);
        let (mut longer, mut distance) = (0.0, 0.0_f64);
        let mut sorted: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
        let mut at = 0;
        while at < times.len() {
            let mut equal = [0.0; 2];
            let time = times[at];
            while at < times.len() && times[at] <= time {
                let sample = usize::from(!first[at]);
                equal[sample] += 1.0;
                sorted[sample].push(time);
                at += 1;
            }
            longer += equal[0] * (below[1] + equal[1] / 2.0);
            below[1] += equal[1];
            seen[0] += equal[0];
            seen[1] += equal[1];
            distance = distance.max((seen[0] / count - seen[1] / other).abs());
        }
        let quantile = |of: f64| {
            let at = |sample: &Vec<f64>| sample[((sample.len() - 1) as f64 * of) as usize];
            at(&sorted[0]) - at(&sorted[1])
        };
        Self {
            longer: longer / count / other,
            distance,
            median: quantile(0.5),
            ninth: quantile(0.9),
        }
    }

    fn extents(&self) -> [f64; 4] {
        [
            (self.longer - 0.5).abs(),
            self.distance,
            self.median.abs(),
            self.ninth.abs(),
        ]
    }
}

fn compare(name: &str, first: &[f64], second: &[f64]) {
    let mut all: Vec<(f64, bool)> = first.iter().map(|it| (*it, true)).collect();
    all.extend(second.iter().map(|it| (*it, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (times, mut labels): (Vec<f64>, Vec<bool>) = all.into_iter().unzip();
    let found = Difference::of(&times, &labels);
    let mut random = Random(1);
    let mut as_much = [1_u32; 4];
    for _ in 0..PERMUTATIONS {
        random.shuffle(&mut labels);
        let shuffled = Difference::of(&times, &labels).extents();
        for (it, count) in as_much.iter_mut().enumerate() {
            *count += u32::from(shuffled[it] >= found.extents()[it]);
        }
    }
    let p = as_much.map(|it| f64::from(it) / f64::from(PERMUTATIONS + 1));
    println!(
        "{name:<36} longer {:.3} (p {:.2})  KS {:.3} (p {:.2})  median {:+7.0} us (p {:.2})  \
         p90 {:+7.0} us (p {:.2})",
        found.longer, p[0], found.distance, p[1], found.median, p[2], found.ninth, p[3]
    );
}

fn report(round: &BTreeMap<Group, Vec<f64>>) {
    let kind = |is_there| [&*round[&(is_there, true)], &*round[&(is_there, false)]].concat();
    for (name, is_there) in [("existing", true), ("absent", false)] {
        let mut times = kind(is_there);
        times.sort_by(f64::total_cmp);
        let at = |of: f64| times[((times.len() - 1) as f64 * of) as usize];
        println!(
            "{name:<36} {} requests: p10 {:.0} us, median {:.0} us, p90 {:.0} us, p99 {:.0} us",
            times.len(),
            at(0.1),
            at(0.5),
            at(0.9),
            at(0.99)
        );
    }
    compare("existing against absent", &kind(true), &kind(false));
    let half = |is_there, half| &*round[&(is_there, half)];
    compare(
        "existing against existing (control)",
        half(true, true),
        half(true, false),
    );
    compare(
        "absent against absent (control)",
        half(false, true),
        half(false, false),
    );
}

#[tokio::main]
async fn main() {
    // `cargo test --benches` only sees whether it runs.
    let is_test = !env::args().any(|it| it == "--bench");
    let count = env::var("WAFFLEHAUS_BENCH_RESETS").map_or(2000, |it| it.parse().unwrap());
    let count = if is_test { 20 } else { count };
    for (name, quiet, connections) in [("as it comes", None, 8), ("without the pause", Some(0), 1)]
    {
        let rounds = measure(count, quiet, connections).await;
        for (round, times) in ["first", "again"].iter().zip(rounds) {
            println!("\n{name}, {round}");
            report(&times);
        }
    }
}

const PERMUTATIONS: u32 = 2000;
