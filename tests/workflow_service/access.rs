//! Who may use what.

use axum::body::Body;
use serde_json::{Value, json};
use wafflehaus::{
    identity_headers::IdentityHeadersLayer,
    workflow_service::{Authentication, InvalidSettings, Settings, WorkflowService},
};

use crate::support::{Lab, request, sign_up};

/// Every guarded operation, as a request line.
async fn guarded(lab: &Lab) -> Vec<String> {
    let api = lab.ask("GET /docs/openapi.json", "").await.body;
    let mut lines = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let open = operation["security"].as_array().unwrap();
            if !open.iter().any(|it| it.as_object().unwrap().is_empty()) {
                let path = path.replace(['{', '}'], "");
                lines.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    assert!(lines.len() > 30, "{lines:?}");
    lines
}

#[tokio::test]
async fn rule_4_nobody_gets_in_without_a_token_for_a_project() {
    let lab = Lab::new().await;
    for line in guarded(&lab).await {
        for who in ["", "nobody", "forged"] {
            // Nothing is told of the body before.
            let answer = lab.tell(&line, who, json!([])).await;
            assert_eq!(answer.status, 401, "{line} as {who:?}");
            assert_eq!(
                answer.errors(),
                r#"["Credentials incorrect or none given."]"#
            );
        }
    }
}

#[tokio::test]
async fn rule_4_without_the_role_nobody_gets_in() {
    let lab = Lab::new().await;
    for line in guarded(&lab).await {
        let answer = lab.tell(&line, "ann", json!([])).await;
        if line.ends_with("email-update") || line.ends_with("UpdateEmail") {
            // Whoever has a token may ask.
            assert!([200, 400].contains(&answer.status), "{line}");
            continue;
        }
        assert_eq!(answer.status, 403, "{line}");
        assert!(
            answer
                .errors()
                .contains("Must have one of the following roles: ['admin'")
        );
    }
}

#[tokio::test]
async fn rule_4_which_role_it_takes_is_configured() {
    let lab = Lab::set(json!({
        "access": {"list_tasks": ["member"], "show_status": "authenticated", "InviteUser": ["ops"]},
    }))
    .await;
    assert_eq!(lab.ask("GET /v1/tasks", "ann").await.status, 200);
    assert_eq!(lab.ask("GET /v1/tasks", "admin").await.status, 403);
    assert_eq!(lab.ask("GET /v1/status", "ann").await.status, 200);
    assert_eq!(lab.ask("GET /v1/status", "").await.status, 401);
    let invited = lab
        .tell("POST /v1/openstack/users", "boss", json!({}))
        .await;
    assert!(invited.errors().contains("['ops']"));
}

#[tokio::test]
async fn settings_that_do_not_fit_together_are_refused() {
    let lab = Lab::new().await;
    let service = || {
        let layer = Authentication::trusted_headers(IdentityHeadersLayer::new());
        WorkflowService::new(lab.engine.clone(), lab.identity.clone(), layer)
    };
    let refused = |settings: Value| {
        let settings: Settings = serde_json::from_value(settings).unwrap();
        service().settings(settings).unwrap_err()
    };
    let error = refused(json!({"access": {"list_task": "anyone"}}));
    assert!(error.to_string().contains("list_tasks, "), "{error}");
    let view = |name: &str, of: &str| json!({"views": [{"name": name, "task_type": of, "access": "anyone"}]});
    let error = refused(view("New", "no_such"));
    assert!(matches!(error, InvalidSettings::ViewType { .. }));
    assert!(matches!(
        refused(view("a/b", "edit_roles")),
        InvalidSettings::ViewName(_)
    ));
    for bad in [
        json!({"body_limits": 1}),
        json!({"limits": {"mail": {"requests": 0, "seconds": 1}}}),
    ] {
        assert!(serde_json::from_value::<Settings>(bad).is_err());
    }
}

#[tokio::test]
async fn a_view_of_ones_own_is_an_endpoint() {
    let lab = Lab::set(json!({
        "views": [{"name": "Grant", "task_type": "edit_roles", "access": ["project_admin"]}],
    }))
    .await;
    let body = json!({"user_id": lab.ids["ann"], "roles": ["project_mod"]});
    let answer = lab.tell("POST /v1/actions/Grant", "boss", body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(lab.ask("GET /v1/actions/Grant", "ann").await.status, 403);
    assert_eq!(
        lab.ask("GET /v1/actions/ClearProject", "admin")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn rule_4_headers_are_believed_only_if_somebody_trusted_sets_them() {
    let lab = Lab::new().await;
    let headers = || {
        request("GET /v1/tasks", "")
            .header("x-user-id", "1")
            .header("x-project-id", "2")
            .header("x-roles", "admin")
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(lab.send(headers()).await.status, 401);
    let trusting = Authentication::trusted_headers(IdentityHeadersLayer::new());
    let service = WorkflowService::new(lab.engine.clone(), lab.identity.clone(), trusting).router();
    use tower::ServiceExt as _;
    let answer = service.clone().oneshot(headers()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let nobody = request("GET /v1/tasks", "admin").header("x-identity-status", "Invalid");
    let answer = service
        .clone()
        .oneshot(nobody.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    let forged = request("GET /v1/tasks", "")
        .header("x-user-id", "1")
        .header("x-roles", "admin")
        .header("x-identity-status", "Invalid");
    let answer = service
        .oneshot(forged.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn a_project_sees_its_own_tasks_only() {
    let lab = Lab::new().await;
    let body = json!({"email": "bob@acme.example", "roles": ["member"]});
    let task = lab
        .tell("POST /v1/openstack/users", "boss", body)
        .await
        .body["task"]
        .clone();
    let task = task.as_str().unwrap();
    for (who, status) in [("boss", 200), ("admin", 200), ("rival", 404)] {
        let shown = lab.ask(&format!("GET /v1/tasks/{task}"), who).await;
        assert_eq!(shown.status, status, "{who}");
        assert_eq!(shown.body.get("ip_address").is_some(), who == "admin");
        let reissued = lab
            .tell("POST /v1/tokens", who, json!({"task": task}))
            .await;
        assert_eq!(reissued.status, status, "{who}");
    }
    assert_eq!(
        lab.ask(&format!("DELETE /v1/tasks/{task}"), "rival")
            .await
            .status,
        404
    );
    assert_eq!(
        lab.ask(&format!("DELETE /v1/openstack/users/{task}"), "rival")
            .await
            .status,
        404
    );
    assert_eq!(
        lab.ask(&format!("DELETE /v1/tasks/{task}"), "boss")
            .await
            .status,
        200
    );
    // What nobody in particular asked for is the administrators'.
    lab.tell("POST /v1/openstack/sign-up", "", sign_up()).await;
    let id = lab.ask("GET /v1/tasks?limit=1", "admin").await.body["tasks"][0]["uuid"].clone();
    let line = format!("GET /v1/tasks/{}", id.as_str().unwrap());
    assert_eq!(lab.ask(&line, "boss").await.status, 404);
}
