//! The messages themselves: set up once, tried with samples, and sent.

use std::{fmt, sync::Arc};

use super::{
    InvalidMessages, MessageSettings,
    engines::Engine,
    lint::lint,
    mail::{Composed, Plain},
    settings::{Form, MailSettings, Settings},
    smtp::Smtp,
    templates::kind_and_place,
    view::{MailView, NoteView, NotificationView, TaskView, TokenView, actions},
};
use crate::workflow::{
    ActionError, Clock, Deliver, DeliverFuture, ErrorClass, ErrorPolicy, Letter, Mail, Message,
    Notification, Registry, SystemClock, Task,
};

/// Sends mails to requesters and tells operators. Clones are the same. See the [module](super).
#[derive(Clone)]
pub struct Messages(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) settings: Settings,
    pub(super) registry: Registry,
    smtp: Option<Smtp>,
    clock: Arc<dyn Clock>,
}

impl Messages {
    /// The messages of these task types. Every template that one of them can come to need is
    /// rendered with samples.
    ///
    /// # Errors
    ///
    /// All that is wrong with the settings and the templates.
    pub fn new(settings: &MessageSettings, registry: &Registry) -> Result<Self, InvalidMessages> {
        Self::with_clock(settings, registry, SystemClock)
    }

    /// The same with another clock, which dates mails and signatures.
    ///
    /// # Errors
    ///
    /// All that is wrong with the settings and the templates.
    pub fn with_clock(
        settings: &MessageSettings,
        registry: &Registry,
        clock: impl Clock,
    ) -> Result<Self, InvalidMessages> {
        let mut mistakes = Vec::new();
        let mut settings = settings.read(registry, &mut mistakes);
        lint(&settings, registry, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(InvalidMessages::of(mistakes));
        }
        Ok(Self(Arc::new(Inner {
            smtp: settings.server.take().map(Smtp::new),
            settings,
            registry: registry.clone(),
            clock: Arc::new(clock),
        })))
    }
}

#[cfg(feature = "config")]
impl Messages {
    /// Whether tasks of this type have such a letter.
    pub(crate) fn has_letter(&self, task_type: &str, name: &str) -> bool {
        let settings = self.0.settings.types.get(task_type);
        settings.is_some_and(|it| it.letters.contains_key(name))
    }
}

impl Deliver for Messages {
    fn deliver<'a>(&'a self, task: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        let this = &*self.0;
        Box::pin(async move {
            match message {
                Message::Completed => this.mail(task, Mail::Completed, None).await,
                Message::Initial => this.mail(task, Mail::Initial, None).await,
                Message::Letter(letter) => this.letter(task, letter).await,
                Message::Notification {
                    notification,
                    engine,
                } => this.notification(task, notification, engine).await,
                Message::Token { token, expires } => {
                    let id = format!("{}.token.{}", task.id, expires.as_micros());
                    let token = TokenView::of(&this.settings.token_url, token, expires);
                    this.mail(task, Mail::Token, Some((id, token))).await
                }
            }
        })
    }

    fn engines(&self, task: &Task, error: bool) -> Vec<String> {
        let engines = self.0.settings.of(task).engines(error);
        engines.iter().map(Engine::name).collect()
    }

    fn error_policy(&self, task: &Task, class: ErrorClass) -> ErrorPolicy {
        self.0.settings.of(task).policy(class)
    }
}

impl Inner {
    /// Sends a mail of the task, unless it is switched off or there is nobody to send it to.
    async fn mail(
        &self,
        task: &Task,
        mail: Mail,
        token: Option<(String, TokenView<'_>)>,
    ) -> Result<(), ActionError> {
        let Some(settings) = self.settings.of(task).mails.get(&mail) else {
            return Ok(());
        };
        let to = match &settings.to {
            Some(to) => Some(to.clone()),
            None => self.recipient(task)?,
        };
        match (to, token) {
            (Some(to), Some((id, token))) => self.send(task, settings, (id, to), Some(token)).await,
            (Some(to), None) => {
                let id = format!("{}.{}", task.id, mail.as_str());
                self.send(task, settings, (id, to), None).await
            }
            // Without its token the task would wait for ever.
            (None, Some(_)) => Err(ActionError::fatal(
                "no action of the task offers an address",
            )),
            (None, None) => Ok(()),
        }
    }

    async fn letter(&self, task: &Task, letter: &Letter) -> Result<(), ActionError> {
        let name = &letter.template;
        let settings = self.settings.of(task).letters.get(name);
        let settings = settings
            .ok_or_else(|| ActionError::fatal(format!("the settings have no letter `{name}`")))?;
        let to = letter.to.parse().map_err(ActionError::fatal)?;
        let id = format!("{}.letter.{name}", task.id);
        self.send(task, settings, (id, to), None).await
    }

    async fn notification(
        &self,
        task: &Task,
        notification: &Notification,
        engine: &str,
    ) -> Result<(), ActionError> {
        let engines = self.settings.of(task).engines(notification.error);
        let Some(engine) = engines.iter().find(|it| it.name() == engine) else {
            return Err(ActionError::fatal(
                "the settings no longer have this engine",
            ));
        };
        let view = || {
            let task_url = self.settings.task_url.as_deref();
            NotificationView::of((task, &self.registry), notification, task_url)
        };
        let subject = subject(&task.task_type, notification.error);
        match engine {
            Engine::Email(email) => {
                let (text, html) = self.rendered(&email.form, &view())?;
                self.dispatch(Composed {
                    id: notification.id.to_string(),
                    task: task.id.as_str(),
                    sender: &email.form.sender,
                    to: email.to.clone(),
                    subject: &subject,
                    text,
                    html,
                    on: self.clock.now(),
                })
                .await
            }
            Engine::RequestTracker(tracker) => {
                let text = self.settings.templates.render(&tracker.template, view());
                let text = text.map_err(|error| ActionError::fatal(kind_and_place(&error)))?;
                tracker.tell(&subject, &text).await
            }
            Engine::Webhook(webhook) => {
                let about = (TaskView::of(task), NoteView::of(notification));
                webhook.tell(self.clock.now(), about).await
            }
        }
    }

    /// The one address that the task's actions offer.
    fn recipient(&self, task: &Task) -> Result<Option<Plain>, ActionError> {
        let mut offered = Vec::new();
        for record in &task.actions {
            // An action that is not there any more may have offered another address.
            let unknown = || ActionError::fatal(format!("action `{}` is unknown", record.name));
            let action = self
                .registry
                .find_action(&record.name)
                .ok_or_else(unknown)?;
            offered.extend(action.email(&record.data));
        }
        offered.sort_unstable();
        offered.dedup();
        match &offered[..] {
            [] => Ok(None),
            [one] => one.parse().map(Some).map_err(ActionError::fatal),
            _ => Err(ActionError::fatal(
                "the task's actions offer several addresses",
            )),
        }
    }

    async fn send(
        &self,
        task: &Task,
        settings: &MailSettings,
        (id, to): (String, Plain),
        token: Option<TokenView<'_>>,
    ) -> Result<(), ActionError> {
        let sender = &settings.form.sender;
        let from = sender
            .from
            .of(task.id.as_str())
            .map_err(ActionError::fatal)?;
        let view = MailView {
            task: TaskView::of(task),
            actions: actions(&self.registry, &task.actions),
            email_address: to.as_str(),
            from_address: from.as_str(),
            reply_address: sender.reply.address(),
            token,
        };
        let (text, html) = self.rendered(&settings.form, &view)?;
        self.dispatch(Composed {
            id,
            task: task.id.as_str(),
            sender,
            to,
            subject: &settings.subject,
            text,
            html,
            on: self.clock.now(),
        })
        .await
    }

    fn rendered(
        &self,
        form: &Form,
        view: &impl serde::Serialize,
    ) -> Result<(String, Option<String>), ActionError> {
        let rendered = form.render(&self.settings.templates, view);
        rendered.map_err(|error| ActionError::fatal(kind_and_place(&error)))
    }

    async fn dispatch(&self, mail: Composed<'_>) -> Result<(), ActionError> {
        let message = mail.message()?;
        match &self.smtp {
            Some(smtp) => smtp.send(&message).await,
            None => Err(ActionError::fatal("there is no mail server")),
        }
    }
}

/// The subject of a notification.
fn subject(task_type: &str, error: bool) -> String {
    let error = if error { "Error - " } else { "" };
    format!("{error}{task_type} notification")
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types: Vec<_> = self.0.settings.types.keys().collect();
        f.debug_struct("Messages")
            .field("types", &types)
            .field("smtp", &self.0.smtp)
            .finish_non_exhaustive()
    }
}
