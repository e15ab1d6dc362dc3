//! Trunks: ports that carry others to a server.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::call::{Call, Fault, Reply, empty, json as json_reply};
use super::super::state::{State, SubPort, Trunk, new_id};
use super::super::token::Caller;
use super::{body, port, sees_trunk, trunk_view};

pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Result<Reply, Fault> {
    let wishes = body::wishes(call, "trunk")?;
    let mut views = Vec::new();
    for wish in &wishes.all {
        let Some(Value::String(parent)) = wish.get("port_id") else {
            return Err(Fault::bad_request(
                "Required attribute 'port_id' not specified",
            ));
        };
        let parent = port(state, caller, parent)?;
        let trunk = Trunk {
            id: new_id(),
            name: String::new(),
            project: parent.project.clone(),
            port: parent.id.clone(),
            sub_ports: sub_ports(state, wish, caller)?,
        };
        free(state, &trunk.port)?;
        views.push(trunk_view(&trunk));
        insert(state, trunk);
    }
    Ok(json_reply(StatusCode::CREATED, &wishes.answer(views)))
}

pub(super) fn add(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Reply, Fault> {
    let mut trunk = find(state, caller, id)?.clone();
    trunk
        .sub_ports
        .extend(sub_ports(state, &body::object(call)?, caller)?);
    Ok(changed(state, trunk))
}

pub(super) fn remove(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Reply, Fault> {
    let mut trunk = find(state, caller, id)?.clone();
    for (gone, _) in listed(&body::object(call)?)? {
        let before = trunk.sub_ports.len();
        trunk
            .sub_ports
            .retain(|it| !it.port.eq_ignore_ascii_case(&gone));
        if trunk.sub_ports.len() == before {
            return Err(Fault::not_found(format!(
                "SubPort {gone} could not be found."
            )));
        }
    }
    Ok(changed(state, trunk))
}

pub(super) fn delete(state: &mut State, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    let key = find(state, caller, id)?.id.clone();
    state.trunks.remove(&key);
    Ok(empty(StatusCode::NO_CONTENT))
}

fn changed(state: &mut State, trunk: Trunk) -> Reply {
    let view = trunk_view(&trunk);
    insert(state, trunk);
    json_reply(StatusCode::OK, &view)
}

/// Sub-ports get the trunk for their device, as a driver writes it.
fn insert(state: &mut State, trunk: Trunk) {
    for sub_port in &trunk.sub_ports {
        state.bind(&sub_port.port, &trunk.id, "trunk:subport");
    }
    state.trunks.insert(trunk.id.clone(), trunk);
}

fn find<'s>(state: &'s State, caller: &Caller, id: &str) -> Result<&'s Trunk, Fault> {
    let trunk = state.trunks.get(&id.to_ascii_lowercase());
    trunk
        .filter(|trunk| sees_trunk(caller, trunk))
        .ok_or_else(|| Fault {
            kind: "TrunkNotFound",
            ..Fault::not_found(format!("Trunk {id} could not be found."))
        })
}

fn sub_ports(
    state: &State,
    wish: &Map<String, Value>,
    caller: &Caller,
) -> Result<Vec<SubPort>, Fault> {
    let listed = listed(wish)?.into_iter().map(|(id, segment)| {
        let id = port(state, caller, &id)?.id.clone();
        free(state, &id)?;
        Ok(SubPort { port: id, segment })
    });
    listed.collect()
}

/// Ids and segments, as they are written.
fn listed(wish: &Map<String, Value>) -> Result<Vec<(String, u64)>, Fault> {
    let none = json!([]);
    let list = wish.get("sub_ports").unwrap_or(&none);
    let list = list
        .as_array()
        .ok_or_else(|| Fault::bad_request("Invalid data format for subports"))?;
    let entries = list.iter().map(|entry| {
        let id = entry.get("port_id").and_then(Value::as_str);
        let id = id.ok_or_else(|| Fault::bad_request("'port_id' is required"))?;
        let segment = entry.get("segmentation_id").and_then(Value::as_u64);
        Ok((id.to_owned(), segment.unwrap_or_default()))
    });
    entries.collect()
}

fn free(state: &State, port: &str) -> Result<(), Fault> {
    if state.trunk_on(port).is_some() || state.trunk_with(port).is_some() {
        let message = format!("Port {port} is currently a part of a trunk.");
        return Err(Fault::conflict(message));
    }
    Ok(())
}
