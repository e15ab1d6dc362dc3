//! What a project has, and what it must not have.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{PATIENCE, Tenant};
use crate::{
    requests::{BANNED, Ids, MOST, REQUIRED},
    support::text,
};

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
    pub(super) fn harm(&self, ids: Ids) -> Option<String> {
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

impl Tenant {
    /// What there is once no server is being worked on, and `enough` is true of it, or Nova has
    /// done all of this request, or a while is over.
    pub(super) async fn settled(
        &self,
        enough: impl Fn(&State) -> bool,
        request: Option<&str>,
    ) -> State {
        let begin = Instant::now();
        let mut interval = INTERVAL;
        loop {
            assert!(begin.elapsed() < PATIENCE, "servers are not ready");
            if !self.is_busy().await {
                let state = self.state().await;
                if enough(&state) || begin.elapsed() > ACCEPTED {
                    return state;
                }
                if let Some(request) = request
                    && self.is_done(request).await
                {
                    return self.state().await;
                }
            }
            // A real cloud has no signal for this.
            sleep(interval).await;
            interval = (interval * 3 / 2).min(LONGEST);
        }
    }

    /// What there is now.
    pub(super) async fn state(&self) -> State {
        let (servers, ports) = tokio::join!(self.servers(""), self.ports());
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

    /// Whether Nova has done all of an action that it has accepted, with this effect or another.
    async fn is_done(&self, request: &str) -> bool {
        for server in [self.ids.full, self.ids.small] {
            let show = format!("GET /v2.1/servers/{server}/os-instance-actions/{request}");
            if let Some(shown) = self.lab.nova_if_there(&show).await {
                let events = shown["instanceAction"]["events"].as_array().unwrap();
                // Before the first, nobody has begun.
                return !events.is_empty() && events.iter().all(|it| it["finish_time"].is_string());
            }
        }
        false
    }

    async fn is_busy(&self) -> bool {
        !self.servers("&status=BUILD").await.is_empty()
            || !self
                .servers("&status=REBOOT&status=HARD_REBOOT")
                .await
                .is_empty()
    }

    /// The ids of the servers, which is much less work for Nova than to show them.
    pub(super) async fn servers(&self, filter: &str) -> BTreeSet<String> {
        let project = self.ids.project;
        let list = format!("GET /v2.1/servers?all_tenants=1&project_id={project}{filter}");
        let answer = self.lab.nova(&list).await;
        let servers = answer["servers"].as_array().unwrap().iter();
        servers.map(|server| text(&server["id"])).collect()
    }

    pub(super) async fn ports(&self) -> BTreeMap<String, Port> {
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
    pub(super) async fn neutron(&self, asked: &str, body: &str) -> Value {
        self.lab.cloud.neutron(&self.lab.admin, asked, body).await
    }
}

/// How long an accepted request may be without an effect of which Nova tells nothing, before it
/// has none.
const ACCEPTED: Duration = Duration::from_secs(45);

/// Each look at a cloud costs it something, and what it has not done soon takes it a while.
const INTERVAL: Duration = Duration::from_millis(400);
const LONGEST: Duration = Duration::from_secs(3);
