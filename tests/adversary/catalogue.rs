//! The table of attacks against the gateway, before a simulated cloud.
//!
//! Every attack is sent twice: to the gateway, after which the cloud must be as it was; and past
//! it, so that an attack that is said to work does work without a gateway.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::ServiceExt as _;
use wafflehaus::sim::{Api, Cloud};

use crate::{
    gateway::{Remote, client},
    requests::{
        Shot, ask,
        table::{Attack, Bare, Lawful, Sight, attacks, lawful},
    },
    world::*,
};

#[tokio::test]
async fn every_attack_is_refused_and_does_nothing() {
    let client = client();
    let mut failures = Vec::new();
    for attack in attacks(IDS) {
        let case = attack.case;
        let cloud = cloud(attack.sight);
        let gateway = Remote::before(&cloud, &client).await;
        let before = state(&cloud);
        let outcome = gateway.send(&attack.shot).await;
        if outcome.status != attack.status || outcome.cloud.is_some() {
            failures.push(format!("{case}: {outcome:?}, not {}", attack.status));
        }
        if state(&cloud) != before {
            failures.push(format!("{case}: changed the cloud: {:?}", harm(&cloud)));
        }
        let status = gateway.send_past(&attack.shot).await;
        let bare = harm(&cloud).map_or(Bare::Safe, |_| Bare::Harmed);
        if bare != attack.bare {
            failures.push(format!("{case}: {bare:?} without a gateway ({status})"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test]
async fn the_same_spellings_pass_when_what_they_ask_is_allowed() {
    let client = client();
    let mut failures = Vec::new();
    for Lawful {
        case,
        shot,
        made: wanted,
    } in lawful(IDS)
    {
        let cloud = cloud(Sight::All);
        let gateway = Remote::before(&cloud, &client).await;
        let outcome = gateway.send(&shot).await;
        let made = made(&cloud);
        if outcome.status != 202 || made != wanted || harm(&cloud).is_some() {
            failures.push(format!("{case}: {outcome:?}, {made:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The addresses that a server's interfaces have, as Nova lists them.
async fn addresses(gateway: &Remote, server: &str) -> Vec<String> {
    let list = Shot::bare(format!("GET /v2.1/servers/{server}/os-interface"));
    let answer = ask(gateway.address, &list.bytes(ALICE)).await;
    let values = answer.split("\"ip_address\":\"").skip(1);
    values
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// An administrator takes an address away, past the gateway.
async fn take_address(cloud: &Cloud, server: &str, address: &str) {
    let request = Request::post(format!("/v2.1/servers/{server}/action"))
        .header("x-auth-token", ADMIN_TOKEN)
        .body(Full::new(Bytes::from(format!(
            r#"{{"removeFixedIp": {{"address": "{address}"}}}}"#
        ))))
        .unwrap();
    let service = cloud.service(Api::Nova);
    assert_eq!(service.oneshot(request).await.unwrap().status(), 202);
}

#[tokio::test]
async fn c46_c47_an_address_goes_but_a_port_without_one_is_still_on_its_network() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    let there = addresses(&gateway, FULL).await;
    assert_eq!(there, [IDS.full_stays_address, IDS.full_goes_address]);
    take_address(&cloud, FULL, IDS.full_stays_address).await;
    assert_eq!(addresses(&gateway, FULL).await, [IDS.full_goes_address]);
    let detach = format!("DELETE /v2.1/servers/{FULL}/os-interface/{FULL_STAYS}");
    let outcome = gateway.send(&Shot::bare(detach)).await;
    assert_eq!((outcome.status, outcome.cloud), (403, None));
    assert_eq!(harm(&cloud), None);
}

/// Cases that are not in the table, and where they are.
const ELSEWHERE: &[(u32, &str)] = &[
    (
        47,
        "c46_c47_an_address_goes_but_a_port_without_one_is_still_on_its_network",
    ),
    (52, "tests/neutron"),
    (53, "tests/neutron"),
    (55, "c55_a_trunk_reaches_the_networks_of_its_sub_ports"),
    (56, "tests/server_lock"),
    (57, "tests/server_lock"),
    // Another door, where nothing of this stands.
    (63, "Out of reach"),
];

#[test]
fn every_case_is_in_the_table_and_in_the_document() {
    let number = |case: &str| -> Option<u32> {
        let number = case.strip_prefix('C')?.split(' ').next()?;
        number.parse().ok()
    };
    let attacks = attacks(IDS);
    let attacked = attacks.iter().map(|Attack { case, .. }| *case);
    let lawful = lawful(IDS);
    let passed = lawful.iter().map(|it| it.case);
    let mut numbers: BTreeSet<u32> = attacked.clone().chain(passed).filter_map(number).collect();
    numbers.extend(ELSEWHERE.iter().map(|(number, _)| number));
    assert!(numbers.into_iter().eq(1..=63));

    let unique: BTreeSet<&str> = attacked.clone().collect();
    assert_eq!(unique.len(), attacks.len(), "two cases have one name");
    for section in ["2.1", "2.3", "2.4", "2.5", "2.6"] {
        assert!(unique.iter().any(|case| case.starts_with(section)));
    }

    let document = include_str!("../../docs/THREATS.md");
    let row = |number: u32| {
        let begin = format!("| C{number} |");
        document.lines().find(|line| line.starts_with(&begin))
    };
    for number in 1..=63 {
        assert!(row(number).is_some(), "C{number} has no row");
    }
    for (number, place) in ELSEWHERE {
        assert!(row(*number).unwrap().contains(place), "C{number}: {place}");
    }
}
