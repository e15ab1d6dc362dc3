//! Showing, renaming and deleting servers.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::call::{Fault, Reply, empty, json as json_reply, pairs, put};
use super::super::clock::rfc3339;
use super::super::state::{Server, State};
use super::body::{invalid, object, only};
use super::{Ask, not_allowed};

pub(super) fn list(state: &State, ask: &Ask<'_>, detail: bool) -> Result<Reply, Fault> {
    ask.content.refuse()?;
    let rule = if detail {
        "servers:detail"
    } else {
        "servers:index"
    };
    ask.reader(rule)?;
    let project = ask.project(rule)?;
    let query = pairs(&ask.call.query, &['&']);
    let all = query
        .iter()
        .any(|(name, value)| name == "all_tenants" && !matches!(value.as_str(), "0" | "false"));
    if all && !ask.caller.is_admin() {
        return Err(not_allowed(&format!("{rule}:get_all_tenants")));
    }
    let mut servers: Vec<_> = state
        .servers
        .values()
        .filter(|server| all || server.project == project)
        .collect();
    // The newest comes first.
    servers.sort_by_key(|server| std::cmp::Reverse(server.number));
    let (servers, next) = page(state, &query, servers)?;
    let servers: Vec<_> = servers
        .into_iter()
        .map(|server| {
            if detail {
                describe(state, ask, server)
            } else {
                json!({"id": server.id, "name": server.name, "links": links(ask, &server.id)})
            }
        })
        .collect();
    let mut body = json!({"servers": servers});
    if let Some(marker) = next {
        let href = format!("{}/v2.1/servers?marker={marker}", ask.call.base());
        put(
            &mut body,
            "servers_links",
            json!([{"rel": "next", "href": href}]),
        );
    }
    Ok(json_reply(StatusCode::OK, &body))
}

/// The page that a query asks for, and where the next one starts if this one is full.
fn page<'s>(
    state: &State,
    query: &[(String, String)],
    servers: Vec<&'s Server>,
) -> Result<(Vec<&'s Server>, Option<&'s str>), Fault> {
    let value = |wanted: &str| {
        let found = query.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let limit = match value("limit").map(str::parse::<usize>) {
        None => usize::MAX,
        Some(Ok(limit)) => limit,
        Some(Err(_)) => {
            return Err(Fault::bad_request(
                "Invalid input for query parameters limit",
            ));
        }
    };
    let limit = limit.min(state.page_cap.unwrap_or(usize::MAX));
    let start = match value("marker") {
        None => 0,
        Some(marker) => {
            let at = servers.iter().position(|server| server.id == marker);
            let missing = || Fault::bad_request(format!("marker [{marker}] not found"));
            at.ok_or_else(missing)? + 1
        }
    };
    let page: Vec<_> = servers.into_iter().skip(start).take(limit).collect();
    let next = page.last().filter(|_| page.len() == limit);
    let next = next.map(|server| server.id.as_str());
    Ok((page, next))
}

pub(super) fn show(state: &State, ask: &Ask<'_>, id: &str) -> Result<Reply, Fault> {
    ask.content.refuse()?;
    let server = ask.server(state, id)?;
    ask.reader("servers:show")?;
    Ok(json_reply(
        StatusCode::OK,
        &json!({"server": describe(state, ask, server)}),
    ))
}

/// `PUT` on a server: only its name is kept here.
pub(super) fn rename(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply, Fault> {
    let document = object("", ask.content.document()?)?;
    only("", document, &["server"], ask.version)?;
    let Some(changes) = document.get("server") else {
        return Err(Fault::bad_request("'server' is a required property"));
    };
    let changes = object("server", changes)?;
    let known = [
        "name",
        "OS-DCF:diskConfig",
        "accessIPv4",
        "accessIPv6",
        "description",
        "hostname",
    ];
    only("server", changes, &known, ask.version)?;
    let name = match changes.get("name") {
        None => None,
        Some(Value::String(name)) if !name.is_empty() => Some(name.clone()),
        Some(other) => return Err(invalid("name", other, "is not of type 'string'")),
    };
    let key = ask.server(state, id)?.id.clone();
    ask.member("servers:update")?;
    if let (Some(name), Some(server)) = (name, state.servers.get_mut(&key)) {
        server.name = name;
    }
    let server = ask.server(state, id)?;
    Ok(json_reply(
        StatusCode::OK,
        &json!({"server": describe(state, ask, server)}),
    ))
}

pub(super) fn delete(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply, Fault> {
    ask.content.refuse()?;
    let key = ask.server(state, id)?.id.clone();
    ask.member("servers:delete")?;
    let ports: Vec<_> = state.ports_of(&key).iter().map(|p| p.id.clone()).collect();
    for port in ports {
        state.unplug(&key, &port);
    }
    state.servers.remove(&key);
    Ok(empty(StatusCode::NO_CONTENT))
}

pub(super) fn links(ask: &Ask<'_>, id: &str) -> Value {
    let base = ask.call.base();
    let version = if ask.version.legacy { "v2" } else { "v2.1" };
    json!([
        {"rel": "self", "href": format!("{base}/{version}/servers/{id}")},
        {"rel": "bookmark", "href": format!("{base}/servers/{id}")},
    ])
}

fn describe(state: &State, ask: &Ask<'_>, server: &Server) -> Value {
    let created = rfc3339(server.created, "");
    json!({
        "id": server.id,
        "name": server.name,
        "status": server.status,
        "tenant_id": server.project,
        "user_id": server.user,
        "metadata": {},
        "addresses": addresses(state, server),
        "created": created,
        "updated": created,
        "accessIPv4": "",
        "accessIPv6": "",
        "config_drive": "",
        "key_name": null,
        "hostId": "",
        "image": "",
        "flavor": {"id": "1", "links": []},
        "progress": 0,
        "security_groups": [{"name": "default"}],
        "OS-DCF:diskConfig": "MANUAL",
        "OS-EXT-STS:task_state": null,
        "OS-EXT-STS:vm_state": server.status.to_ascii_lowercase(),
        "links": links(ask, &server.id),
    })
}

/// From Nova's cache, not from Neutron: the two can differ.
fn addresses(state: &State, server: &Server) -> Value {
    let mut labels: Map<String, Value> = Map::new();
    for port in server.cache.iter().filter_map(|id| state.port(id)) {
        let label = state.network(&port.network).map(|n| n.name.clone());
        let Value::Array(list) = labels
            .entry(label.unwrap_or_default())
            .or_insert_with(|| json!([]))
        else {
            continue;
        };
        list.extend(port.addresses.iter().map(|address| {
            json!({
                "addr": address.to_string(),
                "version": 4,
                "OS-EXT-IPS:type": "fixed",
                "OS-EXT-IPS-MAC:mac_addr": port.mac,
            })
        }));
    }
    Value::Object(labels)
}
