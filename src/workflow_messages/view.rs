//! What templates see.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::workflow::{
    ActionRecord, KeystoneUser, Notification, Registry, Task, Timestamp, TokenSecret,
};

/// A template's `task`.
#[derive(Serialize)]
pub(super) struct TaskView<'a> {
    pub(super) uuid: &'a str,
    pub(super) task_type: &'a str,
    pub(super) project_id: Option<&'a str>,
    pub(super) keystone_user: Option<&'a KeystoneUser>,
    pub(super) created_on: String,
    pub(super) approved_on: Option<String>,
    pub(super) completed_on: Option<String>,
}

/// A template's `actions`: the inputs of each by its name. An input that the action declares and
/// was not given is none, so that a template can ask for it.
pub(super) type ActionsView<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Value>>;

/// All that a template of a task's mail sees.
#[derive(Serialize)]
pub(super) struct MailView<'a> {
    pub(super) task: TaskView<'a>,
    pub(super) actions: ActionsView<'a>,
    pub(super) email_address: &'a str,
    pub(super) from_address: &'a str,
    pub(super) reply_address: &'a str,
    /// Only with a token; otherwise the names are not there.
    #[serde(flatten)]
    pub(super) token: Option<TokenView<'a>>,
}

#[derive(Serialize)]
pub(super) struct TokenView<'a> {
    pub(super) tokenurl: &'a str,
    pub(super) token: &'a str,
    pub(super) token_expires: String,
}

/// All that a template of a notification sees.
#[derive(Serialize)]
pub(super) struct NotificationView<'a> {
    pub(super) task: TaskView<'a>,
    pub(super) actions: ActionsView<'a>,
    pub(super) notification: NoteView<'a>,
    pub(super) task_url: Option<String>,
}

/// A template's `notification`, and a webhook's.
#[derive(Serialize)]
pub(super) struct NoteView<'a> {
    pub(super) uuid: &'a str,
    pub(super) error: bool,
    pub(super) notes: &'a [String],
    pub(super) created_on: String,
}

impl<'a> TaskView<'a> {
    pub(super) fn of(task: &'a Task) -> Self {
        Self {
            uuid: task.id.as_str(),
            task_type: &task.task_type,
            project_id: task.project_id.as_deref(),
            keystone_user: task.requester.keystone_user(),
            created_on: written(task.created_on),
            approved_on: task.approved.as_ref().map(|it| written(it.on)),
            completed_on: task.completed_on.map(written),
        }
    }
}

impl<'a> TokenView<'a> {
    pub(super) fn of(url: &'a str, token: &'a TokenSecret, expires: Timestamp) -> Self {
        Self {
            tokenurl: url,
            token: token.expose(),
            token_expires: written(expires),
        }
    }
}

impl<'a> NotificationView<'a> {
    pub(super) fn of(
        (task, registry): (&'a Task, &'a Registry),
        notification: &'a Notification,
        task_url: Option<&str>,
    ) -> Self {
        Self {
            task: TaskView::of(task),
            actions: actions(registry, &task.actions),
            notification: NoteView::of(notification),
            task_url: task_url.map(|url| format!("{url}{}", task.id)),
        }
    }
}

impl<'a> NoteView<'a> {
    pub(super) fn of(notification: &'a Notification) -> Self {
        Self {
            uuid: notification.id.as_str(),
            error: notification.error,
            notes: &notification.notes,
            created_on: written(notification.created_on),
        }
    }
}

pub(super) fn actions<'a>(registry: &'a Registry, records: &'a [ActionRecord]) -> ActionsView<'a> {
    let inputs = |record: &'a ActionRecord| {
        let declared = registry.find_action(&record.name).map(|it| it.fields());
        let declared = declared.unwrap_or_default().iter();
        let mut inputs: BTreeMap<_, _> = declared.map(|it| (it.name(), &Value::Null)).collect();
        inputs.extend(record.data.iter().map(|(name, it)| (name.as_str(), it)));
        (record.name.as_str(), inputs)
    };
    records.iter().map(inputs).collect()
}

/// To the second, in UTC: `2026-11-22T09:30:00Z`.
pub(super) fn written(time: Timestamp) -> String {
    let second = jiff::Timestamp::from_second(time.as_micros().div_euclid(1_000_000));
    second.map_or_else(|_| String::new(), |it| it.to_string())
}
