//! Lists: filters, the fields asked for, and pages.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::call::{Call, Fault, Reply, json as json_reply, pairs, put};
use super::super::state::State;
use super::super::token::Caller;
use super::{network_view, port_view, sees_network, sees_port, sees_trunk, trunk_view};

const PORT_FILTERS: &[&str] = &[
    "id",
    "name",
    "network_id",
    "project_id",
    "tenant_id",
    "device_id",
    "device_owner",
    "mac_address",
    "status",
    "admin_state_up",
];

const NETWORK_FILTERS: &[&str] = &[
    "id",
    "name",
    "project_id",
    "tenant_id",
    "shared",
    "status",
    "admin_state_up",
    "router:external",
];

const TRUNK_FILTERS: &[&str] = &["id", "name", "port_id", "project_id", "tenant_id"];

pub(super) fn trunks(state: &State, call: &Call, caller: &Caller) -> Result<Reply, Fault> {
    let trunks = state.trunks.values();
    let views = trunks
        .filter(|trunk| sees_trunk(caller, trunk))
        .map(trunk_view)
        .collect();
    page(state, call, "trunks", TRUNK_FILTERS, views)
}

pub(super) fn ports(state: &State, call: &Call, caller: &Caller) -> Result<Reply, Fault> {
    let ports = state.ports.values().filter(|port| sees_port(caller, port));
    let views = ports.map(|port| port_view(state, port)).collect();
    page(state, call, "ports", PORT_FILTERS, views)
}

pub(super) fn networks(state: &State, call: &Call, caller: &Caller) -> Result<Reply, Fault> {
    let networks = state.networks.values();
    let views = networks
        .filter(|network| sees_network(caller, network))
        .map(network_view)
        .collect();
    page(state, call, "networks", NETWORK_FILTERS, views)
}

pub(super) fn port(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    let view = port_view(state, super::port(state, caller, id)?);
    Ok(json_reply(
        StatusCode::OK,
        &json!({"port": Query::of(call, PORT_FILTERS)?.shorten(view)}),
    ))
}

pub(super) fn network(
    state: &State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Reply, Fault> {
    let view = network_view(super::network(state, caller, id)?);
    Ok(json_reply(
        StatusCode::OK,
        &json!({"network": Query::of(call, NETWORK_FILTERS)?.shorten(view)}),
    ))
}

/// What the query of a list asks for.
#[derive(Debug, Default)]
struct Query {
    /// Values of one name are alternatives.
    filters: Vec<(String, Vec<String>)>,
    fields: Vec<String>,
    limit: Option<usize>,
    marker: Option<String>,
}

impl Query {
    fn of(call: &Call, known: &[&str]) -> Result<Self, Fault> {
        let mut query = Self::default();
        for (name, value) in pairs(&call.query, &['&']) {
            match name.as_str() {
                "fields" => query.fields.push(value),
                "limit" => query.limit = limit(&value)?,
                "marker" => query.marker = Some(value),
                name if known.contains(&name) => {
                    match query.filters.iter_mut().find(|(there, _)| there == name) {
                        Some((_, values)) => values.push(value),
                        None => query.filters.push((name.to_owned(), vec![value])),
                    }
                }
                name => {
                    return Err(Fault::bad_request(format!(
                        "['{name}'] is invalid attribute for filtering"
                    )));
                }
            }
        }
        Ok(query)
    }

    fn keeps(&self, view: &Value) -> bool {
        self.filters.iter().all(|(name, values)| {
            let actual = match view.get(name).unwrap_or(&Value::Null) {
                Value::String(text) => text.clone(),
                Value::Bool(true) => "True".to_owned(),
                Value::Bool(false) => "False".to_owned(),
                other => other.to_string(),
            };
            // Case does not matter to the database.
            values
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(&actual))
        })
    }

    fn shorten(&self, mut view: Value) -> Value {
        if !self.fields.is_empty()
            && let Value::Object(members) = &mut view
        {
            members.retain(|name, _| self.fields.contains(name));
        }
        view
    }
}

fn limit(text: &str) -> Result<Option<usize>, Fault> {
    match text.parse::<usize>() {
        // Zero is no limit.
        Ok(limit) => Ok(Some(limit).filter(|limit| *limit > 0)),
        Err(_) => Err(Fault::bad_request(format!(
            "Limit must be an integer 0 or greater and not '{text}'"
        ))),
    }
}

/// One page of a list, which is in the order of ids.
fn page(
    state: &State,
    call: &Call,
    name: &str,
    known: &[&str],
    views: Vec<Value>,
) -> Result<Reply, Fault> {
    let query = Query::of(call, known)?;
    let start = match &query.marker {
        None => 0,
        Some(marker) => {
            let at = views.iter().position(|view| id_of(view) == marker);
            at.map(|at| at + 1)
                .ok_or_else(|| Fault::not_found(format!("{marker} could not be found.")))?
        }
    };
    let limit = match (query.limit, state.page_cap) {
        (Some(limit), Some(cap)) => Some(limit.min(cap)),
        (limit, cap) => limit.or(cap),
    };
    let kept: Vec<Value> = views
        .into_iter()
        .skip(start)
        .filter(|view| query.keeps(view))
        .take(limit.unwrap_or(usize::MAX))
        .collect();
    let mut links = Vec::new();
    if let (Some(limit), Some(last)) = (limit, kept.last()) {
        // A full page always has a next one, which may turn out to be empty.
        if kept.len() == limit {
            links.push(link(call, name, "next", last));
        }
        if let (Some(first), true) = (kept.first(), query.marker.is_some()) {
            links.push(link(call, name, "previous", first));
        }
    }
    let kept: Vec<Value> = kept.into_iter().map(|view| query.shorten(view)).collect();
    let mut body = json!({name: kept});
    if !links.is_empty() {
        put(&mut body, &format!("{name}_links"), Value::Array(links));
    }
    Ok(json_reply(StatusCode::OK, &body))
}

fn id_of(item: &Value) -> &str {
    item.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// A link to the page that begins after an item: the same query with another marker.
fn link(call: &Call, name: &str, rel: &str, item: &Value) -> Value {
    let id = id_of(item);
    let mut query: Vec<String> = call
        .query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("marker="))
        .map(str::to_owned)
        .collect();
    query.push(format!("marker={id}"));
    if rel == "previous" {
        query.push("page_reverse=True".to_owned());
    }
    let base = call.base();
    json!({"rel": rel, "href": format!("{base}/v2.0/{name}?{}", query.join("&"))})
}
