//! Gateways from a configuration, in front of a cloud on the wire.

use std::{fs, path::Path, time::Duration};

use tokio::{task::JoinHandle, time::timeout};
use wafflehaus::{
    config::{Loaded, Loader, Rejected},
    pipeline::Gateway,
    sim::{Api, Endpoints, Failure, User},
};

use crate::{
    common::{Answer, send},
    database::Database,
    world::*,
};

/// A file for one test, whose name no other test uses.
fn load(name: &str, text: &str) -> Result<Loaded, Rejected> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("server_lock");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    Loader::new().load(&path)
}

/// A pipeline for two networks at most, with these globals before the others.
fn configuration(cloud: &Endpoints, globals: &str) -> String {
    let (nova, neutron, keystone) = (cloud.nova(), cloud.neutron(), cloud.keystone());
    let upstream = format!("upstream = \"{nova}\"");
    let upstream = if globals.contains("upstream") {
        ""
    } else {
        &upstream
    };
    format!(
        r#"
        {globals}
        {upstream}
        nova_url = "{nova}/v2.1"
        neutron_url = "{neutron}"
        auth_url = "{keystone}"
        username = "gateway"
        project_name = "service"
        password = "in-memory"
        trust_identity_headers = true

        [pipeline.main]
        pipeline = ["identity", "count", "nova"]
        [filter.identity]
        use = "identity"
        [filter.count]
        use = "network_count_check"
        networks_max = 2
        [app.nova]
        use = "nova"
    "#
    )
}

async fn cloud() -> (World, Endpoints) {
    let world = World::new();
    let service = User::new("gateway", "service").project_name("service");
    let service = service.roles(["admin"]).password("in-memory");
    world.cloud.add_user(service).unwrap();
    let endpoints = world.cloud.listen().await.unwrap();
    (world, endpoints)
}

fn gateway(name: &str, cloud: &Endpoints, globals: &str) -> Gateway {
    Gateway::new(load(name, &configuration(cloud, globals)).unwrap().plan)
}

fn as_alice(mut request: Incoming) -> Incoming {
    for (name, value) in [
        ("host", "gateway"),
        ("x-user-id", "alice"),
        ("x-project-id", PROJECT),
        ("x-roles", "member"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

/// The answer, which must not take long.
async fn answer(gateway: &Gateway, request: Incoming) -> (u16, &'static str) {
    let answer = begin(gateway, request);
    let answer = timeout(Duration::from_secs(20), answer).await;
    let answer = answer.unwrap().unwrap();
    (answer.status, answer.code)
}

fn begin(gateway: &Gateway, request: Incoming) -> JoinHandle<Answer> {
    let gateway = gateway.clone();
    let request = as_alice(request);
    tokio::spawn(async move { send(&gateway, request).await })
}

#[tokio::test]
async fn every_gateway_has_a_lock_of_its_own_unless_it_is_told_of_another() {
    let (world, endpoints) = cloud().await;
    let gateway = gateway("own.toml", &endpoints, "server_lock_waiters = 0");
    world.cloud.hold(Api::Nova);
    let first = begin(&gateway, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    assert_eq!(answer(&gateway, attach(2)).await, BUSY);
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(answer(&gateway, attach(2)).await, TOO_MANY);
}

#[tokio::test]
async fn gateways_with_one_database_have_one_lock() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let (world, endpoints) = cloud().await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("server_lock");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("lock.url"), database.name()).unwrap();
    let globals = "server_lock_file = \"lock.url\"\nserver_lock_wait = \"0.1\"";
    let gateways = ["one.toml", "two.toml"].map(|name| gateway(name, &endpoints, globals));
    world.cloud.hold(Api::Nova);
    let first = begin(&gateways[0], attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    assert_eq!(answer(&gateways[1], attach(2)).await, BUSY);
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_reload_keeps_the_lock_even_if_its_settings_change() {
    let (world, endpoints) = cloud().await;
    let globals = "server_lock_waiters = 0\n";
    let gateway = gateway("kept-1.toml", &endpoints, globals);
    world.cloud.hold(Api::Nova);
    let first = begin(&gateway, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    for (name, more) in [
        ("kept-2.toml", "request_body_deadline = 30"),
        ("kept-3.toml", "uncertain_for = 30"),
    ] {
        let text = configuration(&endpoints, &format!("{globals}{more}"));
        let plan = load(name, &text).unwrap().plan;
        assert!(!gateway.runs(&plan), "{more}");
        gateway.exchange(plan);
        assert_eq!(answer(&gateway, attach(2)).await, BUSY, "{more}");
    }
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_connection_that_nova_cuts_leaves_a_doubt() {
    for (name, failure) in [
        ("cut.toml", Failure::Cut),
        ("cut-afterwards.toml", Failure::CutAfterwards),
    ] {
        let (world, endpoints) = cloud().await;
        let gateway = gateway(name, &endpoints, "");
        world.cloud.fail_next(Api::Nova, 1, failure);
        assert_eq!(answer(&gateway, attach(1)).await, (502, "upstream_failed"));
        assert_eq!(answer(&gateway, attach(2)).await, TOO_MANY, "{failure:?}");
        assert_eq!(answer(&gateway, attach(1)).await, DONE, "{failure:?}");
    }
}

#[tokio::test]
async fn a_nova_that_cannot_be_reached_leaves_none() {
    let (_world, endpoints) = cloud().await;
    let gateway = gateway("away.toml", &endpoints, "upstream = \"http://127.0.0.1:1\"");
    for digit in [1, 2, 3] {
        let refused = answer(&gateway, attach(digit)).await;
        assert_eq!(refused, (503, "upstream_unreachable"));
    }
}

#[tokio::test]
async fn a_lock_that_is_none_does_not_start_and_is_not_told() {
    let (_world, endpoints) = cloud().await;
    for (name, lock) in [
        ("bad-1.toml", "redis://user:hush@host"),
        ("bad-2.toml", "postgresql://user:hush@host:port/db"),
    ] {
        let text = configuration(&endpoints, &format!("server_lock = \"{lock}\""));
        let rejected = load(name, &text).unwrap_err();
        let told = format!("{rejected} {rejected:?}");
        assert!(told.contains("the URL of a PostgreSQL database"), "{told}");
        assert!(!told.contains("hush"), "{told}");
    }
    let text = configuration(
        &endpoints,
        "server_lock = \"postgresql://user:hush@host/db\"",
    );
    let loaded = load("good.toml", &text).unwrap();
    assert!(!format!("{loaded:?} {}", loaded.plan.tree()).contains("hush"));
}

#[tokio::test]
async fn both_formats_know_the_settings() {
    let (_world, endpoints) = cloud().await;
    let toml = configuration(
        &endpoints,
        "server_lock = \"process\"\nserver_lock_wait = \"2.5\"\nserver_lock_waiters = 7\nuncertain_for = 90",
    );
    let plan = load("format.toml", &toml).unwrap().plan;
    let ini = format!(
        "[DEFAULT]\nserver_lock = process\nserver_lock_wait = 2.5\nserver_lock_waiters = 7\n\
         uncertain_for = 90\nupstream = {nova}\nnova_url = {nova}/v2.1\nneutron_url = {}\n\
         auth_url = {}\nusername = gateway\nproject_name = service\npassword = in-memory\n\
         trust_identity_headers = true\n[pipeline:main]\npipeline = identity count nova\n\
         [filter:identity]\npaste.filter_factory = nova.api.auth:NovaKeystoneContext.factory\n\
         [filter:count]\npaste.filter_factory = \
         wafflehaus.network_count_check:NetworkCountCheck.factory\nnetworks_max = 2\n\
         [app:nova]\npaste.app_factory = nova.api.openstack.compute:APIRouterV21.factory\n",
        endpoints.neutron(),
        endpoints.keystone(),
        nova = endpoints.nova(),
    );
    assert!(plan == load("format.ini", &ini).unwrap().plan);
    let other = toml.replace("uncertain_for = 90", "uncertain_for = 60");
    assert!(plan != load("format-2.toml", &other).unwrap().plan);
}
