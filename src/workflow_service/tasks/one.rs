//! One task: shown, updated, approved, cancelled.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{TaskBody, bodies};
use crate::{
    workflow::{Caller, EngineError, Refused, Task, TaskId, TaskState},
    workflow_service::{
        access::Rule,
        app::App,
        caller::Visitor,
        error::ApiError,
        notes::Notes,
        outcome,
        payload::{Id, Payload},
    },
};

/// An approval.
#[derive(Debug, Deserialize, ToSchema)]
struct Approval {
    /// Has to be `true`.
    #[schema(example = true)]
    #[expect(dead_code, reason = "read from the body itself")]
    approved: bool,
    /// The task's `run` when it was looked at. If another has begun since, nothing is done.
    #[schema(example = 1)]
    #[expect(dead_code, reason = "read from the body itself")]
    run: Option<u32>,
}

/// Shows a task: to administrators any, to others those of their project.
#[utoipa::path(
    get,
    path = "/v1/tasks/{uuid}",
    tag = "tasks",
    params(("uuid" = String, Path, description = "The task.")),
    responses((status = 200, body = TaskBody))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
) -> Result<Json<TaskBody>, ApiError> {
    let caller = visitor.admit(&app, Rule::ShowTask)?;
    let task = own(&app, &caller, &id).await?;
    let is_admin = app.is_admin(&caller);
    let body = bodies(&app, vec![task], is_admin).await?.pop();
    body.map(Json).ok_or_else(no_task)
}

/// Replaces the data of all actions, and validates the task again.
#[utoipa::path(
    put,
    path = "/v1/tasks/{uuid}",
    tag = "tasks",
    params(("uuid" = String, Path, description = "The task.")),
    request_body(content = Object, description = "The fields of all actions."),
    responses(
        (status = 200, body = Notes, description = "The task is updated, and valid."),
        (status = 409, body = super::super::error::Body, description = "There is a task like it.")
    )
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
    payload: Payload,
) -> Result<Json<Notes>, ApiError> {
    let caller = visitor.admit(&app, Rule::UpdateTask)?;
    let id = own(&app, &caller, &id).await?.id;
    outcome::settled(&app, &id).await?;
    let body = payload.object().await?;
    app.engine.update(&id, &body, &caller).await?;
    let task = outcome::good(&app, &id).await?;
    Ok(Notes::about("Task successfully updated.", &task))
}

/// Approves a task. One that has been approved and waits for its token gets another token; one
/// whose stage has failed is tried again.
#[utoipa::path(
    post,
    path = "/v1/tasks/{uuid}",
    tag = "tasks",
    params(("uuid" = String, Path, description = "The task.")),
    request_body = Approval,
    responses(
        (status = 200, body = Notes, description = "The task is completed."),
        (status = 202, body = Notes, description = "The task is approved, and waits for what comes next."),
        (status = 409, body = super::super::error::Body, description = "Another run of it has begun than the one that was seen.")
    )
)]
pub(super) async fn approve(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
    payload: Payload,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    let caller = visitor.admit(&app, Rule::ApproveTask)?;
    let body = payload.object().await?;
    if body.get("approved") != Some(&Value::Bool(true)) {
        let text = "this is a required boolean field.";
        return Err(ApiError::field("approved", text));
    }
    let seen = match body.get("run") {
        None | Some(Value::Null) => None,
        Some(run) => Some(run_of(run)?),
    };
    let mut task = own(&app, &caller, &id).await?;
    let id = task.id.clone();
    if task.state() == TaskState::Running {
        task = outcome::settled(&app, &id).await?;
    }
    let approved = match seen {
        None => app.engine.approve(&id, &caller).await,
        Some(run) => app.engine.approve_run(&id, run, &caller).await,
    };
    match approved {
        Ok(_) => {}
        Err(EngineError::Refused(Refused::ActionsInvalid)) => {
            return Err(outcome::invalid(&app, task).await);
        }
        // Who approves what was seen means that, and nothing that comes after it.
        Err(EngineError::Refused(Refused::Approved)) if seen.is_none() => {
            again(&app, &task, &caller).await?;
        }
        Err(error) => return Err(error.into()),
    }
    let task = outcome::good(&app, &id).await?;
    Ok(match task.state() {
        TaskState::Completed => (
            StatusCode::OK,
            Notes::about("Task completed successfully.", &task),
        ),
        TaskState::Waiting if task.takes_token() => {
            (StatusCode::ACCEPTED, Notes::about("created token", &task))
        }
        _ => (StatusCode::ACCEPTED, Notes::about("task approved", &task)),
    })
}

fn run_of(value: &Value) -> Result<u32, ApiError> {
    let run = value.as_u64().and_then(|it| it.try_into().ok());
    run.ok_or_else(|| ApiError::field("run", "A valid integer is required."))
}

/// What approving a task again comes to.
async fn again(app: &App, task: &Task, caller: &Caller) -> Result<(), ApiError> {
    if task.takes_token() {
        app.engine.reissue(&task.id, caller).await?;
    } else {
        let retried = app.engine.retry(&task.id, caller).await;
        retried.map_err(|error| match error {
            EngineError::Refused(Refused::NothingFailed) => Refused::Approved.into(),
            other => ApiError::from(other),
        })?;
    }
    Ok(())
}

/// Cancels a task: administrators any, others those of their project.
#[utoipa::path(
    delete,
    path = "/v1/tasks/{uuid}",
    tag = "tasks",
    params(("uuid" = String, Path, description = "The task.")),
    responses((status = 200, body = Notes))
)]
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
) -> Result<Json<Notes>, ApiError> {
    let caller = visitor.admit(&app, Rule::CancelTask)?;
    let id = own(&app, &caller, &id).await?.id;
    let task = app.engine.cancel(&id, &caller).await?;
    Ok(Notes::about("Task cancelled successfully.", &task))
}

/// The task of this id, if the caller may know of it.
pub(in crate::workflow_service) async fn own(
    app: &App,
    caller: &Caller,
    id: &str,
) -> Result<Task, ApiError> {
    // With hyphens, and in capitals, it is the same id.
    let plain = id.replace('-', "").to_ascii_lowercase();
    let id: TaskId = plain.parse().map_err(|_| no_task())?;
    let task = app.engine.task(&id).await?;
    let project = caller.project_id();
    let is_own = project.is_some() && task.project_id.as_deref() == project;
    if is_own || app.is_admin(caller) {
        return Ok(task);
    }
    Err(no_task())
}

fn no_task() -> ApiError {
    EngineError::NoTask.into()
}
