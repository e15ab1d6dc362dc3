//! Two gateways that share a PostgreSQL.

use std::{sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::time::timeout;
use wafflehaus::{
    guard::{LookupFuture, PortLookup},
    nova::{PortId, ServerId},
    server_lock::{LockLimits, PostgresLock},
    sim::Api,
};

use crate::{common::SERVER, database::Database, world::*};

/// A database of this test's own, unless there is no PostgreSQL.
struct Shared {
    url: String,
    /// Until the test is over.
    _database: Database,
}

impl Shared {
    async fn new() -> Option<Self> {
        let database = Database::postgres().await?;
        Some(Self {
            url: database.name(),
            _database: database,
        })
    }

    fn lock(&self, limits: LockLimits) -> PostgresLock {
        PostgresLock::new(&self.url, limits).unwrap()
    }

    /// A gateway of its own in front of this cloud.
    fn gateway(&self, world: &World) -> Guarded {
        world.guarded(self.lock(LockLimits::default()))
    }

    async fn number(&self, sql: &str) -> i64 {
        number(&self.url, sql).await
    }

    /// Waits until a statement gives this.
    async fn until(&self, sql: &str, number: i64) {
        let reached = async {
            while self.number(sql).await != number {
                tokio::task::yield_now().await;
            }
        };
        let reached = timeout(Duration::from_secs(20), reached).await;
        reached.unwrap_or_else(|_| panic!("never {number}: {sql}"));
    }
}

/// The number that a statement gives.
async fn number(url: &str, sql: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = AssertSqlSafe(sql.to_owned());
    let number = sqlx::query_scalar(sql).fetch_one(&mut connection);
    number.await.unwrap()
}

/// Ends the connections of all gateways.
const CUT: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
     WHERE datname = current_database() AND application_name = 'wafflehaus lock'";
/// How many gateways have asked for a turn, whether they have it or not.
const ASKED: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND application_name = 'wafflehaus lock' AND query LIKE '%pg_try_advisory_lock%'";
const TURNS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const DOUBTS: &str = "SELECT count(*) FROM wafflehaus_uncertain";

#[tokio::test]
async fn of_two_attaches_through_two_gateways_for_one_place_one_passes() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let world = World::new();
    let gateways = [shared.gateway(&world), shared.gateway(&world)];
    world.cloud.hold(Api::Nova);
    let first = start(&gateways[0], attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let second = start(&gateways[1], attach(2));
    // The first one wrote its doubt since it asked.
    shared.until(ASKED, 1).await;
    assert_eq!(world.lookups(), 1);
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(second.await.unwrap().code, "too_many_networks");
    assert_eq!(world.networks(), [0, 1]);
    // Nothing is left behind.
    shared.until(TURNS, 0).await;
    shared.until(DOUBTS, 0).await;
}

#[tokio::test]
async fn another_server_waits_for_no_gateway() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let world = World::new();
    let gateways = [shared.gateway(&world), shared.gateway(&world)];
    world.cloud.hold(Api::Nova);
    let first = start(&gateways[0], attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let others = gateways
        .each_ref()
        .map(|gateway| start(gateway, attach_to(OTHER_SERVER, 1)));
    world.cloud.until_in_flight(Api::Nova, 2).await;
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    for other in others {
        assert_eq!(other.await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_turn_that_another_gateway_keeps_too_long_is_refused() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let world = World::new();
    let first = shared.gateway(&world);
    let limits = LockLimits::default().wait(Duration::from_millis(120));
    let second = world.guarded(shared.lock(limits));
    world.cloud.hold(Api::Nova);
    let attached = start(&first, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    assert_eq!(ask(&second, attach(2)).await, BUSY);
    world.cloud.release(Api::Nova);
    assert_eq!(attached.await.unwrap().status, 200);
    assert_eq!(world.reached(), 1);
}

#[tokio::test]
async fn a_doubt_counts_in_every_gateway_until_it_lapses_or_is_cleared() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let world = World::new();
    let gateways = [shared.gateway(&world), shared.gateway(&world)];
    let late = Mishap::DoneLater(Duration::from_secs(3600));
    world.next([late]);
    assert_eq!(ask(&gateways[0], attach(1)).await, (500, ""));
    for gateway in &gateways {
        assert_eq!(ask(gateway, attach(2)).await, TOO_MANY);
    }
    let a_minute = "SELECT count(*) FROM wafflehaus_uncertain WHERE ports = 1 \
         AND lapses_on - now() BETWEEN INTERVAL '30 s' AND INTERVAL '60 s'";
    assert_eq!(shared.number(a_minute).await, 1);
    let lapse = "WITH it AS (UPDATE wafflehaus_uncertain SET lapses_on = now() RETURNING 1) \
         SELECT count(*) FROM it";
    assert_eq!(shared.number(lapse).await, 1);
    assert_eq!(ask(&gateways[1], attach(2)).await, DONE);
    // What has lapsed is swept away.
    shared.until(DOUBTS, 0).await;
}

#[tokio::test]
async fn a_doubt_names_the_port_and_what_is_behind_it() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let port = "9abcde05-c0de-4aaa-8bbb-fedcba987601";
    let world = World::new();
    world.cloud.add_port_as(port, &net(5), PROJECT).unwrap();
    // Its trunk reaches network 6, so network 1 would be one too many.
    world.trunk_on(6);
    let gateway = |most| {
        let check = wafflehaus::policy::NetworkCountCheck::builder().networks_max(most);
        let lock = shared.lock(LockLimits::default());
        let layer = world.layer(check.build().unwrap());
        world.behind(&layer.server_lock(Arc::new(lock)))
    };
    world.next([Mishap::DoneLater(Duration::from_secs(3600))]);
    assert_eq!(ask(&gateway(3), attach_port(port)).await, (500, ""));
    assert_eq!(ask(&gateway(3), attach(1)).await, TOO_MANY);
    assert_eq!(ask(&gateway(4), attach(1)).await, DONE);
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_refuses_and_nothing_reaches_nova() {
    let world = World::new();
    for url in [
        "postgresql://gateway:hush@127.0.0.1:1/none",
        "postgresql:///none?host=/nowhere",
    ] {
        let lock = PostgresLock::new(url, LockLimits::default()).unwrap();
        let gateway = world.guarded(lock);
        assert_eq!(ask(&gateway, attach(1)).await, (503, "lock_unavailable"));
    }
    assert_eq!(world.reached(), 0);
    assert_eq!(world.networks(), [0]);
}

#[tokio::test]
async fn a_connection_that_is_lost_loses_the_turn_and_not_the_doubt() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let world = World::new();
    let gateways = [shared.gateway(&world), shared.gateway(&world)];
    world.cloud.hold(Api::Nova);
    let first = start(&gateways[0], attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let second = start(&gateways[1], attach(2));
    shared.until(ASKED, 1).await;
    assert_eq!(shared.number(CUT).await, 2);
    // Cut while it asked, it is refused. Cut in between, it goes on over a new connection, and
    // has the turn that is lost; but Nova is still at the first one, which counts.
    let refused = second.await.unwrap();
    assert!(
        ["lock_unavailable", "too_many_networks"].contains(&refused.code),
        "{refused:?}"
    );
    assert_eq!(ask(&gateways[1], attach(2)).await, TOO_MANY);
    assert_eq!(world.reached(), 1);
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    // Over a new connection, the answer is written down all the same.
    shared.until(DOUBTS, 0).await;
    assert_eq!(ask(&gateways[0], attach(1)).await, DONE);
    assert_eq!(world.networks(), [0, 1, 1]);
}

/// Neutron, at whose first answer the database ends all connections.
#[derive(Clone)]
struct Cutting {
    world: World,
    url: String,
    /// Whether another request is to make a new connection in between.
    meanwhile: Option<Guarded>,
}

impl PortLookup for Cutting {
    fn ports<'a>(&'a self, ids: &'a [PortId], server: Option<ServerId>) -> LookupFuture<'a> {
        self.world.ports(ids, server)
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        Box::pin(async move {
            assert_eq!(number(&self.url, CUT).await, 1);
            if let Some(gateway) = &self.meanwhile {
                assert_eq!(ask(gateway, attach_to(OTHER_SERVER, 1)).await, DONE);
            }
            self.world.server_ports(server).await
        })
    }
}

#[tokio::test]
async fn a_turn_that_is_lost_during_the_lookup_refuses_and_nothing_reaches_nova() {
    for again in [false, true] {
        let Some(shared) = Shared::new().await else {
            return;
        };
        let world = World::new();
        let lock = Arc::new(shared.lock(LockLimits::default()));
        let layer = world.layer(two_networks()).server_lock(lock);
        let cutting = Cutting {
            world: world.clone(),
            url: shared.url.clone(),
            meanwhile: again.then(|| world.behind(&layer.clone())),
        };
        let gateway = world.behind(&layer.lookup(Arc::new(cutting)));
        assert_eq!(ask(&gateway, attach(1)).await, (503, "lock_unavailable"));
        assert_eq!(world.networks(), [0]);
        assert_eq!(world.reached(), usize::from(again));
    }
}

#[tokio::test]
async fn a_gateway_that_is_gone_leaves_its_doubt_and_not_its_turn() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let world = World::new();
    world.cloud.hold(Api::Nova);
    let gone = {
        let (gateway, cloud) = (shared.gateway(&world), world.cloud.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().build().unwrap();
            runtime.block_on(async {
                drop(start(&gateway, attach(1)));
                cloud.until_in_flight(Api::Nova, 1).await;
            });
            // With everything that ran on it.
            drop(runtime);
        })
    };
    tokio::task::spawn_blocking(|| gone.join())
        .await
        .unwrap()
        .unwrap();
    shared.until(TURNS, 0).await;
    let gateway = shared.gateway(&world);
    assert_eq!(ask(&gateway, attach(2)).await, TOO_MANY);
    // Nobody knows when Nova began: this counts longer.
    let minutes = "SELECT count(*) FROM wafflehaus_uncertain WHERE server::text = '$S' \
         AND lapses_on - now() BETWEEN INTERVAL '5 min' AND INTERVAL '6 min'";
    assert_eq!(shared.number(&minutes.replace("$S", SERVER)).await, 1);
}

#[tokio::test]
async fn gateways_that_start_at_once_make_one_table() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let world = World::new();
    let attached: Vec<_> = (0..8)
        .map(|_| {
            let server = world.cloud.add_server(PROJECT, &[]).unwrap();
            start(&shared.gateway(&world), attach_to(&server, 1))
        })
        .collect();
    for attached in attached {
        assert_eq!(attached.await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_storm_through_two_gateways_keeps_the_maximum() {
    let Some(shared) = Shared::new().await else {
        return;
    };
    let world = World::new();
    let limits = LockLimits::default()
        .waiters(200)
        .wait(Duration::from_secs(60));
    let gateways = [(); 2].map(|()| {
        let layer = world.layer(interfaces(4));
        world.behind(&layer.server_lock(Arc::new(shared.lock(limits))))
    });
    world.next((0..100).map(|n| match n % 5 {
        0 => Mishap::DoneAs500,
        1 => Mishap::DoneAndLost,
        2 => Mishap::DoneLater(Duration::from_millis(n)),
        _ => Mishap::None,
    }));
    let servers: Vec<_> = (0..5)
        .map(|_| world.cloud.add_server(PROJECT, &[]).unwrap())
        .collect();
    let mut asked = tokio::task::JoinSet::new();
    for n in 0..100_u8 {
        let server = &servers[usize::from(n) % servers.len()];
        let request = attach_to(server, n % 9);
        let gateway = gateways[usize::from(n) / 50].clone();
        asked.spawn(tower::ServiceExt::oneshot(gateway, request));
    }
    while asked.join_next().await.is_some() {}
    for server in &servers {
        let ports = world.cloud.server_ports(server).len();
        assert!((1..=4).contains(&ports), "{ports}");
    }
}

#[test]
fn a_url_that_is_none_is_refused_and_not_told() {
    for text in [
        "",
        "process",
        "mysql://user:hush@host/db",
        "postgresql://user:hush@host:port/db",
    ] {
        let error = PostgresLock::new(text, LockLimits::default()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{text}");
    }
    let lock = PostgresLock::new("postgresql://user:hush@host/db", LockLimits::default());
    assert!(!format!("{:?}", lock.unwrap()).contains("hush"));
}
