//! The vendor's virtual interfaces, which upstream Nova does not have.
//!
//! A virtual interface has the id of its port.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::call::{Fault, Reply, empty, json as json_reply};
use super::super::state::{Port, State};
use super::Ask;
use super::interfaces::ready;

pub(super) fn list(state: &State, ask: &Ask<'_>, id: &str) -> Result<Reply, Fault> {
    ask.content.refuse()?;
    let server = ask.server(state, id)?;
    ask.reader("os-virtual-interfacesv2:list")?;
    Ok(reply(state, &state.ports_of(&server.id)))
}

pub(super) fn plug(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply, Fault> {
    let document = ask.content.document()?;
    let wanted = document.pointer("/virtual_interface/network_id");
    let Some(wanted) = wanted.and_then(Value::as_str) else {
        return Err(Fault::bad_request("Malformed request body"));
    };
    let server = ask.server(state, id)?;
    ask.member("os-virtual-interfacesv2:create")?;
    ready(ask, server, id, "virtual_interface_create")?;
    let (key, project) = (server.id.clone(), server.project.clone());
    let network = state
        .network(wanted)
        .filter(|network| network.id == wanted && network.seen_by(&project))
        .map(|network| network.id.clone())
        .ok_or_else(|| Fault::not_found(format!("Network {wanted} could not be found.")))?;
    let port = state.plug(&key, &network, &project);
    let made: Vec<_> = state.port(&port).into_iter().collect();
    Ok(reply(state, &made))
}

pub(super) fn unplug(
    state: &mut State,
    ask: &Ask<'_>,
    id: &str,
    vif: &str,
) -> Result<Reply, Fault> {
    ask.content.refuse()?;
    let server = ask.server(state, id)?;
    ask.member("os-virtual-interfacesv2:delete")?;
    ready(ask, server, id, "virtual_interface_delete")?;
    let key = server.id.clone();
    if !server.cache.iter().any(|known| known == vif) {
        return Err(Fault::not_found(format!(
            "Virtual interface {vif} could not be found."
        )));
    }
    state.unplug(&key, vif);
    Ok(empty(StatusCode::OK))
}

fn reply(state: &State, ports: &[&Port]) -> Reply {
    let vifs: Vec<_> = ports
        .iter()
        .map(|port| {
            let label = state.network(&port.network).map(|n| n.name.as_str());
            let addresses = port.addresses.iter();
            let addresses: Vec<_> = addresses
                .map(|address| {
                    json!({
                        "address": address.to_string(),
                        "network_id": port.network,
                        "network_label": label,
                    })
                })
                .collect();
            json!({"id": port.id, "mac_address": port.mac, "ip_addresses": addresses})
        })
        .collect();
    json_reply(StatusCode::OK, &json!({"virtual_interfaces": vifs}))
}
