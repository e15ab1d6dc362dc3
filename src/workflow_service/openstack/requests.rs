//! What people ask for themselves: an account, another password, another address.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde_json::{Map, Value};

use crate::workflow_service::{
    app::App,
    caller::Visitor,
    error::{ApiError, Body},
    notes::Notes,
    payload::Payload,
    view,
};

type Answer = Result<(StatusCode, Json<Notes>), ApiError>;

/// Asks for a project and an account. The answer is the same whether or not they exist.
#[utoipa::path(
    post,
    path = "/v1/openstack/sign-up",
    tag = "openstack",
    request_body(
        content = Object,
        description = "The fields of the view `CreateProject`.",
        example = json!({"project_name": "waffles", "email": "eve@waffles.example"})
    ),
    responses(
        (status = 202, body = Notes),
        (status = 409, body = Body),
        (status = 429, body = Body)
    ),
    security((), ("token" = []))
)]
pub(super) async fn sign_up(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    payload: Payload,
) -> Answer {
    view::ask(&app, view::CREATE_PROJECT, visitor, payload, |_| ()).await
}

/// Has a token mailed by which a password can be set. The answer is the same whether or not there
/// is such a user.
#[utoipa::path(
    post,
    path = "/v1/openstack/users/password-reset",
    tag = "openstack",
    request_body(content = Object, example = json!({"email": "ann@acme.example"})),
    responses((status = 202, body = Notes), (status = 429, body = Body)),
    security((), ("token" = []))
)]
pub(super) async fn reset(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    payload: Payload,
) -> Answer {
    view::ask(&app, view::RESET_PASSWORD, visitor, payload, |_| ()).await
}

/// The same for somebody else, with the mails of another type of task.
#[utoipa::path(
    post,
    path = "/v1/openstack/users/password-set",
    tag = "openstack",
    request_body(content = Object, example = json!({"email": "ann@acme.example"})),
    responses((status = 202, body = Notes), (status = 409, body = Body))
)]
pub(super) async fn set(State(app): State<Arc<App>>, visitor: Visitor, payload: Payload) -> Answer {
    view::ask(&app, view::SET_PASSWORD, visitor, payload, unwrap_email).await
}

/// Asks for another mail address of the caller, which has to be confirmed from there.
#[utoipa::path(
    post,
    path = "/v1/openstack/users/email-update",
    tag = "openstack",
    request_body(content = Object, example = json!({"new_email": "boss@waffles.example"})),
    responses((status = 202, body = Notes), (status = 409, body = Body))
)]
pub(super) async fn email(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    payload: Payload,
) -> Answer {
    view::ask(&app, view::UPDATE_EMAIL, visitor, payload, |_| ()).await
}

/// The command-line client sends its whole body as the value of `email`.
fn unwrap_email(body: &mut Map<String, Value>) {
    if let Some(Value::Object(inner)) = body.get("email").cloned() {
        body.remove("email");
        body.extend(inner);
    }
}
