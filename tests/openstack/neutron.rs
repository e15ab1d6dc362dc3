//! Rules 1 and 4.

use serde_json::json;
use wafflehaus::guard::PortLookup as _;

use crate::cloud::{Cloud, Reply, SERVER, neutron_list, port};

/// The numbers of the ports that a request names.
fn named(target: &str) -> Vec<u16> {
    let ids = target.split('&').filter_map(|it| it.strip_prefix("id="));
    ids.map(|id| u16::from_str_radix(&id[32..], 16).unwrap())
        .collect()
}

#[tokio::test]
async fn rule_1_ports_are_looked_up_by_id_in_short_urls() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        // The odd ones do not exist.
        "neutron" => {
            let there = named(&seen.target).into_iter().filter(|it| it % 2 == 0);
            Reply::Json(200, neutron_list(there))
        }
        _ => Reply::Usual,
    })
    .await;
    let ids: Vec<_> = (0..200).chain(0..200).map(|it| port(it).id).collect();
    let ports = cloud.neutron().ports(&ids, None).await.unwrap();
    let expected: Vec<_> = (0..200).step_by(2).map(port).collect();
    assert_eq!(ports, expected);

    let seen = cloud.seen("neutron");
    assert_eq!(seen.len(), 3);
    for seen in seen {
        assert!(seen.target.starts_with(
            "/v2.0/ports?fields=id&fields=network_id&fields=fixed_ips&fields=trunk_details&id="
        ));
        // What is left is for an endpoint of 256 bytes and a marker.
        assert!(seen.target.len() < 4096 - 256 - 44, "{}", seen.target.len());
    }
}

#[tokio::test]
async fn rule_1_no_ids_need_no_call() {
    let cloud = Cloud::start(|_| Reply::Usual).await;
    assert_eq!(cloud.neutron().ports(&[], None).await.unwrap(), []);
    assert!(cloud.seen("keystone").is_empty());
}

#[tokio::test]
async fn rule_1_a_servers_ports_are_looked_up_by_device_id() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" => Reply::Json(200, neutron_list([1, 2])),
        _ => Reply::Usual,
    })
    .await;
    let ports = cloud.neutron().server_ports(SERVER).await.unwrap();
    assert_eq!(ports, [port(1), port(2)]);
    let target = format!(
        "/v2.0/ports?fields=id&fields=network_id&fields=fixed_ips&fields=trunk_details&device_id={SERVER}"
    );
    assert_eq!(cloud.seen("neutron")[0].target, target);
}

#[tokio::test]
async fn rule_1_every_page_is_read_and_only_at_the_endpoint() {
    let elsewhere = Cloud::start(|_| Reply::Json(200, neutron_list([9]))).await;
    let trap = elsewhere.endpoint("neutron");
    let cloud = Cloud::start(move |seen| {
        if seen.service == "keystone" {
            return Reply::Usual;
        }
        let page = match seen.target.split_once("&marker=") {
            None => 1,
            Some((_, marker)) => 1 + u16::from_str_radix(&marker[32..], 16).unwrap(),
        };
        let mut list = neutron_list([page]);
        let link = |rel: &str, marker: u16| {
            let marker = port(marker).id;
            // The filter is lost, and the host is another.
            json!({ "rel": rel, "href": format!("{trap}/v2.0/ports?limit=1&marker={marker}") })
        };
        list["ports_links"] = match page {
            1..=3 => json!([link("next", page), link("previous", page)]),
            _ => json!([link("previous", page)]),
        };
        Reply::Json(200, list)
    })
    .await;
    let ports = cloud.neutron().server_ports(SERVER).await.unwrap();
    assert_eq!(ports, [port(1), port(2), port(3), port(4)]);
    let filter = format!("&device_id={SERVER}&marker={}", port(1).id);
    assert!(cloud.seen("neutron")[1].target.ends_with(&filter));
    assert!(elsewhere.seen("neutron").is_empty());
}

#[tokio::test]
async fn rule_4_nothing_is_cached() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" => Reply::Json(200, neutron_list([1])),
        _ => Reply::Usual,
    })
    .await;
    let neutron = cloud.neutron();
    for _ in 0..3 {
        neutron.ports(&[port(1).id], None).await.unwrap();
    }
    assert_eq!(cloud.seen("neutron").len(), 3);
}

#[tokio::test]
async fn rule_1_the_parent_port_of_a_trunk_has_the_networks_of_its_sub_ports() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" => Reply::Json(
            200,
            match seen.target.contains("device_id") {
                true => {
                    let mut list = neutron_list([1, 2]);
                    let sub_port = |number| json!({ "port_id": port(number).id.to_string() });
                    // Two of them are on one network.
                    let sub_ports = [3, 4, 19].map(sub_port);
                    list["ports"][0]["trunk_details"] = json!({ "sub_ports": sub_ports });
                    list["ports"][1]["trunk_details"] = json!(null);
                    list
                }
                false => neutron_list(named(&seen.target)),
            },
        ),
        _ => Reply::Usual,
    })
    .await;
    let ports = cloud.neutron().server_ports(SERVER).await.unwrap();
    let trunk = [port(3).network, port(4).network];
    assert_eq!(ports, [port(1).with_trunk_networks(trunk), port(2)]);
    assert_eq!(named(&cloud.seen("neutron")[1].target), [3, 4, 19]);
}

#[tokio::test]
async fn rule_1_a_sub_port_that_cannot_be_found_is_a_failure() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" if seen.target.contains(&port(1).id.to_string()) => {
            let mut list = neutron_list([1]);
            let sub_ports = [json!({ "port_id": port(2).id.to_string() })];
            list["ports"][0]["trunk_details"] = json!({ "sub_ports": sub_ports });
            Reply::Json(200, list)
        }
        "neutron" => Reply::Json(200, neutron_list([])),
        _ => Reply::Usual,
    })
    .await;
    let error = cloud
        .neutron()
        .ports(&[port(1).id], None)
        .await
        .unwrap_err();
    let text = format!(
        "neutron lookup failed: sub-port `{}` of a trunk could not be found",
        port(2).id
    );
    assert_eq!(error.to_string(), text);
}
