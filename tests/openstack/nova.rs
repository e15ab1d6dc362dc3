//! Rule 2.

use serde_json::json;
use wafflehaus::{
    guard::{PortLookup as _, ProjectLookup as _},
    identity::ProjectId,
    nova::PortId,
};

use crate::cloud::{Cloud, Reply, SERVER, nova_port, port};

#[tokio::test]
async fn rule_2_a_servers_ports_are_its_interfaces() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "nova" => {
            let list = [nova_port(&port(2)), nova_port(&port(1))];
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
async fn rule_2_a_port_is_found_by_its_id_only_among_those_of_its_server() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "nova" => Reply::Json(
            200,
            json!({ "interfaceAttachments": [nova_port(&port(1)), nova_port(&port(2))] }),
        ),
        _ => Reply::Usual,
    })
    .await;
    let on_server = |ids: Vec<PortId>| {
        let nova = cloud.nova();
        async move { nova.ports(&ids, Some(SERVER)).await }
    };
    assert_eq!(on_server(vec![port(2).id]).await.unwrap(), [port(2)]);
    // One that is not there may be elsewhere, so nothing is told of either.
    assert!(on_server(vec![port(2).id, port(3).id]).await.is_err());
}

#[tokio::test]
async fn rule_2_other_ports_by_their_ids_are_beyond_nova() {
    let cloud = Cloud::start(|_| Reply::Usual).await;
    let error = cloud.nova().ports(&[port(1).id], None).await.unwrap_err();
    let text = "nova lookup failed: Nova's list cannot tell which network a port is on";
    assert_eq!(error.to_string(), text);
    assert_eq!(cloud.nova().ports(&[], None).await.unwrap(), []);
    assert!(cloud.seen("keystone").is_empty());
}

/// A Nova that answers with this.
async fn telling(status: u16, body: serde_json::Value) -> Cloud {
    Cloud::start(move |seen| match seen.service.as_str() {
        "nova" => Reply::Json(status, body.clone()),
        _ => Reply::Usual,
    })
    .await
}

#[tokio::test]
async fn rule_2_a_servers_project_is_the_one_that_nova_shows() {
    let shown = json!({ "server": { "id": SERVER.to_string(), "tenant_id": "6f", "name": "x" } });
    let cloud = telling(200, shown).await;
    let project = cloud.nova().server_project(SERVER).await.unwrap();
    assert_eq!(project, Some(ProjectId::new("6f").unwrap()));
    assert_eq!(cloud.seen("nova")[0].target, format!("/servers/{SERVER}"));

    let unknown = telling(404, json!({ "itemNotFound": { "code": 404 } })).await;
    assert_eq!(unknown.nova().server_project(SERVER).await.unwrap(), None);
}

#[tokio::test]
async fn rule_5_a_project_that_is_not_wholly_told_is_a_failure() {
    let id = SERVER.to_string();
    let other = PortId::from_u128(1).to_string();
    for (status, body) in [
        (200, json!({})),
        (200, json!({ "server": [id, "6f"] })),
        (200, json!({ "server": { "id": id } })),
        (200, json!({ "server": { "id": id, "tenant_id": null } })),
        (200, json!({ "server": { "id": id, "tenant_id": "" } })),
        (200, json!({ "server": { "id": id, "tenant_id": "6f,70" } })),
        (200, json!({ "server": { "id": other, "tenant_id": "6f" } })),
        (
            200,
            json!({ "server": { "id": id.to_uppercase(), "tenant_id": "6f" } }),
        ),
        (203, json!({ "server": { "id": id, "tenant_id": "6f" } })),
        (404, json!({ "error": { "code": 404 } })),
        (403, json!({ "forbidden": { "code": 403 } })),
    ] {
        let cloud = telling(status, body.clone()).await;
        let outcome = cloud.nova().server_project(SERVER).await;
        let error = outcome.unwrap_err().to_string();
        assert!(error.starts_with("nova lookup failed: "), "{body}: {error}");
    }
}
