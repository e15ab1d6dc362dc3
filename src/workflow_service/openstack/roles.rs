//! Roles: which there are to give, and whose they are.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::users::{GroupRole, group_roles, member, names};
use crate::{
    workflow::identity::Via,
    workflow_service::{
        access::Rule,
        app::App,
        caller::Visitor,
        error::{ApiError, Body},
        notes::Notes,
        payload::{Id, Payload},
        view,
    },
};

/// The roles that the caller may give and take.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Roles {
    roles: Vec<RoleBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
struct RoleBody {
    id: String,
    #[schema(example = "member")]
    name: String,
}

/// The roles of a user on a project, by the way they came.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RolesOfUser {
    #[schema(example = json!(["member"]))]
    roles: Vec<String>,
    inherited_roles: Vec<String>,
    group_roles: Vec<GroupRole>,
}

/// Lists the roles that the caller may give and take.
#[utoipa::path(
    get,
    path = "/v1/openstack/roles",
    tag = "openstack",
    responses((status = 200, body = Roles))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Json<Roles>, ApiError> {
    let caller = visitor.admit(&app, Rule::ListRoles)?;
    let all = app.identity.roles().await?.into_iter();
    let manageable = all.filter(|it| app.mapping.allows(&caller, [&it.name]));
    let roles = manageable.map(|it| RoleBody {
        id: it.id,
        name: it.name,
    });
    let mut roles: Vec<_> = roles.collect();
    roles.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(Roles { roles }))
}

/// Lists the roles of a user on the caller's project.
#[utoipa::path(
    get,
    path = "/v1/openstack/users/{user_id}/roles",
    tag = "openstack",
    params(("user_id" = String, Path, description = "The user.")),
    responses((status = 200, body = RolesOfUser))
)]
pub(super) async fn of_user(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
) -> Result<Json<RolesOfUser>, ApiError> {
    let caller = visitor.admit(&app, Rule::ShowUser)?;
    let member = member(&app, &caller, &id).await?;
    Ok(Json(RolesOfUser {
        roles: names(&member, Via::Direct),
        inherited_roles: names(&member, Via::Inherited),
        group_roles: group_roles(&member),
    }))
}

/// Gives a user roles on the caller's project.
#[utoipa::path(
    put,
    path = "/v1/openstack/users/{user_id}/roles",
    tag = "openstack",
    params(("user_id" = String, Path, description = "The user.")),
    request_body(content = Object, example = json!({"roles": ["project_mod"]})),
    responses((status = 202, body = Notes), (status = 409, body = Body))
)]
pub(super) async fn grant(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
    payload: Payload,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    edit(&app, visitor, id, payload, false).await
}

/// Takes roles on the caller's project from a user.
#[utoipa::path(
    delete,
    path = "/v1/openstack/users/{user_id}/roles",
    tag = "openstack",
    params(("user_id" = String, Path, description = "The user.")),
    request_body(content = Object, example = json!({"roles": ["project_mod"]})),
    responses((status = 202, body = Notes), (status = 409, body = Body))
)]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
    payload: Payload,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    edit(&app, visitor, id, payload, true).await
}

async fn edit(
    app: &Arc<App>,
    visitor: Visitor,
    user: String,
    payload: Payload,
    remove: bool,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    view::ask(app, view::EDIT_USER, visitor, payload, |body| {
        body.insert("user_id".into(), user.into());
        body.insert("remove".into(), remove.into());
    })
    .await
}
