//! A mail to an operator.

use crate::workflow_messages::{
    mail::Plain,
    settings::{Common, Form, Section},
};

pub(in crate::workflow_messages) struct Email {
    pub(in crate::workflow_messages) to: Plain,
    pub(in crate::workflow_messages) form: Form,
}

impl Email {
    /// One for each address.
    pub(super) fn read(mut section: Section<'_>, common: Common<'_>) -> Vec<Self> {
        let emails: Vec<String> = section.value("emails").unwrap_or_default();
        if emails.is_empty() {
            let _: Option<()> = section.wrong("emails", "there is no address");
        }
        let form = Form::read(&mut section, common, "notification");
        let mut engines: Vec<Self> = Vec::new();
        for address in &emails {
            let Ok(to) = address.parse::<Plain>() else {
                let _: Option<()> =
                    section.wrong("emails", "one of them is not a plain mail address");
                continue;
            };
            if let Some(form) = form
                .clone()
                .filter(|_| engines.iter().all(|it| it.to != to))
            {
                engines.push(Self { to, form });
            }
        }
        section.finish();
        engines
    }
}
