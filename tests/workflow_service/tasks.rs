//! Tasks, from the request to the end.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use wafflehaus::workflow::{
    ActionError, Deliver, DeliverFuture, Fault, Message, Pace, Task, identity::CreateProject,
};
use wafflehaus::workflow_service::WorkflowService;

use crate::{
    database::Database,
    support::{Lab, open, sign_up},
};

#[tokio::test]
async fn a_sign_up_goes_from_the_request_to_an_account() {
    let lab = Lab::new().await;
    let id = lab.signed_up().await;
    let task = lab.ask(&format!("GET /v1/tasks/{id}"), "admin").await.body;
    assert_eq!(task["task_type"], "create_project");
    assert_eq!(
        (&task["approved"], &task["approved_by"]),
        (&json!(false), &json!({}))
    );
    assert_eq!(task["keystone_user"], json!({}));
    assert_eq!(task["actions"][0]["data"], sign_up());
    assert_eq!(task["actions"][0]["valid"], true);
    let note = task["action_notes"]["NewProjectWithUser"][0]
        .as_str()
        .unwrap();
    assert!(
        note.starts_with("No existing project with that name. - (20"),
        "{note}"
    );
    assert!(note.ends_with("+00:00)"), "{note}");

    let approved = lab
        .tell(
            &format!("POST /v1/tasks/{id}"),
            "admin",
            json!({"approved": true}),
        )
        .await;
    assert_eq!(approved.status, 202);
    assert_eq!(approved.body["notes"], json!(["created token"]));
    let token = lab.mails.token("eve@waffles.example").await;
    let uses = lab.ask(&format!("GET /v1/tokens/{token}"), "").await.body;
    assert_eq!(
        uses,
        json!({
            "actions": ["NewProjectWithUser"], "required_fields": ["password"],
            "task_type": "create_project", "requires_authentication": false,
        })
    );
    let line = format!("POST /v1/tokens/{token}");
    let missing = lab.tell(&line, "", json!({})).await;
    assert_eq!(
        missing.errors(),
        r#"{"password":["This field is required."]}"#
    );
    let done = lab
        .tell(&line, "", json!({"password": "correct horse", "more": 1}))
        .await;
    assert_eq!(
        (done.status, done.body),
        (200, json!({"notes": ["Token submitted successfully."]}))
    );
    let task = lab.ask(&format!("GET /v1/tasks/{id}"), "admin").await.body;
    assert_eq!(
        (&task["completed"], &task["approved"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(task["approved_by"]["username"], "admin@acme.example");
    let status = lab.ask("GET /v1/status", "admin").await.body;
    assert_eq!(status["last_completed_task"]["uuid"], *id);
    assert_eq!(status["last_created_task"], json!(null));
    assert!(!task.to_string().contains("correct horse"));
}

#[tokio::test]
async fn rule_7_an_invalid_task_says_why_in_words_and_codes() {
    let lab = Lab::new().await;
    lab.identity
        .add_project(&CreateProject::new("waffles", "default"))
        .unwrap();
    assert_eq!(
        lab.tell("POST /v1/openstack/sign-up", "", sign_up())
            .await
            .status,
        202
    );
    let id = lab.ask("GET /v1/tasks?limit=1", "admin").await.body["tasks"][0]["uuid"].clone();
    let id = id.as_str().unwrap();
    let line = format!("POST /v1/tasks/{id}");
    let reasons = json!([{
        "action": "NewProjectWithUser", "code": "name_taken",
        "message": "Existing project with name 'waffles'.",
    }]);
    let refused = lab.tell(&line, "admin", json!({"approved": true})).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.body,
        json!({"errors": ["actions invalid"], "task": id, "reasons": reasons})
    );
    let task = lab.ask(&format!("GET /v1/tasks/{id}"), "admin").await.body;
    assert_eq!(
        (&task["state"], &task["reasons"]),
        (&json!("invalid"), &reasons)
    );

    let line = format!("PUT /v1/tasks/{id}");
    let wrong = lab.tell(&line, "admin", json!({"project_name": 7})).await;
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.body["errors"]["email"].is_array() && wrong.body["errors"]["project_name"].is_array()
    );
    let same = lab.tell(&line, "admin", sign_up()).await;
    assert_eq!((same.status, &same.body["reasons"]), (400, &reasons));
    let body = json!({"project_name": "free", "email": "eve@waffles.example"});
    let updated = lab.tell(&line, "admin", body).await;
    assert_eq!(updated.body["notes"], json!(["Task successfully updated."]));
    let task = lab.ask(&format!("GET /v1/tasks/{id}"), "admin").await.body;
    assert_eq!(
        (&task["state"], task.get("reasons")),
        (&json!("waiting"), None)
    );
}

#[tokio::test]
async fn what_is_over_stays_as_it_is() {
    let lab = Lab::new().await;
    let id = lab.signed_up().await;
    let line = |method: &str| format!("{method} /v1/tasks/{id}");
    for body in [
        json!({}),
        json!({"approved": false}),
        json!({"approved": "true"}),
    ] {
        let refused = lab.tell(&line("POST"), "admin", body).await;
        assert_eq!(
            refused.errors(),
            r#"{"approved":["this is a required boolean field."]}"#
        );
    }
    let again = lab.tell("POST /v1/openstack/sign-up", "", sign_up()).await;
    assert_eq!(
        (again.status, &*again.errors()),
        (409, r#"["Task is a duplicate of an existing task"]"#)
    );
    let cancelled = lab.ask(&line("DELETE"), "admin").await;
    assert_eq!(
        cancelled.body["notes"],
        json!(["Task cancelled successfully."])
    );
    for (method, body) in [
        ("DELETE", json!({})),
        ("PUT", sign_up()),
        ("POST", json!({"approved": true})),
    ] {
        let refused = lab.tell(&line(method), "admin", body).await;
        assert_eq!(
            (refused.status, &*refused.errors()),
            (400, r#"["This task has been cancelled."]"#),
            "{method}"
        );
    }
    let absent = "GET /v1/tasks/00000000000000000000000000000000";
    for unknown in [absent, "GET /v1/tasks/x"] {
        let answer = lab.ask(unknown, "admin").await;
        assert_eq!(
            (answer.status, &*answer.errors()),
            (404, r#"["No task with this id."]"#)
        );
    }
}

#[tokio::test]
async fn to_approve_again_is_to_go_on() {
    let lab = Lab::new().await;
    let id = lab.signed_up().await;
    let line = format!("POST /v1/tasks/{id}");
    let approve = || lab.tell(&line, "admin", json!({"approved": true}));
    assert_eq!(approve().await.status, 202);
    let first = lab.mails.token("eve@waffles.example").await;
    assert_eq!(approve().await.body["notes"], json!(["created token"]));
    assert_eq!(
        lab.ask(&format!("GET /v1/tokens/{first}"), "").await.status,
        404
    );
    let put = lab
        .tell(&format!("PUT /v1/tasks/{id}"), "admin", sign_up())
        .await;
    assert_eq!(put.errors(), r#"["This task has already been approved."]"#);
}

#[tokio::test]
async fn rule_7_what_cannot_be_done_now_is_503_and_names_the_task() {
    let lab = Lab::set(json!({"patience_seconds": 1})).await;
    let body = json!({"user_id": lab.ids["ann"], "roles": ["project_mod"]});
    lab.identity.faults().inject("user", Fault::BeforeEffect);
    let line = format!("PUT /v1/openstack/users/{}/roles", lab.ids["ann"]);
    let answer = lab.tell(&line, "boss", body).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.body["task"].is_string());
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn pages_are_counted_or_followed() {
    let lab = Lab::new().await;
    for number in 0..5 {
        let body = json!({"project_name": format!("p{number}"), "email": "eve@waffles.example"});
        assert_eq!(
            lab.tell("POST /v1/openstack/sign-up", "", body)
                .await
                .status,
            202
        );
    }
    let page = async |query: &str| {
        lab.ask(&format!("GET /v1/tasks?{query}"), "admin")
            .await
            .body
    };
    let names = |page: &Value| -> Vec<String> {
        let tasks = page["tasks"].as_array().unwrap().iter();
        tasks
            .map(|it| {
                it["actions"][0]["data"]["project_name"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(names(&page("").await), ["p4", "p3", "p2", "p1", "p0"]);
    let second = page("tasks_per_page=2&page=2").await;
    assert_eq!(names(&second), ["p2", "p1"]);
    assert_eq!(
        (&second["pages"], &second["has_more"], &second["has_prev"]),
        (&json!(3), &json!(true), &json!(true))
    );
    let last = page("tasks_per_page=2&page=3").await;
    assert_eq!(
        (&last["has_more"], names(&last)),
        (&json!(false), vec!["p0".to_owned()])
    );
    let none = page("tasks_per_page=2&filters=%7B%22uuid%22:%7B%22in%22:[]%7D%7D").await;
    assert_eq!(
        (&none["pages"], &none["has_more"]),
        (&json!(1), &json!(false))
    );

    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let part = page(&format!("limit=2{after}")).await;
        seen.extend(names(&part));
        let Some(next) = part["next"].as_str() else {
            break;
        };
        after = format!("&after={next}");
        // What comes meanwhile moves nothing.
        let body =
            json!({"project_name": format!("new {}", seen.len()), "email": "eve@waffles.example"});
        lab.tell("POST /v1/openstack/sign-up", "", body).await;
    }
    assert_eq!(seen, ["p4", "p3", "p2", "p1", "p0"]);
}

#[tokio::test]
async fn an_approval_can_be_of_what_was_seen() {
    let lab = Lab::new().await;
    let id = lab.signed_up().await;
    let line = format!("POST /v1/tasks/{id}");
    let seen = async || {
        let task = lab.ask(&format!("GET /v1/tasks/{id}"), "admin").await.body;
        task["run"].as_u64().unwrap()
    };
    let before = seen().await;
    let mut body = sign_up();
    body["project_name"] = "pancakes".into();
    lab.tell(&format!("PUT /v1/tasks/{id}"), "admin", body)
        .await;
    let approve = async |run: Value| {
        let body = json!({"approved": true, "run": run});
        lab.tell(&line, "admin", body).await
    };
    for bad in [json!("1"), json!(-1), json!(1.5), json!(1_u64 << 40)] {
        let answer = approve(bad).await;
        let text = r#"{"run":["A valid integer is required."]}"#;
        assert_eq!((answer.status, &*answer.errors()), (400, text));
    }
    let stale = approve(before.into()).await;
    let text = r#"["The task has changed since it was looked at."]"#;
    assert_eq!((stale.status, &*stale.errors()), (409, text));
    let now = seen().await;
    assert_eq!(approve(now.into()).await.status, 202);
    // Else a second click would mail another token, and the first would be good no more.
    let again = approve(now.into()).await;
    let text = r#"["This task has already been approved."]"#;
    assert_eq!((again.status, &*again.errors()), (400, text));
}

/// A way for mails that leads nowhere.
struct Nowhere;

impl Deliver for Nowhere {
    fn deliver<'a>(&'a self, _: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        Box::pin(async move {
            match message {
                Message::Initial => Err(ActionError::fatal("nobody is there")),
                _ => Ok(()),
            }
        })
    }
}

#[tokio::test]
async fn what_became_of_its_mails_is_with_the_task_for_administrators() {
    let database = Database::sqlite();
    let store = open(&database).await;
    let lab = Lab::delivering(
        (database, store),
        |_| Nowhere,
        Pace::default(),
        WorkflowService::router,
    )
    .await;
    let id = lab.signed_up().await;
    let show = format!("GET /v1/tasks/{id}");
    let late = Instant::now() + Duration::from_secs(20);
    let failed = loop {
        let shown = lab.ask(&show, "admin").await.body;
        let mut deliveries = shown["deliveries"].as_array().unwrap().iter();
        if let Some(mail) = deliveries.find(|it| it["message"] == "initial") {
            break mail.clone();
        }
        assert!(Instant::now() < late, "{shown}");
        sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(
        (&failed["state"], &failed["error"]),
        (&json!("failed"), &json!("nobody is there"))
    );
    let approve = format!("POST /v1/tasks/{id}");
    lab.tell(&approve, "admin", json!({"approved": true})).await;
    loop {
        let shown = lab.ask(&show, "admin").await.body;
        let mut deliveries = shown["deliveries"].as_array().unwrap().iter();
        if deliveries.any(|it| it["message"] == "token" && it["state"] == "delivered") {
            break;
        }
        assert!(Instant::now() < late, "{shown}");
        sleep(Duration::from_millis(5)).await;
    }
    let invite = json!({"email": "bob@acme.example", "roles": ["member"]});
    let invited = lab.tell("POST /v1/openstack/users", "boss", invite).await;
    let show = format!("GET /v1/tasks/{}", invited.body["task"].as_str().unwrap());
    let shown = lab.ask(&show, "boss").await;
    assert_eq!((shown.status, shown.body.get("deliveries")), (200, None));
}
