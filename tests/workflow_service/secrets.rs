//! Secrets stay where they belong.

use std::fs;

use serde_json::json;

use crate::{database::Database, log::Log, support::Lab};

#[tokio::test]
async fn rule_10_no_secret_is_in_logs_answers_or_the_database() {
    let log = Log::start();
    let lab = Lab::new().await;
    let id = lab.signed_up().await;
    let approve = format!("POST /v1/tasks/{id}");
    lab.tell(&approve, "admin", json!({"approved": true})).await;
    let token = lab.mails.token("eve@waffles.example").await;
    let password = "Tr0ub4dor-and-3";
    for path in ["token", "tokens", "%74okens", "tokens/x"] {
        lab.ask(&format!("GET /v1/{path}/{token}?secret={token}"), "boss")
            .await;
    }
    let wrong = lab
        .tell(
            &format!("POST /v1/tokens/{token}"),
            "",
            json!({"password": [password]}),
        )
        .await;
    let done = lab
        .tell(
            &format!("POST /v1/tokens/{token}"),
            "",
            json!({"password": password}),
        )
        .await;
    assert_eq!((wrong.status, done.status), (400, 200));
    let mut answers = format!("{wrong:?}{done:?}");
    for path in ["tasks", "tokens", "notifications", "status"] {
        answers += &lab
            .ask(&format!("GET /v1/{path}"), "admin")
            .await
            .body
            .to_string();
    }
    let Database::Sqlite { file } = &lab.database else {
        panic!("it is in a file");
    };
    let mut stored = Vec::new();
    for file in fs::read_dir(file.parent().unwrap()).unwrap() {
        stored.extend(fs::read(file.unwrap().path()).unwrap());
    }
    let stored = String::from_utf8_lossy(&stored);
    assert!(
        stored.contains("eve@waffles.example"),
        "the database is there"
    );
    let log = log.text();
    assert!(log.contains("/v1/tasks/…"), "requests are logged");
    for secret in [token.as_str(), password] {
        for (place, text) in [("log", &*log), ("answers", &answers), ("database", &stored)] {
            assert!(!text.contains(secret), "`{secret}` is in the {place}");
        }
    }
}
