//! `wafflehaus workflow` as an operator runs it, before a real Keystone, Neutron and Nova: from a
//! sign-up with a network to a cleared project, in an API process and a worker.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    cloud::{Answer, full, line, send},
    sink::Sink,
    support::{Lab, text, with_lab_for},
};

/// A process that ends with this.
struct Process(Child, BufReader<ChildStderr>);

impl Process {
    fn start(config: &PathBuf, part: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wafflehaus"))
            .args(["workflow", "--only", part, "--config"])
            .arg(config)
            .env("RUST_LOG", "debug,sqlx=info,hyper=info")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self(child, log)
    }

    /// Where it listens.
    fn address(&mut self) -> SocketAddr {
        let mut line = String::new();
        while self.1.read_line(&mut line).unwrap() > 0 {
            if let Some((_, address)) = line.trim_end().split_once("address=") {
                return address.parse().unwrap();
            }
            line.clear();
        }
        panic!("it does not listen");
    }

    /// Asks it to stop, and gives what it has said.
    fn stop(mut self) -> String {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        let mut said = String::new();
        self.1.read_to_string(&mut said).unwrap();
        assert!(self.0.wait().unwrap().success(), "{said}");
        said
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().unwrap();
    }
}

struct Operator {
    lab: Arc<Lab>,
    sink: Sink,
    folder: PathBuf,
}

impl Operator {
    async fn new(lab: Arc<Lab>) -> Self {
        let folder = std::env::temp_dir().join(&lab.mark);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("key"), "5a".repeat(32)).unwrap();
        fs::write(folder.join("password"), &lab.cloud.password).unwrap();
        let sink = Sink::start().await;
        Self { lab, sink, folder }
    }

    fn config(&self) -> PathBuf {
        let cloud = &self.lab.cloud;
        let (keystone, nova, neutron) = (cloud.keystone, cloud.nova, cloud.neutron);
        let (mark, port) = (&self.lab.mark, self.sink.port());
        let text = format!(
            r#"
listen = "127.0.0.1:0"
database = "tasks.db"
key_file = "key"

[keystone]
auth_url = "http://{keystone}/v3"
username = "admin"
password_file = "password"
project_name = "admin"

[identity]
roles = ["member", "reader"]
default_roles = ["member"]
roles_mapping = {{ admin = ["member", "reader"], member = ["member", "reader"] }}

[regions.RegionOne]
nova = "http://{nova}/v2.1"
neutron = "http://{neutron}"
network = {{ public_network = "{mark}-public" }}

[quota]
size_order = ["small", "large"]
sizes.small.nova = {{ instances = 10 }}
sizes.large.nova = {{ instances = 20 }}

[task_types.create_project]
additional_actions = ["AddDefaultUsersToProject", "DefaultProjectResources"]

[actions.AddDefaultUsersToProject]
users = ["admin"]
roles = ["reader"]

[service.access]
UpdateQuota = ["member"]
ClearProject = ["member"]

[messages]
token_url = "https://dashboard.example/token/"
smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}
default_task_settings.reply = "no-reply@cloud.example"
"#
        );
        let file = self.folder.join("workflow.toml");
        fs::write(&file, text).unwrap();
        file
    }

    /// The token of the latest mail of this kind, when there is one.
    async fn token(&self, subject: &str) -> String {
        for _ in 0..600 {
            let mails = self.sink.mails().into_iter();
            let mut mails = mails.filter(|it| it.data.contains(&format!("Subject: {subject}")));
            if let Some(mail) = mails.next_back() {
                let text = mail.data.replace("=\r\n", "");
                let (_, rest) = text.split_once("/token/").unwrap();
                return rest[..32].to_owned();
            }
            sleep(Duration::from_millis(200)).await;
        }
        panic!("no mail about {subject}: {:?}", self.sink.mails());
    }

    /// Deletes the external network and, with all they have, the projects and users of the test.
    async fn clean_up(&self) {
        let lab = &self.lab;
        for (kind, by) in [("projects", "name"), ("users", "name")] {
            let list = format!("GET /v3/{kind}?{by}__startswith={}", lab.mark);
            let found = lab.keystone(&list, &Value::Null).await;
            for it in found[kind].as_array().unwrap() {
                let id = text(&it["id"]);
                if kind == "projects" {
                    self.clear(&id).await;
                }
                let delete = format!("DELETE /v3/{kind}/{id}");
                lab.keystone(&delete, &Value::Null).await;
            }
        }
        let list = format!("GET /v2.0/networks?name={}-public", lab.mark);
        let networks = lab.cloud.neutron(&lab.admin, &list, "").await;
        for network in networks["networks"].as_array().unwrap() {
            let delete = format!("DELETE /v2.0/networks/{}", text(&network["id"]));
            lab.cloud.neutron(&lab.admin, &delete, "").await;
        }
        fs::remove_dir_all(&self.folder).unwrap();
    }

    /// What a test that failed half-way has left in a project.
    async fn clear(&self, project: &str) {
        let (cloud, admin) = (&self.lab.cloud, &self.lab.admin);
        let routers = format!("GET /v2.0/routers?project_id={project}");
        let routers = cloud.neutron(admin, &routers, "").await;
        for router in routers["routers"].as_array().unwrap() {
            let id = text(&router["id"]);
            let ports =
                format!("GET /v2.0/ports?device_id={id}&device_owner=network:router_interface");
            let ports = cloud.neutron(admin, &ports, "").await;
            for port in ports["ports"].as_array().unwrap() {
                let remove = format!("PUT /v2.0/routers/{id}/remove_router_interface");
                let body = json!({ "port_id": port["id"] }).to_string();
                cloud.neutron(admin, &remove, &body).await;
            }
            cloud
                .neutron(admin, &format!("DELETE /v2.0/routers/{id}"), "")
                .await;
        }
        for network in self.networks(project).await {
            cloud
                .neutron(admin, &format!("DELETE /v2.0/networks/{network}"), "")
                .await;
        }
    }

    async fn networks(&self, project: &str) -> Vec<String> {
        let list = format!("GET /v2.0/networks?project_id={project}");
        let networks = self.lab.cloud.neutron(&self.lab.admin, &list, "").await;
        let networks = networks["networks"].as_array().unwrap().iter();
        networks.map(|it| text(&it["id"])).collect()
    }

    async fn instances(&self, project: &str) -> Value {
        let request = line(&format!("GET /v2.1/os-quota-sets/{project}"))
            .header("x-auth-token", &self.lab.admin.token);
        let answer = send(self.lab.cloud.nova, request.body(full("")).unwrap()).await;
        answer.json()["quota_set"]["instances"].clone()
    }
}

async fn ask(address: SocketAddr, asked: &str, token: &str, body: Value) -> Answer {
    let mut request = line(asked).header("content-type", "application/json");
    if !token.is_empty() {
        request = request.header("x-auth-token", token);
    }
    let body = match body {
        Value::Null => full(""),
        body => full(body.to_string()),
    };
    send(address, request.body(body).unwrap()).await
}

/// The newest task of a type, when it is like this.
async fn until(
    address: SocketAddr,
    admin: &str,
    task_type: &str,
    is: impl Fn(&Value) -> bool,
) -> Value {
    let mut last = Value::Null;
    for _ in 0..600 {
        let answer = ask(address, "GET /v1/tasks", admin, Value::Null).await;
        let tasks = answer.json();
        let tasks = tasks["tasks"].as_array().cloned().unwrap_or_default();
        if let Some(task) = tasks.into_iter().find(|it| it["task_type"] == task_type) {
            if is(&task) {
                return task;
            }
            last = task;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!("{task_type}: {last}");
}

#[tokio::test]
async fn from_a_signup_to_a_cleared_project() {
    with_lab_for(Duration::from_secs(540), async |lab| {
        let operator = Arc::new(Operator::new(lab).await);
        let body = json!({ "network": {
            "name": format!("{}-public", operator.lab.mark), "router:external": true,
        } });
        let (cloud, admin) = (&operator.lab.cloud, &operator.lab.admin);
        cloud
            .neutron(admin, "POST /v2.0/networks", &body.to_string())
            .await;
        let ended = tokio::task::spawn_local(run(Arc::clone(&operator))).await;
        operator.clean_up().await;
        if let Err(failed) = ended {
            std::panic::resume_unwind(failed.into_panic());
        }
    })
    .await;
}

async fn run(operator: Arc<Operator>) {
    let (lab, config) = (&operator.lab, operator.config());
    let checked = Command::new(env!("CARGO_BIN_EXE_wafflehaus"))
        .args(["workflow", "check", "--online", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    let said = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(0), "{said}");
    for found in [
        "role `reader`",
        "public network",
        "RegionOne: quotas can be read",
    ] {
        assert!(said.contains(found), "{said}");
    }

    let mut api = Process::start(&config, "api");
    let worker = Process::start(&config, "worker");
    let address = api.address();
    let admin = &lab.admin.token;
    let (email, password) = (
        format!("{}-ann@lab.example", lab.mark),
        "a password of ann's",
    );

    let signup = json!({
        "email": email, "project_name": format!("{}-acme", lab.mark), "setup_resources": true,
    });
    let answer = ask(address, "POST /v1/openstack/sign-up", "", signup).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let waits = |it: &Value| it["status"] != "cancelled" && it["approved"] == false;
    let task = until(address, admin, "create_project", waits).await;
    let id = text(&task["uuid"]);
    // Before its first stage has run it cannot be approved.
    let mut answer = ask(
        address,
        &format!("POST /v1/tasks/{id}"),
        admin,
        json!({ "approved": true }),
    )
    .await;
    for _ in 0..100 {
        if answer.status < 300 {
            break;
        }
        sleep(Duration::from_millis(300)).await;
        answer = ask(
            address,
            &format!("POST /v1/tasks/{id}"),
            admin,
            json!({ "approved": true }),
        )
        .await;
    }
    assert!(answer.status < 300, "{answer:?}");
    let token = operator.token("signup approved").await;
    let submit = format!("POST /v1/tokens/{token}");
    let answer = ask(address, &submit, "", json!({ "password": password })).await;
    assert!(answer.status < 300, "{answer:?}");
    let completed = |it: &Value| it["completed"] == true;
    until(address, admin, "create_project", completed).await;

    let project = lab
        .keystone(
            &format!("GET /v3/projects?name={}-acme", lab.mark),
            &Value::Null,
        )
        .await;
    let project = text(&project["projects"][0]["id"]);
    assert_eq!(operator.networks(&project).await.len(), 1);
    let of_admin = format!(
        "GET /v3/role_assignments?scope.project.id={project}&user.id={}",
        lab.admin.user
    );
    let of_admin = lab.keystone(&of_admin, &Value::Null).await;
    assert_eq!(of_admin["role_assignments"].as_array().unwrap().len(), 1);
    let identity = json!({ "methods": ["password"], "password": { "user": {
        "name": email, "domain": { "id": "default" }, "password": password,
    } } });
    let scope = json!({ "project": { "id": project } });
    let (_, ann) = lab.cloud.authenticate(identity, Some(scope)).await;

    let answer = ask(
        address,
        "POST /v1/openstack/quotas",
        &ann,
        json!({ "size": "large" }),
    )
    .await;
    assert!(answer.status < 300, "{answer:?}");
    let decided = |it: &Value| it["completed"] == true || it["approved"] == false;
    let task = until(address, admin, "update_quota", decided).await;
    // Whether it needs somebody depends on what this Nova gives a project by default.
    if task["completed"] == false {
        let approve = format!("POST /v1/tasks/{}", text(&task["uuid"]));
        let answer = ask(address, &approve, admin, json!({ "approved": true })).await;
        assert!(answer.status < 300, "{answer:?}");
    }
    until(address, admin, "update_quota", completed).await;
    assert_eq!(operator.instances(&project).await, 20);

    let answer = ask(
        address,
        "POST /v1/actions/ClearProject",
        &ann,
        json!({ "email": email }),
    )
    .await;
    assert!(answer.status < 300, "{answer:?}");
    let task = until(address, admin, "clear_project", |it| it["approved"] == true).await;
    let token = operator.token("Your Token").await;
    let submit = format!("POST /v1/tokens/{token}");
    let answer = ask(address, &submit, "", json!({ "confirm": true })).await;
    // Neutron may take longer than an answer waits.
    assert!(
        answer.status < 300 || answer.status == 503,
        "{answer:?} {task}"
    );
    until(address, admin, "clear_project", completed).await;
    assert_eq!(operator.networks(&project).await, Vec::<String>::new());

    let said = [api.stop(), worker.stop()].concat();
    let key = "5a".repeat(32);
    for secret in [password, &token, &ann, admin, &key] {
        assert!(!said.contains(secret), "{said}");
    }
}
