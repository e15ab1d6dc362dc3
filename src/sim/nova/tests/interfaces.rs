//! Attaching, detaching and actions.

use serde_json::json;

use super::super::super::testing::{A, B, PORT, SERVER, cloud, neutron, nova};
use super::{at, newest, on};

#[tokio::test]
async fn a_server_id_in_upper_case_attaches_and_says_404() {
    let cloud = cloud();
    let upper = SERVER.to_uppercase();
    let body = format!(r#"{{"interfaceAttachment": {{"net_id": "{B}"}}}}"#);
    let path = format!("POST /v2.1/servers/{upper}/os-interface");
    assert_eq!(nova(&cloud, &path, &body).await.status, 404);
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    let shown = nova(&cloud, &format!("GET /v2.1/servers/{upper}"), "").await;
    assert_eq!(shown.body["server"]["id"], SERVER);
}

#[tokio::test]
async fn a_port_id_in_upper_case_attaches_and_says_500() {
    let cloud = cloud();
    let port = cloud.add_port(B, "0a0a").unwrap();
    let path = format!("/v2.1/servers/{SERVER}/os-interface");
    let body = format!(
        r#"{{"interfaceAttachment": {{"port_id": "{}"}}}}"#,
        port.to_uppercase()
    );
    assert_eq!(
        nova(&cloud, &format!("POST {path}"), &body).await.status,
        500
    );
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    // And Nova cannot take it away again.
    assert_eq!(
        nova(&cloud, &format!("DELETE {path}/{port}"), "")
            .await
            .status,
        202
    );
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    let created = format!(
        r#"[{{"port": "{}"}}]"#,
        cloud.add_port(B, "0a0a").unwrap().to_uppercase()
    );
    assert_eq!(
        nova(&cloud, "POST /v2.1/servers", &on(&created))
            .await
            .status,
        202
    );
    assert_eq!(newest(&cloud), [B]);
}

#[tokio::test]
async fn attaching_answers_as_nova_does() {
    let cloud = cloud();
    let own = cloud.add_port(B, "0a0a").unwrap();
    let foreign = cloud.add_port(B, "0b0b").unwrap();
    let path = format!("POST /v2.1/servers/{SERVER}/os-interface");
    for (wish, status) in [
        (json!({"net_id": A, "port_id": own}), 400),
        (json!({}), 400),
        (json!({"net_id": A, "junk": 1}), 400),
        (json!({"net_id": SERVER}), 500),
        (json!({"net_id": A.to_uppercase()}), 500),
        (json!({"net_id": "net1"}), 400),
        (json!({"port_id": foreign}), 404),
        (json!({"port_id": PORT}), 409),
        (json!({"port_id": own.replace('-', "")}), 404),
        (json!({"fixed_ips": [{"ip_address": "10.0.0.1"}]}), 400),
        (json!(null), 400),
    ] {
        let body = json!({"interfaceAttachment": wish}).to_string();
        assert_eq!(nova(&cloud, &path, &body).await.status, status, "{body}");
        assert_eq!(cloud.server_networks(SERVER), [A], "{body}");
    }
    let body = json!({"interfaceAttachment": {"port_id": own}}).to_string();
    let answer = nova(&cloud, &path, &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["interfaceAttachment"]["net_id"], B);
}

#[tokio::test]
async fn detaching_always_says_202() {
    let cloud = cloud();
    let path = format!("/v2.1/servers/{SERVER}/os-interface");
    for text in [
        PORT.to_uppercase(),
        PORT.replace('-', ""),
        SERVER.to_owned(),
    ] {
        let answer = nova(&cloud, &format!("DELETE {path}/{text}"), "").await;
        assert_eq!(answer.status, 202);
        assert_eq!(cloud.server_networks(SERVER), [A]);
    }
    let answer = nova(&cloud, &format!("DELETE {path}/{PORT}%0A"), "").await;
    assert_eq!(answer.status, 202);
    assert!(cloud.server_networks(SERVER).is_empty());
}

#[tokio::test]
async fn a_port_that_was_there_before_is_given_back() {
    let cloud = cloud();
    let port = cloud.add_port(B, "0a0a").unwrap();
    let path = format!("/v2.1/servers/{SERVER}/os-interface");
    let body = json!({"interfaceAttachment": {"port_id": port}}).to_string();
    assert_eq!(
        nova(&cloud, &format!("POST {path}"), &body).await.status,
        200
    );
    assert_eq!(
        nova(&cloud, &format!("DELETE /v2.1/servers/{SERVER}"), "")
            .await
            .status,
        204
    );
    assert_eq!(cloud.port_device(&port).as_deref(), Some(""));
    assert_eq!(cloud.port_device(PORT), None);
    assert_eq!(cloud.server_count(), 0);
}

#[tokio::test]
async fn adding_an_address_never_adds_a_network() {
    let cloud = cloud();
    let own = "abcdef07-c0de-4aaa-8bbb-fedcba987607";
    cloud.add_project_network(own, "own", "0a0a").unwrap();
    let server = cloud.add_server("0a0a", &[own]).unwrap();
    let path = format!("POST /v2.1/servers/{server}/action");
    for (network, addresses) in [(json!(B), 1), (json!(7), 1), (json!(own), 2)] {
        let body = json!({"addFixedIp": {"networkId": network}}).to_string();
        assert_eq!(nova(&cloud, &path, &body).await.status, 202);
        let shown = nova(&cloud, &format!("GET /v2.1/servers/{server}"), "").await;
        let list = &shown.body["server"]["addresses"]["own"];
        assert_eq!(list.as_array().unwrap().len(), addresses, "{body}");
        assert_eq!(cloud.server_networks(&server), [own]);
    }
    let body = json!({"addFixedIp": {"networkId": own}}).to_string();
    assert_eq!(at(&cloud, "compute 2.43", &path, &body).await.status, 202);
    assert_eq!(at(&cloud, "compute 2.44", &path, &body).await.status, 404);
}

#[tokio::test]
async fn removing_addresses_can_leave_a_port_with_none() {
    let cloud = cloud();
    let own = "abcdef07-c0de-4aaa-8bbb-fedcba987607";
    cloud.add_project_network(own, "own", "0a0a").unwrap();
    let server = cloud.add_server("0a0a", &[own]).unwrap();
    let list = format!("GET /v2.1/servers/{server}/os-interface");
    let before = nova(&cloud, &list, "").await.body;
    let address = &before["interfaceAttachments"][0]["fixed_ips"][0]["ip_address"];
    let body = json!({"removeFixedIp": {"address": address}}).to_string();
    let path = format!("POST /v2.1/servers/{server}/action");
    assert_eq!(nova(&cloud, &path, &body).await.status, 202);
    let after = nova(&cloud, &list, "").await.body;
    assert_eq!(after["interfaceAttachments"][0]["fixed_ips"], json!([]));
    assert_eq!(cloud.server_networks(&server), [own]);
}

#[tokio::test]
async fn actions_are_one_known_name() {
    let cloud = cloud();
    let path = format!("POST /v2.1/servers/{SERVER}/action");
    for (body, status) in [
        (r#"{"os-stop": null}"#, 202),
        (r#"{"os-stop": null}"#, 409),
        (r#"{"os-start": null, "os-start": null}"#, 202),
        (r#"{"reboot": {"type": "HARD"}}"#, 202),
        (r#"{"addNetwork": {}}"#, 400),
        (r#"{"os-stop": null, "lock": null}"#, 400),
        ("{}", 400),
        ("", 400),
        ("[1]", 404),
        (r#"{"rebuild": {"networks": []}}"#, 400),
        (r#"{"resetNetwork": null}"#, 410),
    ] {
        assert_eq!(nova(&cloud, &path, body).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn a_port_taken_through_neutron_is_known_after_unshelving() {
    let cloud = cloud();
    let body = json!({"port": {"network_id": B, "device_id": SERVER}}).to_string();
    assert_eq!(neutron(&cloud, "POST /v2.0/ports", &body).await.status, 201);
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    let shown = format!("GET /v2.1/servers/{SERVER}");
    let addresses = nova(&cloud, &shown, "").await.body["server"]["addresses"].take();
    assert!(addresses.get("net2").is_none(), "{addresses}");
    let path = format!("POST /v2.1/servers/{SERVER}/action");
    assert_eq!(nova(&cloud, &path, r#"{"shelve": null}"#).await.status, 202);
    let attach = format!("POST /v2.1/servers/{SERVER}/os-interface");
    let wish = json!({"interfaceAttachment": {"net_id": B}}).to_string();
    assert_eq!(nova(&cloud, &attach, &wish).await.status, 409);
    assert_eq!(
        nova(&cloud, &path, r#"{"unshelve": null}"#).await.status,
        202
    );
    let addresses = nova(&cloud, &shown, "").await.body["server"]["addresses"].take();
    assert!(addresses.get("net2").is_some(), "{addresses}");
}

#[tokio::test]
async fn the_vendors_interfaces_come_and_go() {
    let cloud = cloud();
    let path = format!("/v2/0a0a/servers/{SERVER}/os-virtual-interfacesv2");
    let body = json!({"virtual_interface": {"network_id": B}}).to_string();
    let answer = nova(&cloud, &format!("POST {path}"), &body).await;
    assert_eq!(answer.status, 200);
    let vif = &answer.body["virtual_interfaces"][0];
    assert_eq!(vif["ip_addresses"][0]["network_id"], B);
    assert_eq!(vif["ip_addresses"][0]["network_label"], "net2");
    let gone = format!("DELETE {path}/{}", vif["id"].as_str().unwrap());
    assert_eq!(nova(&cloud, &gone, "").await.status, 200);
    assert_eq!(nova(&cloud, &gone, "").await.status, 404);
    assert_eq!(cloud.server_networks(SERVER), [A]);
    for body in [
        "{}",
        r#"{"virtual_interface": null}"#,
        r#"{"virtual_interface": {}}"#,
    ] {
        assert_eq!(
            nova(&cloud, &format!("POST {path}"), body).await.status,
            400
        );
    }
}
