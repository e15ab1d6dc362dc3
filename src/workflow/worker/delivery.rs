//! Sending what has to leave the engine.

use serde_json::{Value, json};

use super::{Failure, Work};
use crate::workflow::{
    ActionError, Caller, EngineError, Event, Letter, Mail, NotificationId, Task, TokenSecret,
    delivery::Message, store::Then,
};

impl Work<'_> {
    pub(super) async fn send_mail(self, mail: Mail) -> Result<(), EngineError> {
        let task = &self.engine.task(self.task()).await?;
        let details = json!({ "mail": mail.as_str() });
        if let Some(text) = self.did_not_come_back() {
            return self.not_delivered(task, &details, &text).await;
        }
        let deliver = self.engine.deliver();
        let sent = match mail {
            Mail::Completed => {
                self.attempt(deliver.deliver(task, Message::Completed))
                    .await
            }
            Mail::Initial => self.attempt(deliver.deliver(task, Message::Initial)).await,
            Mail::Token => match self.token() {
                Err(error) => Err(error),
                Ok(token) => {
                    // It may have been used already, if it was sent by an attempt before this.
                    let known = self.engine.store().token(&token.hash()).await?;
                    let Some(expires) = known.map(|it| it.expires) else {
                        return self.delivered(task, &details, None).await;
                    };
                    let token = &token;
                    let message = Message::Token { token, expires };
                    self.attempt(deliver.deliver(task, message)).await
                }
            },
        };
        match sent {
            Ok(()) => self.delivered(task, &details, None).await,
            Err(error) => self.not_delivered(task, &details, &error).await,
        }
    }

    pub(super) async fn send_letter(self, letter: &Letter) -> Result<(), EngineError> {
        let task = &self.engine.task(self.task()).await?;
        let details = json!({ "letter": letter });
        if let Some(error) = self.did_not_come_back() {
            return self.not_delivered(task, &details, &error).await;
        }
        let sent = self.engine.deliver();
        let sent = sent.deliver(task, Message::Letter(letter));
        match self.attempt(sent).await {
            Ok(()) => self.delivered(task, &details, None).await,
            Err(error) => self.not_delivered(task, &details, &error).await,
        }
    }

    pub(super) async fn send_notification(self, id: &NotificationId) -> Result<(), EngineError> {
        let task = &self.engine.task(self.task()).await?;
        let details = json!({ "notification": id });
        if let Some(error) = self.did_not_come_back() {
            return self.not_delivered(task, &details, &error).await;
        }
        let Some(notification) = self.engine.notification(id).await? else {
            return self.delivered(task, &details, None).await;
        };
        let deliver = self.engine.deliver();
        let mut engines = deliver.engines(task, notification.error);
        // What went wrong stays open until somebody has taken note of it.
        let read = (!notification.error && !engines.is_empty()).then_some(id);
        if self.job.attempt > 1 {
            let told = self.told(id).await?;
            engines.retain(|it| !told.contains(it));
        }
        let mut failed: Option<ActionError> = None;
        while let Some(engine) = engines.pop() {
            let message = Message::Notification {
                notification: &notification,
                engine: &engine,
            };
            let sent = self.attempt(deliver.deliver(task, message)).await;
            let details = json!({ "notification": id, "engine": engine });
            match sent {
                Ok(()) if engines.is_empty() && failed.is_none() => {
                    return self.delivered(task, &details, read).await;
                }
                Ok(()) => self.told_by_one(task, &details).await?,
                Err(error) if failed.as_ref().is_some_and(ActionError::is_retry) => {
                    tracing::warn!(notification = %id, engine, %error, "an engine failed");
                }
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) => self.not_delivered(task, &details, &error).await,
            None => self.settled(task, read).await,
        }
    }

    /// The engines that have told a notification already.
    async fn told(self, id: &NotificationId) -> Result<Vec<String>, EngineError> {
        let events = self.engine.events(self.task()).await?;
        let engine = |it: &Event| {
            let details = it.details();
            let about = details.get("notification")? == id.as_str();
            let delivered = about && it.kind == "delivered";
            let engine = details.get("engine").filter(|_| delivered)?;
            engine.as_str().map(str::to_owned)
        };
        Ok(events.iter().filter_map(engine).collect())
    }

    /// Writes that one engine is done, before the next one begins.
    async fn told_by_one(self, task: &Task, details: &Value) -> Result<(), EngineError> {
        let lease = self.engine.pace_of_work().lease;
        self.change(task, |draft| {
            draft.by_job(self.by_job(Then::Kept(self.engine.now().after(lease))));
            draft.event("delivered", &Caller::system(), details);
            Ok(())
        })
        .await
        .map(drop)
    }

    /// Writes that there is nothing left to tell.
    async fn settled(self, task: &Task, read: Option<&NotificationId>) -> Result<(), EngineError> {
        self.change(task, |draft| {
            draft.by_job(self.by_job(Then::Done));
            if let Some(id) = read {
                draft.acknowledge(id.clone(), &Caller::system());
            }
            Ok(())
        })
        .await
        .map(drop)
    }

    fn token(self) -> Result<TokenSecret, ActionError> {
        let sealed = self.job.sealed.as_deref().unwrap_or_default();
        let opened = self.engine.key().open(self.job.id.as_str(), sealed);
        let text = String::from_utf8(opened.map_err(ActionError::fatal)?);
        text.map(TokenSecret::new)
            .map_err(|_| ActionError::fatal("the token is unreadable"))
    }

    fn did_not_come_back(self) -> Option<ActionError> {
        let attempts = self.engine.pace_of_work().deliveries;
        let error = || ActionError::fatal("the process that sent it did not come back");
        (self.job.attempt > attempts).then(error)
    }

    async fn delivered(
        self,
        task: &Task,
        details: &Value,
        read: Option<&NotificationId>,
    ) -> Result<(), EngineError> {
        let system = Caller::system();
        self.change(task, |draft| {
            draft.by_job(self.by_job(Then::Done));
            draft.event("delivered", &system, details);
            if let Some(id) = read {
                draft.acknowledge(id.clone(), &system);
            }
            Ok(())
        })
        .await
        .map(drop)
    }

    async fn not_delivered(
        self,
        task: &Task,
        details: &Value,
        error: &ActionError,
    ) -> Result<(), EngineError> {
        let text = error.to_string();
        let mut details = details.clone();
        if let Some(details) = details.as_object_mut() {
            details.insert("attempt".into(), self.job.attempt.into());
            details.insert("error".into(), text.clone().into());
        }
        let failure = Failure {
            error: &text,
            may_pass: error.is_retry(),
            attempts: self.engine.pace_of_work().deliveries,
            details,
        };
        self.failed(task, failure).await
    }
}
