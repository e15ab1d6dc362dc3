//! The audit trail of a task.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    App, Shown,
    person::{Id, SignedIn},
};
use crate::{
    workflow::{Event, Timestamp, Who},
    workflow_pages::show as shown,
};

pub(super) async fn show(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(id): Id,
) -> Result<Response, Shown> {
    let body = who.get(&app, &format!("/v1/tasks/{id}")).await?;
    // Who is not told where the task came from is not told where others came from.
    let with_addresses = body.get("ip_address").is_some();
    let failed = |error| {
        tracing::error!(%error, "an audit trail could not be read");
        app.unavailable()
    };
    let events = app.engine.events(&id).await.map_err(failed)?;
    let verdict = app.engine.verify(&id).await.map_err(failed)?;
    let task_type = body.get("task_type").and_then(Value::as_str);
    let context = json!({
        "person": who.shown(&app),
        "id": id,
        "title": shown::name(task_type.unwrap_or_default()),
        "broken": verdict.err().map(|it| it.to_string()),
        "events": events.iter().map(|it| view(it, with_addresses)).collect::<Vec<_>>(),
    });
    Ok(app.page(StatusCode::OK, "trail.html", context))
}

fn view(event: &Event, with_addresses: bool) -> Value {
    let by = match &event.by.who {
        Who::Anonymous => "nobody in particular",
        Who::System => "the service",
        Who::User(user) => user.username.as_deref().unwrap_or(&user.user_id),
    };
    let address = event.by.address.filter(|_| with_addresses);
    let exact = written(event.on);
    let details = event.details();
    let is_empty = details.as_object().is_some_and(|it| it.is_empty());
    json!({
        "number": event.number,
        "on": { "text": shown::minute(&exact), "exact": exact },
        "kind": shown::name(&event.kind),
        "by": by,
        "address": address,
        "details": (!is_empty).then(|| format!("{details:#}")),
        "hash": event.hash,
    })
}

fn written(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_microsecond(time.as_micros());
    time.unwrap_or_default().to_string()
}
