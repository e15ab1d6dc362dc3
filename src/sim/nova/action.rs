//! Actions on a server: addresses, and a few that change nothing but its state.

use http::StatusCode;
use serde_json::{Map, Value};

use super::super::call::{Fault, Reply, empty};
use super::super::state::State;
use super::Ask;
use super::body::{invalid, not_here, object, only};

/// Actions that only move a server from some states to one: name, from, to.
const MOVES: &[(&str, &[&str], &str)] = &[
    ("confirmResize", &["VERIFY_RESIZE"], "ACTIVE"),
    ("os-start", &["SHUTOFF"], "ACTIVE"),
    ("os-stop", &["ACTIVE", "ERROR"], "SHUTOFF"),
    ("pause", &["ACTIVE"], "PAUSED"),
    (
        "reboot",
        &["ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "ERROR"],
        "ACTIVE",
    ),
    ("rebuild", &["ACTIVE", "SHUTOFF", "ERROR"], "ACTIVE"),
    ("resize", &["ACTIVE", "SHUTOFF"], "VERIFY_RESIZE"),
    ("resume", &["SUSPENDED"], "ACTIVE"),
    ("revertResize", &["VERIFY_RESIZE"], "ACTIVE"),
    (
        "shelve",
        &["ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED"],
        "SHELVED_OFFLOADED",
    ),
    ("suspend", &["ACTIVE"], "SUSPENDED"),
    ("unpause", &["PAUSED"], "ACTIVE"),
    ("unshelve", &["SHELVED_OFFLOADED"], "ACTIVE"),
];

pub(super) fn act(
    state: &mut State,
    ask: &Ask<'_>,
    id: &str,
    action: &str,
) -> Result<Reply, Fault> {
    let document = object("", ask.content.document()?)?;
    let argument = document.get(action).unwrap_or(&Value::Null);
    match action {
        "addFixedIp" => add_address(state, ask, id, argument),
        "removeFixedIp" => remove_address(state, ask, id, argument),
        "lock" | "unlock" => lock(state, ask, id, action == "lock"),
        "resetNetwork" => Err(Fault::new(
            StatusCode::GONE,
            "This resource is no longer available. No forwarding address is given.",
        )),
        _ => match MOVES.iter().find(|(name, ..)| *name == action) {
            Some((_, from, to)) => {
                let moved = change(state, ask, id, action, from, to, argument);
                moved.map(|()| empty(StatusCode::ACCEPTED))
            }
            None => Err(Fault::bad_request(format!(
                "There is no such action: {action}"
            ))),
        },
    }
}

fn change(
    state: &mut State,
    ask: &Ask<'_>,
    id: &str,
    action: &str,
    from: &[&str],
    to: &'static str,
    argument: &Value,
) -> Result<(), Fault> {
    // Of arguments only this matters here: no action takes networks.
    if let Some(networks) = argument.get("networks")
        && !ask.version.legacy
    {
        return Err(invalid(
            action,
            networks,
            "Additional properties are not allowed ('networks' was unexpected)",
        ));
    }
    let server = ask.server(state, id)?;
    ask.member(&format!("servers:{action}"))?;
    let now = server.status;
    if !from.contains(&now) || (server.locked && !ask.caller.is_admin()) {
        let why = now.to_ascii_lowercase();
        return Err(Fault::conflict(format!(
            "Cannot '{action}' instance {id} while it is in vm_state {why}"
        )));
    }
    let key = server.id.clone();
    let project = server.project.clone();
    if action == "unshelve" {
        // A new host binds whatever Neutron says is this server's, and so learns of it.
        let ports: Vec<_> = state
            .ports_of(&key)
            .iter()
            .filter(|port| port.project == project)
            .map(|port| port.id.clone())
            .collect();
        for port in ports {
            state.remember(&key, &port);
        }
    }
    if let Some(server) = state.servers.get_mut(&key) {
        server.status = to;
    }
    Ok(())
}

fn lock(state: &mut State, ask: &Ask<'_>, id: &str, locked: bool) -> Result<Reply, Fault> {
    let key = ask.server(state, id)?.id.clone();
    ask.member("os-lock-server:lock")?;
    if let Some(server) = state.servers.get_mut(&key) {
        server.locked = locked;
    }
    Ok(empty(StatusCode::ACCEPTED))
}

/// Whether the caller may choose addresses on a network: Neutron asks for its owner.
fn may_choose(state: &State, ask: &Ask<'_>, network: &str) -> bool {
    ask.caller.is_admin()
        || state.network(network).is_some_and(|network| {
            network.project.is_some() && network.project == ask.caller.project
        })
}

/// Answers 202 whatever happens, and never brings a network that the server does not have.
fn add_address(
    state: &mut State,
    ask: &Ask<'_>,
    id: &str,
    argument: &Value,
) -> Result<Reply, Fault> {
    let wish = argument_of(ask, "addFixedIp", argument, "networkId")?;
    let network = match wish.get("networkId") {
        Some(Value::String(text)) if (1..=36).contains(&text.chars().count()) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        other => {
            let value = other.unwrap_or(&Value::Null);
            return Err(invalid(
                "networkId",
                value,
                "is not of type 'string', 'number'",
            ));
        }
    };
    let key = ask.server(state, id)?.id.clone();
    ask.member("os-multinic:add")?;
    let port = state
        .ports_of(&key)
        .into_iter()
        .find(|port| port.network == network)
        .map(|port| port.id.clone());
    if let Some(port) = port
        && may_choose(state, ask, &network)
        && let Some(address) = state.networks.get_mut(&network).map(|n| n.next_address())
        && let Some(port) = state.ports.get_mut(&port)
    {
        port.addresses.push(address);
    }
    Ok(empty(StatusCode::ACCEPTED))
}

/// Answers 202 whatever happens. A port can be left with no address.
fn remove_address(
    state: &mut State,
    ask: &Ask<'_>,
    id: &str,
    argument: &Value,
) -> Result<Reply, Fault> {
    let wish = argument_of(ask, "removeFixedIp", argument, "address")?;
    let address = match wish.get("address") {
        Some(Value::String(text)) if text.parse::<std::net::IpAddr>().is_ok() => text.clone(),
        other => {
            let value = other.unwrap_or(&Value::Null);
            return Err(invalid("address", value, "is not a 'ip-address'"));
        }
    };
    let key = ask.server(state, id)?.id.clone();
    ask.member("os-multinic:remove")?;
    let port = state
        .ports_of(&key)
        .into_iter()
        .find(|port| port.addresses.iter().any(|a| a.to_string() == address))
        .filter(|port| may_choose(state, ask, &port.network))
        .map(|port| port.id.clone());
    if let Some(port) = port.and_then(|port| state.ports.get_mut(&port)) {
        port.addresses.retain(|known| known.to_string() != address);
    }
    Ok(empty(StatusCode::ACCEPTED))
}

/// The argument of one of the two address actions, which end with 2.43.
fn argument_of<'v>(
    ask: &Ask<'_>,
    action: &str,
    argument: &'v Value,
    field: &str,
) -> Result<&'v Map<String, Value>, Fault> {
    if ask.version.minor >= 44 {
        return Err(not_here());
    }
    let members = object(action, argument)?;
    only(action, members, &[field], ask.version)?;
    Ok(members)
}
