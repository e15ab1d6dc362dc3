//! A service on a cloud in memory, and a client of it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep},
};
use tower::ServiceExt as _;
use wafflehaus::{
    identity::{Details, Identity, ProjectId, Role, Scope as TokenScope, UserId},
    keystone::{
        ExpiredTokens, KeystoneLayer, Token, ValidateError, ValidateFuture, ValidateToken,
        Validated,
    },
    workflow::{
        ActionError, Deliver, DeliverFuture, Duplicates, Engine, Gate, Key, Message, Pace,
        Registry, Stages, Task, TaskType, Worker,
        actions::{
            EditUserRoles, NewProjectWithUser, NewUser, People, ResetUserPassword, UpdateQuota,
            UpdateUserEmail,
        },
        identity::{CreateProject, CreateUser, InMemoryIdentity, Scope, Via},
        quota::{InMemoryQuota, Limits, QuotaStore, Service},
        store::{PostgresStore, SqliteStore, Store},
    },
    workflow_service::{Authentication, Quotas, Settings, WorkflowService},
};

use crate::database::Database;

pub(crate) const ROLES: [&str; 4] = ["project_admin", "project_mod", "member", "heat_stack_owner"];

/// A running service.
pub(crate) struct Lab {
    pub(crate) engine: Engine,
    pub(crate) identity: Arc<InMemoryIdentity>,
    pub(crate) mails: Mails,
    pub(crate) ids: BTreeMap<&'static str, String>,
    pub(crate) router: Router,
    pub(crate) database: Database,
}

/// Mails: to whom, and the token or the kind.
#[derive(Clone, Default)]
pub(crate) struct Mails(Arc<Mutex<Vec<(String, String)>>>, Arc<AtomicBool>);

/// An answer with its whole body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Deliver for Mails {
    fn deliver<'a>(&'a self, task: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        let data = |key| task.actions.iter().find_map(|it| it.data.get(key));
        let to = data("new_email").or(data("email")).and_then(Value::as_str);
        let to = to.unwrap_or_default().to_owned();
        let text = match message {
            Message::Initial => "initial".to_owned(),
            Message::Completed => "completed".to_owned(),
            Message::Token { token, .. } => token.expose().to_owned(),
            _ if self.1.load(Ordering::Relaxed) => {
                return Box::pin(async { Err(ActionError::retry("nobody can be told")) });
            }
            _ => "notification".to_owned(),
        };
        self.0.lock().unwrap().push((to, text));
        Box::pin(async { Ok(()) })
    }
}

impl Mails {
    /// Has no operator be told anything from now on.
    pub(crate) fn tell_nobody(&self) {
        self.1.store(true, Ordering::Relaxed);
    }

    /// The last token that was mailed to this address; it may be on its way.
    pub(crate) async fn token(&self, to: &str) -> String {
        let late = Instant::now() + Duration::from_secs(20);
        loop {
            let found = self
                .0
                .lock()
                .unwrap()
                .iter()
                .rev()
                .find_map(|(address, text)| {
                    (address == to && text.len() == 32).then(|| text.clone())
                });
            match found {
                Some(token) => return token,
                None => assert!(Instant::now() < late, "no mail to {to}"),
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
}

struct Tokens(BTreeMap<String, Identity>);

impl ValidateToken for Tokens {
    fn validate<'a>(&'a self, token: &'a Token, _: ExpiredTokens) -> ValidateFuture<'a> {
        Box::pin(async move {
            // What comes after the name only makes it a secret.
            let name = token.expose().split('~').next().unwrap_or_default();
            let known = self.0.get(name);
            let known = known.ok_or_else(|| ValidateError::invalid("unknown"))?;
            Ok(Validated::new(known.clone(), Duration::from_secs(3600)))
        })
    }
}

pub(crate) fn size(instances: i64) -> Limits {
    Limits::new().limit(Service::Nova, "instances", instances)
}

pub(crate) fn registry(identity: &Arc<InMemoryIdentity>, quota: &Arc<dyn QuotaStore>) -> Registry {
    let people = People::new(identity.clone());
    let quotas = UpdateQuota::new(people.clone(), [("one", quota.clone())])
        .size("small", size(10))
        .size("large", size(50));
    let actions = Registry::new()
        .action(NewProjectWithUser::new(people.clone(), ROLES))
        .and_then(|it| it.action(NewUser::new(people.clone(), ROLES)))
        .and_then(|it| it.action(EditUserRoles::new(people.clone(), ROLES)))
        .and_then(|it| it.action(ResetUserPassword::new(people.clone())))
        .and_then(|it| it.action(UpdateUserEmail::new(people)))
        .and_then(|it| it.action(quotas));
    let voted =
        |name, action: &str| TaskType::new(name, [action]).stages(Stages::ordinary(Gate::Vote));
    let replacing = Duplicates::Cancel;
    [
        TaskType::new("create_project", ["NewProjectWithUser"]),
        voted("invite_user", "NewUser"),
        voted("edit_roles", "EditUserRoles"),
        voted("reset_password", "ResetUserPassword").duplicates(replacing),
        voted("force_password", "ResetUserPassword").duplicates(replacing),
        voted("update_email", "UpdateUserEmail").duplicates(replacing),
        voted("update_quota", "UpdateQuota"),
    ]
    .into_iter()
    .fold(actions.unwrap(), |all, it| all.task_type(it).unwrap())
}

/// People, and the tokens that are called like them: `admin`; `boss` and `ann` of `acme`; `rival`
/// of another project; `nobody`, whose token is for no project.
fn seed() -> (InMemoryIdentity, Tokens, BTreeMap<&'static str, String>) {
    let identity = InMemoryIdentity::new();
    identity.add_domain("default", "Default").unwrap();
    for role in ROLES.iter().chain(&["admin"]) {
        identity.add_role(role).unwrap();
    }
    let (mut tokens, mut ids) = (BTreeMap::new(), BTreeMap::new());
    for (name, on, role) in [
        ("admin", "cloud", "admin"),
        ("boss", "acme", "project_admin"),
        ("ann", "acme", "member"),
        ("rival", "other", "project_admin"),
        ("nobody", "other", "member"),
    ] {
        let project = ids.entry(on).or_insert_with(|| {
            identity
                .add_project(&CreateProject::new(on, "default"))
                .unwrap()
        });
        let project = project.clone();
        let email = format!("{name}@acme.example");
        let user = CreateUser::new(&email, "default", "old".into()).email(&email);
        let user = identity.add_user(&user).unwrap();
        let on_project = Scope::Project(project.clone());
        identity
            .assign(&user, role, on_project, Via::Direct)
            .unwrap();
        let mut details = Details::default();
        details.user_name = Some(email.into());
        details.project_name = Some(on.into());
        let scope = match name {
            "nobody" => TokenScope::Unscoped,
            _ => TokenScope::Project(ProjectId::new(&*project).unwrap()),
        };
        let who = Identity::new(UserId::new(&*user).unwrap())
            .scope(scope)
            .role(Role::new(role).unwrap())
            .details(details);
        tokens.insert(name.to_owned(), who);
        ids.insert(name, user);
    }
    (identity, Tokens(tokens), ids)
}

pub(crate) async fn open(database: &Database) -> Arc<dyn Store> {
    let name = database.name();
    match database {
        Database::Postgres { .. } => Arc::new(PostgresStore::connect(&name, 8).await.unwrap()),
        Database::Sqlite { .. } => Arc::new(SqliteStore::open(&name).await.unwrap()),
    }
}

impl Lab {
    pub(crate) async fn new() -> Self {
        Self::with(|it| it).await
    }

    /// A service with these settings, whose limits are out of the way.
    pub(crate) async fn set(settings: Value) -> Self {
        let settings: Settings = serde_json::from_value(settings).unwrap();
        Self::with(|it| it.settings(settings).unwrap()).await
    }

    pub(crate) async fn with(change: impl FnOnce(WorkflowService) -> WorkflowService) -> Self {
        Self::on(Database::sqlite(), change).await
    }

    pub(crate) async fn on(
        database: Database,
        change: impl FnOnce(WorkflowService) -> WorkflowService,
    ) -> Self {
        Self::routed(database, |it| change(it).router()).await
    }

    /// A service with something around it.
    pub(crate) async fn routed(
        database: Database,
        route: impl FnOnce(WorkflowService) -> Router,
    ) -> Self {
        let store = open(&database).await;
        Self::with_store(database, store, route).await
    }

    /// The same whose store is this one, in this database.
    pub(crate) async fn with_store(
        database: Database,
        store: Arc<dyn Store>,
        route: impl FnOnce(WorkflowService) -> Router,
    ) -> Self {
        let mails = Mails::default();
        let told = mails.clone();
        let mut lab = Self::delivering((database, store), |_| told, Pace::default(), route).await;
        lab.mails = mails;
        lab
    }

    /// The same whose messages go this way, at this pace.
    pub(crate) async fn delivering<D: Deliver>(
        (database, store): (Database, Arc<dyn Store>),
        deliver: impl FnOnce(&Registry) -> D,
        pace: Pace,
        route: impl FnOnce(WorkflowService) -> Router,
    ) -> Self {
        let (identity, tokens, ids) = seed();
        let identity = Arc::new(identity);
        let quota = InMemoryQuota::new();
        quota.set_defaults(&size(10)).unwrap();
        let quota: Arc<dyn QuotaStore> = Arc::new(quota);
        let registry = registry(&identity, &quota);
        let deliver = deliver(&registry);
        let engine = Engine::new(store, registry, Key::random().unwrap(), deliver).pace(pace);
        let worker = Worker::new(engine.clone());
        tokio::spawn(async move { worker.run(2, std::future::pending()).await });
        let keystone = KeystoneLayer::new(tokens, &"http://127.0.0.1:5000".parse().unwrap());
        let authentication = Authentication::keystone(keystone.unwrap());
        let generous: Settings = serde_json::from_value(generous()).unwrap();
        let service = WorkflowService::new(engine.clone(), identity.clone(), authentication)
            .settings(generous)
            .unwrap()
            .quotas(
                Quotas::new()
                    .region("one", quota)
                    .size("small", size(10))
                    .size("large", size(50)),
            );
        Self {
            engine,
            identity,
            mails: Mails::default(),
            ids,
            router: route(service),
            database,
        }
    }

    /// Serves on loopback, too.
    pub(crate) async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = self.router.clone();
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        address
    }

    /// `GET /v1/tasks` as somebody with a token, or as nobody.
    pub(crate) async fn ask(&self, line: &str, who: &str) -> Answer {
        self.send(request(line, who).body(Body::empty()).unwrap())
            .await
    }

    /// The same with a JSON body.
    pub(crate) async fn tell(&self, line: &str, who: &str, body: Value) -> Answer {
        let request = request(line, who).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        if request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .is_none()
        {
            let peer = SocketAddr::from(([192, 0, 2, 1], 7));
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into()),
        }
    }

    /// Has Eve sign up, and says the id of the task when it waits for approval.
    pub(crate) async fn signed_up(&self) -> String {
        let asked = self.tell("POST /v1/openstack/sign-up", "", sign_up()).await;
        assert_eq!(asked.status, 202, "{asked:?}");
        let late = Instant::now() + Duration::from_secs(20);
        loop {
            let tasks = self.ask("GET /v1/tasks?limit=1", "admin").await.body;
            if tasks["tasks"][0]["state"] == "waiting" {
                return tasks["tasks"][0]["uuid"].as_str().unwrap().to_owned();
            }
            assert!(Instant::now() < late, "{tasks}");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Answer {
    /// What was wrong, as one text.
    pub(crate) fn errors(&self) -> String {
        self.body["errors"].to_string()
    }
}

/// The settings of a service whose limits nobody reaches, and which answers as soon as it can.
pub(crate) fn generous() -> Value {
    let much = json!({"requests": 100_000, "seconds": 1});
    let limits = json!({"address": much, "mail": much, "overall": much});
    json!({"docs": true, "limits": limits, "quiet_milliseconds": 0})
}

pub(crate) fn sign_up() -> Value {
    json!({"project_name": "waffles", "email": "eve@waffles.example"})
}

pub(crate) fn request(line: &str, who: &str) -> http::request::Builder {
    let (method, target) = line.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(target);
    match who {
        "" => request,
        who => request.header("x-auth-token", who),
    }
}
