//! Everything that an action can ask the holder of a link for, and what may become of it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};
use wafflehaus::{
    identity_headers::IdentityHeadersLayer,
    workflow::{
        Action, ActionError, ActionFuture, Context, Engine, Field, Gate, Key, Kind, Outcome,
        Registry, Stages, TaskType, Worker, identity::InMemoryIdentity,
    },
    workflow_pages::{PageSettings, Pages},
    workflow_service::{Authentication, WorkflowService},
};

use crate::{
    browser::{Browser, Page},
    database::Database,
    support::{Lab, Mails, open},
};

/// Asks for something of every kind, and fails once.
struct Survey {
    fields: [Field; 1],
    asks: Vec<Field>,
    fails: AtomicBool,
}

impl Survey {
    fn new() -> Self {
        let choices = ["red", "green"].map(str::to_owned).to_vec();
        Self {
            fields: [Field::new("email", Kind::Email)],
            asks: vec![
                Field::new("password", Kind::Secret),
                Field::new("agreed", Kind::Accepted),
                Field::new("news", Kind::Boolean),
                Field::new("age", Kind::Integer),
                Field::new("nick", Kind::Text { longest: 5 }),
                Field::new("other_mail", Kind::Email).default(Value::Null),
                Field::new("friends", Kind::Names { choices: None }),
                Field::new(
                    "colours",
                    Kind::Names {
                        choices: Some(choices),
                    },
                ),
                Field::new("extra", Kind::Json),
            ],
            fails: AtomicBool::new(true),
        }
    }
}

impl Action for Survey {
    fn name(&self) -> &str {
        "Survey"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn token_fields(&self) -> &[Field] {
        &self.asks
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            if stage == "pre_approve" {
                ctx.vote(true);
                ctx.ask(self.asks.iter().map(Field::name));
            }
            if stage == "submit" {
                if self.fails.swap(false, Ordering::Relaxed) {
                    return Err(ActionError::fatal("the test says so"));
                }
                let given = |name| ctx.submitted(name);
                let said = json!({
                    "agreed": given("agreed"), "news": given("news"), "age": given("age"),
                    "nick": given("nick"), "friends": given("friends"),
                    "colours": given("colours"), "extra": given("extra"),
                });
                ctx.note(said.to_string());
            }
            Ok(Outcome::Valid)
        })
    }
}

async fn lab() -> Lab {
    let stages = Stages::ordinary(Gate::Vote);
    let registry = Registry::new()
        .action(Survey::new())
        .and_then(|it| it.task_type(TaskType::new("survey", ["Survey"]).stages(stages)))
        .unwrap();
    let (database, mails) = (Database::sqlite(), Mails::default());
    let store = open(&database).await;
    let engine = Engine::new(store, registry, Key::random().unwrap(), mails.clone());
    let worker = Worker::new(engine.clone());
    tokio::spawn(async move { worker.run(1, std::future::pending()).await });
    let identity = Arc::new(InMemoryIdentity::new());
    let behind = Authentication::trusted_headers(IdentityHeadersLayer::new());
    let service = WorkflowService::new(engine.clone(), identity.clone(), behind);
    let pages = Pages::new(service, PageSettings::default()).unwrap();
    Lab {
        engine,
        identity,
        mails,
        ids: BTreeMap::new(),
        router: pages.router(),
        database,
    }
}

async fn send(browser: &mut Browser<'_>, link: &str, age: &str, extra: &str) -> Page {
    let fields = [
        ("field.password", "correct horse"),
        ("again.password", "correct horse"),
        ("field.agreed", "yes"),
        ("field.age", age),
        ("field.nick", "Ann"),
        ("field.other_mail", ""),
        ("field.friends", "bob\r\n\r\n eve \r\n"),
        ("field.colours", "green"),
        ("field.colours", "red"),
        ("field.extra", extra),
    ];
    browser.post(link, &fields).await
}

#[tokio::test]
async fn rule_5_there_is_a_field_for_all_that_is_asked_and_rule_6_what_failed_can_be_sent_again() {
    let lab = lab().await;
    let body = json!({ "email": "ann@x.example" });
    let nobody = wafflehaus::workflow::Caller::anonymous();
    let body = body.as_object().unwrap();
    let task = lab.engine.submit("survey", body, &nobody).await.unwrap();
    let link = format!("/token/{}", lab.mails.token("ann@x.example").await);
    let mut browser = Browser::new(&lab);
    let page = browser.get(&link).await;
    assert_eq!(page.h1(), "Set a password");
    for text in [
        "type=\"password\" id=\"field-password\"",
        "type=\"checkbox\" id=\"field-agreed\"",
        "inputmode=\"numeric\"",
        "name=\"field.nick\" value=\"\"",
        "Other mail <small>(optional)</small>",
        "<textarea id=\"field-friends\"",
        "name=\"field.colours\" value=\"green\"",
        "<legend>Colours</legend>",
    ] {
        assert!(page.has(text), "{text}: {}", page.html);
    }

    let page = send(&mut browser, &link, "old", "{").await;
    assert_eq!(page.status, 400);
    assert!(page.has("This is not JSON.") && page.has("value=\"old\""));
    assert!(page.has("value=\"green\" checked") && page.has("eve"));
    assert!(!page.has("correct horse"));
    let page = send(&mut browser, &link, "old", "[1]").await;
    assert_eq!(page.status, 400);
    assert!(page.has("A valid integer is required."));

    let page = send(&mut browser, &link, "7", "[1]").await;
    assert_eq!((page.status, page.h1()), (503, "Set a password"));
    assert!(
        page.has("Nothing is lost: your link still works."),
        "{}",
        page.html
    );
    assert!(page.header("retry-after").parse::<u32>().is_ok());
    let page = send(&mut browser, &link, "7", "[1]").await;
    assert_eq!(page.to(), Some("/token/password-set"), "{}", page.html);

    let events = lab.engine.events(&task.id).await.unwrap();
    let note = events.iter().find(|it| it.kind == "note").unwrap();
    let said = note.details()["text"].as_str().unwrap().to_owned();
    let said: Value = serde_json::from_str(&said).unwrap();
    let expected = json!({
        "agreed": true, "news": false, "age": 7, "nick": "Ann", "friends": ["bob", "eve"],
        "colours": ["green", "red"], "extra": [1],
    });
    assert_eq!(said, expected);
}

#[tokio::test]
async fn rule_15_without_a_way_to_sign_in_there_are_no_pages_of_administrators() {
    let lab = lab().await;
    let mut browser = Browser::new(&lab);
    for target in ["/admin/sign-in", "/admin/tasks"] {
        assert_eq!(browser.get(target).await.status, 404, "{target}");
    }
    let page = browser.get("/admin").await;
    assert_eq!(page.status, 404);
}
