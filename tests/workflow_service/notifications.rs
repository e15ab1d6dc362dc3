//! Notifications.

use serde_json::json;

use crate::support::Lab;

#[tokio::test]
async fn notifications_are_listed_shown_and_taken_note_of() {
    let lab = Lab::set(json!({"patience_seconds": 1})).await;
    lab.mails.tell_nobody();
    let id = lab.signed_up().await;
    let listed = lab
        .ask("GET /v1/notifications?notifications_per_page=5", "admin")
        .await
        .body;
    assert_eq!(
        (&listed["pages"], &listed["has_more"]),
        (&json!(1), &json!(false))
    );
    let first = &listed["notifications"][0];
    assert_eq!(first["task"], *id);
    assert_eq!(
        first["notes"],
        json!({"notes": ["'create_project' task needs approval."]})
    );
    let line = format!("/v1/notifications/{}", first["uuid"].as_str().unwrap());
    let shown = lab.ask(&format!("GET {line}"), "admin").await.body;
    assert_eq!(shown["uuid"], first["uuid"]);
    // It would have been taken note of if it had been delivered.
    let said = lab
        .tell(
            &format!("POST {line}"),
            "admin",
            json!({"acknowledged": true}),
        )
        .await;
    assert_eq!(said.status, 200);
    let line = format!("POST {line}");
    let bad = lab.tell(&line, "admin", json!({})).await;
    assert_eq!(
        bad.errors(),
        r#"{"acknowledged":["this field is required."]}"#
    );
    let again = lab
        .tell(&line, "admin", json!({"acknowledged": true}))
        .await;
    assert_eq!(
        again.body["notes"],
        json!(["Notification already acknowledged."])
    );
    for unknown in ["x", "00000000000000000000000000000000"] {
        let answer = lab
            .ask(&format!("GET /v1/notifications/{unknown}"), "admin")
            .await;
        assert_eq!(
            (answer.status, &*answer.errors()),
            (404, r#"["No notification with this id."]"#)
        );
    }
    let line = "POST /v1/notifications";
    for bad in [
        json!({}),
        json!({"notifications": []}),
        json!({"notifications": "x"}),
        json!({"notifications": [7]}),
    ] {
        let answer = lab.tell(line, "admin", bad).await;
        let text = r#"{"notifications":["this field is required and needs to be a list."]}"#;
        assert_eq!((answer.status, &*answer.errors()), (400, text));
    }
    let all = lab
        .tell(
            line,
            "admin",
            json!({"notifications": [first["uuid"], "x"]}),
        )
        .await;
    assert_eq!(all.body, json!({"notes": ["Notifications acknowledged."]}));
    let open = "filters=%7B%22acknowledged%22:%7B%22exact%22:false%7D%7D";
    let left = lab
        .ask(&format!("GET /v1/notifications?{open}"), "admin")
        .await
        .body;
    assert_eq!(left["notifications"], json!([]));
}
