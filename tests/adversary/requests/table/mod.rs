//! The known ways round a check that reads requests naively, each by its number.
//!
//! Every attack is sent twice: to the gateway, after which the cloud must be as it was; and past
//! it, to a cloud of its own, so that an attack that is said to work does work without a gateway.

mod bodies;
mod callers;
mod interfaces;
mod lawful;
mod networks;
mod request_line;

use crate::{
    gateway::{Remote, client},
    shot::Shot,
    world::*,
};

/// What an attack does to a cloud without a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bare {
    /// The simulated cloud is not taken in, but other releases or servers are.
    Safe,
    /// It works.
    Harmed,
}

use Bare::{Harmed, Safe};

/// An attack, and the status with which it has to be refused.
struct Attack {
    case: &'static str,
    sight: Sight,
    shot: Shot,
    status: u16,
    bare: Bare,
}

fn attack(case: &'static str, status: u16, bare: Bare, shot: Shot) -> Attack {
    Attack {
        case,
        sight: Sight::All,
        shot,
        status,
        bare,
    }
}

/// An attack that leaves the choice to Nova, which sees but one network.
fn lonely(case: &'static str, status: u16, bare: Bare, shot: Shot) -> Attack {
    Attack {
        sight: Sight::OnlyBanned,
        ..attack(case, status, bare, shot)
    }
}

/// A create with this JSON for `networks`.
fn body(networks: &str) -> String {
    format!(
        r#"{{"server": {{"name": "web", "imageRef": "", "flavorRef": "1", "networks": {networks}}}}}"#
    )
}

fn by_id(ids: &[&str]) -> String {
    let entries: Vec<_> = ids
        .iter()
        .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
        .collect();
    body(&format!("[{}]", entries.join(", ")))
}

/// A create on the required network and the banned one.
fn bad() -> String {
    by_id(&[REQUIRED, BANNED])
}

fn create(networks: &str) -> Shot {
    Shot::json("POST /v2.1/servers", body(networks))
}

/// The same with the microversion from which `networks` must be there.
fn newer(networks: &str) -> Shot {
    create(networks).header("OpenStack-API-Version: compute 2.37")
}

fn attach(server: &str, wish: &str) -> Shot {
    let body = format!(r#"{{"interfaceAttachment": {{{wish}}}}}"#);
    Shot::json(format!("POST /v2.1/servers/{server}/os-interface"), body)
}

fn attach_banned() -> String {
    format!(r#"{{"interfaceAttachment": {{"net_id": "{BANNED}"}}}}"#)
}

fn detach(port: &str) -> Shot {
    Shot::bare(format!("DELETE /v2.1/servers/{FULL}/os-interface/{port}"))
}

fn upper(id: &str) -> String {
    id.to_uppercase()
}

fn undashed(id: &str) -> String {
    id.replace('-', "")
}

async fn run(attacks: Vec<Attack>) {
    let client = client();
    let mut failures = Vec::new();
    for attack in attacks {
        let case = attack.case;
        let cloud = cloud(attack.sight);
        let gateway = Remote::before(&cloud, &client).await;
        let before = state(&cloud);
        let outcome = gateway.send(&attack.shot).await;
        if outcome.status != attack.status || outcome.cloud.is_some() {
            failures.push(format!("{case}: {outcome:?}, not {}", attack.status));
        }
        if state(&cloud) != before {
            failures.push(format!("{case}: changed the cloud: {:?}", harm(&cloud)));
        }
        let status = gateway.send_past(&attack.shot).await;
        let bare = harm(&cloud).map_or(Safe, |_| Harmed);
        if bare != attack.bare {
            failures.push(format!("{case}: {bare:?} without a gateway ({status})"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
