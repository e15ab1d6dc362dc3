//! How much the workflow engine gets done, on both databases.
//!
//! `WAFFLEHAUS_POSTGRES_FSYNC=on cargo bench --bench workflow` measures: tasks through all three
//! stages, claims of jobs, and pages of a list as it grows to 1,000,000 tasks
//! (`WAFFLEHAUS_BENCH_TASKS` says otherwise), with the plans by which they are found.

#![expect(clippy::unwrap_used, reason = "a bench")]

#[path = "../tests/common/database.rs"]
mod database;

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use database::Database;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use tokio::task::JoinSet;
use wafflehaus::workflow::{
    Action, ActionFuture, Caller, Clock as _, Context, Deliver, DeliverFuture, Engine, Field, Key,
    Kind, Message, Outcome, Registry, SystemClock, Task, TaskState, TaskType, TokenSecret, Worker,
    store::{Cursor, PostgresStore, SqliteStore, Store, TaskQuery},
};

/// One effect after approval, and one with the token.
struct Chore([Field; 1], [Field; 1]);

impl Action for Chore {
    fn name(&self) -> &str {
        "Chore"
    }

    fn fields(&self) -> &[Field] {
        &self.0
    }

    fn token_fields(&self) -> &[Field] {
        &self.1
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            if stage == "pre_approve" {
                ctx.ask(["confirm"]);
            } else {
                let _: bool = ctx
                    .step(stage, async { Ok(None) }, async { Ok(true) })
                    .await?;
            }
            Ok(Outcome::Valid)
        })
    }
}

/// Keeps the tokens that it is given to mail.
#[derive(Clone, Default)]
struct Letterbox(Arc<std::sync::Mutex<Vec<TokenSecret>>>);

impl Deliver for Letterbox {
    fn deliver<'a>(&'a self, _: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        Box::pin(async move {
            if let Message::Token { token, .. } = message {
                self.0.lock().unwrap().push(token.clone());
            }
            Ok(())
        })
    }
}

async fn open(database: &Database) -> Arc<dyn Store> {
    let name = database.name();
    match database {
        Database::Postgres { .. } => Arc::new(PostgresStore::connect(&name, 8).await.unwrap()),
        Database::Sqlite { .. } => Arc::new(SqliteStore::open(&name).await.unwrap()),
    }
}

fn main() {
    // Without `--bench` it is only to be seen that it runs.
    let whole = env::args().any(|it| it == "--bench");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for database in Database::each().await {
            let name = match &database {
                Database::Postgres { .. } => "PostgreSQL",
                Database::Sqlite { .. } => "SQLite",
            };
            let store = open(&database).await;
            stages(name, &store, if whole { 300 } else { 8 }).await;
            claims(name, &store, if whole { 2_000 } else { 16 }).await;
            let most = env::var("WAFFLEHAUS_BENCH_TASKS").map(|it| it.parse().unwrap());
            let most = if whole {
                most.unwrap_or(1_000_000)
            } else {
                1_000
            };
            pages(name, &database, &store, most).await;
        }
    });
}

fn engine(store: &Arc<dyn Store>) -> (Engine, Letterbox) {
    let name = [Field::new("name", Kind::Text { longest: 40 })];
    let chore = Chore(name, [Field::new("confirm", Kind::Accepted)]);
    let registry = Registry::new().action(chore).unwrap();
    let registry = registry
        .task_type(TaskType::new("chore", ["Chore"]))
        .unwrap();
    let letterbox = Letterbox::default();
    let engine = Engine::new(
        Arc::clone(store),
        registry,
        Key::random().unwrap(),
        letterbox.clone(),
    );
    (engine, letterbox)
}

fn body(key: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value.into())])
}

/// Does this much work at once.
async fn work(engine: &Engine) {
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        let worker = Worker::new(engine.clone());
        workers.spawn(async move { worker.run_due().await.unwrap() });
    }
    workers.join_all().await;
}

/// Tasks through create, approve and token, with all mails and notifications.
async fn stages(name: &str, store: &Arc<dyn Store>, count: u32) {
    let (engine, letterbox) = engine(store);
    let by = Caller::system();
    let began = Instant::now();
    let mut ids = Vec::new();
    for number in 0..count {
        let body = body("name", format!("task {number}"));
        ids.push(engine.submit("chore", &body, &by).await.unwrap().id);
    }
    work(&engine).await;
    for id in &ids {
        engine.approve(id, &by).await.unwrap();
    }
    work(&engine).await;
    let tokens = std::mem::take(&mut *letterbox.0.lock().unwrap());
    for token in tokens {
        engine
            .submit_token(&token, &body("confirm", true), &by)
            .await
            .unwrap();
    }
    work(&engine).await;
    let took = began.elapsed().as_secs_f64();
    for id in &ids {
        assert_eq!(engine.task(id).await.unwrap().state(), TaskState::Completed);
    }
    let rate = f64::from(count) / took;
    println!("{name}: {count} tasks through three stages, {rate:.0} tasks/s");
}

/// Claims by four at once.
async fn claims(name: &str, store: &Arc<dyn Store>, count: u32) {
    let (engine, _) = engine(store);
    for number in 0..count / 2 {
        let body = body("name", format!("claim {number}"));
        // Two jobs: its first stage and a mail.
        engine
            .submit("chore", &body, &Caller::system())
            .await
            .unwrap();
    }
    let began = Instant::now();
    let mut claimers = JoinSet::new();
    for owner in 0..4 {
        let store = Arc::clone(store);
        claimers.spawn(async move {
            let now = SystemClock::default().now();
            let (owner, until) = (owner.to_string(), now.after(Duration::from_secs(3600)));
            let mut claimed = 0;
            while store.claim(&owner, now, until).await.unwrap().is_some() {
                claimed += 1;
            }
            claimed
        });
    }
    let claimed: u32 = claimers.join_all().await.into_iter().sum();
    assert_eq!(claimed, count);
    let rate = f64::from(claimed) / began.elapsed().as_secs_f64();
    println!("{name}: {claimed} jobs claimed by four at once, {rate:.0} claims/s");
}

/// Pages of 50 tasks, of more and more.
async fn pages(name: &str, database: &Database, store: &Arc<dyn Store>, most: u32) {
    let mut have = 0;
    for count in [most / 100, most / 10, most] {
        database
            .execute(&tasks(database, have, count))
            .await
            .unwrap();
        database.execute(&actions(have, count)).await.unwrap();
        // As a database does by itself some time after so many rows: with what it knew of a tenth
        // of them it would choose another way.
        database.execute("ANALYZE").await.unwrap();
        have = count;
        let mut line = format!("{name}: page of {count} tasks:");
        for (what, query) in queries(count) {
            let mut times = Vec::new();
            for _ in 0..50 {
                let began = Instant::now();
                let page = store.tasks(&query).await.unwrap();
                times.push(began.elapsed());
                assert!(!page.is_empty(), "{what}");
            }
            times.sort();
            let middle = times.swap_remove(25).as_secs_f64() * 1000.0;
            line += &format!(" {what} {middle:.2} ms;");
        }
        println!("{line}");
    }
    for (what, condition) in [
        ("all", ""),
        ("type", "WHERE task_type = 'signup'"),
        ("state", "WHERE state = 'failed'"),
        ("project", "WHERE project_id = 'p7'"),
        ("later", "WHERE (created_on, id) < (5000, 'f')"),
    ] {
        let sql =
            format!("SELECT * FROM task {condition} ORDER BY created_on DESC, id DESC LIMIT 50");
        println!("{name}: plan for {what}: {}", plan(database, &sql).await);
    }
}

fn queries(count: u32) -> [(&'static str, TaskQuery); 6] {
    let query = |change: fn(&mut TaskQuery)| {
        let mut query = TaskQuery::default();
        query.page.limit = 50;
        change(&mut query);
        query
    };
    let mut later = query(|_| ());
    let half = wafflehaus::workflow::Timestamp::from_micros(i64::from(count / 2));
    later.page.after = Some(Cursor::after(half, "f"));
    [
        ("all", query(|_| ())),
        ("type", query(|it| it.task_type = Some("signup".into()))),
        ("state", query(|it| it.state = Some(TaskState::Failed))),
        ("project", query(|it| it.project_id = Some("p7".into()))),
        (
            "type and state",
            query(|it| {
                it.task_type = Some("signup".into());
                it.state = Some(TaskState::Failed);
            }),
        ),
        ("later", later),
    ]
}

/// Writes tasks by their numbers: most are completed, one of a hundred has failed.
fn tasks(database: &Database, from: u32, to: u32) -> String {
    let (numbers, hex) = match database {
        Database::Postgres { .. } => (
            format!("generate_series({from}, {} - 1) AS it(n)", to),
            ["lpad(to_hex(n), 32, '0')", "lpad(to_hex(n), 64, '0')"],
        ),
        Database::Sqlite { .. } => (
            format!(
                "(WITH RECURSIVE it(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM it \
                 WHERE n + 1 < {to}) SELECT n FROM it)"
            ),
            ["printf('%032x', n)", "printf('%064x', n)"],
        ),
    };
    let [id, hash] = hex;
    format!(
        "INSERT INTO task (id, task_type, state, stage, run, stages, requester, project_id, \
         hash_key, shared, created_on, opened_on, opened_by, completed_on, events, chain, revision) \
         SELECT {id}, CASE n % 5 WHEN 0 THEN 'signup' ELSE 'invite' END, \
         CASE n % 100 WHEN 0 THEN 'failed' ELSE 'completed' END, 0, 1, \
         '[{{\"name\":\"check\"}}]', '{{\"who\":\"anonymous\"}}', 'p' || (n % 1000), {hash}, '{{}}', \
         n, n, '{{\"who\":\"system\"}}', CASE n % 100 WHEN 0 THEN NULL ELSE n END, 1, {hash}, 1 \
         FROM {numbers}"
    )
}

fn actions(from: u32, to: u32) -> String {
    format!(
        "INSERT INTO action (task_id, place, name, data, state, valid, token_fields, cache, \
         done_run) SELECT id, 0, 'Chore', '{{}}', 'default', TRUE, '[]', '{{}}', 1 FROM task \
         WHERE created_on >= {from} AND created_on < {to}"
    )
}

async fn plan(database: &Database, sql: &str) -> String {
    let name = database.name();
    let lines: Vec<String> = match database {
        Database::Postgres { .. } => {
            let options: sqlx::postgres::PgConnectOptions = name.parse().unwrap();
            let mut connection = options.connect().await.unwrap();
            let sql = AssertSqlSafe(format!("EXPLAIN (COSTS OFF) {sql}"));
            let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
        Database::Sqlite { .. } => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(name);
            let mut connection = options.connect().await.unwrap();
            let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get("detail")).collect()
        }
    };
    lines
        .iter()
        .map(|it| it.trim())
        .collect::<Vec<_>>()
        .join(" / ")
}
