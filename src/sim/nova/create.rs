//! Making servers.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::call::{Fault, Reply, json as json_reply, set};
use super::super::state::{COMPUTE, State, new_id};
use super::Ask;
use super::body::{invalid, object, only};
use super::networks::{self, Entry, Nic, Wanted};

/// The keys of a server to be made, of all versions together.
const KEYS: &[&str] = &[
    "name",
    "imageRef",
    "flavorRef",
    "adminPass",
    "metadata",
    "networks",
    "OS-DCF:diskConfig",
    "accessIPv4",
    "accessIPv6",
    "personality",
    "availability_zone",
    "block_device_mapping",
    "block_device_mapping_v2",
    "config_drive",
    "key_name",
    "max_count",
    "min_count",
    "return_reservation_id",
    "security_groups",
    "user_data",
    "description",
    "tags",
    "trusted_image_certificates",
    "host",
    "hypervisor_hostname",
    "hostname",
];

const HINTS: &[&str] = &["server", "os:scheduler_hints", "OS-SCH-HNT:scheduler_hints"];

/// There is no quota, but what one request can make has an end.
const MOST: u64 = 1000;

pub(super) fn create(state: &mut State, ask: &Ask<'_>) -> Result<Reply, Fault> {
    let document = object("", ask.content.document()?)?;
    let Some(server) = document.get("server") else {
        return Err(Fault::bad_request("'server' is a required property"));
    };
    only("", document, HINTS, ask.version)?;
    let server = object("server", server)?;
    for required in ["name", "flavorRef"] {
        if !server.contains_key(required) {
            return Err(Fault::bad_request(format!(
                "Invalid input for field/attribute server. '{required}' is a required property"
            )));
        }
    }
    only("server", server, KEYS, ask.version)?;
    let name = match server.get("name") {
        Some(Value::String(name)) if !name.is_empty() => name.as_str(),
        other => {
            let value = other.unwrap_or(&Value::Null);
            return Err(invalid("name", value, "is not of type 'string'"));
        }
    };
    let wanted = networks::read(server.get("networks"), ask.version)?;
    let (min, max) = (
        networks::count("min_count", server.get("min_count"))?,
        networks::count("max_count", server.get("max_count"))?,
    );
    let min = min.unwrap_or(1);
    let max = max.unwrap_or(min);
    if min > max {
        return Err(Fault::bad_request("min_count must be <= max_count"));
    }
    let project = ask.project("servers:create")?.to_owned();
    ask.member("servers:create")?;
    if max > MOST {
        return Err(Fault::forbidden(format!(
            "Quota exceeded for instances: Requested {max}, but already used 0 of {MOST} instances"
        )));
    }
    if max > 1 {
        single(&wanted)?;
    }
    let nics = networks::resolve(state, ask, &wanted)?;
    let mut made = Vec::new();
    for number in 1..=max {
        let name = if max > 1 {
            format!("{name}-{number}")
        } else {
            name.to_owned()
        };
        made.push(build(state, ask, &name, &project, &nics));
    }
    Ok(accepted(ask, server.get("return_reservation_id"), &made))
}

/// What can be given to one server only.
fn single(wanted: &Wanted) -> Result<(), Fault> {
    let Wanted::Listed(entries) = wanted else {
        return Ok(());
    };
    for entry in entries {
        match entry {
            Entry::Port(_) => {
                return Err(Fault::bad_request(
                    "Failed to launch instances: Unable to launch multiple instances with a \
                     single configured port ID. Please launch your instance one by one with \
                     different ports.",
                ));
            }
            Entry::Network { address: true, .. } => {
                return Err(Fault::bad_request(
                    "Invalid fixed IP Address requested: more than one server cannot have it.",
                ));
            }
            Entry::Network { .. } => {}
        }
    }
    Ok(())
}

/// What the compute host does: nothing of it can change the answer any more.
fn build(state: &mut State, ask: &Ask<'_>, name: &str, project: &str, nics: &[Nic]) -> String {
    let id = new_id();
    state.new_server(&id, name, project, &ask.caller.user);
    if nics
        .iter()
        .any(|nic| matches!(nic, Nic::Port { foreign: true, .. }))
    {
        if let Some(server) = state.servers.get_mut(&id) {
            server.status = "ERROR";
        }
        return id;
    }
    for nic in nics {
        match nic {
            Nic::Network(network) => {
                state.plug(&id, network, project);
            }
            Nic::Port { text, .. } => adopt(state, &id, text),
        }
    }
    id
}

/// Gives a server a port that is there. The database finds it in any case; what Nova remembers,
/// it matches to the letter, so a port called otherwise is bound but not remembered.
pub(super) fn adopt(state: &mut State, server: &str, text: &str) {
    state.bind(text, server, COMPUTE);
    if let Some(port) = state.ports.get_mut(&text.to_ascii_lowercase()) {
        port.preserved = true;
        if port.id == text {
            state.remember(server, text);
        }
    }
}

fn accepted(ask: &Ask<'_>, reservation: Option<&Value>, made: &[String]) -> Reply {
    if matches!(reservation, Some(Value::Bool(true))) {
        let id: String = new_id()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(8)
            .collect();
        return json_reply(
            StatusCode::ACCEPTED,
            &json!({"reservation_id": format!("r-{id}")}),
        );
    }
    let first = made.first().map(String::as_str).unwrap_or_default();
    let links = super::servers::links(ask, first);
    let mut reply = json_reply(
        StatusCode::ACCEPTED,
        &json!({"server": {
            "id": first,
            "links": links,
            "OS-DCF:diskConfig": "MANUAL",
            "security_groups": [{"name": "default"}],
            "adminPass": "simulated",
        }}),
    );
    if let Some(location) = links.pointer("/0/href").and_then(Value::as_str) {
        set(&mut reply, "location", location);
    }
    reply
}
