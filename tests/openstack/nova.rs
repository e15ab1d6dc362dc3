//! Rule 2.

use serde_json::json;
use wafflehaus::guard::PortLookup as _;

use crate::cloud::{Cloud, Reply, SERVER, nova_port, port};

#[tokio::test]
async fn rule_2_a_servers_ports_are_its_interfaces() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "nova" => {
            let list = [nova_port(port(2)), nova_port(port(1))];
            Reply::Json(200, json!({ "interfaceAttachments": list }))
        }
        _ => Reply::Usual,
    })
    .await;
    let ports = cloud.nova().server_ports(SERVER).await.unwrap();
    assert_eq!(ports, [port(1), port(2)]);
    let target = format!("/servers/{SERVER}/os-interface");
    assert_eq!(cloud.seen("nova")[0].target, target);
}

#[tokio::test]
async fn rule_2_a_server_that_nova_does_not_know_has_no_ports() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "nova" => Reply::Json(
            404,
            json!({ "itemNotFound": { "code": 404, "message": "no such instance" } }),
        ),
        _ => Reply::Usual,
    })
    .await;
    assert_eq!(cloud.nova().server_ports(SERVER).await.unwrap(), []);
}

#[tokio::test]
async fn rule_2_a_404_that_is_not_novas_own_is_a_failure() {
    for body in [
        "<html>404 Not Found</html>",
        "",
        r#"{ "message": "not found", "code": "404 Not Found", "title": "Not Found" }"#,
        r#"{ "itemNotFound": [] }"#,
    ] {
        let cloud = Cloud::start(move |seen| match seen.service.as_str() {
            "nova" => Reply::text(404, body),
            _ => Reply::Usual,
        })
        .await;
        let error = cloud.nova().server_ports(SERVER).await.unwrap_err();
        let text = "nova lookup failed: status 404 Not Found";
        assert_eq!(error.to_string(), text, "{body}");
    }
}

#[tokio::test]
async fn rule_2_ports_by_their_ids_are_beyond_nova() {
    let cloud = Cloud::start(|_| Reply::Usual).await;
    let error = cloud.nova().ports(&[port(1).id]).await.unwrap_err();
    let text = "nova lookup failed: Nova's list cannot tell which network a port is on";
    assert_eq!(error.to_string(), text);
    assert_eq!(cloud.nova().ports(&[]).await.unwrap(), []);
    assert!(cloud.seen("keystone").is_empty());
}
