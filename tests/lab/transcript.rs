//! What a person at a terminal sees of the `openstack` command, allowed and refused.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    cli::{openstack, said},
    judging::Judging,
    support::{Lab, with_lab_for},
};

/// Each command takes seconds to start.
const PATIENCE: Duration = Duration::from_secs(900);

/// The commands so far, with what they said.
struct Terminal {
    lab: Arc<Lab>,
    gateway: Judging,
    /// What differs from one run to the next, and what stands for it.
    names: Vec<(String, String)>,
    text: String,
}

impl Terminal {
    /// Runs `openstack` with these words, in which `$NAME` stands for what is called so.
    async fn run(&mut self, words: &str) {
        let actual: Vec<String> = words.split(' ').map(|word| self.meant(word)).collect();
        let actual: Vec<&str> = actual.iter().map(String::as_str).collect();
        let (done, said) = said(openstack(&self.lab, &self.gateway, &actual)).await;
        let status = if done { "" } else { "(fails)\n" };
        let said = self.masked(&said);
        self.text += &format!("$ openstack {words}\n{said}{status}");
    }

    fn meant(&self, word: &str) -> String {
        let name = word.strip_prefix('$');
        let known = |name| self.names.iter().find(|(_, it)| it == name);
        let found = name.and_then(known);
        found.map_or(word, |(actual, _)| actual).to_owned()
    }

    fn masked(&self, said: &str) -> String {
        let mut masked = said.to_owned();
        for (actual, name) in &self.names {
            masked = masked.replace(actual, name);
        }
        // The number of a request is no two times the same.
        let mut parts = masked.split("req-");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            text += "REQUEST";
            text += part.get(36..).unwrap();
        }
        text
    }

    fn call(&mut self, actual: &str, name: &str) {
        self.names.push((actual.to_owned(), name.to_owned()));
    }

    async fn until_status(&self, server: &str, status: &str) {
        let show = format!("GET /v2.1/servers/{server}");
        let what = format!("{server} is {status}");
        self.lab
            .until(&what, async || {
                let server = &self.lab.nova(&show).await["server"];
                server["status"] == status && server["OS-EXT-STS:task_state"].is_null()
            })
            .await;
    }

    async fn until_networks(&self, server: &str, networks: &[&str]) {
        let what = format!("{server} is on {networks:?}");
        self.lab
            .until(&what, async || {
                self.lab.networks_of(server).await == networks
            })
            .await;
    }
}

#[tokio::test]
async fn the_ordinary_commands_do_what_is_allowed_and_tell_why_not() {
    with_lab_for(PATIENCE, async |lab| {
        let mut terminal = Terminal {
            gateway: Judging::start(&lab, |layer| layer).await,
            lab: Arc::clone(&lab),
            names: Vec::new(),
            text: String::new(),
        };
        let address = terminal.gateway.address.to_string();
        terminal.call(&address, "GATEWAY");
        terminal.call(&lab.mark, "NAME");
        for network in ["net1", "net2", "net3", "net4"] {
            terminal.call(lab.network(network), &network.to_uppercase());
        }

        let create = "server create --image lab --flavor tiny -f value -c name";
        for networks in [
            "--network net2",
            "--network net3",
            "--network net1 --network net3 --network net4",
            "--nic auto",
            "--nic none",
        ] {
            terminal.run(&format!("{create} {networks} $NAME")).await;
        }
        assert!(lab.made().await.is_empty());
        terminal
            .run(&format!("{create} --network net1 --wait $NAME"))
            .await;
        let made = lab.made().await;
        let [server] = made.as_slice() else {
            panic!("{made:?}");
        };
        assert_eq!(lab.networks_of(server).await, ["net1"]);
        terminal.call(server, "SERVER");
        let required = &lab.interfaces(server).await[0].1;
        terminal.call(required, "PORT_ON_NET1");

        terminal.run("server add network $SERVER net2").await;
        terminal.run("server add network $SERVER net3").await;
        terminal.run("server add network $SERVER net4").await;
        terminal.until_networks(server, &["net1", "net3"]).await;
        terminal.run("server remove network $SERVER net1").await;
        terminal.run("server remove network $SERVER net3").await;
        terminal.until_networks(server, &["net1"]).await;

        let (banned, free) = (lab.port("net2").await, lab.port("net3").await);
        terminal.call(&banned, "PORT_ON_NET2");
        terminal.call(&free, "PORT_ON_NET3");
        terminal.run("server add port $SERVER $PORT_ON_NET2").await;
        terminal.run("server add port $SERVER $PORT_ON_NET3").await;
        terminal.until_networks(server, &["net1", "net3"]).await;
        terminal
            .run("server remove port $SERVER $PORT_ON_NET1")
            .await;
        terminal
            .run("server remove port $SERVER $PORT_ON_NET3")
            .await;
        terminal.until_networks(server, &["net1"]).await;

        // What Nova itself refuses is told, too.
        lab.act(server, r#"{"lock": null}"#).await;
        terminal.run("server shelve $SERVER").await;
        terminal.run("server delete $SERVER").await;
        lab.act(server, r#"{"unlock": null}"#).await;
        terminal.run("server shelve $SERVER").await;
        terminal.until_status(server, "SHELVED_OFFLOADED").await;

        // A port that Nova never attached is judged when it would come to life.
        adopt(&lab, &banned, server).await;
        terminal.run("server unshelve $SERVER").await;
        adopt(&lab, &banned, "").await;
        terminal.run("server unshelve $SERVER").await;
        terminal.until_status(server, "ACTIVE").await;
        assert_eq!(lab.networks_of(server).await, ["net1"]);

        adopt(&lab, &banned, server).await;
        terminal.run("server resize --flavor small $SERVER").await;
        adopt(&lab, &banned, "").await;
        terminal.run("server resize --flavor small $SERVER").await;
        lab.until("the server is not being resized", async || {
            let show = format!("GET /v2.1/servers/{server}");
            let server = &lab.nova(&show).await["server"];
            server["OS-EXT-STS:task_state"].is_null()
        })
        .await;
        assert_eq!(lab.networks_of(server).await, ["net1"]);

        terminal.run("server delete --wait $SERVER").await;
        assert!(lab.made().await.is_empty());
        insta::assert_snapshot!(terminal.text);
    })
    .await;
}

/// A tenant makes a port a server's in Neutron, past Nova; or nobody's.
async fn adopt(lab: &Lab, port: &str, server: &str) {
    let owner = if server.is_empty() {
        ""
    } else {
        "compute:nova"
    };
    let body = json!({ "port": { "device_id": server, "device_owner": owner } });
    let asked = format!("PUT /v2.0/ports/{port}");
    lab.cloud
        .neutron(&lab.user1, &asked, &body.to_string())
        .await;
}
