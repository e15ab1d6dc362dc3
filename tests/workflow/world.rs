//! A world outside of all processes in which each effect is a file, and actions that act on it.

use std::{
    env, fs,
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use serde_json::{Map, Value};
use wafflehaus::workflow::{
    Action, ActionError, ActionFuture, Context, Deliver, DeliverFuture, Field, Kind, Letter,
    Message, Outcome, Registry, Task, TaskId, TaskType, TokenSecret,
};

/// A folder of effects and mails.
#[derive(Clone, Debug)]
pub(crate) struct World(Arc<PathBuf>);

impl World {
    pub(crate) fn new() -> Self {
        let name = format!("wafflehaus-world-{}", uuid::Uuid::new_v4().simple());
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Self::at(&folder.display().to_string())
    }

    pub(crate) fn at(address: &str) -> Self {
        Self(Arc::new(address.into()))
    }

    pub(crate) fn address(&self) -> String {
        self.0.display().to_string()
    }

    pub(crate) fn remove(&self) {
        fs::remove_dir_all(&*self.0).unwrap();
    }

    /// Has an effect. To have it twice leaves a trace.
    pub(crate) fn make(&self, name: &str) {
        let path = self.0.join(format!("effect {name}"));
        let made = OpenOptions::new().write(true).create_new(true).open(path);
        match made {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                fs::write(self.0.join(format!("effect {name} TWICE")), "").unwrap();
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.join(format!("effect {name}")).exists()
    }

    pub(crate) fn unmake(&self, name: &str) {
        fs::remove_file(self.0.join(format!("effect {name}"))).unwrap();
    }

    /// Every effect there is.
    pub(crate) fn state(&self) -> Vec<String> {
        let entries = fs::read_dir(&*self.0).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut effects: Vec<_> = names
            .filter_map(|it| it.strip_prefix("effect ").map(str::to_owned))
            .collect();
        effects.sort();
        effects
    }

    /// Says once for each name that it is the first time.
    fn first(&self, name: &str) -> bool {
        let path = self.0.join(format!("mark {name}"));
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .is_ok()
    }

    /// The token that was last mailed for a task.
    pub(crate) fn token(&self, task: &TaskId) -> Option<TokenSecret> {
        let text = fs::read_to_string(self.0.join(format!("token {task}"))).ok()?;
        Some(TokenSecret::new(text))
    }

    /// The mails and notifications that were sent about a task.
    pub(crate) fn sent(&self, task: &TaskId) -> Vec<String> {
        let text = fs::read_to_string(self.0.join(format!("sent {task}")));
        text.unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

impl Deliver for World {
    fn deliver<'a>(&'a self, task: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        Box::pin(async move {
            let line = match message {
                Message::Completed => "completed".to_owned(),
                Message::Letter(it) => format!("letter {} to {}", it.template, it.to),
                Message::Initial => "initial".to_owned(),
                Message::Notification { notification, .. } => {
                    format!("notification {}", notification.notes.concat())
                }
                Message::Token { token, .. } => {
                    // Written elsewhere and moved, so that nobody reads the half of it.
                    let written = self.0.join(format!("unsent {}", uuid::Uuid::new_v4()));
                    fs::write(&written, token.expose()).unwrap();
                    fs::rename(written, self.0.join(format!("token {}", task.id))).unwrap();
                    "token".to_owned()
                }
                _ => "other".to_owned(),
            };
            if self.has("no mail") {
                return Err(ActionError::retry("the mail server is down"));
            }
            let path = self.0.join(format!("sent {}", task.id));
            let mut file = OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .unwrap();
            writeln!(file, "{line}").unwrap();
            Ok(())
        })
    }
}

/// Leaves a trace when whoever holds it goes away.
struct Leaving<'a>(&'a World);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.make("left");
    }
}

/// Builds a network and a router in `post_approve`.
struct Build(World, Vec<Field>);

/// Asks for a password, and makes a user with it in `submit`.
struct Person(World, Vec<Field>, Vec<Field>);

/// Does what its mode tells it for a stage: `submit=fatal`.
fn behave(world: &World, ctx: &Context<'_>, when: &str) -> Result<Outcome, ActionError> {
    let mode: Option<String> = ctx.input("mode")?;
    let mode = mode.unwrap_or_default();
    let Some((stage, what)) = mode.split_once('=') else {
        return Ok(Outcome::Valid);
    };
    match what {
        _ if stage != ctx.stage() => Ok(Outcome::Valid),
        what if when == "after" && what == "late" => Err(ActionError::fatal("too late")),
        _ if when == "after" => Ok(Outcome::Valid),
        "fatal" => Err(ActionError::fatal("broken")),
        "down" => Err(ActionError::retry("down")),
        "invalid" => Ok(Outcome::invalid("not_good", "It is not good.")),
        "panic" => panic!("as it was told"),
        "retry" if world.first(&format!("{} {}", ctx.task_id(), ctx.run_number())) => {
            Err(ActionError::retry("not now"))
        }
        _ => Ok(Outcome::Valid),
    }
}

async fn step(world: &World, ctx: &Context<'_>, effect: &str) -> Result<String, ActionError> {
    let look = async { Ok(world.has(effect).then(|| effect.to_owned())) };
    let act = async {
        world.make(effect);
        Ok(effect.to_owned())
    };
    ctx.step(effect, look, act).await
}

impl Action for Build {
    fn name(&self) -> &str {
        "Build"
    }

    fn fields(&self) -> &[Field] {
        &self.1
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            let name: String = ctx.input("name")?;
            ctx.note(format!("Build in {stage}."));
            if let Outcome::Invalid(reason) = behave(&self.0, ctx, "before")? {
                return Ok(Outcome::Invalid(reason));
            }
            if stage == "pre_approve" && name == "vote" {
                ctx.vote(true);
            }
            let mode: Option<String> = ctx.input("mode")?;
            if mode == Some(format!("{stage}=letters")) {
                for to in ["ann@x", "bob@x"] {
                    ctx.send(Letter::new("told", to));
                }
            }
            if mode == Some(format!("{stage}=hang")) {
                let _leaving = Leaving(&self.0);
                self.0.make("began");
                while !self.0.has("go on") {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
            if stage == "post_approve" {
                let network = step(&self.0, ctx, &format!("network {name}")).await?;
                let router = step(&self.0, ctx, &format!("router {name}")).await?;
                ctx.remember("router", router);
                ctx.share("network", network);
            }
            behave(&self.0, ctx, "after")
        })
    }
}

impl Action for Person {
    fn name(&self) -> &str {
        "Person"
    }

    fn fields(&self) -> &[Field] {
        &self.1
    }

    fn token_fields(&self) -> &[Field] {
        &self.2
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            let name: String = ctx.input("name")?;
            if stage == "pre_approve" {
                ctx.ask(["password"]);
            }
            if stage == "submit" {
                if ctx.submitted("password").and_then(Value::as_str) != Some("hunter2") {
                    return Err(ActionError::fatal("the password got lost"));
                }
                let network = ctx.shared().get("network").and_then(Value::as_str);
                let user = format!("user {name} with {}", network.unwrap_or("nothing"));
                step(&self.0, ctx, &user).await?;
                step(&self.0, ctx, &format!("role {name}")).await?;
            }
            Ok(Outcome::Valid)
        })
    }
}

fn text(name: &str) -> Field {
    Field::new(name, Kind::Text { longest: 100 })
}

/// The task types `chore` (three stages, approval, token), `build` (no token) and `quick` (by
/// vote, no token).
pub(crate) fn registry(world: &World, change: impl Fn(TaskType) -> TaskType) -> Registry {
    let mode = text("mode").default(Value::Null);
    let build = Build(world.clone(), vec![text("name"), mode]);
    let password = vec![Field::new("password", Kind::Secret)];
    let person = Person(world.clone(), vec![text("name")], password);
    let registry = Registry::new()
        .action(build)
        .unwrap()
        .action(person)
        .unwrap();
    let types = [
        TaskType::new("chore", ["Build", "Person"]),
        TaskType::new("build", ["Build"]),
        serde_json::from_value(serde_json::json!({
            "name": "quick",
            "actions": ["Build"],
            "duplicates": "cancel",
            "stages": [
                {"name": "pre_approve"},
                {"name": "post_approve", "gate": "vote"},
                {"name": "cool_down", "gate": {"timer": {"seconds": 60}}},
                {"name": "submit", "gate": "token"},
            ],
        }))
        .unwrap(),
    ];
    types
        .into_iter()
        .fold(registry, |all, it| all.task_type(change(it)).unwrap())
}

/// What a chore is asked for with.
pub(crate) fn body(name: &str, mode: &str) -> Map<String, Value> {
    let pairs = [("name", name), ("mode", mode)].map(|(key, it)| (key.to_owned(), it.into()));
    let given = |(_, it): &(String, Value)| *it != "";
    pairs.into_iter().filter(given).collect()
}

pub(crate) fn password(text: &str) -> Map<String, Value> {
    Map::from_iter([("password".to_owned(), text.into())])
}
