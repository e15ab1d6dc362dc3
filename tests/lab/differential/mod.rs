//! Generated requests through the gateway, and what a real cloud has become after each.
//!
//! `WAFFLEHAUS_DIFFERENTIAL` says how many requests (60), and `WAFFLEHAUS_SEED` the number of the
//! first (0). A failure names its number, from which the same request is made again.

mod case;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    env,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use case::{Case, Kind};
use tokio::task::JoinSet;

use crate::{
    requests::fragments::Wanted,
    support::{Lab, with_lab_for},
    tenant::{Outcome, State, Tenant},
};

/// As many projects at once at most: most of the time a request waits for the cloud.
const TENANTS: u64 = 12;

/// How many requests are worth another project, whose servers take a while to be made.
const WORTH: u64 = 40;

/// How many requests before a failure are printed with it: one may have had its effect late.
const REMEMBERED: usize = 3;

/// What has been sent, and what came of it.
#[derive(Default)]
struct Tally {
    statuses: BTreeMap<(&'static str, u16), usize>,
    effects: usize,
    lawful: usize,
    /// Lawful requests that did not pass or had not their effect.
    stopped: Vec<String>,
    failures: Vec<String>,
}

#[tokio::test]
async fn no_server_comes_where_it_may_not_be_and_what_is_allowed_passes() {
    let number = |name, or| env::var(name).map_or(or, |text| text.parse().unwrap());
    let count: u64 = number("WAFFLEHAUS_DIFFERENTIAL", 60);
    let first = number("WAFFLEHAUS_SEED", 0);
    let patience = Duration::from_secs(300 + 5 * count);
    with_lab_for(patience, async move |lab| {
        let next = Rc::new(Cell::new(first));
        let tally = Rc::new(RefCell::new(Tally::default()));
        let begin = Instant::now();
        let mut tenants = JoinSet::new();
        for tenant in 0..count.div_ceil(WORTH).min(TENANTS) {
            let (next, tally) = (Rc::clone(&next), Rc::clone(&tally));
            let tenant = (Arc::clone(&lab), tenant);
            tenants.spawn_local(work(tenant, next, first + count, tally));
        }
        // One that cannot go on is the end of all.
        while let Some(ended) = tenants.join_next().await {
            ended.unwrap();
        }
        let tally = tally.take();
        let passed = tally.lawful - tally.stopped.len();
        println!(
            "{count} requests from {first} on in {:.0?}: {} with an effect, {passed} of {} lawful \
             ones passed, {} violations; by status {:?}",
            begin.elapsed(),
            tally.effects,
            tally.lawful,
            tally.failures.len(),
            tally.statuses
        );
        assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
        assert!(
            passed * 100 >= tally.lawful * 99,
            "{passed} of {}: {}",
            tally.lawful,
            tally.stopped.join("\n")
        );
    })
    .await;
}

/// Sends one request after the other, in a project of its own.
async fn work(
    (lab, number): (Arc<Lab>, u64),
    next: Rc<Cell<u64>>,
    end: u64,
    tally: Rc<RefCell<Tally>>,
) {
    let mut tenant = Tenant::new(&lab, number).await;
    let mut sent: Vec<String> = Vec::new();
    loop {
        let seed = next.get();
        if seed == end || !tally.borrow().failures.is_empty() {
            return;
        }
        next.set(seed + 1);
        let case = Case::of(seed, tenant.ids);
        let enough = |state: &State| match &case.kind {
            Kind::Lawful(wanted) => is_done(wanted, &tenant, state),
            Kind::Attack { .. } | Kind::Random => !tenant.is_unharmed(state),
        };
        let outcome = tenant.send(&case.shot, enough).await;
        sent.push(format!(
            "WAFFLEHAUS_SEED={seed}: {}",
            tenant.bytes(&case.shot)
        ));
        if sent.len() > REMEMBERED {
            sent.remove(0);
        }
        let harm = tenant
            .harm(&outcome.state)
            .or_else(|| wrong(&tenant, &case, &outcome));
        if let Some(harm) = harm {
            let requests = sent.join("\n");
            let Outcome { answer, state, .. } = &outcome;
            let failure = format!("{harm}\n{requests}\n{answer}\n{state:#?}");
            tally.borrow_mut().failures.push(failure);
            return;
        }
        tell(&tally, &tenant, &case, &outcome, &sent);
        tenant.restore(&outcome.state).await;
    }
}

/// What is wrong besides what a server has.
fn wrong(tenant: &Tenant, case: &Case, outcome: &Outcome) -> Option<String> {
    match case.kind {
        _ if outcome.status == 0 => Some("there is no answer".to_owned()),
        Kind::Attack { name, status } if outcome.status != status => {
            Some(format!("{name}: {}, not {status}", outcome.status))
        }
        Kind::Attack { name, .. } if !tenant.is_unharmed(&outcome.state) => {
            Some(format!("{name}: something has changed"))
        }
        _ => None,
    }
}

fn tell(tally: &RefCell<Tally>, tenant: &Tenant, case: &Case, outcome: &Outcome, sent: &[String]) {
    let mut tally = tally.borrow_mut();
    let kind = match case.kind {
        Kind::Attack { .. } => "attack",
        Kind::Lawful(_) => "lawful",
        Kind::Random => "random",
    };
    *tally.statuses.entry((kind, outcome.status)).or_default() += 1;
    tally.effects += usize::from(!tenant.is_unharmed(&outcome.state));
    if let Kind::Lawful(wanted) = &case.kind {
        tally.lawful += 1;
        if !(200..300).contains(&outcome.status) || !is_done(wanted, tenant, &outcome.state) {
            let request = sent.last().unwrap();
            tally.stopped.push(format!("{request}\n{}", outcome.answer));
        }
    }
}

/// Whether a lawful request has brought about what it wanted.
fn is_done(wanted: &Wanted, tenant: &Tenant, state: &State) -> bool {
    match wanted {
        Wanted::Attached(server, network) => state.networks(server).contains(network),
        Wanted::Detached(server, port) => state
            .ports
            .get(*port)
            .is_none_or(|port| port.server != *server),
        Wanted::Made(networks) => {
            let ids = [tenant.ids.full, tenant.ids.small];
            let mut new = state
                .servers
                .iter()
                .filter(|id| !ids.contains(&id.as_str()));
            let mut networks = networks.clone();
            networks.sort_unstable();
            new.next()
                .is_some_and(|server| state.networks(server) == networks)
                && new.next().is_none()
        }
        Wanted::Nothing => tenant.is_unharmed(state),
    }
}
