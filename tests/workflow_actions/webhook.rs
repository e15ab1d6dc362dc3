//! `Webhook`.

use ring::hmac;
use serde_json::{Value, json};
use wafflehaus::workflow::{
    Field, Kind, Timestamp, Trial,
    actions::{InvalidWebhook, Webhook},
};

use crate::{
    cloud::{Cloud, client},
    support::run,
};

const KEY: &str = "a key of 16 bytes and more";

fn webhook(cloud: &Cloud) -> Webhook {
    let field = Field::new("business_name", Kind::Text { longest: 80 });
    Webhook::new(
        "NewClient",
        client(),
        cloud.endpoint(),
        &KEY.into(),
        [field],
    )
    .unwrap()
    .keep("partner_id", "/client/id")
}

fn trial(action: &Webhook) -> Trial<'_, Webhook> {
    let body = json!({ "business_name": "Acme" });
    let trial = Trial::new(action, body).unwrap();
    let now = Timestamp::from_micros(1_234_567_890);
    trial.shared("project_id", "p").now(now)
}

fn made() -> Value {
    json!({ "client": { "id": 7 } })
}

#[tokio::test]
async fn the_service_is_told_with_a_signature_and_its_answer_is_kept() {
    let cloud = Cloud::of([(201, made())]).await;
    let action = webhook(&cloud);
    let mut trial = trial(&action);
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert!(cloud.seen().is_empty());
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!(
        (
            &trial.cache()["partner_id"],
            &trial.shared_cache()["partner_id"]
        ),
        (&7.into(), &7.into())
    );
    // Approving again tells nobody anything.
    assert_eq!(run(&mut trial, "post_approve").await, "valid");

    let [seen] = &cloud.seen()[..] else {
        panic!("told more than once");
    };
    assert_eq!(seen.line, "POST /");
    let header = |name: &str| seen.headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/json");
    let task = trial.task_id().as_str();
    let sent = json!({
        "task": task, "task_type": "trial", "action": "NewClient", "stage": "post_approve",
        "inputs": { "business_name": "Acme" }, "shared": { "project_id": "p" },
    });
    assert_eq!(seen.json(), sent);
    let key = header("idempotency-key");
    assert_eq!(key, format!("{task}-NewClient-post_approve"));
    let signature = header("x-wafflehaus-signature")
        .strip_prefix("sha256=")
        .unwrap();
    let digits = signature
        .as_bytes()
        .chunks(2)
        .map(|it| std::str::from_utf8(it).unwrap());
    let signature: Vec<u8> = digits
        .map(|it| u8::from_str_radix(it, 16).unwrap())
        .collect();
    assert_eq!(header("x-wafflehaus-timestamp"), "1234");
    let signed = format!("1234.{key}.{}", seen.body);
    let verifier = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    hmac::verify(&verifier, signed.as_bytes(), &signature).unwrap();
    assert!(!format!("{action:?}").contains(KEY));
}

#[tokio::test]
async fn an_answer_decides_whether_to_go_on() {
    for (status, answer, said) in [
        (202, made(), "valid"),
        (200, json!({ "client": {} }), "fatal"),
        (200, json!({ "client": { "id": null } }), "fatal"),
        (200, json!("no"), "fatal"),
        (302, made(), "fatal"),
        (400, made(), "refused"),
        (403, made(), "fatal"),
        (404, made(), "fatal"),
        (408, made(), "retry"),
        (409, made(), "refused"),
        (422, made(), "refused"),
        (429, made(), "retry"),
        (503, made(), "retry"),
    ] {
        let cloud = Cloud::of([(status, answer.clone())]).await;
        let action = webhook(&cloud);
        assert_eq!(
            run(&mut trial(&action), "post_approve").await,
            said,
            "{status} {answer}"
        );
        assert_eq!(cloud.seen().len(), 1);
    }
}

#[tokio::test]
async fn attempts_have_one_key_and_stages_have_their_own() {
    let cloud = Cloud::of([(503, json!({})), (200, made())]).await;
    let action = webhook(&cloud).stage("submit");
    let mut trial = trial(&action);
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert!(cloud.seen().is_empty());
    assert_eq!(run(&mut trial, "submit").await, "retry");
    assert_eq!(run(&mut trial, "submit").await, "valid");
    trial.forget_result("submit", "tell");
    assert_eq!(run(&mut trial, "submit").await, "valid");
    let seen = cloud.seen();
    let keys: Vec<_> = seen
        .iter()
        .map(|it| &it.headers["idempotency-key"])
        .collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|it| *it == keys[0]));
    assert!(keys[0].to_str().unwrap().ends_with("-submit"));
}

#[tokio::test]
async fn nobody_there_is_worth_another_try_and_a_short_key_is_none() {
    let cloud = Cloud::of([(200, made())]).await;
    // Nothing listens there.
    let nowhere = "http://127.0.0.1:9".parse().unwrap();
    let action = Webhook::new("NewClient", client(), nowhere, &KEY.into(), []).unwrap();
    let mut trial = Trial::new(&action, json!({})).unwrap();
    assert_eq!(run(&mut trial, "post_approve").await, "retry");
    let short = "fifteen bytes..".into();
    let refused = Webhook::new("x", client(), cloud.endpoint(), &short, []);
    assert!(matches!(refused, Err(InvalidWebhook { .. })));
}
