//! The users of a project: members, and whoever is invited.

use std::{collections::BTreeSet, sync::Arc};

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::project;
use crate::{
    workflow::{
        Caller, Task, TaskState,
        identity::{Member, Via},
        store::{Filter, Page, Slice},
    },
    workflow_service::{
        access::Rule,
        app::App,
        caller::Visitor,
        error::{ApiError, Body},
        list,
        notes::Notes,
        payload::{Id, Payload},
        tasks, view,
    },
};

/// Everybody on a project.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Users {
    users: Vec<ProjectUser>,
}

/// Somebody on a project, or invited to it.
#[derive(Debug, Serialize, ToSchema)]
struct ProjectUser {
    /// The user's id; of somebody who is invited, the task's.
    id: String,
    #[schema(example = "ann@acme.example")]
    name: String,
    #[schema(example = "ann@acme.example")]
    email: String,
    /// Roles that were given to the user on the project.
    #[schema(example = json!(["member"]))]
    roles: Vec<String>,
    /// Roles from above the project.
    inherited_roles: Vec<String>,
    group_roles: Vec<GroupRole>,
    /// `Member`, `Inherited` or `Invited`.
    #[schema(example = "Member")]
    cohort: &'static str,
    /// `Active` or `Account Disabled`; `Invited`, `Expired`, `Failed` or `Invalid`.
    #[schema(example = "Active")]
    status: &'static str,
    /// Whether the caller may change the roles of this member.
    #[serde(skip_serializing_if = "Option::is_none")]
    manageable: Option<bool>,
}

/// A user of a project.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneUser {
    id: String,
    #[schema(example = "ann@acme.example")]
    username: String,
    email: String,
    roles: Vec<String>,
    inherited_roles: Vec<String>,
    group_roles: Vec<GroupRole>,
}

/// A role that comes to a user by a group.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub(super) struct GroupRole {
    #[schema(example = "member")]
    role: String,
    /// The group's id, if it is known; and so its name.
    group_id: Option<String>,
    #[schema(example = "developers")]
    group_name: Option<String>,
}

/// A user whose roles can be edited.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::workflow_service) struct EditableUser {
    id: String,
    username: String,
    email: String,
    roles: Vec<String>,
}

/// Lists the users of the caller's project, and those who are invited.
#[utoipa::path(
    get,
    path = "/v1/openstack/users",
    tag = "openstack",
    responses((status = 200, body = Users))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Json<Users>, ApiError> {
    let caller = visitor.admit(&app, Rule::ListUsers)?;
    let members = members(&app, project(&caller)?).await?;
    let mut users: Vec<_> = members.iter().map(|it| listed(&app, &caller, it)).collect();
    users.extend(invited(&app, project(&caller)?).await?);
    Ok(Json(Users { users }))
}

/// Invites somebody to the caller's project.
#[utoipa::path(
    post,
    path = "/v1/openstack/users",
    tag = "openstack",
    request_body(
        content = Object,
        description = "The fields of the view `InviteUser`.",
        example = json!({"email": "eve@acme.example", "roles": ["member"]})
    ),
    responses((status = 202, body = Notes), (status = 409, body = Body))
)]
pub(super) async fn invite(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    payload: Payload,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    view::ask(&app, view::INVITE_USER, visitor, payload, |_| ()).await
}

/// Shows a user of the caller's project.
#[utoipa::path(
    get,
    path = "/v1/openstack/users/{user_id}",
    tag = "openstack",
    params(("user_id" = String, Path, description = "The user.")),
    responses((status = 200, body = OneUser))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
) -> Result<Json<OneUser>, ApiError> {
    let caller = visitor.admit(&app, Rule::ShowUser)?;
    let member = member(&app, &caller, &id).await?;
    Ok(Json(OneUser {
        roles: names(&member, Via::Direct),
        inherited_roles: names(&member, Via::Inherited),
        group_roles: group_roles(&member),
        id: member.user.id,
        username: member.user.name,
        email: member.user.email.unwrap_or_default(),
    }))
}

/// Cancels an invitation, by the id of its task; or takes from a member, by its own id, all roles
/// that were given to it on the caller's project.
#[utoipa::path(
    delete,
    path = "/v1/openstack/users/{user_id}",
    tag = "openstack",
    params(("user_id" = String, Path, description = "The task, or the user.")),
    responses(
        (status = 200, body = Notes, description = "The invitation is cancelled."),
        (status = 202, body = Notes, description = "The roles are taken."),
        (status = 409, body = Body)
    )
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
    payload: Payload,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    let caller = visitor.clone().admit(&app, Rule::RemoveUser)?;
    let own = project(&caller)?;
    if let Ok(task) = tasks::own(&app, &caller, &id).await
        && task.task_type == app.task_type(view::INVITE_USER)
        && task.project_id.as_deref() == Some(own)
    {
        let task = app.engine.cancel(&task.id, &caller).await?;
        let notes = Notes::about("Cancelled pending invite task!", &task);
        return Ok((StatusCode::OK, notes));
    }
    let member = member(&app, &caller, &id).await;
    let member = member.map_err(|_| ApiError::not_found("Not found."))?;
    let roles = names(&member, Via::Direct);
    view::ask(&app, view::EDIT_USER, visitor, payload, |body| {
        body.insert("user_id".into(), member.user.id.into());
        body.insert("roles".into(), roles.into());
        body.insert("remove".into(), true.into());
    })
    .await
}

/// The members of a project that may be shown.
async fn members(app: &App, project: &str) -> Result<Vec<Member>, ApiError> {
    let mut members = app.identity.members(project).await?;
    let blacklisted = |role: &str| {
        let mut roles = app.settings.blacklisted_roles.iter();
        roles.any(|it| it.eq_ignore_ascii_case(role))
    };
    members.retain(|it| !it.assignments.iter().any(|it| blacklisted(&it.role.name)));
    Ok(members)
}

/// A member of the caller's project.
pub(super) async fn member(app: &App, caller: &Caller, id: &str) -> Result<Member, ApiError> {
    let mut members = members(app, project(caller)?).await?.into_iter();
    members
        .find(|it| it.user.id == id)
        .ok_or_else(|| ApiError::not_found("No user with this id."))
}

/// The users whose roles the caller may edit.
pub(in crate::workflow_service) async fn editable_users(
    app: &App,
    caller: &Caller,
) -> Result<Vec<EditableUser>, ApiError> {
    let members = members(app, project(caller)?).await?.into_iter();
    let editable = members.filter(|it| is_manageable(app, caller, it));
    let users = editable.map(|it| EditableUser {
        roles: names(&it, Via::Direct),
        id: it.user.id,
        username: it.user.name,
        email: it.user.email.unwrap_or_default(),
    });
    Ok(users.collect())
}

/// The names of roles that came to a member this way, each once.
pub(super) fn names(member: &Member, via: Via) -> Vec<String> {
    let names: BTreeSet<&str> = member.roles(via).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// The roles that came to a member by groups.
pub(super) fn group_roles(member: &Member) -> Vec<GroupRole> {
    let by_group = member.assignments.iter();
    let by_group = by_group.filter(|it| it.via == Via::Group);
    let roles: BTreeSet<GroupRole> = by_group
        .map(|it| GroupRole {
            role: it.role.name.clone(),
            group_id: it.group.as_ref().map(|it| it.id.clone()),
            group_name: it.group.as_ref().map(|it| it.name.clone()),
        })
        .collect();
    roles.into_iter().collect()
}

/// Whether the caller manages all roles that the member has, but for implied ones, which go with
/// those that imply them.
fn is_manageable(app: &App, caller: &Caller, member: &Member) -> bool {
    let held = member
        .assignments
        .iter()
        .filter(|it| it.via != Via::Implied);
    app.mapping.allows(caller, held.map(|it| &it.role.name))
}

fn listed(app: &App, caller: &Caller, member: &Member) -> ProjectUser {
    let inherited = names(member, Via::Inherited);
    let from_above = !inherited.is_empty() && inherited.len() == member.assignments.len();
    let user = &member.user;
    ProjectUser {
        id: user.id.clone(),
        name: user.name.clone(),
        email: user.email.clone().unwrap_or_default(),
        roles: names(member, Via::Direct),
        inherited_roles: inherited,
        group_roles: group_roles(member),
        cohort: if from_above { "Inherited" } else { "Member" },
        status: if user.enabled {
            "Active"
        } else {
            "Account Disabled"
        },
        manageable: Some(is_manageable(app, caller, member)),
    }
}

/// Those who are invited to a project, and have not come yet.
async fn invited(app: &App, project: &str) -> Result<Vec<ProjectUser>, ApiError> {
    let open = list::own(
        Filter::tasks(),
        &json!({
            "task_type": {"exact": app.task_type(view::INVITE_USER)},
            "project_id": {"exact": project},
            "cancelled": {"exact": false},
            "completed": {"exact": false},
        }),
    )?;
    let slice = Slice::of(Page::first(1000));
    let tasks = app.engine.find_tasks(&open, &slice).await?;
    // The tokens and errors of all of them, in one question each.
    let of = json!({"task": open_invitations(app, project)});
    let tokens = app
        .engine
        .find_tokens(&list::own(Filter::tokens(), &of)?, &slice)
        .await?;
    let errors = list::own(Filter::notifications(), &of)?;
    let errors = list::own(errors, &json!({"error": {"exact": true}}))?;
    let errors = app.engine.find_notifications(&errors, &slice).await?;
    let now = app.engine.time();
    let status = |task: &Task| {
        if task.state() == TaskState::Invalid {
            "Invalid"
        } else if errors.iter().any(|it| it.task == task.id) {
            "Failed"
        } else if tokens
            .iter()
            .any(|it| it.task == task.id && it.expires <= now)
        {
            "Expired"
        } else {
            "Invited"
        }
    };
    Ok(tasks
        .iter()
        .map(|task| invitation(task, status(task)))
        .collect())
}

/// The same condition, as one of a task that something belongs to.
fn open_invitations(app: &App, project: &str) -> Value {
    json!({
        "task_type__exact": app.task_type(view::INVITE_USER),
        "project_id__exact": project,
        "cancelled__exact": false,
        "completed__exact": false,
    })
}

fn invitation(task: &Task, status: &'static str) -> ProjectUser {
    let given = |key: &str| task.actions.iter().find_map(|it| it.data.get(key));
    let text = |key: &str| given(key).and_then(Value::as_str).map(str::to_owned);
    let email = text("email").unwrap_or_default();
    let roles = given("roles").and_then(Value::as_array);
    let roles = roles.into_iter().flatten().filter_map(Value::as_str);
    ProjectUser {
        id: task.id.to_string(),
        name: text("username").unwrap_or_else(|| email.clone()),
        email,
        roles: roles.map(str::to_owned).collect(),
        inherited_roles: Vec::new(),
        group_roles: Vec::new(),
        cohort: "Invited",
        status,
        manageable: None,
    }
}
