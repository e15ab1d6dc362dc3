//! The known ways round a check that reads requests naively, each by its number, and the rules of
//! reading a request that are beside them, by the section they are in.

mod actions;
mod bodies;
mod callers;
mod interfaces;
mod json;
mod lawful;
mod networks;
mod paths;
mod request_line;

pub(crate) use lawful::{Lawful, lawful};

use super::{Framing, Ids, Shot, ids::*};

/// Which networks the caller's project can see.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Sight {
    /// All of them, so that Nova chooses none by itself.
    #[default]
    All,
    /// The banned one alone, so that Nova chooses it wherever none is named.
    OnlyBanned,
}

/// What an attack does to a simulated cloud without a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    /// It works.
    Harmed,
    /// The simulated cloud is not taken in, but other releases or servers are.
    Safe,
}

use Bare::{Harmed, Safe};

/// An attack, and the status with which it has to be refused.
pub(crate) struct Attack {
    pub(crate) case: &'static str,
    pub(crate) sight: Sight,
    pub(crate) shot: Shot,
    pub(crate) status: u16,
    pub(crate) bare: Bare,
}

/// All of them.
pub(crate) fn attacks(ids: Ids) -> Vec<Attack> {
    [
        paths::spellings,
        paths::forms,
        request_line::queries,
        request_line::headers,
        networks::hidden,
        networks::left_to_nova,
        interfaces::attaches,
        interfaces::detaches,
        actions::addresses,
        actions::events,
        bodies::types,
        bodies::framings,
        json::documents,
        callers::claims,
    ]
    .into_iter()
    .flat_map(|cases| cases(ids))
    .collect()
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

/// A create with this beside what every server needs.
fn body(members: &str) -> String {
    format!(r#"{{"server": {{"name": "web", "imageRef": "{IMAGE}", "flavorRef": "1"{members}}}}}"#)
}

/// A create with this JSON for `networks`.
fn body_on(networks: &str) -> String {
    body(&format!(r#", "networks": {networks}"#))
}

fn by_id(ids: &[&str]) -> String {
    let entries: Vec<_> = ids
        .iter()
        .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
        .collect();
    body_on(&format!("[{}]", entries.join(", ")))
}

/// A create on the required network and the banned one.
fn bad() -> String {
    by_id(&[REQUIRED, BANNED])
}

fn post(target: &str, body: impl Into<String>) -> Shot {
    Shot::json(format!("POST {target}"), body.into())
}

/// The same to where servers are made.
fn post_bad(target: &str) -> Shot {
    post(target, bad())
}

fn create(networks: &str) -> Shot {
    post("/v2.1/servers", body_on(networks))
}

/// The same with the microversion from which `networks` must be there.
fn newer(networks: &str) -> Shot {
    create(networks).header("OpenStack-API-Version: compute 2.37")
}

fn attach(server: &str, wish: &str) -> Shot {
    let body = format!(r#"{{"interfaceAttachment": {{{wish}}}}}"#);
    post(&format!("/v2.1/servers/{server}/os-interface"), body)
}

fn attach_banned() -> String {
    format!(r#"{{"interfaceAttachment": {{"net_id": "{BANNED}"}}}}"#)
}

fn detach(server: &str, port: &str) -> Shot {
    Shot::bare(format!("DELETE /v2.1/servers/{server}/os-interface/{port}"))
}

fn act(server: &str, action: &str) -> Shot {
    post(&format!("/v2.1/servers/{server}/action"), action)
}

fn upper(id: &str) -> String {
    id.to_uppercase()
}

fn undashed(id: &str) -> String {
    id.replace('-', "")
}
