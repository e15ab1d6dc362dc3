//! What tells operators of a notification.

mod email;
mod request_tracker;
mod webhook;

use std::time::Duration;

use super::settings::{Common, Section};
use crate::openstack::Client;

pub(super) use email::Email;
pub(super) use request_tracker::RequestTracker;
pub(super) use webhook::Webhook;

/// One of them. Each address of `EmailNotification` is one by itself, so that a mail which was
/// taken is not sent again because another one was not.
pub(super) enum Engine {
    Email(Email),
    RequestTracker(RequestTracker),
    Webhook(Webhook),
}

impl Engine {
    /// The name under which the audit trail has it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Email(email) => format!("{EMAIL} {}", email.to),
            Self::RequestTracker(_) => REQUEST_TRACKER.to_owned(),
            Self::Webhook(_) => WEBHOOK.to_owned(),
        }
    }

    pub(super) const fn is_mail(&self) -> bool {
        matches!(self, Self::Email(_))
    }

    /// The templates that it renders.
    pub(super) fn templates(&self) -> Vec<&str> {
        match self {
            Self::Email(email) => email.form.templates().collect(),
            Self::RequestTracker(tracker) => vec![&tracker.template],
            Self::Webhook(_) => Vec::new(),
        }
    }
}

/// The engines of a table, each with its settings.
pub(super) fn read(section: Section<'_>, common: Common<'_>) -> Vec<Engine> {
    let mut engines = Vec::new();
    section.each(|name, table| match name {
        EMAIL => engines.extend(Email::read(table, common).into_iter().map(Engine::Email)),
        REQUEST_TRACKER => {
            let tracker = RequestTracker::read(table, common);
            engines.extend(tracker.map(Engine::RequestTracker));
        }
        WEBHOOK => engines.extend(Webhook::read(table).map(Engine::Webhook)),
        _ => table.refuse(format!(
            "there is no such engine; there are: {EMAIL}, {REQUEST_TRACKER}, {WEBHOOK}"
        )),
    });
    engines
}

/// The connections of an engine that speaks HTTP.
fn client(section: &mut Section<'_>) -> Option<Client> {
    let timeout: u32 = section.value("timeout_seconds").unwrap_or(10);
    if timeout == 0 {
        return section.wrong("timeout_seconds", "this must not be 0");
    }
    let mut client = Client::builder().deadline(Duration::from_secs(timeout.into()));
    if let Some(pem) = section.contents("cafile") {
        client = client.certificate_authority(pem);
    }
    client
        .build()
        .map_or_else(|error| section.wrong("cafile", error), Some)
}

const EMAIL: &str = "EmailNotification";
const REQUEST_TRACKER: &str = "RTNotification";
const WEBHOOK: &str = "WebhookNotification";
