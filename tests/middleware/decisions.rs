//! What is told of a decision: one event and one count, and no secret in either.

use std::sync::Arc;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use serde_json::Value;
use tower::Layer;
use wafflehaus::{
    guard::GuardLayer,
    policy::{NetworkCountCheck, RequestNetworks},
};

use crate::{common::*, log::Log};

/// The fields of each decision.
fn decisions(log: &Log) -> Vec<Value> {
    let events = log.events("wafflehaus::decision").into_iter();
    events
        .map(|event| {
            assert_eq!(event["level"], "INFO");
            event["fields"].clone()
        })
        .collect()
}

/// Runs one conversation with a log and a recorder of its own.
fn told(conversation: impl Future<Output = ()>) -> (Log, Vec<(Vec<String>, u64)>) {
    let log = Log::start();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(conversation);
    });
    (log, counts(&snapshotter))
}

fn counts(snapshotter: &Snapshotter) -> Vec<(Vec<String>, u64)> {
    let mut counts: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            assert_eq!(key.key().name(), "wafflehaus_decisions_total");
            let mut labels: Vec<_> = key
                .key()
                .labels()
                .map(|label| format!("{}={}", label.key(), label.value()))
                .collect();
            labels.sort();
            let DebugValue::Counter(count) = value else {
                panic!("not a counter")
            };
            (labels, count)
        })
        .collect();
    counts.sort();
    counts
}

fn guard() -> GuardLayer<(RequestNetworks, NetworkCountCheck)> {
    GuardLayer::new((
        RequestNetworks::new([network(REQUIRED)], []).unwrap(),
        NetworkCountCheck::builder().build().unwrap(),
    ))
    .route("managed")
}

const REQUEST_ID: &str = "req-0abcde01-c0de-4aaa-8bbb-fedcba987601";

#[test]
fn each_decision_is_one_event_and_one_count() {
    let (log, counts) = told(async {
        let service = guard().layer(Nova::default().service());
        let mut passed = create(&listing(&[REQUIRED]));
        passed
            .headers_mut()
            .insert("x-openstack-request-id", REQUEST_ID.parse().unwrap());
        send(&service, passed).await;
        send(&service, create("\"none\"")).await;
        let mut forged = create(&listing(&[REQUIRED, OTHER]));
        forged
            .headers_mut()
            .insert("x-openstack-request-id", "req-x policy=y".parse().unwrap());
        send(&service, forged).await;
        send(&service, line("GET /v2.1/servers").body(body("")).unwrap()).await;
    });
    let decision = |verdict: &str, code: &str, policy: &str, id: &str| {
        serde_json::json!({
            "message": "decision", "verdict": verdict, "code": code, "policy": policy,
            "route": "managed", "operation": "create_server", "project": "6f70656e",
            "user": "alice", "request_id": id,
        })
    };
    assert_eq!(
        decisions(&log),
        [
            decision("allow", "", "RequestNetworks+NetworkCountCheck", REQUEST_ID),
            decision("deny", "network_required", "RequestNetworks", ""),
            decision("deny", "too_many_networks", "NetworkCountCheck", ""),
        ]
    );
    let count = |code: &str, policy: &str, verdict: &str| {
        let labels = [
            ("code", code),
            ("policy", policy),
            ("route", "managed"),
            ("verdict", verdict),
        ];
        (
            labels.map(|(key, value)| format!("{key}={value}")).to_vec(),
            1,
        )
    };
    assert_eq!(
        counts,
        [
            count("", "RequestNetworks+NetworkCountCheck", "allow"),
            count("network_required", "RequestNetworks", "deny"),
            count("too_many_networks", "NetworkCountCheck", "deny"),
        ]
    );
}

#[test]
fn an_audit_says_what_would_have_been() {
    let (log, counts) = told(async {
        let service = guard().audit(true).layer(Nova::default().service());
        assert_eq!(send(&service, create("\"none\"")).await.status, 202);
    });
    assert_eq!(decisions(&log)[0]["verdict"], "would_deny");
    assert!(counts[0].0.contains(&"verdict=would_deny".to_owned()));
}

#[test]
fn no_token_and_no_body_is_told_however_the_decision_falls() {
    let secrets = ["gAAAAAtoken", "storage-secret", "hunter2", "service-secret"];
    let (log, counts) = told(async {
        let lookup = Arc::new(Known {
            fails: true,
            ..Known::default()
        });
        let service = guard().lookup(lookup).layer(Nova::default().service());
        let bodies = [
            r#"{"server": {"adminPass": "hunter2", "networks": "none"}}"#.to_owned(),
            r#"{"server": {"adminPass": "hunter2", "networks": "hunter2"}}"#.to_owned(),
            r#"{"server": {"adminPass": "hunter2""#.to_owned(),
            format!(
                r#"{{"server": {{"adminPass": "hunter2", "networks": [{{"port": "{PORT}"}}]}}}}"#
            ),
            format!(
                r#"{{"server": {{"adminPass": "hunter2", "networks": [{{"uuid": "{REQUIRED}"}}]}}}}"#
            ),
        ];
        for text in bodies {
            let request = line("POST /v2.1/servers?token=hunter2")
                .header("x-auth-token", "gAAAAAtoken")
                .header("x-storage-token", "storage-secret")
                .header("x-service-token", "service-secret");
            send(&service, request.body(body(text)).unwrap()).await;
        }
    });
    assert_eq!(decisions(&log).len(), 5);
    for secret in secrets {
        assert!(!log.text().contains(secret), "{secret} in {}", log.text());
        assert!(!format!("{counts:?}").contains(secret), "{secret}");
    }
}
