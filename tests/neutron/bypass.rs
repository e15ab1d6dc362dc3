//! Other ways to say the same, each of which Neutron takes.

use serde_json::json;

use crate::support::*;

/// Sends past the guard, as proof that it would have worked.
async fn works_unguarded(guarded: &Guarded, line: &str, body: &str) -> bool {
    let service = guarded.cloud.service(wafflehaus::sim::Api::Neutron);
    let request = head(line).header("x-auth-token", "alice");
    let request = request.body(http_body_util::Full::new(bytes::Bytes::from(
        body.to_owned(),
    )));
    let answer = tower::ServiceExt::oneshot(service, request.unwrap()).await;
    answer.unwrap().status().is_success()
}

#[tokio::test]
async fn rules_4_to_6_the_same_in_other_words_is_refused_or_judged() {
    let upper = SERVER.to_uppercase();
    let create = on_server(BANNED).to_string();
    let wrapped = format!(r#"{{"ports": [{create}]}}"#);
    let beside = format!(
        r#"{{"port": {{"network_id": "{FREE}"}}, "ports": [
            {{"network_id": "{BANNED}", "device_id": "{SERVER}"}}]}}"#
    );
    let twice = format!(
        r#"{{"port": {{"network_id": "{BANNED}", "device_id": "", "device_id": "{SERVER}"}}}}"#
    );
    let network = BANNED.replace('2', "\\u0032");
    for (line, body, code) in [
        ("POST /v2.0/ports/index", &*create, "ambiguous_request"),
        ("POST /v2.0/ports/index/x", &*create, "ambiguous_request"),
        ("POST /v2.0/metering/ports", &*create, "ambiguous_request"),
        ("POST /v2.0/ports.json", &*create, "network_banned"),
        ("POST //v2.0//ports/", &*create, "network_banned"),
        ("POST /v2.0/%70orts", &*create, "network_banned"),
        (
            "POST /v2.0/ports",
            &*create.replace(BANNED, &network),
            "network_banned",
        ),
        (
            "POST /v2.0/ports",
            &*create.replace(SERVER, &upper),
            "malformed_body",
        ),
        ("POST /v2.0/ports", &*wrapped, "malformed_body"),
        ("POST /v2.0/ports", &*beside, "malformed_body"),
        ("POST /v2.0/ports", &*twice, "malformed_body"),
    ] {
        let guarded = Guarded::start().await;
        let answer = guarded.ask(line, body).await;
        assert_eq!(answer.code, code, "{line} {body}");
        assert_eq!(guarded.networks(), [REQUIRED], "{line} {body}");
        assert!(works_unguarded(&guarded, line, body).await, "{line} {body}");
        assert_eq!(guarded.networks(), [REQUIRED, BANNED], "{line} {body}");
    }
}

#[tokio::test]
async fn rule_4_a_required_port_stays_however_it_is_named() {
    let upper = PORT.to_uppercase();
    for (line, code) in [
        (
            format!("DELETE /v2.0/ports/{PORT}/index"),
            "ambiguous_request",
        ),
        (format!("DELETE /v2.0/ports/{upper}"), "ambiguous_request"),
        (
            format!("DELETE /v2.0/qos/ports/{PORT}"),
            "ambiguous_request",
        ),
        (
            format!("DELETE /v2.0/ports/{PORT}.json"),
            "network_not_detachable",
        ),
        (
            format!("DELETE //v2.0/ports//{PORT}"),
            "network_not_detachable",
        ),
    ] {
        let guarded = Guarded::start().await;
        assert_eq!(guarded.ask(&line, "").await.code, code, "{line}");
        assert_eq!(guarded.networks(), [REQUIRED], "{line}");
        assert!(works_unguarded(&guarded, &line, "").await, "{line}");
        assert_eq!(guarded.networks(), <[&str; 0]>::default(), "{line}");
    }
}

#[tokio::test]
async fn rule_8_nobody_is_a_service_by_saying_so() {
    let guarded = Guarded::start().await;
    let head = head("POST /v2.0/ports")
        .header("x-roles", "service")
        .header("x-service-roles", "service")
        .header("x-service-token", "nova");
    let answer = guarded.send(head, on_server(BANNED)).await;
    assert_eq!(answer.code, "network_banned");
}

#[tokio::test]
async fn what_goes_on_is_what_was_judged() {
    let guarded = Guarded::start().await;
    let head =
        head("POST //v2.0/%70orts/?fields=id").header("content-type", "text/plain; charset=x");
    let body = json!({"port": {"network_id": FREE}});
    assert_eq!(guarded.send(head, body.clone()).await.status, 201);
    let received = guarded.cloud.received(wafflehaus::sim::Api::Neutron);
    let received = received.last().unwrap();
    assert_eq!(
        (&*received.path, &*received.query),
        ("/v2.0/ports/", "fields=id")
    );
    assert_eq!(received.body, body.to_string());
    assert_eq!(received.headers["content-type"], "application/json");
    assert_eq!(
        received.headers["content-length"],
        body.to_string().len().to_string()
    );
}
