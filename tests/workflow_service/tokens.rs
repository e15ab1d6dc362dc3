//! Tokens.

use serde_json::json;

use crate::support::Lab;

#[tokio::test]
async fn rule_10_a_token_is_listed_by_its_hash_only() {
    let lab = Lab::new().await;
    let body = json!({"email": "bob@acme.example", "roles": ["member"]});
    let task = lab
        .tell("POST /v1/openstack/users", "boss", body)
        .await
        .body["task"]
        .clone();
    let token = lab.mails.token("bob@acme.example").await;
    let listed = lab.ask("GET /v1/tokens", "admin").await.body;
    let entry = &listed["tokens"][0];
    assert_eq!(entry["task"], task);
    assert!(entry["expires"].as_str() > entry["created_on"].as_str());
    let hash = entry["token"].as_str().unwrap();
    assert!(hash.len() == 64 && !listed.to_string().contains(&token));
    assert_eq!(
        lab.ask(&format!("GET /v1/tokens/{hash}"), "").await.status,
        404
    );

    let reissued = lab
        .tell("POST /v1/tokens", "boss", json!({"task": task}))
        .await;
    assert_eq!(reissued.body["notes"], json!(["Token reissued."]));
    let gone = lab
        .tell(
            &format!("POST /v1/tokens/{token}"),
            "",
            json!({"password": "x"}),
        )
        .await;
    let text = r#"["This token does not exist or has expired."]"#;
    assert_eq!((gone.status, &*gone.errors()), (404, text));
    let cleared = lab.ask("DELETE /v1/tokens", "admin").await;
    assert_eq!(
        cleared.body,
        json!({"notes": ["Deleted all expired tokens."]})
    );
    assert_eq!(
        lab.ask("GET /v1/tokens", "admin").await.body["tokens"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn only_what_waits_for_a_token_gets_another() {
    let lab = Lab::new().await;
    let id = lab.signed_up().await;
    for (body, status, text) in [
        (json!({}), 400, r#"{"task":["This field is required."]}"#),
        (
            json!({"task": 7}),
            400,
            r#"{"task":["This field is required."]}"#,
        ),
        (json!({"task": "x"}), 404, r#"["No task with this id."]"#),
        (
            json!({"task": id}),
            400,
            r#"["This task has not been approved."]"#,
        ),
    ] {
        let answer = lab.tell("POST /v1/tokens", "admin", body).await;
        assert_eq!((answer.status, &*answer.errors()), (status, text));
    }
    lab.ask(&format!("DELETE /v1/tasks/{id}"), "admin").await;
    let answer = lab
        .tell("POST /v1/tokens", "admin", json!({"task": id}))
        .await;
    assert_eq!(answer.errors(), r#"["This task has been cancelled."]"#);
}

#[tokio::test]
async fn a_consent_has_to_be_one() {
    let lab = Lab::new().await;
    let body = json!({"email": "ann@acme.example", "roles": ["project_mod"]});
    assert_eq!(
        lab.tell("POST /v1/actions/InviteUser", "boss", body)
            .await
            .status,
        202
    );
    let token = lab.mails.token("ann@acme.example").await;
    let line = format!("POST /v1/tokens/{token}");
    for no in [
        json!({}),
        json!({"confirm": false}),
        json!({"confirm": "yes"}),
    ] {
        assert_eq!(lab.tell(&line, "", no).await.status, 400);
    }
    assert_eq!(
        lab.tell(&line, "", json!({"confirm": true})).await.status,
        200
    );
    assert_eq!(
        lab.tell(&line, "", json!({"confirm": true})).await.status,
        404
    );
}
