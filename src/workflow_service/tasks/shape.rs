//! How a task looks.

use std::{collections::BTreeMap, net::IpAddr};

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::{
    ToSchema,
    openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type},
};

use super::deliveries::{self, Delivery};
use crate::{
    workflow::{Caller, Event, KeystoneUser, Task, TaskState, Who},
    workflow_service::{
        app::App,
        error::{ApiError, Reason},
        outcome,
        time::Time,
    },
};

/// A task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub(in crate::workflow_service) struct TaskBody {
    #[schema(example = "8f2c6f70656e4b2d9c1a5e41ce6f7065")]
    uuid: String,
    #[schema(example = "create_project")]
    task_type: String,
    /// `cancelled`, `completed`, `failed`, `invalid`, `running` or `waiting`.
    #[schema(example = "waiting")]
    state: &'static str,
    /// The stage that runs, is waited for, or came last.
    #[schema(example = "post_approve")]
    stage: String,
    /// How many stages were begun, those included that had to be begun again.
    #[schema(example = 1)]
    run: u32,
    /// Where it was asked for from. Only administrators are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    ip_address: Option<IpAddr>,
    /// Who asked for it; empty for nobody in particular.
    #[schema(schema_with = person)]
    keystone_user: Value,
    project_id: Option<String>,
    actions: Vec<ActionBody>,
    /// Notes by the action that they are of.
    action_notes: BTreeMap<String, Vec<String>>,
    /// Notes of no action.
    task_notes: Vec<String>,
    /// Why its actions are invalid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    /// What became of its messages. Only administrators are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    deliveries: Option<Vec<Delivery>>,
    cancelled: bool,
    approved: bool,
    /// Who approved it: a user, `system`, or nobody yet.
    #[schema(schema_with = person)]
    approved_by: Value,
    completed: bool,
    #[schema(value_type = String, format = DateTime)]
    created_on: Time,
    #[schema(value_type = Option<String>, format = DateTime)]
    approved_on: Option<Time>,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_on: Option<Time>,
}

/// An action of a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Action)]
struct ActionBody {
    #[schema(example = "NewProjectWithUser")]
    action_name: String,
    /// Its inputs.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
    valid: bool,
}

/// Tasks as the caller may see them, with their notes.
pub(in crate::workflow_service) async fn bodies(
    app: &App,
    tasks: Vec<Task>,
    for_admin: bool,
) -> Result<Vec<TaskBody>, ApiError> {
    let ids: Vec<_> = tasks.iter().map(|it| it.id.clone()).collect();
    let mut events: BTreeMap<_, Vec<Event>> = BTreeMap::new();
    for event in app.engine.events_of(&ids, &outcome::TOLD).await? {
        events.entry(event.task.clone()).or_default().push(event);
    }
    let body = |task: Task| {
        let events = events.remove(&task.id).unwrap_or_default();
        TaskBody::of(task, &events, for_admin)
    };
    Ok(tasks.into_iter().map(body).collect())
}

impl TaskBody {
    fn of(task: Task, events: &[Event], for_admin: bool) -> Self {
        let (mut action_notes, mut task_notes) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
        for event in events.iter().filter(|it| it.kind == "note") {
            let details = event.details();
            let text = |key: &str| details.get(key).and_then(Value::as_str);
            let note = text("text").unwrap_or_default();
            let note = format!("{note} - ({})", Time(event.on).in_note());
            match text("action") {
                Some(action) => action_notes
                    .entry(action.to_owned())
                    .or_default()
                    .push(note),
                None => task_notes.push(note),
            }
        }
        let (state, stage) = (task.state(), task.stage().to_owned());
        let reasons = match state {
            TaskState::Invalid => outcome::reasons(events),
            _ => Vec::new(),
        };
        let approval = task.approved;
        let address = task.requester.address.filter(|_| for_admin);
        Self {
            uuid: task.id.to_string(),
            task_type: task.task_type,
            state: state.as_str(),
            stage,
            run: task.run,
            ip_address: address,
            keystone_user: user(&task.requester),
            project_id: task.project_id,
            actions: task
                .actions
                .into_iter()
                .map(|it| ActionBody {
                    action_name: it.name,
                    data: it.data,
                    valid: it.valid,
                })
                .collect(),
            action_notes,
            task_notes,
            reasons,
            deliveries: for_admin.then(|| deliveries::of(events)),
            cancelled: state == TaskState::Cancelled,
            approved: approval.is_some(),
            approved_by: approval.as_ref().map_or(json!({}), |it| user(&it.by)),
            completed: state == TaskState::Completed,
            created_on: Time(task.created_on),
            approved_on: approval.map(|it| Time(it.on)),
            completed_on: task.completed_on.map(Time),
        }
    }
}

/// How somebody is described.
fn person() -> Schema {
    let user = ObjectBuilder::new().description(Some("A user; without anything, nobody."));
    let system = ObjectBuilder::new().schema_type(Type::String);
    let system = system.enum_values(Some(["system"]));
    OneOfBuilder::new().item(user).item(system).build().into()
}

/// Somebody as clients know them.
fn user(caller: &Caller) -> Value {
    match &caller.who {
        Who::Anonymous => json!({}),
        Who::System => "system".into(),
        Who::User(user) => json!(Shown {
            user,
            authenticated: true
        }),
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    user: &'a KeystoneUser,
    authenticated: bool,
}
