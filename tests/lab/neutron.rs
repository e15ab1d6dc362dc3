//! The same policies before Neutron, and the audit of what is there.

use std::{net::SocketAddr, process::Output, sync::Arc};

use serde_json::{Value, json};
use tokio::{net::TcpListener, process::Command, sync::oneshot};
use wafflehaus::{
    config::Loader,
    pipeline::Gateway,
    proxy::{ServeOptions, serve},
};

use crate::{
    cloud::{Answer, Caller, full, line, send},
    support::*,
};

/// A gateway as a file describes it: not on `net2`, on two at most, `net1` stays.
pub(crate) struct Neutron {
    lab: Arc<Lab>,
    address: SocketAddr,
    _folder: Folder,
    /// The gateway stops when this is dropped.
    _stop: oneshot::Sender<()>,
}

/// A folder of its own, which goes with it.
pub(crate) struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl Folder {
    pub(crate) fn new(lab: &Lab) -> Self {
        let folder = Self(std::env::temp_dir().join(&lab.mark));
        std::fs::create_dir(&folder.0).unwrap();
        std::fs::write(folder.file(), configuration(lab)).unwrap();
        folder
    }

    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.0.join("neutron.toml")
    }
}

fn configuration(lab: &Lab) -> String {
    let (net1, net2) = (lab.network("net1"), lab.network("net2"));
    let cloud = &lab.cloud;
    let (keystone, neutron, nova) = (cloud.keystone, cloud.neutron, cloud.nova);
    let password = &cloud.password;
    format!(
        r#"
        upstream = "http://{neutron}"
        neutron_url = "http://{neutron}"
        nova_url = "http://{nova}/v2.1"
        auth_url = "http://{keystone}/v3"
        username = "nova"
        password = "{password}"
        project_name = "service"
        [pipeline.main]
        pipeline = ["keystone", "count", "stay", "neutron"]
        [filter.keystone]
        use = "keystone"
        service_type = "network"
        [filter.count]
        use = "network_count_check"
        banned_nets = ["{net2}"]
        networks_max = 2
        [filter.stay]
        use = "detach_network_check"
        required_nets = ["{net1}"]
        [app.neutron]
        use = "neutron"
        "#
    )
}

impl Neutron {
    pub(crate) async fn start(lab: Arc<Lab>) -> Self {
        let folder = Folder::new(&lab);
        let loaded = Loader::new().load(&folder.file()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        let gateway = Gateway::new(loaded.plan);
        tokio::spawn(serve(listener, gateway, stopped, ServeOptions::new()));
        Self {
            lab,
            address,
            _folder: folder,
            _stop: stop,
        }
    }

    pub(crate) async fn ask(&self, caller: &Caller, asked: &str, body: &Value) -> Answer {
        let request = line(asked).header("x-auth-token", &caller.token);
        let request = request.header("content-type", "application/json");
        let body = match body {
            Value::Null => full(""),
            body => full(body.to_string()),
        };
        send(self.address, request.body(body).unwrap()).await
    }

    /// User1 asks, and the gateway refuses.
    #[track_caller]
    pub(crate) fn refused(answer: &Answer, status: u16, message: &str) {
        assert_eq!(answer.status, status, "{message}: {answer:?}");
        let error = &answer.json()["NeutronError"];
        let told = error["message"].as_str().unwrap_or_default();
        assert!(told.contains(message), "{message}: {answer:?}");
    }

    /// The `openstack` command, whose network endpoint is the gateway.
    async fn openstack(&self, words: &[&str]) -> (bool, String) {
        let mut command = Command::new("bash");
        command
            .args(["-c", ". \"$0\" && exec openstack \"$@\""])
            .arg(&self.lab.openrc)
            .args(words)
            .env("OSLAB_USER", "user1")
            .env("OSLAB_PROJECT", "project1")
            .env(
                "OS_NETWORK_ENDPOINT_OVERRIDE",
                format!("http://{}/v2.0", self.address),
            )
            .kill_on_drop(true);
        let output = command.output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }
}

#[tokio::test]
async fn c52_and_c53_a_servers_networks_do_not_change_past_nova() {
    with_lab(async |lab| {
        let gateway = Neutron::start(Arc::clone(&lab)).await;
        let server = lab.server(&["net1"]).await;
        let required = lab.interfaces(&server).await.remove(0).1;
        let banned = lab.port("net2").await;
        let free = lab.port("net3").await;
        let upper = server.to_uppercase();
        let on =
            |device: &str| json!({"port": {"device_id": device, "device_owner": "compute:nova"}});
        let new = |network: &str, device: &str| {
            let network = lab.network(network);
            json!({"name": lab.mark, "network_id": network, "device_id": device})
        };
        let create = json!({"port": new("net2", &server)});
        let (net3, net4) = (new("net3", &server), new("net4", &server));
        let put = format!("PUT /v2.0/ports/{banned}");
        let stay = format!("PUT /v2.0/ports/{required}");
        let ports = "POST /v2.0/ports";
        for (asked, body, status, message) in [
            (ports, create.clone(), 403, "not allowed"),
            (
                ports,
                json!({"port": new("net2", &upper)}),
                400,
                "another spelling",
            ),
            (
                ports,
                json!({"port": new("net2", &format!("{server} "))}),
                400,
                "another spelling",
            ),
            (
                ports,
                json!({"ports": [create.clone()]}),
                400,
                "`port` in it",
            ),
            (ports, json!({"ports": [net3, net4]}), 403, "at most 2"),
            ("POST /v2.0/ports.json", create.clone(), 403, "not allowed"),
            ("POST /v2.0/ports/index", create.clone(), 400, "port id"),
            ("POST /v2.0/ports/index/x", create.clone(), 400, "port id"),
            ("POST //v2.0//ports/", create, 403, "not allowed"),
            (&put, on(&server), 403, "not allowed"),
            (&put, on(&upper), 400, "another spelling"),
            (&format!("{put}/index"), on(&server), 400, "known form"),
            (
                &put.replace(&banned, &banned.to_uppercase()),
                on(&server),
                400,
                "port id",
            ),
            (&stay, on(""), 403, "required"),
            (&format!("{stay}/index/tags"), on(""), 400, "known form"),
            (&stay.replace("PUT", "DELETE"), Value::Null, 403, "required"),
            (
                &format!("{}/index", stay.replace("PUT", "DELETE")),
                Value::Null,
                400,
                "known form",
            ),
        ] {
            let answer = gateway.ask(&lab.user1, asked, &body).await;
            Neutron::refused(&answer, status, message);
        }
        assert_eq!(lab.networks_of(&server).await, ["net1"]);

        // One more fits, and goes again.
        let put = format!("PUT /v2.0/ports/{free}");
        let answer = gateway.ask(&lab.user1, &put, &on(&server)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(lab.networks_of(&server).await, ["net1", "net3"]);
        let answer = gateway.ask(&lab.user1, &put, &on("")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(lab.networks_of(&server).await, ["net1"]);

        // What is not about ports is Neutron's alone.
        let named = json!({"name": lab.mark});
        for (collection, name) in [("routers", "router"), ("security-groups", "security_group")] {
            let asked = format!("POST /v2.0/{collection}");
            let made = gateway.ask(&lab.user1, &asked, &json!({name: named})).await;
            assert_eq!(made.status, 201, "{made:?}");
            let id = text(&made.json()[name]["id"]);
            let asked = format!("DELETE /v2.0/{collection}/{id}");
            let gone = gateway.ask(&lab.user1, &asked, &Value::Null).await;
            assert_eq!(gone.status, 204, "{gone:?}");
        }
        let answer = gateway
            .ask(&lab.user1, "GET /v2.0/floatingips", &Value::Null)
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");

        // Nova's own user is a service.
        let nova = lab.cloud.caller("nova", "service").await;
        let answer = gateway
            .ask(&nova, ports, &json!({"port": new("net2", &server)}))
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(lab.networks_of(&server).await, ["net1", "net2"]);
    })
    .await;
}

#[tokio::test]
async fn its_commands_work_and_are_judged_before_neutron_too() {
    with_lab(async |lab| {
        let gateway = Neutron::start(Arc::clone(&lab)).await;
        let server = lab.server(&["net1"]).await;
        let mark = lab.mark.as_str();
        for words in [
            &["port", "create", "--network", "net2", mark][..],
            &["port", "set", "--description", "x", "--disable", mark],
            &["port", "delete", mark],
        ] {
            let (done, text) = gateway.openstack(words).await;
            assert!(done, "{words:?}: {text}");
        }
        let create = [
            "port",
            "create",
            "--network",
            "net2",
            "--device",
            &server,
            mark,
        ];
        let (done, text) = gateway.openstack(&create).await;
        assert!(
            !done && text.contains("not allowed to use these networks"),
            "{text}"
        );
        let required = lab.interfaces(&server).await.remove(0).1;
        let (done, text) = gateway.openstack(&["port", "delete", &required]).await;
        assert!(
            !done && text.contains("required and cannot be detached"),
            "{text}"
        );
        assert_eq!(lab.networks_of(&server).await, ["net1"]);
    })
    .await;
}

pub(crate) async fn audit(folder: &Folder) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wafflehaus"));
    command
        .args(["audit", "--json", "--config"])
        .arg(folder.file());
    command.kill_on_drop(true).output().await.unwrap()
}

#[tokio::test]
async fn an_audit_finds_the_server_that_adopted_a_port_past_the_gateway() {
    with_lab(async |lab| {
        let folder = Folder::new(&lab);
        let server = lab.server(&["net1"]).await;
        let codes = |output: &Output| -> Vec<String> {
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            let violations = report["violations"].as_array().unwrap().iter();
            let ours = violations.filter(|it| it["server"] == server.as_str());
            ours.map(|it| text(&it["code"])).collect()
        };
        let before = audit(&folder).await;
        assert_eq!(codes(&before), <[&str; 0]>::default(), "{before:?}");

        let banned = lab.port("net2").await;
        let adopt = json!({"port": {"device_id": server, "device_owner": "compute:nova"}});
        let put = format!("PUT /v2.0/ports/{banned}");
        lab.cloud
            .neutron(&lab.user1, &put, &adopt.to_string())
            .await;
        let after = audit(&folder).await;
        assert_eq!(codes(&after), ["network_banned"], "{after:?}");
        assert_eq!(after.status.code(), Some(1), "{after:?}");
    })
    .await;
}
