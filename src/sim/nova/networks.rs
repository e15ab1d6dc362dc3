//! The networks of a server to be made: what the body asks for, and what that comes to.

use http::StatusCode;
use serde_json::Value;

use super::super::call::Fault;
use super::super::state::State;
use super::Ask;
use super::body::{invalid, object, only, uuid_like};
use super::version::Version;

/// What `networks` of a create body asks for.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Absent, empty or `auto`: whatever there is, if there is only one.
    Any {
        auto: bool,
    },
    Listed(Vec<Entry>),
    Nothing,
}

/// One NIC asked for, by port if it has one.
#[derive(Debug)]
pub(super) enum Entry {
    Network { id: String, address: bool },
    Port(String),
}

/// One NIC to be made.
#[derive(Debug)]
pub(super) enum Nic {
    /// On a new port.
    Network(String),
    /// On a port that is there, called by the text of the request.
    Port { text: String, foreign: bool },
}

/// Reads the field by the schema of the version.
pub(super) fn read(networks: Option<&Value>, version: Version) -> Result<Wanted, Fault> {
    let new = version.minor >= 37;
    match networks {
        None if new => Err(Fault::bad_request(
            "Invalid input for field/attribute server. 'networks' is a required property",
        )),
        None => Ok(Wanted::Any { auto: false }),
        Some(Value::String(text)) if new && text == "auto" => Ok(Wanted::Any { auto: true }),
        Some(Value::String(text)) if new && text == "none" => Ok(Wanted::Nothing),
        Some(Value::Array(entries)) if entries.is_empty() => Ok(Wanted::Any { auto: false }),
        Some(Value::Array(entries)) => {
            for (at, entry) in entries.iter().enumerate() {
                check(&at.to_string(), entry, version)?;
            }
            entries
                .iter()
                .map(entry)
                .collect::<Result<_, _>>()
                .map(Wanted::Listed)
        }
        Some(other) if new => Err(invalid(
            "networks",
            other,
            "is not valid under any of the given schemas",
        )),
        Some(other) => Err(invalid("networks", other, "is not of type 'array'")),
    }
}

/// The schema of one entry.
fn check(at: &str, entry: &Value, version: Version) -> Result<(), Fault> {
    let members = object(at, entry)?;
    let tags = (32..=36).contains(&version.minor) || version.minor >= 42;
    let known: &[&str] = if tags {
        &["fixed_ip", "port", "uuid", "tag"]
    } else {
        &["fixed_ip", "port", "uuid"]
    };
    only(at, members, known, version)?;
    match members.get("uuid") {
        None => {}
        Some(Value::String(text)) if version.minor < 37 || uuid_like(text) => {}
        Some(other @ Value::String(_)) => {
            return Err(invalid(
                "networks",
                other,
                "is not valid under any of the given schemas",
            ));
        }
        Some(other) => return Err(invalid("uuid", other, "is not of type 'string'")),
    }
    match members.get("port") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if uuid_like(text) => {}
        Some(other @ Value::String(_)) => return Err(invalid("port", other, "is not a 'uuid'")),
        Some(other) => {
            return Err(invalid("port", other, "is not of type 'string', 'null'"));
        }
    }
    match members.get("fixed_ip") {
        None => Ok(()),
        Some(Value::String(text)) if text.parse::<std::net::IpAddr>().is_ok() => Ok(()),
        Some(other @ Value::String(_)) => Err(invalid(
            "fixed_ip",
            other,
            "is not valid under any of the given schemas",
        )),
        Some(other) => Err(invalid("fixed_ip", other, "is not of type 'string'")),
    }
}

/// What an entry means: a port wins, and whatever stands beside it is not looked at.
fn entry(entry: &Value) -> Result<Entry, Fault> {
    let address = entry.get("fixed_ip").and_then(Value::as_str);
    if let Some(port) = entry.get("port").and_then(Value::as_str) {
        if let Some(address) = address {
            return Err(Fault::bad_request(format!(
                "Specified Fixed IP '{address}' cannot be used with port '{port}': the two \
                 cannot be specified together."
            )));
        }
        return Ok(Entry::Port(port.to_owned()));
    }
    match entry.get("uuid").and_then(Value::as_str) {
        None => Err(Fault::bad_request("Bad network format: missing 'uuid'")),
        Some(id) if !uuid_like(id) => Err(Fault::bad_request(format!(
            "Bad networks format: network uuid is not in proper format ({id})"
        ))),
        Some(id) => Ok(Entry::Network {
            id: id.to_owned(),
            address: address.is_some(),
        }),
    }
}

/// Turns a wish into NICs, as Nova's API does before it answers.
pub(super) fn resolve(state: &State, ask: &Ask<'_>, wanted: &Wanted) -> Result<Vec<Nic>, Fault> {
    match wanted {
        Wanted::Nothing => Ok(Vec::new()),
        Wanted::Any { auto } => {
            let project = ask.project("servers:create")?;
            let only = the_only_one(state, project, StatusCode::CONFLICT)?;
            if only.is_none() && *auto {
                return Err(Fault::bad_request(format!(
                    "Unable to automatically allocate a network for project {project}"
                )));
            }
            Ok(only.map(Nic::Network).into_iter().collect())
        }
        Wanted::Listed(entries) => listed(state, ask, entries),
    }
}

/// The network that a project gets without naming one, if it sees any.
pub(super) fn the_only_one(
    state: &State,
    project: &str,
    ambiguous: StatusCode,
) -> Result<Option<String>, Fault> {
    let mut seen = state.networks.values().filter(|n| n.seen_by(project));
    match (seen.next(), seen.next()) {
        (_, Some(_)) => Err(Fault::new(
            ambiguous,
            "Multiple possible networks found, use a Network ID to be more specific.",
        )),
        (first, None) => Ok(first.map(|network| network.id.clone())),
    }
}

fn listed(state: &State, ask: &Ask<'_>, entries: &[Entry]) -> Result<Vec<Nic>, Fault> {
    let mut nics = Vec::with_capacity(entries.len());
    let mut texts: Vec<&str> = Vec::new();
    for entry in entries {
        match entry {
            Entry::Port(text) => {
                if texts.contains(&text.as_str()) {
                    return Err(Fault::bad_request(format!(
                        "Port ID '{text}' was specified twice: it cannot be attached multiple \
                         times."
                    )));
                }
                texts.push(text);
                let foreign = usable_port(state, ask, text, StatusCode::BAD_REQUEST)?;
                let text = text.clone();
                nics.push(Nic::Port { text, foreign });
            }
            Entry::Network { id, .. } => nics.push(Nic::Network(id.clone())),
        }
    }
    known_networks(state, ask, &nics)?;
    Ok(nics)
}

/// Asks Neutron about a port with the caller's rights: it has to be there and nobody's. Says
/// whether it belongs to another project than the caller's, which only comes out later.
pub(super) fn usable_port(
    state: &State,
    ask: &Ask<'_>,
    text: &str,
    missing: StatusCode,
) -> Result<bool, Fault> {
    let port = state
        .port(text)
        .filter(|port| ask.caller.may_see(&port.project))
        .ok_or_else(|| Fault::new(missing, format!("Port id {text} could not be found.")))?;
    if port.device_id.is_empty() {
        Ok(ask.caller.project.as_deref() != Some(port.project.as_str()))
    } else {
        Err(Fault::conflict(format!("Port {text} is still in use.")))
    }
}

/// Nova asks Neutron for all networks at once and compares how many came back. The database finds
/// an id in any case, and then Nova, which has to find it to the letter, fails.
fn known_networks(state: &State, ask: &Ask<'_>, nics: &[Nic]) -> Result<(), Fault> {
    let mut asked: Vec<&str> = Vec::new();
    for nic in nics {
        if let Nic::Network(id) = nic
            && !asked.contains(&id.as_str())
        {
            asked.push(id);
        }
    }
    let project = ask.project("servers:create")?;
    let mut found: Vec<&str> = asked
        .iter()
        .filter_map(|id| state.network(id))
        .filter(|network| ask.caller.is_admin() || network.seen_by(project))
        .map(|network| network.id.as_str())
        .collect();
    found.sort_unstable();
    found.dedup();
    let missing: Vec<&str> = asked
        .iter()
        .copied()
        .filter(|id| !found.contains(id))
        .collect();
    if found.len() != asked.len() {
        return Err(Fault::bad_request(format!(
            "Network {} could not be found.",
            missing.join(", ")
        )));
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(unexpected("ValueError"))
    }
}

/// An exception that nobody caught.
pub(super) fn unexpected(class: &str) -> Fault {
    Fault::internal(format!(
        "Unexpected API Error. Please contact the administrator <class '{class}'>"
    ))
}

/// A number that may be written as a string, as `min_count` is.
pub(super) fn count(field: &str, value: Option<&Value>) -> Result<Option<u64>, Fault> {
    let number = match value {
        None => return Ok(None),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        Some(_) => None,
    };
    match number {
        Some(number) if number > 0 => Ok(Some(number)),
        _ => Err(invalid(
            field,
            value.unwrap_or(&Value::Null),
            "is not a positive integer",
        )),
    }
}
