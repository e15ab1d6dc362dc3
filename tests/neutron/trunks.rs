//! Networks that come to a server as sub-ports (C55).

use serde_json::{Value, json};

use crate::support::*;

fn subs(ports: &[&str]) -> Value {
    let entry =
        |port: &&str| json!({"port_id": port, "segmentation_type": "vlan", "segmentation_id": 7});
    ports.iter().map(entry).collect()
}

/// A trunk on a port, with these sub-ports.
async fn trunk(guarded: &Guarded, parent: &str, ports: &[&str]) -> Answer {
    let body = json!({"trunk": {"port_id": parent, "sub_ports": subs(ports)}});
    guarded.ask("POST /v2.0/trunks", body).await
}

fn id(answer: &Answer) -> String {
    answer
        .body
        .pointer("/trunk/id")
        .and_then(Value::as_str)
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn c55_a_banned_network_does_not_come_as_a_sub_port() {
    let guarded = Guarded::start().await;
    let (free, banned) = (guarded.port(FREE), guarded.port(BANNED));
    let refused = trunk(&guarded, PORT, &[&free, &banned]).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code),
        (403, "network_banned")
    );
    let bulk = json!({"trunks": [{"port_id": PORT, "sub_ports": subs(&[&banned])}]});
    let refused = guarded.ask("POST /v2.0/trunks", bulk).await;
    assert_eq!(refused.code, "network_banned");

    let made = trunk(&guarded, PORT, &[]).await;
    assert_eq!(made.status, 201, "{made:?}");
    let line = format!("PUT /v2.0/trunks/{}/add_subports", id(&made));
    let add = |ports: &[&str]| guarded.ask(&line, json!({"sub_ports": subs(ports)}));
    assert_eq!(add(&[&banned]).await.code, "network_banned");
    assert_eq!(add(&[&free]).await.status, 200);
    // With it, the server has two networks.
    let more = guarded.port(MORE);
    assert_eq!(add(&[&more]).await.code, "too_many_networks");
}

#[tokio::test]
async fn c55_a_trunk_comes_with_all_its_networks() {
    let guarded = Guarded::start().await;
    let (parent, banned) = (guarded.port(FREE), guarded.port(BANNED));
    // It is nobody's, so far.
    let made = trunk(&guarded, &parent, &[&banned]).await;
    assert_eq!(made.status, 201, "{made:?}");
    let line = format!("PUT /v2.0/ports/{parent}");
    let to_server = json!({"port": {"device_id": SERVER}});
    let refused = guarded.ask(&line, to_server.clone()).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code),
        (403, "network_banned")
    );

    let line_out = format!("PUT /v2.0/trunks/{}/remove_subports", id(&made));
    let out = guarded
        .ask(&line_out, json!({"sub_ports": subs(&[&banned])}))
        .await;
    assert_eq!(out.status, 200, "{out:?}");
    assert_eq!(guarded.ask(&line, to_server).await.status, 200);
    assert_eq!(guarded.networks(), [REQUIRED, FREE]);
}

#[tokio::test]
async fn c53_a_required_network_does_not_leave_as_a_sub_port() {
    let guarded = Guarded::start().await;
    let (required, free) = (guarded.port(REQUIRED), guarded.port(FREE));
    let made = trunk(&guarded, PORT, &[&required, &free]).await;
    assert_eq!(made.status, 201, "{made:?}");
    let trunk = format!("/v2.0/trunks/{}", id(&made));
    let line = format!("PUT {trunk}/remove_subports");
    let remove = |port: &str| guarded.ask(&line, json!({"sub_ports": subs(&[port])}));
    assert_eq!(remove(&required).await.code, "network_not_detachable");
    let gone = guarded.ask(&format!("DELETE {trunk}"), "").await;
    assert_eq!(gone.code, "network_not_detachable");
    assert_eq!(remove(&free).await.status, 200);
    // Its name is its owner's.
    let named = guarded
        .ask(&format!("PUT {trunk}"), json!({"trunk": {"name": "x"}}))
        .await;
    assert_eq!(named.code, "");
}

#[tokio::test]
async fn rule_12_a_trunk_that_is_not_known_is_not_found() {
    let guarded = Guarded::start().await;
    let line = format!("DELETE /v2.0/trunks/{SERVER}");
    let answer = guarded.ask(&line, "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.code),
        (404, "interface_unknown")
    );
    let free = guarded.port(FREE);
    let answer = trunk(&guarded, SERVER, &[&free]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code),
        (404, "interface_unknown")
    );
}
