//! A sign-up as people live it: asked for over HTTP, approved by an administrator in a browser,
//! mailed, and finished in a browser by a person who then has an account in the real Keystone.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    task::{spawn_blocking, spawn_local},
};
use wafflehaus::{
    keystone::{KeystoneClient, KeystoneLayer},
    openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential},
    workflow::{
        Engine, Key, Registry, TaskType, Worker,
        actions::{DefaultProjectResources, NetworkSettings, NewProjectWithUser, People, Regions},
        identity::KeystoneIdentity,
        network::NeutronNetwork,
        store::SqliteStore,
    },
    workflow_messages::{MessageSettings, Messages},
    workflow_pages::{KeystoneSignIn, PageSettings, Pages},
    workflow_service::{Authentication, WorkflowService},
};

use crate::{
    cloud::{full, line, send},
    sink::Sink,
    support::{Lab, text, with_lab_for},
    webdriver::{Chromium, ENTER},
};

const PASSWORD: &str = "correct horse battery staple";

/// A folder that goes when this is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The whole service before the real cloud, and where people reach it.
struct Service {
    url: String,
    address: SocketAddr,
    sink: Sink,
    _folder: Folder,
}

impl Service {
    async fn start(lab: &Lab, external: &str) -> Self {
        let endpoint = |it: SocketAddr| -> Endpoint { format!("http://{it}").parse().unwrap() };
        let (keystone, neutron) = (endpoint(lab.cloud.keystone), endpoint(lab.cloud.neutron));
        let admin = AuthMethod::Password {
            user: Named::in_domain("admin", "Default"),
            password: lab.cloud.password.clone().into(),
            project: Named::in_domain("admin", "Default"),
        };
        // A busy machine needs many seconds for a network.
        let client = Client::builder().deadline(Duration::from_secs(60)).build();
        let client = client.unwrap();
        let credential = ServiceCredential::new(client.clone(), keystone.clone(), admin);
        let identity = KeystoneIdentity::new(keystone.clone(), credential.clone());
        let identity = Arc::new(identity);
        let network = Arc::new(NeutronNetwork::new(neutron, credential.clone()));
        let regions = Regions::new("RegionOne", NetworkSettings::new(external), network);
        let people = People::new(identity.clone());
        let actions = ["NewProjectWithUser", "DefaultProjectResources"];
        let registry = Registry::new()
            .action(NewProjectWithUser::new(people.clone(), ["member"]))
            .and_then(|it| it.action(DefaultProjectResources::new(people, regions)))
            .and_then(|it| it.task_type(TaskType::new("create_project", actions)))
            .unwrap();

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        let sink = Sink::start().await;
        let mail = json!({
            "smtp": { "host": "127.0.0.1", "security": "none", "port": sink.port() },
            "default_task_settings": { "reply": "no-reply@cloud.example" },
        });
        let mail: MessageSettings = serde_json::from_value(mail).unwrap();
        let messages = Messages::new(&mail.link_to_pages(&url), &registry).unwrap();
        let folder = std::env::temp_dir().join(&lab.mark);
        std::fs::create_dir(&folder).unwrap();
        let store = SqliteStore::open(folder.join("tasks.db")).await.unwrap();
        let engine = Engine::new(Arc::new(store), registry, Key::random().unwrap(), messages);
        let worker = Worker::new(engine.clone());
        tokio::spawn(async move { worker.run(2, std::future::pending()).await });

        let validator = KeystoneClient::new(keystone.clone(), credential.any_role());
        let layer = KeystoneLayer::new(validator, &keystone).unwrap();
        let authentication = Authentication::keystone(layer.deadline(Duration::from_secs(60)));
        let service = WorkflowService::new(engine, identity, authentication);
        let mut settings = PageSettings::default();
        settings.url = Some(url.parse().unwrap());
        let router = Pages::new(service, settings)
            .unwrap()
            .sign_in(KeystoneSignIn::new(client, keystone))
            .router()
            .into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            address,
            sink,
            _folder: Folder(folder),
        }
    }

    /// The link in the mail to this address, once it has come.
    async fn link(&self, lab: &Lab, to: &str) -> String {
        let start = format!("{}/token/", self.url);
        let find = || {
            let mails = self.sink.mails().into_iter();
            let mut to = mails.filter(|it| it.to == [to]);
            to.find_map(|it| {
                let text = it.text();
                let line = text.lines().find(|it| it.starts_with(&start));
                line.map(str::to_owned)
            })
        };
        lab.until("the mail has come", async || find().is_some())
            .await;
        find().unwrap()
    }
}

/// Signs in as the lab's administrator, and approves the only open task.
fn approve(chromium: &Chromium, url: &str, password: &str) {
    chromium.go(&format!("{url}/admin"));
    for (field, value) in [
        ("user", "admin"),
        ("password", password),
        ("project", "admin"),
    ] {
        chromium.tab_to(field);
        chromium.keys(value);
    }
    chromium.keys(ENTER);
    chromium.wait_for("article h2 a");
    chromium.click("article h2 a");
    chromium.wait_for(".stages");
    while !chromium.has("form[action$='/approve']") {
        // It is still being validated.
        chromium.click(".acts p a");
        chromium.wait_for(".stages");
    }
    chromium.tab_to("Approve");
    chromium.keys(ENTER);
    chromium.wait_for(".news, .summary");
    assert!(
        chromium.has(".news")
            || chromium
                .text(".summary")
                .contains("could not be done just now"),
        "{}",
        chromium.text("main")
    );
}

fn set_password(chromium: &Chromium, link: &str) {
    chromium.go(link);
    for field in ["field-password", "again-password"] {
        chromium.tab_to(field);
        chromium.keys(PASSWORD);
    }
    chromium.keys(ENTER);
    chromium.wait_to(&["/token/password-set", "/token/begun"]);
}

/// A sign-up from its beginning to a token for the new project, whose id this is.
async fn sign_up(lab: &Lab, external: &str) -> Option<String> {
    let chromium = Arc::new(spawn_blocking(|| Chromium::start(true)).await.unwrap()?);
    let service = Service::start(lab, external).await;
    let (project, email) = (&lab.mark, format!("{}@lab.example", lab.mark));
    let body = json!({ "project_name": project, "email": email, "setup_resources": true });
    let request = line("POST /v1/openstack/sign-up")
        .header("content-type", "application/json")
        .body(full(body.to_string()));
    let answer = send(service.address, request.unwrap()).await;
    assert_eq!(answer.status, 202, "{answer:?}");

    let (browser, url, password) = (
        Arc::clone(&chromium),
        service.url.clone(),
        lab.cloud.password.clone(),
    );
    let approved = spawn_blocking(move || approve(&browser, &url, &password)).await;
    approved.unwrap();
    let link = service.link(lab, &email).await;
    let set = spawn_blocking(move || set_password(&chromium, &link)).await;
    set.unwrap();

    let identity = json!({ "methods": ["password"], "password": { "user": {
        "name": email, "domain": { "id": "default" }, "password": PASSWORD,
    } } });
    let scope = json!({ "project": { "name": project, "domain": { "id": "default" } } });
    let auth = json!({ "auth": { "identity": identity, "scope": scope } });
    let log_in = async || {
        let request = line("POST /v3/auth/tokens")
            .header("content-type", "application/json")
            .body(full(auth.to_string()));
        send(lab.cloud.keystone, request.unwrap()).await
    };
    lab.until("the person has an account", async || {
        log_in().await.status == 201
    })
    .await;
    let token = log_in().await.json();
    assert_eq!(token["token"]["roles"][0]["name"], "member");
    Some(text(&token["token"]["project"]["id"]))
}

#[tokio::test]
async fn who_signs_up_ends_with_a_password_that_the_real_keystone_takes() {
    with_lab_for(Duration::from_secs(480), async |lab| {
        let external = format!("{}-public", lab.mark);
        let body = json!({ "network": { "name": external, "router:external": true } });
        let body = body.to_string();
        let asked = "POST /v2.0/networks";
        lab.cloud.neutron(&lab.admin, asked, &body).await;
        let own = Arc::clone(&lab);
        let test = async move {
            if let Some(project) = sign_up(&own, &external).await {
                let made = made(&own, &project).await;
                let counts = made.each_ref().map(Vec::len);
                assert_eq!(counts, [1, 1, 1], "routers, subnets, networks");
            }
        };
        let ended = spawn_local(test).await;
        clean_up(&lab).await;
        if let Err(failed) = ended {
            std::panic::resume_unwind(failed.into_panic());
        }
    })
    .await;
}

/// The routers, subnets and networks of a project.
async fn made(lab: &Lab, project: &str) -> [Vec<String>; 3] {
    let list = async |what: &str| {
        let asked = format!("GET /v2.0/{what}?project_id={project}");
        let found = lab.cloud.neutron(&lab.admin, &asked, "").await;
        let found = found[what].as_array().unwrap().iter();
        found.map(|it| text(&it["id"])).collect()
    };
    [
        list("routers").await,
        list("subnets").await,
        list("networks").await,
    ]
}

/// Removes the project and what is in it, and the external network.
async fn clean_up(lab: &Lab) {
    let neutron =
        async |asked: String, body: String| lab.cloud.neutron(&lab.admin, &asked, &body).await;
    let list = format!("GET /v3/projects?name={}", lab.mark);
    let projects = lab.keystone(&list, &Value::Null).await;
    for project in projects["projects"].as_array().unwrap() {
        let project = text(&project["id"]);
        let [routers, subnets, networks] = made(lab, &project).await;
        for router in &routers {
            for subnet in &subnets {
                let body = json!({ "subnet_id": subnet }).to_string();
                let asked = format!("PUT /v2.0/routers/{router}/remove_router_interface");
                neutron(asked, body).await;
            }
            neutron(format!("DELETE /v2.0/routers/{router}"), String::new()).await;
        }
        for network in &networks {
            neutron(format!("DELETE /v2.0/networks/{network}"), String::new()).await;
        }
        let delete = format!("DELETE /v3/projects/{project}");
        lab.keystone(&delete, &Value::Null).await;
    }
    let list = format!("GET /v2.0/networks?name={}-public", lab.mark);
    let networks = neutron(list, String::new()).await;
    for network in networks["networks"].as_array().unwrap() {
        let delete = format!("DELETE /v2.0/networks/{}", text(&network["id"]));
        neutron(delete, String::new()).await;
    }
}
