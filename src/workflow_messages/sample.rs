//! Tasks that nobody asked for, to try templates with.

use serde_json::{Value, json};

use super::view::{
    ActionsView, MailView, NoteView, NotificationView, TaskView, TokenView, actions,
};
use crate::workflow::{ActionRecord, Field, KeystoneUser, Kind, Mail, Registry, TaskType};

/// A task of a type: with all that a task may have, or with no more than it must.
pub(super) struct Sample<'a> {
    task_type: &'a str,
    registry: &'a Registry,
    records: Vec<ActionRecord>,
    user: Option<KeystoneUser>,
    notes: Vec<String>,
}

impl<'a> Sample<'a> {
    /// A task with everything.
    pub(super) fn full(registry: &'a Registry, task_type: &'a TaskType) -> Self {
        let user = KeystoneUser {
            user_id: ID.into(),
            username: Some("ann".into()),
            project_id: Some(ID.into()),
            project_name: Some("acme".into()),
            ..KeystoneUser::default()
        };
        Self::with(registry, task_type, Some(user), |_| true)
    }

    /// A task with no more than it must have.
    pub(super) fn bare(registry: &'a Registry, task_type: &'a TaskType) -> Self {
        Self::with(registry, task_type, None, Field::is_required)
    }

    fn with(
        registry: &'a Registry,
        task_type: &'a TaskType,
        user: Option<KeystoneUser>,
        given: impl Fn(&Field) -> bool,
    ) -> Self {
        let record = |name: &String| {
            let fields = registry.find_action(name).map(|it| it.fields());
            let fields = fields.unwrap_or_default().iter().filter(|it| given(it));
            let mut record = ActionRecord::default();
            record.name.clone_from(name);
            record.data = fields
                .map(|it| (it.name().to_owned(), value(it.kind())))
                .collect();
            record
        };
        Self {
            task_type: &task_type.name,
            registry,
            records: task_type.actions.iter().map(record).collect(),
            user,
            notes: vec!["A note.".to_owned()],
        }
    }

    fn task(&self) -> TaskView<'_> {
        let known = self.user.as_ref();
        TaskView {
            uuid: ID,
            task_type: self.task_type,
            project_id: known.and_then(|it| it.project_id.as_deref()),
            keystone_user: known,
            created_on: TIME.to_owned(),
            approved_on: known.map(|_| TIME.to_owned()),
            completed_on: known.map(|_| TIME.to_owned()),
        }
    }

    fn actions(&self) -> ActionsView<'_> {
        actions(self.registry, &self.records)
    }

    /// What the template of a mail would see.
    pub(super) fn mail(&self, mail: Mail, token_url: &'a str) -> MailView<'_> {
        MailView {
            task: self.task(),
            actions: self.actions(),
            email_address: ADDRESS,
            from_address: ADDRESS,
            reply_address: ADDRESS,
            token: (mail == Mail::Token).then(|| TokenView {
                tokenurl: token_url,
                token: ID,
                token_expires: TIME.to_owned(),
            }),
        }
    }

    /// What the template of a notification would see.
    pub(super) fn notification(&self, error: bool) -> NotificationView<'_> {
        NotificationView {
            task: self.task(),
            actions: self.actions(),
            notification: NoteView {
                uuid: ID,
                error,
                notes: &self.notes,
                created_on: TIME.to_owned(),
            },
            task_url: self
                .user
                .as_ref()
                .map(|_| "https://example.com/".to_owned()),
        }
    }
}

fn value(kind: &Kind) -> Value {
    match kind {
        Kind::Accepted | Kind::Boolean => true.into(),
        Kind::Email => ADDRESS.into(),
        Kind::Integer => 1.into(),
        Kind::Json => json!({}),
        Kind::Names { .. } => json!(["member"]),
        Kind::Secret | Kind::Text { .. } => "text".into(),
    }
}

pub(super) const ADDRESS: &str = "ann@example.com";
pub(super) const ID: &str = "00000000000000000000000000000000";
const TIME: &str = "2000-01-01T00:00:00Z";
