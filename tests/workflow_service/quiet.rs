//! What those are told whom nobody knows, and how often.

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo};
use serde_json::{Value, json};
use wafflehaus::workflow_service::{Challenge, ChallengeFuture, Challenged};

use crate::support::{Answer, Lab, request, sign_up};

const RESET: &str = "POST /v1/openstack/users/password-reset";

async fn from(lab: &Lab, last: u8, line: &str, body: Value) -> Answer {
    let peer = SocketAddr::from(([192, 0, 2, last], 7));
    let request = request(line, "")
        .header("content-type", "application/json")
        .extension(ConnectInfo(peer));
    lab.send(request.body(Body::from(body.to_string())).unwrap())
        .await
}

#[tokio::test]
async fn rule_8_the_answer_is_the_same_whether_or_not_there_is_an_account() {
    let lab = Lab::new().await;
    let mut answers = Vec::new();
    for email in [
        "ann@acme.example",
        "nobody@nowhere.example",
        "admin@acme.example",
    ] {
        // The second takes the place of the first, of which somebody may just have used the token.
        for _ in 0..2 {
            let answer = lab.tell(RESET, "", json!({"email": email})).await;
            let mut headers = answer.headers;
            headers.remove("x-openstack-request-id");
            answers.push((answer.status, format!("{headers:?}"), answer.body));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(
        answers[0].2,
        json!({"notes": ["If user with email exists, reset token will be issued."]})
    );
    lab.mails.token("ann@acme.example").await;
}

#[tokio::test]
async fn rule_8_nothing_is_asked_of_keystone_before_the_answer() {
    let lab = Lab::new().await;
    let calls = lab.identity.faults().calls("user_by_name");
    // One thread: nobody works before this one waits.
    let answer = lab
        .tell(RESET, "", json!({"email": "ann@acme.example"}))
        .await;
    assert_eq!((answer.status, calls), (202, 0));
    lab.mails.token("ann@acme.example").await;
}

#[tokio::test]
async fn rule_8_an_address_may_ask_only_so_often() {
    let much = json!({"requests": 1000, "seconds": 1});
    let few = |address: Value, mail: Value, overall: Value| json!({"limits": {"address": address, "mail": mail, "overall": overall}});
    let two = json!({"requests": 2, "seconds": 3600});
    let email = |it: usize| json!({"email": format!("{it}@x.example")});

    let lab = Lab::set(few(two.clone(), much.clone(), much.clone())).await;
    let mut seen = Vec::new();
    for it in 0..3 {
        seen.push(from(&lab, 1, RESET, email(it)).await.status);
    }
    seen.push(from(&lab, 2, RESET, email(4)).await.status);
    assert_eq!(seen, [202, 202, 429, 202]);

    let lab = Lab::set(few(much.clone(), two.clone(), much.clone())).await;
    let mut seen = Vec::new();
    for it in [1, 1, 1, 2] {
        seen.push(
            from(&lab, it, RESET, email(usize::from(it == 2)))
                .await
                .status,
        );
    }
    assert_eq!(seen, [202, 202, 429, 202]);

    let lab = Lab::set(few(much.clone(), much, two)).await;
    for (it, status) in [(1, 202), (2, 202), (3, 429)] {
        let answer = from(&lab, it, RESET, email(it.into())).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers.contains_key("retry-after"), status == 429);
    }
    // Whoever asks.
    assert_eq!(lab.tell(RESET, "ann", email(1)).await.status, 429);
    let invite = json!({"email": "bob@acme.example", "roles": ["member"]});
    assert_eq!(
        lab.tell("POST /v1/openstack/users", "boss", invite)
            .await
            .status,
        202
    );
}

/// Whoever knows the word is no program.
struct Word;

impl Challenge for Word {
    fn passes<'a>(&'a self, request: &'a Challenged<'a>) -> ChallengeFuture<'a> {
        let knows = request.body.get("word") == Some(&json!("waffle"));
        Box::pin(async move { knows && request.view == "CreateProject" })
    }
}

#[tokio::test]
async fn rule_9_a_challenge_has_to_be_passed() {
    let lab = Lab::with(|it| it.challenge(Word)).await;
    let line = "POST /v1/openstack/sign-up";
    let refused = lab.tell(line, "", sign_up()).await;
    assert_eq!(
        (refused.status, &*refused.errors()),
        (403, r#"["The challenge was not passed."]"#)
    );
    let mut body = sign_up();
    body["word"] = "waffle".into();
    assert_eq!(lab.tell(line, "", body).await.status, 202);
    assert_eq!(
        lab.tell(RESET, "ann", json!({"email": "a@b"})).await.status,
        202
    );
}
