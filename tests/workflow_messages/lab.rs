//! An engine on a new SQLite file whose messages go to a mail server of the test.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use wafflehaus::{
    workflow::{
        Action, ActionError, ActionFuture, Caller, Context, Engine, Event, Field, Key,
        KeystoneUser, Kind, Letter, ManualClock, Notification, Outcome, Pace, Registry, Task,
        TaskId, TaskType, Timestamp, TokenSecret, Worker,
        store::{NotificationQuery, SqliteStore},
    },
    workflow_messages::{InvalidMessages, MessageSettings, Messages},
};

use crate::{database::Database, sink::Sink};

pub(crate) struct Lab {
    pub(crate) engine: Engine,
    pub(crate) worker: Worker,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database: Database,
}

/// Offers the address under `field`, asks for a password, and writes a letter if it is told to.
struct Person {
    name: &'static str,
    field: &'static str,
    fields: Vec<Field>,
    secrets: [Field; 1],
}

impl Person {
    fn new(name: &'static str, field: &'static str) -> Self {
        let text = |name| Field::new(name, Kind::Text { longest: 5000 }).default(Value::Null);
        Self {
            name,
            field,
            fields: vec![
                // Not of the kind `Email`: what comes from elsewhere may be anything.
                Field::new(field, Kind::Json).default(Value::Null),
                text("name"),
                text("letter_to"),
                Field::new("fail", Kind::Boolean).default(false),
            ],
            secrets: [Field::new("password", Kind::Secret)],
        }
    }
}

impl Action for Person {
    fn name(&self) -> &str {
        self.name
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn token_fields(&self) -> &[Field] {
        &self.secrets
    }

    fn email(&self, data: &Map<String, Value>) -> Option<String> {
        data.get(self.field)?.as_str().map(str::to_owned)
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            if stage == "pre_approve" {
                ctx.ask(["password"]);
                if let Some(to) = ctx.input::<Option<String>>("letter_to")? {
                    ctx.send(Letter::new("warning", to));
                }
            }
            if stage == "post_approve" && ctx.input("fail")? {
                return Err(ActionError::fatal("it was told to"));
            }
            Ok(Outcome::Valid)
        })
    }
}

pub(crate) fn registry() -> Registry {
    Registry::new()
        .action(Person::new("Person", "email"))
        .unwrap()
        .action(Person::new("Other", "other_email"))
        .unwrap()
        .task_type(TaskType::new("signup", ["Person"]))
        .unwrap()
        .task_type(TaskType::new("pair", ["Person", "Other"]))
        .unwrap()
}

/// The least that messages need, with `more` over it.
pub(crate) fn settings(sink: &Sink, more: Value) -> Map<String, Value> {
    let mut settings = json!({
        "smtp": { "host": "127.0.0.1", "port": sink.port(), "security": "none", "timeout_seconds": 20 },
        "token_url": "https://dashboard.example/token/",
        "default_task_settings": { "reply": "The Cloud <no-reply@cloud.example>" },
    });
    merge(&mut settings, more);
    settings.as_object().unwrap().clone()
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}

/// Settings for operators, who get a mail of both kinds.
pub(crate) fn operators() -> Value {
    let engines = json!({ "EmailNotification": { "emails": ["ops@cloud.example"] } });
    json!({ "default_task_settings": { "notifications": { "standard": engines, "error": engines } } })
}

pub(crate) fn messages(settings: Map<String, Value>) -> Result<Messages, InvalidMessages> {
    Messages::new(&MessageSettings::from(settings), &registry())
}

pub(crate) fn ann() -> Caller {
    let mut user = KeystoneUser::default();
    user.user_id = "8f2c".into();
    user.project_id = Some("6f70".into());
    Caller::user(user)
}

impl Lab {
    pub(crate) async fn new(settings: Map<String, Value>) -> Self {
        let database = Database::sqlite();
        let store = SqliteStore::open(database.name()).await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_000_000_000_000)));
        let registry = registry();
        let settings = MessageSettings::from(settings);
        let messages = Messages::with_clock(&settings, &registry, Arc::clone(&clock)).unwrap();
        let mut pace = Pace::default();
        pace.deliveries = 3;
        let engine = Engine::new(Arc::new(store), registry, Key::random().unwrap(), messages)
            .clock(Arc::clone(&clock))
            .pace(pace);
        Self {
            worker: Worker::new(engine.clone()),
            engine,
            clock,
            database,
        }
    }

    /// Asks for a task, and does the work that comes of it.
    pub(crate) async fn submit(&self, task_type: &str, body: Value) -> Task {
        let body = body.as_object().unwrap();
        let task = self.engine.submit(task_type, body, &ann()).await.unwrap();
        self.work().await;
        task
    }

    /// A signup of this address that waits for its token.
    pub(crate) async fn approved(&self, body: Value) -> Task {
        let task = self.submit("signup", body).await;
        self.engine
            .approve(&task.id, &Caller::system())
            .await
            .unwrap();
        self.work().await;
        task
    }

    pub(crate) async fn work(&self) {
        self.worker.run_due().await.unwrap();
    }

    /// Lets time pass until what failed is due again, and tries it again.
    pub(crate) async fn later(&self) {
        self.clock.advance(Duration::from_secs(600));
        self.work().await;
    }

    pub(crate) async fn use_token(&self, token: &str) -> Task {
        let body = json!({ "password": "correct horse" });
        let (token, by) = (TokenSecret::new(token), Caller::anonymous());
        let body = body.as_object().unwrap();
        let task = self.engine.submit_token(&token, body, &by).await.unwrap();
        self.work().await;
        self.engine.task(&task.id).await.unwrap()
    }

    pub(crate) async fn notifications(&self) -> Vec<Notification> {
        self.engine
            .notifications(&NotificationQuery::default())
            .await
            .unwrap()
    }

    /// The details of the events of this kind.
    pub(crate) async fn events(&self, id: &TaskId, kind: &str) -> Vec<Value> {
        let events = self.engine.events(id).await.unwrap();
        let events = events.iter().filter(|it| it.kind == kind);
        events.map(Event::details).collect()
    }
}

/// The token in the link of a mail's text.
pub(crate) fn token_of(text: &str) -> String {
    let (_, rest) = text.split_once("https://dashboard.example/token/").unwrap();
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}
