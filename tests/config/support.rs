//! Files to load, a gateway that runs in front of a cloud in memory, and requests to it.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use wafflehaus::{
    config::{Loaded, Loader},
    pipeline::Gateway,
    proxy::{ServeOptions, serve},
    sim::{Api, Cloud, Endpoints, User},
};

pub(crate) const PROJECT: &str = "6f70656e";
pub(crate) const SERVER: &str = "5abcde01-c0de-4aaa-8bbb-fedcba987601";

/// The networks of the README: `00000000-0000-0000-0000-000000000000` and so on.
pub(crate) fn network(digit: u8) -> String {
    let d = digit.to_string();
    [8, 4, 4, 4, 12].map(|length| d.repeat(length)).join("-")
}

/// The port of [`SERVER`] on a network.
pub(crate) fn port(digit: u8) -> String {
    format!("9abcde01-c0de-4aaa-8bbb-fedcba98760{digit}")
}

/// Writes a file for one test, whose name no other test uses.
pub(crate) fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

pub(crate) fn load(name: &str, text: &str) -> Loaded {
    let loaded = Loader::new().load(&file(name, text));
    loaded.unwrap_or_else(|rejected| panic!("{name}:\n{rejected}"))
}

/// A cloud with the README's networks, a server on two of them, and people: alice has `role1`,
/// carol `specialrole`, bob neither.
pub(crate) async fn cloud() -> (Cloud, Endpoints) {
    let cloud = Cloud::new();
    for digit in 0..10 {
        cloud.add_network(&network(digit), "net").unwrap();
    }
    for (name, role) in [
        ("alice", "role1"),
        ("bob", "reader"),
        ("carol", "specialrole"),
    ] {
        let user = User::new(name, PROJECT).roles(["member", role]);
        cloud.add_user(user).unwrap();
        cloud.add_token(name, name).unwrap();
    }
    let service = User::new("wafflehaus", "service").project_name("service");
    let service = service.roles(["admin"]).password("in-memory");
    cloud.add_user(service).unwrap();
    let ports = [(network(1), port(1)), (network(5), port(5))];
    let ports = ports
        .each_ref()
        .map(|(net, port)| (net.as_str(), port.as_str()));
    cloud.add_server_as(SERVER, PROJECT, &ports).unwrap();
    let endpoints = cloud.listen().await.unwrap();
    (cloud, endpoints)
}

/// A gateway from a configuration.
pub(crate) struct Running {
    pub(crate) cloud: Cloud,
    pub(crate) address: SocketAddr,
    _endpoints: Endpoints,
    /// The gateway ends with it.
    _stop: oneshot::Sender<()>,
}

impl Running {
    /// Of the text that `configuration` makes of the addresses of the cloud.
    pub(crate) async fn start(
        name: &str,
        configuration: impl FnOnce(&Endpoints) -> String,
    ) -> Self {
        let (cloud, endpoints) = cloud().await;
        let gateway = Gateway::new(load(name, &configuration(&endpoints)).plan);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        tokio::spawn(serve(listener, gateway, stopped, ServeOptions::new()));
        Self {
            cloud,
            address,
            _endpoints: endpoints,
            _stop: stop,
        }
    }

    /// The status of the answer, and whether the request reached Nova.
    pub(crate) async fn ask(&self, who: &str, line: &str, body: &str) -> (u16, bool) {
        self.cloud.forget_received(Api::Nova);
        let (status, _) = ask(self.address, Some(who), line, body).await;
        let received = self.cloud.received(Api::Nova);
        let reached = received
            .iter()
            .any(|it| format!("{} {}", it.method, it.path) == line);
        (status, reached)
    }

    pub(crate) async fn create(&self, who: &str, networks: &[u8]) -> (u16, bool) {
        self.ask(who, "POST /v2.1/servers", &create(networks)).await
    }
}

/// The answers of a request that Nova did, and of one that a policy refused.
pub(crate) const DONE: (u16, bool) = (202, true);
pub(crate) const REFUSED: (u16, bool) = (403, false);

/// A create on these networks.
pub(crate) fn create(networks: &[u8]) -> String {
    let networks: Vec<_> = networks
        .iter()
        .map(|digit| serde_json::json!({ "uuid": network(*digit) }))
        .collect();
    let server = serde_json::json!({
        "name": "web", "imageRef": "", "flavorRef": "1", "networks": networks,
    });
    serde_json::json!({ "server": server }).to_string()
}

pub(crate) fn attach(digit: u8) -> String {
    serde_json::json!({ "interfaceAttachment": { "net_id": network(digit) } }).to_string()
}

/// Sends one request with the token that is named as its owner; gives status and body.
pub(crate) async fn ask(
    address: SocketAddr,
    who: Option<&str>,
    line: &str,
    body: &str,
) -> (u16, String) {
    let token = who.map(|who| format!("X-Auth-Token: {who}\r\n"));
    let request = format!(
        "{line} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        token.unwrap_or_default(),
        body.len()
    );
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, body.to_owned())
}
