//! The list of tasks.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{TaskBody, bodies};
use crate::{
    workflow::store::{Cursor, Filter},
    workflow_service::{
        access::Rule,
        app::App,
        caller::Visitor,
        error::ApiError,
        list::{ListParams, Listing, Paging},
        payload::Params,
    },
};

/// Tasks, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskList {
    tasks: Vec<TaskBody>,
    #[serde(flatten)]
    paging: Paging,
}

/// Lists tasks.
#[utoipa::path(
    get,
    path = "/v1/tasks",
    tag = "tasks",
    params(ListParams, ("tasks_per_page" = Option<u32>, Query, minimum = 1, maximum = 1000)),
    responses((status = 200, body = TaskList))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    params: Params,
) -> Result<Json<TaskList>, ApiError> {
    let caller = visitor.admit(&app, Rule::ListTasks)?;
    let listing = Listing::read(&params, Filter::tasks(), "tasks_per_page")?;
    let paging = listing.paging(&app).await?;
    let tasks = app
        .engine
        .find_tasks(&listing.filter, &listing.slice)
        .await
        .map_err(|it| listing.told(it))?;
    let last = tasks
        .last()
        .map(|it| Cursor::after(it.created_on, it.id.as_str()));
    let paging = paging.after(&listing, tasks.len(), last);
    let tasks = bodies(&app, tasks, app.is_admin(&caller)).await?;
    Ok(Json(TaskList { tasks, paging }))
}
