//! A ticket in Request Tracker, by version 2.0 of its REST interface, which RT 5 has built in.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::client;
use crate::{
    openstack::{Client, Endpoint},
    workflow::{ActionError, refusal},
    workflow_messages::settings::{Common, Section},
};

pub(in crate::workflow_messages) struct RequestTracker {
    client: Client,
    url: Endpoint,
    queue: String,
    /// Marked as sensitive, so that it is not printed.
    authorization: HeaderValue,
    pub(in crate::workflow_messages) template: String,
}

impl RequestTracker {
    pub(super) fn read(mut section: Section<'_>, common: Common<'_>) -> Option<Self> {
        let url: Option<Endpoint> = section.needed("url");
        let url = url.and_then(|url| {
            if !url.to_string().ends_with("/REST/2.0") {
                return section.wrong("url", "this does not end with `/REST/2.0`");
            }
            let tickets = format!("{url}/ticket").parse();
            tickets.map_or_else(|error| section.wrong("url", error), Some)
        });
        let queue = section.needed("queue");
        let authorization = authorization(&mut section);
        let template = common.template(&mut section, "notification");
        let client = client(&mut section);
        section.finish();
        Some(Self {
            client: client?,
            url: url?,
            queue: queue?,
            authorization: authorization?,
            template: template?,
        })
    }

    /// Makes a ticket.
    pub(in crate::workflow_messages) async fn tell(
        &self,
        subject: &str,
        text: &str,
    ) -> Result<(), ActionError> {
        let body = json!({
            "Queue": self.queue,
            "Subject": subject,
            "Content": text,
            "ContentType": "text/plain",
        });
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, self.authorization.clone())]);
        let body = body.to_string().into();
        let answer = self
            .client
            .post("request tracker", &self.url, headers, body);
        let (status, _) = answer.await.map_err(ActionError::retry)?;
        if status.is_success() {
            return Ok(());
        }
        Err(refusal(status))
    }
}

/// With a token of RT 5, or a user's name and password.
fn authorization(section: &mut Section<'_>) -> Option<HeaderValue> {
    let token = section.secret(["token", "token_file", "token_env"]);
    let username: Option<String> = section.value("username");
    let password = section.secret(["password", "password_file", "password_env"]);
    let text: SecretString = match (token, username, password) {
        (Some(token), None, None) => format!("token {}", token.expose_secret()).into(),
        (None, Some(name), Some(password)) if !name.contains(':') => {
            let pair = format!("{name}:{}", password.expose_secret());
            format!("Basic {}", BASE64_STANDARD.encode(pair)).into()
        }
        _ => {
            let message = "give a `token`, or a `username` without a colon and a `password`";
            return section.wrong("token", message);
        }
    };
    match HeaderValue::from_str(text.expose_secret()) {
        Ok(mut value) => {
            value.set_sensitive(true);
            Some(value)
        }
        Err(_) => section.wrong("token", "this fits no header"),
    }
}
