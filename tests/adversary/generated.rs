//! Whatever is put together, the cloud does not come to harm.

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{TestCaseError, TestRunner},
};
use tokio::runtime::{Builder, Runtime};
use wafflehaus::sim::Api;

use crate::{
    gateway::{Local, Remote, client},
    requests::{
        Shot,
        fragments::{Wanted, lawful, shots},
        table::Sight,
    },
    world::{ALICE, IDS, cloud, harm, made, state},
};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        // The smallest case is printed; a file beside the tests is for nobody.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn sight() -> impl Strategy<Value = Sight> {
    prop_oneof![3 => Just(Sight::All), 1 => Just(Sight::OnlyBanned)]
}

/// Statuses of an upstream's failures, which must not be the gateway's own.
fn is_failure(status: u16) -> bool {
    status >= 500 || status == 0
}

#[test]
fn no_request_gets_a_server_where_it_may_not_be() {
    let runtime = runtime();
    let mut runner = TestRunner::new(config(2500));
    let outcome = runner.run(&(sight(), shots(IDS)), |(sight, shots)| {
        runtime.block_on(in_process(sight, &shots))
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

async fn in_process(sight: Sight, shots: &[Shot]) -> Result<(), TestCaseError> {
    let cloud = cloud(sight);
    let gateway = Local::before(&cloud);
    for request in shots.iter().filter_map(|shot| shot.request(ALICE)) {
        let before = state(&cloud);
        let outcome = gateway.send(request).await;
        prop_assert_eq!(harm(&cloud), None);
        prop_assert!(
            !is_failure(outcome.status) || outcome.cloud == Some(outcome.status),
            "the gateway fails by itself: {:?}",
            outcome
        );
        prop_assert!(outcome.cloud.is_some() || state(&cloud) == before);
    }
    Ok(())
}

#[test]
fn nor_does_one_that_comes_over_a_wire() {
    let runtime = runtime();
    let client = client();
    let mut runner = TestRunner::new(config(200));
    let outcome = runner.run(&(sight(), shots(IDS)), |(sight, shots)| {
        runtime.block_on(async {
            let cloud = cloud(sight);
            let gateway = Remote::before(&cloud, &client).await;
            for shot in &shots {
                let outcome = gateway.send(shot).await;
                prop_assert_eq!(harm(&cloud), None);
                prop_assert!(!is_failure(outcome.status) || outcome.cloud.is_some());
            }
            Ok(())
        })
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn what_is_allowed_gets_through_and_has_its_effect() {
    let runtime = runtime();
    let mut runner = TestRunner::new(config(500));
    let outcome = runner.run(&lawful(IDS), |(shot, wanted)| {
        let cloud = cloud(Sight::All);
        let gateway = Local::before(&cloud);
        let outcome = runtime.block_on(gateway.send(shot.request(ALICE).unwrap()));
        prop_assert_eq!(Some(outcome.status), outcome.cloud);
        prop_assert_eq!(harm(&cloud), None);
        match wanted {
            Wanted::Attached(server, network) => {
                prop_assert!(cloud.server_networks(server).iter().any(|it| it == network));
            }
            Wanted::Detached(server, port) => {
                prop_assert!(!cloud.server_ports(server).iter().any(|it| it == port));
            }
            Wanted::Made(mut networks) => {
                let [mut one] = <[_; 1]>::try_from(made(&cloud)).unwrap();
                one.sort();
                networks.sort_unstable();
                prop_assert_eq!(one, networks);
            }
            Wanted::Nothing => prop_assert!(made(&cloud).is_empty()),
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// How many of some cases do harm, and how many have any effect.
fn count(guarded: bool) -> (usize, usize) {
    const CASES: u32 = 400;
    let runtime = runtime();
    let mut runner = TestRunner::deterministic();
    let (mut harmful, mut effective) = (0, 0);
    for _ in 0..CASES {
        let case = (sight(), shots(IDS)).new_tree(&mut runner).unwrap();
        let (sight, shots) = case.current();
        let cloud = cloud(sight);
        let before = state(&cloud);
        runtime.block_on(async {
            let gateway = Local::before(&cloud);
            for request in shots.iter().filter_map(|shot| shot.request(ALICE)) {
                if guarded {
                    gateway.send(request).await;
                } else {
                    use tower::ServiceExt as _;
                    let nova = cloud.service(Api::Nova);
                    nova.oneshot(request).await.unwrap();
                }
            }
        });
        harmful += usize::from(harm(&cloud).is_some());
        effective += usize::from(state(&cloud) != before);
    }
    (harmful, effective)
}

#[test]
fn the_same_requests_do_harm_without_a_gateway() {
    let (harmful, effective) = count(false);
    assert!(harmful >= 60, "{harmful} of {effective}");
}

#[test]
fn enough_of_them_get_through_it_and_have_an_effect() {
    let (harmful, effective) = count(true);
    assert_eq!(harmful, 0);
    assert!(effective >= 40, "{effective}");
}
