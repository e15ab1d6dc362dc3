//! A signed call to another service.

use serde_json::json;

use super::client;
use crate::{
    openstack::{Client, Endpoint},
    workflow::{ActionError, SigningKey, Timestamp, refusal},
    workflow_messages::{
        settings::Section,
        view::{NoteView, TaskView},
    },
};

pub(in crate::workflow_messages) struct Webhook {
    client: Client,
    url: Endpoint,
    key: SigningKey,
}

impl Webhook {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let url = section.needed("url");
        let key = section.secret(["key", "key_file", "key_env"]);
        let key = match key.map(|it| SigningKey::new(&it)) {
            Some(Ok(key)) => Some(key),
            Some(Err(error)) => section.wrong("key", error),
            None => section.wrong("key", "there is no key to sign with"),
        };
        let client = client(&mut section);
        section.finish();
        Some(Self {
            client: client?,
            url: url?,
            key: key?,
        })
    }

    /// Sends a notification, under its id as the key by which a second one can be told.
    pub(in crate::workflow_messages) async fn tell(
        &self,
        now: Timestamp,
        (task, notification): (TaskView<'_>, NoteView<'_>),
    ) -> Result<(), ActionError> {
        let body = json!({
            "task": task.uuid,
            "task_type": task.task_type,
            "project_id": task.project_id,
            "notification": notification,
        })
        .to_string();
        let headers = self.key.headers(now, notification.uuid, &body)?;
        let answer = self.client.post("webhook", &self.url, headers, body.into());
        let (status, _) = answer.await.map_err(ActionError::retry)?;
        if status.is_success() {
            return Ok(());
        }
        Err(refusal(status))
    }
}
