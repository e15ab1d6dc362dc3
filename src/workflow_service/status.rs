//! How things stand, at a glance.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    access::Rule,
    app::App,
    caller::Visitor,
    error::ApiError,
    list,
    notifications::NotificationBody,
    tasks::{TaskBody, bodies},
};
use crate::workflow::store::{Filter, Page, Slice};

/// How things stand.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    /// What went wrong, and nobody has taken note of yet.
    error_notifications: Vec<NotificationBody>,
    /// The newest task that is not completed.
    last_created_task: Option<TaskBody>,
    /// The task that was completed last.
    last_completed_task: Option<TaskBody>,
}

/// Shows how things stand.
#[utoipa::path(get, path = "/v1/status", tag = "tasks", responses((status = 200, body = Status)))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Json<Status>, ApiError> {
    visitor.admit(&app, Rule::ShowStatus)?;
    let open = json!({"error": {"exact": true}, "acknowledged": {"exact": false}});
    let open = list::own(Filter::notifications(), &open)?;
    let errors = app
        .engine
        .find_notifications(&open, &Slice::default())
        .await?;
    let open = list::own(Filter::tasks(), &json!({"completed": {"exact": false}}))?;
    let newest = Slice::of(Page::first(1));
    let created = app.engine.find_tasks(&open, &newest).await?;
    let completed = app.engine.last_completed().await?;
    Ok(Json(Status {
        error_notifications: errors.into_iter().map(Into::into).collect(),
        last_created_task: bodies(&app, created, false).await?.pop(),
        last_completed_task: bodies(&app, completed.into_iter().collect(), false)
            .await?
            .pop(),
    }))
}
