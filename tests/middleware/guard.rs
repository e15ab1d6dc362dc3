//! The numbered rules of `guard`.

use std::sync::{Arc, atomic::Ordering};

use http::Request;
use tower::Layer;
use wafflehaus::{
    guard::{DetachNetworkCheckLayer, GuardLayer},
    identity::{Identity, Scope, UserId},
    nova::{Mount, NetworkId, Operation},
    policy::{
        DetachNetworkCheck, Hold, Inspection, Need, NetworkCountCheck, Policy, RequestNetworks,
    },
};

use crate::common::*;

fn required() -> GuardLayer<RequestNetworks> {
    GuardLayer::new(RequestNetworks::new([network(REQUIRED)], [network(BANNED)]).unwrap())
}

async fn ask(
    layer: &GuardLayer<RequestNetworks>,
    request: Request<http_body_util::Full<bytes::Bytes>>,
) -> Answer {
    send(&layer.layer(Nova::default().service()), request).await
}

async fn code(request: Request<http_body_util::Full<bytes::Bytes>>) -> (u16, &'static str) {
    let answer = ask(&required(), request).await;
    (answer.status, answer.code)
}

#[tokio::test]
async fn rule_1_what_concerns_no_policy_passes_as_it_came() {
    let nova = Nova::default();
    let service = required().layer(nova.service());
    // Neither an identity nor a body that could be read is needed.
    let request = Request::post("/v2.1//os-keypairs?a=b").header("transfer-encoding", "chunked");
    assert_eq!(
        send(&service, request.body(body("not json")).unwrap())
            .await
            .status,
        202
    );
    let seen = nova.only();
    assert_eq!(seen.method, http::Method::POST);
    assert_eq!(seen.uri, "/v2.1//os-keypairs?a=b");
    assert_eq!(seen.headers["transfer-encoding"], "chunked");
    assert_eq!(seen.body, "not json");
    assert_eq!(send(&service, detach(PORT)).await.status, 202);
}

#[tokio::test]
async fn rule_3_what_goes_on_is_what_was_judged() {
    let nova = Nova::default();
    let service = required().layer(nova.service());
    let networks = listing(&[REQUIRED]);
    let request = line("POST http://elsewhere//v2.1/%73ervers?x=%31")
        .header("content-type", "text/plain; version=2.1/x")
        .header("transfer-encoding", "chunked")
        .header("content-encoding", "identity")
        .header("expect", "100-continue")
        .header("content-length", "1")
        .header("content-length", "2")
        .header("x-auth-token", "kept");
    let request = request.body(create_body(&networks)).unwrap();
    assert_eq!(send(&service, request).await.status, 202);
    let seen = nova.only();
    assert_eq!(seen.uri.path(), "/v2.1/servers");
    assert_eq!(seen.uri.query(), Some("x=%31"));
    assert_eq!(seen.body, read(create_body(&networks)).await);
    assert_eq!(seen.headers["content-type"], "application/json");
    let lengths: Vec<_> = seen.headers.get_all("content-length").iter().collect();
    assert_eq!(lengths, [&seen.body.len().to_string()]);
    assert_eq!(seen.headers["x-auth-token"], "kept");
    for gone in ["transfer-encoding", "content-encoding", "expect"] {
        assert!(!seen.headers.contains_key(gone), "{gone}");
    }
}

#[tokio::test]
async fn rule_4_an_unclear_request_line_is_refused_whoever_asks_for_whatever() {
    for target in [
        "POST /servers",
        "GET /v2.1/x/../servers",
        "GET /v2.1/servers?_method=POST",
    ] {
        let answer = ask(&required(), line(target).body(body("")).unwrap()).await;
        assert_eq!(
            (answer.status, answer.code),
            (400, "ambiguous_request"),
            "{target}"
        );
        assert_eq!(answer.fault, "badRequest");
    }
    // Even if it is only too long to be spelled out.
    let long = format!(
        "POST /v2.1/{}/servers?{}",
        "|".repeat(20_000),
        "x".repeat(20_000)
    );
    let answer = ask(
        &required(),
        line(&long).body(create_body("\"none\"")).unwrap(),
    )
    .await;
    assert_eq!(answer.code, "ambiguous_request");
    // Even of somebody unknown, and by a guard without policies.
    let layer = GuardLayer::new(());
    let service = layer.layer(Nova::default().service());
    let request = Request::post("/servers").body(body("")).unwrap();
    assert_eq!(send(&service, request).await.code, "ambiguous_request");
}

#[tokio::test]
async fn rule_5_a_judged_request_needs_a_caller_with_a_project() {
    let mut nobody = create(&listing(&[REQUIRED]));
    nobody.extensions_mut().remove::<Identity>();
    let answer = ask(&required(), nobody).await;
    assert_eq!((answer.status, answer.code), (401, "identity_missing"));
    assert_eq!(answer.fault, "unauthorized");
    for scope in [Scope::Unscoped, Scope::System, Scope::Domain("d".into())] {
        let mut request = create(&listing(&[REQUIRED]));
        let elsewhere = Identity::new(UserId::new("alice").unwrap()).scope(scope);
        request.extensions_mut().insert(elsewhere);
        assert_eq!(code(request).await, (403, "scope_not_project"));
    }
}

#[tokio::test]
async fn rule_6_a_refusal_is_a_nova_fault_and_nothing_reaches_nova() {
    let nova = Nova::default();
    let service = required().layer(nova.service());
    let answer = send(&service, create(&listing(&[OTHER]))).await;
    assert_eq!((answer.status, answer.code), (403, "network_required"));
    assert_eq!(answer.fault, "forbidden");
    assert_eq!(
        answer.message,
        format!("these networks are required but missing: {REQUIRED}")
    );
    let answer = send(&service, create(&listing(&[REQUIRED, BANNED]))).await;
    assert_eq!((answer.status, answer.code), (403, "network_banned"));
    assert!(nova.take().is_empty());
}

#[tokio::test]
async fn a_refusal_tells_some_of_many_missing_networks_and_how_many_more() {
    // With few networks in the request and with many they are compared in different ways.
    for named in [1_u128, 40] {
        let networks = |ids: std::ops::Range<u128>| ids.map(NetworkId::from_u128);
        let policy = RequestNetworks::new(networks(0..1000), []).unwrap();
        let service = GuardLayer::new(policy).layer(Nova::default().service());
        let listed: Vec<_> = networks(0..named).map(|id| id.to_string()).collect();
        let listed: Vec<_> = listed.iter().map(String::as_str).collect();
        let answer = send(&service, create(&listing(&listed))).await;
        assert_eq!(answer.code, "network_required");
        let told: Vec<_> = networks(named..named + 16)
            .map(|id| id.to_string())
            .collect();
        let (told, more) = (told.join(", "), 1000 - named - 16);
        assert_eq!(
            answer.message,
            format!("these networks are required but missing: {told} and {more} more")
        );
    }
}

#[tokio::test]
async fn rule_7_only_what_nova_reads_as_json_is_read() {
    let with = |name: &str, value: &str| {
        let mut request = create(&listing(&[REQUIRED]));
        request.headers_mut().append(
            name.parse::<http::HeaderName>().unwrap(),
            value.parse::<http::HeaderValue>().unwrap(),
        );
        request
    };
    for json in [
        "",
        "application/json",
        "text/plain",
        "application/vnd.openstack.compute+json",
        "application/json;charset=utf-16",
    ] {
        assert_eq!(code(with("content-type", json)).await.0, 202, "{json}");
    }
    for other in [
        "application/xml",
        "Application/JSON",
        "application/json ;a=b",
        "x",
    ] {
        let expected = (415, "media_type");
        assert_eq!(code(with("content-type", other)).await, expected, "{other}");
    }
    assert_eq!(
        code(with("content-encoding", "gzip")).await,
        (415, "content_encoding")
    );
    assert_eq!(code(with("content-encoding", "identity")).await.0, 202);
    let mut twice = with("content-type", "application/json");
    twice
        .headers_mut()
        .append("content-type", "application/json".parse().unwrap());
    assert_eq!(code(twice).await, (400, "duplicate_header"));
}

#[tokio::test]
async fn rule_8_a_body_over_the_limit_is_refused_declared_or_not() {
    let networks = listing(&[REQUIRED]);
    let size = read(create_body(&networks)).await.len();
    let exact = ask(&required().body_limit(size), create(&networks)).await;
    assert_eq!(exact.status, 202);
    let answer = ask(&required().body_limit(size - 1), create(&networks)).await;
    assert_eq!((answer.status, answer.code), (413, "body_too_large"));
    assert_eq!(answer.fault, "overLimit");
    // Declared only: refused before a byte is read.
    let mut declared = create(&networks);
    declared
        .headers_mut()
        .insert("content-length", "114689".parse().unwrap());
    assert_eq!(code(declared).await, (413, "body_too_large"));
}

#[tokio::test]
async fn rule_8_a_body_that_is_not_understood_is_refused() {
    for wrong in [
        "",
        "[]",
        "{",
        "{}",
        r#"{"server": {"networks": [], "networks": []}}"#,
        "<xml/>",
    ] {
        let request = line("POST /v2.1/servers").body(body(wrong)).unwrap();
        assert_eq!(code(request).await, (400, "malformed_body"), "{wrong}");
    }
    let answer = ask(&required(), create(r#"[{"port": "x"}]"#)).await;
    assert_eq!(answer.code, "malformed_body");
    assert!(
        answer.message.contains("`port` is not a UUID"),
        "{}",
        answer.message
    );
}

#[tokio::test]
async fn rule_9_a_lookup_that_fails_refuses_and_keeps_its_reason_to_itself() {
    let failing = Arc::new(Known {
        fails: true,
        ..Known::default()
    });
    let port = format!(r#"[{{"port": "{PORT}"}}]"#);
    // With a lookup that fails, and with none at all.
    for layer in [required().lookup(failing), required()] {
        let answer = ask(&layer, create(&port)).await;
        assert_eq!((answer.status, answer.code), (503, "lookup_failed"));
        assert_eq!(answer.fault, "serviceUnavailable");
        assert!(!answer.message.contains("down"));
    }
}

/// Asks for the body for ever.
struct Insatiable;

impl Policy for Insatiable {
    fn name(&self) -> std::borrow::Cow<'static, str> {
        "Insatiable".into()
    }

    fn concerns(&self, _: &Operation) -> bool {
        true
    }

    fn check(&self, _: &Inspection<'_>) -> Result<(), Hold> {
        Err(Hold::Need(Need::Body))
    }
}

#[tokio::test]
async fn rule_10_a_policy_that_cannot_be_satisfied_refuses() {
    let service = GuardLayer::new(Insatiable).layer(Nova::default().service());
    for request in [
        create("\"none\""),
        detach(PORT),
        line("PUT /v2.1/x").body(body("")).unwrap(),
    ] {
        let answer = send(&service, request).await;
        assert_eq!((answer.status, answer.code), (500, "policy_failed"));
        assert_eq!(answer.fault, "computeFault");
    }
}

#[tokio::test]
async fn the_network_of_a_named_port_is_looked_up() {
    let port = format!(r#"[{{"port": "{PORT}"}}]"#);
    for (network, expected) in [
        (REQUIRED, ""),
        (BANNED, "network_banned"),
        (OTHER, "network_required"),
    ] {
        let lookup = Arc::new(Known::on(network));
        let answer = ask(&required().lookup(lookup.clone()), create(&port)).await;
        assert_eq!(answer.code, expected);
        assert_eq!(lookup.asked.load(Ordering::Relaxed), 1);
    }
    let answer = ask(
        &required().lookup(Arc::new(Known::default())),
        create(&port),
    )
    .await;
    assert_eq!((answer.status, answer.code), (400, "port_unknown"));
}

#[tokio::test]
async fn a_detach_is_judged_by_the_ports_network_in_both_extensions() {
    let layer = || DetachNetworkCheckLayer::new(DetachNetworkCheck::new([network(REQUIRED)]));
    let vendor = || {
        let target = format!("DELETE /v2/6f/servers/{SERVER}/os-virtual-interfacesv2/{PORT}");
        line(&target).body(body("")).unwrap()
    };
    for (network, status) in [(REQUIRED, 403), (OTHER, 202)] {
        let service = layer()
            .lookup(Arc::new(Known::on(network)))
            .layer(Nova::default().service());
        assert_eq!(send(&service, detach(PORT)).await.status, status);
        assert_eq!(send(&service, vendor()).await.status, status);
    }
    let service = layer()
        .lookup(Arc::new(Known::default()))
        .layer(Nova::default().service());
    let answer = send(&service, detach(PORT)).await;
    assert_eq!((answer.status, answer.code), (404, "interface_unknown"));
    assert_eq!(answer.fault, "itemNotFound");
}

#[tokio::test]
async fn an_attach_is_counted_with_what_the_server_has() {
    let limits = NetworkCountCheck::builder()
        .networks_max(2)
        .build()
        .unwrap();
    let layer = GuardLayer::new(limits);
    let with = |has: &[&str]| {
        layer
            .clone()
            .lookup(Arc::new(Known::server(has)))
            .layer(Nova::default().service())
    };
    let named = format!(r#""net_id": "{OTHER}""#);
    assert_eq!(send(&with(&[REQUIRED]), attach(&named)).await.status, 202);
    let answer = send(&with(&[REQUIRED, BANNED]), attach(&named)).await;
    assert_eq!((answer.status, answer.code), (403, "too_many_networks"));
}

#[tokio::test]
async fn below_a_mount_prefix_and_with_a_renderer_of_ones_own() {
    let layer = required()
        .mount(Mount::at("/compute").unwrap())
        .with_fault_renderer(|denial| {
            let mut response = http::Response::new(bytes::Bytes::from(denial.kind().code()));
            *response.status_mut() = http::StatusCode::IM_A_TEAPOT;
            response
        });
    let service = layer.layer(Nova::default().service());
    let request = line("POST /compute/v2.1/servers")
        .body(create_body("\"none\""))
        .unwrap();
    let response = tower::ServiceExt::oneshot(service, request).await.unwrap();
    assert_eq!(response.status(), 418);
    assert_eq!(read(response.into_body()).await, "network_required");
}

#[tokio::test]
async fn a_setting_changed_on_a_clone_changes_the_clone_alone() {
    let original = required();
    let audited = original.clone().audit(true);
    assert_eq!(ask(&original, create("\"none\"")).await.status, 403);
    assert_eq!(ask(&audited, create("\"none\"")).await.status, 202);
}
