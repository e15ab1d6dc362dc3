//! Tells another service, and keeps what it answers.

use bytes::Bytes;
use http::HeaderMap;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::stop::{Stop, invalid, settle};
use crate::{
    openstack::{Client, Endpoint},
    workflow::{
        Action, ActionError, ActionFuture, Context, Field,
        call::{InvalidWebhook, SigningKey, refusal},
    },
};

/// Tells another service of a task, and keeps what it answers: a client that is made in an ERP
/// system, a mailing list, a ticket.
///
/// 1. In one stage (`post_approve` unless changed) it sends a `POST` to the URL with
///    `{"task", "task_type", "action", "stage", "inputs", "shared"}`: the task's id and type, the
///    action's inputs, and what the task's actions have told each other.
/// 2. `Idempotency-Key` is the same in all attempts of a stage. The service has to do once what
///    comes twice under one key, because an answer can be lost.
/// 3. `X-Wafflehaus-Timestamp` is when the attempt began, in seconds since 1970, and
///    `X-Wafflehaus-Signature` is `sha256=` and, in hexadecimal digits, the HMAC-SHA256 of that, a
///    full stop, the key of rule 2, a full stop and the body. The service has to check it, and to
///    refuse what is older than some minutes: that is somebody's recording.
/// 4. An answer is JSON. What [`keep`](Self::keep) names in it is remembered and shared under
///    that name; an answer without it is a failure that does not pass.
/// 5. 400, 409 and 422 make the action invalid (`refused`). 408, 425, 429, any 5xx and no answer
///    have the stage tried again. Any other status but 2xx is a failure that does not pass.
///    Redirects are not followed.
/// 6. The URL is logged, and what is kept is to be read by whoever may read the task: neither may
///    be a secret.
#[derive(Debug)]
pub struct Webhook {
    name: String,
    client: Client,
    url: Endpoint,
    key: SigningKey,
    stage: String,
    fields: Vec<Field>,
    kept: Vec<(String, String)>,
}

impl Webhook {
    /// An action of this name that takes these fields.
    ///
    /// # Errors
    ///
    /// [`InvalidWebhook`] for a key below 16 bytes.
    pub fn new(
        name: impl Into<String>,
        client: Client,
        url: Endpoint,
        key: &SecretString,
        fields: impl IntoIterator<Item = Field>,
    ) -> Result<Self, InvalidWebhook> {
        Ok(Self {
            name: name.into(),
            client,
            url,
            key: SigningKey::new(key)?,
            stage: "post_approve".into(),
            fields: fields.into_iter().collect(),
            kept: Vec::new(),
        })
    }

    /// Sets the stage in which the service is told.
    #[must_use]
    pub fn stage(mut self, stage: impl Into<String>) -> Self {
        self.stage = stage.into();
        self
    }

    /// Keeps, under a name, what this JSON pointer (`/client/id`) finds in the answer.
    #[must_use]
    pub fn keep(mut self, name: impl Into<String>, pointer: impl Into<String>) -> Self {
        self.kept.push((name.into(), pointer.into()));
        self
    }

    async fn tell(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let body = json!({
            "task": ctx.task_id().as_str(),
            "task_type": ctx.task_type(),
            "action": self.name,
            "stage": self.stage,
            "inputs": ctx.inputs(),
            "shared": ctx.shared(),
        })
        .to_string();
        let idempotency = format!("{}-{}-{}", ctx.task_id(), self.name, self.stage);
        let mut refused = false;
        // What came of an earlier attempt only the service can tell, by the key.
        let headers = self.key.headers(ctx.now(), &idempotency, &body);
        let act = self.post(headers, body, &mut refused);
        let kept = ctx.step("tell", async { Ok(None) }, act).await;
        if refused {
            return Err(invalid("refused", "The other service refuses."));
        }
        for (name, value) in kept? {
            ctx.remember(&*name, value.clone());
            ctx.share(name, value);
        }
        ctx.note("The other service has been told.");
        Ok(())
    }

    async fn post(
        &self,
        headers: Result<HeaderMap, ActionError>,
        body: String,
        refused: &mut bool,
    ) -> Result<Map<String, Value>, ActionError> {
        let answer = self
            .client
            .post("webhook", &self.url, headers?, body.into())
            .await;
        let (status, answer) = answer.map_err(ActionError::retry)?;
        match status.as_u16() {
            200..300 => self.read(&answer),
            400 | 409 | 422 => {
                *refused = true;
                Err(refusal(status))
            }
            _ => Err(refusal(status)),
        }
    }

    fn read(&self, answer: &Bytes) -> Result<Map<String, Value>, ActionError> {
        if self.kept.is_empty() {
            return Ok(Map::new());
        }
        let unusable = || ActionError::fatal("the answer has not what it should have");
        let answer: Value = serde_json::from_slice(answer).map_err(|_| unusable())?;
        let kept = self.kept.iter().map(|(name, pointer)| {
            let value = answer.pointer(pointer).filter(|it| !it.is_null());
            Ok((name.clone(), value.ok_or_else(unusable)?.clone()))
        });
        kept.collect()
    }
}

impl Action for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn stages(&self) -> Vec<&str> {
        vec![&self.stage]
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            if stage != self.stage {
                return settle(Ok(()));
            }
            settle(self.tell(ctx).await)
        })
    }
}
