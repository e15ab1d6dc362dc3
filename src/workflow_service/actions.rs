//! Task views by their names.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    app::App,
    caller::Visitor,
    error::{ApiError, Body},
    notes::Notes,
    openstack,
    payload::{Id, Payload},
    view::{self, Described},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(describe, ask))
}

/// Describes what a task view takes: its actions and fields.
#[utoipa::path(
    get,
    path = "/v1/actions/{view}",
    tag = "actions",
    params(("view" = String, Path, description = "The task view.", example = "InviteUser")),
    responses((status = 200, body = Described))
)]
async fn describe(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(name): Id,
) -> Result<Json<Described>, ApiError> {
    let mut described = view::describe(&app, &name, visitor.caller())?;
    if name == view::EDIT_USER {
        described.users = Some(openstack::editable_users(&app, visitor.caller()).await?);
    }
    Ok(Json(described))
}

/// Asks for a task. For some views the answer is the same whatever comes of it.
#[utoipa::path(
    post,
    path = "/v1/actions/{view}",
    tag = "actions",
    params(("view" = String, Path, description = "The task view.", example = "InviteUser")),
    request_body(
        content = Object,
        description = "The fields of the view.",
        example = json!({"email": "eve@acme.example", "roles": ["member"]})
    ),
    responses(
        (status = 202, body = Notes, description = "The task is made."),
        (status = 409, body = Body, description = "There is a task like it."),
        (status = 429, body = Body, description = "There were too many requests.")
    )
)]
async fn ask(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(name): Id,
    payload: Payload,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    view::ask(&app, &name, visitor, payload, |_| ()).await
}
