//! Giving a project back what it had, and taking all of it away.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures_util::future::join_all;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use super::{Port, State, Tenant};
use crate::{
    cloud::{Answer, send},
    requests::{BANNED, FREE, IMAGE, REQUIRED, SPARE},
    support::{Lab, created, post, text},
};

impl Tenant {
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
        self.base = self.settled(is_whole, None).await;
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
        let projects = answer["projects"].as_array().unwrap().iter();
        let projects = projects.map(|project| self.forget_tenant(text(&project["id"])));
        join_all(projects).await;
    }

    async fn forget_tenant(&self, project: String) {
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
