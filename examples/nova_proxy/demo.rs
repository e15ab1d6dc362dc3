//! The built-in cloud, and requests to try the gateway with.

use std::{error::Error, net::SocketAddr};

use wafflehaus::{
    config::Loader,
    sim::{Cloud, Endpoints, User},
};

const PROJECT: &str = "6f70656e737461636b";
const SERVER: &str = "5e5e5e5e-5e5e-4e5e-8e5e-5e5e5e5e5e5e";
const PORT: &str = "9a9a9a9a-9a9a-4a9a-8a9a-9a9a9a9a9a9a";

const REQUIRED: &str = "11111111-1111-4111-8111-111111111111";
const BANNED: &str = "22222222-2222-4222-8222-222222222222";
const BLUE: &str = "33333333-3333-4333-8333-333333333333";
const RED: &str = "44444444-4444-4444-8444-444444444444";

/// Of the gateway's own user. It guards nothing: the cloud is in this program.
const PASSWORD: &str = "in-memory";

/// A cloud that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Demo(Endpoints);

pub(crate) async fn start() -> Result<Demo, Box<dyn Error>> {
    let cloud = Cloud::new();
    for (network, name) in [
        (REQUIRED, "office"),
        (BANNED, "backstage"),
        (BLUE, "blue"),
        (RED, "red"),
    ] {
        cloud.add_network(network, name)?;
    }
    for (name, role) in [("alice", "role1"), ("olga", "operator")] {
        cloud.add_user(User::new(name, PROJECT).roles(["member", role]))?;
        cloud.add_token(&format!("{name}-token"), name)?;
    }
    let service = User::new("wafflehaus", "service").roles(["admin", "service"]);
    cloud.add_user(service.project_name("service").password(PASSWORD))?;
    cloud.add_server_as(SERVER, PROJECT, &[(REQUIRED, PORT)])?;
    Ok(Demo(cloud.listen().await?))
}

impl Demo {
    /// Makes the gateway forward to this cloud, ask it about tokens and look things up in it.
    pub(crate) fn put_into(&self, loader: Loader) -> Loader {
        let Self(cloud) = self;
        [
            ("upstream", cloud.nova()),
            ("auth_url", format!("{}/v3", cloud.keystone())),
            ("neutron_url", cloud.neutron()),
            ("username", "wafflehaus".to_owned()),
            ("project_name", "service".to_owned()),
            ("password", PASSWORD.to_owned()),
        ]
        .into_iter()
        .fold(loader, |loader, (key, value)| loader.set(key, value))
    }
}

/// Requests to paste, each below the status it is answered with.
pub(crate) fn tour(gateway: SocketAddr) -> String {
    let requests: [(&str, u16, u16, Ask); 5] = [
        (
            "a server on the required network",
            202,
            202,
            Ask::Create(&[REQUIRED]),
        ),
        (
            "the required network is missing",
            403,
            202,
            Ask::Create(&[BLUE]),
        ),
        (
            "a banned network",
            403,
            202,
            Ask::Create(&[REQUIRED, BANNED]),
        ),
        (
            "too many networks",
            403,
            202,
            Ask::Create(&[REQUIRED, BLUE, RED]),
        ),
        ("an interface that must stay", 403, 202, Ask::Detach),
    ];
    let mut tour = String::new();
    for (who, told) in [
        ("alice", "alice has the role `role1`, and is judged"),
        ("olga", "olga has the role `operator`, and is not"),
    ] {
        tour.push_str(&format!("\n## {told}\n"));
        for (what, alice, olga, ask) in &requests {
            let status = if who == "alice" { alice } else { olga };
            tour.push_str(&format!(
                "\n# {status}: {what}\n{}\n",
                ask.curl(gateway, who)
            ));
        }
    }
    tour
}

/// What a request asks.
enum Ask {
    Create(&'static [&'static str]),
    Detach,
}

impl Ask {
    fn curl(&self, gateway: SocketAddr, who: &str) -> String {
        let servers = format!("http://{gateway}/v2.1/servers");
        let token = format!("-H 'X-Auth-Token: {who}-token'");
        match self {
            Self::Create(networks) => {
                let entries: Vec<_> = networks
                    .iter()
                    .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
                    .collect();
                format!(
                    "curl -i {servers} {token} \\\n  -H 'Content-Type: application/json' \\\n  \
                     -d '{{\"server\": {{\"name\": \"web\", \"imageRef\": \"\", \
                     \"flavorRef\": \"1\", \"networks\": [{}]}}}}'",
                    entries.join(", ")
                )
            }
            Self::Detach => {
                format!("curl -i -X DELETE {servers}/{SERVER}/os-interface/{PORT} \\\n  {token}")
            }
        }
    }
}
