//! An engine on a new database and a new world, whose time stands still.

use std::{sync::Arc, time::Duration};

use wafflehaus::workflow::{
    Caller, Engine, EngineError, Event, Key, KeystoneUser, ManualClock, Pace, Task, TaskId,
    TaskState, TaskType, Timestamp, TokenSecret, Worker,
    store::{PostgresStore, SqliteStore, Store},
};

use crate::{
    database::Database,
    world::{World, body, password, registry},
};

pub(crate) const KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

pub(crate) struct Lab {
    pub(crate) engine: Engine,
    pub(crate) worker: Worker,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) world: World,
    pub(crate) database: Database,
}

/// Runs a test on each database.
pub(crate) async fn on_each(test: impl AsyncFn(Lab)) {
    for database in Database::each().await {
        test(Lab::new(database).await).await;
    }
}

pub(crate) async fn open(name: &str) -> Arc<dyn Store> {
    if name.starts_with("postgres") {
        Arc::new(PostgresStore::connect(name, 8).await.unwrap())
    } else {
        Arc::new(SqliteStore::open(name).await.unwrap())
    }
}

pub(crate) fn caller(name: &str) -> Caller {
    let mut user = KeystoneUser::default();
    user.user_id = name.into();
    user.project_id = Some("6f70".into());
    Caller::user(user).from_address([192, 0, 2, 7].into())
}

impl Lab {
    pub(crate) async fn new(database: Database) -> Self {
        Self::with(database, |it| it.attempts(3)).await
    }

    pub(crate) async fn with(database: Database, change: impl Fn(TaskType) -> TaskType) -> Self {
        let (store, world) = (open(&database.name()).await, World::new());
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_000_000_000)));
        let mut pace = Pace::default();
        pace.deliveries = 3;
        let registry = registry(&world, change);
        let key = Key::from_hex(KEY).unwrap();
        let engine = Engine::new(store, registry, key, world.clone())
            .clock(Arc::clone(&clock))
            .pace(pace);
        Self {
            worker: Worker::new(engine.clone()),
            engine,
            clock,
            world,
            database,
        }
    }

    /// Asks for a task, and leaves the work undone.
    pub(crate) async fn ask(
        &self,
        kind: &str,
        name: &str,
        mode: &str,
    ) -> Result<Task, EngineError> {
        let body = body(name, mode);
        self.engine.submit(kind, &body, &caller("ann")).await
    }

    /// A task whose first stage has been run.
    pub(crate) async fn submit(&self, kind: &str, mode: &str) -> Task {
        let task = self.ask(kind, "one", mode).await.unwrap();
        self.work().await;
        self.task(&task.id).await
    }

    /// A chore that waits for its token.
    pub(crate) async fn waiting_for_token(&self, mode: &str) -> Task {
        let task = self.submit("chore", mode).await;
        self.approve(&task.id).await.unwrap();
        let task = self.task(&task.id).await;
        assert_eq!((task.state(), task.stage()), (TaskState::Waiting, "submit"));
        task
    }

    pub(crate) async fn approve(&self, id: &TaskId) -> Result<Task, EngineError> {
        let approved = self.engine.approve(id, &caller("bob")).await;
        self.work().await;
        approved
    }

    /// Submits the token that was mailed.
    pub(crate) async fn submit_token(&self, id: &TaskId) -> Result<Task, EngineError> {
        let token = self.world.token(id).unwrap();
        let submitted = self.use_token(&token, "hunter2").await;
        self.work().await;
        submitted
    }

    /// Submits a token with a password, and leaves the work undone.
    pub(crate) async fn use_token(
        &self,
        token: &TokenSecret,
        text: &str,
    ) -> Result<Task, EngineError> {
        let (body, by) = (password(text), Caller::anonymous());
        self.engine.submit_token(token, &body, &by).await
    }

    pub(crate) async fn work(&self) -> usize {
        self.worker.run_due().await.unwrap()
    }

    /// Lets time pass, and does what is due then.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.work().await;
    }

    pub(crate) async fn task(&self, id: &TaskId) -> Task {
        self.engine.task(id).await.unwrap()
    }

    pub(crate) async fn state(&self, id: &TaskId) -> (TaskState, String) {
        let task = self.task(id).await;
        (task.state(), task.stage().to_owned())
    }

    /// The events of this kind.
    pub(crate) async fn events(&self, id: &TaskId, kind: &str) -> Vec<Event> {
        let events = self.engine.events(id).await.unwrap();
        events.into_iter().filter(|it| it.kind == kind).collect()
    }

    pub(crate) async fn notes(&self, id: &TaskId) -> Vec<String> {
        let notes = self.events(id, "note").await;
        let text = |it: &Event| it.details()["text"].as_str().unwrap().to_owned();
        notes.iter().map(text).collect()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.world.remove();
    }
}
