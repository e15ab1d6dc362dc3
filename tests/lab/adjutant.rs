//! The workflow's service before a real Keystone, Nova and Neutron, driven by Adjutant's own
//! commands.
//!
//! `WAFFLEHAUS_ADJUTANT` is the path of an `openstack` command beside which `python-adjutantclient`
//! is installed. The service is in Keystone's catalog while the test runs, in a region of its own.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    process::Command,
    task::{JoinHandle, spawn_local},
};
use wafflehaus::{
    keystone::{KeystoneClient, KeystoneLayer},
    openstack::Endpoint,
    workflow::{
        Deliver, DeliverFuture, Duplicates, Engine, Gate, Key, Message, Registry, Stages, Task,
        TaskType, Worker,
        actions::{
            EditUserRoles, NewProjectWithUser, NewUser, ResetUserPassword, UpdateQuota,
            UpdateUserEmail,
        },
        quota::{Limits, QuotaStore, Service},
        store::{Filter, Page, Slice, SqliteStore},
    },
    workflow_service::{Authentication, Quotas, WorkflowService},
};

use crate::{
    cli::said,
    database::Database,
    support::{text, variable},
    workflow::{Bench, with_bench_for},
};

/// Each command takes seconds to start.
const PATIENCE: Duration = Duration::from_secs(1800);

/// The tokens that were mailed, by the address.
#[derive(Clone, Default)]
struct Mails(Arc<Mutex<BTreeMap<String, String>>>);

impl Deliver for Mails {
    fn deliver<'a>(&'a self, task: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        if let Message::Token { token, .. } = message {
            let data = |key| task.actions.iter().find_map(|it| it.data.get(key));
            let to = data("new_email").or(data("email"));
            let (to, token) = (text(to.unwrap()), token.expose().to_owned());
            self.0.lock().unwrap().insert(to, token);
        }
        Box::pin(async { Ok(()) })
    }

    /// None, so notifications wait for somebody to take note of them.
    fn engines(&self, _: &Task, _: bool) -> Vec<String> {
        Vec::new()
    }
}

/// The service, in the catalog.
struct Served {
    engine: Engine,
    mails: Mails,
    url: String,
    /// The id of the service in Keystone.
    id: String,
    running: Vec<JoinHandle<()>>,
    _database: Database,
}

fn size(instances: i64, ports: i64) -> Limits {
    let size = Limits::new().limit(Service::Nova, "instances", instances);
    size.limit(Service::Neutron, "port", ports)
}

fn registry(bench: &Bench) -> Registry {
    let people = bench.people();
    // More than anybody here manages.
    let roles = ["member", "reader", "role1", "manager"];
    let quota = bench.quota.clone() as Arc<dyn QuotaStore>;
    let quotas = UpdateQuota::new(people.clone(), [("RegionOne", quota)])
        .size("small", size(3, 30))
        .size("large", size(50, 300));
    let actions = Registry::new()
        .action(NewProjectWithUser::new(people.clone(), ["member"]))
        .and_then(|it| it.action(NewUser::new(people.clone(), roles)))
        .and_then(|it| it.action(EditUserRoles::new(people.clone(), roles)))
        .and_then(|it| it.action(ResetUserPassword::new(people.clone())))
        .and_then(|it| it.action(UpdateUserEmail::new(people)))
        .and_then(|it| it.action(quotas));
    let voted =
        |name, action: &str| TaskType::new(name, [action]).stages(Stages::ordinary(Gate::Vote));
    [
        TaskType::new("create_project", ["NewProjectWithUser"]),
        voted("invite_user", "NewUser"),
        voted("edit_roles", "EditUserRoles"),
        // Its tokens have expired before the next command is there.
        voted("reset_password", "ResetUserPassword")
            .duplicates(Duplicates::Cancel)
            .token_seconds(1),
        voted("force_password", "ResetUserPassword").duplicates(Duplicates::Cancel),
        voted("update_email", "UpdateUserEmail").duplicates(Duplicates::Cancel),
        voted("update_quota", "UpdateQuota"),
    ]
    .into_iter()
    .fold(actions.unwrap(), |all, it| all.task_type(it).unwrap())
}

/// Whoever has Keystone's own role `manager` is who else has `project_admin`.
fn access() -> Value {
    let managers = json!(["admin", "manager"]);
    let names = [
        "cancel_task",
        "list_roles",
        "list_users",
        "reissue_token",
        "remove_user",
        "show_quotas",
        "show_task",
        "show_user",
        "InviteUser",
        "EditUser",
        "UpdateQuota",
    ];
    names
        .into_iter()
        .map(|name| (name.to_owned(), managers.clone()))
        .collect()
}

impl Served {
    async fn start(bench: &Bench) -> Self {
        let database = Database::sqlite();
        let store = SqliteStore::open(database.name()).await.unwrap();
        let mails = Mails::default();
        let key = Key::random().unwrap();
        let engine = Engine::new(Arc::new(store), registry(bench), key, mails.clone());
        let worker = Worker::new(engine.clone());
        let keystone = format!("http://{}", bench.lab.cloud.keystone);
        let keystone: Endpoint = keystone.parse().unwrap();
        let validator = KeystoneClient::new(keystone.clone(), bench.credential.clone().any_role());
        let layer = KeystoneLayer::new(validator, &keystone).unwrap();
        let layer = layer.service_type("admin-logic");
        let quotas = Quotas::new()
            .region("RegionOne", bench.quota.clone())
            .size("small", size(3, 30))
            .size("large", size(50, 300));
        // A busy machine needs many seconds for a stage.
        let settings = json!({ "access": access(), "patience_seconds": 60 });
        let service = WorkflowService::new(
            engine.clone(),
            bench.identity.clone(),
            Authentication::keystone(layer),
        );
        let app = service
            .settings(serde_json::from_value(settings).unwrap())
            .unwrap()
            .mapping(bench.mapping())
            .quotas(quotas)
            .router();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let running = vec![
            tokio::spawn(async move { worker.run(2, std::future::pending()).await }),
            tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }),
        ];
        let id = enter(bench, &url).await;
        Self {
            engine,
            mails,
            url,
            id,
            running,
            _database: database,
        }
    }

    async fn stop(&self, bench: &Bench) {
        for running in &self.running {
            running.abort();
        }
        let lab = &bench.lab;
        let list = format!("GET /v3/groups?name={}", lab.mark);
        let groups = lab.keystone(&list, &Value::Null).await;
        for group in groups["groups"].as_array().unwrap() {
            let delete = format!("DELETE /v3/groups/{}", text(&group["id"]));
            lab.keystone(&delete, &Value::Null).await;
        }
        // With it go its endpoints.
        for gone in [
            format!("DELETE /v3/services/{}", self.id),
            format!("DELETE /v3/regions/{}", lab.mark),
        ] {
            lab.keystone(&gone, &Value::Null).await;
        }
    }

    /// The newest task, when no stage of it runs any more.
    async fn newest(&self) -> Task {
        let slice = Slice::of(Page::first(1));
        let tasks = self.engine.find_tasks(&Filter::tasks(), &slice).await;
        let task = tasks.unwrap().remove(0);
        self.engine.settled(&task.id, PATIENCE).await.unwrap()
    }
}

/// Enters the service into Keystone's catalog, and gives its id.
async fn enter(bench: &Bench, url: &str) -> String {
    let lab = &bench.lab;
    let region = json!({ "region": { "id": lab.mark } });
    lab.keystone("POST /v3/regions", &region).await;
    let service = json!({ "service": { "type": "admin-logic", "name": lab.mark } });
    let service = lab.keystone("POST /v3/services", &service).await;
    let id = text(&service["service"]["id"]);
    let endpoint = json!({ "endpoint": {
        "service_id": id, "interface": "public", "url": url, "region_id": lab.mark,
    } });
    lab.keystone("POST /v3/endpoints", &endpoint).await;
    id
}

/// Who types.
#[derive(Clone, Copy, Debug)]
enum Who {
    Admin,
    Boss,
    Nobody,
}

/// The commands so far, with what they said.
struct Terminal {
    openstack: OsString,
    bench: Arc<Bench>,
    who: Who,
    /// What differs from one run to the next, and what stands for it.
    names: Vec<(String, String)>,
    text: String,
}

impl Terminal {
    fn call(&mut self, actual: impl Into<String>, name: &str) {
        self.names.push((actual.into(), format!("${name}")));
    }

    fn become_(&mut self, who: Who) {
        self.who = who;
        self.text += &format!("\n== {who:?}\n");
    }

    /// Runs `openstack` with these words, in which `$NAME` stands for what is called so.
    async fn run(&mut self, words: &str) {
        self.run_for(words, |_| true).await;
    }

    /// The same for some of the lines.
    async fn run_for(&mut self, words: &str, kept: impl Fn(&str) -> bool) {
        let mut actual = words.replace('\'', "");
        for (it, name) in &self.names {
            actual = actual.replace(name, it);
        }
        let lab = &self.bench.lab;
        let mut command = Command::new(&self.openstack);
        command.args(actual.split(' ')).kill_on_drop(true);
        let login = match self.who {
            Who::Admin => Some(("admin".into(), lab.cloud.password.as_str(), "admin")),
            Who::Boss => Some((
                self.bench.address("boss"),
                "first password",
                lab.mark.as_str(),
            )),
            Who::Nobody => None,
        };
        if let Some((user, password, project)) = login {
            command
                .env("OS_AUTH_URL", format!("http://{}/v3", lab.cloud.keystone))
                .env("OS_IDENTITY_API_VERSION", "3")
                .env("OS_USERNAME", user)
                .env("OS_PASSWORD", password)
                .env("OS_PROJECT_NAME", project)
                .env("OS_USER_DOMAIN_NAME", "Default")
                .env("OS_PROJECT_DOMAIN_NAME", "Default")
                .env("OS_REGION_NAME", &lab.mark);
        }
        let (done, said) = said(command).await;
        let status = if done { "" } else { "(fails)\n" };
        let masked = self.masked(&said);
        let masked: String = masked.split_inclusive('\n').filter(|it| kept(it)).collect();
        let shown = format!("$ openstack {words}\n{masked}{status}");
        // For whoever has to find out why the test does not get to its end.
        print!("{shown}");
        self.text += &shown;
    }

    fn masked(&self, said: &str) -> String {
        let mut masked = said.to_owned();
        for (actual, name) in &self.names {
            masked = masked.replace(actual, name);
        }
        let mut text = String::new();
        for line in masked.lines() {
            // Between the letters of what is an id or a time.
            let of_one = |it: char| it.is_ascii_alphanumeric() || "-:.+_".contains(it);
            let mut rest = line;
            while !rest.is_empty() {
                let end = rest.find(|it| !of_one(it)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                text += mask(word);
                let end = after.find(of_one).unwrap_or(after.len());
                let (between, after) = after.split_at(end);
                text += between;
                rest = after;
            }
            text = text.trim_end().to_owned() + "\n";
        }
        text
    }
}

/// What stands for a word that is another each time.
fn mask(word: &str) -> &str {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    match word.len() {
        32 | 64 if word.bytes().all(|it| it.is_ascii_hexdigit()) => "ID",
        10 if digits == 8 => "DATE",
        21 if digits == 16 => "TIME",
        27 if digits == 20 => "TIME",
        _ => word,
    }
}

#[tokio::test]
async fn the_commands_of_adjutant_do_what_they_say_and_tell_why_not() {
    let Some(openstack) = variable("WAFFLEHAUS_ADJUTANT") else {
        return;
    };
    with_bench_for(PATIENCE, async |bench| {
        bench.boss().await;
        let served = Arc::new(Served::start(&bench).await);
        let terminal = Terminal {
            openstack,
            bench: Arc::clone(&bench),
            who: Who::Nobody,
            names: Vec::new(),
            text: String::new(),
        };
        let ended = spawn_local(session(terminal, Arc::clone(&served))).await;
        served.stop(&bench).await;
        match ended {
            Ok(text) => insta::assert_snapshot!(text),
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    })
    .await;
}

async fn session(mut terminal: Terminal, served: Arc<Served>) -> String {
    let bench = Arc::clone(&terminal.bench);
    terminal.call(&*served.url, "URL");
    terminal.call(&*bench.lab.mark, "MARK");
    terminal.call(&*bench.project, "PROJECT");
    let token = |of: &str| served.mails.0.lock().unwrap()[&bench.address(of)].clone();

    terminal.become_(Who::Nobody);
    let signup = "signup --bypass-url $URL";
    let waffles = "$MARK-eve@lab.example $MARK-waffles";
    terminal.run(&format!("{signup} {waffles}")).await;
    let signed_up = served.newest().await.id.to_string();
    terminal.call(&*signed_up, "SIGNUP");
    terminal.run(&format!("{signup} {waffles}")).await;
    terminal.run(&format!("{signup} eve $MARK-waffles")).await;
    let forgot = "password forgot --bypass-url $URL";
    for who in ["boss", "stranger"] {
        terminal
            .run(&format!("{forgot} $MARK-{who}@lab.example"))
            .await;
        served.newest().await;
    }
    // It takes the URL and nevertheless wants to log in.
    terminal
        .run("admin task token show --bypass-url $URL none")
        .await;

    terminal.become_(Who::Admin);
    terminal.run("adjutant status").await;
    let list = "admin task list -f value";
    terminal.run(list).await;
    terminal.run(&format!("{list} --limit 1")).await;
    let open = r#"'{"task_type":{"exact":"create_project"}}'"#;
    terminal.run(&format!("{list} --filters {open}")).await;
    let wrong = r#"'{"uuid":{"resembles":"x"}}'"#;
    terminal.run(&format!("{list} --filters {wrong}")).await;
    terminal.run("admin task show $SIGNUP").await;
    terminal.run("admin task show none").await;
    let update = "admin task update $SIGNUP -f value -c actions";
    terminal.run(&format!("{update} '{{}}'")).await;
    let data = r#"'{"project_name":"$MARK-pancakes","email":"$MARK-eve@lab.example"}'"#;
    terminal.run(&format!("{update} {data}")).await;
    terminal
        .run("admin task approve $SIGNUP -f json -c approved -c completed -c action_notes")
        .await;
    terminal.run("admin task token list -f value").await;
    terminal.run("admin task token reissue $SIGNUP").await;
    terminal.call(token("eve"), "TOKEN");
    terminal.run("admin task token show $TOKEN").await;
    let submit = "admin task token submit $TOKEN";
    terminal.run(&format!("{submit} '{{}}'")).await;
    terminal
        .run(&format!(r#"{submit} '{{"password":"a-good-one"}}'"#))
        .await;
    assert!(bench.logs_in("eve", "a-good-one").await);
    terminal
        .run(&format!(r#"{submit} '{{"password":"another"}}'"#))
        .await;
    terminal.run("admin task cancel $SIGNUP").await;
    terminal.run("admin task tokens clear -f value").await;

    terminal
        .run("admin task notification list -f value -c task -c acknowledged")
        .await;
    let told = served.notifications().await;
    for (it, told) in told.iter().enumerate() {
        terminal.call(&**told, &format!("NOTIFICATION{it}"));
    }
    terminal
        .run("admin task notification show $NOTIFICATION0")
        .await;
    let all: Vec<_> = (0..told.len())
        .map(|it| format!("$NOTIFICATION{it}"))
        .collect();
    terminal
        .run(&format!(
            "admin task notification acknowledge {}",
            all.join(" ")
        ))
        .await;
    terminal
        .run("admin task notification list -f value -c uuid -c acknowledged")
        .await;
    terminal.run("password reset $MARK-eve@lab.example").await;
    served.newest().await;
    terminal.call(token("eve"), "FORCED");
    terminal.run("admin task token show $FORCED").await;

    terminal.become_(Who::Boss);
    terminal.run(list).await;
    terminal
        .run("project manageable roles -f value -c name")
        .await;
    let invite = "project user invite $MARK-bob@lab.example";
    terminal.run(&format!("{invite} member")).await;
    let invited = served.newest().await.id.to_string();
    terminal.call(&*invited, "INVITE");
    terminal.run(&format!("{invite} member")).await;
    terminal.run(&format!("{invite} emperor")).await;
    terminal.run(&format!("{invite} manager")).await;
    let refused = served.newest().await.id.to_string();
    terminal.call(&*refused, "REFUSED");
    terminal.run("project user list -f value").await;
    let cancel = "project user invite cancel";
    // The client would say that there are two, by an error that it does not have.
    terminal
        .run(&format!("{cancel} $MARK-bob@lab.example"))
        .await;
    terminal.run(&format!("{cancel} $REFUSED")).await;
    terminal
        .run(&format!("{cancel} $MARK-bob@lab.example"))
        .await;
    terminal
        .run("admin task show $INVITE -f value -c cancelled")
        .await;
    terminal.run(&format!("{invite} member reader")).await;
    let invited = served.newest().await.id.to_string();
    terminal.call(&*invited, "INVITE2");
    terminal.call(token("bob"), "BOBS");
    terminal
        .run(r#"admin task token submit $BOBS '{"password":"bobs-own"}'"#)
        .await;
    assert!(bench.logs_in("bob", "bobs-own").await);
    terminal.run("project user list -f value").await;
    terminal
        .run("project user show $MARK-bob@lab.example")
        .await;
    terminal.run("project user show nobody").await;
    let bob = "$MARK-bob@lab.example";
    let role = "project user role";
    terminal.run(&format!("{role} list {bob}")).await;
    terminal.run(&format!("{role} add {bob} role1")).await;
    terminal.run(&format!("{role} remove {bob} reader")).await;
    terminal.run(&format!("{role} add {bob} manager")).await;
    terminal.run(&format!("{role} list {bob}")).await;
    let id = bench.id_of("bob").await;
    assert_eq!(bench.direct(&id).await, ["member", "role1"]);
    group(&bench, &id).await;
    terminal.run(&format!("{role} list {bob}")).await;
    terminal
        .run("project user list -f value -c roles -c group_roles")
        .await;

    let quota = "project quota";
    terminal.run(&format!("{quota} show")).await;
    terminal.run(&format!("{quota} sizes")).await;
    terminal.run(&format!("{quota} update huge")).await;
    terminal.run(&format!("{quota} update small")).await;
    assert_eq!(bench.limit("instances").await, 3);
    assert_eq!(bench.limit("port").await, 30);
    terminal.run(&format!("{quota} show")).await;
    // What else there is depends on the versions of Nova and Neutron.
    let kept = |line: &str| line.contains(" instances ") || line.contains(" port ");
    terminal
        .run_for(&format!("{quota} show --region RegionOne -f value"), kept)
        .await;
    terminal.run(&format!("{quota} show --region Mars")).await;
    terminal
        .run(&format!("{quota} update large --regions RegionOne"))
        .await;
    assert_eq!(bench.limit("instances").await, 3);
    let asked = served.newest().await.id.to_string();
    terminal.call(&*asked, "LARGER");
    terminal.run(&format!("{quota} tasks -f value")).await;
    terminal.become_(Who::Admin);
    terminal
        .run("admin task approve $LARGER -f value -c completed")
        .await;
    assert_eq!(bench.limit("instances").await, 50);
    assert_eq!(bench.limit("port").await, 300);
    terminal.run("admin task list -f value").await;
    terminal.text
}

/// Puts a user into a group with a role on the project.
async fn group(bench: &Bench, user: &str) {
    let lab = &bench.lab;
    let group = json!({ "group": { "name": lab.mark, "domain_id": "default" } });
    let group = lab.keystone("POST /v3/groups", &group).await;
    let (id, reader) = (text(&group["group"]["id"]), bench.role("reader").await);
    for made in [
        format!("PUT /v3/groups/{id}/users/{user}"),
        format!(
            "PUT /v3/projects/{}/groups/{id}/roles/{reader}",
            bench.project
        ),
    ] {
        lab.keystone(&made, &Value::Null).await;
    }
}

impl Served {
    /// The ids of all notifications, the newest first.
    async fn notifications(&self) -> Vec<String> {
        let slice = Slice::of(Page::first(100));
        let all = Filter::notifications();
        let all = self.engine.find_notifications(&all, &slice).await.unwrap();
        all.into_iter().map(|it| it.id.to_string()).collect()
    }
}
