//! The built-in cloud, and requests to try the gateway with.

use std::{error::Error, net::SocketAddr};

use wafflehaus::sim::{Cloud, Endpoints, User};

use crate::settings::{Lookup, Settings};

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
    /// Makes the gateway forward to this cloud and look things up in it.
    pub(crate) fn use_in(&self, settings: &mut Settings) -> Result<(), Box<dyn Error>> {
        settings.upstream = Some(self.0.nova().parse()?);
        settings.lookup = Some(Lookup {
            keystone: format!("{}/v3", self.0.keystone()),
            neutron: self.0.neutron(),
            nova: format!("{}/v2.1", self.0.nova()),
            user: "wafflehaus".into(),
            user_domain: "Default".into(),
            project: "service".into(),
            project_domain: "Default".into(),
            password: PASSWORD.into(),
        });
        Ok(())
    }
}

/// Requests to paste, each with the status it is answered with.
pub(crate) fn tour(gateway: SocketAddr) -> String {
    let servers = format!("http://{gateway}/v2.1/servers");
    let create = |who, networks: &[&str]| {
        let networks: Vec<_> = networks
            .iter()
            .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
            .collect();
        let networks = networks.join(", ");
        let server = format!(
            r#"{{"server": {{"name": "web", "imageRef": "", "flavorRef": "1", "networks": [{networks}]}}}}"#
        );
        format!(
            "curl -i {servers} {} \\\n  -H 'Content-Type: application/json' \\\n  -d '{server}'",
            headers(who)
        )
    };
    let detach = |who| {
        format!(
            "curl -i -X DELETE {servers}/{SERVER}/os-interface/{PORT} {}",
            headers(who)
        )
    };

    let mut tour = String::from("\nalice has a role that is judged:\n");
    let mut step = |status: u16, what: &str, request: String| {
        tour.push_str(&format!("\n# {status}: {what}\n{request}\n"));
    };
    step(
        202,
        "a server on the required network",
        create("alice", &[REQUIRED]),
    );
    step(
        403,
        "the required network is missing",
        create("alice", &[BLUE]),
    );
    step(
        403,
        "a banned network",
        create("alice", &[REQUIRED, BANNED]),
    );
    step(
        403,
        "too many networks",
        create("alice", &[REQUIRED, BLUE, RED]),
    );
    step(403, "an interface that must stay", detach("alice"));
    step(
        202,
        "olga has another role: the same, and it is not judged",
        create("olga", &[REQUIRED]),
    );
    step(202, "", create("olga", &[BLUE]));
    step(202, "", create("olga", &[REQUIRED, BANNED]));
    step(202, "", create("olga", &[REQUIRED, BLUE, RED]));
    step(202, "", detach("olga"));
    tour
}

/// What an authenticator in front of the gateway would send on: its finding, and the token.
fn headers(who: &str) -> String {
    let role = if who == "alice" { "role1" } else { "operator" };
    format!(
        "\\\n  -H 'X-User-Id: {who}' -H 'X-Project-Id: {PROJECT}' -H 'X-Roles: member,{role}' \\\n  -H 'X-Auth-Token: {who}-token'"
    )
}
