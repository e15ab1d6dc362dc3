//! A real Keystone that is stopped, started, and silent for a while.

use std::time::Duration;

use tokio::{net::TcpStream, time::Instant};
use wafflehaus::keystone::Outage;

use crate::{
    judging::Judging,
    support::{Lab, assert_refused, with_lab_alone},
};

const SERVERS: &str = "GET /v2.1/servers";
const SECOND: Duration = Duration::from_secs(1);

/// A change that Nova answers with 404, and nothing comes of.
const CHANGE: &str = "DELETE /v2.1/servers/00000000-0000-4000-8000-000000000000";

/// A gateway that knows user1's token, and nobody else's.
async fn warm(lab: &Lab, outage: Outage) -> Judging {
    let gateway = Judging::asking(lab, lab.cloud.keystone, move |layer| {
        layer
            .fresh_for(SECOND)
            .deadline(2 * SECOND)
            .circuit(3, 2 * SECOND)
            .during_outage(outage)
    })
    .await;
    let answer = gateway.with_token(CHANGE, &lab.user1.token).await;
    assert_eq!(answer.status, 404, "{answer:?}");
    gateway
}

async fn assert_unavailable(gateway: &Judging, asked: &str, token: &str) {
    let begin = Instant::now();
    let answer = gateway.with_token(asked, token).await;
    assert_refused(&answer, 503, "the token could not be validated");
    assert_eq!(answer.headers["retry-after"], "5");
    assert!(!answer.headers.contains_key("www-authenticate"));
    assert!(begin.elapsed() < 4 * SECOND, "{:?}", begin.elapsed());
}

/// What holds for as long as Keystone does not answer.
async fn assert_outage(lab: &Lab, reads: &Judging, nothing: &Judging) {
    // Not 401 either, for what may or may not be a token.
    for token in [&*lab.admin.token, "garbage", &*lab.admin.token] {
        for gateway in [reads, nothing] {
            assert_unavailable(gateway, SERVERS, token).await;
        }
    }
    let passed = reads.forwarded().len();
    assert_unavailable(reads, CHANGE, &lab.user1.token).await;
    assert_eq!(reads.forwarded().len(), passed);
    // What is remembered reads, or does not, as is set.
    let answer = reads.with_token(SERVERS, &lab.user1.token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    lab.until("keystone is left alone", async || {
        let answer = nothing.with_token(SERVERS, &lab.user1.token).await;
        assert!(matches!(answer.status, 200 | 503), "{answer:?}");
        answer.status == 503
    })
    .await;
    // From now on nobody waits.
    let begin = Instant::now();
    assert_unavailable(nothing, SERVERS, "other-garbage").await;
    assert!(begin.elapsed() < SECOND, "{:?}", begin.elapsed());
}

/// The gateways find out by themselves that Keystone is back.
async fn assert_recovers(lab: &Lab, gateways: [&Judging; 2]) {
    for gateway in gateways {
        lab.until("a change passes again", async || {
            let answer = gateway.with_token(CHANGE, &lab.user1.token).await;
            assert!(matches!(answer.status, 404 | 503), "{answer:?}");
            answer.status == 404
        })
        .await;
        let answer = gateway.with_token(SERVERS, &lab.admin.token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_refused(
            &gateway.with_token(SERVERS, "garbage").await,
            401,
            "not valid",
        );
    }
}

#[tokio::test]
async fn a_keystone_that_is_stopped_and_started_again_is_survived() {
    with_lab_alone(async |lab, mut control| {
        let reads = warm(&lab, Outage::ServeReads).await;
        let nothing = warm(&lab, Outage::ServeNothing).await;
        control.stop();
        lab.until("keystone is gone", async || {
            !control.is_running() && TcpStream::connect(lab.cloud.keystone).await.is_err()
        })
        .await;
        assert_outage(&lab, &reads, &nothing).await;
        control.start();
        assert_recovers(&lab, [&reads, &nothing]).await;
    })
    .await;
}

#[tokio::test]
async fn a_keystone_that_is_silent_for_a_while_is_survived() {
    with_lab_alone(async |lab, mut control| {
        let reads = warm(&lab, Outage::ServeReads).await;
        let nothing = warm(&lab, Outage::ServeNothing).await;
        control.freeze();
        assert_outage(&lab, &reads, &nothing).await;
        control.start();
        assert_recovers(&lab, [&reads, &nothing]).await;
    })
    .await;
}
