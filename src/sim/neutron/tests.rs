//! Listing ports as a gateway does, and changing whose they are behind its back.

use serde_json::json;

use super::super::testing::{A, Answer, B, PORT, SERVER, cloud, head, neutron, send};
use super::super::{Api, User};

fn ids(answer: &Answer) -> Vec<String> {
    let ports = answer.body["ports"].as_array().unwrap();
    ports
        .iter()
        .map(|port| port["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn filters_are_alternatives_within_a_name_and_unknown_ones_are_refused() {
    let cloud = cloud();
    let other = cloud.add_port(B, "0a0a").unwrap();
    for (query, expected) in [
        (format!("id={PORT}&id={other}"), 2),
        (format!("id={PORT}&network_id={B}"), 0),
        (format!("device_id={SERVER}"), 1),
        (format!("device_id={}", SERVER.to_uppercase()), 1),
        (format!("network_id={B}&device_id="), 1),
    ] {
        let answer = neutron(&cloud, &format!("GET /v2.0/ports?{query}"), "").await;
        assert_eq!(ids(&answer).len(), expected, "{query}");
    }
    let answer = neutron(&cloud, "GET /v2.0/ports?server=x", "").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body["NeutronError"]["type"], "HTTPBadRequest");
}

#[tokio::test]
async fn fields_leave_out_the_rest() {
    let cloud = cloud();
    let answer = neutron(&cloud, "GET /v2.0/ports?fields=id&fields=network_id", "").await;
    assert_eq!(
        answer.body["ports"][0],
        json!({"id": PORT, "network_id": A})
    );
}

#[tokio::test]
async fn a_capped_list_is_whole_only_if_links_are_followed() {
    let cloud = cloud();
    for _ in 0..4 {
        cloud.add_port(B, "0a0a").unwrap();
    }
    cloud.set_page_cap(Some(2));
    let mut line = "GET /v2.0/ports?limit=50&fields=id".to_owned();
    let mut pages = Vec::new();
    loop {
        let answer = neutron(&cloud, &line, "").await;
        pages.push(ids(&answer));
        let links = answer.body["ports_links"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let Some(next) = links.iter().find(|link| link["rel"] == "next") else {
            break;
        };
        line = format!("GET {}", next["href"].as_str().unwrap());
    }
    let sizes: Vec<_> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
    let mut all = pages.concat();
    all.dedup();
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted());
}

#[tokio::test]
async fn ports_are_seen_by_their_project_and_by_the_powerful() {
    let cloud = cloud();
    cloud
        .add_user(User::new("nova", "0c0c").roles(["service"]))
        .unwrap();
    cloud.add_token("nova", "nova").unwrap();
    for (token, status, count) in [
        ("ann", 200, 1),
        ("bob", 404, 0),
        ("root", 200, 1),
        ("nova", 200, 1),
    ] {
        let head = |line: &str| head(line).header("x-auth-token", token);
        let listed = send(&cloud, Api::Neutron, head("GET /v2.0/ports"), "").await;
        assert_eq!(ids(&listed).len(), count, "{token}");
        let shown = head(&format!("GET /v2.0/ports/{PORT}"));
        assert_eq!(
            send(&cloud, Api::Neutron, shown, "").await.status,
            status,
            "{token}"
        );
    }
    let anonymous = head("GET /v2.0/ports").header("x-auth-token", "");
    assert_eq!(send(&cloud, Api::Neutron, anonymous, "").await.status, 401);
}

#[tokio::test]
async fn networks_are_seen_if_shared_or_owned() {
    let cloud = cloud();
    let own = "abcdef07-c0de-4aaa-8bbb-fedcba987607";
    cloud.add_project_network(own, "own", "0b0b").unwrap();
    for (token, count) in [("ann", 2), ("bob", 3), ("root", 3)] {
        let head = head("GET /v2.0/networks").header("x-auth-token", token);
        let answer = send(&cloud, Api::Neutron, head, "").await;
        assert_eq!(
            answer.body["networks"].as_array().unwrap().len(),
            count,
            "{token}"
        );
    }
}

#[tokio::test]
async fn a_port_can_be_pointed_at_a_server_and_away() {
    let cloud = cloud();
    let port = cloud.add_port(B, "0b0b").unwrap();
    let as_bob = |line: String| head(&line).header("x-auth-token", "bob");
    let put = |device: &str| {
        json!({"port": {"device_id": device, "device_owner": "compute:nova"}}).to_string()
    };
    let line = format!("PUT /v2.0/ports/{port}");
    let answer = send(&cloud, Api::Neutron, as_bob(line.clone()), &put(SERVER)).await;
    assert_eq!(answer.status, 200);
    // Another project's port on ann's server.
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    send(&cloud, Api::Neutron, as_bob(line), &put("")).await;
    assert_eq!(cloud.server_networks(SERVER), [A]);
    let line = format!("PUT /v2.0/ports/{PORT}");
    for (body, status) in [
        (json!({"port": {"network_id": B}}), 400),
        (json!({"port": {"binding:host_id": "h"}}), 403),
        (json!({"port": {"colour": "red"}}), 400),
        (json!({"port": null}), 400),
    ] {
        assert_eq!(
            neutron(&cloud, &line, &body.to_string()).await.status,
            status
        );
    }
    let gone = neutron(&cloud, &format!("DELETE /v2.0/ports/{PORT}"), "").await;
    assert_eq!(gone.status, 204);
    assert!(cloud.server_networks(SERVER).is_empty());
}
