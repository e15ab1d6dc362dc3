//! The samples of the README and Nova's own file, run: real requests through a gateway to a cloud.

use std::sync::atomic::{AtomicUsize, Ordering};

use wafflehaus::sim::Api;

use crate::{
    samples::{
        COUNT_CHECK, DETACH_CHECK, REQUEST_NETWORKS, SEVERAL_TIMES, Sample, globals, needed, nova,
    },
    support::{DONE, PROJECT, REFUSED, Running, SERVER, ask, attach, create, port},
};

async fn start(sample: &Sample) -> Running {
    // Several tests run one sample at the same time.
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let name = format!("runs-{}-{number}.ini", sample.name);
    Running::start(&name, |cloud| sample.ini(&needed(cloud))).await
}

#[tokio::test]
async fn request_networks_requires_and_bans_for_the_route_alone() {
    let gateway = start(&REQUEST_NETWORKS).await;
    for (networks, alice) in [
        (&[0, 1][..], DONE),
        (&[0, 1, 5], DONE),
        (&[0], REFUSED),
        (&[], REFUSED),
        (&[0, 1, 2], REFUSED),
        (&[0, 1, 3], REFUSED),
    ] {
        assert_eq!(
            gateway.create("alice", networks).await,
            alice,
            "{networks:?}"
        );
        if !networks.is_empty() {
            assert_eq!(gateway.create("bob", networks).await, DONE, "{networks:?}");
        }
    }
    // The same API under its older name.
    let line = format!("POST /v2/{PROJECT}/servers");
    assert_eq!(gateway.ask("alice", &line, &create(&[0])).await, REFUSED);
    assert_eq!(gateway.ask("alice", &line, &create(&[0, 1])).await, DONE);
}

#[tokio::test]
async fn the_detach_check_keeps_interfaces_where_they_are() {
    let gateway = start(&DETACH_CHECK).await;
    let line = |digit| format!("DELETE /v2.1/servers/{SERVER}/os-interface/{}", port(digit));
    assert_eq!(gateway.ask("alice", &line(1), "").await, REFUSED);
    assert_eq!(gateway.cloud.server_ports(SERVER).len(), 2);
    assert_eq!(gateway.ask("alice", &line(5), "").await, DONE);
    assert_eq!(gateway.ask("bob", &line(1), "").await, DONE);
    assert!(gateway.cloud.server_ports(SERVER).is_empty());
}

#[tokio::test]
async fn the_count_check_counts_what_is_not_optional() {
    let gateway = start(&COUNT_CHECK).await;
    for (networks, alice) in [
        (&[2, 3][..], DONE),
        (&[2, 3, 0, 1, 6, 7, 8], DONE),
        (&[2, 3, 6, 7, 8, 9], REFUSED),
        (&[2], REFUSED),
        (&[2, 3, 4], REFUSED),
    ] {
        assert_eq!(
            gateway.create("alice", networks).await,
            alice,
            "{networks:?}"
        );
        assert_eq!(gateway.create("bob", networks).await, DONE, "{networks:?}");
    }
    let line = format!("POST /v2.1/servers/{SERVER}/os-interface");
    assert_eq!(gateway.ask("alice", &line, &attach(4)).await, REFUSED);
    assert_eq!(gateway.ask("alice", &line, &attach(6)).await, (200, true));
    assert_eq!(gateway.ask("bob", &line, &attach(4)).await, (200, true));
}

#[tokio::test]
async fn a_middleware_stands_in_two_routes_with_different_settings() {
    let gateway = start(&SEVERAL_TIMES).await;
    for (networks, alice, carol) in [
        (&[0][..], DONE, REFUSED),
        (&[1], REFUSED, DONE),
        (&[0, 1, 2], DONE, REFUSED),
        (&[5], REFUSED, REFUSED),
    ] {
        assert_eq!(
            gateway.create("alice", networks).await,
            alice,
            "{networks:?}"
        );
        assert_eq!(
            gateway.create("carol", networks).await,
            carol,
            "{networks:?}"
        );
        assert_eq!(gateway.create("bob", networks).await, DONE, "{networks:?}");
    }
}

#[tokio::test]
async fn nothing_reaches_novas_api_past_the_policies_by_another_path() {
    let gateway = start(&REQUEST_NETWORKS).await;
    let servers = gateway.cloud.server_count();
    // These lead to what answers with version documents.
    for target in [
        "/servers",
        "/",
        "/v2",
        "/v2.1",
        "/v2.10/servers",
        "/v3/servers",
    ] {
        let line = format!("POST {target}");
        for who in ["alice", "bob"] {
            assert_eq!(
                gateway.ask(who, &line, &create(&[0])).await,
                (404, false),
                "{target}"
            );
        }
    }
    // These are the API to Nova, whatever they look like.
    for target in [
        "//v2.1/servers",
        "/v2.1//servers",
        "/%762.1/servers",
        "/v2.1/servers/",
    ] {
        let line = format!("POST {target}");
        let (status, reached) = gateway.ask("alice", &line, &create(&[0])).await;
        assert!(status >= 400 && !reached, "{target}: {status}");
    }
    assert_eq!(gateway.cloud.server_count(), servers);
}

#[tokio::test]
async fn nobody_passes_without_a_token() {
    let gateway = start(&REQUEST_NETWORKS).await;
    let (status, _) = ask(
        gateway.address,
        None,
        "POST /v2.1/servers",
        &create(&[0, 1]),
    )
    .await;
    assert_eq!(status, 401);
    assert_eq!(gateway.create("nobody", &[0, 1]).await, (401, false));
}

#[tokio::test]
async fn novas_own_file_runs_with_nothing_but_an_account() {
    let gateway = Running::start("runs-nova.ini", |cloud| nova(&needed(cloud))).await;
    for target in ["/", "/v2.1/", "/v2/"] {
        let (status, body) = ask(gateway.address, None, &format!("GET {target}"), "").await;
        assert!(status < 400, "{target}: {status}");
        assert!(body.contains("version"), "{target}: {body}");
    }
    assert_eq!(gateway.create("alice", &[5]).await, DONE);
    let (status, reached) = gateway.ask("alice", "GET /v2.1/servers", "").await;
    assert_eq!((status, reached), (200, true));
    let servers = gateway.cloud.server_count();
    let (status, reached) = gateway.ask("alice", "POST /servers", &create(&[5])).await;
    assert_eq!((status, reached), (404, false));
    assert_eq!(gateway.cloud.server_count(), servers);
}

#[tokio::test]
async fn novas_own_file_without_an_account_answers_503_where_a_token_is_needed() {
    let start = |cloud: &wafflehaus::sim::Endpoints| {
        let all = globals(&cloud.nova(), &cloud.keystone());
        nova(all.lines().next().unwrap())
    };
    let gateway = Running::start("runs-nova-bare.ini", start).await;
    let (status, _) = ask(gateway.address, None, "GET /", "").await;
    assert!(status < 400, "{status}");
    assert_eq!(gateway.create("alice", &[5]).await, (503, false));
    let (status, reached) = gateway.ask("bob", "GET /v2.1/servers", "").await;
    assert_eq!((status, reached), (503, false));
    let (status, _) = ask(gateway.address, None, "GET /v2.1/servers", "").await;
    assert!(status == 401 || status == 503, "{status}");
    assert!(gateway.cloud.received(Api::Keystone).is_empty());
}
