//! A project that has the servers and ports which the requests of the catalogue are about, and
//! gets them back after each of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    cloud::{Caller, send},
    requests::{BANNED, FREE, IMAGE, Ids, MOST, REQUIRED, SPARE, Sender, Shot, ask, status},
    support::{Lab, created, post, text},
};

pub(crate) struct Tenant {
    lab: Arc<Lab>,
    caller: Caller,
    pub(crate) ids: Ids,
    base: State,
}

/// What a project has, as Nova and Neutron tell an administrator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// The status of each server.
    pub(crate) servers: BTreeMap<String, String>,
    pub(crate) ports: BTreeMap<String, Port>,
    /// Whether a server is being worked on.
    busy: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) server: String,
    pub(crate) network: String,
    pub(crate) addresses: Vec<String>,
}

impl State {
    pub(crate) fn networks(&self, server: &str) -> Vec<&str> {
        let ports = self.ports.values().filter(|port| port.server == server);
        let mut networks: Vec<_> = ports.map(|port| port.network.as_str()).collect();
        networks.sort_unstable();
        networks
    }

    /// What the policies should have prevented, if it has happened.
    fn harm(&self, ids: Ids) -> Option<String> {
        let attached = self.ports.values().map(|port| port.server.as_str());
        let servers: BTreeSet<&str> = attached.filter(|server| !server.is_empty()).collect();
        for server in servers {
            let networks: BTreeSet<_> = self.networks(server).into_iter().collect();
            if networks.contains(BANNED) {
                return Some(format!("{server} is on the banned network"));
            }
            if networks.len() > MOST {
                return Some(format!("{server} is on {} networks", networks.len()));
            }
        }
        for (server, status) in &self.servers {
            // One that could not be built has nothing.
            if status == "ACTIVE" && !self.networks(server).contains(&REQUIRED) {
                return Some(format!("{server} is not on the required network"));
            }
        }
        let stays = [(ids.full, ids.full_stays), (ids.small, ids.small_stays)];
        stays.into_iter().find_map(|(server, port)| {
            let port = self.ports.get(port);
            let stayed =
                port.is_some_and(|port| port.server == server && !port.addresses.is_empty());
            (self.servers.contains_key(server) && !stayed)
                .then(|| format!("{server} lost its required port, or its address"))
        })
    }
}

/// What came of a request.
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) answer: String,
    pub(crate) state: State,
}

impl Tenant {
    pub(crate) async fn new(lab: &Arc<Lab>, number: usize) -> Self {
        for (name, id) in [
            ("net1", REQUIRED),
            ("net2", BANNED),
            ("net3", FREE),
            ("net4", SPARE),
        ] {
            assert_eq!(lab.network(name), id, "the lab's networks have other ids");
        }
        let name = format!("{}-{number}", lab.mark);
        let body = json!({ "project": { "name": name, "domain_id": "default" } });
        let made = lab.keystone("POST /v3/projects", &body).await;
        let project = text(&made["project"]["id"]);
        let person = lab.person(&format!("tenant-{number}")).await;
        for role in ["member", "role1"] {
            lab.grant(&person, role, &format!("projects/{project}"))
                .await;
        }
        let caller = lab.cloud.caller(&person.name, &name).await;
        let ids = Ids {
            project: project.leak(),
            other_project: lab.admin.project.clone().leak(),
            ..Ids::default()
        };
        let mut tenant = Self {
            lab: Arc::clone(lab),
            caller,
            ids,
            base: State::default(),
        };
        tenant.restore().await;
        tenant
    }

    fn sender(&self) -> Sender<'_> {
        Sender {
            token: &self.caller.token,
            user: &self.caller.user,
            project: &self.caller.project,
            roles: &self.caller.roles,
        }
    }

    /// The bytes of a request as they are sent, but for the token.
    pub(crate) fn bytes(&self, shot: &Shot) -> String {
        let sender = Sender {
            token: "TOKEN",
            ..self.sender()
        };
        shot.bytes(sender).escape_ascii().to_string()
    }

    /// Sends a request through the gateway, and waits until nothing more comes of it.
    pub(crate) async fn send(&self, shot: &Shot) -> Outcome {
        let answer = ask(self.lab.gateway.address, &shot.bytes(self.sender())).await;
        let status = status(&answer);
        // What Nova has accepted is not done yet. Only a new server shows at once.
        let pending = status == 202 && !answer.to_ascii_lowercase().contains("\r\nlocation:");
        let mut state = self.state().await;
        let begin = Instant::now();
        while state.busy || (pending && state == self.base && begin.elapsed() < ACCEPTED) {
            assert!(begin.elapsed() < PATIENCE, "not over: {state:?}");
            // A real cloud has no signal for this.
            sleep(INTERVAL).await;
            state = self.state().await;
        }
        Outcome {
            status,
            answer,
            state,
        }
    }

    pub(crate) fn harm(&self, state: &State) -> Option<String> {
        state.harm(self.ids)
    }

    /// Whether all is as it was before any request.
    pub(crate) fn is_unharmed(&self, state: &State) -> bool {
        *state == self.base
    }

    async fn state(&self) -> State {
        let project = self.ids.project;
        let list = format!("GET /v2.1/servers/detail?all_tenants=1&project_id={project}");
        let answer = self.lab.nova(&list).await;
        let mut state = State::default();
        for server in answer["servers"].as_array().unwrap() {
            let status = text(&server["status"]);
            let waits = status == "BUILD" || !server["OS-EXT-STS:task_state"].is_null();
            state.busy |= waits && status != "ERROR";
            state.servers.insert(text(&server["id"]), status);
        }
        let fields = "fields=id&fields=device_id&fields=network_id&fields=fixed_ips";
        let list = format!("GET /v2.0/ports?project_id={project}&{fields}");
        let cloud = &self.lab.cloud;
        let answer = cloud.neutron(&self.lab.admin, &list, "").await;
        for port in answer["ports"].as_array().unwrap() {
            let addresses = port["fixed_ips"].as_array().unwrap().iter();
            let found = Port {
                server: text(&port["device_id"]),
                network: text(&port["network_id"]),
                addresses: addresses.map(|it| text(&it["ip_address"])).collect(),
            };
            state.ports.insert(text(&port["id"]), found);
        }
        state
    }

    /// Gives the project back what it had.
    pub(crate) async fn restore(&mut self) {
        let now = self.state().await;
        if !self.base.servers.is_empty() && now == self.base {
            return;
        }
        let has = |server: &str| -> Vec<_> {
            let ports = now.ports.iter();
            ports.filter(|(_, port)| port.server == server).collect()
        };
        let had = |server: &str| -> Vec<_> {
            let ports = self.base.ports.iter();
            ports.filter(|(_, port)| port.server == server).collect()
        };
        let is_same = |server: &String| {
            self.base.servers.get(server) == now.servers.get(server) && has(server) == had(server)
        };
        let (same, other): (Vec<_>, Vec<_>) = now.servers.keys().partition(|it| is_same(it));
        for server in &other {
            self.lab.delete(server).await;
        }
        self.lab
            .until("what is left is as it was", async || {
                self.state().await.servers.keys().eq(same.iter().copied())
            })
            .await;
        let same: BTreeSet<String> = same.into_iter().cloned().collect();
        self.restore_ports().await;
        let Ids {
            full_stays,
            full_goes,
            small_stays,
            ..
        } = self.ids;
        if !same.contains(self.ids.full) {
            self.ids.full = self.server(&[full_stays, full_goes]).await;
        }
        if !same.contains(self.ids.small) {
            self.ids.small = self.server(&[small_stays]).await;
        }
        let begin = Instant::now();
        self.base = self.state().await;
        while self.base.busy {
            assert!(begin.elapsed() < PATIENCE, "not up: {:?}", self.base);
            sleep(INTERVAL).await;
            self.base = self.state().await;
        }
        assert_eq!(self.harm(&self.base), None);
        assert_eq!(self.base.servers.len(), 2, "{:?}", self.base);
    }

    async fn restore_ports(&mut self) {
        let now = self.state().await;
        let base = self.base.ports.clone();
        let is_kept = |id: &str| match (now.ports.get(id), base.get(id)) {
            (Some(now), Some(base)) => now.addresses == base.addresses,
            _ => false,
        };
        for id in now.ports.keys().filter(|id| !is_kept(id)) {
            let delete = format!("DELETE /v2.0/ports/{id}");
            self.lab.cloud.neutron(&self.lab.admin, &delete, "").await;
        }
        let mut ids = self.ids;
        for (id, network) in [
            (&mut ids.full_stays, REQUIRED),
            (&mut ids.full_goes, FREE),
            (&mut ids.small_stays, REQUIRED),
            (&mut ids.on_required, REQUIRED),
            (&mut ids.on_banned, BANNED),
            (&mut ids.on_free, FREE),
            (&mut ids.on_spare, SPARE),
        ] {
            if !is_kept(id) {
                *id = self.port(network).await;
            }
        }
        let now = self.state().await;
        let address = |port: &str| now.ports[port].addresses[0].clone().leak();
        ids.full_stays_address = address(ids.full_stays);
        ids.full_goes_address = address(ids.full_goes);
        self.ids = ids;
    }

    async fn port(&self, network: &str) -> &'static str {
        let body = json!({ "port": { "name": self.lab.mark, "network_id": network } });
        let cloud = &self.lab.cloud;
        let body = body.to_string();
        let made = cloud.neutron(&self.caller, "POST /v2.0/ports", &body).await;
        text(&made["port"]["id"]).leak()
    }

    /// A server with these ports, made past the gateway.
    async fn server(&self, ports: &[&str]) -> &'static str {
        let networks: Value = ports.iter().map(|id| json!({ "port": id })).collect();
        let body = json!({ "server": {
            "name": "web", "imageRef": IMAGE, "flavorRef": "1", "networks": networks,
        } });
        let mut request = post("/v2.1/servers", &body);
        let token = self.caller.token.parse().unwrap();
        request.headers_mut().insert("x-auth-token", token);
        created(&send(self.lab.cloud.nova, request).await).leak()
    }
}

impl Lab {
    /// Deletes the projects of this test, with all that they have.
    pub(crate) async fn forget_tenants(&self) {
        let list = format!("GET /v3/projects?name__startswith={}", self.mark);
        let answer = self.keystone(&list, &Value::Null).await;
        for project in answer["projects"].as_array().unwrap() {
            let project = text(&project["id"]);
            let list = format!("GET /v2.1/servers?all_tenants=1&project_id={project}");
            for server in self.nova(&list).await["servers"].as_array().unwrap() {
                self.delete(&text(&server["id"])).await;
            }
            self.until("the project's servers are gone", async || {
                self.nova(&list).await["servers"] == json!([])
            })
            .await;
            for kind in ["ports", "security-groups"] {
                let list = format!("GET /v2.0/{kind}?project_id={project}");
                let found = self.cloud.neutron(&self.admin, &list, "").await;
                for one in found[kind.replace('-', "_")].as_array().unwrap() {
                    let delete = format!("DELETE /v2.0/{kind}/{}", text(&one["id"]));
                    self.cloud.neutron(&self.admin, &delete, "").await;
                }
            }
            let delete = format!("DELETE /v3/projects/{project}");
            self.keystone(&delete, &Value::Null).await;
        }
    }
}

/// How long an accepted request may be without an effect, before it has none.
const ACCEPTED: Duration = Duration::from_secs(3);

/// Each look at a cloud costs it something.
const INTERVAL: Duration = Duration::from_millis(400);

/// A busy machine needs seconds for each server.
const PATIENCE: Duration = Duration::from_secs(120);
