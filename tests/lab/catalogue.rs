//! The table of attacks, each sent to the gateway before a real Nova.

use std::time::Duration;

use crate::{
    requests::table::{Lawful, attacks, lawful},
    support::with_lab_for,
    tenant::{State, Tenant},
};

const PATIENCE: Duration = Duration::from_secs(1200);

#[tokio::test]
async fn every_attack_is_refused_and_leaves_each_port_where_it_was() {
    with_lab_for(PATIENCE, async |lab| {
        let tenant = Tenant::new(&lab, 0).await;
        let mut failures = Vec::new();
        for attack in attacks(tenant.ids) {
            let case = attack.case;
            let outcome = tenant.send(&attack.shot, |_| true).await;
            if outcome.status != attack.status {
                failures.push(format!("{case}: {}", outcome.answer));
            }
            if !tenant.is_unharmed(&outcome.state) {
                failures.push(format!("{case}: {:?}", outcome.state));
                break;
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    })
    .await;
}

/// Some of each kind, in forms that this lab's servers take.
const HARMFUL: &[&str] = &[
    "C1",
    "C3",
    "C6",
    "C16",
    "C19",
    "C22",
    "C25",
    "C26",
    "C27",
    "C40",
    "C43",
    "2.5 key twice, escaped",
];

#[tokio::test]
async fn without_a_gateway_they_do_harm_which_is_seen() {
    with_lab_for(PATIENCE, async |lab| {
        let mut tenant = Tenant::new(&lab, 0).await;
        let mut failures = Vec::new();
        for case in HARMFUL {
            let mut table = attacks(tenant.ids).into_iter();
            let attack = table.find(|attack| attack.case == *case).unwrap();
            let is_harmed = |state: &State| tenant.harm(state).is_some();
            let outcome = tenant.send_past(&attack.shot, is_harmed).await;
            if !is_harmed(&outcome.state) {
                failures.push(format!("{case}: {}\n{:?}", outcome.answer, outcome.state));
            }
            tenant.restore(&outcome.state).await;
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn the_same_spellings_pass_when_what_they_ask_is_allowed() {
    with_lab_for(PATIENCE, async |lab| {
        let mut tenant = Tenant::new(&lab, 0).await;
        let mut failures = Vec::new();
        for index in 0..lawful(tenant.ids).len() {
            let Lawful { case, shot, made } = lawful(tenant.ids).swap_remove(index);
            let outcome = tenant.send(&shot, |_| true).await;
            let state = &outcome.state;
            let ids = [tenant.ids.full, tenant.ids.small];
            let new = state
                .servers
                .iter()
                .filter(|id| !ids.contains(&id.as_str()));
            let networks: Vec<_> = new.map(|server| state.networks(server)).collect();
            if outcome.status != 202 || networks != made || tenant.harm(state).is_some() {
                failures.push(format!("{case}: {}\n{state:?}", outcome.answer));
            }
            tenant.restore(&outcome.state).await;
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    })
    .await;
}
