//! Templates: an operator's own, the built-in ones, and what is wrong with one.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use wafflehaus::{
    workflow::{Mail, Registry, TaskType},
    workflow_messages::{MessageSettings, Messages, NoPreview},
};

use crate::{
    lab::{messages, registry, settings},
    sink::Sink,
};

/// A folder that goes away.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// A folder with these templates.
pub(crate) fn folder(templates: &[(&str, &str)]) -> Folder {
    let name = format!("wafflehaus-templates-{}", uuid::Uuid::new_v4().simple());
    let folder = Folder(env::temp_dir().join(name));
    fs::create_dir(folder.path()).unwrap();
    for (name, text) in templates {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What is wrong with these templates, without the name of the folder.
async fn wrong(templates: &[(&str, &str)], more: Value) -> Vec<String> {
    let (sink, folder) = (Sink::start().await, folder(templates));
    let mut settings = settings(&sink, more);
    settings.insert("templates".into(), folder.path().to_str().unwrap().into());
    let place = format!("{}/", folder.path().display());
    match messages(settings) {
        Ok(_) => Vec::new(),
        Err(error) => {
            let mistakes = error.mistakes().iter().map(ToString::to_string);
            mistakes.map(|it| it.replace(&place, "")).collect()
        }
    }
}

#[tokio::test]
async fn rule_7_the_operators_template_comes_first_and_the_types_own_before_the_common_one() {
    let (sink, own) = (
        Sink::start().await,
        folder(&[
            ("signup_token.txt", "For signups: {{ tokenurl }}{{ token }}"),
            ("token.txt", "For all: {{ tokenurl }}{{ token }}"),
            ("notes.md", "{{ not a template"),
        ]),
    );
    let messages = messages(settings(&sink, json!({ "templates": own.path() }))).unwrap();
    let text = |task_type| messages.preview(task_type, Mail::Token).unwrap().text;
    let link = "https://dashboard.example/token/00000000000000000000000000000000\n";
    assert_eq!(text("signup"), format!("For signups: {link}"));
    assert_eq!(text("pair"), format!("For all: {link}"));
    let initial = messages.preview("signup", Mail::Initial).unwrap();
    assert!(initial.text.contains("Your request has been received."));
}

#[tokio::test]
async fn rule_8_what_is_wrong_with_a_template_is_found_at_the_start() {
    let found = wrong(
        &[
            ("initial.txt", "Hello\n{{ task.nam }}"),
            ("token.txt", "{% if %}"),
            ("completed.txt", "{{ token }}"),
            ("notification.txt", "{{ notification.notes | shout }}"),
            // Nobody asks for it, and yet it is wrong.
            ("unused.html", "\n\n{% for %}"),
        ],
        crate::lab::operators(),
    )
    .await;
    assert_eq!(
        found,
        [
            "completed.txt:1: undefined value: `token`",
            "initial.txt:2: undefined value: `task.nam`",
            "notification.txt:1: unknown filter: filter shout is unknown",
            "token.txt:1: syntax error: unexpected end of block",
            "unused.html:3: syntax error: unexpected end of block, expected in",
        ]
    );
}

#[tokio::test]
async fn rule_8_what_only_some_tasks_have_must_not_be_taken_for_granted() {
    let emails = |text| [("initial.txt", text)];
    // `pair` has the action, `signup` has it not.
    let found = wrong(&emails("{{ actions.Other.name }}"), json!({})).await;
    assert_eq!(found, ["initial.txt:1: undefined value: `.Other.name`"]);
    // Not everybody is known.
    let found = wrong(&emails("{{ task.keystone_user.username }}"), json!({})).await;
    assert_eq!(found.len(), 1, "{found:?}");
    for text in [
        "{% if actions.Person.name %}{{ actions.Person.name | upper }}{% endif %}",
        "{{ task.keystone_user.username if task.keystone_user }}",
        "{% for name, inputs in actions | items %}{{ name }}{{ inputs.name or '' }}{% endfor %}",
    ] {
        assert_eq!(wrong(&emails(text), json!({})).await, [""; 0], "{text}");
    }
}

#[tokio::test]
async fn rule_8_a_template_that_does_not_end_is_stopped() {
    let text = "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}";
    let found = wrong(&[("initial.txt", text)], json!({})).await;
    assert_eq!(found, ["initial.txt:1: engine ran out of fuel"]);
}

#[tokio::test]
async fn rule_9_a_preview_is_the_mail_of_a_sample() {
    let sink = Sink::start().await;
    let emails = json!({ "completed": null, "token": { "html_template": "token.html" } });
    let more = json!({ "default_task_settings": {
        "from": "bounce+%(task_uuid)s@cloud.example", "emails": emails,
    } });
    let messages = messages(settings(&sink, more)).unwrap();
    let preview = messages.preview("signup", Mail::Token).unwrap();
    assert_eq!(
        preview.from,
        "bounce+00000000000000000000000000000000@cloud.example"
    );
    assert_eq!(preview.reply, "The Cloud <no-reply@cloud.example>");
    assert_eq!(preview.to, "ann@example.com");
    assert_eq!(preview.subject, "Your Token");
    assert!(
        preview
            .text
            .contains("https://dashboard.example/token/0000")
    );
    assert!(preview.html.unwrap().starts_with("<!DOCTYPE html>"));
    let off = messages.preview("signup", Mail::Completed);
    assert_eq!(off, Err(NoPreview::Off));
    let unknown = messages.preview("nothing", Mail::Token);
    assert_eq!(unknown, Err(NoPreview::UnknownType));
    assert_eq!(sink.count("connect"), 0);
}

#[tokio::test]
async fn every_built_in_template_is_right() {
    let sink = Sink::start().await;
    let names = [
        "clear_project",
        "create_project",
        "edit_roles",
        "force_password",
        "invite_user",
        "reset_password",
        "update_email",
        "update_quota",
    ];
    let registry = names.iter().fold(registry(), |registry, name| {
        registry
            .task_type(TaskType::new(*name, ["Person"]))
            .unwrap()
    });
    let mut count = 0;
    let mut check = |registry: &Registry, more: Value| {
        let settings = MessageSettings::from(settings(&sink, more));
        let messages = Messages::new(&settings, registry).unwrap();
        for name in registry.types().map(|it| &it.name) {
            for mail in [Mail::Completed, Mail::Initial, Mail::Token] {
                if let Ok(preview) = messages.preview(name, mail) {
                    assert!(preview.text.starts_with("Hello,"), "{name} {mail:?}");
                    assert!(!preview.subject.is_empty());
                    count += 1;
                }
            }
        }
    };
    check(&registry, json!({}));
    for html in [
        "completed.html",
        "create_project_completed.html",
        "create_project_initial.html",
        "initial.html",
        "invite_user_completed.html",
        "reset_password_completed.html",
    ] {
        let mail = json!({ "html_template": html });
        let emails = json!({ "initial": mail, "completed": mail });
        check(
            &registry,
            json!({ "default_task_settings": { "emails": emails } }),
        );
    }
    for html in [
        "create_project_token.html",
        "invite_user_token.html",
        "reset_password_token.html",
        "token.html",
        "update_email_token.html",
    ] {
        let emails = json!({ "token": { "html_template": html } });
        check(
            &registry,
            json!({ "default_task_settings": { "emails": emails } }),
        );
    }
    let engine = json!({ "EmailNotification": {
        "emails": ["ops@cloud.example"], "html_template": "notification.html",
    } });
    let notifications = json!({ "standard": engine, "error": engine });
    check(
        &registry,
        json!({ "default_task_settings": { "notifications": notifications } }),
    );
    assert_eq!(
        count,
        13 * 20,
        "mails of ten types that are not switched off"
    );
}
