//! What every request has in common.

use axum::body::Body;
use serde_json::json;

use crate::support::{Lab, request, sign_up};

#[tokio::test]
async fn rule_1_paths_have_older_names_and_may_end_in_a_slash() {
    let lab = Lab::new().await;
    let id = lab.signed_up().await;
    for path in [
        "tasks",
        "tasks/",
        "task",
        "task/",
        "tokens",
        "token/",
        "notification",
        "status/",
    ] {
        let answer = lab.ask(&format!("GET /v1/{path}"), "admin").await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let (first, rest) = id.split_at(8);
    let hyphens = format!("{first}-{rest}").to_uppercase();
    for path in [
        format!("task/{id}"),
        format!("tasks/{id}/"),
        format!("task/{hyphens}"),
    ] {
        let answer = lab.ask(&format!("GET /v1/{path}"), "admin").await;
        assert_eq!(answer.body["uuid"], *id, "{path}");
    }
    for path in [
        "openstack/forgotpassword",
        "openstack/users/password-reset/",
    ] {
        let body = json!({"email": "x@y"});
        let answer = lab.tell(&format!("POST /v1/{path}"), "", body).await;
        assert_eq!(answer.status, 202, "{path}");
    }
    let other = json!({"project_name": "other waffles", "email": "eve@waffles.example"});
    let answer = lab
        .tell("POST /v1/actions/CreateProjectAndUser", "", other)
        .await;
    assert_eq!(answer.status, 202);
    for path in [
        "/nope",
        "/v1/nope",
        "/v1/tasks/x/y",
        "/v1/taskx",
        "/v1/tasks//",
    ] {
        let answer = lab.ask(&format!("GET {path}"), "admin").await;
        assert_eq!(
            (answer.status, &*answer.errors()),
            (404, r#"["Not found."]"#),
            "{path}"
        );
    }
}

#[tokio::test]
async fn rule_2_a_body_is_one_json_object_without_equal_keys() {
    let lab = Lab::new().await;
    let post = async |kind: &str, body: &'static str| {
        let request = request("POST /v1/openstack/sign-up", "").header("content-type", kind);
        let answer = lab.send(request.body(Body::from(body)).unwrap()).await;
        (answer.status, answer.errors())
    };
    let json = "application/json";
    for (kind, body, status, text) in [
        (json, "{", 400, "JSON parse error"),
        (json, "[]", 400, "Should be a key-value object."),
        (json, "7", 400, "Should be a key-value object."),
        (
            json,
            r#"{"email": "a@b", "email": "c@d"}"#,
            400,
            "a key comes twice",
        ),
        (json, "\u{feff}{}", 400, "JSON parse error"),
        (json, "", 400, r#"{"email":["This field is required."]"#),
        (
            "application/json; charset=utf-8",
            "{}",
            400,
            "This field is required.",
        ),
        ("text/plain", "{}", 415, "Unsupported media type"),
        (
            "application/x-www-form-urlencoded",
            "a=b",
            415,
            "Unsupported media type",
        ),
    ] {
        let (answered, errors) = post(kind, body).await;
        assert_eq!(answered, status, "{body}: {errors}");
        assert!(errors.contains(text), "{body}: {errors}");
    }
    let long = format!(r#"{{"email": "{}"}}"#, "x".repeat(70_000));
    let request = request("POST /v1/openstack/sign-up", "").header("content-type", json);
    let answer = lab.send(request.body(Body::from(long)).unwrap()).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn rule_2_a_body_has_to_come_in_time() {
    let lab = Lab::new().await;
    // Not before: SQLite works on a thread of its own.
    tokio::time::pause();
    let never = Body::from_stream(futures_util::stream::pending::<
        Result<bytes::Bytes, std::io::Error>,
    >());
    let request =
        request("POST /v1/openstack/sign-up", "").header("content-type", "application/json");
    assert_eq!(lab.send(request.body(never).unwrap()).await.status, 408);
}

#[tokio::test]
async fn rule_3_a_clients_mistake_is_told_as_what_it_is() {
    let lab = Lab::new().await;
    let answer = lab.ask("PATCH /v1/tasks", "admin").await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.errors(), r#"["Method \"PATCH\" not allowed."]"#);
    assert_eq!(answer.headers["allow"], "GET,HEAD");
    let html = request("GET /v1/tasks", "admin").header("accept", "text/html");
    let answer = lab.send(html.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 406);
    for (query, text) in [
        ("tasks_per_page=x", "not an integer"),
        ("tasks_per_page=0", "Empty page"),
        ("tasks_per_page=-1", "not an integer"),
        ("tasks_per_page=9&page=x", "Page not an integer"),
        ("tasks_per_page=9&page=2", "Empty page"),
        ("tasks_per_page=1001", "No more than 1000"),
        ("limit=1001", "No more than 1000"),
        ("limit=1&limit=2", "twice"),
        ("after=x", "a cursor is what"),
        ("filters=x", "Filters incorrectly formatted"),
        (
            "filters=%7B%22a%22:1,%22a%22:2%7D",
            "Filters incorrectly formatted",
        ),
        ("filters=%ff", ""),
    ] {
        let answer = lab.ask(&format!("GET /v1/tasks?{query}"), "admin").await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(
            answer.errors().contains(text),
            "{query}: {}",
            answer.errors()
        );
    }
    let answer = lab.ask("GET /v1/tasks/%ff", "admin").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn rule_5_every_answer_has_the_id_of_its_request() {
    let lab = Lab::new().await;
    let answer = lab.ask("GET /nope", "").await;
    let id = answer.headers["x-openstack-request-id"].to_str().unwrap();
    assert!(id.starts_with("req-") && id.len() == 40, "{id}");
    let own = "req-0123abcd-0123-4abc-8abc-0123456789ab";
    for (sent, kept) in [(own, true), ("req-x", false), ("admin", false)] {
        let request = request("GET /healthz", "").header("x-openstack-request-id", sent);
        let answer = lab.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            answer.headers["x-openstack-request-id"] == *sent,
            kept,
            "{sent}"
        );
    }
}

#[tokio::test]
async fn versions_and_health_are_told_to_everybody() {
    let lab = Lab::with(|it| it.metrics(|| "wafflehaus_things 1\n".to_owned())).await;
    let request = request("GET /", "").header("host", "cloud.example:5050");
    let versions = lab.send(request.body(Body::empty()).unwrap()).await;
    let version = &versions.body["versions"][0];
    assert_eq!((versions.status, &version["id"]), (200, &json!("1.0")));
    assert_eq!(version["links"][0]["href"], "//cloud.example:5050/v1/");
    assert_eq!(
        lab.ask("GET /v1/", "").await.body["version"]["status"],
        "CURRENT"
    );
    for path in ["/healthz", "/readyz"] {
        let answer = lab.ask(&format!("GET {path}"), "").await;
        assert_eq!((answer.status, answer.body), (200, json!({"status": "ok"})));
    }
    let metrics = lab.ask("GET /metrics", "").await;
    assert_eq!(metrics.body, "wafflehaus_things 1\n");
    assert_eq!(Lab::new().await.ask("GET /metrics", "").await.status, 404);
}

#[tokio::test]
async fn where_a_request_comes_from_is_kept_and_told_to_administrators() {
    let proxied = json!({"trusted_proxies": ["192.0.2.0/24"]});
    let lab = Lab::set(proxied).await;
    let request = request("POST /v1/openstack/sign-up", "")
        .header("content-type", "application/json")
        .header("x-forwarded-for", "203.0.113.66, 198.51.100.7");
    let asked = lab
        .send(request.body(Body::from(sign_up().to_string())).unwrap())
        .await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let tasks = lab.ask("GET /v1/tasks", "admin").await.body;
    assert_eq!(tasks["tasks"][0]["ip_address"], "198.51.100.7");
    let status = lab.ask("GET /v1/status", "admin").await.body;
    assert!(status["last_created_task"]["uuid"].is_string());
    assert_eq!(status["last_created_task"].get("ip_address"), None);
}
