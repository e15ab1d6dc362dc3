//! Messages as jobs: tried again, given up, and what becomes of it.

use serde_json::{Value, json};

use crate::{
    lab::{Lab, operators, settings},
    sink::{Reply, Sink, Tls},
};

/// Refuses mails to Ann for now, and takes all others.
async fn down_for_ann(answers: &'static str) -> Sink {
    // The first mail of every lab here is to Ann, and each of its attempts comes first.
    Sink::with(Tls::None, false, move |at, n| match (at, n) {
        ("RCPT", 1..=3) => Reply::Say(answers),
        _ => Reply::Go,
    })
    .await
}

fn off() -> Value {
    let emails = json!({ "token": null, "completed": null });
    json!({ "default_task_settings": { "emails": emails } })
}

#[tokio::test]
async fn a_mail_is_tried_again_and_given_up_and_operators_are_told() {
    let sink = down_for_ann("451 4.7.1 later").await;
    let mut all = settings(&sink, off());
    all["default_task_settings"]["notifications"] =
        operators()["default_task_settings"]["notifications"].clone();
    all["default_task_settings"]["notifications"]["standard"] = json!({});
    let lab = Lab::new(all).await;
    let task = lab
        .submit("signup", json!({ "email": "ann@acme.example" }))
        .await;
    lab.work().await;
    assert_eq!(sink.count("RCPT"), 1, "not before its pause is over");
    lab.later().await;
    lab.later().await;
    let failed = lab.events(&task.id, "attempt_failed").await;
    let again: Vec<_> = failed
        .iter()
        .map(|it| it["again"].as_bool().unwrap())
        .collect();
    assert_eq!(again, [true, true, false]);
    let [job] = &lab.engine.jobs(&task.id).await.unwrap()[..] else {
        panic!("jobs")
    };
    assert!(job.dead);
    lab.work().await;
    let mail = sink.only();
    assert_eq!(mail.to, ["ops@cloud.example"]);
    assert_eq!(
        mail.header("Subject").unwrap(),
        "Error - signup notification"
    );
    let note = "Error: 'the mail server answers 451 4.7.1' while sending the 'initial' mail.";
    assert!(mail.text().contains(note), "{}", mail.text());
    assert!(mail.text().contains(task.id.as_str()));
    let errors = lab.notifications().await;
    let error = errors.iter().find(|it| it.error).unwrap();
    assert!(error.acknowledged.is_none(), "somebody has to look at it");
    let id = mail.header("Message-ID").unwrap();
    assert_eq!(id, format!("<{}@cloud.example>", error.id));
}

#[tokio::test]
async fn what_was_delivered_is_in_the_trail_of_its_task() {
    let sink = Sink::start().await;
    let lab = Lab::new(settings(&sink, operators())).await;
    let task = lab
        .submit("signup", json!({ "email": "ann@acme.example" }))
        .await;
    let notification = &lab.notifications().await[0];
    let mut delivered = lab.events(&task.id, "delivered").await;
    delivered.sort_by_key(ToString::to_string);
    let engine = "EmailNotification ops@cloud.example";
    assert_eq!(
        delivered,
        [
            json!({ "notification": notification.id, "engine": engine }),
            json!({ "mail": "initial" }),
        ]
    );
    assert!(lab.engine.jobs(&task.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_error_needs_nobody_once_it_was_told() {
    let sink = Sink::start().await;
    let lab = Lab::new(settings(&sink, operators())).await;
    lab.submit("signup", json!({})).await;
    let [notification] = &lab.notifications().await[..] else {
        panic!("notifications")
    };
    assert!(!notification.error && notification.acknowledged.is_some());
    assert_eq!(
        sink.only().header("Subject").unwrap(),
        "signup notification"
    );

    // Without an engine nobody was told.
    let lab = Lab::new(settings(&sink, json!({}))).await;
    lab.submit("signup", json!({})).await;
    let [notification] = &lab.notifications().await[..] else {
        panic!("notifications")
    };
    assert!(notification.acknowledged.is_none());
}

#[tokio::test]
async fn each_engine_is_tried_until_it_has_told_it_whatever_becomes_of_the_others() {
    let sink = Sink::with(Tls::None, false, |at, n| match (at, n) {
        ("RCPT", 2 | 3) => Reply::Say("451 later"),
        _ => Reply::Go,
    })
    .await;
    let engine = json!({ "EmailNotification": { "emails": ["a@c.example", "b@c.example"] } });
    let notifications = json!({ "standard": engine });
    let more = json!({ "default_task_settings": { "notifications": notifications } });
    let lab = Lab::new(settings(&sink, more)).await;
    lab.submit("signup", json!({})).await;
    assert_eq!(sink.mails().len(), 1);
    assert!(lab.notifications().await[0].acknowledged.is_none());
    lab.later().await;
    lab.later().await;
    let mut told: Vec<_> = sink.mails().into_iter().flat_map(|it| it.to).collect();
    told.sort();
    assert_eq!(told, ["a@c.example", "b@c.example"], "each of them once");
    assert!(lab.notifications().await[0].acknowledged.is_some());
}

#[tokio::test]
async fn a_policy_takes_note_of_a_class_of_errors_and_tells_nobody() {
    for (class, other) in [("SMTPException", true), ("TaskActionsFailed", false)] {
        let sink = Sink::with(Tls::None, false, |at, n| match (at, n) {
            ("RCPT", 1) => Reply::Say("550 5.1.1 nobody"),
            _ => Reply::Go,
        })
        .await;
        let policy = json!({ "notification": "acknowledge", "engines": false });
        let errors = json!({ (class): policy });
        let mut more = operators();
        more["default_task_settings"]["notifications"]["standard"] = json!({});
        more["task_settings"] = json!({ "signup": { "errors": errors } });
        let lab = Lab::new(settings(&sink, more)).await;
        let body = json!({ "email": "ann@acme.example", "fail": true });
        lab.approved(body).await;
        let errors = lab.notifications().await.into_iter().filter(|it| it.error);
        let (stage, mail): (Vec<_>, Vec<_>) =
            errors.partition(|it| it.notes[0].contains("running stage"));
        assert_eq!((stage.len(), mail.len()), (1, 1));
        assert_eq!(mail[0].acknowledged.is_some(), other, "{class}");
        assert_eq!(stage[0].acknowledged.is_some(), !other, "{class}");
        let told = sink.only();
        assert_eq!(told.text().contains("running stage"), other, "{class}");
    }
}
