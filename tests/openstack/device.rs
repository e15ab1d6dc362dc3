//! Rule 2: what ports and trunks are a part of.

use serde_json::{Value, json};
use wafflehaus::{
    neutron::{Device, DeviceLookup as _, TrunkPorts},
    nova::{PortId, TrunkId},
};

use crate::cloud::{Cloud, Reply, SERVER};

const PORT: PortId = PortId::from_u128(7);
const TRUNK: TrunkId = TrunkId::from_u128(8);

async fn cloud(name: &'static str, list: Value) -> Cloud {
    Cloud::start(move |seen| match seen.service.as_str() {
        "neutron" => Reply::Json(200, json!({ name: list })),
        _ => Reply::Usual,
    })
    .await
}

#[tokio::test]
async fn rule_2_a_ports_device_is_told_in_any_spelling() {
    let server = SERVER.to_string();
    for (text, device) in [
        (server.clone(), Device::Server(SERVER)),
        (server.to_uppercase(), Device::Server(SERVER)),
        (String::new(), Device::Nobody),
        ("lb-1".to_owned(), Device::Other),
    ] {
        let cloud = cloud(
            "ports",
            json!([{ "id": PORT.to_string(), "device_id": text }]),
        )
        .await;
        assert_eq!(
            cloud.neutron().device(PORT).await.unwrap(),
            Some(device),
            "{text}"
        );
        let target = format!("/v2.0/ports?fields=id&fields=device_id&id={PORT}");
        assert_eq!(cloud.seen("neutron")[0].target, target);
    }
    let cloud = cloud("ports", json!([])).await;
    assert_eq!(cloud.neutron().device(PORT).await.unwrap(), None);
}

#[tokio::test]
async fn rule_2_a_trunks_ports_are_told() {
    let trunk = json!({
        "id": TRUNK.to_string(),
        "port_id": PORT.to_string(),
        "sub_ports": [{ "port_id": PORT.to_string(), "segmentation_id": 7 }],
    });
    let found = cloud("trunks", json!([trunk])).await;
    let ports = Some(TrunkPorts::new(PORT, vec![PORT]));
    assert_eq!(found.neutron().trunk(TRUNK).await.unwrap(), ports);
    let missing = cloud("trunks", json!([])).await;
    assert_eq!(missing.neutron().trunk(TRUNK).await.unwrap(), None);
}

#[tokio::test]
async fn rule_5_another_answer_than_was_asked_for_is_a_failure() {
    let (port, other) = (PORT.to_string(), TRUNK.to_string());
    let free = |id: &str| json!({ "id": id, "device_id": "" });
    for list in [
        json!([free(&other)]),
        json!([free(&port), free(&port)]),
        json!([{ "id": port }]),
        json!([{ "id": port, "device_id": null }]),
        json!([free(&port.to_uppercase().replace('0', "A"))]),
        json!({}),
    ] {
        let cloud = cloud("ports", list.clone()).await;
        assert!(cloud.neutron().device(PORT).await.is_err(), "{list}");
    }
    for list in [
        json!([{ "id": port, "port_id": port, "sub_ports": [] }]),
        json!([{ "id": other, "port_id": port }]),
        json!([{ "id": other, "port_id": port, "sub_ports": [{}] }]),
    ] {
        let cloud = cloud("trunks", list.clone()).await;
        assert!(cloud.neutron().trunk(TRUNK).await.is_err(), "{list}");
    }
    // A Neutron without trunks.
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" => Reply::text(404, "not found"),
        _ => Reply::Usual,
    });
    assert!(cloud.await.neutron().trunk(TRUNK).await.is_err());
}
