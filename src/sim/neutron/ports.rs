//! Making, changing and deleting ports, which is another way to a server's networks.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::call::{Call, Fault, Reply, empty, json as json_reply};
use super::super::state::{State, new_id};
use super::super::token::Caller;
use super::{body, network, port, port_view, powerful};

/// Attributes that are taken; those past `device_owner` change nothing here.
const WRITABLE: &[&str] = &[
    "name",
    "device_id",
    "device_owner",
    "admin_state_up",
    "security_groups",
    "description",
    "fixed_ips",
    "binding:host_id",
    "binding:vnic_type",
    "port_security_enabled",
];

const ON_CREATE: &[&str] = &["network_id", "project_id", "tenant_id"];

pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Result<Reply, Fault> {
    let wishes = body::wishes(call, "port")?;
    for wish in &wishes.all {
        check(wish, caller, true)?;
    }
    let mut views = Vec::new();
    for wish in &wishes.all {
        let id = create_one(state, wish, caller)?;
        views.push(port_view(state, port(state, caller, &id)?));
    }
    Ok(json_reply(StatusCode::CREATED, &wishes.answer(views)))
}

fn create_one(
    state: &mut State,
    wish: &Map<String, Value>,
    caller: &Caller,
) -> Result<String, Fault> {
    let Some(wanted) = text(wish, "network_id")? else {
        return Err(Fault::bad_request(
            "Failed to parse request. Required attribute 'network_id' not specified",
        ));
    };
    let network = network(state, caller, &wanted)?.id.clone();
    own_network_only(state, wish, caller, &network)?;
    let own = caller.project.clone();
    let project = match text(wish, "project_id")?.or(text(wish, "tenant_id")?) {
        Some(project) if powerful(caller) || Some(&project) == own.as_ref() => project,
        Some(_) => return Err(disallowed("create_port")),
        None => own.ok_or_else(|| disallowed("create_port"))?,
    };
    let id = new_id();
    state.new_port(&id, &network, &project);
    write(state, &id, wish)?;
    Ok(id)
}

pub(super) fn update(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Reply, Fault> {
    let wish = body::wish(call, "port")?;
    let port = port(state, caller, id)?;
    let (id, network) = (port.id.clone(), port.network.clone());
    check(&wish, caller, false)?;
    own_network_only(state, &wish, caller, &network)?;
    write(state, &id, &wish)?;
    notify(state, &id);
    let view = view(state, caller, &id)?;
    Ok(json_reply(StatusCode::OK, &view))
}

pub(super) fn delete(state: &mut State, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    let port = port(state, caller, id)?;
    let (id, device) = (port.id.clone(), port.device_id.clone());
    if state.trunk_on(&id).is_some() || state.trunk_with(&id).is_some() {
        return Err(Fault {
            kind: "PortInUse",
            ..Fault::conflict(format!("Port {id} is part of a trunk."))
        });
    }
    state.ports.remove(&id);
    // Neutron tells Nova, which unplugs.
    state.forget(&device, &id);
    Ok(empty(StatusCode::NO_CONTENT))
}

fn view(state: &State, caller: &Caller, id: &str) -> Result<Value, Fault> {
    let port = port(state, caller, id)?;
    Ok(json!({"port": port_view(state, port)}))
}

fn check(wish: &Map<String, Value>, caller: &Caller, creating: bool) -> Result<(), Fault> {
    for name in wish.keys() {
        let name = name.as_str();
        if !creating && ON_CREATE.contains(&name) {
            return Err(Fault::bad_request(format!(
                "Cannot update read-only attribute {name}"
            )));
        }
        if !WRITABLE.contains(&name) && !ON_CREATE.contains(&name) {
            return Err(Fault::bad_request(format!(
                "Unrecognized attribute(s) '{name}'"
            )));
        }
        if name == "binding:host_id" && !powerful(caller) {
            return Err(disallowed("update_port:binding:host_id"));
        }
    }
    Ok(())
}

/// Addresses, and owners of Neutron's own, are for who has the network.
fn own_network_only(
    state: &State,
    wish: &Map<String, Value>,
    caller: &Caller,
    network: &str,
) -> Result<(), Fault> {
    let owner = text(wish, "device_owner")?.unwrap_or_default();
    let special = wish.contains_key("fixed_ips") || owner.starts_with("network:");
    let network = state.network(network);
    let owns = network.is_some_and(|it| it.project.is_some() && it.project == caller.project);
    if special && !owns && !powerful(caller) {
        return Err(disallowed("update_port:fixed_ips"));
    }
    Ok(())
}

fn disallowed(rule: &str) -> Fault {
    Fault::forbidden(format!("rule:{rule} is disallowed by policy"))
}

fn text(wish: &Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match wish.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Fault::bad_request(format!(
            "Invalid input for {name}. Reason: '{other}' is not a valid string."
        ))),
    }
}

/// Takes any device, a server of another project included, as Neutron does.
fn write(state: &mut State, id: &str, wish: &Map<String, Value>) -> Result<(), Fault> {
    let name = text(wish, "name")?;
    let device = text(wish, "device_id")?;
    let owner = text(wish, "device_owner")?;
    let Some(port) = state.ports.get_mut(id) else {
        return Ok(());
    };
    if let Some(name) = name {
        port.name = name;
    }
    if wish.get("fixed_ips") == Some(&json!([])) {
        port.addresses.clear();
    }
    if device.is_some() || owner.is_some() {
        let device = device.unwrap_or_else(|| port.device_id.clone());
        let owner = owner.unwrap_or_else(|| port.device_owner.clone());
        state.bind(id, &device, &owner);
    }
    Ok(())
}

/// Tells Nova of a changed port whose owner is a compute one. Nova then takes it for its server's
/// if it is of the same project.
fn notify(state: &mut State, id: &str) {
    let Some(port) = state.ports.get(id) else {
        return;
    };
    if !port.device_owner.starts_with("compute:") {
        return;
    }
    let server = state
        .server(&port.device_id)
        .filter(|server| server.project == port.project)
        .map(|server| server.id.clone());
    if let Some(server) = server {
        state.remember(&server, id);
    }
}
