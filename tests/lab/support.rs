//! One test's lab: who asks, what is asked through the gateway, and what Nova then has.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, request::Builder};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::{
    sync::RwLock,
    task::LocalSet,
    time::{Instant, sleep, timeout},
};

use crate::{
    cloud::{Answer, Caller, Cloud, full, line, send},
    control::Control,
    gateway::Gateway,
};

pub(crate) struct Lab {
    pub(crate) cloud: Cloud,
    pub(crate) openrc: PathBuf,
    pub(crate) gateway: Gateway,
    pub(crate) admin: Caller,
    /// Whom the policies are for.
    pub(crate) user1: Caller,
    /// The name of every server and port of this test.
    pub(crate) mark: String,
    pub(crate) networks: HashMap<String, String>,
    image: String,
}

/// Tests share the lab, but for those that stop a part of it.
static IN_USE: RwLock<()> = RwLock::const_new(());

/// Runs a test, if there is a lab, and cleans up after it.
pub(crate) async fn with_lab<F, T>(test: F)
where
    F: FnOnce(Arc<Lab>) -> T,
    T: Future<Output = ()> + 'static,
{
    with_lab_for(PATIENCE, test).await;
}

/// The same for a test that may take as long as this.
pub(crate) async fn with_lab_for<F, T>(patience: Duration, test: F)
where
    F: FnOnce(Arc<Lab>) -> T,
    T: Future<Output = ()> + 'static,
{
    let Some(openrc) = variable("WAFFLEHAUS_LAB") else {
        return;
    };
    let _shared = IN_USE.read().await;
    run(&openrc, patience, test).await;
}

/// Runs a test that has the lab to itself, with the command that starts what does not run.
pub(crate) async fn with_lab_alone<F, T>(test: F)
where
    F: FnOnce(Arc<Lab>, Control) -> T,
    T: Future<Output = ()> + 'static,
{
    let (Some(openrc), Some(up)) = (variable("WAFFLEHAUS_LAB"), variable("WAFFLEHAUS_LAB_UP"))
    else {
        return;
    };
    let _alone = IN_USE.write().await;
    let control = Control::new(Path::new(&openrc), up);
    run(&openrc, PATIENCE, |lab| test(lab, control)).await;
}

/// A variable of the environment, without which a test says that it is skipped.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    let value = std::env::var_os(name);
    if value.is_none() {
        skipped(&format!("{name} is not set"));
    }
    value
}

/// Says that this test is skipped, and why.
pub(crate) fn skipped(why: &str) {
    let test = std::thread::current();
    let test = test.name().unwrap_or_default();
    // Not by a macro, whose output nobody sees of a test that does not fail; and in one piece, on
    // a line of its own whatever else is printed.
    let line = format!("\nSKIPPED {test}: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

async fn run<F, T>(openrc: &OsStr, patience: Duration, test: F)
where
    F: FnOnce(Arc<Lab>) -> T,
    T: Future<Output = ()> + 'static,
{
    let lab = Arc::new(Lab::start(Path::new(openrc)).await);
    // A task, so that a panic ends here.
    let local = LocalSet::new();
    let running = local.spawn_local(test(Arc::clone(&lab)));
    let ended = timeout(patience, local.run_until(running)).await;
    timeout(PATIENCE, lab.clean_up()).await.unwrap();
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(failed)) => std::panic::resume_unwind(failed.into_panic()),
        Err(_) => panic!("not over in {patience:?}"),
    }
}

impl Lab {
    async fn start(openrc: &Path) -> Self {
        let cloud = Cloud::find(openrc).await;
        let admin = cloud.caller("admin", "admin").await;
        let networks = cloud.networks(&admin).await;
        let mut lab = Self {
            gateway: Gateway::start(&cloud, &networks).await,
            user1: cloud.caller("user1", "project1").await,
            mark: format!("wafflehaus-{}", uuid::Uuid::new_v4()),
            image: String::new(),
            openrc: openrc.to_owned(),
            cloud,
            admin,
            networks,
        };
        let answer = lab.nova("GET /v2.1/images").await;
        lab.image = text(&answer["images"][0]["id"]);
        lab
    }

    pub(crate) fn network(&self, name: &str) -> &str {
        &self.networks[name]
    }

    /// Another gateway, which looks up in another cloud than this one.
    pub(crate) async fn gateway_to(&self, cloud: &Cloud) -> Gateway {
        Gateway::start(cloud, &self.networks).await
    }

    /// Sends a request through the gateway, with the headers of an authenticator.
    pub(crate) async fn ask<B>(&self, caller: &Caller, request: Request<B>) -> Answer
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync,
    {
        self.gateway.ask(caller, request).await
    }

    /// The JSON of a create with these `networks`, or without.
    pub(crate) fn create_body(&self, networks: Option<Value>) -> Value {
        let mut body = json!({ "server": {
            "name": self.mark, "imageRef": self.image, "flavorRef": "1",
        } });
        if let Some(networks) = networks {
            body["server"]["networks"] = networks;
        }
        body
    }

    /// `networks` with the ids of these.
    pub(crate) fn named(&self, names: &[&str]) -> Value {
        let id = |name: &&str| json!({ "uuid": self.network(name) });
        names.iter().map(id).collect()
    }

    /// Has a server made through the gateway, and gives its id.
    pub(crate) async fn create(&self, caller: &Caller, networks: Value) -> String {
        let request = post("/v2.1/servers", &self.create_body(Some(networks)));
        created(&self.ask(caller, request).await)
    }

    /// A server that is up, on these networks.
    pub(crate) async fn server(&self, networks: &[&str]) -> String {
        let server = self.create(&self.user1, self.named(networks)).await;
        self.active(&server).await;
        server
    }

    pub(crate) async fn attach(&self, server: &str, named: Value) -> Answer {
        let target = format!("/v2.1/servers/{server}/os-interface");
        let body = json!({ "interfaceAttachment": named });
        self.ask(&self.user1, post(&target, &body)).await
    }

    /// A port of user1's that no server has.
    pub(crate) async fn port(&self, network: &str) -> String {
        let body = json!({ "port": { "name": self.mark, "network_id": self.network(network) } });
        let ports = "POST /v2.0/ports";
        let answer = self
            .cloud
            .neutron(&self.user1, ports, &body.to_string())
            .await;
        text(&answer["port"]["id"])
    }

    /// What Nova tells an administrator, past the gateway.
    pub(crate) async fn nova(&self, asked: &str) -> Value {
        let answer = send(self.cloud.nova, self.authorized(asked)).await;
        assert!(answer.status < 300, "{asked}: {answer:?}");
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// The same of what there may not be.
    pub(crate) async fn nova_if_there(&self, asked: &str) -> Option<Value> {
        let answer = send(self.cloud.nova, self.authorized(asked)).await;
        (answer.status != 404).then(|| answer.json())
    }

    /// Has an action done as an administrator, past the gateway.
    pub(crate) async fn act(&self, server: &str, action: &str) {
        let request = json_request(&format!("/v2.1/servers/{server}/action"));
        let request = request.header("x-auth-token", &self.admin.token);
        let request = request.body(full(action.to_owned())).unwrap();
        let answer = send(self.cloud.nova, request).await;
        assert_eq!(answer.status, 202, "{action}: {answer:?}");
    }

    fn authorized(&self, asked: &str) -> Request<Full<Bytes>> {
        let request = line(asked).header("x-auth-token", &self.admin.token);
        // The last in which Nova tells everything that is asked for here.
        let request = request.header("openstack-api-version", "compute 2.35");
        request.body(full("")).unwrap()
    }

    /// The servers that this test has made, whatever it was told.
    pub(crate) async fn made(&self) -> Vec<String> {
        let list = format!("GET /v2.1/servers?all_tenants=1&name={}", self.mark);
        let answer = self.nova(&list).await;
        let servers = answer["servers"].as_array().unwrap().iter();
        servers.map(|server| text(&server["id"])).collect()
    }

    /// Deletes a server, past the gateway; it may be gone already.
    pub(crate) async fn delete(&self, server: &str) {
        let delete = format!("DELETE /v2.1/servers/{server}");
        send(self.cloud.nova, self.authorized(&delete)).await;
    }

    /// Waits until a server is up.
    pub(crate) async fn active(&self, server: &str) {
        let show = format!("GET /v2.1/servers/{server}");
        self.until(&format!("{server} is active"), async || {
            let server = &self.nova(&show).await["server"];
            assert_ne!(server["status"], "ERROR", "{server}");
            server["status"] == "ACTIVE"
        })
        .await;
    }

    /// The ports that a server has, with the names of their networks, in the order of these.
    pub(crate) async fn interfaces(&self, server: &str) -> Vec<(String, String)> {
        let list = format!("GET /v2.1/servers/{server}/os-interface");
        let answer = self.nova(&list).await;
        let name = |id: &Value| {
            let mut known = self.networks.iter();
            known.find(|(_, known)| id == *known).unwrap().0.clone()
        };
        let interfaces = answer["interfaceAttachments"].as_array().unwrap().iter();
        let mut interfaces: Vec<_> = interfaces
            .map(|it| (name(&it["net_id"]), text(&it["port_id"])))
            .collect();
        interfaces.sort();
        interfaces
    }

    /// The names of the networks that a server is on.
    pub(crate) async fn networks_of(&self, server: &str) -> Vec<String> {
        let interfaces = self.interfaces(server).await;
        interfaces.into_iter().map(|(name, _)| name).collect()
    }

    pub(crate) async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let begin = Instant::now();
        while !holds().await {
            assert!(begin.elapsed() < PATIENCE / 3, "not in time: {what}");
            // A real cloud has no signal for this.
            sleep(Duration::from_millis(250)).await;
        }
    }

    async fn clean_up(&self) {
        for server in self.made().await {
            self.delete(&server).await;
        }
        self.until("all servers are gone", async || {
            self.made().await.is_empty()
        })
        .await;
        self.forget_trunks().await;
        let list = format!("GET /v2.0/ports?name={}", self.mark);
        let ports = self.cloud.neutron(&self.admin, &list, "").await;
        for port in ports["ports"].as_array().unwrap() {
            let delete = format!("DELETE /v2.0/ports/{}", text(&port["id"]));
            self.cloud.neutron(&self.admin, &delete, "").await;
        }
        self.forget_tenants().await;
        self.forget_users().await;
    }
}

/// A request with a body, and with what may be added to it.
pub(crate) fn post(target: &str, body: &Value) -> Request<Full<Bytes>> {
    json_request(target).body(full(body.to_string())).unwrap()
}

pub(crate) fn json_request(target: &str) -> Builder {
    line(&format!("POST {target}")).header("content-type", "application/json")
}

/// The server of a create that passed.
pub(crate) fn created(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{answer:?}");
    text(&answer.json()["server"]["id"])
}

/// Whether the gateway refused with this status and a message that has this in it.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer, status: u16, message: &str) {
    assert_eq!(answer.status, status, "{message}: {answer:?}");
    assert!(answer.message().contains(message), "{message}: {answer:?}");
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

/// For a test, and for cleaning up after it. A busy machine needs seconds for each server.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);
