//! C55: networks that come with a port's trunk, before Nova and before Neutron.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    cloud::{Answer, full, line, send},
    neutron::{Folder, Neutron, audit},
    support::*,
};

impl Lab {
    async fn has_trunks(&self) -> bool {
        let list = "GET /v2.0/extensions";
        let answer = self.cloud.neutron(&self.admin, list, "").await;
        let mut extensions = answer["extensions"].as_array().unwrap().iter();
        let has = extensions.any(|it| it["alias"] == "trunk");
        if !has {
            skipped("this Neutron has no trunks");
        }
        has
    }

    /// A trunk of user1's on this port, past the gateway, with a sub-port on each of these.
    async fn trunk(&self, parent: &str, networks: &[&str]) -> String {
        let sub_ports = self.sub_ports(networks).await;
        let trunk = json!({ "name": self.mark, "port_id": parent, "sub_ports": sub_ports });
        let body = json!({ "trunk": trunk }).to_string();
        let made = self.cloud.neutron(&self.user1, "POST /v2.0/trunks", &body);
        text(&made.await["trunk"]["id"])
    }

    /// Of new ports on these networks.
    async fn sub_ports(&self, networks: &[&str]) -> Value {
        let mut all = Vec::new();
        for (at, network) in networks.iter().enumerate() {
            let port = self.port(network).await;
            all.push(json!({
                "port_id": port, "segmentation_type": "vlan", "segmentation_id": 7 + at,
            }));
        }
        all.into()
    }

    /// Deletes the trunks of this test, whose ports no server has any more.
    pub(crate) async fn forget_trunks(&self) {
        let asked = format!("GET /v2.0/trunks?name={}", self.mark);
        let request = line(&asked).header("x-auth-token", &self.admin.token);
        let answer = send(self.cloud.neutron, request.body(full("")).unwrap()).await;
        // A Neutron without trunks has no such path.
        if answer.status == 404 {
            return;
        }
        for trunk in answer.json()["trunks"].as_array().unwrap() {
            let delete = format!("DELETE /v2.0/trunks/{}", text(&trunk["id"]));
            self.cloud.neutron(&self.admin, &delete, "").await;
        }
    }
}

#[tokio::test]
async fn c55_before_nova_a_trunk_comes_with_all_its_networks() {
    with_lab(async |lab| {
        if !lab.has_trunks().await {
            return;
        }
        let server = lab.server(&["net1"]).await;
        let by_port = |port: &str| json!({ "port_id": port });
        let banned = lab.port("net3").await;
        lab.trunk(&banned, &["net2"]).await;
        let answer = lab.attach(&server, by_port(&banned)).await;
        assert_refused(&answer, 403, "not allowed");
        let networks = json!([{ "uuid": lab.network("net1") }, by_port_entry(&banned)]);
        let create = lab.create_body(Some(networks));
        let answer = lab.ask(&lab.user1, post("/v2.1/servers", &create)).await;
        assert_refused(&answer, 403, "not allowed");

        // They count, each network once.
        let many = lab.port("net3").await;
        lab.trunk(&many, &["net4"]).await;
        let answer = lab.attach(&server, by_port(&many)).await;
        assert_refused(&answer, 403, "at most 2");
        let same = lab.port("net3").await;
        let trunk = lab.trunk(&same, &["net1"]).await;
        let answer = lab.attach(&server, by_port(&same)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(lab.networks_of(&server).await, ["net1", "net3"]);

        // One that came later, past the gateway, is found when the server starts again.
        let reboot = json!({ "reboot": { "type": "HARD" } });
        let action = format!("/v2.1/servers/{server}/action");
        let more = json!({ "sub_ports": lab.sub_ports(&["net2"]).await }).to_string();
        let add = format!("PUT /v2.0/trunks/{trunk}/add_subports");
        lab.cloud
            .neutron(&lab.user1, &add, &more.replace(":7", ":9"))
            .await;
        let answer = lab.ask(&lab.user1, post(&action, &reboot)).await;
        assert_refused(&answer, 403, "not allowed");
        let folder = Folder::new(&lab);
        let found = audit(&folder).await;
        let report: Value = serde_json::from_slice(&found.stdout).unwrap();
        let violations = report["violations"].as_array().unwrap().iter();
        let ours = violations.filter(|it| it["server"] == server.as_str());
        let codes: Vec<_> = ours.map(|it| text(&it["code"])).collect();
        assert!(codes.contains(&"network_banned".to_owned()), "{codes:?}");
    })
    .await;
}

fn by_port_entry(port: &str) -> Value {
    json!({ "port": port })
}

#[tokio::test]
async fn c55_before_neutron_sub_ports_come_to_the_server_of_their_trunk() {
    with_lab(async |lab| {
        if !lab.has_trunks().await {
            return;
        }
        let gateway = Neutron::start(Arc::clone(&lab)).await;
        let parent = lab.port("net1").await;
        let trunk = lab.trunk(&parent, &[]).await;
        let server = lab
            .create(&lab.user1, json!([by_port_entry(&parent)]))
            .await;
        lab.active(&server).await;
        let add = format!("PUT /v2.0/trunks/{trunk}/add_subports");
        let ask = async |asked: &str, sub_ports: &Value| -> Answer {
            let body = json!({ "sub_ports": sub_ports });
            gateway.ask(&lab.user1, asked, &body).await
        };
        let banned = lab.sub_ports(&["net2"]).await;
        Neutron::refused(&ask(&add, &banned).await, 403, "not allowed");
        let free = lab.sub_ports(&["net3"]).await;
        let answer = ask(&add, &free).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut more = lab.sub_ports(&["net4"]).await;
        more[0]["segmentation_id"] = 8.into();
        Neutron::refused(&ask(&add, &more).await, 403, "at most 2");
        // It goes, and then there is room.
        let remove = add.replace("add_", "remove_");
        let going = json!([{ "port_id": free[0]["port_id"] }]);
        let answer = ask(&remove, &going).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = ask(&add, &more).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let trunk = json!({ "trunk": { "port_id": parent, "sub_ports": banned } });
        let answer = gateway.ask(&lab.user1, "POST /v2.0/trunks", &trunk).await;
        Neutron::refused(&answer, 403, "not allowed");
    })
    .await;
}
