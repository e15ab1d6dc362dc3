//! Where facts come from when services fail.

use http::StatusCode;
use wafflehaus::sim::{Api, Failure};

use crate::support::*;

const DOWN: Failure = Failure::Status(StatusCode::INTERNAL_SERVER_ERROR);

#[tokio::test]
async fn novas_list_stands_in_for_neutron_and_without_both_an_attach_is_refused() {
    let gateway = Gateway::start().await;
    gateway.cloud.fail_always(Api::Neutron, DOWN);
    assert!(
        gateway
            .send(&attach(FREE))
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    assert!(
        gateway
            .send(&attach(MORE))
            .await
            .starts_with("HTTP/1.1 403 ")
    );
    assert_eq!(gateway.cloud.server_networks(SERVER), [REQUIRED, FREE]);

    gateway.cloud.fail_always(Api::Nova, DOWN);
    gateway.cloud.forget_received(Api::Nova);
    let answer = gateway.send(&attach(FREE)).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("retry-after: 5"), "{answer}");
    assert!(
        gateway
            .cloud
            .received(Api::Nova)
            .iter()
            .all(|request| request.method == "GET")
    );

    gateway.cloud.clear_failures(Api::Neutron);
    gateway.cloud.clear_failures(Api::Nova);
    assert!(
        gateway
            .send(&attach(FREE))
            .await
            .starts_with("HTTP/1.1 200 ")
    );
}

#[tokio::test]
async fn a_detach_is_judged_by_novas_list_while_neutron_is_down_and_refused_without_both() {
    let gateway = Gateway::start().await;
    assert!(
        gateway
            .send(&attach(FREE))
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    let ports = gateway.cloud.server_ports(SERVER);
    let free = ports.iter().find(|id| *id != PORT).unwrap();

    gateway.cloud.fail_always(Api::Neutron, DOWN);
    assert!(
        gateway
            .send(&detach(PORT))
            .await
            .starts_with("HTTP/1.1 403 ")
    );
    gateway.cloud.fail_always(Api::Nova, DOWN);
    assert!(
        gateway
            .send(&detach(PORT))
            .await
            .starts_with("HTTP/1.1 503 ")
    );
    assert!(
        gateway
            .send(&detach(free))
            .await
            .starts_with("HTTP/1.1 503 ")
    );
    gateway.cloud.clear_failures(Api::Nova);
    assert!(
        gateway
            .send(&detach(free))
            .await
            .starts_with("HTTP/1.1 202 ")
    );
    assert_eq!(gateway.cloud.server_networks(SERVER), [REQUIRED]);
}

#[tokio::test]
async fn a_create_that_names_networks_needs_no_lookup_and_one_that_names_ports_does() {
    let gateway = Gateway::start().await;
    gateway.cloud.fail_always(Api::Keystone, DOWN);
    let create = with_body("POST /v2.1/servers", &json(&[REQUIRED]));
    assert!(gateway.send(&create).await.starts_with("HTTP/1.1 202 "));
    let named = create.replace("\"uuid\"", "\"port\"");
    assert!(gateway.send(&named).await.starts_with("HTTP/1.1 503 "));
    assert_eq!(gateway.cloud.server_count(), 2);
}
