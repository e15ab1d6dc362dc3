//! The behaviour of the original filters, case by case, and what became of it here.
//!
//! Each test is named by a quirk of the original; docs/PARITY.md lists them with the decision.
//! Three belong to reading configuration files, and have their tests in `tests/config_docs.rs`: how
//! `enabled` is spelled, that a filter without it is off, and module paths.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::Layer;
use wafflehaus::{
    guard::GuardLayer,
    identity::Identity,
    nova::NetworkId,
    policy::{
        DetachNetworkCheck, InvalidPolicy, NetworkCountCheck, NetworkSet, Policy, RequestNetworks,
    },
};

use crate::common::*;

fn networks() -> RequestNetworks {
    RequestNetworks::new([network(REQUIRED)], [network(BANNED)]).unwrap()
}

fn one_network() -> NetworkCountCheck {
    NetworkCountCheck::builder().build().unwrap()
}

/// What becomes of a request under a policy, with these facts; the code, or nothing for a pass.
async fn with_facts(
    policy: impl Policy + 'static,
    facts: Known,
    request: Request<Full<Bytes>>,
) -> (u16, &'static str) {
    let guard = GuardLayer::new(policy).lookup(Arc::new(facts));
    let answer = send(&guard.layer(Nova::default().service()), request).await;
    (answer.status, answer.code)
}

async fn verdict(
    policy: impl Policy + 'static,
    request: Request<Full<Bytes>>,
) -> (u16, &'static str) {
    with_facts(policy, Known::default(), request).await
}

const PASSED: (u16, &str) = (202, "");

#[tokio::test]
async fn q1_optional_networks_are_not_counted_when_the_setting_says_false() {
    let check = |count| {
        let check = NetworkCountCheck::builder().optional_nets([network(OTHER)]);
        check.count_optional_nets(count).build().unwrap()
    };
    let request = || create(&listing(&[REQUIRED, OTHER]));
    assert_eq!(verdict(check(false), request()).await, PASSED);
    assert_eq!(
        verdict(check(true), request()).await,
        (403, "too_many_networks")
    );
}

#[tokio::test]
async fn q4_and_q5_a_create_without_networks_is_judged_not_skipped() {
    let bare = || {
        line("POST /v2.1/servers")
            .body(body(r#"{"server": {}}"#))
            .unwrap()
    };
    for request in [bare(), create("[]")] {
        assert_eq!(
            verdict(networks(), request).await,
            (403, "networks_unnamed")
        );
    }
    for request in [bare(), create("[]")] {
        assert_eq!(
            verdict(one_network(), request).await,
            (403, "networks_unnamed")
        );
    }
    assert_eq!(
        verdict(networks(), create("null")).await,
        (400, "malformed_body")
    );
    // The explicit opt-out, with the networks that it stands for.
    let assuming = networks().assume_when_absent([network(REQUIRED)]).unwrap();
    assert_eq!(verdict(assuming, bare()).await, PASSED);
}

#[tokio::test]
async fn q6_and_q7_an_entry_with_a_port_counts_as_the_ports_network() {
    let port = format!(r#"[{{"port": "{PORT}"}}]"#);
    for (on, expected) in [
        (REQUIRED, PASSED),
        (BANNED, (403, "network_banned")),
        (OTHER, (403, "network_required")),
    ] {
        assert_eq!(
            with_facts(networks(), Known::on(on), create(&port)).await,
            expected
        );
    }
    // The original believed the `uuid`, Nova uses the port: one that is not the port's network
    // is refused, and one that is changes nothing.
    let agrees = format!(r#"[{{"port": "{PORT}", "uuid": "{REQUIRED}"}}]"#);
    assert_eq!(
        with_facts(networks(), Known::on(REQUIRED), create(&agrees)).await,
        PASSED
    );
    let both = format!(r#"[{{"port": "{PORT}", "uuid": "{REQUIRED}"}}]"#);
    let verdict = with_facts(networks(), Known::on(BANNED), create(&both)).await;
    assert_eq!(verdict, (400, "malformed_body"));
}

#[tokio::test]
async fn q8_and_q9_a_path_is_matched_in_its_order_and_apart_from_the_method() {
    for target in [
        "POST /v2.1/servers",
        "POST /v2/6f/servers",
        "POST /v2.1/6f/servers",
    ] {
        let request = line(target).body(create_body("\"none\"")).unwrap();
        assert_eq!(
            verdict(networks(), request).await,
            (403, "network_required"),
            "{target}"
        );
    }
    // To the original these were creates; to Nova they are nothing.
    for target in [
        "POST /v2.1/servers/6f",
        "GET /v2.1/POST/servers",
        "PUT /v2.1/6f/servers",
    ] {
        let request = line(target).body(create_body("\"none\"")).unwrap();
        assert_eq!(verdict(networks(), request).await, PASSED, "{target}");
    }
}

#[tokio::test]
async fn q10_a_foreign_project_in_the_path_is_judged_all_the_same() {
    let request = line("POST /v2.1/0123abcd/servers")
        .body(create_body("\"none\""))
        .unwrap();
    assert_eq!(
        verdict(networks(), request).await,
        (403, "network_required")
    );
}

#[tokio::test]
async fn q11_without_a_context_nothing_judged_passes() {
    let mut request = create(&listing(&[REQUIRED]));
    request.extensions_mut().remove::<Identity>();
    assert_eq!(
        verdict(networks(), request).await,
        (401, "identity_missing")
    );
}

#[tokio::test]
async fn q12_and_q13_a_body_that_is_empty_or_malformed_is_400() {
    let server = |value: &str| format!(r#"{{"server": {value}}}"#);
    for text in [
        "",
        "{",
        "[]",
        "{}",
        &server("null"),
        &server("[]"),
        &server("7"),
    ] {
        let request = line("POST /v2.1/servers")
            .body(body(text.to_owned()))
            .unwrap();
        assert_eq!(
            verdict(networks(), request).await,
            (400, "malformed_body"),
            "{text}"
        );
    }
    let vendor = format!("POST /v2/6f/servers/{SERVER}/os-virtual-interfacesv2");
    let text = r#"{"virtual_interface": {"network_id": ["unhashable"]}}"#;
    let request = line(&vendor).body(body(text)).unwrap();
    assert_eq!(
        verdict(one_network(), request).await,
        (400, "malformed_body")
    );
}

#[tokio::test]
async fn q14_an_attach_that_names_no_network_is_400() {
    let vendor = format!("POST /v2/6f/servers/{SERVER}/os-virtual-interfacesv2");
    for text in [
        r#"{"virtual_interface": null}"#,
        r#"{"virtual_interface": {}}"#,
        r#"{"virtual_interface": {"network_id": null}}"#,
        "{}",
    ] {
        let request = line(&vendor).body(body(text)).unwrap();
        assert_eq!(
            verdict(one_network(), request).await,
            (400, "malformed_body"),
            "{text}"
        );
    }
    assert_eq!(
        verdict(one_network(), attach("")).await,
        (400, "malformed_body")
    );
}

#[tokio::test]
async fn q15_an_attach_is_asked_neither_for_required_networks_nor_for_the_minimum() {
    let check = NetworkCountCheck::builder().networks_min(3).networks_max(5);
    let check = check.required_nets([network(REQUIRED)]).build().unwrap();
    let request = attach(&format!(r#""net_id": "{OTHER}""#));
    assert_eq!(with_facts(check, Known::server(&[]), request).await, PASSED);
}

#[tokio::test]
async fn q16_attaching_a_network_again_is_free_and_so_is_an_optional_one() {
    let named = |id: &str| attach(&format!(r#""net_id": "{id}""#));
    let check = || {
        NetworkCountCheck::builder()
            .optional_nets([network(BANNED)])
            .build()
            .unwrap()
    };
    let again = with_facts(check(), Known::server(&[OTHER]), named(OTHER)).await;
    assert_eq!(again, PASSED);
    // A server already above the maximum may still have an optional network.
    let above = || Known::server(&[OTHER, REQUIRED]);
    assert_eq!(with_facts(check(), above(), named(BANNED)).await, PASSED);
    assert_eq!(
        with_facts(check(), above(), named(OTHER)).await,
        (403, "too_many_networks")
    );
    // The number of interfaces is a limit of its own.
    let check = NetworkCountCheck::builder()
        .interfaces_max(1)
        .build()
        .unwrap();
    let twice = with_facts(check, Known::server(&[OTHER]), named(OTHER)).await;
    assert_eq!(twice, (403, "too_many_interfaces"));
}

#[test]
fn q17_settings_that_contradict_each_other_are_refused_at_the_start() {
    let build = |min, max, required: &[&str], banned: &[&str]| {
        let nets = |ids: &[&str]| ids.iter().map(|id| network(id)).collect::<Vec<NetworkId>>();
        NetworkCountCheck::builder()
            .networks_min(min)
            .networks_max(max)
            .required_nets(nets(required))
            .banned_nets(nets(banned))
            .build()
    };
    assert!(matches!(
        build(2, 1, &[], &[]),
        Err(InvalidPolicy::MinimumAboveMaximum { .. })
    ));
    let overlap = build(1, 1, &[REQUIRED], &[REQUIRED]);
    assert!(matches!(
        overlap,
        Err(InvalidPolicy::BannedAndRequired { .. })
    ));
    let many = build(1, 1, &[REQUIRED, OTHER], &[]);
    assert!(matches!(
        many,
        Err(InvalidPolicy::RequiredAboveMaximum { .. })
    ));
    assert!(build(0, 1, &[], &[]).is_ok());
}

#[tokio::test]
async fn q17_a_minimum_of_zero_asks_for_nothing() {
    let check = NetworkCountCheck::builder()
        .networks_min(0)
        .build()
        .unwrap();
    assert_eq!(verdict(check, create("\"none\"")).await, PASSED);
}

#[tokio::test]
async fn q18_and_q30_the_network_is_the_ports_own_not_that_of_an_address() {
    // A port as Neutron knows it has no address here, and is told by its network all the same.
    let check = || DetachNetworkCheck::new([network(REQUIRED)]);
    let judged = with_facts(check(), Known::on(REQUIRED), detach(PORT)).await;
    assert_eq!(judged, (403, "network_not_detachable"));
    assert_eq!(
        with_facts(check(), Known::on(OTHER), detach(PORT)).await,
        PASSED
    );
}

#[tokio::test]
async fn q19_and_q20_an_id_in_another_spelling_and_an_unknown_port_are_refused() {
    let check = || DetachNetworkCheck::new([network(REQUIRED)]);
    for port in [
        PORT.to_uppercase(),
        PORT.replace('-', ""),
        "not-a-uuid".to_owned(),
    ] {
        let judged = with_facts(check(), Known::on(OTHER), detach(&port)).await;
        assert_eq!(judged, (400, "ambiguous_request"), "{port}");
    }
    assert_eq!(
        verdict(check(), detach(PORT)).await,
        (404, "interface_unknown")
    );
}

#[tokio::test]
async fn q21_a_message_names_the_networks_at_fault_in_order_and_no_other() {
    let policy = RequestNetworks::new([], [BANNED, OTHER, REQUIRED].map(network)).unwrap();
    let service = GuardLayer::new(policy).layer(Nova::default().service());
    let answer = send(&service, create(&listing(&[OTHER, BANNED]))).await;
    let expected = format!("not allowed to use these networks: {BANNED}, {OTHER}");
    assert_eq!(answer.message, expected);

    let check = DetachNetworkCheck::new([REQUIRED, OTHER].map(network));
    let guard = GuardLayer::new(check).lookup(Arc::new(Known::on(OTHER)));
    let answer = send(&guard.layer(Nova::default().service()), detach(PORT)).await;
    assert!(answer.message.contains(OTHER) && !answer.message.contains(REQUIRED));
}

#[test]
fn q22_configured_networks_are_canonicalised_and_anything_else_is_an_error() {
    let spelled: NetworkSet = BANNED.to_uppercase().replace('-', "").parse().unwrap();
    assert_eq!(spelled.to_string(), BANNED);
    assert!("public".parse::<NetworkSet>().is_err());
}

#[tokio::test]
async fn q23_xml_is_refused() {
    let request = line("POST /v2/6f/servers").header("content-type", "application/xml");
    let request = request.body(body("<server/>")).unwrap();
    assert_eq!(verdict(networks(), request).await, (415, "media_type"));
}

#[tokio::test]
async fn q24_novas_own_interfaces_are_judged_not_the_vendors_alone() {
    let check = || {
        NetworkCountCheck::builder()
            .banned_nets([network(BANNED)])
            .build()
            .unwrap()
    };
    let request = attach(&format!(r#""net_id": "{BANNED}""#));
    assert_eq!(verdict(check(), request).await, (403, "network_banned"));
    let vendor = format!("POST /v2/6f/servers/{SERVER}/os-virtual-interfacesv2");
    let text = format!(r#"{{"virtual_interface": {{"network_id": "{BANNED}"}}}}"#);
    let request = line(&vendor).body(body(text)).unwrap();
    assert_eq!(verdict(check(), request).await, (403, "network_banned"));
}

#[tokio::test]
async fn q25_no_header_switches_a_policy_off() {
    let mut request = create("\"none\"");
    for name in [
        "x-wafflehaus-requestnetworks-enabled",
        "x_wafflehaus_requestnetworks_testing",
    ] {
        let name: http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, "0".parse().unwrap());
    }
    assert_eq!(
        verdict(networks(), request).await,
        (403, "network_required")
    );
}

#[tokio::test]
async fn q26_and_q27_a_refusal_is_returned_as_a_nova_fault() {
    let service = GuardLayer::new(networks()).layer(Nova::default().service());
    let response = tower::ServiceExt::oneshot(service, create("\"none\""))
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["content-type"], "application/json");
    let text = read(response.into_body()).await;
    let fault: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(fault["forbidden"]["code"], 403);
    assert_eq!(fault.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn q29_a_dry_run_lets_pass_what_it_would_refuse() {
    let guard = GuardLayer::new(networks()).audit(true);
    let answer = send(&guard.layer(Nova::default().service()), create("\"none\"")).await;
    assert_eq!(answer.status, 202);
}
