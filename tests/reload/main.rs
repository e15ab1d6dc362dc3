//! A configuration that changes while the gateway runs.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod metrics;
mod process;
mod support;
mod under_load;

use wafflehaus::config::Reload;

use crate::support::{Folder, Running, create, plan};

#[tokio::test]
async fn a_new_configuration_is_used_from_the_next_request_on() {
    let folder = Folder::new();
    let mut running = Running::start(&folder, &plan(0, 1)).await;
    assert_eq!(running.answer(create(0)).await, 202);
    assert_eq!(running.answer(create(1)).await, 403);
    folder.write(&plan(1, 1));
    // Nothing is read before somebody asks for it.
    assert_eq!(running.answer(create(1)).await, 403);
    assert!(matches!(running.reloader.reload(), Reload::Exchanged));
    assert_eq!(running.answer(create(0)).await, 403);
    assert_eq!(running.answer(create(1)).await, 202);
}

#[tokio::test]
async fn what_means_the_same_is_not_exchanged() {
    let folder = Folder::new();
    let mut running = Running::start(&folder, &plan(0, 1)).await;
    folder.write(&format!("# a comment\n\n{}", plan(0, 1)));
    assert!(matches!(running.reloader.reload(), Reload::Same));
}

#[tokio::test]
async fn a_bad_file_changes_nothing_and_all_its_mistakes_are_known() {
    let folder = Folder::new();
    let mut running = Running::start(&folder, &plan(0, 1)).await;
    let bad = plan(1, 1)
        .replace("networks_max", "network_max")
        .replace("route_default", "route_defautl");
    folder.write(&bad);
    let Reload::Rejected(rejected) = running.reloader.reload() else {
        panic!("a bad file was taken");
    };
    let mistakes = rejected.to_string();
    assert!(
        mistakes.contains("did you mean `networks_max`?"),
        "{mistakes}"
    );
    assert!(
        mistakes.contains("`route_default` is missing"),
        "{mistakes}"
    );
    assert_eq!(running.answer(create(0)).await, 202);
    // A file that is gone is as bad.
    folder.remove();
    assert!(matches!(running.reloader.reload(), Reload::Rejected(_)));
    assert_eq!(running.answer(create(0)).await, 202);
    folder.write(&plan(1, 1));
    assert!(matches!(running.reloader.reload(), Reload::Exchanged));
    assert_eq!(running.answer(create(1)).await, 202);
}

#[tokio::test]
async fn a_request_ends_by_the_plan_it_began_with() {
    use wafflehaus::sim::Api;
    let folder = Folder::new();
    let mut running = Running::start(&folder, &plan(0, 1)).await;
    // It has passed the policies, and waits for Nova.
    running.cloud.hold(Api::Nova);
    let under_way = running.send(create(0));
    let under_way = tokio::spawn(under_way);
    running.cloud.until_in_flight(Api::Nova, 1).await;
    folder.write(&plan(1, 1));
    assert!(matches!(running.reloader.reload(), Reload::Exchanged));
    running.cloud.release(Api::Nova);
    assert_eq!(under_way.await.unwrap().0, 202);
    assert_eq!(running.answer(create(0)).await, 403);
}

#[tokio::test]
async fn connections_and_validated_tokens_outlive_a_reload() {
    use wafflehaus::sim::Api;
    let folder = Folder::new();
    let mut running = Running::start(&folder, &plan(0, 1)).await;
    assert_eq!(running.answer(create(0)).await, 202);
    running.cloud.forget_received(Api::Keystone);
    folder.write(&plan(0, 2));
    assert!(matches!(running.reloader.reload(), Reload::Exchanged));
    assert_eq!(running.answer(create(0)).await, 202);
    let asked = running.cloud.received(Api::Keystone);
    assert!(asked.is_empty(), "{asked:?}");
}

/// A filter that panics when it is built is a defect, and not the end of reloading.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_panics_does_not_end_the_watch() {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::{Duration, Instant},
    };
    use wafflehaus::{
        config::{Loader, Registry, Reloader},
        pipeline::Filter,
    };
    let folder = Folder::new();
    folder.write(&plan(0, 1));
    let (_cloud, endpoints) = support::cloud().await;
    static BUILT: AtomicUsize = AtomicUsize::new(0);
    let registry = Registry::standard().filter(["defect", "defect:filter_factory"], |_| {
        Some(Filter::layer(tower::layer::layer_fn(
            |_| -> wafflehaus::pipeline::Next {
                BUILT.fetch_add(1, Ordering::Relaxed);
                panic!("a defect")
            },
        )))
    });
    let loader = support::settings(&endpoints)
        .into_iter()
        .fold(Loader::new(), |loader, (key, value)| loader.set(key, value))
        .registry(registry);
    let reloader = Reloader::start(loader, &folder.file()).unwrap().watching();
    let gateway = reloader.gateway();
    let running = tokio::spawn(reloader.run());
    let defect = plan(1, 1)
        .replace(
            "wafflehaus.requestnetworks:RequestNetworks.factory",
            "defect:filter_factory",
        )
        .replace(&format!("required_nets = {}\n", support::NETWORKS[1]), "");
    let until = async |expected: u16, network: usize| {
        let begin = Instant::now();
        while support::send(gateway.clone(), create(network)).await.0 != expected {
            assert!(begin.elapsed() < Duration::from_secs(30), "not noticed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    until(202, 0).await;
    folder.write(&defect);
    let begin = Instant::now();
    while BUILT.load(Ordering::Relaxed) == 0 {
        assert!(begin.elapsed() < Duration::from_secs(30), "not built");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(support::send(gateway.clone(), create(0)).await.0, 202);
    folder.write(&plan(1, 1));
    until(202, 1).await;
    assert!(!running.is_finished());
    running.abort();
}
