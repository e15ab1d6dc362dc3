//! Neutron: networks and ports, as much as looking them up and changing whose they are takes.

mod body;
mod list;
mod ports;
mod trunks;

#[cfg(test)]
mod tests;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{
    BODY_LIMIT, Call, Fault, Reply, json as json_reply, new_request_id, percent_decode, put, set,
};
use super::state::{Network, Port, State, SubPort, Trunk};
use super::token::{self, Caller};

pub(super) fn answer(state: &mut State, call: &Call) -> Reply {
    let mut reply = filtered(state, call);
    set(&mut reply, "x-openstack-request-id", &new_request_id());
    reply
}

fn filtered(state: &mut State, call: &Call) -> Reply {
    let path = percent_decode(&call.path);
    let path = path.strip_suffix(".json").unwrap_or(&path);
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let segments = routed(segments);
    if segments.is_empty() {
        let base = call.base();
        let version = json!({
            "id": "v2.0",
            "status": "CURRENT",
            "links": [{"rel": "self", "href": format!("{base}/v2.0/")}],
        });
        return json_reply(StatusCode::OK, &json!({"versions": [version]}));
    }
    if call.oversize {
        return refusal(&Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("Request is too large. Larger than {BODY_LIMIT}."),
        ));
    }
    let Some(caller) = token::authenticate(state, call) else {
        return token::unauthorized(state);
    };
    let outcome = match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["v2.0", "networks"]) => list::networks(state, call, &caller),
        ("GET", ["v2.0", "ports"]) => list::ports(state, call, &caller),
        ("GET", ["v2.0", "networks", id]) => list::network(state, call, &caller, id),
        ("GET", ["v2.0", "ports", id]) => list::port(state, call, &caller, id),
        ("POST", ["v2.0", "ports"]) => ports::create(state, call, &caller),
        ("PUT", ["v2.0", "ports", id]) => ports::update(state, call, &caller, id),
        ("DELETE", ["v2.0", "ports", id]) => ports::delete(state, &caller, id),
        ("GET", ["v2.0", "trunks"]) => list::trunks(state, call, &caller),
        ("POST", ["v2.0", "trunks"]) => trunks::create(state, call, &caller),
        ("DELETE", ["v2.0", "trunks", id]) => trunks::delete(state, &caller, id),
        ("PUT", ["v2.0", "trunks", id, "add_subports"]) => trunks::add(state, call, &caller, id),
        ("PUT", ["v2.0", "trunks", id, "remove_subports"]) => {
            trunks::remove(state, call, &caller, id)
        }
        _ => Err(Fault {
            kind: "HTTPNotFound",
            ..Fault::not_found("The resource could not be found.")
        }),
    };
    outcome.unwrap_or_else(|fault| refusal(&fault))
}

/// The segments that Neutron goes by: `index` is another name for the resource before it, with
/// whatever follows, and the name of a plugin may stand in front of any collection.
fn routed(mut segments: Vec<&str>) -> Vec<&str> {
    if matches!(segments.as_slice(), ["v2.0", "metering" | "qos", _, ..]) {
        segments.remove(1);
    }
    let index = segments
        .iter()
        .skip(2)
        .take(2)
        .position(|it| *it == "index");
    if let Some(at) = index {
        segments.truncate(at + 2);
    }
    segments
}

pub(super) fn refusal(fault: &Fault) -> Reply {
    let kind = match (fault.kind, fault.status.as_u16()) {
        ("", 400) => "HTTPBadRequest",
        ("", 403) => "PolicyNotAuthorized",
        ("", 404) => "HTTPNotFound",
        ("", _) => "HTTPInternalServerError",
        (kind, _) => kind,
    };
    json_reply(
        fault.status,
        &json!({"NeutronError": {"type": kind, "message": fault.message, "detail": ""}}),
    )
}

/// Whether the caller is over all projects: Nova itself is, by its role `service`.
fn powerful(caller: &Caller) -> bool {
    caller.is_admin() || caller.has_role("service")
}

fn sees_port(caller: &Caller, port: &Port) -> bool {
    powerful(caller) || caller.project.as_deref() == Some(port.project.as_str())
}

fn sees_network(caller: &Caller, network: &Network) -> bool {
    powerful(caller)
        || caller
            .project
            .as_deref()
            .is_some_and(|p| network.seen_by(p))
}

fn sees_trunk(caller: &Caller, trunk: &Trunk) -> bool {
    powerful(caller) || caller.project.as_deref() == Some(trunk.project.as_str())
}

/// A port that the caller sees. The database does not mind the id's case.
fn port<'s>(state: &'s State, caller: &Caller, id: &str) -> Result<&'s Port, Fault> {
    state
        .port(id)
        .filter(|port| sees_port(caller, port))
        .ok_or_else(|| Fault {
            kind: "PortNotFound",
            ..Fault::not_found(format!("Port {id} could not be found."))
        })
}

fn network<'s>(state: &'s State, caller: &Caller, id: &str) -> Result<&'s Network, Fault> {
    state
        .network(id)
        .filter(|network| sees_network(caller, network))
        .ok_or_else(|| Fault {
            kind: "NetworkNotFound",
            ..Fault::not_found(format!("Network {id} could not be found."))
        })
}

fn port_view(state: &State, port: &Port) -> Value {
    let subnet = state.network(&port.network).map(|n| n.subnet.as_str());
    let addresses = port.addresses.iter();
    let addresses: Vec<_> = addresses
        .map(|address| json!({"ip_address": address.to_string(), "subnet_id": subnet}))
        .collect();
    let mut view = json!({
        "id": port.id,
        "name": port.name,
        "network_id": port.network,
        "project_id": port.project,
        "tenant_id": port.project,
        "device_id": port.device_id,
        "device_owner": port.device_owner,
        "mac_address": port.mac,
        "fixed_ips": addresses,
        "status": port.status(),
        "admin_state_up": true,
        "security_groups": [],
    });
    if let Some(trunk) = state.trunk_on(&port.id) {
        let details = json!({"trunk_id": trunk.id, "sub_ports": sub_ports_view(trunk)});
        put(&mut view, "trunk_details", details);
    }
    view
}

fn trunk_view(trunk: &Trunk) -> Value {
    json!({
        "id": trunk.id,
        "name": trunk.name,
        "project_id": trunk.project,
        "tenant_id": trunk.project,
        "port_id": trunk.port,
        "sub_ports": sub_ports_view(trunk),
        "status": "DOWN",
        "admin_state_up": true,
    })
}

fn sub_ports_view(trunk: &Trunk) -> Vec<Value> {
    let view = |it: &SubPort| {
        json!({
            "port_id": it.port,
            "segmentation_type": "vlan",
            "segmentation_id": it.segment,
        })
    };
    trunk.sub_ports.iter().map(view).collect()
}

fn network_view(network: &Network) -> Value {
    let project = network.project.as_deref().unwrap_or("");
    json!({
        "id": network.id,
        "name": network.name,
        "project_id": project,
        "tenant_id": project,
        "shared": network.project.is_none(),
        "status": "ACTIVE",
        "admin_state_up": true,
        "router:external": false,
        "mtu": 1500,
        "subnets": [network.subnet],
    })
}
