//! Rules 7 to 10.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use http::Method;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time};
use wafflehaus::{
    guard::{LookupError, PortLookup},
    openstack::NeutronLookup,
};

use crate::cloud::{
    Cloud, PASSWORD, Reply, SERVER, Seen, TOKEN, client, issued, neutron_list, token_response,
};

/// Moves the clock, without letting it run away while sockets are waited for.
async fn pass(duration: Duration) {
    time::pause();
    time::advance(duration).await;
    time::resume();
}

const MINUTE: Duration = Duration::from_secs(60);

fn obliging(seen: &Seen) -> Reply {
    match seen.service.as_str() {
        "neutron" => Reply::Json(200, neutron_list([])),
        _ => Reply::Usual,
    }
}

/// Refuses the tokens with these numbers.
fn refusing(numbers: &'static [u32]) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    move |seen| {
        let refused = |it: &u32| seen.token.as_deref() == Some(&format!("{TOKEN}{it}"));
        if numbers.iter().any(refused) {
            return Reply::text(401, "");
        }
        obliging(seen)
    }
}

async fn many(lookup: NeutronLookup, times: usize) -> Vec<Result<(), LookupError>> {
    let lookup = Arc::new(lookup);
    let mut all = JoinSet::new();
    for _ in 0..times {
        let lookup = Arc::clone(&lookup);
        all.spawn(async move { lookup.server_ports(SERVER).await.map(drop) });
    }
    all.join_all().await
}

fn tokens_used(cloud: &Cloud) -> Vec<String> {
    let seen = cloud.seen("neutron").into_iter();
    seen.map(|seen| seen.token.unwrap().replace(TOKEN, ""))
        .collect()
}

#[tokio::test]
async fn rule_7_fifty_lookups_at_once_need_one_token_request() {
    let cloud = Cloud::start(obliging).await;
    let outcomes = many(cloud.neutron(), 50).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(tokens_used(&cloud), vec!["1"; 50]);

    let [request] = &cloud.seen("keystone")[..] else {
        panic!("one token request");
    };
    assert_eq!(request.method, Method::POST);
    assert_eq!(request.target, "/v3/auth/tokens?nocatalog");
    assert_eq!(request.token, None);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body["auth"]["identity"]["password"]["user"]["password"],
        PASSWORD
    );
}

#[tokio::test]
async fn rule_7_a_token_request_goes_on_without_the_lookup_that_began_it() {
    let cloud = Cloud::start(obliging).await;
    let lookup = cloud.neutron();
    let mut abandoned = tokio_test::task::spawn(lookup.server_ports(SERVER));
    assert!(abandoned.poll().is_pending());
    drop(abandoned);
    lookup.server_ports(SERVER).await.unwrap();
    assert_eq!(cloud.seen("keystone").len(), 1);
}

#[tokio::test]
async fn rule_7_a_failure_is_shared_and_stands_for_a_second() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "keystone" => Reply::text(401, ""),
        _ => obliging(seen),
    })
    .await;
    let lookup = cloud.neutron();
    for outcome in many(lookup.clone(), 50).await {
        let text = "neutron lookup failed: no token: status 401 Unauthorized";
        assert_eq!(outcome.unwrap_err().to_string(), text);
    }
    lookup.server_ports(SERVER).await.unwrap_err();
    assert_eq!(cloud.seen("keystone").len(), 1);
    pass(Duration::from_secs(1)).await;
    lookup.server_ports(SERVER).await.unwrap_err();
    assert_eq!(cloud.seen("keystone").len(), 2);
    assert!(cloud.seen("neutron").is_empty());
}

#[tokio::test]
async fn rule_8_a_token_is_renewed_at_80_percent_of_its_life() {
    let cloud = Cloud::start(obliging).await;
    let lookup = cloud.neutron();
    lookup.server_ports(SERVER).await.unwrap();
    // 80 % of an hour is 48 minutes.
    pass(47 * MINUTE).await;
    lookup.server_ports(SERVER).await.unwrap();
    assert_eq!(cloud.seen("keystone").len(), 1);
    pass(MINUTE).await;
    // The old one serves until the new one is there, after which it is never used again.
    while tokens_used(&cloud).last().unwrap() != "2" {
        lookup.server_ports(SERVER).await.unwrap();
    }
    assert_eq!(tokens_used(&cloud)[2], "1");
    assert_eq!(cloud.seen("keystone").len(), 2);
    pass(47 * MINUTE).await;
    lookup.server_ports(SERVER).await.unwrap();
    assert_eq!(tokens_used(&cloud).last().unwrap(), "2");
}

#[tokio::test]
async fn rule_8_an_expired_token_is_not_used() {
    let cloud = Cloud::start(obliging).await;
    let lookup = cloud.neutron();
    lookup.server_ports(SERVER).await.unwrap();
    pass(60 * MINUTE).await;
    lookup.server_ports(SERVER).await.unwrap();
    assert_eq!(tokens_used(&cloud), ["1", "2"]);
}

#[tokio::test]
async fn rule_8_a_renewal_that_fails_leaves_the_old_token_in_use() {
    let cloud = Cloud::start({
        let requests = AtomicU32::new(0);
        move |seen| match seen.service.as_str() {
            "keystone" if requests.fetch_add(1, Relaxed) > 0 => Reply::text(503, ""),
            _ => obliging(seen),
        }
    })
    .await;
    let lookup = cloud.neutron();
    lookup.server_ports(SERVER).await.unwrap();
    pass(59 * MINUTE).await;
    while cloud.seen("keystone").len() < 2 {
        lookup.server_ports(SERVER).await.unwrap();
    }
    lookup.server_ports(SERVER).await.unwrap();
    pass(MINUTE).await;
    lookup.server_ports(SERVER).await.unwrap_err();
}

#[tokio::test]
async fn rule_9_a_refused_token_is_replaced_once_and_the_call_repeated() {
    let cloud = Cloud::start(refusing(&[1])).await;
    let outcomes = many(cloud.neutron(), 50).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(cloud.seen("keystone").len(), 2);
    assert_eq!(cloud.seen("neutron").len(), 100);
}

#[tokio::test]
async fn rule_9_a_second_refusal_is_a_failure() {
    let cloud = Cloud::start(refusing(&[1, 2])).await;
    let error = cloud.neutron().server_ports(SERVER).await.unwrap_err();
    let text = "neutron lookup failed: status 401 Unauthorized";
    assert_eq!(error.to_string(), text);
    assert_eq!(tokens_used(&cloud), ["1", "2"]);
    assert_eq!(cloud.seen("keystone").len(), 2);
}

#[tokio::test]
async fn rule_10_a_token_without_the_role_is_refused() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "keystone" => {
            let mut body = issued();
            body["token"]["roles"] = json!([{ "name": "member" }, { "name": "Observer" }]);
            Reply::Raw(token_response(1, &body))
        }
        _ => obliging(seen),
    })
    .await;
    let error = cloud.neutron().server_ports(SERVER).await.unwrap_err();
    let text = "neutron lookup failed: no token: \
                the service user has no role `admin` on its project";
    assert_eq!(error.to_string(), text);

    let credential = cloud.credential(client()).role("observer");
    let lookup = NeutronLookup::new(cloud.endpoint("neutron"), credential);
    lookup.server_ports(SERVER).await.unwrap();
}
