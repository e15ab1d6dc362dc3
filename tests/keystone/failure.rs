//! Rules 17 to 19: a Keystone that does not answer.

use std::time::Duration;

use http_body_util::Full;
use tokio::time::{Instant, advance};
use wafflehaus::keystone::Outage;

use crate::common::*;

const SECOND: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(1);

#[tokio::test(start_paused = true)]
async fn rule_17_a_slow_keystone_is_not_waited_for_for_ever() {
    let gateway = Gateway::with(|layer| layer.deadline(5 * SECOND));
    for (line, token) in [("GET /", "slow"), ("POST /", "slower")] {
        gateway.fake.teach(token, Word::Never);
        let start = Instant::now();
        assert_eq!(gateway.ask(line, &[("x-auth-token", token)]).await, 503);
        assert_eq!(start.elapsed().as_secs(), 5);
    }
    // Both tokens together have no longer.
    let start = Instant::now();
    gateway.fake.teach("slow-nova", Word::Never);
    gateway.fake.teach("slowest", Word::Never);
    let both = [
        ("x-auth-token", "slowest"),
        ("x-service-token", "slow-nova"),
    ];
    assert_eq!(gateway.ask("GET /", &both).await, 503);
    assert_eq!(start.elapsed().as_secs(), 5);
    assert!(gateway.reached().is_empty());
}

#[tokio::test(start_paused = true)]
async fn rule_17_whoever_joins_late_waits_no_longer() {
    let gateway = Gateway::with(|layer| layer.deadline(5 * SECOND).fresh_for(SECOND));
    gateway.fake.teach("slow", Word::Never);
    let first = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.get("slow").await }
    });
    settle().await;
    advance(3 * SECOND).await;
    let start = Instant::now();
    assert_eq!(gateway.post("slow").await, 503);
    assert_eq!(start.elapsed().as_secs(), 2);
    assert_eq!(first.await.unwrap(), 503);
}

#[tokio::test]
async fn rule_17_a_503_says_when_to_come_back() {
    let gateway = gateway();
    gateway.fake.teach("down", Word::Down);
    let built = request("GET /").header("x-auth-token", "down");
    let answer = gateway.send(built.body(Full::default()).unwrap()).await;
    let (headers, body, code) = told(answer).await;
    assert_eq!(code, "keystone_unavailable");
    assert_eq!(headers["retry-after"], "5");
    assert!(!headers.contains_key("www-authenticate"));
    assert_eq!(body["serviceUnavailable"]["code"], 503);
    // The cause is for the log.
    assert!(!body.to_string().contains("it is down"));
}

#[tokio::test]
async fn rule_17_a_validator_that_panics_fails_its_request_only() {
    let gateway = gateway();
    gateway.fake.teach("panic", Word::Panic);
    assert_eq!(gateway.get("panic").await, 503);
    assert_eq!(gateway.get("ann").await, 200);
    gateway.fake.good("panic", caller("ann", &[]));
    assert_eq!(gateway.get("panic").await, 200);
}

#[tokio::test]
async fn rule_17_validations_at_once_are_bounded() {
    let gateway = Gateway::with(|layer| layer.most_at_once(2));
    gateway.fake.hold(true);
    let mut waiting = Vec::new();
    for token in ["ann", "root"] {
        let gateway = gateway.clone();
        waiting.push(tokio::spawn(async move { gateway.get(token).await }));
    }
    settle().await;
    assert_eq!(gateway.get("nova").await, 503);
    gateway.fake.hold(false);
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap(), 200);
    }
    assert_eq!(gateway.get("nova").await, 200);
}

/// A gateway whose Keystone fails so often that it is left alone, but knows `ann`.
async fn broken(outage: Outage) -> Gateway {
    let gateway = Gateway::with(|layer| {
        layer
            .circuit(3, 5 * SECOND)
            .cache_for(60 * SECOND)
            .fresh_for(2 * SECOND)
            .during_outage(outage)
    });
    assert_eq!(gateway.get("ann").await, 200);
    gateway.fake.down(true);
    for _ in 0..3 {
        assert_eq!(gateway.get("root").await, 503);
    }
    // The last is a check, about nobody's token.
    assert_eq!(gateway.fake.calls(), 5);
    gateway
}

#[tokio::test(start_paused = true)]
async fn rule_18_a_failing_keystone_is_left_alone_and_found_again() {
    let gateway = broken(Outage::ServeReads).await;
    gateway.fake.down(false);
    advance(5 * SECOND - MOMENT).await;
    for _ in 0..10 {
        assert_eq!(gateway.get("root").await, 503);
    }
    assert_eq!(gateway.fake.calls(), 5);

    // Half open: one check, while which all others are refused.
    advance(MOMENT).await;
    gateway.fake.hold(true);
    let first = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.get("root").await }
    });
    settle().await;
    assert_eq!(gateway.get("nova").await, 503);
    gateway.fake.down(true);
    gateway.fake.hold(false);
    assert_eq!(first.await.unwrap(), 503);
    assert_eq!(gateway.fake.calls(), 6);

    // It failed, so the circuit is open again.
    gateway.fake.down(false);
    assert_eq!(gateway.get("root").await, 503);
    assert_eq!(gateway.fake.calls(), 6);
    advance(5 * SECOND).await;
    // Whoever comes first waits for the check and then has an answer.
    assert_eq!(gateway.get("wrong").await, 401);
    assert_eq!(gateway.get("root").await, 200);
    assert_eq!(gateway.get("nova").await, 200);
    assert_eq!(gateway.fake.calls(), 10);
}

#[tokio::test(start_paused = true)]
async fn rule_18_a_token_that_keystone_fails_on_shuts_nobody_out() {
    let gateway = Gateway::with(|layer| layer.circuit(2, 5 * SECOND));
    // One caller's, several of them, and one that never gets an answer.
    for token in ["odd", "odder", "oddest"] {
        gateway.fake.teach(token, Word::Down);
    }
    gateway.fake.teach("mute", Word::Never);
    for token in [
        "odd", "odd", "odd", "odder", "oddest", "mute", "mute", "mute",
    ] {
        assert_eq!(gateway.get(token).await, 503, "{token}");
    }
    for token in ["ann", "root", "nova"] {
        assert_eq!(gateway.get(token).await, 200, "{token}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_18_a_token_that_keystone_fails_on_keeps_nobody_out() {
    let gateway = broken(Outage::ServeReads).await;
    gateway.fake.down(false);
    gateway.fake.teach("odd", Word::Down);
    advance(5 * SECOND).await;
    assert_eq!(gateway.get("odd").await, 503);
    assert_eq!(gateway.get("root").await, 200);
}

#[tokio::test(start_paused = true)]
async fn rule_18_a_silent_keystone_is_left_alone_too() {
    let gateway = Gateway::with(|layer| layer.circuit(2, 60 * SECOND).deadline(5 * SECOND));
    gateway.fake.hold(true);
    for token in ["ann", "root"] {
        let start = Instant::now();
        assert_eq!(gateway.get(token).await, 503);
        assert_eq!(start.elapsed().as_secs(), 5);
    }
    // The check has its own time.
    settle().await;
    advance(5 * SECOND).await;
    settle().await;
    let start = Instant::now();
    assert_eq!(gateway.get("ann").await, 503);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn rule_18_invalid_tokens_open_nothing() {
    let gateway = Gateway::with(|layer| layer.circuit(1, 60 * SECOND));
    for number in 0..100 {
        assert_eq!(gateway.get(&format!("bad-{number}")).await, 401);
    }
    assert_eq!(gateway.get("ann").await, 200);
}

#[tokio::test(start_paused = true)]
async fn rule_19_reads_are_served_from_memory_and_changes_only_while_fresh() {
    let gateway = broken(Outage::ServeReads).await;
    assert_eq!(gateway.get("ann").await, 200);
    assert_eq!(gateway.post("ann").await, 200);
    advance(3 * SECOND).await;
    assert_eq!(gateway.get("ann").await, 200);
    assert_eq!(gateway.post("ann").await, 503);
    // The circuit is half open by now; that a change cannot be validated leaves reads alone.
    advance(10 * SECOND).await;
    assert_eq!(gateway.post("ann").await, 503);
    assert_eq!(gateway.get("ann").await, 200);
    advance(60 * SECOND).await;
    assert_eq!(gateway.get("ann").await, 503);
}

#[tokio::test(start_paused = true)]
async fn rule_19_changes_may_be_served_too() {
    let gateway = broken(Outage::ServeAll).await;
    advance(3 * SECOND).await;
    // With the circuit open, by a check that fails, and by a question that does.
    assert_eq!(gateway.post("ann").await, 200);
    advance(10 * SECOND).await;
    assert_eq!(gateway.post("ann").await, 200);
    assert_eq!(gateway.post("root").await, 503);
    gateway.fake.down(false);
    gateway.fake.teach("ann", Word::Down);
    advance(10 * SECOND).await;
    assert_eq!(gateway.get("nova").await, 200);
    let calls = gateway.fake.calls();
    assert_eq!(gateway.post("ann").await, 200);
    assert_eq!(gateway.fake.calls(), calls + 1);
    // What Keystone says still counts for more.
    gateway.fake.revoke("ann");
    advance(10 * SECOND).await;
    assert_eq!(gateway.post("ann").await, 401);
    let gateway = broken(Outage::ServeAll).await;
    advance(60 * SECOND).await;
    assert_eq!(gateway.post("ann").await, 503);
}

#[tokio::test(start_paused = true)]
async fn rule_19_an_expired_token_is_served_by_no_setting() {
    let gateway = Gateway::with(|layer| layer.during_outage(Outage::ServeAll));
    let short = wafflehaus::keystone::Validated::new(caller("ann", &[]), 10 * SECOND);
    gateway.fake.teach("short", Word::Good(Box::new(short)));
    assert_eq!(gateway.post("short").await, 200);
    gateway.fake.teach("short", Word::Down);
    advance(9 * SECOND).await;
    assert_eq!(gateway.post("short").await, 200);
    advance(SECOND).await;
    assert_eq!(gateway.post("short").await, 401);
}

#[tokio::test(start_paused = true)]
async fn rule_19_nothing_may_be_served() {
    let gateway = broken(Outage::ServeNothing).await;
    assert_eq!(gateway.get("ann").await, 503);
    assert_eq!(gateway.post("ann").await, 503);
    gateway.fake.down(false);
    advance(5 * SECOND).await;
    assert_eq!(gateway.get("nova").await, 200);
    assert_eq!(gateway.get("ann").await, 200);
}
