//! Request Tracker and webhooks.

use ring::hmac;
use serde_json::{Value, json};

use crate::{
    cloud::{Cloud, Seen},
    lab::{Lab, messages, settings},
    sink::Sink,
};

/// A lab whose operators have one engine for both kinds, and no mails are sent.
async fn lab(name: &str, engine: Value) -> Lab {
    let sink = Sink::start().await;
    let engines = json!({ (name): engine });
    let notifications = json!({ "standard": engines, "error": engines });
    let defaults = json!({ "emails": null, "notifications": notifications });
    let more = json!({
        "task_url": "https://dashboard.example/tasks",
        "default_task_settings": defaults,
    });
    Lab::new(settings(&sink, more)).await
}

fn tracker(cloud: &Cloud, login: &Value) -> Value {
    let mut engine =
        json!({ "url": format!("{}/REST/2.0", cloud.endpoint()), "queue": "helpdesk" });
    engine
        .as_object_mut()
        .unwrap()
        .extend(login.as_object().unwrap().clone());
    engine
}

#[tokio::test]
async fn a_ticket_is_made_in_request_tracker() {
    for (login, authorization) in [
        (json!({ "token": "1-14-abcdef" }), "token 1-14-abcdef"),
        (
            json!({ "username": "waffle", "password": "hunter2" }),
            "Basic d2FmZmxlOmh1bnRlcjI=",
        ),
    ] {
        let cloud = Cloud::of([(201, json!({ "id": "7" }))]).await;
        let lab = lab("RTNotification", tracker(&cloud, &login)).await;
        let task = lab.submit("signup", json!({})).await;
        let [seen] = &cloud.seen()[..] else {
            panic!("{:?}", cloud.seen())
        };
        assert_eq!(seen.line, "POST /REST/2.0/ticket");
        assert_eq!(seen.headers["authorization"], authorization);
        assert_eq!(seen.headers["content-type"], "application/json");
        let ticket = seen.json();
        assert_eq!(
            (&ticket["Queue"], &ticket["Subject"], &ticket["ContentType"]),
            (
                &json!("helpdesk"),
                &json!("signup notification"),
                &json!("text/plain")
            )
        );
        let text = ticket["Content"].as_str().unwrap();
        assert!(text.contains("'signup' task needs approval."), "{text}");
        assert!(text.contains(&format!("https://dashboard.example/tasks/{}", task.id)));
        assert!(lab.notifications().await[0].acknowledged.is_some());
    }
}

#[tokio::test]
async fn a_webhook_is_signed_and_can_tell_what_comes_twice() {
    let cloud = Cloud::of([(503, json!({})), (204, json!({}))]).await;
    let key = "a key of 16 bytes and more";
    let engine = json!({ "url": cloud.endpoint().to_string(), "key": key });
    let lab = lab("WebhookNotification", engine).await;
    let task = lab.submit("signup", json!({})).await;
    assert!(lab.notifications().await[0].acknowledged.is_none());
    lab.later().await;
    let notification = &lab.notifications().await[0];
    assert!(notification.acknowledged.is_some());
    let [first, second] = &cloud.seen()[..] else {
        panic!("{:?}", cloud.seen())
    };
    let header = |seen: &Seen, name: &str| seen.headers[name].to_str().unwrap().to_owned();
    for seen in [first, second] {
        assert_eq!(header(seen, "idempotency-key"), notification.id.to_string());
        let time = header(seen, "x-wafflehaus-timestamp");
        let signed = format!("{time}.{}.{}", notification.id, seen.body);
        let verifier = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let signature = hmac::sign(&verifier, signed.as_bytes());
        let digits = signature.as_ref().iter().map(|it| format!("{it:02x}"));
        let expected = format!("sha256={}", digits.collect::<String>());
        assert_eq!(header(seen, "x-wafflehaus-signature"), expected);
        let mut body = seen.json();
        assert!(body["notification"]["created_on"].take().is_string());
        let expected = json!({
            "task": task.id, "task_type": "signup", "project_id": "6f70",
            "notification": {
                "uuid": notification.id, "error": false, "created_on": null,
                "notes": ["'signup' task needs approval."],
            },
        });
        assert_eq!(body, expected);
    }
    let times = [first, second].map(|it| header(it, "x-wafflehaus-timestamp"));
    assert_eq!(times, ["1000000", "1000600"], "the time of the attempt");
}

#[tokio::test]
async fn an_answer_that_will_not_change_is_not_asked_for_again() {
    for (status, attempts) in [(401, 1), (404, 1), (302, 1), (429, 3), (500, 3)] {
        let cloud = Cloud::of([(status, json!({}))]).await;
        let lab = lab(
            "RTNotification",
            tracker(&cloud, &json!({ "token": "1-14-abcdef" })),
        )
        .await;
        lab.submit("signup", json!({})).await;
        for _ in 0..3 {
            lab.later().await;
        }
        assert_eq!(cloud.seen().len(), attempts, "{status}");
        let notifications = lab.notifications().await;
        assert_eq!(
            notifications.len(),
            2,
            "that it could not be told is noted, and told nobody"
        );
        assert!(notifications.iter().all(|it| it.acknowledged.is_none()));
    }
}

#[tokio::test]
async fn the_settings_of_engines_are_checked() {
    let sink = Sink::start().await;
    let engines = json!({
        "RTNotification": {
            "url": "https://rt.example/REST/1.0", "queue": "q", "username": "u:v", "password": "p",
        },
        "WebhookNotification": { "url": "https://hook.example/x", "key": "fifteen bytes..", "retries": 3 },
        "EmailNotification": { "emails": [] },
    });
    let more = json!({ "default_task_settings": { "notifications": { "error": engines } } });
    let wrong = messages(settings(&sink, more)).unwrap_err();
    let found: Vec<_> = wrong.mistakes().iter().map(ToString::to_string).collect();
    let at = |rest: &str| format!("default_task_settings.notifications.error.{rest}");
    assert_eq!(
        found,
        [
            at("EmailNotification.emails: there is no address"),
            at(
                "RTNotification.token: give a `token`, or a `username` without a colon and a `password`"
            ),
            at("RTNotification.url: this does not end with `/REST/2.0`"),
            at("WebhookNotification.key: the key of a webhook has at least 16 bytes"),
            at(
                "WebhookNotification.retries: there is no such key; there are: url, key, key_file, key_env, timeout_seconds, cafile"
            ),
        ]
    );
}
