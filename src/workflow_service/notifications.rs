//! What operators should know: listed, shown, taken note of.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access::Rule,
    app::App,
    caller::Visitor,
    error::ApiError,
    list::{ListParams, Listing, Paging},
    notes::Notes,
    payload::{Id, Params, Payload},
    time::Time,
};
use crate::workflow::{
    Notification, NotificationId,
    store::{Cursor, Filter},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, acknowledge_many))
        .routes(routes!(show, acknowledge))
}

/// Something that an operator should know.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
pub(super) struct NotificationBody {
    uuid: String,
    /// The task that it is about.
    task: String,
    notes: NotificationNotes,
    /// Whether something went wrong.
    error: bool,
    acknowledged: bool,
    #[schema(value_type = String, format = DateTime)]
    created_on: Time,
}

/// What there is to know, by whether something went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NotificationNotes {
    Errors(Vec<String>),
    Notes(Vec<String>),
}

/// Notifications, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct NotificationList {
    notifications: Vec<NotificationBody>,
    #[serde(flatten)]
    paging: Paging,
}

/// Notifications that are taken note of.
#[derive(Debug, Deserialize, ToSchema)]
struct AcknowledgeMany {
    /// Their ids. Unknown ones are passed over.
    #[schema(min_items = 1, example = json!(["8f2c6f70656e4b2d9c1a5e41ce6f7065"]))]
    #[expect(dead_code, reason = "read from the body itself")]
    notifications: Vec<String>,
}

/// That a notification is taken note of.
#[derive(Debug, Deserialize, ToSchema)]
struct Acknowledge {
    /// Has to be `true`.
    #[schema(example = true)]
    #[expect(dead_code, reason = "read from the body itself")]
    acknowledged: bool,
}

impl From<Notification> for NotificationBody {
    fn from(it: Notification) -> Self {
        Self {
            uuid: it.id.to_string(),
            task: it.task.to_string(),
            notes: match it.error {
                true => NotificationNotes::Errors(it.notes),
                false => NotificationNotes::Notes(it.notes),
            },
            error: it.error,
            acknowledged: it.acknowledged.is_some(),
            created_on: Time(it.created_on),
        }
    }
}

/// Lists notifications, those taken note of too.
#[utoipa::path(
    get,
    path = "/v1/notifications",
    tag = "notifications",
    params(
        ListParams,
        ("notifications_per_page" = Option<u32>, Query, minimum = 1, maximum = 1000)
    ),
    responses((status = 200, body = NotificationList))
)]
async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    params: Params,
) -> Result<Json<NotificationList>, ApiError> {
    visitor.admit(&app, Rule::ListNotifications)?;
    let listing = Listing::read(&params, Filter::notifications(), "notifications_per_page")?;
    let paging = listing.paging(&app).await?;
    let found = app
        .engine
        .find_notifications(&listing.filter, &listing.slice)
        .await
        .map_err(|it| listing.told(it))?;
    let last = found
        .last()
        .map(|it| Cursor::after(it.created_on, it.id.as_str()));
    let paging = paging.after(&listing, found.len(), last);
    let notifications = found.into_iter().map(Into::into).collect();
    Ok(Json(NotificationList {
        notifications,
        paging,
    }))
}

/// Takes note of notifications.
#[utoipa::path(
    post,
    path = "/v1/notifications",
    tag = "notifications",
    request_body = AcknowledgeMany,
    responses((status = 200, body = Notes))
)]
async fn acknowledge_many(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    payload: Payload,
) -> Result<Json<Notes>, ApiError> {
    let caller = visitor.admit(&app, Rule::AcknowledgeNotifications)?;
    let body = payload.object().await?;
    let listed = body.get("notifications").and_then(Value::as_array);
    let is_list = |it: &&Vec<Value>| !it.is_empty() && it.iter().all(Value::is_string);
    let Some(listed) = listed.filter(is_list) else {
        let text = "this field is required and needs to be a list.";
        return Err(ApiError::field("notifications", text));
    };
    // What is no id is that of nothing.
    let ids = listed.iter().filter_map(|it| it.as_str()?.parse().ok());
    let ids: Vec<NotificationId> = ids.collect();
    app.engine.acknowledge(&ids, &caller).await?;
    Ok(Notes::of("Notifications acknowledged."))
}

/// Shows a notification.
#[utoipa::path(
    get,
    path = "/v1/notifications/{uuid}",
    tag = "notifications",
    params(("uuid" = String, Path, description = "The notification.")),
    responses((status = 200, body = NotificationBody))
)]
async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
) -> Result<Json<NotificationBody>, ApiError> {
    visitor.admit(&app, Rule::ShowNotification)?;
    Ok(Json(find(&app, &id).await?.into()))
}

/// Takes note of a notification.
#[utoipa::path(
    post,
    path = "/v1/notifications/{uuid}",
    tag = "notifications",
    params(("uuid" = String, Path, description = "The notification.")),
    request_body = Acknowledge,
    responses((status = 200, body = Notes))
)]
async fn acknowledge(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(id): Id,
    payload: Payload,
) -> Result<Json<Notes>, ApiError> {
    let caller = visitor.admit(&app, Rule::AcknowledgeNotifications)?;
    let body = payload.object().await?;
    let found = find(&app, &id).await?;
    if body.get("acknowledged") != Some(&Value::Bool(true)) {
        return Err(ApiError::field("acknowledged", "this field is required."));
    }
    if found.acknowledged.is_some() {
        return Ok(Notes::of("Notification already acknowledged."));
    }
    app.engine.acknowledge(&[found.id], &caller).await?;
    Ok(Notes::of("Notification acknowledged."))
}

async fn find(app: &App, id: &str) -> Result<Notification, ApiError> {
    let none = || ApiError::not_found("No notification with this id.");
    let id = id.parse().map_err(|_| none())?;
    app.engine.notification(&id).await?.ok_or_else(none)
}
