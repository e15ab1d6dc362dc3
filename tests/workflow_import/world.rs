//! A cloud in memory that has what the old tasks are about, and an engine in it.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
};

use wafflehaus::workflow::{
    Deliver, DeliverFuture, Engine, Gate, Key, Message, Registry, Stages, Task, TaskId, TaskType,
    TokenSecret, Worker,
    actions::{
        AddDefaultUsersToProject, AdditionalEmail, DefaultProjectResources, EditUserRoles,
        NetworkSettings, NewProjectWithUser, NewUser, People, Regions, ResetUserPassword,
        SendAdditionalEmail, UpdateQuota, UpdateUserEmail,
    },
    identity::{CreateProject, CreateUser, InMemoryIdentity, Scope, Via},
    network::InMemoryNetwork,
    quota::{InMemoryQuota, Limits, QuotaStore, Service},
    store::{PostgresStore, SqliteStore, Store},
};
use wafflehaus::workflow_import::{Copied, CopyOptions, Old, copy};

use crate::database::Database;

pub(crate) const ADJUTANT: &str = include_str!("adjutant.sql");
pub(crate) const STACKTASK: &str = include_str!("stacktask.sql");

/// The ids that the old rows have for what is in the cloud.
const BAKERY: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const ANN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const BEN: &str = "cccccccccccccccccccccccccccccccc";
const LOU: &str = "dddddddddddddddddddddddddddddddd";
const PANCAKES: &str = "5128fceaf99a4589a6c3610b21ba56fc";
const PAM: &str = "84a9a7406b3f4c16a986bfa7d786bf10";

/// The cloud, and the mails that were sent in it.
pub(crate) struct World {
    pub(crate) identity: Arc<InMemoryIdentity>,
    /// By the ids that the old rows have.
    pub(crate) ids: BTreeMap<&'static str, String>,
    pub(crate) outbox: Outbox,
}

#[derive(Clone, Default)]
pub(crate) struct Outbox(pub(crate) Arc<Mutex<Vec<(TaskId, String)>>>);

impl World {
    pub(crate) fn new() -> Self {
        let identity = InMemoryIdentity::new();
        identity.add_domain("default", "Default").unwrap();
        for role in [
            "admin",
            "project_admin",
            "project_mod",
            "member",
            "heat_stack_owner",
        ] {
            identity.add_role(role).unwrap();
        }
        let project = |name: &str| {
            let new = CreateProject::new(name, "default");
            identity.add_project(&new).unwrap()
        };
        let (bakery, pancakes) = (project("bakery"), project("pancakes"));
        let user = |name: &str, role: Option<(&str, &String)>| {
            let new = CreateUser::new(name, "default", "old password".into()).email(name);
            let id = identity.add_user(&new).unwrap();
            if let Some((role, project)) = role {
                let scope = Scope::Project(project.clone());
                identity.assign(&id, role, scope, Via::Direct).unwrap();
            }
            id
        };
        let ids = BTreeMap::from([
            (
                ANN,
                user("ann@example.org", Some(("project_admin", &bakery))),
            ),
            (BEN, user("ben@example.org", None)),
            (LOU, user("lou@example.org", Some(("member", &bakery)))),
            (PAM, user("pam@example.org", Some(("member", &pancakes)))),
            ("-", user("admin", None)),
            (BAKERY, bakery),
            (PANCAKES, pancakes),
        ]);
        Self {
            identity: Arc::new(identity),
            ids,
            outbox: Outbox::default(),
        }
    }

    /// Fills a database with rows that are about this cloud.
    pub(crate) async fn fill(&self, database: &Database, sql: &str) {
        let mut sql = sql.to_owned();
        for (old, new) in &self.ids {
            sql = sql.replace(&format!("\"{old}\""), &format!("\"{new}\""));
            sql = sql.replace(&format!("'{old}'"), &format!("'{new}'"));
        }
        match database {
            Database::Postgres { .. } => {
                let first = "SET TIME ZONE 'UTC'; CREATE DOMAIN datetime AS timestamptz;";
                sql = format!("{first}\n{sql}");
            }
            Database::Sqlite { file } => drop(fs::File::create(file).unwrap()),
        }
        database.execute(&sql).await.unwrap();
    }

    pub(crate) fn registry(&self) -> Registry {
        let people = People::new(self.identity.clone());
        let roles = ["project_admin", "project_mod", "member", "heat_stack_owner"];
        let network = InMemoryNetwork::default();
        network.add_external("public").unwrap();
        let regions = Regions::new(
            "RegionOne",
            NetworkSettings::new("public"),
            Arc::new(network),
        );
        let quotas: [(&str, Arc<dyn QuotaStore>); 1] =
            [("RegionOne", Arc::new(InMemoryQuota::default()))];
        let large = Limits::new().limit(Service::Nova, "instances", 100);
        let mut warning = AdditionalEmail::default();
        warning.template = "warning".into();
        warning.email_current_user = true;
        let letters = SendAdditionalEmail::new(people.clone());
        let mut registry = Registry::new()
            .action(NewProjectWithUser::new(people.clone(), roles))
            .unwrap()
            .action(NewUser::new(people.clone(), roles))
            .unwrap()
            .action(EditUserRoles::new(people.clone(), roles))
            .unwrap()
            .action(ResetUserPassword::new(people.clone()))
            .unwrap()
            .action(UpdateUserEmail::new(people.clone()))
            .unwrap()
            .action(letters.stage("pre_approve", warning))
            .unwrap()
            .action(AddDefaultUsersToProject::admin(people.clone()))
            .unwrap()
            .action(DefaultProjectResources::new(people.clone(), regions))
            .unwrap()
            .action(UpdateQuota::new(people, quotas).size("large", large))
            .unwrap();
        for (name, actions, gate) in [
            (
                "create_project",
                vec!["NewProjectWithUser", "DefaultProjectResources"],
                Gate::Approval,
            ),
            ("edit_roles", vec!["EditUserRoles"], Gate::Vote),
            ("invite_user", vec!["NewUser"], Gate::Vote),
            ("reset_password", vec!["ResetUserPassword"], Gate::Vote),
            (
                "update_email",
                vec!["UpdateUserEmail", "SendAdditionalEmail"],
                Gate::Vote,
            ),
            ("update_quota", vec!["UpdateQuota"], Gate::Vote),
        ] {
            let kind = TaskType::new(name, actions).stages(Stages::ordinary(gate));
            registry = registry.task_type(kind).unwrap();
        }
        registry
    }

    /// An engine on this database. Its worker runs when it is told to.
    pub(crate) async fn engine(&self, database: &Database) -> Engine {
        self.engine_with(database, self.registry()).await
    }

    pub(crate) async fn engine_with(&self, database: &Database, registry: Registry) -> Engine {
        let store: Arc<dyn Store> = match database {
            Database::Postgres { url } => Arc::new(PostgresStore::connect(url, 4).await.unwrap()),
            Database::Sqlite { file } => Arc::new(SqliteStore::open(file).await.unwrap()),
        };
        let key = Key::from_hex(&"5a".repeat(32)).unwrap();
        Engine::new(store, registry, key, self.outbox.clone())
    }
}

impl Outbox {
    /// The tasks to which mails were sent, with what they were.
    pub(crate) fn sent(&self) -> Vec<(TaskId, String)> {
        self.0.lock().unwrap().clone()
    }

    /// The token that was mailed for a task.
    pub(crate) fn token(&self, task: &TaskId) -> TokenSecret {
        let sent = self.sent();
        let mut tokens = sent.iter().filter(|(id, _)| id == task);
        let token = tokens.find_map(|(_, text)| text.strip_prefix("token "));
        TokenSecret::new(token.unwrap())
    }
}

impl Deliver for Outbox {
    fn deliver<'a>(&'a self, task: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        let text = match message {
            Message::Completed => "completed".to_owned(),
            Message::Initial => "initial".to_owned(),
            Message::Letter(letter) => format!("letter {}", letter.template),
            Message::Token { token, .. } => format!("token {}", token.expose()),
            _ => "notification".to_owned(),
        };
        self.0.lock().unwrap().push((task.id.clone(), text));
        Box::pin(async { Ok(()) })
    }
}

/// The id of the task with this number.
pub(crate) fn id(number: u32) -> TaskId {
    format!("{number:032x}").parse().unwrap()
}

pub(crate) fn options() -> CopyOptions {
    let mut options = CopyOptions::default();
    options.domain = "default".into();
    options
}

pub(crate) async fn read(database: &Database) -> Old {
    Old::read(&database.name()).await.unwrap()
}

pub(crate) async fn copied(from: &Database, engine: &Engine) -> Copied {
    copy(&read(from).await, engine, &options()).await.unwrap()
}

/// What is told of the task with this number, without its id.
pub(crate) fn told(copied: &Copied, number: u32) -> String {
    let id = id(number).to_string();
    let line = copied.tasks.iter().find(|it| it.task == id).unwrap();
    line.to_string()[33..].to_owned()
}

/// Does all the work there is.
pub(crate) async fn work(engine: &Engine) {
    let worker = Worker::new(engine.clone());
    while worker.run_due().await.unwrap() > 0 {}
}
