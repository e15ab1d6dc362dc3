//! Task views: endpoints by which tasks are asked for.

use std::{sync::Arc, time::Duration};

use axum::Json;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;

use super::{
    Access, app::App, caller::Visitor, error::ApiError, limits::Challenged, notes::Notes, outcome,
    payload::Payload,
};
use crate::workflow::{Action, Caller, Duplicates, EngineError, Field, Kind, TaskType};

/// An endpoint by which tasks of one type are asked for: `/v1/actions/<name>`. It is there if the
/// engine has the type.
///
/// ```
/// use wafflehaus::workflow_service::TaskView;
///
/// let text = r#"{"name": "OpenList", "task_type": "open_list", "access": ["member"]}"#;
/// let view: TaskView = serde_json::from_str(text)?;
/// assert!(!view.quiet);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TaskView {
    /// The last part of the path.
    pub name: String,
    /// The type of the tasks.
    pub task_type: String,
    /// Who may ask.
    pub access: Access,
    /// Whether the answer is the same whatever comes of the task, and does not wait for it. For
    /// whom nobody knows it always is.
    #[serde(default)]
    pub quiet: bool,
}

/// What a task view takes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Described {
    /// The actions of its tasks, in their order.
    #[schema(example = json!(["NewUser"]))]
    actions: Vec<String>,
    /// The fields that have to be there.
    #[schema(example = json!(["email", "roles"]))]
    required_fields: Vec<String>,
    /// All fields.
    fields: Vec<DescribedField>,
    /// The users that can be edited, if that is what the view does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) users: Option<Vec<super::openstack::EditableUser>>,
}

/// A field of a task view.
#[derive(Debug, Serialize, ToSchema)]
struct DescribedField {
    #[schema(example = "roles")]
    name: String,
    /// `accepted`, `boolean`, `email`, `integer`, `json`, `names`, `secret` or `text`.
    #[serde(rename = "type")]
    #[schema(example = "names")]
    kind: &'static str,
    required: bool,
    /// What a list of names can have in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<Vec<String>>,
}

impl TaskView {
    /// A view that waits for what comes of its tasks.
    pub fn new(name: impl Into<String>, task_type: impl Into<String>, access: Access) -> Self {
        Self {
            name: name.into(),
            task_type: task_type.into(),
            access,
            quiet: false,
        }
    }

    /// Has the answer be the same whatever comes of the task.
    #[must_use]
    pub const fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }
}

/// The built-in views.
pub(super) fn built_in() -> [TaskView; 8] {
    let modify = Access::mod_or_admin;
    [
        TaskView::new(CREATE_PROJECT, "create_project", Access::Anyone).quiet(),
        TaskView::new(INVITE_USER, "invite_user", modify()),
        TaskView::new(EDIT_USER, "edit_roles", modify()),
        TaskView::new(RESET_PASSWORD, "reset_password", Access::Anyone).quiet(),
        TaskView::new(SET_PASSWORD, "force_password", Access::admin()).quiet(),
        // Whether somebody else has an address is nobody's business.
        TaskView::new(UPDATE_EMAIL, "update_email", Access::Authenticated).quiet(),
        TaskView::new(UPDATE_QUOTA, "update_quota", modify()),
        TaskView::new("ClearProject", "clear_project", modify()),
    ]
}

/// Asks for a task. `complete` adds to the body what the endpoint itself says.
pub(super) async fn ask(
    app: &Arc<App>,
    view: &str,
    visitor: Visitor,
    payload: Payload,
    complete: impl FnOnce(&mut Map<String, Value>) + Send,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    let (view, task_type) = app.view(view)?;
    let caller = visitor.caller();
    app.access(view).admit(caller)?;
    let mut body = payload.object().await?;
    if let Some(user) = caller.keystone_user() {
        let project = body.entry("project_id").or_insert(Value::Null);
        if project.is_null() {
            *project = user.project_id.clone().into();
        }
    }
    complete(&mut body);
    let unknown = caller.keystone_user().is_none();
    // What is open to all would else be a way to send mails to anybody.
    if unknown || *app.access(view) == Access::Anyone {
        count(app, task_type, &visitor, &body)?;
    }
    if unknown {
        put_challenge(app, view, &visitor, &body).await?;
    }
    let asked = app.engine.submit(&view.task_type, &body, caller);
    if unknown || view.quiet {
        let began = Instant::now();
        let asked = asked.await;
        // Writing the task takes longer if it takes the place of another, which may be there only
        // if there is an account.
        hush(began, app.settings.quiet_time()).await;
        return match asked {
            // That nothing can take its place yet tells of the one before it.
            Err(EngineError::Duplicate(_)) if task_type.duplicates == Duplicates::Cancel => {
                Ok(quiet(view))
            }
            asked => asked.map(|_| quiet(view)).map_err(Into::into),
        };
    }
    let task = outcome::good(app, &asked.await?.id).await?;
    let notes = Notes::about("task created", &task);
    Ok((StatusCode::ACCEPTED, notes))
}

/// Waits until a whole number of these units is over, so that only that can be seen of a time.
async fn hush(began: Instant, unit: Duration) {
    let units = began.elapsed().as_nanos().checked_div(unit.as_nanos());
    let units = units.and_then(|it| u32::try_from(it + 1).ok());
    if let Some(units) = units {
        sleep_until(began + unit * units).await;
    }
}

/// What is answered whatever comes of a task.
fn quiet(view: &TaskView) -> (StatusCode, Json<Notes>) {
    let note = match view.name.as_str() {
        RESET_PASSWORD => "If user with email exists, reset token will be issued.",
        _ => "task created",
    };
    (StatusCode::ACCEPTED, Notes::of(note))
}

/// Counts a request, by where it comes from and whom mails about it would go to.
fn count(
    app: &App,
    task_type: &TaskType,
    visitor: &Visitor,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    let actions = app.actions(task_type);
    let mail = actions.into_iter().find_map(|action| {
        let data = action.validate(body).ok()?;
        action.email(&data)
    });
    app.gate.pass(visitor.address(), mail.as_deref())
}

/// Has somebody whom nobody knows pass the challenge.
async fn put_challenge(
    app: &App,
    view: &TaskView,
    visitor: &Visitor,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    let Some(challenge) = &app.challenge else {
        return Ok(());
    };
    let challenged = Challenged {
        view: &view.name,
        address: visitor.address(),
        headers: &visitor.headers,
        body,
    };
    if challenge.passes(&challenged).await {
        Ok(())
    } else {
        Err(ApiError::forbidden("The challenge was not passed."))
    }
}

/// What a view takes, if the caller may use it.
pub(super) fn describe(app: &App, view: &str, caller: &Caller) -> Result<Described, ApiError> {
    let (view, task_type) = app.view(view)?;
    app.access(view).admit(caller)?;
    let mut fields: Vec<DescribedField> = Vec::new();
    for field in app.actions(task_type).into_iter().flat_map(Action::fields) {
        let known = fields.iter().any(|it| it.name == field.name());
        // The service itself fills this in.
        let filled = field.name() == "project_id";
        if !known && !filled {
            fields.push(field.into());
        }
    }
    let required = fields.iter().filter(|it| it.required);
    Ok(Described {
        actions: task_type.actions.clone(),
        required_fields: required.map(|it| it.name.clone()).collect(),
        fields,
        users: None,
    })
}

impl From<&Field> for DescribedField {
    fn from(field: &Field) -> Self {
        let (kind, choices) = match field.kind() {
            Kind::Accepted => ("accepted", None),
            Kind::Boolean => ("boolean", None),
            Kind::Email => ("email", None),
            Kind::Integer => ("integer", None),
            Kind::Json => ("json", None),
            Kind::Names { choices } => ("names", choices.clone()),
            Kind::Secret => ("secret", None),
            Kind::Text { .. } => ("text", None),
        };
        Self {
            name: field.name().to_owned(),
            kind,
            required: field.is_required(),
            choices,
        }
    }
}

pub(super) const CREATE_PROJECT: &str = "CreateProject";
pub(super) const EDIT_USER: &str = "EditUser";
pub(super) const INVITE_USER: &str = "InviteUser";
pub(super) const RESET_PASSWORD: &str = "ResetPassword";
pub(super) const SET_PASSWORD: &str = "SetPassword";
pub(super) const UPDATE_EMAIL: &str = "UpdateEmail";
pub(super) const UPDATE_QUOTA: &str = "UpdateQuota";
