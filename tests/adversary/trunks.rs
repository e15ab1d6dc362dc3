//! C55: what a server reaches by its port's trunk.

use std::sync::Arc;

use wafflehaus::{
    guard::{LookupFuture, PortLookup},
    nova::{Port, PortId, ServerId},
};

use crate::{
    gateway::{InProcess, Local},
    requests::{Shot, table::Sight},
    world::*,
};

/// The cloud's own ports, some of which are the parents of trunks.
struct Trunks {
    ports: InProcess,
    /// A parent, and the network of a sub-port of it.
    sub_ports: Vec<(&'static str, &'static str)>,
}

impl Trunks {
    fn with(&self, mut ports: Vec<Port>) -> Vec<Port> {
        for (parent, network) in &self.sub_ports {
            let parent: PortId = parent.parse().unwrap();
            for port in ports.iter_mut().filter(|port| port.id == parent) {
                port.trunk_networks.push(network.parse().unwrap());
            }
        }
        ports
    }
}

impl PortLookup for Trunks {
    fn ports<'a>(&'a self, ids: &'a [PortId], server: Option<ServerId>) -> LookupFuture<'a> {
        Box::pin(async move { Ok(self.with(self.ports.ports(ids, server).await?)) })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        Box::pin(async move { Ok(self.with(self.ports.server_ports(server).await?)) })
    }
}

/// The status of a request where these are trunks, and whether it reached the cloud.
async fn sent(sub_ports: &[(&'static str, &'static str)], shot: &Shot) -> (u16, bool) {
    let cloud = cloud(Sight::All);
    let trunks: Arc<dyn PortLookup> = Arc::new(Trunks {
        ports: InProcess(cloud.clone()),
        sub_ports: sub_ports.to_vec(),
    });
    let gateway = Local::looking_up(&cloud, &trunks);
    let outcome = gateway.send(shot.request(ALICE).unwrap()).await;
    (outcome.status, outcome.cloud.is_some())
}

fn attach(port: &str) -> Shot {
    let body = format!(r#"{{"interfaceAttachment": {{"port_id": "{port}"}}}}"#);
    Shot::json(format!("POST /v2.1/servers/{SMALL}/os-interface"), body)
}

fn create(ports: &[&str]) -> Shot {
    let entries: Vec<_> = ports
        .iter()
        .map(|id| format!(r#"{{"port": "{id}"}}"#))
        .collect();
    let networks = entries.join(", ");
    Shot::json(
        "POST /v2.1/servers",
        format!(r#"{{"server": {{"name": "n", "flavorRef": "1", "networks": [{networks}]}}}}"#),
    )
}

#[tokio::test]
async fn c55_a_trunk_reaches_the_networks_of_its_sub_ports() {
    let banned = [(ON_FREE, BANNED)];
    assert_eq!(sent(&banned, &attach(ON_FREE)).await, (403, false));
    let both = create(&[ON_REQUIRED, ON_FREE]);
    assert_eq!(sent(&banned, &both).await, (403, false));
    assert_eq!(sent(&[], &both).await, (202, true));

    // They count, each network once.
    let more = [(ON_FREE, SPARE)];
    assert_eq!(sent(&more, &attach(ON_FREE)).await, (403, false));
    let same = [(ON_FREE, FREE), (ON_FREE, REQUIRED)];
    assert_eq!(sent(&same, &attach(ON_FREE)).await, (200, true));
    // What is required is not met by them.
    let required = [(ON_FREE, REQUIRED)];
    assert_eq!(sent(&required, &create(&[ON_FREE])).await, (403, false));
}

#[tokio::test]
async fn c55_a_sub_port_that_came_later_is_found_when_the_server_starts_again() {
    let reboot = || {
        let body = r#"{"reboot": {"type": "HARD"}}"#;
        Shot::json(format!("POST /v2.1/servers/{SMALL}/action"), body)
    };
    assert_eq!(
        sent(&[(SMALL_STAYS, BANNED)], &reboot()).await,
        (403, false)
    );
    assert_eq!(sent(&[(SMALL_STAYS, FREE)], &reboot()).await, (202, true));
}
