//! An action and a task type of one's own, beside the ones of the crate.
//!
//! ```text
//! cargo run --example custom_action
//! ```
//!
//! takes a signup through its stages, in a cloud in memory and a database in a folder that is
//! deleted at the end, and prints what happens.

use std::{
    env,
    error::Error,
    fs,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value, json};
use wafflehaus::workflow::{
    Action, ActionError, ActionFuture, Caller, Context, Deliver, DeliverFuture, Engine, Field, Key,
    Kind, Message, Outcome, Registry, Task, TaskType, TokenSecret, Worker,
    actions::{NewProjectWithUser, People},
    identity::InMemoryIdentity,
    store::SqliteStore,
};

/// A mailing list that somebody else keeps.
type List = Arc<Mutex<Vec<String>>>;

/// Subscribes whoever signs up to the newsletter, in a stage of its own after the password.
struct Subscribe {
    list: List,
    fields: [Field; 2],
}

impl Action for Subscribe {
    fn name(&self) -> &str {
        "Subscribe"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            let email: String = ctx.input("email")?;
            if email.ends_with("@example.org") {
                return Ok(Outcome::invalid("address_reserved", "Nobody reads that."));
            }
            if stage == "subscribe" && ctx.input("newsletter")? {
                let list = || self.list.lock().unwrap_or_else(PoisonError::into_inner);
                // After a crash nobody knows whether it was done, so it is looked up first.
                let look = async { Ok(list().contains(&email).then_some(())) };
                let act = async {
                    list().push(email.clone());
                    Ok(())
                };
                ctx.step("subscribe", look, act).await?;
                ctx.note(format!("{email} is subscribed."));
            }
            Ok(Outcome::Valid)
        })
    }
}

/// Prints mails, and keeps the last token for the demonstration.
#[derive(Clone, Default)]
struct Printer(Arc<Mutex<Option<TokenSecret>>>);

impl Deliver for Printer {
    fn deliver<'a>(&'a self, task: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        Box::pin(async move {
            let text = match message {
                Message::Initial => "we have your request",
                Message::Completed => "it is done",
                Message::Token { token, .. } => {
                    let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    *last = Some(token.clone());
                    "follow the link to choose a password"
                }
                _ => "something for operators",
            };
            println!("mail about `{}`: {text}", task.task_type);
            Ok::<(), ActionError>(())
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let identity = Arc::new(InMemoryIdentity::new());
    identity.add_domain("default", "Default")?;
    identity.add_role("member")?;
    let list = List::default();
    let subscribe = Subscribe {
        list: Arc::clone(&list),
        fields: [
            Field::new("email", Kind::Email),
            Field::new("newsletter", Kind::Boolean).default(false),
        ],
    };
    // As it could stand in a configuration file.
    let signup: TaskType = serde_json::from_value(json!({
        "name": "signup",
        "actions": ["NewProjectWithUser", "Subscribe"],
        "stages": [
            { "name": "pre_approve" },
            { "name": "post_approve", "gate": "approval" },
            { "name": "submit", "gate": "token" },
            { "name": "subscribe" },
        ],
    }))?;
    let registry = Registry::new()
        .action(NewProjectWithUser::new(People::new(identity), ["member"]))?
        .action(subscribe)?
        .task_type(signup)?;

    let folder = env::temp_dir().join(format!("wafflehaus-{}", uuid::Uuid::new_v4()));
    fs::create_dir(&folder)?;
    let store = SqliteStore::open(folder.join("tasks.db")).await?;
    let mails = Printer::default();
    let engine = Engine::new(Arc::new(store), registry, Key::random()?, mails.clone());
    // In a service it runs beside the API, or in processes of its own.
    let worker = Worker::new(engine.clone());

    let (visitor, admin) = (Caller::anonymous(), Caller::system());
    let body = json!({ "project_name": "acme", "email": "ann@acme.example", "newsletter": true });
    let task = engine.submit("signup", &fields(&body), &visitor).await?;
    worker.run_due().await?;
    engine.approve(&task.id, &admin).await?;
    worker.run_due().await?;
    let token = mails.0.lock().map_err(|_| "poisoned")?.take();
    let token = token.ok_or("no token was mailed")?;
    let password = fields(&json!({ "password": "correct horse" }));
    engine.submit_token(&token, &password, &visitor).await?;
    worker.run_due().await?;

    for event in engine.events(&task.id).await? {
        if let ("note", Some(text)) = (&*event.kind, event.details().get("text")) {
            println!("note: {text}");
        }
    }
    println!("{}", engine.task(&task.id).await?.state());
    println!("subscribed: {:?}", list.lock().map_err(|_| "poisoned")?);
    fs::remove_dir_all(folder)?;
    Ok(())
}

fn fields(body: &Value) -> Map<String, Value> {
    body.as_object().cloned().unwrap_or_default()
}
