//! Settings: the documented nesting, what is merged, and all that is wrong.

use serde_json::{Map, Value, json};
use wafflehaus::workflow::Mail;

use crate::{
    lab::{messages, settings},
    sink::Sink,
};

fn wrong(settings: Map<String, Value>) -> Vec<String> {
    let error = messages(settings).unwrap_err();
    let one_line = error.to_string();
    assert!(!one_line.contains('\n'));
    error.mistakes().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn rule_10_defaults_hold_for_types_that_are_named_and_for_those_that_are_not() {
    let sink = Sink::start().await;
    let more = json!({
        "default_task_settings": { "emails": { "token": { "subject": "From the defaults" } } },
        "task_settings": { "pair": { "emails": {
            "token": { "reply": "pairs@cloud.example" },
            "initial": false,
        } } },
    });
    let messages = messages(settings(&sink, more)).unwrap();
    let signup = messages.preview("signup", Mail::Token).unwrap();
    let pair = messages.preview("pair", Mail::Token).unwrap();
    for preview in [&signup, &pair] {
        assert_eq!(preview.subject, "From the defaults");
    }
    assert_eq!(pair.reply, "pairs@cloud.example");
    assert_eq!(
        pair.from, "pairs@cloud.example",
        "without `from` it is the same"
    );
    assert_eq!(signup.from, "no-reply@cloud.example");
    assert!(messages.preview("signup", Mail::Initial).is_ok());
    assert!(messages.preview("pair", Mail::Initial).is_err());
}

#[tokio::test]
async fn rule_11_everything_that_is_wrong_is_told_at_once_by_its_key() {
    let email = json!({ "EmailNotification": { "emails": ["ops@cloud.example", "ops"] } });
    let settings = json!({
        "smtp": {
            "host": "mail.example", "security": "none", "username": "u", "port": 0,
            "hello_name": "no name", "timeout_second": 5,
        },
        "token_url": "dashboard",
        "task_url": 7,
        "default_task_settings": {
            "reply": "The Cloud\r\nBcc: eve@acme.example <no-reply@cloud.example>",
            "from": "no address",
            "emails": {
                "initial": { "subject": "two\nlines" },
                "token": { "to": "ann@acme.example", "reply": "a@b.example" },
                "completed": "yes",
                "other": {},
            },
            "notifications": { "standard": email, "error": { "Pager": {} } },
        },
        "task_settings": {
            "sign_up": {},
            "pair": { "errors": { "KeyError": {}, "SMTPException": { "notification": "delete" } } },
        },
        "emails": {},
    });
    let found = wrong(settings.as_object().unwrap().clone());
    insta::assert_snapshot!(found.join("\n"), @r"
    default_task_settings.emails.completed: this is not a table
    default_task_settings.emails.initial.subject: this is not one line of text
    default_task_settings.emails.other: there is no such key; there are: completed, initial, token
    default_task_settings.emails.token.to: a token goes to the address that it is to prove
    default_task_settings.from: this is not a plain mail address
    default_task_settings.notifications.error.Pager: there is no such engine; there are: EmailNotification, RTNotification, WebhookNotification
    default_task_settings.notifications.standard.EmailNotification.emails: one of them is not a plain mail address
    default_task_settings.reply: this is not a plain mail address
    emails: there is no such key; there are: templates, token_url, task_url, smtp, default_task_settings, task_settings
    smtp.hello_name: this is not a host's name
    smtp.port: this must not be 0
    smtp.security: without TLS only this machine's own mail server can be used
    smtp.timeout_second: there is no key `timeout_second`; did you mean `timeout_seconds`?
    smtp.username: there is no password for this user
    task_settings.pair.errors.KeyError: there is no such class; there are: SMTPException, TaskActionsFailed
    task_settings.pair.errors.SMTPException.notification: this is not of the right kind
    task_settings.sign_up: there is no such task type
    task_url: this is not of the right kind
    token_url: this is not a URL that begins with `https://` or `http://`
    ");
}

#[tokio::test]
async fn rule_11_what_is_needed_must_be_there() {
    assert_eq!(
        wrong(Map::new()),
        [
            "default_task_settings.emails.completed.reply: this is missing",
            "default_task_settings.emails.initial.reply: this is missing",
            "default_task_settings.emails.token.reply: this is missing",
        ]
    );
    let table = json!({ "default_task_settings": { "reply": "no-reply@cloud.example" } });
    assert_eq!(
        wrong(table.as_object().unwrap().clone()),
        [
            "smtp: mails are to be sent, but there is no mail server",
            "token_url: tokens are to be mailed, but there is no address to use them at",
        ]
    );
    let nothing = json!({ "default_task_settings": { "emails": null } });
    assert!(messages(nothing.as_object().unwrap().clone()).is_ok());
}

#[tokio::test]
async fn rule_12_a_secret_is_given_in_one_way_and_never_shown() {
    let sink = Sink::start().await;
    let folder = crate::templates::folder(&[("password", "hunter2\nand more"), ("empty", "")]);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let with = |secret: Value| {
        let mut smtp = json!({ "username": "waffle" });
        smtp.as_object_mut()
            .unwrap()
            .extend(secret.as_object().unwrap().clone());
        settings(&sink, json!({ "smtp": smtp }))
    };
    for secret in [
        json!({ "password": "hunter2" }),
        json!({ "password_file": path("password") }),
        json!({ "password_env": "PATH" }),
    ] {
        let messages = messages(with(secret)).unwrap();
        assert!(!format!("{messages:?}").contains("hunter2"));
    }
    for (secret, message) in [
        (
            json!({ "password": "hunter2", "password_file": "x" }),
            "smtp.password: give one of `password`, `password_file` and `password_env`",
        ),
        (
            json!({ "password_file": path("missing") }),
            "smtp.password_file: the file cannot be read: entity not found",
        ),
        (
            json!({ "password_file": path("empty") }),
            "smtp.password: the secret is empty",
        ),
        (
            json!({ "password_env": "WAFFLEHAUS_NO_SUCH" }),
            "smtp.password_env: there is no such environment variable",
        ),
        (
            json!({ "password": ["hunter2"] }),
            "smtp.password: this is not of the right kind",
        ),
    ] {
        let found = wrong(with(secret));
        assert!(found.contains(&message.to_owned()), "{found:?}");
        assert!(!found.concat().contains("hunter2"));
    }
    let settings = wafflehaus::workflow_messages::MessageSettings::from(with(
        json!({ "password": "hunter2" }),
    ));
    assert!(!format!("{settings:?}").contains("hunter2"));
}
