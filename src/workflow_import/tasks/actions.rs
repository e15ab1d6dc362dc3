//! What becomes of an action.

use serde_json::{Map, Value};

use super::{Here, Left, progress::Progress};
use crate::{
    workflow::{Action, ActionRecord, Caller},
    workflow_import::source::OldAction,
};

/// The action as it is to be here, under this name.
pub(super) fn record(
    old: &OldAction,
    name: String,
    requester: &Caller,
    progress: Progress,
    here: Here<'_>,
) -> Result<ActionRecord, Left> {
    let action = here.registry.find_action(&name);
    let action = action.ok_or_else(|| Left::Action(old.name.clone()))?;
    let mut cache = old.cache.clone();
    let fields = cache.remove("token_fields");
    let mut record = ActionRecord {
        data: inputs(old, action, requester, here)?,
        state: state(old, progress)?,
        valid: old.valid,
        token_fields: token_fields(old, action, fields.as_ref())?,
        auto_approve: old.auto_approve,
        cache,
        done_run: 0,
        name,
    };
    if old.state == "complete" {
        record.token_fields.clear();
    }
    Ok(record)
}

/// The inputs that the action has here. What it has not is left out only where nothing is lost.
fn inputs(
    old: &OldAction,
    action: &dyn Action,
    requester: &Caller,
    here: Here<'_>,
) -> Result<Map<String, Value>, Left> {
    let has = |name: &str| action.fields().iter().any(|it| it.name() == name);
    let email = ["email", "new_email"]
        .into_iter()
        .find_map(|it| text(old, it));
    let caller = requester.keystone_user().map(|it| it.user_id.as_str());
    let mut inputs = Map::new();
    for (field, value) in &old.data {
        if is_nothing(value) && !has(field) {
            continue;
        }
        let word = value.as_str().unwrap_or_default();
        match field.as_str() {
            _ if has(field) => {}
            "setup_network" if has("setup_resources") => {
                inputs.insert("setup_resources".into(), value.clone());
                continue;
            }
            "domain_id" if word == here.domain => continue,
            "domain_id" => return Err(Left::Domain(word.to_owned())),
            "user_id" if Some(word) == caller => continue,
            "username" if email.is_some_and(|it| it.eq_ignore_ascii_case(word)) => continue,
            _ => {
                return Err(Left::Input {
                    action: old.name.clone(),
                    field: field.clone(),
                });
            }
        }
        inputs.insert(field.clone(), value.clone());
    }
    Ok(inputs)
}

/// The word that the action goes by, which is the same here but for accounts that are disabled.
fn state(old: &OldAction, progress: Progress) -> Result<String, Left> {
    if old.state != "disabled" {
        return Ok(old.state.clone());
    }
    // Adjutant has enabled that of a signup by then, with a password that nobody knows.
    match progress {
        Progress::Done if old.cache.get("user_id").is_some_and(Value::is_string) => {
            Ok("default".into())
        }
        _ => Err(Left::Disabled),
    }
}

fn token_fields(
    old: &OldAction,
    action: &dyn Action,
    fields: Option<&Value>,
) -> Result<Vec<String>, Left> {
    if !old.need_token {
        return Ok(Vec::new());
    }
    let fields = fields.and_then(Value::as_array);
    let fields = fields.into_iter().flatten().filter_map(Value::as_str);
    fields
        .map(|field| {
            let asked = action.token_fields().iter().any(|it| it.name() == field);
            let unknown = || Left::TokenField {
                action: old.name.clone(),
                field: field.to_owned(),
            };
            asked.then(|| field.to_owned()).ok_or_else(unknown)
        })
        .collect()
}

fn text<'a>(old: &'a OldAction, field: &str) -> Option<&'a str> {
    old.data.get(field)?.as_str()
}

/// Whether to leave it out loses nothing.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(table) => table.is_empty(),
        _ => false,
    }
}
