//! A cloud with something to lose, and how to tell that it was lost.

use std::collections::BTreeSet;

use wafflehaus::sim::{Cloud, User};

use crate::requests::table::Sight;
pub(crate) use crate::requests::{BANNED, FREE, Ids, MOST, REQUIRED, SPARE, Sender};

pub(crate) const PROJECT: &str = "6f70656e737461636b";
pub(crate) const OTHER_PROJECT: &str = "0badc0de";

/// On two networks, as many as it may be.
pub(crate) const FULL: &str = "5abcde01-c0de-4aaa-8bbb-fedcba987601";
/// The port of [`FULL`] on the required network.
pub(crate) const FULL_STAYS: &str = "9abcde01-c0de-4aaa-8bbb-fedcba987601";
/// The port of [`FULL`] on a free network.
pub(crate) const FULL_GOES: &str = "9abcde02-c0de-4aaa-8bbb-fedcba987602";
/// On the required network only.
pub(crate) const SMALL: &str = "5abcde02-c0de-4aaa-8bbb-fedcba987602";
pub(crate) const SMALL_STAYS: &str = "9abcde03-c0de-4aaa-8bbb-fedcba987603";

/// Ports that no server has, one on each network.
pub(crate) const ON_REQUIRED: &str = "9abcde11-c0de-4aaa-8bbb-fedcba987611";
pub(crate) const ON_BANNED: &str = "9abcde12-c0de-4aaa-8bbb-fedcba987612";
pub(crate) const ON_FREE: &str = "9abcde13-c0de-4aaa-8bbb-fedcba987613";
pub(crate) const ON_SPARE: &str = "9abcde14-c0de-4aaa-8bbb-fedcba987614";

pub(crate) const TOKEN: &str = "alice-token";
pub(crate) const ADMIN_TOKEN: &str = "root-token";
/// The password of the gateway's own user, `gateway`.
pub(crate) const PASSWORD: &str = "in-memory";

/// All of these.
pub(crate) const IDS: Ids = Ids {
    project: PROJECT,
    other_project: OTHER_PROJECT,
    full: FULL,
    full_stays: FULL_STAYS,
    full_stays_address: "10.1.0.2",
    full_goes: FULL_GOES,
    full_goes_address: "10.3.0.2",
    small: SMALL,
    small_stays: SMALL_STAYS,
    on_required: ON_REQUIRED,
    on_banned: ON_BANNED,
    on_free: ON_FREE,
    on_spare: ON_SPARE,
};

/// Whom the policies are for.
pub(crate) const ALICE: Sender<'static> = Sender {
    token: TOKEN,
    user: "alice",
    project: PROJECT,
    roles: "member,role1",
};

pub(crate) fn cloud(sight: Sight) -> Cloud {
    let cloud = Cloud::new();
    for (network, name) in [
        (REQUIRED, "required"),
        (BANNED, "banned"),
        (FREE, "free"),
        (SPARE, "spare"),
    ] {
        match sight {
            Sight::OnlyBanned if network != BANNED => {
                cloud.add_project_network(network, name, OTHER_PROJECT)
            }
            Sight::All | Sight::OnlyBanned => cloud.add_network(network, name),
        }
        .unwrap();
    }
    let alice = User::new("alice", PROJECT).roles(["member", "role1"]);
    let root = User::new("root", "0000").roles(["admin"]);
    let gateway = User::new("gateway", "service").roles(["admin", "service"]);
    for user in [
        alice,
        root,
        gateway.project_name("service").password(PASSWORD),
    ] {
        cloud.add_user(user).unwrap();
    }
    cloud.add_token(TOKEN, "alice").unwrap();
    cloud.add_token(ADMIN_TOKEN, "root").unwrap();
    let full = [(REQUIRED, FULL_STAYS), (FREE, FULL_GOES)];
    cloud.add_server_as(FULL, PROJECT, &full).unwrap();
    let small = [(REQUIRED, SMALL_STAYS)];
    cloud.add_server_as(SMALL, PROJECT, &small).unwrap();
    for (port, network) in [
        (ON_REQUIRED, REQUIRED),
        (ON_BANNED, BANNED),
        (ON_FREE, FREE),
        (ON_SPARE, SPARE),
    ] {
        cloud.add_port_as(port, network, PROJECT).unwrap();
    }
    cloud
}

/// What the policies should have prevented, if it has happened.
pub(crate) fn harm(cloud: &Cloud) -> Option<String> {
    let servers = cloud.servers();
    for server in &servers {
        let networks = cloud.server_networks(server);
        let distinct: BTreeSet<&str> = networks.iter().map(String::as_str).collect();
        if distinct.contains(BANNED) {
            return Some(format!("{server} is on the banned network"));
        }
        if distinct.len() > MOST {
            return Some(format!("{server} is on {} networks", distinct.len()));
        }
        let seeded = [FULL, SMALL].contains(&server.as_str());
        if !seeded && !distinct.contains(REQUIRED) {
            return Some(format!("{server} was made without the required network"));
        }
    }
    let stays = [(FULL, FULL_STAYS), (SMALL, SMALL_STAYS)];
    stays.into_iter().find_map(|(server, port)| {
        let is_there = servers.iter().any(|id| id == server);
        let stayed = cloud.port_device(port).as_deref() == Some(server);
        (is_there && !stayed).then(|| format!("{server} lost its required port"))
    })
}

/// All the servers with their ports: equal before and after a request that did nothing.
pub(crate) fn state(cloud: &Cloud) -> Vec<(String, Vec<String>)> {
    let servers = cloud.servers().into_iter();
    servers
        .map(|server| {
            let ports = cloud.server_ports(&server);
            (server, ports)
        })
        .collect()
}

/// The networks of the servers that were made since the beginning, oldest first.
pub(crate) fn made(cloud: &Cloud) -> Vec<Vec<String>> {
    let servers = cloud.servers().into_iter();
    servers
        .filter(|server| ![FULL, SMALL].contains(&server.as_str()))
        .map(|server| cloud.server_networks(&server))
        .collect()
}
