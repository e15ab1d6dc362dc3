//! One task.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    App, Shown,
    person::{Id, SignedIn},
    query::target,
};
use crate::{
    workflow::{Gate, Move, Task, TaskId, TaskState},
    workflow_pages::show as shown,
};

pub(super) async fn show(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(id): Id,
) -> Result<Response, Shown> {
    page(&app, &who, &id, StatusCode::OK, &[]).await
}

/// The page of a task as it is by now, with what went wrong.
pub(super) async fn page(
    app: &App,
    who: &SignedIn,
    id: &TaskId,
    status: StatusCode,
    troubles: &[String],
) -> Result<Response, Shown> {
    // What the service does not show to this person, the engine is not asked for.
    let body = who.get(app, &format!("/v1/tasks/{id}")).await?;
    let task = seen(app, id).await?;
    let context = json!({
        "person": who.shown(app),
        "news": who.news(),
        "troubles": troubles,
        "task": view(&body),
        "run": task.run,
        "stages": stages(&task),
        "may": moves(&task),
        "notifications": notifications(app, who, id).await,
    });
    Ok(app.page(status, "task.html", context))
}

/// A task that the service has shown to the person.
pub(super) async fn seen(app: &App, id: &TaskId) -> Result<Task, Shown> {
    app.engine.task(id).await.map_err(|_| app.unavailable())
}

/// A task of the service as it is shown, in a list or alone.
pub(super) fn view(body: &Value) -> Value {
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let list = |key: &str| body.get(key).and_then(Value::as_array);
    let time = |key: &str| {
        let time = text(key);
        (!time.is_empty()).then(|| json!({ "exact": time, "text": shown::minute(time) }))
    };
    let user = |key: &str| match body.get(key) {
        Some(Value::String(system)) => Some(system.clone()),
        user => user?.get("username")?.as_str().map(str::to_owned),
    };
    let reasons = list("reasons").map_or(&[][..], Vec::as_slice);
    let actions = list("actions").into_iter().flatten().map(|action| {
        let name = action.get("action_name").and_then(Value::as_str);
        let name = name.unwrap_or_default();
        let own = |it: &&Value| it.get("action").and_then(Value::as_str) == Some(name);
        json!({
            "name": name,
            "inputs": shown::inputs(action.get("data").unwrap_or(&Value::Null)),
            "valid": action.get("valid"),
            "reasons": reasons.iter().filter(own).collect::<Vec<_>>(),
            "notes": shown::notes(body.get("action_notes").and_then(|it| it.get(name))),
        })
    });
    let is_open = !matches!(text("state"), "completed" | "cancelled");
    json!({
        "id": text("uuid"),
        "title": shown::name(text("task_type")),
        "state": text("state"),
        "state_label": shown::name(text("state")),
        "stage": shown::name(text("stage")),
        "open": is_open,
        "created": time("created_on"),
        "approved": time("approved_on"),
        "approved_by": user("approved_by"),
        "completed": time("completed_on"),
        "asker": user("keystone_user"),
        "asker_project": body.get("keystone_user").and_then(|it| it.get("project_name")),
        "address": body.get("ip_address"),
        "project": body.get("project_id"),
        "actions": actions.collect::<Vec<_>>(),
        "notes": shown::notes(body.get("task_notes")),
    })
}

/// What was done of a task, and what is still to come.
fn stages(task: &Task) -> Vec<Value> {
    let (at, state) = (task.position.stage, task.state());
    let stage = |(place, stage): (usize, &crate::workflow::Stage)| {
        // What actions ask for is known when the first stage has been done.
        let skipped = at > 0 && stage.gate == Gate::Token && !task.needs_token();
        let progress = match state {
            TaskState::Completed => "done",
            _ if place < at => "done",
            TaskState::Cancelled => "never",
            _ if place > at => "to come",
            TaskState::Running => "under way",
            TaskState::Failed => "failed",
            TaskState::Invalid => "invalid",
            _ => "next",
        };
        json!({
            "name": shown::name(&stage.name),
            "progress": progress,
            "gate": gate(stage.gate, skipped),
        })
    };
    task.stages.iter().enumerate().map(stage).collect()
}

/// What opens a stage.
fn gate(gate: Gate, skipped: bool) -> String {
    match gate {
        Gate::Approval => "after an administrator’s approval".into(),
        Gate::AutoApproval => "at once, and counts as approved".into(),
        Gate::Open => "at once".into(),
        Gate::Timer { seconds } => format!("{seconds} seconds after the stage before"),
        Gate::Token if skipped => "at once: no action asks anything of anybody".into(),
        Gate::Token => "when the link in the mail is used".into(),
        Gate::Vote => "after an approval, or at once if the actions are for it".into(),
    }
}

/// What can be done with it now.
fn moves(task: &Task) -> Value {
    let can = |it| task.next(it).is_ok();
    let failed = task.state() == TaskState::Failed;
    let went_wrong = failed || task.state() == TaskState::Invalid;
    let (approve, edit) = (can(Move::Approve), can(Move::Update));
    json!({
        "approve": approve,
        "cancel": can(Move::Cancel),
        "edit": edit,
        "reissue": can(Move::Token),
        "retry": went_wrong && !approve && (edit || (failed && can(Move::Retry))),
    })
}

/// Those about a task, if the person may see notifications.
async fn notifications(app: &App, who: &SignedIn, id: &TaskId) -> Vec<Value> {
    let filters = json!({ "task": { "exact": id } }).to_string();
    let asked = [("filters", filters.as_str()), ("limit", "50")];
    let target = target("/v1/notifications", &asked);
    let body = who.get(app, &target).await.unwrap_or_default();
    let found = body.get("notifications").and_then(Value::as_array);
    let found = found.into_iter().flatten();
    found.map(super::notifications::view).collect()
}
