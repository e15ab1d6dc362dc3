//! Rules 6 and 8 to 11: what is remembered, for how long, and for whom.

use std::time::Duration;

use tokio::{task::JoinSet, time::advance};
use wafflehaus::keystone::Validated;

use crate::common::*;

const SECOND: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(1);

#[tokio::test(flavor = "multi_thread")]
async fn rule_8_ten_thousand_requests_with_a_cold_token_ask_once() {
    // On the real clock, so that a busy machine must not be what ends or ages a validation.
    let long = 600 * SECOND;
    for line in ["GET /v2.1/servers", "POST /v2.1/servers"] {
        let gateway = Gateway::with(|layer| layer.deadline(long).fresh_for(long));
        gateway.fake.hold(true);
        let mut all = JoinSet::new();
        for _ in 0..10_000 {
            let gateway = gateway.clone();
            all.spawn(async move { gateway.ask(line, &[("x-auth-token", "ann")]).await });
        }
        settle().await;
        gateway.fake.hold(false);
        assert!(all.join_all().await.iter().all(|status| *status == 200));
        assert_eq!(gateway.fake.calls(), 1);
    }
}

#[tokio::test]
async fn rule_8_a_bad_outcome_is_shared_as_well() {
    let gateway = gateway();
    gateway.fake.teach("down", Word::Down);
    for (token, status) in [("wrong", 401), ("down", 503)] {
        let before = gateway.fake.calls();
        gateway.fake.hold(true);
        let mut all = JoinSet::new();
        for _ in 0..100 {
            let gateway = gateway.clone();
            all.spawn(async move { gateway.get(token).await });
        }
        settle().await;
        gateway.fake.hold(false);
        assert!(all.join_all().await.iter().all(|got| *got == status));
        assert_eq!(gateway.fake.calls(), before + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_9_a_good_token_is_remembered_for_a_while() {
    let gateway = Gateway::with(|layer| layer.cache_for(60 * SECOND));
    assert_eq!(gateway.get("ann").await, 200);
    gateway.fake.revoke("ann");
    advance(60 * SECOND - MOMENT).await;
    assert_eq!(gateway.get("ann").await, 200);
    assert_eq!(gateway.fake.calls(), 1);
    advance(MOMENT).await;
    assert_eq!(gateway.get("ann").await, 401);
}

#[tokio::test(start_paused = true)]
async fn rule_9_nothing_is_remembered_if_so_set() {
    let gateway = Gateway::with(|layer| layer.cache_for(Duration::ZERO));
    for calls in 1..4 {
        assert_eq!(gateway.get("ann").await, 200);
        assert_eq!(gateway.fake.calls(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn rules_6_and_9_no_token_outlives_its_expiry() {
    let gateway = Gateway::with(|layer| layer.cache_for(600 * SECOND));
    let short = Validated::new(caller("ann", &["member"]), 10 * SECOND);
    gateway.fake.teach("short", Word::Good(Box::new(short)));
    let over = Validated::new(caller("ann", &["member"]), Duration::ZERO);
    gateway.fake.teach("over", Word::Good(Box::new(over)));
    assert_eq!(gateway.get("over").await, 401);
    assert_eq!(gateway.get("short").await, 200);
    advance(10 * SECOND - MOMENT).await;
    assert_eq!(gateway.get("short").await, 200);
    advance(MOMENT).await;
    assert_eq!(gateway.get("short").await, 401);
    assert_eq!(gateway.fake.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn rule_6_a_life_is_counted_from_before_the_question() {
    let gateway = gateway();
    let short = Validated::new(caller("ann", &["member"]), 3 * SECOND);
    gateway.fake.teach("short", Word::Good(Box::new(short)));
    gateway.fake.hold(true);
    let waiting = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.get("short").await }
    });
    settle().await;
    advance(3 * SECOND).await;
    gateway.fake.hold(false);
    assert_eq!(waiting.await.unwrap(), 401);
}

#[tokio::test(start_paused = true)]
async fn rule_10_a_revoked_token_cannot_change_anything() {
    let gateway = Gateway::with(|layer| layer.fresh_for(3 * SECOND));
    assert_eq!(gateway.get("ann").await, 200);
    gateway.fake.revoke("ann");
    advance(3 * SECOND).await;
    assert_eq!(gateway.post("ann").await, 200);
    advance(MOMENT).await;
    for line in ["GET", "HEAD", "OPTIONS"] {
        let line = format!("{line} /v2.1/servers");
        assert_eq!(gateway.ask(&line, &[("x-auth-token", "ann")]).await, 200);
    }
    assert_eq!(gateway.fake.calls(), 1);
    for line in ["POST", "PUT", "PATCH", "DELETE"] {
        let line = format!("{line} /v2.1/servers");
        assert_eq!(gateway.ask(&line, &[("x-auth-token", "ann")]).await, 401);
    }
    // What is found out for a change holds for reads.
    assert_eq!(gateway.get("ann").await, 401);
    assert_eq!(gateway.fake.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn rule_10_a_service_token_must_be_fresh_too() {
    let gateway = gateway();
    let both = [("x-auth-token", "ann"), ("x-service-token", "nova")];
    assert_eq!(gateway.ask("POST /", &both).await, 200);
    gateway.fake.revoke("nova");
    advance(4 * SECOND).await;
    assert_eq!(gateway.ask("GET /", &both).await, 200);
    assert_eq!(gateway.ask("POST /", &both).await, 401);
}

#[tokio::test(start_paused = true)]
async fn rule_10_a_validation_from_before_is_as_old_as_its_question() {
    let gateway = Gateway::with(|layer| layer.fresh_for(2 * SECOND).deadline(60 * SECOND));
    gateway.fake.hold(true);
    let reading = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.get("ann").await }
    });
    settle().await;
    advance(3 * SECOND).await;
    // Joins the same question, which is too old for it when the answer comes.
    let acting = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.post("ann").await }
    });
    settle().await;
    assert_eq!(gateway.fake.calls(), 1);
    gateway.fake.hold(false);
    assert_eq!((reading.await.unwrap(), acting.await.unwrap()), (200, 200));
    assert_eq!(gateway.fake.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn rule_10_with_no_tolerance_every_change_asks() {
    let gateway = Gateway::with(|layer| layer.fresh_for(Duration::ZERO));
    for calls in 1..4 {
        assert_eq!(gateway.post("ann").await, 200);
        assert_eq!(gateway.get("ann").await, 200);
        assert_eq!(gateway.fake.calls(), calls);
        advance(MOMENT).await;
    }
}

#[tokio::test(start_paused = true)]
async fn rule_11_an_invalid_token_is_remembered_for_a_moment() {
    let gateway = gateway();
    assert_eq!(gateway.get("late").await, 401);
    gateway.fake.good("late", caller("late", &["member"]));
    advance(SECOND - MOMENT).await;
    assert_eq!(gateway.post("late").await, 401);
    assert_eq!(gateway.fake.calls(), 1);
    advance(MOMENT).await;
    assert_eq!(gateway.get("late").await, 200);
}

#[tokio::test(start_paused = true)]
async fn rule_11_a_failure_is_not_remembered() {
    let gateway = gateway();
    gateway.fake.teach("ann", Word::Down);
    assert_eq!(gateway.get("ann").await, 503);
    gateway.fake.good("ann", caller("ann", &["member"]));
    assert_eq!(gateway.get("ann").await, 200);
}

#[tokio::test]
async fn rule_11_what_the_service_behind_refuses_is_forgotten() {
    let gateway = gateway();
    let both = [("x-auth-token", "ann"), ("x-service-token", "nova")];
    gateway.answers(401);
    for calls in [2, 4, 6] {
        assert_eq!(gateway.ask("GET /", &both).await, 401);
        assert_eq!(gateway.fake.calls(), calls);
    }
    gateway.answers(403);
    for _ in 0..3 {
        assert_eq!(gateway.ask("GET /", &both).await, 403);
        assert_eq!(gateway.fake.calls(), 8);
    }
}

#[tokio::test]
async fn rule_7_the_memory_is_bounded_and_bad_tokens_drive_out_no_good_ones() {
    let gateway = Gateway::with(|layer| layer.cache_capacity(16).invalid_for(600 * SECOND));
    assert_eq!(gateway.get("ann").await, 200);
    for number in 0..2000 {
        assert_eq!(gateway.get(&format!("bad-{number}")).await, 401);
    }
    let before = gateway.fake.calls();
    assert_eq!(gateway.get("ann").await, 200);
    assert_eq!(gateway.fake.calls(), before);
    // The first of the bad ones are long forgotten.
    let before = gateway.fake.calls();
    for number in 0..100 {
        assert_eq!(gateway.get(&format!("bad-{number}")).await, 401);
    }
    assert!(gateway.fake.calls() > before + 50);
}

#[tokio::test]
async fn rule_8_services_of_one_layer_share_a_memory_and_settings_change_it() {
    let fake = Fake::new();
    let first = layer(&fake);
    let gateways = [first.clone(), first.clone(), first.fresh_for(SECOND)]
        .map(|layer| Gateway::around(fake.clone(), layer));
    for (gateway, calls) in gateways.iter().zip([1, 1, 2]) {
        assert_eq!(gateway.get("ann").await, 200);
        assert_eq!(fake.calls(), calls);
    }
}
