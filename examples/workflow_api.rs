//! The workflow's REST service on a cloud in memory.
//!
//! ```text
//! cargo run --example workflow_api
//! ```
//!
//! listens on 127.0.0.1:5050 (or the address given as an argument), keeps its tasks in a temporary
//! folder, shows mails in the terminal, and prints requests to try it with: to sign up, to
//! approve, to use the token that was mailed, to invite somebody, to reset a password. The links
//! in mails and `/admin` are pages for a browser. In debug builds `/docs` describes all endpoints.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use secrecy::ExposeSecret as _;
use serde_json::Value;
use wafflehaus::{
    identity::{Details, Identity, ProjectId, Role, UserId},
    keystone::{
        ExpiredTokens, KeystoneLayer, Token, ValidateError, ValidateFuture, ValidateToken,
        Validated,
    },
    openstack::Named,
    workflow::{
        ActionError, Deliver, DeliverFuture, Engine, Key, Message, Registry, Stages, Task,
        TaskType, Worker,
        actions::{
            EditUserRoles, NewProjectWithUser, NewUser, People, ResetUserPassword, UpdateQuota,
            UpdateUserEmail,
        },
        identity::{CreateProject, CreateUser, InMemoryIdentity, Scope, Via},
        quota::{InMemoryQuota, Limits, QuotaStore, Service},
        store::SqliteStore,
    },
    workflow_pages::{Credentials, PageSettings, Pages, Person, SignIn, SignInError, SignInFuture},
    workflow_service::{Authentication, Quotas, WorkflowService},
};

/// Shows mails, and leaves the tokens of each address in a file for the tour.
struct Terminal {
    folder: PathBuf,
    url: String,
}

impl Deliver for Terminal {
    fn deliver<'a>(&'a self, task: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        Box::pin(async move {
            let data = |key| task.actions.iter().find_map(|it| it.data.get(key));
            let to = data("new_email").or(data("email")).and_then(Value::as_str);
            let to = to.unwrap_or("operators");
            let text = match message {
                Message::Initial => "we have your request".to_owned(),
                Message::Completed => "it is done".to_owned(),
                Message::Notification { notification, .. } => notification.notes.join(" "),
                Message::Token { token, .. } => {
                    let file = self.folder.join(format!("{to}.token"));
                    let written = fs::write(file, token.expose());
                    written.map_err(ActionError::retry)?;
                    format!("your link is {}/token/{}", self.url, token.expose())
                }
                _ => "something else".to_owned(),
            };
            println!("mail to {to} about `{}`: {text}", task.task_type);
            Ok(())
        })
    }
}

/// A Keystone that knows these tokens.
struct Tokens(BTreeMap<&'static str, Identity>);

impl ValidateToken for Tokens {
    fn validate<'a>(&'a self, token: &'a Token, _: ExpiredTokens) -> ValidateFuture<'a> {
        Box::pin(async move {
            let known = self.0.get(token.expose());
            let known = known.ok_or_else(|| ValidateError::invalid("unknown"))?;
            Ok(Validated::new(known.clone(), Duration::from_secs(3600)))
        })
    }
}

/// Signs in who shows the administrator's token, or has its name and the password of everybody.
struct Administrator;

impl SignIn for Administrator {
    fn sign_in<'a>(&'a self, credentials: &'a Credentials) -> SignInFuture<'a> {
        Box::pin(async move {
            let good = match credentials {
                Credentials::Token(token) => token.expose() == TOKEN,
                Credentials::Password { user, password, .. } => {
                    *user == Named::in_domain(ADMIN, "Default")
                        && password.expose_secret() == PASSWORD
                }
                _ => false,
            };
            let token = Token::new(TOKEN).map_err(SignInError::unavailable)?;
            match good {
                true => Ok(Person::new(token, ADMIN, "admin")),
                false => Err(SignInError::Refused),
            }
        })
    }
}

const ADMIN: &str = "admin@cloud.example";
const PASSWORD: &str = "the old password";
const TOKEN: &str = "admin-token";

const ROLES: [&str; 4] = ["project_admin", "project_mod", "member", "heat_stack_owner"];

/// People and projects, and the tokens of some of them.
fn seed() -> Result<(Arc<InMemoryIdentity>, Tokens), Box<dyn Error>> {
    let identity = InMemoryIdentity::new();
    identity.add_domain("default", "Default")?;
    for role in ROLES.iter().chain(&["admin"]) {
        identity.add_role(role)?;
    }
    let mut tokens = BTreeMap::new();
    let mut project = String::new();
    for (token, name, on, role) in [
        (TOKEN, ADMIN, "admin", "admin"),
        ("boss-token", "boss@acme.example", "acme", "project_admin"),
        ("ann-token", "ann@acme.example", "acme", "member"),
    ] {
        if role != "member" {
            project = identity.add_project(&CreateProject::new(on, "default"))?;
        }
        let user = CreateUser::new(name, "default", PASSWORD.into()).email(name);
        let user = identity.add_user(&user)?;
        identity.assign(&user, role, Scope::Project(project.clone()), Via::Direct)?;
        let mut details = Details::default();
        details.user_name = Some(name.into());
        details.project_name = Some(on.into());
        let who = Identity::new(UserId::new(user)?)
            .project(ProjectId::new(&*project)?)
            .role(Role::new(role)?)
            .details(details);
        tokens.insert(token, who);
    }
    Ok((Arc::new(identity), Tokens(tokens)))
}

fn size(instances: i64) -> Limits {
    Limits::new().limit(Service::Nova, "instances", instances)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:5050".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let url = format!("http://{address}");

    let folder = env::temp_dir().join(format!("wafflehaus-{}", uuid::Uuid::new_v4()));
    fs::create_dir(&folder)?;
    let (identity, tokens) = seed()?;
    let quota = InMemoryQuota::new();
    quota.set_defaults(&size(10))?;
    let quota: Arc<dyn QuotaStore> = Arc::new(quota);
    let regions = [("RegionOne", Arc::clone(&quota))];

    let people = People::new(identity.clone());
    let automatic = || Stages::ordinary(wafflehaus::workflow::Gate::Vote);
    let replacing = wafflehaus::workflow::Duplicates::Cancel;
    let registry = Registry::new()
        .action(NewProjectWithUser::new(people.clone(), ROLES))?
        .action(NewUser::new(people.clone(), ROLES))?
        .action(EditUserRoles::new(people.clone(), ROLES))?
        .action(ResetUserPassword::new(people.clone()))?
        .action(UpdateUserEmail::new(people.clone()))?
        .action(
            UpdateQuota::new(people, regions)
                .size("small", size(10))
                .size("large", size(50)),
        )?
        .task_type(TaskType::new("create_project", ["NewProjectWithUser"]))?
        .task_type(TaskType::new("invite_user", ["NewUser"]).stages(automatic()))?
        .task_type(TaskType::new("edit_roles", ["EditUserRoles"]).stages(automatic()))?
        .task_type(
            TaskType::new("reset_password", ["ResetUserPassword"])
                .stages(automatic())
                .duplicates(replacing),
        )?
        .task_type(
            TaskType::new("update_email", ["UpdateUserEmail"])
                .stages(automatic())
                .duplicates(replacing),
        )?
        .task_type(TaskType::new("update_quota", ["UpdateQuota"]).stages(automatic()))?;

    let store = SqliteStore::open(folder.join("tasks.db")).await?;
    let engine = Engine::new(
        Arc::new(store),
        registry,
        Key::random()?,
        Terminal {
            folder: folder.clone(),
            url: url.clone(),
        },
    );
    let worker = Worker::new(engine.clone());
    tokio::spawn(async move { worker.run(2, std::future::pending()).await });

    let keystone = KeystoneLayer::new(tokens, &"http://127.0.0.1:5000".parse()?)?;
    let quotas = Quotas::new()
        .region("RegionOne", quota)
        .size("small", size(10))
        .size("large", size(50));
    let service = WorkflowService::new(engine, identity, Authentication::keystone(keystone));
    let mut pages = PageSettings::default();
    // Only a browser on this machine may do without TLS.
    pages.url = url.parse().ok();
    let app = Pages::new(service.quotas(quotas), pages)?
        .sign_in(Administrator)
        .router();

    println!("listening on {address}");
    println!("{}", tour(address, &folder));
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?;
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// Requests to paste one after another, each with the status of its answer before it.
fn tour(address: SocketAddr, folder: &Path) -> String {
    let (root, folder) = (format!("http://{address}"), folder.display());
    let url = format!("{root}/v1");
    let send = "-H 'Content-Type: application/json'";
    let (admin, boss) = (
        "-H 'X-Auth-Token: admin-token'",
        "-H 'X-Auth-Token: boss-token'",
    );
    let waiting = "filters=%7B%22approved%22:%7B%22exact%22:false%7D%7D";
    // A mail comes a moment after the answer.
    let token =
        |to: &str| format!("$(until cat {folder}/{to}.token 2>/dev/null; do sleep 0.1; done)");
    let (eve, bob, ann) = (
        token("eve@waffles.example"),
        token("bob@acme.example"),
        token("ann@acme.example"),
    );
    format!(
        r#"
# 202: Eve, whom nobody knows, asks for a project and an account
curl -i {url}/openstack/sign-up {send} -d '{{"project_name": "waffles", "email": "eve@waffles.example"}}'
# 200: an administrator sees what waits for approval
curl -i '{url}/tasks?{waiting}' {admin}
# 202: and approves it: the project is made, and a token mailed
curl -i {url}/tasks/$(curl -s '{url}/tasks?{waiting}&limit=1' {admin} | grep -o '[0-9a-f]\{{32\}}' | head -n 1) {admin} {send} -d '{{"approved": true}}'
# 200: the token asks for a password
curl -i {url}/tokens/{eve}
# 200: and so does its page: open the link of the mail in a browser
curl -i {root}/token/{eve}
# 200: with one, the account is made
curl -i {url}/tokens/{eve} {send} -d '{{"password": "correct horse"}}'
# 202: Acme's boss invites Bob to Acme
curl -i {url}/openstack/users {boss} {send} -d '{{"email": "bob@acme.example", "roles": ["member"]}}'
# 200: Bob is a member of Acme
curl -i {url}/tokens/{bob} {send} -d '{{"password": "battery staple"}}'
# 200: who is on Acme by now
curl -i {url}/openstack/users {boss}
# 202: Ann has forgotten her password; for somebody who is not there the answer is the same
curl -i {url}/openstack/users/password-reset {send} -d '{{"email": "ann@acme.example"}}'
# 200: and sets another
curl -i {url}/tokens/{ann} {send} -d '{{"password": "quite another"}}'
# 202: Acme asks for a larger quota, which an administrator has to approve
curl -i {url}/openstack/quotas {boss} {send} -d '{{"size": "large"}}'
# 200: how things stand
curl -i {url}/status {admin}
# 303: in a browser, {ADMIN} signs in at {root}/admin with `{PASSWORD}` on `admin`
curl -i {root}/admin/tasks
"#
    )
}
