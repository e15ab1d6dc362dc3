//! What comes of a request: the answer waits for it, but not for ever.

use std::collections::BTreeMap;

use super::{
    app::App,
    error::{ApiError, Reason},
};
use crate::workflow::{Event, Task, TaskId, TaskState};

/// A task of which no stage runs any more, or none that will end soon.
pub(super) async fn settled(app: &App, id: &TaskId) -> Result<Task, ApiError> {
    Ok(app.engine.settled(id, app.settings.patience()).await?)
}

/// The same, if the stage went well, or still does.
pub(super) async fn good(app: &App, id: &TaskId) -> Result<Task, ApiError> {
    let task = settled(app, id).await?;
    match task.state() {
        TaskState::Failed => Err(ApiError::unavailable().of(task.id)),
        TaskState::Invalid => Err(invalid(app, task).await),
        TaskState::Running => {
            let events = app.engine.events(id).await?;
            if run(&events).any(|it| it.kind == "attempt_failed" && concerns_stage(it)) {
                return Err(ApiError::unavailable().of(task.id));
            }
            Ok(task)
        }
        _ => Ok(task),
    }
}

/// That the actions of a task are invalid, and why.
pub(super) async fn invalid(app: &App, task: Task) -> ApiError {
    match app.engine.events(&task.id).await {
        Ok(events) => ApiError::invalid(task.id, reasons(&events)),
        Err(error) => error.into(),
    }
}

/// Why actions were found invalid when the task's stages last ran: what each has found last.
pub(super) fn reasons(events: &[Event]) -> Vec<Reason> {
    let mut reasons = BTreeMap::new();
    for event in run(events).filter(|it| it.kind == "invalid") {
        let details = event.details();
        let text = |key: &str| {
            details
                .get(key)
                .and_then(|it| it.as_str())
                .map(str::to_owned)
        };
        let action = text("action").unwrap_or_default();
        // The latest comes first.
        reasons.entry(action.clone()).or_insert_with(|| Reason {
            action,
            code: text("code").unwrap_or_default(),
            message: text("text").unwrap_or_default(),
        });
    }
    reasons.into_values().collect()
}

/// The events since somebody last set the task in motion, the latest first.
fn run(events: &[Event]) -> impl Iterator<Item = &Event> {
    let began = |it: &&Event| !BEGINNINGS.contains(&it.kind.as_str());
    events.iter().rev().take_while(began)
}

fn concerns_stage(event: &Event) -> bool {
    event.details().get("stage").is_some()
}

/// The kinds of events of which an answer tells.
pub(super) const TOLD: [&str; 9] = [
    "approval",
    "attempt_failed",
    "delivered",
    "invalid",
    "note",
    "retry",
    "submitted",
    "token_submitted",
    "updated",
];
const BEGINNINGS: [&str; 5] = [
    "approval",
    "retry",
    "submitted",
    "token_submitted",
    "updated",
];
