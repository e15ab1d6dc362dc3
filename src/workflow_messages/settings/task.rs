//! What holds for the tasks of one type.

use std::collections::{BTreeMap, HashMap};

use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer as _, value::Error},
};

use super::Section;
use crate::{
    workflow::{ErrorClass, ErrorPolicy, Mail},
    workflow_messages::{
        engines::{self, Engine},
        mail::{Plain, Reply, Return, Sender},
        templates::{HTML, TEXT, Templates},
    },
};

pub(in crate::workflow_messages) struct TaskSettings {
    pub(in crate::workflow_messages) mails: HashMap<Mail, MailSettings>,
    pub(in crate::workflow_messages) letters: BTreeMap<String, MailSettings>,
    pub(in crate::workflow_messages) standard: Vec<Engine>,
    pub(in crate::workflow_messages) error: Vec<Engine>,
    errors: BTreeMap<ErrorClass, ErrorPolicy>,
}

/// A mail to a requester, or to whom an action writes.
pub(in crate::workflow_messages) struct MailSettings {
    pub(in crate::workflow_messages) subject: String,
    /// Instead of the address that the task's actions offer.
    pub(in crate::workflow_messages) to: Option<Plain>,
    pub(in crate::workflow_messages) form: Form,
}

/// Who a mail is from, and what is in it.
#[derive(Clone)]
pub(in crate::workflow_messages) struct Form {
    pub(in crate::workflow_messages) sender: Sender,
    pub(in crate::workflow_messages) template: String,
    pub(in crate::workflow_messages) html_template: Option<String>,
}

/// What is the same for all that is read of a type.
#[derive(Clone, Copy)]
pub(in crate::workflow_messages) struct Common<'a> {
    task_type: &'a str,
    templates: &'a Templates,
    from: Option<&'a Return>,
    /// Nothing if it is not there, and no reply if it is wrong.
    reply: Option<Option<&'a Reply>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Acknowledge {
    Acknowledge,
}

impl TaskSettings {
    pub(super) fn read(mut section: Section<'_>, name: &str, templates: &Templates) -> Self {
        let from = section.parsed("from");
        let given = section.has("reply");
        let reply = section.parsed("reply");
        let common = Common {
            task_type: name,
            templates,
            from: from.as_ref(),
            reply: given.then_some(reply.as_ref()),
        };
        let mut this = Self {
            mails: HashMap::new(),
            letters: BTreeMap::new(),
            standard: Vec::new(),
            error: Vec::new(),
            errors: BTreeMap::new(),
        };
        if let Some(mut emails) = section.section("emails") {
            for mail in [Mail::Completed, Mail::Initial, Mail::Token] {
                let table = emails.section(mail.as_str());
                let read = table.and_then(|it| MailSettings::read(it, common, mail.as_str()));
                this.mails.extend(read.map(|it| (mail, it)));
            }
            emails.finish();
        }
        if let Some(letters) = section.section("letters") {
            letters.each(|name, table| {
                if let Some(read) = MailSettings::letter(table, common, name) {
                    this.letters.insert(name.to_owned(), read);
                }
            });
        }
        if let Some(mut notifications) = section.section("notifications") {
            if let Some(table) = notifications.section("standard") {
                this.standard = engines::read(table, common);
            }
            if let Some(table) = notifications.section("error") {
                this.error = engines::read(table, common);
            }
            notifications.finish();
        }
        if let Some(errors) = section.section("errors") {
            errors.each(|name, table| {
                let read = policy(name, table);
                this.errors.extend(read);
            });
        }
        section.finish();
        this
    }

    pub(in crate::workflow_messages) fn engines(&self, error: bool) -> &[Engine] {
        if error { &self.error } else { &self.standard }
    }

    pub(in crate::workflow_messages) fn policy(&self, class: ErrorClass) -> ErrorPolicy {
        self.errors.get(&class).copied().unwrap_or_default()
    }

    pub(super) fn sends_token(&self) -> bool {
        self.mails.contains_key(&Mail::Token)
    }

    pub(super) fn sends_mail(&self) -> bool {
        let mut engines = self.standard.iter().chain(&self.error);
        !self.mails.is_empty() || !self.letters.is_empty() || engines.any(Engine::is_mail)
    }
}

impl MailSettings {
    fn read(mut section: Section<'_>, common: Common<'_>, stage: &str) -> Option<Self> {
        let subject: Option<String> = section.needed("subject");
        let subject = subject.and_then(|it| {
            if it.contains(char::is_control) {
                return section.wrong("subject", "this is not one line of text");
            }
            Some(it)
        });
        let mut to = section.parsed("to");
        if to.is_some() && stage == Mail::Token.as_str() {
            to = section.wrong("to", "a token goes to the address that it is to prove");
        }
        let form = Form::read(&mut section, common, stage);
        section.finish();
        Some(Self {
            subject: subject?,
            to,
            form: form?,
        })
    }

    /// The settings of a letter; to whom it goes its action says.
    fn letter(mut section: Section<'_>, common: Common<'_>, name: &str) -> Option<Self> {
        let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
        if !name.chars().all(plain) {
            section.refuse("a letter's name has letters, digits, `_` and `-` only");
            return None;
        }
        if section.value::<String>("to").is_some() {
            return section.wrong("to", "the action says to whom a letter goes");
        }
        Self::read(section, common, name)
    }
}

impl Form {
    pub(in crate::workflow_messages) fn templates(&self) -> impl Iterator<Item = &str> {
        [Some(&self.template), self.html_template.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// The text, and the part in HTML if there is one.
    pub(in crate::workflow_messages) fn render(
        &self,
        templates: &Templates,
        view: &impl Serialize,
    ) -> Result<(String, Option<String>), minijinja::Error> {
        let text = templates.render(&self.template, view)?;
        let html = self.html_template.as_ref();
        let html = html.map(|it| templates.render(it, view)).transpose()?;
        Ok((text, html))
    }

    /// Reads the keys of a mail that is called this; without `template` its text is
    /// `<task type>_<name>.txt`, or `<name>.txt` if there is no such template.
    pub(in crate::workflow_messages) fn read(
        section: &mut Section<'_>,
        common: Common<'_>,
        name: &str,
    ) -> Option<Self> {
        let from = section.parsed("from").or_else(|| common.from.cloned());
        let given = section.has("reply") || common.reply.is_some();
        let reply = section.parsed("reply");
        let reply = reply.or_else(|| common.reply.flatten().cloned());
        let sender = match reply {
            None if given => None,
            None => section.wrong("reply", "this is missing"),
            Some(reply) => Some(Sender {
                from: from.unwrap_or_else(|| reply.as_return()),
                reply,
            }),
        };
        let template = common.template(section, name);
        let html_template = section.value("html_template");
        let html_template = html_template.and_then(|it| common.named(section, "html_template", it));
        Some(Self {
            sender: sender?,
            template: template?,
            html_template,
        })
    }
}

impl Common<'_> {
    /// The text template that `template` names, or else the one that goes by this name.
    pub(in crate::workflow_messages) fn template(
        &self,
        section: &mut Section<'_>,
        name: &str,
    ) -> Option<String> {
        if let Some(given) = section.value("template") {
            return self.named(section, "template", given);
        }
        let own = format!("{}_{name}{TEXT}", self.task_type);
        if self.templates.has(&own) {
            return Some(own);
        }
        self.named(section, "template", format!("{name}{TEXT}"))
    }

    fn named(&self, section: &mut Section<'_>, key: &str, name: String) -> Option<String> {
        let end = if key == "template" { TEXT } else { HTML };
        if !name.ends_with(end) {
            return section.wrong(key, format!("the name does not end with `{end}`"));
        }
        if !self.templates.has(&name) {
            return section.wrong(key, format!("there is no template `{name}`"));
        }
        Some(name)
    }
}

fn policy(name: &str, mut section: Section<'_>) -> Option<(ErrorClass, ErrorPolicy)> {
    let class = ErrorClass::deserialize(name.into_deserializer());
    let Ok(class): Result<_, Error> = class else {
        section.refuse("there is no such class; there are: SMTPException, TaskActionsFailed");
        return None;
    };
    let notification: Option<Acknowledge> = section.value("notification");
    let engines = section.value("engines").unwrap_or(true);
    section.finish();
    let policy = ErrorPolicy::new().engines(engines);
    Some((class, policy.acknowledge(notification.is_some())))
}
