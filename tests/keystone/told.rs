//! Rule 23: one event for each refusal, one count for each token.

use std::collections::BTreeMap;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};

use crate::{common::*, log::Log};

type Counts = BTreeMap<(String, String), u64>;

/// What a run tells: level, token, code and cause of each event, and the counts.
fn told_of(run: impl AsyncFnOnce(Gateway)) -> (Vec<[String; 4]>, Counts) {
    let log = Log::start();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(run(gateway()));
    });
    let events = log.events("wafflehaus::keystone").into_iter().map(|event| {
        let field = |name: &str| {
            event["fields"][name]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let level = event["level"].as_str().unwrap().to_owned();
        [level, field("token"), field("code"), field("cause")]
    });
    let mut counts = Counts::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let key = key.key();
        assert_eq!(key.name(), "wafflehaus_token_validations_total");
        let labels: BTreeMap<_, _> = key
            .labels()
            .map(|label| (label.key(), label.value()))
            .collect();
        let DebugValue::Counter(count) = value else {
            panic!("not a counter")
        };
        let labels = (labels["token"].to_owned(), labels["outcome"].to_owned());
        counts.insert(labels, count);
    }
    (events.collect(), counts)
}

fn counted(counts: &[(&str, &str, u64)]) -> Counts {
    let counts = counts.iter();
    counts
        .map(|(token, outcome, count)| (((*token).to_owned(), (*outcome).to_owned()), *count))
        .collect()
}

#[test]
fn rule_23_what_passes_is_counted_and_not_logged() {
    let (events, counts) = told_of(async |gateway| {
        for _ in 0..3 {
            assert_eq!(gateway.get("ann").await, 200);
        }
        let both = [("x-auth-token", "root"), ("x-service-token", "nova")];
        for _ in 0..2 {
            assert_eq!(gateway.ask("GET /", &both).await, 200);
        }
        // The service is remembered, the user not.
        let both = [("x-auth-token", "ann"), ("x-service-token", "nova")];
        assert_eq!(gateway.ask("GET /", &both).await, 200);
    });
    assert!(events.is_empty(), "{events:?}");
    let expected = [
        ("user", "miss", 3),
        ("user", "hit", 3),
        ("service", "miss", 1),
        ("service", "hit", 2),
    ];
    assert_eq!(counts, counted(&expected));
}

#[test]
fn rule_23_each_refusal_is_one_event() {
    let (events, counts) = told_of(async |gateway| {
        gateway.fake.teach("down", Word::Down);
        gateway.fake.ruled("ruled", &[]);
        let user = |token| [("x-auth-token", token)];
        let both = |service| [("x-auth-token", "ann"), ("x-service-token", service)];
        assert_eq!(gateway.ask("GET /", &[]).await, 401);
        assert_eq!(gateway.ask("GET /", &user("a,b")).await, 401);
        assert_eq!(gateway.ask("GET /", &user("wrong")).await, 401);
        assert_eq!(gateway.ask("GET /", &user("wrong")).await, 401);
        assert_eq!(gateway.ask("GET /", &user("down")).await, 503);
        assert_eq!(gateway.ask("GET /", &user("ruled")).await, 403);
        assert_eq!(gateway.ask("GET /", &both("wrong")).await, 401);
        assert_eq!(gateway.ask("GET /", &both("root")).await, 401);
        assert_eq!(gateway.ask("GET /?_method=PUT", &user("ann")).await, 400);
    });
    let expected = [
        ["INFO", "user", "token_missing", ""],
        ["INFO", "user", "token_invalid", ""],
        ["INFO", "user", "token_invalid", "unknown"],
        ["INFO", "user", "token_invalid", "it was invalid just now"],
        ["WARN", "user", "keystone_unavailable", "it is down"],
        ["INFO", "user", "access_rules", ""],
        [
            "INFO",
            "service",
            "service_token_invalid",
            "it was invalid just now",
        ],
        [
            "INFO",
            "service",
            "service_token_invalid",
            "it has no role of a service",
        ],
        ["INFO", "user", "ambiguous_request", ""],
    ];
    assert_eq!(events, expected);
    let expected = [
        ("user", "invalid", 4),
        ("user", "unavailable", 1),
        ("user", "miss", 1),
        ("service", "invalid", 2),
    ];
    assert_eq!(counts, counted(&expected));
}

#[test]
fn rule_23_so_are_the_opening_and_closing_of_the_circuit() {
    let (events, _) = told_of(async |gateway| {
        let layer = layer(&gateway.fake).circuit(1, std::time::Duration::ZERO);
        let gateway = Gateway::around(gateway.fake.clone(), layer);
        gateway.fake.down(true);
        assert_eq!(gateway.get("ann").await, 503);
        gateway.fake.down(false);
        assert_eq!(gateway.get("ann").await, 200);
    });
    let levels: Vec<&str> = events.iter().map(|[level, ..]| &**level).collect();
    assert_eq!(levels, ["WARN", "WARN", "INFO"]);
}
