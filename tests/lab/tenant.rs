//! A project that has the servers and ports which the requests of the catalogue are about, and
//! gets them back after each of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    cloud::{Answer, Caller, send},
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
    pub(crate) servers: BTreeSet<String>,
    /// Those of them that could not be built.
    failed: BTreeSet<String>,
    pub(crate) ports: BTreeMap<String, Port>,
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
        for server in self.servers.difference(&self.failed) {
            if !self.networks(server).contains(&REQUIRED) {
                return Some(format!("{server} is not on the required network"));
            }
        }
        let stays = [(ids.full, ids.full_stays), (ids.small, ids.small_stays)];
        stays.into_iter().find_map(|(server, port)| {
            let port = self.ports.get(port);
            let stayed =
                port.is_some_and(|port| port.server == server && !port.addresses.is_empty());
            (self.servers.contains(server) && !stayed)
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
        tenant.restore(&State::default()).await;
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

    /// Sends a request through the gateway, and waits until `enough` is true of what there is,
    /// if it was accepted: then it is not done yet.
    pub(crate) async fn send(&self, shot: &Shot, enough: impl Fn(&State) -> bool) -> Outcome {
        let answer = ask(self.lab.gateway.address, &shot.bytes(self.sender())).await;
        let status = status(&answer);
        let state = if status < 300 {
            self.settled(enough).await
        } else {
            self.state().await
        };
        Outcome {
            status,
            answer,
            state,
        }
    }

    pub(crate) fn harm(&self, state: &State) -> Option<String> {
        state.harm(self.ids)
    }

    /// Whether all is as it was before the request.
    pub(crate) fn is_unharmed(&self, state: &State) -> bool {
        *state == self.base
    }

    /// What there is once no server is being worked on, and `enough` is true of it or a while is
    /// over.
    async fn settled(&self, enough: impl Fn(&State) -> bool) -> State {
        let begin = Instant::now();
        loop {
            assert!(begin.elapsed() < PATIENCE, "servers are not ready");
            if !self.is_busy().await {
                let state = self.state().await;
                if enough(&state) || begin.elapsed() > ACCEPTED {
                    return state;
                }
            }
            // A real cloud has no signal for this.
            sleep(INTERVAL).await;
        }
    }

    /// What there is now.
    async fn state(&self) -> State {
        let servers = self.servers("").await;
        let ports = self.ports().await;
        let has_ports = |server: &String| ports.values().any(|port| port.server == *server);
        let failed = if servers.iter().all(has_ports) {
            BTreeSet::new()
        } else {
            self.servers("&status=ERROR").await
        };
        State {
            servers,
            failed,
            ports,
        }
    }

    async fn is_busy(&self) -> bool {
        !self.servers("&status=BUILD").await.is_empty()
            || !self
                .servers("&status=REBOOT&status=HARD_REBOOT")
                .await
                .is_empty()
    }

    /// The ids of the servers, which is much less work for Nova than to show them.
    async fn servers(&self, filter: &str) -> BTreeSet<String> {
        let project = self.ids.project;
        let list = format!("GET /v2.1/servers?all_tenants=1&project_id={project}{filter}");
        let answer = self.lab.nova(&list).await;
        let servers = answer["servers"].as_array().unwrap().iter();
        servers.map(|server| text(&server["id"])).collect()
    }

    async fn ports(&self) -> BTreeMap<String, Port> {
        let project = self.ids.project;
        let fields = "fields=id&fields=device_id&fields=network_id&fields=fixed_ips";
        let list = format!("GET /v2.0/ports?project_id={project}&{fields}");
        let answer = self.neutron(&list, "").await;
        let ports = answer["ports"].as_array().unwrap().iter();
        ports
            .map(|port| {
                let addresses = port["fixed_ips"].as_array().unwrap().iter();
                let found = Port {
                    server: text(&port["device_id"]),
                    network: text(&port["network_id"]),
                    addresses: addresses.map(|it| text(&it["ip_address"])).collect(),
                };
                (text(&port["id"]), found)
            })
            .collect()
    }

    /// Asks Neutron as an administrator.
    async fn neutron(&self, asked: &str, body: &str) -> Value {
        self.lab.cloud.neutron(&self.lab.admin, asked, body).await
    }

    /// Gives the project back what it had.
    pub(crate) async fn restore(&mut self, now: &State) {
        if *now == self.base && !now.servers.is_empty() {
            return;
        }
        let others = now.servers.difference(&self.base.servers);
        for server in others {
            self.lab.delete(server).await;
        }
        let kept: BTreeSet<_> = now
            .servers
            .intersection(&self.base.servers)
            .cloned()
            .collect();
        self.lab
            .until("the other servers are gone", async || {
                self.servers("").await == kept
            })
            .await;
        self.restore_ports(&now.ports).await;
        let full = [self.ids.full_stays, self.ids.full_goes];
        self.ids.full = self.restore_server(&kept, self.ids.full, &full).await;
        let small = [self.ids.small_stays];
        self.ids.small = self.restore_server(&kept, self.ids.small, &small).await;
        let is_whole = |state: &State| {
            let counts = [(self.ids.full, 2), (self.ids.small, 1)];
            let mut counts = counts.into_iter();
            counts.all(|(server, count)| state.networks(server).len() == count)
        };
        self.base = self.settled(is_whole).await;
        assert!(is_whole(&self.base), "{:?}", self.base);
        assert_eq!(self.base.harm(self.ids), None);
        assert_eq!(self.base.servers.len(), 2, "{:?}", self.base);
        let address = |port: &str| self.base.ports[port].addresses[0].clone().leak();
        self.ids.full_stays_address = address(self.ids.full_stays);
        self.ids.full_goes_address = address(self.ids.full_goes);
    }

    /// Leaves the ports of the beginning that have stayed where they were, and others instead of
    /// the rest: the lab's hypervisor does not take a port twice.
    async fn restore_ports(&mut self, now: &BTreeMap<String, Port>) {
        let base = &self.base.ports;
        let there = self.ports().await;
        let is_kept = |id: &str| {
            let port = base.get(id);
            port.is_some() && now.get(id) == port && there.get(id) == port
        };
        for id in there.keys().filter(|id| !is_kept(id)) {
            self.neutron(&format!("DELETE /v2.0/ports/{id}"), "").await;
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
        self.ids = ids;
    }

    /// Leaves a server with these ports: this one, if it is kept, or another.
    async fn restore_server(
        &self,
        kept: &BTreeSet<String>,
        server: &'static str,
        ports: &[&str],
    ) -> &'static str {
        if !kept.contains(server) {
            return self.server(ports).await;
        }
        let now = self.ports().await;
        for port in ports.iter().filter(|port| now[**port].server != server) {
            let target = format!("/v2.1/servers/{server}/os-interface");
            let body = json!({ "interfaceAttachment": { "port_id": port } });
            assert_eq!(self.past(post(&target, &body)).await.status, 200);
        }
        server
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
        created(&self.past(post("/v2.1/servers", &body)).await).leak()
    }

    /// Asks Nova as the tenant, past the gateway.
    async fn past(&self, mut request: Request<Full<Bytes>>) -> Answer {
        let token = self.caller.token.parse().unwrap();
        request.headers_mut().insert("x-auth-token", token);
        send(self.lab.cloud.nova, request).await
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
const ACCEPTED: Duration = Duration::from_secs(10);

/// Each look at a cloud costs it something.
const INTERVAL: Duration = Duration::from_millis(400);

/// A busy machine needs seconds for each server.
const PATIENCE: Duration = Duration::from_secs(120);
