//! Many attaches at once, and everything that can go wrong.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::time::sleep;
use wafflehaus::{
    policy::NetworkCountCheck,
    server_lock::{LocalLock, LockLimits},
    sim::Cloud,
};

use crate::world::*;

const MAXIMUM: usize = 3;

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // Of Knuth's MMIX; the low digits are not random enough.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn mishap(dice: &mut Dice) -> Mishap {
    match dice.roll(8) {
        0 => Mishap::DoneAs500,
        1 => Mishap::DoneAndLost,
        2 => Mishap::Panics,
        3 | 4 => Mishap::DoneLater(Duration::from_secs(dice.roll(60))),
        _ => Mishap::None,
    }
}

/// Two hundred attaches to five servers, and how many of them passed.
async fn storm(world: &World, guard: &Guarded, seed: u64) -> (Vec<String>, usize) {
    let mut dice = Dice(seed);
    let servers: Vec<_> = (0..5)
        .map(|_| world.cloud.add_server(PROJECT, &[]).unwrap())
        .collect();
    world.next((0..200).map(|_| mishap(&mut dice)));
    let mut asked = Vec::new();
    for at in 0..200 {
        let server = &servers[at % servers.len()];
        let digit = u8::try_from(dice.roll(9)).unwrap();
        let (guard, request) = (guard.clone(), attach_to(server, digit));
        let delay = Duration::from_secs(dice.roll(240));
        asked.push(tokio::spawn(async move {
            sleep(delay).await;
            tower::ServiceExt::oneshot(guard, request).await
        }));
    }
    let mut passed = 0;
    for answer in asked {
        passed += usize::from(
            answer
                .await
                .is_ok_and(|it| it.is_ok_and(|it| it.status() == 200)),
        );
    }
    // What is late has come by then.
    sleep(Duration::from_secs(120)).await;
    (servers, passed)
}

fn most_networks(cloud: &Cloud, servers: &[String]) -> usize {
    let networks = servers.iter().map(|server| {
        let networks: BTreeSet<_> = cloud.server_networks(server).into_iter().collect();
        networks.len()
    });
    networks.max().unwrap()
}

fn guarded(world: &World, lock: Option<LocalLock>) -> Guarded {
    let check = NetworkCountCheck::builder().networks_max(MAXIMUM);
    let layer = world.layer(check.build().unwrap());
    world.behind(&match lock {
        Some(lock) => layer.server_lock(Arc::new(lock)),
        None => layer,
    })
}

#[tokio::test(start_paused = true)]
async fn a_maximum_stands_whatever_goes_wrong() {
    for seed in 0..20 {
        let world = World::new();
        let limits = LockLimits::default()
            .waiters(200)
            .wait(Duration::from_secs(600));
        let guard = guarded(&world, Some(LocalLock::new(limits)));
        world
            .cloud
            .delay(wafflehaus::sim::Api::Nova, Duration::from_millis(700));
        let (servers, passed) = storm(&world, &guard, seed).await;
        assert!(
            most_networks(&world.cloud, &servers) <= MAXIMUM,
            "seed {seed}"
        );
        assert!(passed >= 15, "seed {seed}: only {passed} passed");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_lock_it_does_not() {
    let world = World::new();
    let guard = guarded(&world, None);
    world
        .cloud
        .delay(wafflehaus::sim::Api::Nova, Duration::from_millis(700));
    let (servers, _) = storm(&world, &guard, 0).await;
    assert!(most_networks(&world.cloud, &servers) > MAXIMUM);
}
