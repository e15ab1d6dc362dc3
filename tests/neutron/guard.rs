//! What the guard does around the policies.

use http::StatusCode;
use serde_json::json;
use wafflehaus::{
    identity::{Identity, UserId},
    sim::{Api, Failure},
};

use crate::support::*;

#[tokio::test]
async fn rule_8_a_service_passes_in_its_own_name_and_in_a_users() {
    let guarded = Guarded::start().await;
    let nova = || caller("nova", "5e00", "service");
    let own = head("POST /v2.0/ports")
        .extension(nova())
        .header("x-auth-token", "nova");
    assert_eq!(guarded.send(own, on_server(BANNED)).await.status, 201);
    let for_alice = head(&format!("DELETE /v2.0/ports/{PORT}"));
    let for_alice = for_alice.extension(alice().service(nova()));
    assert_eq!(guarded.send(for_alice, "").await.status, 204);
    assert_eq!(guarded.networks(), [BANNED]);

    // A service token of anybody else says nothing.
    let helped = head("POST /v2.0/ports").extension(alice().service(caller("x", "5e00", "member")));
    assert_eq!(
        guarded.send(helped, on_server(BANNED)).await.code,
        "network_banned"
    );
}

#[tokio::test]
async fn rule_11_what_a_guard_refuses_is_refused() {
    let guarded = Guarded::with(|guard| guard.body_limit(400)).await;
    let post = || head("POST /v2.0/ports");
    let unscoped = Identity::new(UserId::new("u").unwrap());
    let long = format!(r#"{{"port": {{"name": "{}"}}}}"#, "x".repeat(400));
    for (head, body, status, code) in [
        (post().extension(unscoped), "{}", 403, "scope_not_project"),
        (
            post().header("content-type", "text/xml"),
            "{}",
            415,
            "media_type",
        ),
        (
            post().header("content-encoding", "gzip"),
            "{}",
            415,
            "content_encoding",
        ),
        (post(), "{", 400, "malformed_body"),
        (post(), "", 400, "malformed_body"),
        (post(), &*long, 413, "body_too_large"),
        (
            head("POST /v2.0/ports?_method=PUT"),
            "{}",
            400,
            "ambiguous_request",
        ),
    ] {
        let answer = guarded.send(head, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code),
            (status, code),
            "{body}"
        );
        // As openstackclient reads it.
        let error = &answer.body["NeutronError"];
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{answer:?}"
        );
        assert_eq!(
            (error["detail"].as_str(), error["type"].is_string()),
            (Some(""), true)
        );
    }
    assert_eq!(guarded.changes(), 0);
}

#[tokio::test]
async fn rule_11_nothing_passes_that_cannot_be_looked_up() {
    let guarded = Guarded::start().await;
    let port = guarded.port(FREE);
    for api in [Api::Neutron, Api::Nova] {
        for failure in [Failure::Cut, Failure::Status(StatusCode::FORBIDDEN)] {
            guarded.cloud.fail_always(api, failure);
            for (line, body) in [
                (
                    format!("PUT /v2.0/ports/{port}"),
                    json!({"port": {"device_id": SERVER}}),
                ),
                (
                    format!("PUT /v2.0/ports/{PORT}"),
                    json!({"port": {"device_id": ""}}),
                ),
                ("POST /v2.0/ports".to_owned(), on_server(FREE)),
            ] {
                let answer = guarded.ask(&line, body).await;
                let told = (answer.status.as_u16(), answer.code);
                assert_eq!(told, (503, "lookup_failed"), "{api:?} {failure:?} {line}");
            }
            guarded.cloud.clear_failures(api);
        }
    }
    assert_eq!(guarded.changes(), 0);
    assert_eq!(guarded.networks(), [REQUIRED]);
}

#[tokio::test]
async fn rule_12_a_port_that_is_not_known_is_not_found() {
    let guarded = Guarded::start().await;
    for line in ["PUT", "DELETE"] {
        let line = format!("{line} /v2.0/ports/{SERVER}");
        let answer = guarded.ask(&line, json!({"port": {"device_id": ""}})).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code),
            (404, "interface_unknown")
        );
    }
}

#[tokio::test]
async fn rule_7_what_no_policy_concerns_passes_unread() {
    let guarded = Guarded::start().await;
    for line in [
        "POST /v2.0/floatingips",
        "PUT /v2.0/networks/x",
        "GET /v2.0/ports",
    ] {
        assert_eq!(guarded.ask(line, "not json").await.code, "", "{line}");
    }
}

#[tokio::test]
async fn an_audit_tells_and_lets_pass() {
    let guarded = Guarded::with(|guard| guard.audit(true)).await;
    let answer = guarded.ask("POST /v2.0/ports", on_server(BANNED)).await;
    assert_eq!((answer.status.as_u16(), answer.code), (201, ""));
    assert_eq!(guarded.networks(), [REQUIRED, BANNED]);
}
