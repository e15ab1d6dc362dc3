//! What a mail will look like.

use serde::Serialize;

use super::{
    Messages,
    mail::Plain,
    sample::{ADDRESS, ID, Sample},
    templates::kind_and_place,
};
use crate::workflow::Mail;

/// A mail of a task that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Preview {
    /// The envelope's sender.
    pub from: String,
    /// The visible sender.
    pub reply: String,
    /// To whom it would go.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The part in HTML, if there is one.
    pub html: Option<String>,
}

/// Why there is no preview.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoPreview {
    /// The type has no such mail.
    #[error("the mail is switched off")]
    Off,
    /// A template cannot be rendered.
    #[error("{0}")]
    Template(String),
    /// There is no such task type.
    #[error("there is no such task type")]
    UnknownType,
}

impl Messages {
    /// A mail of a type, rendered with a sample.
    ///
    /// # Errors
    ///
    /// [`NoPreview`].
    pub fn preview(&self, task_type: &str, mail: Mail) -> Result<Preview, NoPreview> {
        let (settings, registry) = (&self.0.settings, &self.0.registry);
        let known = registry
            .find_type(task_type)
            .ok_or(NoPreview::UnknownType)?;
        let own = settings
            .types
            .get(task_type)
            .ok_or(NoPreview::UnknownType)?;
        let own = own.mails.get(&mail).ok_or(NoPreview::Off)?;
        let sample = Sample::full(registry, known);
        let view = sample.mail(mail, &settings.token_url);
        let rendered = own.form.render(&settings.templates, &view);
        let (text, html) = rendered.map_err(|it| NoPreview::Template(kind_and_place(&it)))?;
        let from = own.form.sender.from.of(ID);
        Ok(Preview {
            from: from.map_or_else(|error| error.to_string(), |it| it.to_string()),
            reply: own.form.sender.reply.to_string(),
            to: own.to.as_ref().map_or(ADDRESS, Plain::as_str).to_owned(),
            subject: own.subject.clone(),
            text,
            html,
        })
    }
}
