//! `os-interface`: the NICs of a server.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::call::{Fault, Reply, empty, json as json_reply, put};
use super::super::state::{Port, State};
use super::Ask;
use super::body::{invalid, object, only, uuid_like};
use super::create::adopt;
use super::networks::{the_only_one, unexpected, usable_port};

/// Lists what Neutron shows this caller, so ports of other projects are missing for a tenant.
pub(super) fn list(state: &State, ask: &Ask<'_>, id: &str) -> Result<Reply, Fault> {
    ask.content.refuse()?;
    let server = ask.server(state, id)?;
    ask.reader("os-attach-interfaces:list")?;
    let ports = state.ports_of(&server.id);
    let ports: Vec<_> = ports
        .into_iter()
        .filter(|port| ask.caller.may_see(&port.project))
        .map(|port| describe(state, ask, port))
        .collect();
    Ok(json_reply(
        StatusCode::OK,
        &json!({"interfaceAttachments": ports}),
    ))
}

pub(super) fn show(state: &State, ask: &Ask<'_>, id: &str, port: &str) -> Result<Reply, Fault> {
    ask.content.refuse()?;
    ask.server(state, id)?;
    ask.reader("os-attach-interfaces:show")?;
    shown(state, ask, id, port)
}

/// The port's device is compared with the text of the path, not with the server that it found.
fn shown(state: &State, ask: &Ask<'_>, id: &str, text: &str) -> Result<Reply, Fault> {
    let port = state
        .port(text)
        .filter(|port| ask.caller.may_see(&port.project))
        .ok_or_else(|| Fault::not_found(format!("Port id {text} could not be found.")))?;
    if port.device_id != id {
        return Err(Fault::not_found(format!(
            "Instance {id} does not have a port with id {text}"
        )));
    }
    Ok(json_reply(
        StatusCode::OK,
        &json!({"interfaceAttachment": describe(state, ask, port)}),
    ))
}

fn describe(state: &State, ask: &Ask<'_>, port: &Port) -> Value {
    let subnet = state.network(&port.network).map(|n| n.subnet.as_str());
    let addresses = port.addresses.iter();
    let addresses: Vec<_> = addresses
        .map(|address| json!({"ip_address": address.to_string(), "subnet_id": subnet}))
        .collect();
    let mut view = json!({
        "net_id": port.network,
        "port_id": port.id,
        "mac_addr": port.mac,
        "port_state": port.status(),
        "fixed_ips": addresses,
    });
    if ask.version.minor >= 70 {
        put(&mut view, "tag", Value::Null);
    }
    view
}

pub(super) fn attach(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply, Fault> {
    let document = object("", ask.content.document()?)?;
    only("", document, &["interfaceAttachment"], ask.version)?;
    let none = Value::Object(Map::new());
    let wish = document.get("interfaceAttachment").unwrap_or(&none);
    let wish = object("interfaceAttachment", wish)?;
    let known: &[&str] = if ask.version.minor >= 49 {
        &["net_id", "port_id", "fixed_ips", "tag"]
    } else {
        &["net_id", "port_id", "fixed_ips"]
    };
    only("interfaceAttachment", wish, known, ask.version)?;
    let network = id_in(wish, "net_id")?;
    let port = id_in(wish, "port_id")?;
    let addressed = addressed(wish.get("fixed_ips"))?;

    let server = ask.server(state, id)?;
    ask.member("os-attach-interfaces:create")?;
    if network.is_some() && port.is_some() {
        return Err(Fault::bad_request(
            "Must not input both network_id and port_id",
        ));
    }
    if addressed && network.is_none() {
        return Err(Fault::bad_request(
            "Must input network_id when request IP address",
        ));
    }
    ready(ask, server, id, "attach_interface")?;
    let (key, project) = (server.id.clone(), server.project.clone());
    let port = match (port, network) {
        (Some(text), _) => {
            adopted(state, ask, &key, &project, text)?;
            text.to_owned()
        }
        (None, Some(network)) => {
            let network = exact_network(state, ask, network)?;
            state.plug(&key, &network, &project)
        }
        (None, None) => {
            let only = the_only_one(state, &project, StatusCode::BAD_REQUEST)?;
            let network = only.ok_or_else(|| {
                Fault::bad_request(format!(
                    "No specific network was requested and none are available for project \
                     '{project}'."
                ))
            })?;
            state.plug(&key, &network, &project)
        }
    };
    // The answer is looked up anew, by the text of the path: too late to undo anything.
    shown(state, ask, id, &port)
}

/// Whether the server's state lets its NICs be changed.
pub(super) fn ready(
    ask: &Ask<'_>,
    server: &super::Server,
    id: &str,
    operation: &str,
) -> Result<(), Fault> {
    if server.locked && !ask.caller.is_admin() {
        return Err(Fault::conflict(format!("Instance {id} is locked")));
    }
    if matches!(server.status, "ACTIVE" | "PAUSED" | "SHUTOFF") {
        return Ok(());
    }
    let state = server.status.to_ascii_lowercase();
    Err(Fault::conflict(format!(
        "Cannot '{operation}' instance {id} while it is in vm_state {state}"
    )))
}

fn adopted(
    state: &mut State,
    ask: &Ask<'_>,
    server: &str,
    project: &str,
    text: &str,
) -> Result<(), Fault> {
    usable_port(state, ask, text, StatusCode::NOT_FOUND)?;
    let exact = state.port(text).is_some_and(|port| port.id == text);
    if state.port(text).is_none_or(|port| port.project != project) {
        return Err(Fault::bad_request(format!(
            "Port {text} not usable for instance {server}."
        )));
    }
    adopt(state, server, text);
    if exact {
        Ok(())
    } else {
        // Neutron has bound it by now, and Nova does not find it in what Neutron says.
        Err(Fault::internal(format!(
            "Failed to attach network adapter device to {server}"
        )))
    }
}

/// A network for the compute host, which finds it to the letter or falls over.
fn exact_network(state: &State, ask: &Ask<'_>, id: &str) -> Result<String, Fault> {
    let project = ask.project("os-attach-interfaces:create")?;
    state
        .network(id)
        .filter(|network| ask.caller.is_admin() || network.seen_by(project))
        .ok_or_else(|| unexpected("oslo_messaging.rpc.client.RemoteError"))
        .and_then(|network| {
            if network.id == id {
                Ok(network.id.clone())
            } else {
                Err(unexpected("ValueError"))
            }
        })
}

fn id_in<'v>(wish: &'v Map<String, Value>, field: &str) -> Result<Option<&'v str>, Fault> {
    match wish.get(field) {
        None => Ok(None),
        Some(Value::String(text)) if uuid_like(text) => Ok(Some(text)),
        Some(other @ Value::String(_)) => Err(invalid(field, other, "is not a 'uuid'")),
        Some(other) => Err(invalid(field, other, "is not of type 'string'")),
    }
}

/// Whether an address is asked for; it is not honoured, only checked.
fn addressed(value: Option<&Value>) -> Result<bool, Fault> {
    let Some(value) = value else {
        return Ok(false);
    };
    let complaint = || invalid("fixed_ips", value, "is not a list of one address");
    match value.as_array().map(Vec::as_slice) {
        Some([Value::Object(entry)]) if entry.len() == 1 => entry
            .get("ip_address")
            .and_then(Value::as_str)
            .filter(|text| text.parse::<std::net::IpAddr>().is_ok())
            .map(|_| true)
            .ok_or_else(complaint),
        _ => Err(complaint()),
    }
}

/// Nova hands the wish on and answers; the host then finds the port in its cache, to the letter,
/// or does nothing.
pub(super) fn detach(
    state: &mut State,
    ask: &Ask<'_>,
    id: &str,
    port: &str,
) -> Result<Reply, Fault> {
    ask.content.refuse()?;
    let server = ask.server(state, id)?;
    ask.member("os-attach-interfaces:delete")?;
    ready(ask, server, id, "detach_interface")?;
    let key = server.id.clone();
    if server.cache.iter().any(|known| known == port) {
        state.unplug(&key, port);
    }
    Ok(empty(StatusCode::ACCEPTED))
}
