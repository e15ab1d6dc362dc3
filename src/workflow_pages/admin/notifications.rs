//! What operators should know.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{Method, StatusCode, Uri};
use serde_json::{Map, Value, json};

use super::{
    App, Shown,
    acts::troubles,
    person::SignedIn,
    query::{Query, target},
};
use crate::workflow_pages::{form::Form, show};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    who: SignedIn,
    uri: Uri,
) -> Result<Response, Shown> {
    let query = Query::read(&uri);
    let state = query.get("state").unwrap_or("new");
    let mut filters = Map::new();
    if state == "new" || state == "errors" {
        filters.insert("acknowledged".into(), json!({ "exact": false }));
    }
    if state == "errors" {
        filters.insert("error".into(), json!({ "exact": true }));
    }
    let filters = Value::from(filters).to_string();
    let mut asked = vec![("filters", filters.as_str()), ("limit", PER_PAGE)];
    let after = query.get("after");
    asked.extend(after.map(|it| ("after", it)));
    let body = who.get(&app, &target("/v1/notifications", &asked)).await?;
    let found = body.get("notifications").and_then(Value::as_array);
    let next = body.get("next").and_then(Value::as_str);
    let link = |after: Option<&str>| {
        let pairs = [Some(("state", state)), after.map(|it| ("after", it))];
        let pairs: Vec<_> = pairs.into_iter().flatten().collect();
        target("/admin/notifications", &pairs)
    };
    let states = STATES
        .map(|(name, label)| json!({ "name": name, "label": label, "chosen": name == state }));
    let context = json!({
        "person": who.shown(&app),
        "news": who.news(),
        "notifications": found.into_iter().flatten().map(view).collect::<Vec<_>>(),
        "states": states,
        "first": after.map(|_| link(None)),
        "next": next.map(|it| link(Some(it))),
    });
    Ok(app.page(StatusCode::OK, "notifications.html", context))
}

pub(super) async fn acknowledge(
    State(app): State<Arc<App>>,
    who: SignedIn,
    form: Form,
) -> Result<Response, Shown> {
    who.check(&app, &form)?;
    let chosen = match form.get("all") {
        Some(_) => "shown",
        None => "notification",
    };
    let chosen: Vec<_> = form.all(chosen).collect();
    if chosen.is_empty() {
        who.tell("None was chosen.");
        return Ok(app.redirect("/admin/notifications"));
    }
    let (count, body) = (chosen.len(), json!({ "notifications": chosen }));
    let to = (Method::POST, "/v1/notifications");
    let answer = who.ask(&app, to, Some(&body)).await?;
    if !answer.status.is_success() {
        let text = troubles(&answer).join(" ");
        return Err(app.trouble(answer.status, &text));
    }
    who.tell(match count {
        1 => "Taken note of.".to_owned(),
        count => format!("Taken note of {count} notifications."),
    });
    Ok(app.redirect("/admin/notifications"))
}

/// A notification of the service as it is shown.
pub(super) fn view(body: &Value) -> Value {
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let notes = body.get("notes").and_then(Value::as_object);
    let notes = notes.into_iter().flatten().map(|(_, it)| show::text(it));
    json!({
        "id": text("uuid"),
        "task": text("task"),
        "error": body.get("error"),
        "acknowledged": body.get("acknowledged"),
        "created": { "exact": text("created_on"), "text": show::minute(text("created_on")) },
        "notes": notes.collect::<Vec<_>>(),
    })
}

const STATES: [(&str, &str); 3] = [
    ("new", "Not taken note of"),
    ("errors", "Errors, not taken note of"),
    ("all", "All"),
];

const PER_PAGE: &str = "50";
