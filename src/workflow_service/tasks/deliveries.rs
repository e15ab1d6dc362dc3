//! What became of a task's messages.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{workflow::Event, workflow_service::time::Time};

/// A message about a task, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Delivery {
    /// The mail `initial`, `token` or `completed`; a `letter` or `notification`, and which.
    #[schema(example = "token")]
    message: String,
    /// `delivered`, `retried` if it has failed and is tried again, or `failed`.
    #[schema(example = "delivered")]
    state: &'static str,
    /// Why it could not be delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    on: Time,
}

/// What became of each message last.
pub(super) fn of(events: &[Event]) -> Vec<Delivery> {
    let mut last = BTreeMap::new();
    for event in events {
        let details = event.details();
        let state = match event.kind.as_str() {
            "delivered" => "delivered",
            "attempt_failed" if details.get("again") == Some(&Value::Bool(true)) => "retried",
            "attempt_failed" => "failed",
            _ => continue,
        };
        let Some(message) = message(&details) else {
            continue;
        };
        let error = details.get("error").and_then(Value::as_str);
        let delivery = Delivery {
            message: message.clone(),
            state,
            error: error.map(str::to_owned),
            on: Time(event.on),
        };
        last.insert(message, delivery);
    }
    last.into_values().collect()
}

/// Which message something is about, if it is about one.
fn message(details: &Value) -> Option<String> {
    let text = |at: &str| details.pointer(at).and_then(Value::as_str);
    let named = |kind: &str, name| format!("{kind} {name}");
    text("/mail")
        .map(str::to_owned)
        .or_else(|| text("/letter/template").map(|it| named("letter", it)))
        .or_else(|| text("/notification").map(|it| named("notification", it)))
}
